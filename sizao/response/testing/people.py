"""Who a swab is of: somebody on the roster, or somebody who came without being on it and is registered all the same."""

from collections.abc import Sequence

from django.db import connection

from sizao.records import quick
from sizao.records.models import Person, RosterEntry, TestingRound
from sizao.records.secrecy import seal
from sizao.response.testing.incoming import Found, Incoming
from sizao.terms import OddityKind, RosterKind


def holding(testing_round: TestingRound, coming: Sequence[Incoming]) -> tuple[quick.Question, quick.Question]:
    """
    Hold whom swabs are of, as far as they are on the roster, and ask in which tubes they stand.

    Two questions; the answer to the first is what `find` needs.
    """
    facts = {
        "round": testing_round.pk,
        "numbers": [one.sent.entry for one in coming if one.sent.entry is not None],
        "indices": [one.id_index for one in coming if one.id_index],
    }
    return (_LISTED, facts), (_STANDS, facts)


def find(testing_round: TestingRound, coming: Sequence[Incoming], held: Sequence[tuple]) -> list[Incoming]:
    """
    Say of each swab who it is of; who is not on the roster is put on it as having come without.

    A swab of which nothing says whose it is gets an oddity that holds it back. `held` are the rows of `holding`. Return
    the swabs of those who were put on the roster now.
    """
    by_number, by_index = _by(held)
    new = []
    for one in coming:
        index = one.id_index
        if one.sent.entry is not None:
            one.person = by_number.get(one.sent.entry)
        elif index:
            one.person = by_index.get(index)
        if one.person is None:
            if one.sent.entry is None and (index or one.sent.name.strip()):
                new.append((one, index))
            else:
                one.oddities.append(OddityKind.NOBODY)
    _walk_in(testing_round, new)
    return [one for one, _ in new]


def numbers(testing_round: TestingRound, coming: Sequence[Incoming]) -> dict[int, int]:
    """
    Give the roster numbers of who some swabs are of, by the `id` of each swab; strangers are left out.

    Only looks: tubes are held before people, so nobody is held here.
    """
    listed = RosterEntry.objects.filter(round=testing_round)
    named = listed.filter(number__in=[one.sent.entry for one in coming if one.sent.entry is not None])
    known = set(named.values_list("number", flat=True))
    by_index = dict(
        listed.filter(id_index__in=[one.id_index for one in coming if one.id_index]).values_list("id_index", "number")
    )
    found = {id(one): one.sent.entry if one.sent.entry is not None else by_index.get(one.id_index) for one in coming}
    return {key: number for key, number in found.items() if number in known or number in by_index.values()}


def stands(testing_round: TestingRound, coming: Sequence[Incoming]) -> set[tuple[int, str]]:
    """Say in which tubes those stand already whom some swabs are of."""
    facts = {"round": testing_round.pk, "numbers": [one.person.number for one in coming], "indices": []}
    return set(quick.asked((_STANDS, facts) if coming else None)[0])


def _listed(
    testing_round: TestingRound, numbers: Sequence[int], indices: Sequence[str]
) -> tuple[dict[int, Found], dict[str, Found]]:
    facts = {"round": testing_round.pk, "numbers": list(numbers), "indices": list(indices)}
    return _by(quick.asked((_LISTED, facts))[0])


def _by(rows: Sequence[tuple]) -> tuple[dict[int, Found], dict[str, Found]]:
    listed = [Found(*row) for row in rows]
    return {one.number: one for one in listed}, {one.id_index: one for one in listed if one.id_index}


# Held until the transaction ends: two devices do not register one person at one moment, nor does somebody write down
# why a person was missed who is being registered. Two questions, because each has an index of its own.
_LISTED = """
    WITH numbers AS (
        SELECT number FROM records_rosterentry WHERE round_id = %(round)s AND number = ANY(%(numbers)s::bigint[])
        UNION
        SELECT number FROM records_rosterentry WHERE round_id = %(round)s AND id_index = ANY(%(indices)s::varchar[])
    )
    SELECT number, id_index, area_code, kind IN ('resident', 'visitor'), single_only FROM records_rosterentry
    WHERE round_id = %(round)s AND number = ANY(ARRAY(SELECT number FROM numbers)) ORDER BY number
    FOR NO KEY UPDATE
"""


_STANDS = """
    SELECT entry, tube FROM records_swab WHERE round_id = %(round)s AND entry = ANY(
        %(numbers)s::bigint[] || ARRAY(
            SELECT number FROM records_rosterentry
            WHERE round_id = %(round)s AND id_index = ANY(%(indices)s::varchar[])
        )
    )
"""


def _walk_in(testing_round: TestingRound, new: Sequence[tuple[Incoming, str | None]]) -> None:
    if not new:
        return
    known = dict(
        Person.objects.filter(id_number_index__in=[index for _, index in new if index]).values_list(
            "id_number_index", "id"
        )
    )
    # Two swabs of one newcomer in one sending are of one person.
    first: dict[object, tuple[Incoming, str | None]] = {}
    for one, index in new:
        first.setdefault(index or id(one), (one, index))
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('records_walk_in_number') FROM generate_series(1, %s)", [len(first)])
        numbers = {key: number for key, (number,) in zip(first, cursor.fetchall(), strict=True)}
        rows = [
            (testing_round.pk, numbers[key], one.area_code, str(RosterKind.WALK_IN), False, known.get(index), index,
             _sealed("name", one.sent.name), _sealed("phone", one.sent.phone))
            for key, (one, index) in sorted(first.items(), key=lambda item: item[1][1] or "")
        ]  # fmt: skip
        cursor.executemany(
            "INSERT INTO records_rosterentry (round_id, number, area_code, kind, single_only, person_id, id_index,"
            " name, phone) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            rows,
        )
    # Somebody else may have put the same newcomer there meanwhile.
    by_number, by_index = _listed(testing_round, list(numbers.values()), [index for _, index in new if index])
    for one, index in new:
        one.person = by_index.get(index) if index else by_number[numbers[id(one)]]


def _sealed(field: str, text: str) -> str | None:
    return seal(text.strip(), column=f"records_rosterentry.{field}") if text.strip() else None
