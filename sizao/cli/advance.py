"""`sizao advance`: one step of the loop."""

import sys
from datetime import datetime, time, timedelta

import click

from sizao.cli import start
from sizao.errors import SizaoError


class NoOtherDay(SizaoError):
    code = "advance.no_other_day"
    message = "{slug} acts on people and goes by today's clock. Leave --day out; it is for replays and drills."


class DayOutside(SizaoError):
    code = "advance.day_outside"
    message = "{day} lies outside {slug}, which runs from {first} to {last}. Choose a day between them."


@click.command("advance")
@click.argument("outbreak")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="In a replay or drill: as of the end of this day.")
def command(outbreak: str, day: datetime | None) -> None:
    """
    Carry all that is known of OUTBREAK (its short name) one step through the response.

    Proposals wait for an officer; nothing reaches anybody by itself. Running it twice changes nothing
    the second time. A replay is carried from day to day by `sizao replay`; what you added to it on a
    screen is taken up with --day.
    """
    start.django_ready()
    from sizao.cli import clock
    from sizao.response import flow, outbreaks

    found = outbreaks.called(outbreak)
    moment = _end_of(found, day) if day else clock.now()
    bar = click.progressbar(length=len(flow.STAGES), label="Advancing", file=sys.stderr)
    with bar as shown:
        changed = flow.advance(outbreak=found, now=moment, tell=lambda _: shown.update(1))
    told = ", ".join(f"{name} {count}" for name, count in changed.items())
    click.echo(f"Rows new or changed: {told}.")


def _end_of(outbreak, day: datetime) -> datetime:  # noqa: ANN001 — a row, known only once Django stands
    """The last moment of a day that a rehearsal has, as its screens see that day."""
    from django.utils import timezone

    if outbreak.acts_on_people:
        raise NoOtherDay(slug=outbreak.slug)
    last = outbreak.last_date or day.date()
    if not outbreak.first_date <= day.date() <= last:
        raise DayOutside(day=day.date(), slug=outbreak.slug, first=outbreak.first_date, last=last)
    return timezone.make_aware(datetime.combine(day.date() + timedelta(days=1), time())) - timedelta(microseconds=1)
