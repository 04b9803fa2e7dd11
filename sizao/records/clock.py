"""
What time it is in an installation: where a drill is rehearsed, its clock; anywhere else, the machine's.

The clock of a drill jumps from one stop to the next. From a stop on it goes with the machine's, so that what people do
follows in time, and it waits before the next stop. Each stop is a line of the journal: whoever looks, in whichever
process, sees one time, and a server that was killed finds it again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from sizao.records import journal
from sizao.records.models import Outbreak
from sizao.records.together import Together
from sizao.terms import OutbreakKind

SET = "outbreak.clock_set"
ACTS = 504_131  # a number that no other lock of this database uses


def set_to(*, outbreak: Outbreak, at: datetime, before: datetime) -> None:
    """Set the clock of a drill to a moment; it goes on from there with the machine's, and stops short of `before`."""
    journal.write(SET, outbreak, by=None, at=at, open_seconds=max((before - at).total_seconds() - 1, 0))


def drill_here() -> Outbreak | None:
    """Give the drill that this installation rehearses; None where there is none."""
    latest = _asked_with_every_request.served(None)
    return None if latest is None else Outbreak.objects.get(pk=latest)


def _latest(wanted: Sequence[None]) -> list[int | None]:
    """Find the latest drill for all who ask; nearly always there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM records_outbreak WHERE kind = %s", [str(OutbreakKind.DRILL)])
        (latest,) = cursor.fetchone()
    return [latest] * len(wanted)


_asked_with_every_request: Together[None, int | None] = Together(_latest)


def present(drill: Outbreak | None, now: datetime) -> datetime:
    """Say what time it is, `now` being the machine's: the drill's where its clock was set, else that."""
    line = journal.history(drill).filter(verb=SET).order_by("-pk").first() if drill else None
    if line is None:
        return now
    gone = min(max(now - line.written_at, timedelta(0)), timedelta(seconds=line.facts["open_seconds"]))
    return line.at + gone


@contextmanager
def held(drill: Outbreak | None) -> Iterator[None]:
    """
    Keep the clock of a drill from passing midnight while somebody acts by it; without a drill, do nothing.

    The city takes over at midnight what was decided until then. An act that bears an earlier time but is on record
    later would be missed, and be found when a drill that was stopped lives its days again.
    """
    if drill is None:
        yield
        return
    with _locked("pg_advisory_lock_shared", "pg_advisory_unlock_shared", drill):
        yield


@contextmanager
def passing_midnight(drill: Outbreak) -> Iterator[None]:
    """Wait until nobody acts by the clock of a drill, and have whoever begins to wait."""
    with _locked("pg_advisory_lock", "pg_advisory_unlock", drill):
        yield


@contextmanager
def _locked(lock: str, unlock: str, drill: Outbreak) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s, %s)", [ACTS, drill.pk])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {unlock}(%s, %s)", [ACTS, drill.pk])
