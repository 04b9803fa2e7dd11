"""`sizao freedom`: what clean rounds prove, and how many more are needed. Needs no database."""

from pathlib import Path

import click
import numpy as np

from sizao.adapters.tables import read_table, write_table
from sizao.cli.amounts import Amount
from sizao.engines.sampling.freedom import chance_of_none_found, freedom, rounds_needed

SHARE = Amount(0, 1)


@click.command("freedom")
@click.argument("rounds", type=click.Path(path_type=Path))
@click.option("--never-swabbed", default=0.0, show_default=True, type=SHARE, help="Share whom no round reaches.")
@click.option(
    "--confidence",
    default=0.95,
    show_default=True,
    type=Amount(0, 1, min_open=True, max_open=True),
    help="How sure to be that there are fewer infected than is said.",
)
@click.option("--expected-before", type=Amount(0, 1e9), help="Infected people expected before the rounds.")
@click.option(
    "--people", type=click.IntRange(1, 10_000_000), help="People in the area, for the exact chance of a round."
)
@click.option("--infected", default=1, show_default=True, type=click.IntRange(1, 10_000),
              help="So many infected people are asked about.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes (CSV); else the standard output.")
def command(
    rounds: Path, never_swabbed: float, confidence: float, expected_before: float | None, people: int | None,
    infected: int, out: Path | None,
) -> None:  # fmt: skip
    """
    Say after each of some clean rounds how many infected people can still be there.

    ROUNDS is a CSV file with coverage (share of people swabbed) and sensitivity (chance that an infected person who
    was swabbed is found): one row a clean round, in order. Columns out: round, missed (chance that one infected person
    was found by none so far), fewer_than (so many would have been found, with the confidence asked for), free and
    expected (with --expected-before), none_found (with --people: the exact chance that this round alone finds none of
    --infected), rounds_needed (rounds like this one until fewer than --infected can be there).
    """
    table = read_table(rounds, needs=("coverage", "sensitivity"))
    coverage, sensitivity = table.numbers("coverage"), table.numbers("sensitivity")
    told = [
        freedom(coverage[:n], sensitivity[:n], never_swabbed=never_swabbed, confidence=confidence,
                expected_before=expected_before)
        for n in range(1, len(table) + 1)
    ]  # fmt: skip
    columns: dict[str, list[object]] = {
        "round": list(range(1, len(table) + 1)),
        "missed": [one.missed for one in told],
        "fewer_than": [one.fewer_than for one in told],
    }
    if expected_before is not None:
        columns |= {"free": [one.free for one in told], "expected": [one.expected for one in told]}
    if people is not None:
        columns["none_found"] = [
            chance_of_none_found(min(infected, people), people=people, swabbed=round(share * people), sensitivity=found)
            for share, found in zip(coverage, sensitivity, strict=True)
        ]
    columns["rounds_needed"] = [
        rounds_needed(share, found, most_infected=infected, confidence=confidence, never_swabbed=never_swabbed)
        for share, found in zip(np.asarray(coverage), np.asarray(sensitivity), strict=True)
    ]
    write_table(out, columns)
