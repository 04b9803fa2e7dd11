"""
Readings by the million: which round each tube belongs to, and into the partition of that round.

The core of every way in. Rows are copied, not inserted; what is odd about them is asked of the database afterwards, in
one question for each kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from numpy.typing import NDArray
from psycopg import sql

from sizao.engines.readings import INCONCLUSIVE
from sizao.engines.tube_codes import serials_of
from sizao.records.models import LabRun, TestingRound, TubeLot
from sizao.response.testing import partitions
from sizao.response.testing.laboratory.sent import FOUND, Columns

MISTYPED, NEVER_PRINTED = -1, -2
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Placed:
    """
    Where readings went: what was found in each round, and which could not be placed.

    `unlike` are tubes that stand there twice with different findings: kept once, as inconclusive.
    """

    found_in: Mapping[int, NDArray[np.int8]]
    mistyped: NDArray[np.intp]
    never_printed: NDArray[np.intp]
    unlike: tuple[tuple[int, str], ...]

    @property
    def rounds(self) -> tuple[int, ...]:
        return tuple(self.found_in)

    @property
    def found(self) -> NDArray[np.int8]:
        return np.concatenate([np.zeros(0, np.int8), *self.found_in.values()])


def never_printed(codes: Sequence[str]) -> list[str]:
    """Say which codes of tubes were never printed for a round that takes results."""
    rounds, _ = _rounds_of(serials_of(np.array(codes, dtype=np.str_)))
    return [code for code, round_id in zip(codes, rounds, strict=True) if round_id < 0]


def store(run: LabRun, columns: Columns) -> Placed:
    """
    Store the readings of a run; say which could not be placed because no round has a tube of that code.

    Holds each round open until the transaction ends, so that it is not set aside meanwhile.
    """
    serials = serials_of(columns.tubes)
    rounds, stands = _rounds_of(serials)
    found, first, unlike = _once(columns, serials, rounds)
    ids = sorted({int(one) for one in np.unique(rounds) if one >= 0})
    found_in = {}
    for round_id in ids:
        partitions.hold_open(stands[round_id])
        places = np.flatnonzero((rounds == round_id) & first)
        _copy(run, round_id, columns, found, places)
        found_in[round_id] = found[places]
    return Placed(found_in, np.flatnonzero(rounds == MISTYPED), np.flatnonzero(rounds == NEVER_PRINTED), unlike)


def _rounds_of(serials: NDArray[np.int64]) -> tuple[NDArray[np.int64], dict[int, TestingRound]]:
    """Say which round each label was printed for: MISTYPED or NEVER_PRINTED where there is none that takes results."""
    known = serials >= 0
    rounds = np.where(known, NEVER_PRINTED, MISTYPED).astype(np.int64)
    if not known.any():
        return rounds, {}
    lots = list(
        TubeLot.objects.filter(
            first_serial__lte=int(serials[known].max()), round__opened_at__isnull=False, round__archived_at=None
        )
        .annotate(end=F("first_serial") + F("size"))
        .filter(end__gt=int(serials[known].min()))
        .order_by("first_serial")
        .select_related("round")
    )
    if not lots:
        return rounds, {}
    starts = np.array([lot.first_serial for lot in lots])
    ends = np.array([lot.end for lot in lots])
    owners = np.array([lot.round_id for lot in lots])
    place = np.searchsorted(starts, serials, side="right") - 1
    inside = known & (place >= 0) & (serials < ends[place])
    rounds[inside] = owners[place[inside]]
    return rounds, {lot.round_id: lot.round for lot in lots}


def _once(
    columns: Columns, serials: NDArray[np.int64], rounds: NDArray[np.int64]
) -> tuple[NDArray[np.int8], NDArray[np.bool_], tuple[tuple[int, str], ...]]:
    """Keep the first of what stands there twice; where both are not alike it is inconclusive. Mistyped ones stay."""
    found, first = columns.found.copy(), np.ones(len(columns), dtype=bool)
    in_order = np.argsort(serials, kind="stable")
    in_order = in_order[serials[in_order] >= 0]
    ordered = serials[in_order]
    later = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    again, at = in_order[later], in_order[np.searchsorted(ordered, ordered[later])]
    unlike = np.unique(at[columns.found[again] != columns.found[at]])
    first[again] = False
    found[unlike] = INCONCLUSIVE
    return found, first, tuple((place, str(columns.tubes[place])) for place in unlike.tolist() if rounds[place] >= 0)


# --- Copying -----------------------------------------------------------------------------------


def _copy(run: LabRun, round_id: int, columns: Columns, found: NDArray[np.int8], places: NDArray[np.intp]) -> None:
    table = sql.Identifier(partitions.name_of(partitions.READING, round_id))
    text = sql.SQL("COPY {} (round_id, run_id, tube, well, found, ct) FROM STDIN").format(table)
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        for start in range(0, len(places), _AT_ONCE):
            copy.write("".join(_lines(f"{round_id}\t{run.pk}\t", columns, found, places[start : start + _AT_ONCE])))


def _lines(begin: str, columns: Columns, found: NDArray[np.int8], places: NDArray[np.intp]) -> Iterator[str]:
    tubes = columns.tubes[places].tolist()
    words = [str(FOUND[one]) for one in found[places].tolist()]
    wells = [columns.wells[place] or "\\N" for place in places] if columns.wells is not None else ["\\N"] * len(places)
    for tube, well, word, cycles in zip(tubes, wells, words, _cycles(columns, places), strict=True):
        yield f"{begin}{tube}\t{well}\t{word}\t{cycles}\n"


def _cycles(columns: Columns, places: NDArray[np.intp]) -> list[str]:
    if columns.ct is None:
        return ["\\N"] * len(places)
    told = columns.has_ct[places].tolist() if columns.has_ct is not None else [True] * len(places)
    rows = columns.ct[places].tolist()
    # NaN is the one number that differs from itself.
    return [
        "{" + ",".join("NULL" if one != one else f"{one:g}" for one in row) + "}" if is_told else "\\N"  # noqa: PLR0124
        for row, is_told in zip(rows, told, strict=True)
    ]


# --- What is odd about what was stored ---------------------------------------------------------


def rows_of(question: str, *, run: LabRun, round_id: int, tubes: Sequence[str] | None = None, **facts: object) -> list:
    """Ask a question about the readings of a run in one round; `tubes` narrows it to those."""
    among = "" if tubes is None else "AND r.tube = ANY(%(tubes)s::varchar[])"
    asked = {"round": round_id, "run": run.pk, "laboratory": run.laboratory_id, "tubes": list(tubes or ()), **facts}
    with connection.cursor() as cursor, _by_set(cursor, many=tubes is None and run.n_readings >= _MANY):
        cursor.execute(question.replace("/*among*/", among), asked)
        return cursor.fetchall()


_MANY = 20_000


@contextmanager
def _by_set(cursor: CursorWrapper, *, many: bool) -> Iterator[None]:
    """Lay whole tables beside each other where rows are many; not counted yet, they would be looked up one by one."""
    if not many:
        yield
        return
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


# A reading beside its tube and the tube's receipt, where one of them lacks or says otherwise. Of two laboratories that
# received a tube the first stands at it; the receipt of the second is kept as an oddity of its own. These are asked for
# once and not by tube, so that several processes of the database can share the question.
BESIDE_THE_TUBE = """
    SELECT r.tube, r.found, t.result, t.code IS NOT NULL, s.tube IS NOT NULL FROM records_labreading r
    LEFT JOIN records_tube t ON t.round_id = %(round)s AND t.code = r.tube
    LEFT JOIN records_tubestep s ON s.round_id = %(round)s AND s.tube = r.tube AND s.step = 'received'
        AND (s.laboratory_id = %(laboratory)s OR r.tube = ANY(ARRAY(
            SELECT o.tube FROM records_laboddity o WHERE o.laboratory_id = %(laboratory)s AND o.round_id = %(round)s
                AND o.kind = 'two_laboratories' AND o.source_key LIKE 'receipt:%%'
        )))
    WHERE r.round_id = %(round)s AND r.run_id = %(run)s /*among*/
        AND (t.code IS NULL OR s.tube IS NULL OR (r.found IN ('positive', 'negative') AND t.result <> r.found))
    ORDER BY r.tube
"""
TWO_LABORATORIES = """
    SELECT DISTINCT ON (r.tube) r.tube, r.found, x.found, l.code FROM records_labreading r
    JOIN records_labreading x ON x.round_id = r.round_id AND x.tube = r.tube AND x.run_id <> r.run_id
    JOIN records_labrun u ON u.id = x.run_id AND u.state <> 'withdrawn' AND u.laboratory_id <> %(laboratory)s
    JOIN records_laboratory l ON l.id = u.laboratory_id
    WHERE r.round_id = %(round)s AND r.run_id = %(run)s /*among*/
    ORDER BY r.tube, u.recorded_at
"""
CONTRADICTION = """
    SELECT r.tube, r.found, t.result FROM records_labreading r
    JOIN records_tube t ON t.round_id = r.round_id AND t.code = r.tube AND t.result <> r.found
    WHERE r.round_id = %(round)s AND r.run_id = %(run)s /*among*/ AND r.found IN ('positive', 'negative')
    ORDER BY r.tube
"""
