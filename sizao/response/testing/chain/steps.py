"""
The steps of tubes: which box one was put into last, and where it was received first.

Of two boxes that name one tube the later act says where it is, of two receipts the earlier; so the same acts give the
same steps in whatever order they come. Who calls holds the outbreak's chain (`hold`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from sizao.engines import tube_codes
from sizao.records.models import TestingRound, TubeLot
from sizao.response.testing import partitions
from sizao.terms import LabOddityKind, TubeStepKind

_LOCKS = 7_408_121  # the class of the chain's advisory locks
BOXED, RECEIVED = str(TubeStepKind.BOXED), str(TubeStepKind.RECEIVED)


@dataclass(frozen=True, slots=True)
class Put:
    """A tube in a box."""

    round_id: int
    tube: str
    box_id: int
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Got:
    """A tube at a laboratory: out of a box, or without one."""

    round_id: int
    tube: str
    laboratory_id: int
    box_id: int | None
    happened_at: datetime


def hold(outbreak_id: int) -> None:
    """Let nobody else change boxes of an outbreak until this transaction ends; each such change is short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, outbreak_id])


def rounds_of(codes: Sequence[str]) -> tuple[dict[str, TestingRound], dict[str, LabOddityKind]]:
    """
    Say of each code whose round it is, and keep those rounds from being set aside; else what is wrong with it.

    Mistyped, never printed, or of a round that is not open, or was set aside.
    """
    serials = {code: tube_codes.serial_of(code) for code in codes}
    wrong = {code: LabOddityKind.UNREADABLE_TUBE for code, serial in serials.items() if serial is None}
    known = {code: serial for code, serial in serials.items() if serial is not None}
    owners = _owners(known)
    for code in known.keys() - owners.keys():
        wrong[code] = LabOddityKind.UNKNOWN_TUBE
    rounds = {pk: _held(pk) for pk in sorted(set(owners.values()))}
    found = {}
    for code, pk in owners.items():
        one = rounds[pk]
        if one.opened_at is None or one.archived_at is not None:
            wrong[code] = LabOddityKind.NOT_OPEN
        else:
            found[code] = one
    return found, wrong


def _owners(serials: Mapping[str, int]) -> dict[str, int]:
    """Say which round each serial number was printed for."""
    if not serials:
        return {}
    lots = (
        TubeLot.objects.filter(first_serial__lte=max(serials.values()))
        .annotate(end=F("first_serial") + F("size"))
        .filter(end__gt=min(serials.values()))
        .values_list("first_serial", "end", "round_id")
    )
    return {
        code: round_id
        for first, end, round_id in lots
        for code, serial in serials.items()
        if first <= serial < end
    }  # fmt: skip


def _held(pk: int) -> TestingRound:
    partitions.hold_open(TestingRound(pk=pk))
    # Read only now that nobody sets it aside.
    return TestingRound.objects.get(pk=pk)


def standing(tubes: Mapping[str, int], step: TubeStepKind) -> dict[str, tuple[int | None, int | None, datetime]]:
    """Say of tubes (with their rounds) where their step is: its box, its laboratory, its moment."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"step": str(step), "tubes": list(tubes), "rounds": list(tubes.values())})
        return {tube: (box, laboratory, moment) for tube, box, laboratory, moment in cursor.fetchall()}


def put(puts: Sequence[Put], *, by: str, now: datetime) -> None:
    """Write where tubes were put; one for each tube."""
    _write(
        _PUT, rounds=[one.round_id for one in puts], tubes=[one.tube for one in puts],
        boxes=[one.box_id for one in puts], moments=[one.happened_at for one in puts], step=BOXED, now=now, by=by,
    )  # fmt: skip


def get(gots: Sequence[Got], *, by: str, now: datetime) -> None:
    """Write where tubes were received; one for each tube."""
    _write(
        _GET, rounds=[one.round_id for one in gots], tubes=[one.tube for one in gots],
        boxes=[one.box_id for one in gots], laboratories=[one.laboratory_id for one in gots],
        moments=[one.happened_at for one in gots], step=RECEIVED, now=now, by=by,
    )  # fmt: skip


def _write(text: str, **facts: object) -> None:
    if facts["tubes"]:
        with connection.cursor() as cursor:
            cursor.execute(text, facts)


def counted(box_ids: set[int]) -> dict[int, int]:
    """Say how many tubes lie in boxes."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [list(box_ids), BOXED])
        return dict(cursor.fetchall())


_STANDING = """
    SELECT s.tube, s.box_id, s.laboratory_id, s.happened_at
    FROM unnest(%(rounds)s::bigint[], %(tubes)s::varchar[]) AS asked (round_id, tube)
    JOIN records_tubestep s ON s.round_id = asked.round_id AND s.tube = asked.tube AND s.step = %(step)s
"""
_PUT = """
    INSERT INTO records_tubestep AS s (round_id, tube, step, box_id, happened_at, recorded_at, recorded_by)
    SELECT round_id, tube, %(step)s, box_id, happened_at, %(now)s, %(by)s
    FROM unnest(%(rounds)s::bigint[], %(tubes)s::varchar[], %(boxes)s::bigint[], %(moments)s::timestamptz[])
        AS told (round_id, tube, box_id, happened_at)
    ON CONFLICT (round_id, tube, step) DO UPDATE
    SET box_id = EXCLUDED.box_id, happened_at = EXCLUDED.happened_at, recorded_at = EXCLUDED.recorded_at,
        recorded_by = EXCLUDED.recorded_by
    WHERE (EXCLUDED.happened_at, EXCLUDED.box_id) > (s.happened_at, s.box_id)
"""
_GET = """
    INSERT INTO records_tubestep AS s (
        round_id, tube, step, box_id, laboratory_id, happened_at, recorded_at, recorded_by
    )
    SELECT round_id, tube, %(step)s, box_id, laboratory_id, happened_at, %(now)s, %(by)s
    FROM unnest(%(rounds)s::bigint[], %(tubes)s::varchar[], %(boxes)s::bigint[], %(laboratories)s::bigint[],
        %(moments)s::timestamptz[]) AS told (round_id, tube, box_id, laboratory_id, happened_at)
    ON CONFLICT (round_id, tube, step) DO UPDATE
    SET box_id = EXCLUDED.box_id, laboratory_id = EXCLUDED.laboratory_id, happened_at = EXCLUDED.happened_at,
        recorded_at = EXCLUDED.recorded_at, recorded_by = EXCLUDED.recorded_by
    WHERE (EXCLUDED.happened_at, EXCLUDED.laboratory_id, coalesce(EXCLUDED.box_id, 0))
        < (s.happened_at, s.laboratory_id, coalesce(s.box_id, 0))
"""
_COUNTED = """
    SELECT box_id, count(*)::integer FROM records_tubestep
    WHERE box_id = ANY(%s::bigint[]) AND step = %s GROUP BY box_id
"""
