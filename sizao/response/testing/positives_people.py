"""Who stands in a tube, and their rows in the register, made when something about them must be recorded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from pypinyin import Style, lazy_pinyin

from sizao.records import journal
from sizao.records.models import Account, Person, RosterEntry, TestingRound
from sizao.records.secrecy import blind_index


@dataclass(frozen=True, slots=True)
class Swabbed:
    """Somebody whose swab is in a tube: their number on the roster, where they live, when it was taken."""

    tube: str
    entry: int
    area_code: str
    taken_at: datetime


def swabbed_into(testing_round: TestingRound, tubes: Sequence[str]) -> Mapping[str, list[Swabbed]]:
    """Give who was swabbed into each tube, once each, a second swab of theirs included; empty tubes are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SWABBED, [testing_round.pk, list(tubes)])
        found: dict[str, list[Swabbed]] = {}
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Swabbed(*row))
    return found


_SWABBED = """
    SELECT tube, entry, min(area_code), min(taken_at) FROM records_swab
    WHERE round_id = %s AND tube = ANY(%s::varchar[]) GROUP BY tube, entry ORDER BY tube, entry
"""


def registered(
    testing_round: TestingRound, entries: Collection[int], *, by: Account | None, now: datetime
) -> Mapping[int, Person]:
    """
    Give the people of numbers on the roster, in the register; who is not there yet is put there.

    Found by what the roster says, else by the id number. Holds the rows of the roster until the transaction ends.
    """
    rows = RosterEntry.objects.select_for_update(of=["self"], no_key=True).select_related("person")
    held = list(rows.filter(round=testing_round, number__in=set(entries)).order_by("number"))
    known = {one.number: one.person for one in held if one.person is not None}
    by_index = _by_id_number([one.id_index for one in held if one.number not in known and one.id_index])
    known |= {
        one.number: by_index[one.id_index] for one in held if one.number not in known and one.id_index in by_index
    }
    fresh = {one.number: _person(testing_round, one, now) for one in held if one.number not in known}
    Person.objects.bulk_create(fresh.values())
    journal.write_many([journal.line("person.registered", one, by=by, at=now) for one in fresh.values()])
    known |= fresh
    for one in held:
        if one.person_id is None:
            RosterEntry.objects.filter(round=testing_round, number=one.number).update(person=known[one.number])
    return known


def _by_id_number(indices: Sequence[str]) -> Mapping[str | None, Person]:
    return {one.id_number_index: one for one in Person.objects.filter(id_number_index__in=indices)}


def _person(testing_round: TestingRound, entry: RosterEntry, now: datetime) -> Person:
    name = (entry.name or "").strip()
    # The roster keeps of an id number only its hash, which finds the person again.
    return Person(
        number=f"T{testing_round.pk}-{entry.number}",
        name=name or None,
        name_index=blind_index(name, column="records_person.name") if name else None,
        initials="".join(lazy_pinyin(name, style=Style.FIRST_LETTER))[:20].lower() or None,
        id_number_index=entry.id_index,
        phone=entry.phone,
        address=entry.address,
        area_code=entry.area_code,
        registered_at=now,
        is_generated=testing_round.is_generated,
        source_key=f"roster:{testing_round.pk}:{entry.number}",
    )
