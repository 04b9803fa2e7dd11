"""`sizao advance`: one step of the loop."""

import logging
import os
import sys
import time
from datetime import date, datetime, timedelta

import click

from sizao.cli import start
from sizao.errors import SizaoError
from sizao.terms import OutbreakKind


class NoOtherDay(SizaoError):
    code = "advance.no_other_day"
    message = "{slug} acts on people and goes by today's clock. Leave --day out; it is for replays and drills."


class DayOutside(SizaoError):
    code = "advance.day_outside"
    message = "{day} lies outside {slug}, which runs from {first} to {last}. Choose a day between them."


class NothingToAdvance(SizaoError):
    code = "advance.which"
    message = "Name the outbreak to advance, or say how often to advance all that are open: --every SECONDS."


STARTED_BY = "SIZAO_LOOP_STARTED_BY"


@click.command("advance")
@click.argument("outbreak", required=False)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="In a replay or drill: as of the end of this day.")
@click.option(
    "--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Advance all open outbreaks, again and again."
)
def command(outbreak: str | None, day: datetime | None, every: int | None) -> None:
    """
    Carry all that is known of OUTBREAK (its short name) one step through the response.

    Proposals wait for an officer; nothing reaches anybody by itself. Running it twice changes nothing
    the second time. A replay stands at the end of its last day, or of the day named with --day.
    `sizao run` keeps this going with --every.
    """
    if not outbreak and not every:
        raise NothingToAdvance
    start.django_ready()
    if every:
        _keep_advancing(every)
    else:
        _advance_once(outbreak, day)


def _advance_once(outbreak: str, day: datetime | None) -> None:
    from sizao.cli import clock
    from sizao.response import flow, outbreaks

    found = outbreaks.called(outbreak)
    moment = end_of(found, day) if day else present(found, clock.here())
    bar = click.progressbar(length=len(flow.STAGES), label="Advancing", file=sys.stderr)
    with bar as shown:
        changed = flow.advance(outbreak=found, now=moment, tell=lambda _: shown.update(1))
    told = ", ".join(f"{name} {count}" for name, count in changed.items())
    click.echo(f"Rows new or changed: {told}.")


def _keep_advancing(seconds: int) -> None:
    """Advance every open outbreak until the process that started this one is gone."""
    # Who started it says so: this process may first look when that one was killed already.
    parent = int(os.environ.get(STARTED_BY, os.getppid()))
    while os.getppid() == parent:
        _advance_open()
        time.sleep(seconds)


def _advance_open() -> None:
    from django.db import close_old_connections

    from sizao.cli import clock
    from sizao.records.models import Outbreak
    from sizao.response import flow, signals, tasks
    from sizao.response.tasks import levels, notices

    try:
        # The streams of real life are watched also while there is no outbreak.
        signals.advance(outbreak=None, now=clock.now())
        levels.advance(outbreak=None, now=clock.now())
        # A drill carries itself: its clock jumps, and this one does not.
        for found in Outbreak.objects.filter(closed_at__isnull=True).exclude(kind=OutbreakKind.DRILL).order_by("id"):
            flow.advance(outbreak=found, now=present(found, clock.now()))
        tasks.advance_standing(now=clock.now())
        flow.after_closing(now=clock.now())
        notices.advance(outbreak=None, now=clock.now())
    except Exception:
        # Whatever it was, it is said and tried again: a loop that ended in silence would miss people.
        logging.getLogger("sizao.loop").exception("The loop could not advance and will try again.")
        close_old_connections()


def present(outbreak, now: datetime) -> datetime:  # noqa: ANN001 — a row, known only once Django stands
    """Where an outbreak stands: a replay at the end of its last day, everything else at this moment."""
    if outbreak.kind == OutbreakKind.REPLAY and outbreak.last_date:
        return _midnight_after(outbreak.last_date)
    return now


def end_of(outbreak, day: datetime) -> datetime:  # noqa: ANN001 — a row, known only once Django stands
    """The last moment of a day that a rehearsal has, as its screens see that day."""
    if outbreak.acts_on_people:
        raise NoOtherDay(slug=outbreak.slug)
    last = outbreak.last_date or day.date()
    if not outbreak.first_date <= day.date() <= last:
        raise DayOutside(day=day.date(), slug=outbreak.slug, first=outbreak.first_date, last=last)
    return _midnight_after(day.date())


def _midnight_after(day: date) -> datetime:
    from django.utils import timezone

    return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time())) - timedelta(
        microseconds=1
    )
