"""Writing to a store: whole files in bulk, small batches as they come. What was acknowledged is on disk."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from sizao.adapters.visits import bulk
from sizao.adapters.visits.columns import read_columns
from sizao.adapters.visits.durable import make_gentle, sync_folder
from sizao.adapters.visits.manifest import Change
from sizao.adapters.visits.taking import LONGEST_HOURS, Intake, OpenWriter, abandon, counted, entry_of_segment
from sizao.engines.presences.layout import Presences

__all__ = ["LONGEST_HOURS", "Intake", "VisitWriter"]


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
        found, made = dict(read.found), []
        try:
            made += self.keep_refused(read)
            if len(read.presences):
                change = self._placed(change, read.presences, found, made)
            else:
                persons, places = self.write_tokens()
                change = replace(change, persons=persons, places=places)
            sync_folder(self.store)
            self.commit(replace(change, key=key, told=found))
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

    def _placed(self, change: Change, presences: Presences, found: dict[str, int], made: list[Path]) -> Change:
        """Write presences as one segment, with the tokens that came with them."""
        segment, told = self.laid_out(presences)
        name = self.ledger.next_file("segment")
        made.append(self.store / name)
        persons, places = self.write_with_tokens(name, segment)
        found |= counted(told) | {"taken": len(segment)}
        return replace(change, add=(entry_of_segment(name, segment),), persons=persons, places=places)
