"""What a store holds already, as who writes looks at it: whose presences do new ones repeat, close or cut?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sizao.adapters.visits.manifest import SegmentEntry
from sizao.adapters.visits.merging import presences_of
from sizao.adapters.visits.segment_file import MappedSegment, open_segment
from sizao.engines.presences.admission import DAY_SECONDS
from sizao.engines.presences.joining import amended, bearing
from sizao.engines.presences.layout import Order, Presences, Segment, Words
from sizao.engines.presences.remembering import Remembered, only, put, remembered
from sizao.engines.presences.sorting import Apart

# New presences that are so many times fewer than those held are looked up one by one; else all held are read in order.
FEWER = 16
# A filter of a day is made at the so-manieth batch that tells of it, or where little is held; and for so many days.
LOOKS = 4
DAYS_REMEMBERED = 4
# A batch that tells of more days is held beside the segments themselves.
FEW_DAYS = 2


@dataclass(slots=True)
class Arrived:
    """New presences laid out as they stand beside what is held, what was found in them, and what they change."""

    apart: Apart
    found: dict[str, int]
    changes: "Changes"


@dataclass(slots=True)
class Changes:
    """Presences closed by rule that end otherwise by what is new: rows (row, length) by the file of their segment."""

    found: dict[str, list[Words]] = field(default_factory=dict)

    def add(self, file: str, rows: Words) -> None:
        """Remember changes of one segment."""
        if len(rows):
            self.found.setdefault(file, []).append(rows)

    def amended(self, store: Path, entry: SegmentEntry) -> Presences:
        """Read a segment as it is from now on. Raise StoreDamaged."""
        return amended(presences_of(store, entry), np.concatenate(self.found[entry.file]))


class Held:
    """
    The live segments, and of the days that batch after batch tells of a filter of what was told.

    Segments are mapped when they are first needed. Raise StoreDamaged where one is not whole.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._mapped: dict[str, MappedSegment] = {}
        self._days: dict[int, Remembered] = {}
        self._looks: dict[int, int] = {}

    def bearing(self, entries: Sequence[SegmentEntry], apart: Apart, *, by_day: bool) -> list[tuple[str, Words]]:
        """
        Give for each live segment what of it bears on new presences (`joining.bearing`), where anything does.

        A batch that tells of few days is held beside the filters of these; not so a file that tells `by_day`.
        """
        if not len(apart) or not entries:
            return []
        live = {one.file for one in entries}
        for file in list(self._mapped):
            if file not in live:
                self._mapped.pop(file, None)  # the days of a file are laid out at once: another may have been faster
        first, last = _span(apart)
        everything = [one.by_person for one in apart.parts]
        doubtful = everything if by_day else self._doubtful(entries, apart)
        found = []
        for entry in entries:
            reach = entry.latest_end if entry.closed else entry.last_start
            asked = everything if entry.closed else doubtful
            if asked and entry.first_start <= last and reach >= first:
                order = self._segment(entry, len(apart)).by_person
                rows = bearing(asked, order, held_closed=entry.closed != 0)
                found += [(entry.file, rows)] if len(rows) else []
        return found

    def forget(self) -> None:
        """Forget what was told, since more was than this heard of."""
        self._days.clear()

    def _doubtful(self, entries: Sequence[SegmentEntry], apart: Apart) -> list[Order]:
        """
        Give of new presences those that may be held already, and those whose end nobody told.

        All are put into the filters of their days. When they are not taken after all, the filters err more often.
        """
        first, last = (one // DAY_SECONDS for one in _starts(apart))
        days = range(first, last + 1)
        asked = days if len(days) <= FEW_DAYS else [one for one in days if one in self._days]
        filters = [self._filter(entries, day, len(apart)) for day in asked]
        found = []
        for part in apart.parts:
            doubts = [put(one, part.by_person) for one in filters if one is not None]
            if part is apart.closed or len(doubts) < len(days):
                found.append(part.by_person)
            elif (doubtful := np.any(doubts, axis=0)).any():
                found.append(only(part.by_person, doubtful))
        return found

    def _filter(self, entries: Sequence[SegmentEntry], day: int, n_new: int) -> Remembered | None:
        """Give the filter of a day, made when it has been looked at often enough to be worth it."""
        held = self._days.get(day)
        if held is not None and held.n <= held.room:
            return held
        on_day = [one for one in entries if one.first_start < (day + 1) * DAY_SECONDS <= one.last_start + DAY_SECONDS]
        n_held = sum(one.rows for one in on_day)
        self._looks[day] = self._looks.get(day, 0) + 1
        if held is None and self._looks[day] < LOOKS and n_held > LOOKS * n_new:
            return None
        while len(self._days) >= DAYS_REMEMBERED:
            del self._days[min(self._days)]
        fresh = self._days[day] = remembered(4 * (n_held + n_new))
        for entry in on_day:
            put(fresh, self._segment(entry, entry.rows).by_person)
        return fresh

    def _segment(self, entry: SegmentEntry, n_new: int) -> Segment:
        mapped = self._mapped.get(entry.file)
        if mapped is None:
            mapped = self._mapped[entry.file] = open_segment(self.store / entry.file)
            if n_new * FEWER > entry.rows:
                mapped.will_need_people(np.array([[0, entry.rows]]))
        return mapped.segment


def _span(apart: Apart) -> tuple[int, int]:
    """Give the first start of new presences, and the last second at which a held one may bear on them."""
    first, last = _starts(apart)
    return first, max([last, *(one.latest_end for one in (apart.closed,) if one is not None)])


def _starts(apart: Apart) -> tuple[int, int]:
    return min(one.first_start for one in apart.parts), max(one.last_start for one in apart.parts)
