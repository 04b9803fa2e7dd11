"""Few segments of many: small ones are merged by size, in the background, so that no question meets thousands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import log
from pathlib import Path
from threading import Condition, Thread

import numpy as np
import pyarrow as pa

from sizao.adapters.visits import segment_file
from sizao.adapters.visits.durable import make_gentle, sync_folder
from sizao.adapters.visits.errors import StoreDamaged, StoreFull
from sizao.adapters.visits.ledger import Ledger
from sizao.adapters.visits.manifest import Change, Renewed, SegmentEntry, TokenEntry
from sizao.adapters.visits.tokens import read_tokens, write_tokens
from sizao.engines.presences.admission import DAY_SECONDS
from sizao.engines.presences.layout import Presences
from sizao.engines.presences.sorting import Told, unsorted

Write = Callable[[Presences], tuple[SegmentEntry, Told]]

# So many segments of one size make one of the next size.
FAN = 8
# Segments below so many rows are all of the smallest size.
SMALLEST = 1 << 14
# From so many rows on, what spans several days is cut into days: then a day can be dropped whole.
BY_DAY_FROM = 1 << 20
# A writer waits for the merging when there are so many segments: who asks must look at each.
CROWDED = 256
# A file that was merged away stays until so many merges later: somebody may be about to open it.
LINGER = 3


class Merging:
    """Merges in a thread of its own for as long as a writer is open; `stop` waits until nothing is due."""

    def __init__(self, store: Path, ledger: Ledger, write: Write) -> None:
        self.store, self.ledger, self.write = store, ledger, write
        self._signal = Condition()
        self._thread: Thread | None = None
        self._awake = self._stopping = False
        self._fault: BaseException | None = None
        self._put_off = False
        self._lingering: list[tuple[str, ...]] = []

    def wake(self) -> None:
        """Look for segments to merge, if there may be any."""
        if self._put_off or not due(self.ledger.manifest.segments):
            return
        with self._signal:
            self._awake = True
            if self._thread is None:
                self._thread = Thread(target=self._run, name="merging", daemon=True)
                self._thread.start()
            self._signal.notify()
            if len(self.ledger.manifest.segments) >= CROWDED:
                self._signal.wait_for(self._caught_up)

    def stop(self, *, quietly: bool) -> None:
        """Finish what is due and delete what was merged away; raise what went wrong, unless `quietly`."""
        if self._thread:
            with self._signal:
                self._stopping = True
                self._signal.notify()
            self._thread.join()
        self.sweep(keep=0)
        if self._fault and not quietly:
            raise self._fault

    def replace(self, gone: Sequence[SegmentEntry], *, by_days: bool) -> None:
        """Put what is merged of some segments in their place, by days or all in one. Raise StoreDamaged, StoreFull."""
        presences = _all_presences(self.store, gone)
        made: list[SegmentEntry] = []
        repeated = cut = 0
        try:
            for part in _days(presences) if by_days else [presences]:
                entry, told = self.write(part)
                made.append(entry)
                repeated, cut = repeated + told.repeated, cut + told.cut
            changed = cut > 0 or sum(one.rows for one in made) != len(presences)
            self.commit(gone, made, changed=changed, told={"repeated": repeated})
        except BaseException:
            for one in made:
                (self.store / one.file).unlink(missing_ok=True)
            raise

    def commit(
        self, gone: Sequence[SegmentEntry], made: Sequence[SegmentEntry], *, changed: bool, told: dict[str, int]
    ) -> None:
        """Name some segments in the place of others, with the tokens that lay in these files moved out of them."""
        files = tuple(one.file for one in gone)
        before = self.ledger.manifest
        tokens: list[Renewed] = []
        try:
            persons, places = (self._moved(column, set(files), tokens) for column in ("persons", "places"))
            moved = [*_replaced(before.persons, persons), *_replaced(before.places, places)]
            sync_folder(self.store)
            with self.ledger.turn:
                # What merging made one or cut changes answers, so that it counts as an arrival; all else does not.
                arrivals = self.ledger.manifest.arrivals + changed
                arrived = arrivals if changed else max(one.arrived for one in gone)
                add = tuple(replace(one, arrived=arrived) for one in made)
                change = Change(arrivals=arrivals, add=add, drop=files, persons=persons, places=places, told=told)
                self.ledger.commit(change)
        except BaseException:
            for renewed in tokens:
                (self.store / renewed.entries[0].file).unlink(missing_ok=True)
            raise
        self.lingers(*files, *(one.file for one in moved))
        self.sweep(keep=LINGER)
        with self._signal:
            self._signal.notify_all()

    def lingers(self, *files: str) -> None:
        """Remember files that no manifest names any more; those that one does name stay."""
        self._lingering.append(files)

    def sweep(self, *, keep: int) -> None:
        """Delete the files of all but the last merges."""
        while len(self._lingering) > keep:
            live = self.ledger.manifest.files
            for name in self._lingering.pop(0):
                if name not in live:
                    (self.store / name).unlink(missing_ok=True)

    def _run(self) -> None:
        make_gentle()
        try:
            while True:
                while group := due(self.ledger.manifest.segments):
                    self.replace(group, by_days=sum(one.rows for one in group) >= BY_DAY_FROM)
                with self._signal:
                    if self._stopping:
                        return
                    self._awake = False
                    self._signal.wait_for(lambda: self._awake or self._stopping)
        except StoreFull:
            # Merging needs room for a while. All is there as it was; the next writer tries again.
            self._end(None)
        except BaseException as fault:  # noqa: BLE001 — told to whoever closes the writer
            self._end(fault)

    def _end(self, fault: BaseException | None) -> None:
        with self._signal:
            self._fault, self._put_off = fault, True
            self._signal.notify_all()

    def _caught_up(self) -> bool:
        segments = self.ledger.manifest.segments
        return self._put_off or len(segments) < CROWDED or not due(segments)

    def _moved(self, column: str, files: set[str], made: list[Renewed]) -> Renewed | None:
        """Write the tokens from the first that lies in one of some files on into a file of their own."""
        entries: tuple[TokenEntry, ...] = getattr(self.ledger.manifest, column)
        inside = [at for at, one in enumerate(entries) if one.file in files]
        if not inside:
            return None
        first, beyond = _widened(entries, inside[0]), len(entries)
        kind = self.ledger.manifest.kinds["person" if column == "persons" else "place"]
        tokens = read_tokens(self.store, kind, entries[first:beyond]).known
        entry = write_tokens(self.store / self.ledger.next_file("tokens"), pa.concat_arrays(tokens.chunks))
        made.append(Renewed(first, beyond, (entry,)))
        return made[-1]


def due(segments: Iterable[SegmentEntry]) -> list[SegmentEntry]:
    """Give segments of one size, and of one day where they have one, that should become one; none when all is well."""
    groups: dict[tuple[int, int], list[SegmentEntry]] = {}
    for entry in segments:
        day = entry.first_start // DAY_SECONDS
        one_day = day == entry.last_start // DAY_SECONDS
        group = groups.setdefault((_size(entry.rows), day if one_day else -1), [])
        group.append(entry)
    full = [group for group in groups.values() if len(group) >= FAN]
    return min(full, key=lambda group: sum(one.rows for one in group), default=[])


def presences_of(store: Path, entry: SegmentEntry) -> Presences:
    """Read the presences of a segment back. Raise StoreDamaged where they are not what was written."""
    if wrong := segment_file.faults(store / entry.file):
        raise StoreDamaged(path=store / entry.file, reason=wrong[0])
    return unsorted(segment_file.open_segment(store / entry.file).segment)


def _size(rows: int) -> int:
    return 0 if rows < SMALLEST else 1 + int(log(rows / SMALLEST, FAN))


def _all_presences(store: Path, entries: Sequence[SegmentEntry]) -> Presences:
    parts = [presences_of(store, entry) for entry in entries]
    return Presences(*(np.concatenate([getattr(one, name) for one in parts]) for name in Presences.__slots__))


def _days(presences: Presences) -> Iterable[Presences]:
    day = presences.start // DAY_SECONDS
    return (presences.where(day == one) for one in np.unique(day).tolist())


def _widened(entries: tuple[TokenEntry, ...], first: int) -> int:
    """Take earlier entries along as long as they are not much longer than all that follow, so that few are left."""
    rows = sum(one.rows for one in entries[first:])
    while first and entries[first - 1].rows <= 2 * rows:
        first -= 1
        rows += entries[first].rows
    return first


def _replaced(entries: tuple[TokenEntry, ...], renewed: Renewed | None) -> tuple[TokenEntry, ...]:
    return entries[renewed.first : renewed.beyond] if renewed else ()
