"""`sizao whatif`: policies in, what would probably come of each out. Needs no database."""

import sys
from pathlib import Path
from typing import Any

import click

from sizao.adapters.tables import write_table
from sizao.cli import pictures, whatif_picture
from sizao.cli.whatif_policies import load_question
from sizao.engines.simulation.comparing import OUTCOMES, Answer, Question, chance, compare, difference, interval

# What a sentence tells of needs, where there is any.
NEEDS = {
    "rooms": "people in rooms",
    "tests": "tests a day",
    "vehicles": "vehicles",
    "beds": "beds",
    "intensive": "places of intensive care",
}


@click.command("whatif")
@click.argument("policies", type=click.Path(path_type=Path))
@click.option("--seeds", default=50, show_default=True, type=click.IntRange(2), help="Runs of each policy, in pairs.")
@click.option("--first-seed", default=1, show_default=True, help="Seed of the first pair; the others follow.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a picture (.png, .svg, .pdf).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes (CSV); else the standard output.")
def command(policies: Path, seeds: int, first_seed: int, plot: Path | None, out: Path | None) -> None:
    """
    Compare policies in a simulated city, on paired seeds.

    POLICIES is a TOML file: `variant`, `people` (or `areas`, a CSV file with community, town, county, city,
    province and population), `imported` infections on day 0, `days`, `zero_by`, perhaps an `edition` of the protocol,
    and a [[policy]] for each policy with its `name` and what differs from the reference (docs/guide/simulation.md lists
    the keys). The table has a row for each policy: medians with the interval of 80 % of runs, the chance of nobody
    being infected from day `zero_by` on, and the size beside that of the first policy, pair by pair.
    """
    pictures.check(plot)
    question, named = load_question(policies)
    with click.progressbar(length=len(named) * seeds, label="Runs", file=sys.stderr) as bar:
        answers = compare(
            question, named, seeds=range(first_seed, first_seed + seeds), told=lambda _done, _of: bar.update(1)
        )
    write_table(out, columns_of(answers))
    for answer in answers:
        click.echo(sentence_of(answer, answers[0], question), err=True)
    if plot:
        whatif_picture.draw(answers, question, plot)


def columns_of(answers: list[Answer]) -> dict[str, list[Any]]:
    """Give the table: a row for each policy."""
    rows = []
    for answer in answers:
        row: dict[str, Any] = {"policy": answer.policy, "runs": len(answer.size)}
        for name in OUTCOMES:
            ends = interval(getattr(answer, name))
            row |= dict(zip((f"{name}_median", f"{name}_q10", f"{name}_q90"), ends, strict=True))
        row |= dict(zip(("zero", "zero_low", "zero_high"), chance(answer.zero), strict=True))
        apart = difference(answer, answers[0])
        first = answer is answers[0]
        for name in ("mean_ratio", "low", "high", "gain"):
            row[f"size_{name}"] = None if first else getattr(apart, name)
        rows.append(row)
    return {name: [row[name] for row in rows] for name in rows[0]}


def sentence_of(answer: Answer, first: Answer, question: Question) -> str:
    """Say in one sentence what would probably come of a policy."""
    middle, low, high = interval(answer.size)
    share, from_, to = chance(answer.zero)
    said = (
        f"{answer.policy}: {middle:,.0f} infections in the median run, {low:,.0f} to {high:,.0f} in four of five;"
        f" none from day {question.zero_by} on in {share:.0%} of runs ({from_:.0%} to {to:.0%})"
    )
    if answer is not first:
        apart = difference(answer, first)
        said += f"; {apart.mean_ratio:.2f} times the size of {first.policy} ({apart.low:.2f} to {apart.high:.2f})"
    needs = [
        f"{interval(getattr(answer, key))[0]:,.0f} {word}" for key, word in NEEDS.items() if getattr(answer, key).any()
    ]
    if needs:
        said += f"; at the most {', '.join(needs)} in the median run"
    return f"{said}."
