"""Few segments of many: small ones are merged by size, in the background, so that no question meets thousands."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import log
from pathlib import Path
from threading import Condition, Event, Thread

import numpy as np
import pyarrow as pa

from sizao.adapters.visits import segment_file
from sizao.adapters.visits.durable import make_gentle, sync_folder
from sizao.adapters.visits.errors import SegmentsMerged, StoreDamaged, StoreFull
from sizao.adapters.visits.ledger import Ledger
from sizao.adapters.visits.manifest import Change, Manifest, Renewed, SegmentEntry, TokenEntry
from sizao.adapters.visits.tokens import read_tokens, write_tokens
from sizao.engines.presences.admission import DAY_SECONDS
from sizao.engines.presences.layout import Presences
from sizao.engines.presences.settling import Told
from sizao.engines.presences.sorting import together, unsorted

Write = Callable[[Presences], tuple[list[SegmentEntry], Told]]

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
# What was written anew, since presences in it end otherwise, stays for so many batches more: these come fast.
LINGER_REWRITTEN = 64


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
        self._rewritten: list[tuple[str, ...]] = []
        self._free = Event()
        self._free.set()

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

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nothing that is merged take the place of what was there, for a while."""
        with self.ledger.turn:
            self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def replace(self, gone: Sequence[SegmentEntry], *, by_days: bool) -> None:
        """
        Put what is merged of some segments in their place, by days or all in one. Raise StoreDamaged, StoreFull.

        Nothing is done where one of them was written anew meanwhile.
        """
        made: list[SegmentEntry] = []
        try:
            presences = _all_presences(self.store, gone)
            repeated = cut = 0
            for part in _days(presences) if by_days else [presences]:
                entries, told = self.write(part)
                made += entries
                repeated, cut = repeated + told.repeated, cut + told.cut
            changed = cut > 0 or sum(one.rows for one in made) != len(presences)
            self.commit(gone, made, changed=changed, told={"repeated": repeated})
        except BaseException as fault:
            for one in made:
                (self.store / one.file).unlink(missing_ok=True)
            if isinstance(fault, SegmentsMerged) or (isinstance(fault, StoreDamaged) and not self._are_live(gone)):
                return
            raise

    def commit(
        self, gone: Sequence[SegmentEntry], made: Sequence[SegmentEntry], *, changed: bool, told: dict[str, int]
    ) -> None:
        """
        Name some segments in the place of others, with the tokens that lay in these files moved out of them.

        Raise SegmentsMerged where one of the others is no longer there.
        """
        files = tuple(one.file for one in gone)
        before = self.ledger.manifest
        tokens: dict[str, Renewed] = {}
        try:
            tokens |= self._moved(before, set(files))
            sync_folder(self.store)
            with self._undisturbed():
                self._require_as_before(gone, before, tokens)
                # What merging made one or cut changes answers, so that it counts as an arrival; all else does not.
                arrivals = self.ledger.manifest.arrivals + changed
                arrived = arrivals if changed else max(one.arrived for one in gone)
                add = tuple(replace(one, arrived=arrived) for one in made)
                change = Change(
                    arrivals=arrivals, add=add, drop=files, told=told,
                    persons=tokens.get("persons"), places=tokens.get("places"),
                )  # fmt: skip
                self.ledger.commit(change)
                self._linger(before, files, tokens, self._lingering)
        except BaseException:
            self._unlink(tokens)
            raise
        self.sweep(keep=LINGER)
        with self._signal:
            self._signal.notify_all()

    @contextmanager
    def dropping(self, files: Sequence[str]) -> Iterator[dict[str, Renewed]]:
        """
        Give the tokens of segments that a change drops, moved out of them; the caller commits, and holds its turn.

        Raise SegmentsMerged where one of these is no longer there.
        """
        before = self.ledger.manifest
        if not set(files) <= {one.file for one in before.segments}:
            raise SegmentsMerged(path=self.store)
        tokens = self._moved(before, set(files))
        try:
            if tokens:
                sync_folder(self.store)
            yield tokens
        except BaseException:
            self._unlink(tokens)
            raise
        if files:
            self._linger(before, tuple(files), tokens, self._rewritten)
            self._sweep(self._rewritten, LINGER_REWRITTEN)

    def lingers(self, *files: str) -> None:
        """Remember files that no manifest names any more; those that one does name stay."""
        with self.ledger.turn:
            self._lingering.append(files)

    def sweep(self, *, keep: int) -> None:
        """Delete the files of all but the last merges; with none kept, also those of what was written anew."""
        with self.ledger.turn:
            self._sweep(self._lingering, keep)
            if not keep:
                self._sweep(self._rewritten, 0)

    def _sweep(self, lingering: list[tuple[str, ...]], keep: int) -> None:
        while len(lingering) > keep:
            live = self.ledger.manifest.files
            for name in lingering.pop(0):
                if name not in live:
                    (self.store / name).unlink(missing_ok=True)

    def _linger(
        self, before: Manifest, files: tuple[str, ...], tokens: Mapping[str, Renewed], lingering: list[tuple[str, ...]]
    ) -> None:
        moved = [one for column, renewed in tokens.items()
                 for one in getattr(before, column)[renewed.first : renewed.beyond]]  # fmt: skip
        lingering.append((*files, *(one.file for one in moved)))

    def _unlink(self, tokens: Mapping[str, Renewed]) -> None:
        for renewed in tokens.values():
            (self.store / renewed.entries[0].file).unlink(missing_ok=True)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Hold the turn once nobody wants that nothing is merged."""
        while True:
            self._free.wait()
            with self.ledger.turn:
                if self._free.is_set():
                    yield
                    return

    def _require_as_before(self, gone: Sequence[SegmentEntry], before: Manifest, tokens: Mapping[str, Renewed]) -> None:
        """Refuse what was merged of segments, or of entries of tokens, that do not stand any more as they stood."""
        now = self.ledger.manifest
        as_before = all(
            getattr(now, column)[: one.beyond] == getattr(before, column)[: one.beyond]
            for column, one in tokens.items()
        )
        if not as_before or not self._are_live(gone):
            raise SegmentsMerged(path=self.store)

    def _are_live(self, entries: Sequence[SegmentEntry]) -> bool:
        return {one.file for one in entries} <= {one.file for one in self.ledger.manifest.segments}

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

    def _moved(self, manifest: Manifest, files: set[str]) -> dict[str, Renewed]:
        """Write the tokens of each column from the first that lies in one of some files on into a file of their own."""
        made: dict[str, Renewed] = {}
        try:
            for column, name in (("persons", "person"), ("places", "place")):
                entries: tuple[TokenEntry, ...] = getattr(manifest, column)
                inside = [at for at, one in enumerate(entries) if one.file in files]
                if inside:
                    first = _widened(entries, inside[0])
                    tokens = read_tokens(self.store, manifest.kinds[name], entries[first:]).known
                    path = self.store / self.ledger.next_file("tokens")
                    made[column] = Renewed(
                        first, len(entries), (write_tokens(path, pa.concat_arrays(tokens.chunks)),)
                    )  # fmt: skip
        except BaseException:
            self._unlink(made)
            raise
        return made


def due(segments: Iterable[SegmentEntry]) -> list[SegmentEntry]:
    """
    Give segments of one size, and of one day where they have one, that should become one; none when all is well.

    Those with presences closed by rule stay among themselves: they are written anew again and again.
    """
    groups: dict[tuple[int, int, bool], list[SegmentEntry]] = {}
    for entry in segments:
        day = entry.first_start // DAY_SECONDS
        one_day = day == entry.last_start // DAY_SECONDS
        group = groups.setdefault((_size(entry.rows), day if one_day else -1, entry.closed != 0), [])
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
    return together([presences_of(store, entry) for entry in entries])


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
