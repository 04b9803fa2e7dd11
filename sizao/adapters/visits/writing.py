"""Writing to a store: whole files in bulk, small batches as they come. What was acknowledged is on disk."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from sizao.adapters.visits import bulk
from sizao.adapters.visits.columns import Read, read_columns
from sizao.adapters.visits.durable import make_gentle, sync_folder
from sizao.adapters.visits.errors import SegmentsMerged
from sizao.adapters.visits.held import Arrived
from sizao.adapters.visits.manifest import Change, Renewed, SegmentEntry
from sizao.adapters.visits.taking import LONGEST_HOURS, Intake, OpenWriter, abandon, entry_of_segment
from sizao.engines.presences.layout import Segment
from sizao.engines.presences.sorting import together, unsorted

__all__ = ["LONGEST_HOURS", "Intake", "VisitWriter"]

# Segments of fewer rows that change are written anew together: the disk is waited for once.
SMALL = 1 << 16


class VisitWriter(OpenWriter):
    """
    The one writer of a store; a context that holds its lock, and merges small segments in the background.

    `append` takes a small batch, `ingest` a Parquet file. Both return what was found: rows taken, rows
    refused (kept beside the store with their reason), ends imputed, rows repeated, overlapping, elsewhere,
    places renamed, times shifted. A batch that was taken before, by its key, changes nothing.
    """

    def append(self, batch: pa.RecordBatch, *, key: str) -> dict[str, int]:
        """Take a small batch durably, as one segment. Raise TokensDiffer, EpochsDiffer, StoreFull, …"""
        if key in self.ledger.keys:
            return {"taken before": batch.num_rows}
        change = self.agreed(batch.schema, "the batch")
        read = read_columns(batch, self.persons, self.places, mending=self.mending(change))
        made: list[Path] = []
        try:
            made += self.keep_refused(read)
            try:
                found = self._put(replace(change, key=key), read, made)
            except SegmentsMerged:  # merging was faster; it waits while the same is done once more
                with self.merging.paused():
                    found = self._put(replace(change, key=key), read, made)
        except BaseException:
            abandon(made)
            raise
        self.merging.wake()
        return found

    def ingest(self, path: Path, *, tick: Callable[[int], None] | None = None) -> dict[str, int]:
        """Take a Parquet file, a segment for each day on which its presences start; `tick` hears of rows read."""
        if self.intake.gentle:
            with ThreadPoolExecutor(1, initializer=make_gentle) as apart:
                found = apart.submit(bulk.ingest, self, path, tick).result()
        else:
            found = bulk.ingest(self, path, tick)
        self.merging.wake()
        return found

    def _put(self, change: Change, read: Read, made: list[Path]) -> dict[str, int]:
        """Write presences as one segment, with the tokens that came with them, and what they change; commit."""
        arrived = self.joined(read.presences)
        found = {**read.found, **arrived.found} if len(read.presences) else dict(read.found)
        segments, dropped, anew = self._with_small(arrived)
        fresh: list[Renewed | None] = [None, None]
        add: list[SegmentEntry] = []
        # Tokens lie beside ends that were told: these files are not written anew.
        for number, segment in enumerate(segments):
            if number == 0 and arrived.apart.told is not None:
                name = self.ledger.next_file("segment")
                made.append(self.store / name)
                fresh = list(self.write_with_tokens(name, segment))
                add.append(entry_of_segment(name, segment))
            else:
                add.append(self._noted(self.write_segment(segment), made))
        if arrived.apart.told is None:
            fresh = list(self.write_tokens())
        for entry in anew:
            entries, _ = self.write_segments(arrived.changes.amended(self.store, entry))
            add += [self._noted(one, made) for one in entries]
        sync_folder(self.store)
        change = replace(change, add=tuple(add), drop=dropped, persons=fresh[0], places=fresh[1], told=found)
        self.commit(change)
        return found

    def _with_small(self, arrived: Arrived) -> tuple[list[Segment], tuple[str, ...], list[SegmentEntry]]:
        """
        Put small segments that change into one with the new presences closed by rule.

        Return all segments to write, the files that they and others replace, and the others.
        """
        entries = self.changed(arrived.changes)
        small = [one for one in entries if one.rows < SMALL]
        segments = arrived.apart.parts
        if small:
            closed = [unsorted(one) for one in (arrived.apart.closed,) if one is not None]
            more = together([*closed, *(arrived.changes.amended(self.store, one) for one in small)])
            both, _ = self.laid_out(more)
            segments = [*(one for one in (arrived.apart.told,) if one is not None), *both.parts]
        return segments, tuple(one.file for one in entries), [one for one in entries if one.rows >= SMALL]

    def _noted(self, entry: SegmentEntry, made: list[Path]) -> SegmentEntry:
        made.append(self.store / entry.file)
        return entry
