"""
The roster: who is expected in a round, so that it can be said who is missed.

Made from the register (residents of the areas at a moment, and visitors; who is kept in isolation or hospital stands
there too, and is tested there), from a file, or from the roster of the round before. It is written whole or not at all.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from psycopg import sql

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, TestingRound
from sizao.records.secrecy import seal
from sizao.response.testing import partitions
from sizao.response.tracing import tokens
from sizao.terms import Phrase, Right

COLUMNS = ("area_code", "grid", "household", "id_number", "name", "phone", "address", "single_only")
MOST_FAULTS = 200
YES, NO = ("1", "y", "yes", "true", "是"), ("", "0", "n", "no", "false", "否")
LONGEST = {"grid": 40, "household": 40, "name": 60, "phone": 40, "address": 200}
_STORED = (
    "round_id", "number", "area_code", "kind", "single_only", "grid", "household", "id_index", "name", "phone",
    "address",
)  # fmt: skip


class RosterStands(SizaoError):
    code = "testing.roster_stands"
    message = "Round {number} was opened, so its roster stands. Who is not on it is registered all the same."


class RosterRefused(SizaoError):
    code = "testing.roster.unreadable"
    message = "{count} cells of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


class NobodyExpected(SizaoError):
    code = "testing.nobody_expected"
    message = "Nobody would stand on the roster of round {number}. Check its areas, or upload a list."


class NoRosterBefore(SizaoError):
    code = "testing.no_roster_before"
    message = "Round {number} has no roster that could be taken over. Upload one."


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person of an uploaded roster; what is not known is empty."""

    area_code: str
    grid: str = ""
    household: str = ""
    id_number: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    single_only: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a roster: people expected, and people kept in isolation or hospital, who are tested there."""

    expected: int
    kept_elsewhere: int


@transaction.atomic
def make_from_register(*, testing_round: TestingRound, by: Account | None, now: datetime) -> Made:
    """
    Make the roster from the register and the location ledger as they are known now.

    A resident who stays outside the round's areas is not expected; somebody who stays in them and lives elsewhere is.
    Raise RosterStands, NobodyExpected, or the door's refusal.
    """
    return written(testing_round, lambda part: _copy_register(testing_round, part, now), "register", by=by, now=now)


@transaction.atomic
def upload_roster(
    *,
    testing_round: TestingRound,
    rows: Iterable[RosterRow],
    source: str,
    by: Account | None,
    now: datetime,
    dry_run: bool = False,
) -> Made:
    """
    Take a roster from a file, row by row, all of them or none; `dry_run` checks all and keeps nothing.

    Raise RosterRefused, which names row (counted from 1), field and reason of up to 200 cells; RosterStands,
    NobodyExpected, or the door's refusal.
    """
    point = transaction.savepoint()
    made = written(testing_round, lambda part: _copy_rows(testing_round, part, rows), source, by=by, now=now)
    if dry_run:
        transaction.savepoint_rollback(point)
        testing_round.refresh_from_db()
    else:
        transaction.savepoint_commit(point)
    return made


@transaction.atomic
def take_over_roster(*, testing_round: TestingRound, former: TestingRound, by: Account | None, now: datetime) -> Made:
    """Take the roster of an earlier round, without who came to it unexpected and without its reasons."""
    if not partitions.exists(partitions.ROSTER, former.pk) or former.archived_at is not None:
        raise NoRosterBefore(number=former.number)
    return written(testing_round, lambda part: _copy_former(testing_round, part, former), former.number, by=by, now=now)


def written(
    testing_round: TestingRound, fill: Callable[[str], None], source: str, *, by: Account | None, now: datetime
) -> Made:
    """Write a roster whole, in a partition that `fill` is given the name of, and count it; for this stage's verbs."""
    if by is not None:
        access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    found = TestingRound.objects.select_for_update(of=["self"]).get(pk=testing_round.pk)
    if found.opened_at is not None:
        raise RosterStands(number=found.number)
    if partitions.exists(partitions.ROSTER, found.pk):
        partitions.drop(partitions.ROSTER, found.pk)
    partitions.make(partitions.ROSTER, found.pk)
    part = partitions.name_of(partitions.ROSTER, found.pk)
    fill(part)
    made = _count(found, part, now)
    if not made.expected:
        raise NobodyExpected(number=found.number)
    partitions.attach(partitions.ROSTER, found.pk)
    with connection.cursor() as cursor:
        # Whoever asks next plans for what is there now, not for the empty table it was.
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(part)))
    found.roster_made_at, found.roster_source = now, source[:200]
    found.save(update_fields=["roster_made_at", "roster_source"])
    testing_round.refresh_from_db()
    journal.write(
        "round.roster_made", found, by=by, at=now, number=found.number, source=source[:200], expected=made.expected,
        kept_elsewhere=made.kept_elsewhere,
    )  # fmt: skip
    return made


def _count(found: TestingRound, part: str, now: datetime) -> Made:
    """Write the counts of a fresh roster: one grouped statement in the transaction of the rows."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_testingcount WHERE round_id = %s", [found.pk])
        cursor.execute(
            sql.SQL(_COUNT).format(part=sql.Identifier(part)), {"round": found.pk, "now": now}
        )  # fmt: skip
        cursor.execute(
            "SELECT coalesce(sum(expected), 0), coalesce(sum(kept_elsewhere), 0) FROM records_testingcount"
            " WHERE round_id = %s",
            [found.pk],
        )
        return Made(*(int(one) for one in cursor.fetchone()))


_COUNT = """
    INSERT INTO records_testingcount (round_id, area_code, hour, expected, kept_elsewhere, latest_at)
    SELECT %(round)s, area_code, date_trunc('hour', %(now)s::timestamptz, 'UTC'),
        count(*) FILTER (WHERE kind IN ('resident', 'visitor')), count(*) FILTER (WHERE kind = 'elsewhere'), %(now)s
    FROM {part} GROUP BY area_code
"""


# --- From the register -------------------------------------------------------------------------

# Who stays where at the moment: a home in the areas without a stay elsewhere, or a stay in them.
_REGISTER = """
    INSERT INTO {part} (round_id, number, area_code, kind, single_only, grid, household, person_id, id_index)
    SELECT %(round)s, row_number() OVER (ORDER BY area_code, household_id, id), area_code,
        CASE WHEN kept THEN 'elsewhere' WHEN lives_here THEN 'resident' ELSE 'visitor' END,
        false, NULL, household_id::text, id, id_number_index
    FROM (
        SELECT p.id, p.household_id, p.id_number_index, lives_here,
            coalesce(s.kind IN ('room', 'bed', 'vehicle'), false) AS kept,
            CASE WHEN lives_here THEN p.area_code ELSE s.area_code END AS area_code,
            lives_here AND (s.id IS NULL OR s.kind IN ('room', 'bed', 'vehicle') OR s.area_code LIKE ANY (%(areas)s))
                OR NOT lives_here AND s.kind IN ('home', 'outside') AND s.area_code LIKE ANY (%(areas)s) AS is_listed
        FROM (
            SELECT *, area_code LIKE ANY (%(areas)s) AS lives_here FROM records_person
            WHERE registered_at <= %(now)s AND (is_generated <= %(generated)s)
        ) p
        LEFT JOIN records_stay s ON s.person_id = p.id AND s.period @> %(now)s::timestamptz AND s.recorded_at <= %(now)s
    ) listed
    WHERE is_listed
"""


def _copy_register(found: TestingRound, part: str, now: datetime) -> None:
    facts = {
        "round": found.pk,
        "now": now,
        "areas": [f"{code}%" for code in found.areas],
        # People whom a model made up are nobody to wait for in a real outbreak.
        "generated": not found.outbreak.acts_on_people,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_REGISTER).format(part=sql.Identifier(part)), facts)


def _copy_former(found: TestingRound, part: str, former: TestingRound) -> None:
    text = """
        INSERT INTO {part} (round_id, number, area_code, kind, single_only, grid, household, person_id, id_index, name,
            phone, address)
        SELECT %s, number, area_code, kind, single_only, grid, household, person_id, id_index, name, phone, address
        FROM {former} WHERE kind <> 'walk_in'
    """
    before = sql.Identifier(partitions.name_of(partitions.ROSTER, former.pk))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(text).format(part=sql.Identifier(part), former=before), [found.pk])


# --- From a file -------------------------------------------------------------------------------


def _copy_rows(found: TestingRound, part: str, rows: Iterable[RosterRow]) -> None:
    faults: list[dict[str, object]] = []
    counted, areas = 0, tuple(found.areas)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(part), sql.SQL(", ").join(map(sql.Identifier, _STORED))
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for counted, row in enumerate(rows, start=1):
                index = tokens.id_number_index(row.id_number) if row.id_number else None
                wrong = list(_faults_of(row, index, areas))
                if wrong or faults:
                    # Nothing will be kept: the rest is only looked at.
                    faults += ({"row": counted, "field": field, "reason": reason} for field, reason in wrong)
                    if len(faults) >= MOST_FAULTS:
                        break
                    continue
                copy.write_row(_stored(found.pk, counted, row, index))
        faults += _against_the_register(cursor, part) if len(faults) < MOST_FAULTS else []
    if faults:
        raise _refused(faults[:MOST_FAULTS], counted)


_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d+")
_EMPTY = Phrase(
    "is empty; merged cells hold only in their first row", "为空；合并单元格只在首行有内容，请取消合并并逐行填写"
)
_OUTSIDE = Phrase("is not inside the areas of the round", "不在本轮范围内")
_NO_CODE = Phrase("is no area code, of digits only", "不是区划代码（只含数字）")
_UNKNOWN = Phrase("is no area of the register", "区划表中没有此代码")
_NOBODY = Phrase("is empty, and so is the name; one of them must say who it is", "证件号和姓名均为空，无法确定是谁")
_NO_ID = Phrase("is no id number; it has 6 to 20 letters and digits", "不是有效的证件号")
_ROUNDED = Phrase(
    "is a number that the spreadsheet has rounded; make the column text and enter it again",
    "已被表格软件改成科学计数，末几位已丢失；请将该列设为文本格式后重新录入",
)
_UNSURE = Phrase("says neither yes nor no", "既不是“是”也不是“否”")


def _faults_of(row: RosterRow, index: str | None, areas: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    code = row.area_code.strip()
    if not code.startswith(areas) or not (code.isascii() and code.isdigit()):
        yield "area_code", _EMPTY if not code else _OUTSIDE if code.isdigit() and code.isascii() else _NO_CODE
    if not row.id_number.strip() and not row.name.strip():
        yield "id_number", _NOBODY
    if row.id_number.strip() and index is None:
        yield "id_number", _ROUNDED if _SCIENTIFIC.fullmatch(row.id_number.strip()) else _NO_ID
    if row.single_only and row.single_only.strip().lower() not in (*YES, *NO):
        yield "single_only", _UNSURE
    for field, most in LONGEST.items():
        if len(getattr(row, field)) > most:
            yield field, Phrase(f"is longer than {most} characters", f"超过{most}个字符")


def _stored(round_id: int, number: int, row: RosterRow, index: str | None) -> tuple[object, ...]:
    sealed = {field: getattr(row, field).strip() for field in ("name", "phone", "address")}
    return (
        round_id, number, row.area_code.strip(), "resident", row.single_only.strip().lower() in YES,
        row.grid.strip() or None, row.household.strip() or None,
        index,
        *(seal(text, column=f"records_rosterentry.{field}") if text else None for field, text in sealed.items()),
    )  # fmt: skip


def _against_the_register(cursor, part: str) -> list[dict[str, object]]:  # noqa: ANN001 — Django's cursor
    """Find areas that no register knows, and identities that stand in the file twice."""
    table = sql.Identifier(part)
    cursor.execute(
        sql.SQL(
            "SELECT number FROM {} WHERE area_code NOT IN (SELECT code FROM records_area) ORDER BY number LIMIT %s"
        ).format(table),
        [MOST_FAULTS],
    )
    unknown = [{"row": row, "field": "area_code", "reason": _UNKNOWN} for (row,) in cursor.fetchall()]
    cursor.execute(
        sql.SQL(
            "SELECT number, first FROM (SELECT number, min(number) OVER (PARTITION BY id_index) AS first FROM {}"
            " WHERE id_index IS NOT NULL) seen WHERE number <> first ORDER BY number LIMIT %s"
        ).format(table),
        [MOST_FAULTS],
    )
    twice = [
        {"row": row, "field": "id_number", "reason": f"stands in row {first} too", "first": first}
        for row, first in cursor.fetchall()
    ]
    return unknown + twice


def _refused(faults: list[dict[str, object]], rows: int) -> RosterRefused:
    first = f"row {faults[0]['row']}, {faults[0]['field']}: {faults[0]['reason']}"
    return RosterRefused(count=len(faults), rows=rows, first=first, errors=faults)
