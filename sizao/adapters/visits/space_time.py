"""
Asking a store for space-time companions (时空伴随者): the same cell as a case, and many hours in that cell.

A local rule of 2021, never a national one, and switched on only by an annex. Two people in one cell of 800 m need
never have met: what comes out is a tier of its own, weaker than all others, that never orders isolation by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizao.adapters.visits.meetings import Manner, Met, met_each, people
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.engines.presences.dwelling import dwell_seconds
from sizao.engines.presences.summing import Ints
from sizao.errors import SizaoError
from sizao.terms import DwellOf, Layer, Tier

DAY_SECONDS = 86_400


class SpaceTimeImpossible(SizaoError):
    code = "visits.space_time_impossible"
    message = "The space-time rule cannot have {what} of {given:g}. Give more than 0."


@dataclass(frozen=True, slots=True)
class SpaceTime:
    """
    The rule, as an annex sets it (`contacts.other.spacetime_*`): nothing here has a default.

    Both were in one cell for at least `least_seconds` without a gap, and `dwell_of` (the other person, the case,
    or either) was in that cell for at least `dwell_seconds` in all within the last `lookback_days` days of the
    case's windows. With "either", a case at home makes everybody in its cell pass: its own hours suffice.
    """

    least_seconds: int
    dwell_seconds: int
    lookback_days: int
    dwell_of: DwellOf

    def __post_init__(self) -> None:
        for what, given in (("an overlap in minutes", self.least_seconds / 60), ("hours", self.dwell_seconds / 3600),
                            ("a lookback in days", self.lookback_days)):  # fmt: skip
            if given <= 0:
                raise SpaceTimeImpossible(what=what, given=given)


def space_time_companions(store: OpenStore, windows: Sequence[Window], rule: SpaceTime, manner: Manner) -> pa.Table:
    """List the space-time companions of each case, one row a person and case, the longest dwelling first."""
    until = {case: int(within[:, 1].max()) for case, within in store.windows_by_number(windows).items()}

    def table(one: Met) -> pa.Table:
        return _rows(store, one, until[one.case], rule)

    tables = met_each(store, windows, manner, least_seconds=rule.least_seconds, then=table)
    empty = _table(store, 0, np.zeros((0, 8), np.int64))
    return pa.concat_tables([empty, *tables]).sort_by([("dwell_hours", "descending"), ("minutes", "descending")])


def _rows(store: OpenStore, one: Met, until: int, rule: SpaceTime) -> pa.Table:
    """Judge the meetings of one case in cells, person by person and cell by cell."""
    in_cell = np.array([layer is Layer.CELL and tier is Tier.SAME
                        for layer, tier in zip(one.layers, one.tiers, strict=True)], np.bool_)  # fmt: skip
    kept = in_cell[one.found.run]
    person, place = one.found.person[kept], one.own.run_place[one.found.run[kept]]
    keys, which = np.unique(person << 32 | place, return_inverse=True)
    pairs = np.column_stack((keys >> 32, keys & 0xFFFFFFFF))
    theirs, own = _dwelt(store, one.case, pairs, until, rule)
    held = {DwellOf.CONTACT: theirs, DwellOf.CASE: own, DwellOf.EITHER: np.maximum(theirs, own)}[rule.dwell_of]
    sums = _sums(which, len(pairs), one.found.start[kept], one.found.end[kept])
    rows = np.column_stack((pairs, sums, theirs, own))[held >= rule.dwell_seconds]
    return _table(store, one.case, _by_person(rows))


def _dwelt(store: OpenStore, case: int, pairs: Ints, until: int, rule: SpaceTime) -> tuple[Ints, Ints]:
    """Give for each pair (person, cell) the seconds that the person, and that the case, was in the cell."""
    since = until - rule.lookback_days * DAY_SECONDS
    parts = [part for part, _ in store.during(since, until)]
    theirs = dwell_seconds(parts, pairs[:, 0], pairs[:, 1], since=since, until=until)
    cells, at = np.unique(pairs[:, 1], return_inverse=True)
    own = dwell_seconds(parts, np.full(len(cells), case), cells, since=since, until=until)
    return theirs, own[at]


def _sums(which: NDArray[np.int64], n: int, start: Ints, end: Ints) -> Ints:
    """Sum meetings as columns seconds, meetings, first, last."""
    first, last = np.full(n, 2**62, np.int64), np.zeros(n, np.int64)
    np.minimum.at(first, which, start)
    np.maximum.at(last, which, end)
    seconds = np.bincount(which, end - start, n).astype(np.int64)
    return np.column_stack((seconds, np.bincount(which, minlength=n), first, last))


def _by_person(rows: Ints) -> Ints:
    """Make one row of each person: meetings of all its cells, hours and cell of the one where it dwelt longest."""
    rows = rows[np.lexsort((rows[:, 1], -rows[:, 6], rows[:, 0]))]
    _, first, which = np.unique(rows[:, 0], return_index=True, return_inverse=True)
    found = rows[first]
    found[:, 2], found[:, 3] = np.bincount(which, rows[:, 2]), np.bincount(which, rows[:, 3])
    np.minimum.at(found[:, 4], which, rows[:, 4])
    np.maximum.at(found[:, 5], which, rows[:, 5])
    return found


def _table(store: OpenStore, case: int, rows: Ints) -> pa.Table:
    return pa.table(
        {
            "case": people(store, np.full(len(rows), case)),
            "person": people(store, rows[:, 0]),
            "tier": pa.array([str(Tier.SPACE_TIME)] * len(rows), pa.string()),
            "minutes": rows[:, 2] / 60,
            "meetings": rows[:, 3],
            "first": store.times(rows[:, 4]),
            "last": store.times(rows[:, 5]),
            "place": store.place_tokens.take(pa.array(rows[:, 1])),
            "dwell_hours": rows[:, 6] / 3600,
            "case_dwell_hours": rows[:, 7] / 3600,
        }
    )
