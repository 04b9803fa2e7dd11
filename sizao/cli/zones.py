"""`sizao zones …`: how long official risk areas really stood. Needs no database."""

from pathlib import Path

import click

from sizao.adapters.official_intervals import read_intervals
from sizao.adapters.tables import write_table
from sizao.cli import pictures
from sizao.engines.zone_durations import Group, Stood, Verdict, grouped, joined, judged
from sizao.protocol.zone_days import edition_days


@click.group("zones")
def command() -> None:
    """Risk areas as the authority listed them."""


@command.command("durations")
@click.argument("intervals", type=click.Path(path_type=Path))
@click.option("--by-unit", is_flag=True, help="Set units (compound, village, building …) apart.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes (CSV); else the standard output.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the days of each edition and level.")
def durations(intervals: Path, by_unit: bool, out: Path | None, plot: Path | None) -> None:  # noqa: FBT001
    """
    Say for each edition and level how long areas really stood against the days that it asks for.

    INTERVALS is a CSV file with level, province, city, county, area, first_date and last_date. Columns out: edition
    (of the first day), level, unit, rule_days (empty: the edition sets none), n, judged, shorter, kept (as many days
    as asked for, or one more), longer, cut (listed on the first or last day of the file), across (the edition changed
    meanwhile) and median_days (listed days of those neither cut nor across).
    """
    pictures.check(plot)
    found = read_intervals(intervals)
    areas = joined(found.listed)
    stood = judged(areas, edition_days())
    write_table(out, _columns(grouped(stood, by_unit=by_unit)))
    if plot is not None:
        _draw(stood, plot)
    matched = ", ".join(f"{n} to a {depth}" for depth, n in sorted(found.found.items()) if depth != "none")
    click.echo(
        f"{len(found.listed)} rows, {len(areas)} areas once spellings are joined. Found in the divisions: "
        f"{matched or 'none'}; {sum(found.unknown_counties.values())} rows lie in {len(found.unknown_counties)} "
        "counties or zones that no division is called.",
        err=True,
    )


def _columns(groups: list[Group]) -> dict[str, list[object]]:
    return {
        "edition": [one.edition for one in groups],
        "level": [str(one.level) for one in groups],
        "unit": [one.unit for one in groups],
        "rule_days": [one.rule_days for one in groups],
        "n": [one.n for one in groups],
        "judged": [one.n_judged for one in groups],
        "shorter": [one.shorter for one in groups],
        "kept": [one.kept for one in groups],
        "longer": [one.longer for one in groups],
        "cut": [one.cut for one in groups],
        "across": [one.across for one in groups],
        "median_days": [one.median_days for one in groups],
    }


def _draw(stood: list[Stood], path: Path) -> None:
    known = [one for one in stood if one.verdict in (Verdict.SHORTER, Verdict.KEPT, Verdict.LONGER)]
    keys = sorted({(one.edition, str(one.listed.level), one.rule_days or 0) for one in known})
    figure = pictures.blank(rows=max(1, len(keys)))
    for number, (edition, level, rule) in enumerate(keys, start=1):
        axes = figure.add_subplot(len(keys), 1, number)
        days = [
            one.listed.days
            for one in known
            if (one.edition, str(one.listed.level), one.rule_days) == (edition, level, rule)
        ]
        axes.hist(days, bins=[day - 0.5 for day in range(1, 42)], color="#7f97ab")
        axes.axvline(rule, color="#c2571a", label=f"{rule} days asked for")
        axes.set_title(f"{edition}, {level}: {len(days)} areas")
        axes.set_xlabel("listed days")
        axes.legend()
    pictures.save(figure, path)
