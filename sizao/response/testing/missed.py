"""Who was expected and not registered: a list behind the door, with the reason once somebody knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, RosterEntry, TestingRound
from sizao.terms import MissedReason, Right, RosterKind

PAGE_PEOPLE = 100


class RoundSetAside(SizaoError):
    code = "testing.set_aside"
    message = "Round {number} was set aside: its people are shown no more. Its figures stand on its page."


class NotMissed(SizaoError):
    code = "testing.not_missed"
    message = "Number {entry} was registered in this round, so nothing is to be explained. Open the list again."


class NeverExpected(SizaoError):
    code = "testing.never_expected"
    message = "Number {entry} was not expected at a table of this round, so was not missed. Open the list again."


@dataclass(frozen=True, slots=True)
class Missed:
    """Somebody expected and not registered; what the roster does not say is None."""

    number: int
    area_code: str
    grid: str | None
    household: str | None
    name: str | None
    phone: str | None
    address: str | None
    reason: MissedReason | None
    by: str | None
    at: datetime | None


def listed(
    testing_round: TestingRound, *, within: str, by: Account, now: datetime, after: int = 0, size: int = PAGE_PEOPLE
) -> list[Missed]:
    """
    Give people missed in an area, in the order of the roster, from behind one number on; the reading is journalled.

    It says who is missed now: a past moment has counts, not names. Raise RoundSetAside or the door's refusal.
    """
    access.require(by, Right.TESTING_FOLLOW, area_code=within)
    if testing_round.archived_at is not None:
        raise RoundSetAside(number=testing_round.number)
    if testing_round.roster_made_at is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_MISSED, [testing_round.pk, f"{within}%", after, testing_round.pk, size])
        numbers = [number for (number,) in cursor.fetchall()]
    entries = RosterEntry.objects.filter(round=testing_round, number__in=numbers).order_by("number")
    people = [_missed(one) for one in entries.select_related("person")]
    journal.write(
        "roster.read", testing_round, by=by, at=now, number=testing_round.number, area=within, people=len(people)
    )
    return people


_MISSED = """
    SELECT number FROM records_rosterentry e
    WHERE round_id = %s AND area_code LIKE %s AND number > %s AND kind IN ('resident', 'visitor')
        AND NOT EXISTS (
            SELECT FROM records_swab s WHERE s.round_id = %s AND s.entry = e.number AND NOT s.is_double
        )
    ORDER BY number LIMIT %s
"""


@transaction.atomic
def explain_missed(
    *, testing_round: TestingRound, entries: Sequence[int], reason: MissedReason, by: Account, now: datetime
) -> int:
    """
    Say why people were missed; a later reason replaces an earlier one, which stays in the journal.

    Return how many. Raise NotMissed, NeverExpected, RoundSetAside, or the door's refusal.
    """
    access.require(by, Right.TESTING_FOLLOW)
    if testing_round.archived_at is not None:
        raise RoundSetAside(number=testing_round.number)
    wanted = sorted(set(entries))
    rows = RosterEntry.objects.select_for_update(of=["self"], no_key=True).filter(
        round=testing_round, number__in=wanted, area_code__startswith=by.area_code
    )
    found = {one.number: one for one in rows.order_by("number")}
    if set(wanted) - found.keys():
        raise NotYours(what="person", area=by.area_code)
    for one in found.values():
        if one.kind not in (RosterKind.RESIDENT, RosterKind.VISITOR):
            raise NeverExpected(entry=one.number)
    swabbed = testing_round.swabs.filter(entry__in=wanted, is_double=False).values_list("entry", flat=True).first()
    if swabbed is not None:
        raise NotMissed(entry=swabbed)
    RosterEntry.objects.filter(round=testing_round, number__in=wanted).update(
        missed_reason=str(reason), missed_by=by.username, missed_at=now
    )
    journal.write(
        "missed.explained",
        testing_round,
        by=by,
        at=now,
        number=testing_round.number,
        entries=wanted,
        reason=str(reason),
    )
    return len(found)


def _missed(entry: RosterEntry) -> Missed:
    person = entry.person
    return Missed(
        number=entry.number,
        area_code=entry.area_code,
        grid=entry.grid,
        household=entry.household,
        name=entry.name or (person.name if person else None),
        phone=entry.phone or (person.phone if person else None),
        address=entry.address or (person.address if person else None),
        reason=MissedReason(entry.missed_reason) if entry.missed_reason else None,
        by=entry.missed_by,
        at=entry.missed_at,
    )
