"""What a store holds already, as who writes looks at it: whose presences do new ones repeat, close or cut?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sizao.adapters.visits.manifest import SegmentEntry
from sizao.adapters.visits.merging import presences_of
from sizao.adapters.visits.segment_file import MappedSegment, open_segment
from sizao.engines.presences.joining import amended, bearing
from sizao.engines.presences.layout import Presences, Segment, Words
from sizao.engines.presences.sorting import Apart

# New presences that are so many times fewer than those held are looked up one by one; else all held are read in order.
FEWER = 16


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
    """The live segments; each is mapped when it is first needed. Raise StoreDamaged where one is not whole."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._mapped: dict[str, MappedSegment] = {}

    def bearing(self, entries: Sequence[SegmentEntry], apart: Apart) -> list[tuple[str, Words]]:
        """Give for each live segment what of it bears on new presences (`joining.bearing`), where anything does."""
        if not len(apart):
            return []
        live = {one.file for one in entries}
        for file in [one for one in list(self._mapped) if one not in live]:
            del self._mapped[file]
        first, last = _span(apart)
        found = []
        for entry in entries:
            reach = entry.latest_end if entry.closed else entry.last_start
            if entry.first_start <= last and reach >= first:
                rows = bearing(apart.parts, self._segment(entry, len(apart)), held_closed=entry.closed != 0)
                found += [(entry.file, rows)] if len(rows) else []
        return found

    def _segment(self, entry: SegmentEntry, n_new: int) -> Segment:
        mapped = self._mapped.get(entry.file)
        if mapped is None:
            mapped = self._mapped[entry.file] = open_segment(self.store / entry.file)
        if n_new * FEWER > entry.rows:
            mapped.will_need_people(np.array([[0, entry.rows]]))
        return mapped.segment


def _span(apart: Apart) -> tuple[int, int]:
    """Give the first start of new presences, and the last second at which a held one may bear on them."""
    last = [one.last_start for one in (apart.told,) if one] + [one.latest_end for one in (apart.closed,) if one]
    return min(one.first_start for one in apart.parts), max(last)
