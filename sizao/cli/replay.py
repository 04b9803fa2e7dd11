"""`sizao replay`: a past outbreak through the response, day by day; with --rounds its city-wide rounds of testing."""

import sys
from datetime import datetime

import click

from sizao.cli import start


@click.command("replay")
@click.option("--scenario", "slug", default="hebei-2021-01", show_default=True, help="Which shipped scenario.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Stop after this day; run again to go on.")
@click.option("--compare", is_flag=True, help="Print the comparison with the official lists afterwards.")
@click.option("--rounds", is_flag=True, help="Carry the city-wide rounds of testing instead of the days.")
@click.option(
    "--one-in", default=1, show_default=True, type=click.IntRange(1, 1000),
    help="With --rounds: for one person in so many; 1 takes hours and some 25 GB.",
)  # fmt: skip
def command(slug: str, until: datetime | None, compare: bool, rounds: bool, one_in: int) -> None:  # noqa: FBT001 — click passes flags so
    """
    Carry a past outbreak through the response, day by day.

    Days that are done are passed over, so a replay that was stopped goes on where it was. The areas
    must be loaded (`sizao load`).

    With --rounds the rounds of testing of a whole city go from plan to coverage, hour by hour, in an outbreak of their
    own: people by county as published, below that generated and labelled so. It goes on after the last whole hour, too.
    """
    if rounds and (until or compare):
        raise click.UsageError("--rounds goes without --until and --compare.")
    if one_in > 1 and not rounds:
        raise click.UsageError("--one-in goes with --rounds.")
    start.django_ready()
    if rounds:
        _rounds(slug, one_in)
    else:
        _days(slug, until, compare=compare)


def _days(slug: str, until: datetime | None, *, compare: bool) -> None:
    from sizao.drill import replay, scenario

    chosen = scenario.load(slug)
    last = until.date() if until else None
    ahead = len(replay.days_ahead(chosen, last))
    with click.progressbar(length=ahead, label=f"Replaying {slug}", file=sys.stderr) as shown:
        done = replay.replay(chosen, until=last, tell=lambda _: shown.update(1))
    click.echo(_summary(done.days, done.left_out))
    if compare:
        from sizao.drill import compare as comparison

        click.echo(comparison.table(done.outbreak))


def _rounds(slug: str, one_in: int) -> None:
    from sizao.drill import scenario
    from sizao.drill.city_rounds import run, summary

    chosen = scenario.load(slug)
    click.echo("Planning the sites …", err=True)
    done = run.carry(chosen, one_in=one_in, tell=_told)
    click.echo("" if done.steps else "Both rounds are carried through already.", err=True)
    click.echo(summary.table(chosen, one_in=one_in))


def _told(name: str, place: int, of: int) -> None:
    click.echo(f"\rround {name}: step {place} of {of}   ", nl=False, err=True)


def _summary(days: int, left_out: dict[str, int]) -> str:
    if not days:
        return "All days are replayed already."
    told = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(left_out.items()))
    return f"{days} days replayed. Facts left out: {told or 'none'}."
