"""`sizao replay`: a past outbreak through the response, day by day."""

import sys
from datetime import datetime

import click

from sizao.cli import start


@click.command("replay")
@click.option("--scenario", "slug", default="hebei-2021-01", show_default=True, help="Which shipped scenario.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Stop after this day; run again to go on.")
@click.option("--compare", is_flag=True, help="Print the comparison with the official lists afterwards.")
def command(slug: str, until: datetime | None, compare: bool) -> None:  # noqa: FBT001 — click passes flags so
    """
    Carry a past outbreak through the response, day by day.

    Days that are done are passed over, so a replay that was stopped goes on where it was. The areas
    must be loaded (`sizao load`).
    """
    start.django_ready()
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


def _summary(days: int, left_out: dict[str, int]) -> str:
    if not days:
        return "All days are replayed already."
    told = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(left_out.items()))
    return f"{days} days replayed. Facts left out: {told or 'none'}."
