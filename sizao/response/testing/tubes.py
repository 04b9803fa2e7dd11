"""Labels are printed in lots for a round; a tube is opened by its first swab and is full at its size."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from sizao.engines import tube_codes
from sizao.errors import SizaoError
from sizao.records import access, journal, quick
from sizao.records.models import Account, TestingRound, TubeLot
from sizao.terms import OddityKind, Right, TubeKind

MOST_LABELS = 2_000_000
# All serial numbers of an installation come from one row of numbers: a code means one tube, in whatever round.
_SERIALS_LOCK = 7_408_119


class LotSizeOutside(SizaoError):
    code = "testing.lot.unreadable"
    message = "{size} labels cannot be printed at once. Choose between 1 and {most:,}."


class RoundOver(SizaoError):
    code = "testing.round_over"
    message = "Round {number} is closed. Print labels for the round that comes next."


@dataclass(frozen=True, slots=True)
class TubeAsked:
    """A tube as a device names it, with what it says of it."""

    code: str
    kind: TubeKind
    site_id: int | None
    table: int | None
    area_code: str
    opened_at: datetime
    opened_by: str


@dataclass(frozen=True, slots=True)
class TubeHeld:
    """A tube that nobody else fills until this transaction ends; what it was found to be, and when."""

    code: str
    kind: TubeKind
    size: int
    result: str | None = None
    resulted_at: datetime | None = None


@transaction.atomic
def print_lot(*, testing_round: TestingRound, size: int, by: Account, now: datetime) -> TubeLot:
    """Print labels for a round: serial numbers that no other label bears. Raise LotSizeOutside, RoundOver."""
    access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    if not 1 <= size <= MOST_LABELS:
        raise LotSizeOutside(size=size, most=MOST_LABELS)
    if testing_round.closed_at is not None:
        raise RoundOver(number=testing_round.number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SERIALS_LOCK])
    latest = TubeLot.objects.order_by("-first_serial").first()
    first = latest.first_serial + latest.size if latest else 1
    lot = TubeLot.objects.create(
        round=testing_round, first_serial=first, size=size, printed_at=now, printed_by=by.username
    )
    journal.write("labels.printed", testing_round, by=by, at=now, lot=lot.pk, first=first, size=size)
    return lot


def codes_of(lot: TubeLot, *, start: int = 0, most: int | None = None) -> list[str]:
    """Give the codes of a lot, or of a part of it."""
    end = lot.size if most is None else min(lot.size, start + most)
    return [tube_codes.code_of(lot.first_serial + place) for place in range(start, end)]


def of_lots(codes: Collection[str]) -> quick.Question | None:
    """Ask which lots may hold codes; None where none of them can be read."""
    known = [serial for serial in map(tube_codes.serial_of, codes) if serial is not None]
    return (_LOTS, [max(known), min(known)]) if known else None


_LOTS = """
    SELECT first_serial, first_serial + size, round_id FROM records_tubelot
    WHERE first_serial <= %s AND first_serial + size > %s
"""


def checked(
    testing_round: TestingRound, codes: Collection[str], lots: Sequence[tuple[int, int, int]] | None = None
) -> Mapping[str, OddityKind]:
    """
    Say what is wrong with codes, as they were sent: mistyped, never printed, or of another round.

    `lots` are the rows that `of_lots` asks for, where somebody has asked already.
    """
    lots = quick.asked(of_lots(codes))[0] if lots is None else lots
    serials = {code: tube_codes.serial_of(code) for code in codes}
    wrong = {code: OddityKind.UNREADABLE_TUBE for code, serial in serials.items() if serial is None}
    for code, serial in serials.items():
        if serial is None:
            continue
        owner = next((round_id for first, end, round_id in lots if first <= serial < end), None)
        if owner is None:
            wrong[code] = OddityKind.UNKNOWN_TUBE
        elif owner != testing_round.pk:
            wrong[code] = OddityKind.OTHER_ROUND
    return wrong


def holding(testing_round: TestingRound, asked: Sequence[TubeAsked]) -> tuple[quick.Question, quick.Question]:
    """
    Open the tubes that are new, and hold all of them until this transaction ends, in the order of their codes.

    Two questions; `held` reads the answer to the second. What a tube is, is said by its first swab. Who stands in one
    already can be asked after them.
    """
    first = {one.code: one for one in reversed(asked)}
    rows = [first[code] for code in sorted(first)]
    facts = {
        "round": testing_round.pk,
        "codes": [one.code for one in rows],
        "kinds": [str(one.kind) for one in rows],
        "sizes": [1 if one.kind == TubeKind.SINGLE else testing_round.pool_size for one in rows],
        "sites": [one.site_id for one in rows],
        "tables": [one.table for one in rows],
        "areas": [one.area_code for one in rows],
        "opened": [one.opened_at for one in rows],
        "by": [one.opened_by for one in rows],
    }
    return (_OPEN, facts), (_HOLD, [testing_round.pk, [one.code for one in rows]])


def held(rows: Sequence[tuple[str, str, int, str | None, datetime | None]]) -> dict[str, TubeHeld]:
    """Read which tubes are held."""
    return {code: TubeHeld(code, TubeKind(kind), *facts) for code, kind, *facts in rows}


_OPEN = """
    INSERT INTO records_tube (round_id, code, kind, size, site_id, "table", area_code, opened_at, opened_by)
    SELECT %(round)s, code, kind, size, site, "table", area, opened, opener
    FROM unnest(%(codes)s::varchar[], %(kinds)s::varchar[], %(sizes)s::smallint[], %(sites)s::bigint[],
        %(tables)s::smallint[], %(areas)s::varchar[], %(opened)s::timestamptz[], %(by)s::varchar[])
        AS asked (code, kind, size, site, "table", area, opened, opener)
    ORDER BY code
    ON CONFLICT DO NOTHING
"""
_HOLD = """
    SELECT code, kind, size, result, resulted_at FROM records_tube
    WHERE round_id = %s AND code = ANY(%s::varchar[]) ORDER BY code
    FOR NO KEY UPDATE
"""
