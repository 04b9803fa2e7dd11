"""
The bulk door of rounds: people, sites and swabs that a model made, by the hour and the hundred thousand.

For rehearsals and replays only, and only for rounds that say so. What goes through here is written by set, not one
by one, into the same tables, under the same keys, counted by the same triggers; what does not fit is refused whole,
since no device waits for an answer to each swab.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Laboratory, Person, TestingRound, TestingSite
from sizao.response import register
from sizao.response.register import PlaceEntry
from sizao.response.testing import partitions, roster, tubes
from sizao.response.testing.roster import Made
from sizao.terms import MissedReason, Phrase, PlaceKind, Right, RoundState

SOURCE = "模拟生成 generated"
HOUSEHOLD_PEOPLE = 3
_OVER_SIZE = Phrase("their tubes would hold more than their size", "采样管将超出混样人数")
_TAKEN_BEFORE = Phrase("somebody was swabbed before", "有人此前已采样")
_ON_NO_ROSTER = Phrase("they are on no roster, or in another tube", "不在名单内，或已在其他采样管")
_NOT_MISSED = Phrase("they were swabbed, or never expected", "已采样，或不在应检名单内")
Ints = np.ndarray


class OnlyGenerated(SizaoError):
    code = "testing.only_generated"
    message = "Round {number} is not marked as generated, or its outbreak is real. Register its people at the tables."


class BulkRefused(SizaoError):
    code = "testing.bulk_refused"
    message = "{count} of the rows sent for round {number} cannot be taken: {reason}. Nothing was kept."


@dataclass(frozen=True, slots=True)
class GeneratedSite:
    """A site of a plan: where it stands, tables, people expected, and the laboratory of its tubes."""

    name: str
    area_code: str
    latitude: float
    longitude: float
    n_tables: int
    n_samplers: int
    people: int
    laboratory: Laboratory


@dataclass(frozen=True, slots=True, eq=False)
class SwabBatch:
    """
    Swabs of up to an hour: a roster number, a row of `codes`, and seconds since `begins_at`, for each.

    `codes` are tubes, each with the id of its site and its table.
    """

    begins_at: datetime
    entry: Ints
    tube: Ints
    second: Ints
    codes: Sequence[str]
    sites: Sequence[int]
    tables: Sequence[int]


@transaction.atomic
def make_generated_roster(
    *, testing_round: TestingRound, villages: Sequence[str], people: Sequence[int], by: Account | None, now: datetime
) -> Made:
    """
    Write the roster of generated residents: so many in each village, numbered from 1 in the order given.

    They have no id numbers, since one made up might be somebody's; neighbours share a household. Raise OnlyGenerated,
    RosterStands, NobodyExpected, or the door's refusal.
    """
    require_generated(testing_round)

    def fill(part: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(_RESIDENTS).format(part=sql.Identifier(part)),
                [testing_round.pk, HOUSEHOLD_PEOPLE, list(villages), [int(one) for one in people]],
            )

    return roster.written(testing_round, fill, SOURCE, by=by, now=now)


_RESIDENTS = """
    INSERT INTO {part} (round_id, number, area_code, kind, single_only, household)
    SELECT %s, before + place, code, 'resident', false, code || '-' || (place - 1) / %s
    FROM (
        SELECT code, people, sum(people) OVER (ORDER BY row) - people AS before
        FROM unnest(%s::varchar[], %s::bigint[]) WITH ORDINALITY AS asked (code, people, row)
    ) villages, generate_series(1, people) place
"""


@transaction.atomic
def add_generated_sites(
    *, testing_round: TestingRound, sites: Sequence[GeneratedSite], by: Account, now: datetime
) -> list[TestingSite]:
    """Add the sites of a plan, numbered from 1 in their order. Raise OnlyGenerated, or the door's refusal."""
    require_generated(testing_round)
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    keys = [f"testing-site:{one.area_code}:{one.name}"[:200] for one in sites]
    entries = [
        PlaceEntry(source_key=key, kind=PlaceKind.PUBLIC_PLACE, name=one.name, area_code=one.area_code)
        for key, one in zip(keys, sites, strict=True)
    ]
    places = register.register_places(entries, by=by, now=now)
    for key, one in zip(keys, sites, strict=True):
        places[key].latitude, places[key].longitude = one.latitude, one.longitude
    type(next(iter(places.values()))).objects.bulk_update(places.values(), ["latitude", "longitude"], batch_size=2_000)
    added = TestingSite.objects.bulk_create(
        TestingSite(
            round=testing_round,
            place=places[key],
            number=number,
            area_code=one.area_code,
            n_tables=one.n_tables,
            n_samplers=one.n_samplers,
            people=one.people,
            laboratory=one.laboratory,
            serves=[one.area_code],
            added_at=now,
        )
        for number, (key, one) in enumerate(zip(keys, sites, strict=True), start=1)
    )
    journal.write("sites.generated", testing_round, by=by, at=now, number=testing_round.number, sites=len(added))
    return added


@transaction.atomic
def register_generated(*, testing_round: TestingRound, batch: SwabBatch, by: Account, now: datetime) -> int:
    """
    Register swabs of people on a generated roster; return how many are new. Sending them again changes nothing.

    The same is held as at the tables: printed labels of this round, people on its roster, taken while it was open, each
    person once. Raise OnlyGenerated, BulkRefused, or the door's refusal.
    """
    require_generated(testing_round)
    access.require(by, Right.TESTING_REGISTER)
    partitions.hold_alone(testing_round)
    found = TestingRound.objects.select_related("outbreak").get(pk=testing_round.pk)
    _check(found, batch, now)
    facts = {
        "round": found.pk, "size": found.pool_size, "begin": batch.begins_at, "now": now, "by": by.username,
        "key": f"{by.username[:35]}:generated",
    }  # fmt: skip
    with connection.cursor() as cursor:
        _stage(cursor, batch)
        # A round grows by the hour and is not looked through for each: whatever the planner was told last of its size.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(_TUBES, facts)
        fresh = _insert(cursor, found, facts)
        if fresh < len(batch.entry):
            _check_all_there(cursor, found, facts, len(batch.entry))
        cursor.execute(_OVERFULL, facts)
        overfull = cursor.fetchone()[0]
        if overfull:
            raise BulkRefused(number=found.number, count=overfull, reason=_OVER_SIZE)
        cursor.execute("DROP TABLE coming_tubes, coming_swabs; SET LOCAL enable_seqscan TO DEFAULT")
    if fresh:
        journal.write("swabs.registered", found, by=by, at=now, number=found.number, swabs=fresh, held_back=0)
    return fresh


def _check(found: TestingRound, batch: SwabBatch, now: datetime) -> None:
    """Refuse what can be seen without asking the database of each person."""

    def refuse(count: int, reason: Phrase) -> None:
        if count:
            raise BulkRefused(number=found.number, count=count, reason=reason)

    was_open = found.state_at(now) == RoundState.OPEN and batch.begins_at >= found.opened_at
    refuse(
        0 if was_open else len(batch.entry), Phrase("they were not taken while it was open", "采样时间不在该轮次期间")
    )
    late = batch.second > (now - batch.begins_at).total_seconds()
    refuse(int(late.sum()), Phrase("they would be taken later than now", "采样时间晚于当前时间"))
    refuse(len(batch.entry) - len(np.unique(batch.entry)), Phrase("somebody stands among them twice", "有人重复出现"))
    refuse(int(((batch.tube < 0) | (batch.tube >= len(batch.codes))).sum()), Phrase("no tube is named", "未指明采样管"))
    refuse(
        len(tubes.checked(found, batch.codes)),
        Phrase("their tubes bear no printed label of it", "采样管没有该轮次打印的标签"),
    )


def _insert(cursor: Any, found: TestingRound, facts: Mapping[str, object]) -> int:
    try:
        cursor.execute(_SWABS, facts)
    except IntegrityError as fault:
        raise BulkRefused(number=found.number, count=Phrase("some", "部分"), reason=_TAKEN_BEFORE) from fault
    return int(cursor.rowcount)


def _check_all_there(cursor: Any, found: TestingRound, facts: Mapping[str, object], count: int) -> None:
    """Refuse who is neither registered now nor was sent before: they are on no roster."""
    cursor.execute(_THERE, facts)
    nowhere = count - cursor.fetchone()[0]
    if nowhere:
        raise BulkRefused(number=found.number, count=nowhere, reason=_ON_NO_ROSTER)


def _stage(cursor: Any, batch: SwabBatch) -> None:
    cursor.execute(
        'CREATE TEMPORARY TABLE coming_tubes (tube integer, code varchar(12), site bigint, "table" smallint)'
        " ON COMMIT DROP;"
        "CREATE TEMPORARY TABLE coming_swabs (entry bigint, tube integer, second integer) ON COMMIT DROP"
    )
    with cursor.copy("COPY coming_tubes FROM STDIN") as copy:
        for row in zip(range(len(batch.codes)), batch.codes, batch.sites, batch.tables, strict=True):
            copy.write_row(row)
    with cursor.copy("COPY coming_swabs FROM STDIN") as copy:
        for row in zip(batch.entry.tolist(), batch.tube.tolist(), batch.second.tolist(), strict=True):
            copy.write_row(row)
    cursor.execute("ANALYZE coming_tubes; ANALYZE coming_swabs")


_THERE = """
    SELECT count(*) FROM coming_swabs c JOIN coming_tubes t ON t.tube = c.tube
    JOIN records_swab s ON s.round_id = %(round)s AND s.source_key = %(key)s || ':' || c.entry AND s.tube = t.code
"""
_TUBES = """
    INSERT INTO records_tube (round_id, code, kind, size, site_id, "table", area_code, opened_at, opened_by)
    SELECT %(round)s, t.code, 'pool', %(size)s, t.site, t."table", s.area_code, %(now)s, %(by)s
    FROM coming_tubes t JOIN records_testingsite s ON s.id = t.site AND s.round_id = %(round)s
    ORDER BY t.code
    ON CONFLICT DO NOTHING
"""
_SWABS = """
    INSERT INTO records_swab (round_id, source_key, entry, tube, area_code, taken_at, recorded_at, recorded_by,
        is_expected, is_double, is_late)
    SELECT %(round)s, %(key)s || ':' || c.entry, c.entry, t.code, e.area_code,
        %(begin)s::timestamptz + c.second * interval '1 second', %(now)s, %(by)s, e.kind IN ('resident', 'visitor'),
        false, false
    FROM coming_swabs c JOIN coming_tubes t ON t.tube = c.tube
    JOIN records_rosterentry e ON e.round_id = %(round)s AND e.number = c.entry
    ON CONFLICT (round_id, source_key) DO NOTHING
"""
_OVERFULL = """
    SELECT count(*) FROM (
        SELECT s.tube FROM records_swab s JOIN coming_tubes t ON t.code = s.tube
        WHERE s.round_id = %(round)s GROUP BY s.tube HAVING count(*) > %(size)s
    ) full_ones
"""


@transaction.atomic
def explain_generated(
    *, testing_round: TestingRound, entries: Sequence[int], reason: MissedReason, by: Account, now: datetime
) -> int:
    """
    Say why generated people were missed, by the hundred thousand; return how many were.

    Raise OnlyGenerated, BulkRefused where one of them was swabbed or never expected, or the door's refusal.
    """
    require_generated(testing_round)
    access.require(by, Right.TESTING_FOLLOW)
    partitions.hold_open(testing_round)
    with connection.cursor() as cursor:
        cursor.execute(
            _EXPLAIN,
            {"round": testing_round.pk, "entries": list(entries), "reason": str(reason), "by": by.username, "now": now},
        )
        explained = int(cursor.rowcount)
    if explained != len(entries):
        count = len(entries) - explained
        raise BulkRefused(number=testing_round.number, count=count, reason=_NOT_MISSED)
    journal.write(
        "missed.explained", testing_round, by=by, at=now, number=testing_round.number, people=explained,
        reason=str(reason),
    )  # fmt: skip
    return explained


_EXPLAIN = """
    UPDATE records_rosterentry e SET missed_reason = %(reason)s, missed_by = %(by)s, missed_at = %(now)s
    FROM unnest(%(entries)s::bigint[]) AS asked (number)
    WHERE e.round_id = %(round)s AND e.number = asked.number AND e.kind IN ('resident', 'visitor') AND NOT EXISTS (
        SELECT FROM records_swab s WHERE s.round_id = %(round)s AND s.entry = e.number AND NOT s.is_double
    )
"""


@transaction.atomic
def name_generated(*, testing_round: TestingRound, people: Mapping[int, Person], by: Account, now: datetime) -> int:
    """
    Say who in the register numbers on a generated roster are, before anything is recorded about them.

    Who is named already stays so. Return how many were named. Raise OnlyGenerated, or the door's refusal.
    """
    require_generated(testing_round)
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    with connection.cursor() as cursor:
        numbers, ids = list(people), [one.pk for one in people.values()]
        cursor.execute(_NAME, {"round": testing_round.pk, "numbers": numbers, "people": ids})
        named = int(cursor.rowcount)
    if named:
        journal.write("roster.named", testing_round, by=by, at=now, number=testing_round.number, people=named)
    return named


_NAME = """
    UPDATE records_rosterentry e SET person_id = told.person
    FROM unnest(%(numbers)s::bigint[], %(people)s::bigint[]) AS told (number, person)
    WHERE e.round_id = %(round)s AND e.number = told.number AND e.person_id IS NULL
"""


def require_generated(testing_round: TestingRound) -> None:
    """Refuse what is not generated: nothing of a real round comes through here. Raise OnlyGenerated."""
    if testing_round.outbreak.acts_on_people or not testing_round.is_generated:
        raise OnlyGenerated(number=testing_round.number)
