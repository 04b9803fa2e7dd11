"""
Calling the members of positive pools back for a swab of their own.

Whoever stands in a positive pool is called back, whether a hold was ordered yet or not: a single swab of theirs is no
second swab by mistake.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from sizao.records import access, journal
from sizao.records.models import Account, PoolHold, PoolMember, RosterEntry, TestingRound
from sizao.response.testing.missed import RoundSetAside
from sizao.terms import HoldEnd, Right


@dataclass(frozen=True, slots=True)
class Door:
    """Somebody of a positive pool: where they live, and how far their own test has come. None is unknown."""

    member: int
    entry: int
    area_code: str
    grid: str | None
    household: str | None
    name: str | None
    phone: str | None
    address: str | None
    number: str | None
    swabbed_at: datetime | None
    ended_at: datetime | None
    end_reason: HoldEnd | None
    hidden: bool


def called_back(testing_round: TestingRound, entries: Collection[int]) -> set[int]:
    """Give those of some people on the roster who are called back and have not been swabbed singly for it yet."""
    if not entries:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, {"round": testing_round.pk, "entries": list(entries)})
        return {entry for (entry,) in cursor.fetchall()}


_CALLED = """
    SELECT entry FROM (
        SELECT s.entry FROM records_swab s JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
        WHERE s.round_id = %(round)s AND s.entry = ANY(%(entries)s::bigint[]) AND t.kind <> 'single'
            AND t.result = 'positive'
        UNION
        SELECT m.entry FROM records_poolmember m
        WHERE m.round_id = %(round)s AND m.entry = ANY(%(entries)s::bigint[]) AND m.ended_at IS NULL
    ) called
    WHERE NOT EXISTS (
        SELECT FROM records_swab r
        WHERE r.round_id = %(round)s AND r.entry = called.entry AND r.is_recall AND NOT r.is_double
    )
"""


def doors(hold: PoolHold, *, by: Account, now: datetime, as_of: datetime) -> list[Door]:
    """
    Give the members of a pool as one account may see them, in the order of the roster; the reading is journalled.

    Who they are is shown to whoever follows up or reads people in the area they live in; of others only the state.
    Raise RoundSetAside.
    """
    testing_round = hold.round
    if testing_round.archived_at is not None:
        raise RoundSetAside(number=testing_round.number)
    members = list(hold.members.filter(added_at__lte=as_of).select_related("person").order_by("entry"))
    numbers = [one.entry for one in members]
    entries = {one.number: one for one in RosterEntry.objects.filter(round=testing_round, number__in=numbers)}
    swabs = testing_round.swabs.filter(entry__in=numbers, is_recall=True, recorded_at__lte=as_of)
    swabbed = dict(swabs.values_list("entry", "taken_at"))
    found = [_door(one, entries.get(one.entry), swabbed.get(one.entry), by, as_of) for one in members]
    seen = sum(not one.hidden for one in found)
    if seen:
        journal.write("pool.read", hold, by=by, at=now, number=testing_round.number, people=seen)
    return found


def _may_see(by: Account, area_code: str) -> bool:
    known = access.may(by, Right.TESTING_FOLLOW) or access.may(by, Right.PERSON_READ)
    return known and access.covers(by, area_code)


def _door(
    member: PoolMember, entry: RosterEntry | None, swabbed_at: datetime | None, by: Account, as_of: datetime
) -> Door:
    shown = _may_see(by, member.area_code)
    person = member.person if shown else None
    seen = entry if shown else None
    ended = member.ended_at is not None and member.ended_at <= as_of
    return Door(
        member=member.pk,
        entry=member.entry,
        area_code=member.area_code,
        grid=seen.grid if seen else None,
        household=seen.household if seen else None,
        name=(seen.name if seen else None) or (person.name if person else None),
        phone=(seen.phone if seen else None) or (person.phone if person else None),
        address=(seen.address if seen else None) or (person.address if person else None),
        number=person.number if person else None,
        swabbed_at=swabbed_at,
        ended_at=member.ended_at if ended else None,
        end_reason=HoldEnd(member.end_reason) if ended else None,
        hidden=not shown,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """How far the members of a pool have come: in it, still held, swabbed singly, by their own result."""

    members: int = 0
    held: int = 0
    swabbed: int = 0
    negative: int = 0
    positive: int = 0


def figures(holds: Sequence[PoolHold], as_of: datetime) -> dict[int, Figures]:
    """Count the members of each hold as they stood at a moment."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"holds": [one.pk for one in holds], "as_of": as_of})
        found = {hold_id: Figures(*counts) for hold_id, *counts in cursor.fetchall()}
    return {one.pk: found.get(one.pk, Figures()) for one in holds}


_FIGURES = """
    SELECT m.hold_id, count(*), count(*) FILTER (WHERE m.ended_at IS NULL OR m.ended_at > %(as_of)s),
        count(*) FILTER (WHERE EXISTS (
            SELECT FROM records_swab s WHERE s.round_id = m.round_id AND s.entry = m.entry AND s.is_recall
                AND NOT s.is_double AND s.recorded_at <= %(as_of)s
        )),
        count(*) FILTER (WHERE m.ended_at <= %(as_of)s AND m.end_reason = 'negative'),
        count(*) FILTER (WHERE m.ended_at <= %(as_of)s AND m.end_reason = 'positive')
    FROM records_poolmember m WHERE m.hold_id = ANY(%(holds)s::bigint[]) AND m.added_at <= %(as_of)s GROUP BY 1
"""


def waiting_villages(holds: Sequence[PoolHold]) -> dict[int, dict[str, int]]:
    """Count, for each hold and village, the members who are held and not swabbed singly yet."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [[one.pk for one in holds]])
        found: dict[int, dict[str, int]] = {}
        for hold_id, area_code, count in cursor.fetchall():
            found.setdefault(hold_id, {})[area_code] = count
    return found


_WAITING = """
    SELECT m.hold_id, m.area_code, count(*) FROM records_poolmember m
    WHERE m.hold_id = ANY(%s::bigint[]) AND m.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM records_swab s
        WHERE s.round_id = m.round_id AND s.entry = m.entry AND s.is_recall AND NOT s.is_double
    ) GROUP BY 1, 2 ORDER BY 1, 2
"""
