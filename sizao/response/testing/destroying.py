"""
The people, tubes and swabs of a round have a last day: they are destroyed on it, and what was destroyed is certified.

A round that was closed is kept for the days that the edition says, and no longer than its outbreak is open; then its
partitions go, and with them what was sealed in its queues. Its figures stay: how many were expected, registered,
missed, by area and hour. Cases, tests, holds and orders are records of their own and have last days of their own.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from sizao.errors import SizaoError
from sizao.protocol import basis, period_end
from sizao.records import access, journal
from sizao.records.models import Account, LabOddity, Outbreak, ResultCode, TestingOddity, TestingRound
from sizao.response import outbreaks
from sizao.response.testing import coverage, partitions
from sizao.terms import OutbreakKind, Right

KEEP_DAYS = "testing.region.roster_keep_days"
LAW = "limits.data_destroyed_after_emergency"
# In the order in which they refer to each other.
TABLES = (partitions.READING, partitions.STEP, partitions.SWAB, partitions.TUBE, partitions.ROSTER)
LAST_DAY, CLOSED, BY_HAND = "past its last day", "the outbreak was closed", "asked for by a named person"


class RoundKept(SizaoError):
    code = "testing.round_kept"
    message = "Round {number} is not closed, and its people are still waited for. Close it first."


class RoundDestroyed(SizaoError):
    code = "testing.round_destroyed"
    message = "The people of round {number} were destroyed on {destroyed_at:%Y-%m-%d}. Its figures stand on its page."


def last_date(testing_round: TestingRound, now: datetime) -> tuple[date | None, dict[str, Any] | None]:
    """
    Say until which civil day a closed round's people are kept, and by which value; None while it is not closed.

    Asked without a confirmation: what is not confirmed yet must not keep data of people longer.
    """
    if testing_round.closed_at is None:
        return None, None
    value = outbreaks.rules_at(testing_round.outbreak, now, area_code=testing_round.area_code).value(KEEP_DAYS)
    total = period_end(testing_round.outbreak.day_of(testing_round.closed_at), value)
    return total.result, basis.entry(value, total, gives="last_date")


def destroy_past_days(*, outbreak: Outbreak, now: datetime, by: Account | None = None) -> int:
    """
    Destroy the people of rounds that are past their last day; return how many rounds.

    What a model made up for a replay is kept while the replay is open: it is about nobody.
    """
    destroyed = 0
    for one in _standing(outbreak):
        last, _ = last_date(one, now)
        if last is not None and outbreak.day_of(now) > last and not _is_made_up(one):
            _destroy(one, LAST_DAY, by=by, now=now)
            destroyed += 1
    return destroyed


def destroy_rounds(*, outbreak: Outbreak, now: datetime, by: Account | None = None) -> int:
    """Destroy the people of all rounds of an outbreak that was closed, also of those that nobody closed."""
    if outbreak.closed_at is None:
        return 0
    found = list(_standing(outbreak))
    for one in found:
        _destroy(one, CLOSED, by=by, now=now)
    return len(found)


@transaction.atomic
def destroy_round(*, testing_round: TestingRound, by: Account | None, now: datetime) -> dict[str, Any]:
    """
    Destroy the people of a closed round before its last day; return the certificate.

    Raise RoundKept, RoundDestroyed, or the door's refusal.
    """
    if by is not None:
        access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    if testing_round.closed_at is None:
        raise RoundKept(number=testing_round.number)
    if testing_round.destroyed_at is not None:
        raise RoundDestroyed(number=testing_round.number, destroyed_at=testing_round.destroyed_at)
    return _destroy(testing_round, BY_HAND, by=by, now=now)


# --- Inside ------------------------------------------------------------------------------------


def _standing(outbreak: Outbreak) -> list[TestingRound]:
    rows = TestingRound.objects.filter(outbreak=outbreak, destroyed_at__isnull=True)
    return list(rows.filter(roster_made_at__isnull=False).select_related("outbreak").order_by("pk"))


def _is_made_up(testing_round: TestingRound) -> bool:
    return testing_round.outbreak.kind == OutbreakKind.REPLAY and testing_round.is_generated


@transaction.atomic
def _destroy(testing_round: TestingRound, reason: str, *, by: Account | None, now: datetime) -> dict[str, Any]:
    """Count and hash what is there, write it down, and drop it, in one transaction: all of it or none."""
    partitions.hold_alone(testing_round)
    found = TestingRound.objects.select_for_update(of=["self"]).get(pk=testing_round.pk)
    if found.destroyed_at is not None:
        assert isinstance(found.certificate, dict)
        return found.certificate
    held = [table for table in TABLES if partitions.exists(table, found.pk)]
    said = {
        "round": found.number, "at": now.isoformat(), "by": journal.actor_name(by), "reason": reason,
        "tables": {table.removeprefix("records_"): _certified(table, found.pk) for table in held},
        "sealed": _unsealed(found), "result_codes": ResultCode.objects.filter(round=found).delete()[0],
    }  # fmt: skip
    for table in held:
        partitions.drop(table, found.pk)
    if found.opened_at is None:
        # It was never held: a planned round without a roster is what is left.
        found.roster_made_at, found.roster_source = None, ""
        found.save(update_fields=["roster_made_at", "roster_source"])
        journal.write("round.destroyed", found, by=by, at=now, number=found.number, certificate=said)
        return said
    if found.closed_at is None:
        total = coverage.total(found, as_of=now)
        found.closed_at, found.closed_by = now, journal.actor_name(by)
        found.expected, found.registered = total.expected, total.registered
        found.missed, found.explained = total.missed, total.explained
    found.archived_at = found.archived_at or now
    found.destroyed_at, found.certificate = now, said
    found.save()
    journal.write("round.destroyed", found, by=by, at=now, number=found.number, certificate=said)
    testing_round.refresh_from_db()
    return said


def _certified(table: str, round_id: int) -> Mapping[str, Any]:
    """Count the rows of a partition and sum their digests, in whatever order they lie."""
    part = sql.Identifier(partitions.name_of(table, round_id))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_DIGEST).format(part=part))
        rows, digest = cursor.fetchone()
    return {"rows": rows, "digest": f"{int(digest) % 2**64:016x}"}


_DIGEST = """
    SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0) FROM {part} t
"""


def _unsealed(found: TestingRound) -> int:
    """Drop what was sealed in the queues of a round; that something was odd stays."""
    return sum(
        model.objects.filter(round=found, sent__isnull=False).update(sent=None) for model in (TestingOddity, LabOddity)
    )
