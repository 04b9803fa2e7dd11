"""
Who was near the members of a positive pool: prepared for investigators, ordered by nobody.

A pool's result says of no member that they are infected, so this is a list to begin from, never an order or a contact.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from sizao.records import access, journal
from sizao.records.models import Account, Household, Person, PoolHold, RosterEntry, TestingSite
from sizao.response.testing.missed import RoundSetAside
from sizao.terms import Right

AROUND = timedelta(minutes=30)  # before and after a member at the same table, in the queue with them
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody near a member, and how: of one household, or swabbed at the same table; parts not shown are None."""

    entry: int | None
    number: str | None
    area_code: str
    name: str | None
    phone: str | None
    address: str | None
    household: str
    minutes_apart: int | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The list of a pool, at most `MOST_PEOPLE` of each kind; `site` is None where the tube names none."""

    households: tuple[Near, ...]
    queue: tuple[Near, ...]
    site: TestingSite | None
    around: timedelta


def prepared(hold: PoolHold, *, by: Account, now: datetime) -> Prepared:
    """
    List the households of the members and those swabbed at their table within half an hour; the reading is journalled.

    Names are shown of people who live in the account's area. Raise RoundSetAside, or the door's refusal.
    """
    access.require(by, Right.CONTACT_TRACE)
    testing_round = hold.round
    if testing_round.archived_at is not None:
        raise RoundSetAside(number=testing_round.number)
    tube = testing_round.tubes.filter(code=hold.tube).select_related("site__place").first()
    members = set(hold.members.values_list("entry", flat=True))
    found = Prepared(
        households=tuple(_households(hold, members, by)),
        queue=tuple(_queue(hold, members, by)),
        site=tube.site if tube else None,
        around=AROUND,
    )
    journal.write(
        "pool.near_read", hold, by=by, at=now, number=testing_round.number,
        people=len(found.households) + len(found.queue),
    )  # fmt: skip
    return found


def _households(hold: PoolHold, members: set[int], by: Account) -> list[Near]:
    """Give who lives with a member: by the register, and by the household numbers of the roster."""
    testing_round = hold.round
    listed = list(RosterEntry.objects.filter(round=testing_round, number__in=members))
    ids = [one.person_id for one in listed if one.person_id]
    indices = [one.id_index for one in listed if one.id_index and not one.person_id]
    known = Person.objects.filter(pk__in=ids) | Person.objects.filter(id_number_index__in=indices)
    homes = Household.objects.filter(members__in=known)
    registered = Person.objects.filter(household__in=homes).exclude(pk__in=known).distinct().order_by("pk")
    found = [_of_register(one, by) for one in registered[:MOST_PEOPLE]]
    rooms = {(one.area_code, one.household) for one in listed if one.household}
    seen = {one.pk for one in registered[:MOST_PEOPLE]}
    beside = RosterEntry.objects.filter(
        round=testing_round, area_code__in={code for code, _ in rooms}, household__in={name for _, name in rooms}
    ).exclude(number__in=members)
    return found + [
        _of_roster(one, by)
        for one in beside.order_by("number")[:MOST_PEOPLE]
        if (one.area_code, one.household) in rooms and one.person_id not in seen
    ]


def _queue(hold: PoolHold, members: set[int], by: Account) -> list[Near]:
    with connection.cursor() as cursor:
        cursor.execute(
            _QUEUE, {"round": hold.round_id, "tube": hold.tube, "around": AROUND, "most": MOST_PEOPLE + len(members)}
        )
        apart = {entry: minutes for entry, minutes in cursor.fetchall() if entry not in members}
    rows = {one.number: one for one in RosterEntry.objects.filter(round=hold.round_id, number__in=apart)}
    nearest = sorted(rows, key=lambda entry: (apart[entry], entry))[:MOST_PEOPLE]
    return [_of_roster(rows[entry], by, minutes_apart=int(apart[entry])) for entry in nearest]


# The time apart is from the nearest swab of the pool; a tube that names no site or table has no queue.
_QUEUE = """
    WITH pool AS (
        SELECT t.site_id, t."table", min(s.taken_at) AS first_at, max(s.taken_at) AS last_at
        FROM records_tube t JOIN records_swab s ON s.round_id = t.round_id AND s.tube = t.code
        WHERE t.round_id = %(round)s AND t.code = %(tube)s AND t.site_id IS NOT NULL GROUP BY 1, 2
    ), beside AS (
        SELECT t.code FROM records_tube t JOIN pool p
            ON t.site_id = p.site_id AND t."table" IS NOT DISTINCT FROM p."table"
        WHERE t.round_id = %(round)s AND t.code <> %(tube)s
    )
    SELECT s.entry, ceil(extract(epoch FROM min(greatest(p.first_at - s.taken_at, s.taken_at - p.last_at, '0'))) / 60)
    FROM records_swab s, pool p
    WHERE s.round_id = %(round)s AND s.tube IN (SELECT code FROM beside)
        AND s.taken_at BETWEEN p.first_at - %(around)s AND p.last_at + %(around)s
    GROUP BY s.entry ORDER BY 2, 1 LIMIT %(most)s
"""


def _of_register(person: Person, by: Account) -> Near:
    shown = access.identity(person, to=by)
    return Near(None, person.number, person.area_code, shown.name, shown.phone, shown.address, "", None)


def _of_roster(entry: RosterEntry, by: Account, *, minutes_apart: int | None = None) -> Near:
    if not access.covers(by, entry.area_code):
        return Near(entry.number, None, entry.area_code, None, None, None, "", minutes_apart)
    return Near(
        entry.number, None, entry.area_code, entry.name, entry.phone, entry.address, entry.household or "",
        minutes_apart,
    )  # fmt: skip
