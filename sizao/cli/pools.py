"""`sizao pools`: what each pool size costs in tests and hours, and whom it misses. Needs no database."""

import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sizao.adapters.tables import write_table
from sizao.cli import pictures
from sizao.cli.amounts import Amount
from sizao.cli.plan_inputs import rules_of
from sizao.engines.sampling.pool_sizes import Pace, PoolDesign, design, recommended
from sizao.engines.sampling.pooled_test import LOSS_PER_DOUBLING, PooledTest
from sizao.protocol.testing_rounds import pool_sizes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARE = Amount(0, 1)
HOURS = Amount(0, 10_000)


@click.command("pools")
@click.option("--prevalence", required=True, type=SHARE, help="Share of infected people expected, such as 0.001.")
@click.option("--people", default=10_000, show_default=True, type=click.IntRange(1), help="People to be swabbed.")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(1, 1000),
              help="A size to compare; may be repeated. Else those the edition allows.")  # fmt: skip
@click.option("--edition", help="The edition as it stood last, such as edition-8.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The rules of this day instead.")
@click.option("--correlation", default=0.0, show_default=True, type=SHARE,
              help="Of infection between two members of a tube; some 0.2 for households.")  # fmt: skip
@click.option("--sensitivity", default=0.77, show_default=True, type=SHARE, help="Of a single swab.")
@click.option("--specificity", default=1.0, show_default=True, type=SHARE, help="Of a tube.")
@click.option("--loss-per-doubling", default=LOSS_PER_DOUBLING, show_default=True, type=Amount(0, 10),
              help="Logarithm of the odds of being found that each doubling of the tube costs.")  # fmt: skip
@click.option("--tubes-per-hour", type=Amount(0, 1e9, min_open=True), help="Of all laboratories; gives hours.")
@click.option("--result-hours", default=6.0, show_default=True, type=HOURS, help="Of a run, with --tubes-per-hour.")
@click.option(
    "--recall-hours", default=6.0, show_default=True, type=HOURS, help="Until people called back are swabbed."
)
@click.option("--most-lost", default=0.1, show_default=True, type=SHARE,
              help="Share of what single swabs find that dilution may lose.")  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a picture (.png, .svg, .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes (CSV); else the standard output.")
def command(
    prevalence: float, people: int, sizes: tuple[int, ...], edition: str | None, day: datetime | None,
    plot: Path | None, out: Path | None, **asked: Any,
) -> None:  # fmt: skip
    """
    Compare pool sizes: tubes, tests, call-backs, infected people missed, and hours.

    A positive tube is followed by single swabs of its members. Columns ending in _low and _high hold 95 % of
    rounds at this prevalence. `missed` counts infected people who are swabbed and not found, `missed_by_dilution` those
    of them whom a swab of their own would have found.
    """
    pictures.check(plot)
    if not sizes:
        rules = rules_of(edition, day, "")
        sizes = pool_sizes(rules, ask=rules.value)
    test = PooledTest(asked["sensitivity"], asked["specificity"], asked["loss_per_doubling"])
    pace = None
    if asked["tubes_per_hour"]:
        pace = Pace(asked["tubes_per_hour"], asked["result_hours"], asked["recall_hours"])
    designs = [
        design(size, people=people, prevalence=prevalence, correlation=asked["correlation"], test=test, pace=pace)
        for size in sorted(set(sizes))
    ]
    best = recommended(designs, test=test, most_lost=asked["most_lost"])
    write_table(out, {name: [getattr(one, name) for one in designs] for name in PoolDesign.__slots__})
    click.echo(_sentence(best, people, asked["most_lost"]), err=True)
    if plot:
        _draw(designs, plot)


def _sentence(best: PoolDesign, people: int, most_lost: float) -> str:
    found = "" if math.isnan(best.sensitivity) else f", which find {best.sensitivity:.0%} of infected people swabbed"
    return (
        f"Tubes of {best.size} take the fewest tests among those that lose at most {most_lost:.0%} by dilution: "
        f"{best.tests:,.0f} for {people:,} people{found}."
    )


def _draw(designs: list[PoolDesign], path: Path) -> None:
    figure = pictures.blank()
    tests, missed = figure.subplots(1, 2)
    names = [str(one.size) for one in designs]
    tests.bar(names, [one.tubes for one in designs], color="#9db4c8", label="tubes")
    tests.bar(names, [one.recalled for one in designs], bottom=[one.tubes for one in designs], color="#1f4e79",
              label="single tests after a positive tube")  # fmt: skip
    tests.set_title("Tests")
    tests.legend(frameon=False)
    alone = [one.missed - one.missed_by_dilution for one in designs]
    missed.bar(names, alone, color="#9db4c8", label="a single swab misses them too")
    missed.bar(names, [one.missed_by_dilution for one in designs], bottom=alone, color="#b03a2e", label="by dilution")
    missed.set_title("Infected people missed")
    missed.legend(frameon=False)
    for axes in (tests, missed):
        _plain(axes)
    pictures.save(figure, path)


def _plain(axes: "Axes") -> None:
    axes.set_xlabel("swabs in a tube")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.2)
