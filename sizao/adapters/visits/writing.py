"""Writing to a store: whole files in bulk, small batches as they come. What was acknowledged is on disk."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sizao.adapters.visits import manifest as manifests
from sizao.adapters.visits import segment_file
from sizao.adapters.visits.columns import agree, kinds_of, read_columns
from sizao.adapters.visits.errors import PresencesUnreadable, StoreMissing
from sizao.adapters.visits.manifest import Manifest, SegmentEntry
from sizao.adapters.visits.tokens import Tokens, read_tokens
from sizao.engines.presences.layout import Presences, Segment
from sizao.engines.presences.sorting import Told, lay_out

DAY_SECONDS = 86_400
# An end that nobody told is set to the next presence of the person, or to this many hours after the start.
LONGEST_HOURS = 12
ROWS_AT_ONCE = 1 << 21
THREADS = 2


class VisitWriter:
    """
    The one writer of a store; a context that holds its lock.

    `append` takes a small batch, `ingest` a Parquet file. Both return what was found: rows taken, rows
    refused (kept beside the store with their reason), ends imputed, rows repeated, overlapping, elsewhere.
    A batch that was taken before, by its key, changes nothing.
    """

    def __init__(self, store: Path, *, longest_hours: float = LONGEST_HOURS, coalesce: bool = False) -> None:
        self.store = store
        self.longest_seconds = int(longest_hours * 3600)
        self.coalesce = coalesce
        self._held = ExitStack()
        self._naming = Lock()

    def __enter__(self) -> Self:
        self.store.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(manifests.only_writer(self.store))
        try:
            self.manifest = manifests.read(self.store)
        except StoreMissing:
            self.manifest = Manifest()
        manifests.sweep_leftovers(self.store, self.manifest)
        kinds = self.manifest.kinds
        self.persons = read_tokens(self.store, kinds.get("person", "integers"), self.manifest.persons)
        self.places = read_tokens(self.store, kinds.get("place", "integers"), self.manifest.places)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def append(self, batch: pa.RecordBatch, *, key: str) -> dict[str, int]:
        """Take a small batch durably, as one segment. Raise TokensDiffer or PresencesUnreadable."""
        if key in self.manifest.batches:
            return {"taken before": batch.num_rows}
        self._agree(kinds_of(batch.schema, "the batch"))
        read = read_columns(batch, self.persons, self.places)
        found = {"refused": read.refused.num_rows}
        entries = []
        if len(read.presences):
            entry, told = self.write_segment(read.presences)
            entries.append(entry)
            found |= _counted(told) | {"taken": entry.rows}
        self._keep_refused(read.refused)
        self._commit(entries, key, found)
        return found

    def ingest(self, path: Path, *, tick: Callable[[int], None] | None = None) -> dict[str, int]:
        """Take a Parquet file, a segment for each day on which its presences start; `tick` hears of rows read."""
        source = _opened(path)
        key = _key_of(path, source)
        if key in self.manifest.batches:
            return {"taken before": source.metadata.num_rows}
        self._agree(kinds_of(source.schema_arrow, path))
        found = {"taken": 0, "refused": 0}
        with tempfile.TemporaryDirectory(prefix="spool-", dir=self.store) as folder:
            days = self._spool(source, Path(folder), found, tick)
            entries = self._lay_out_days(sorted(days.items()), found)
        self._commit(entries, key, found)
        return found

    def _agree(self, given: dict[str, str]) -> None:
        agree(self.manifest.kinds, given)
        if not self.manifest.kinds:
            self.manifest = replace(self.manifest, kinds=given)
            self.persons, self.places = Tokens(given["person"]), Tokens(given["place"])

    def _spool(
        self, source: pq.ParquetFile, folder: Path, found: dict[str, int], tick: Callable[[int], None] | None
    ) -> dict[int, Path]:
        """Sort the rows of a file into one plain file a day, so that a day fits in memory."""
        days: dict[int, Path] = {}
        with ExitStack() as files:
            opened = {}
            for batch in source.iter_batches(ROWS_AT_ONCE, columns=["person", "place", "start", "end"]):
                read = read_columns(batch, self.persons, self.places)
                self._keep_refused(read.refused)
                found["refused"] += read.refused.num_rows
                for day, rows in _by_day(read.presences):
                    if day not in days:
                        days[day] = folder / str(day)
                        opened[day] = files.enter_context(days[day].open("wb"))
                    opened[day].write(rows.data)
                if tick:
                    tick(batch.num_rows)
        return days

    def _lay_out_days(self, days: list[tuple[int, Path]], found: dict[str, int]) -> list[SegmentEntry]:
        with ThreadPoolExecutor(THREADS) as threads:
            done = list(threads.map(self._lay_out_day, [path for _, path in days]))
        for entry, told in done:
            found["taken"] += entry.rows
            for name, count in _counted(told).items():
                found[name] = found.get(name, 0) + count
        return [entry for entry, _ in done]

    def _lay_out_day(self, path: Path) -> tuple[SegmentEntry, Told]:
        rows = np.fromfile(path, np.uint32).reshape(-1, 4)
        path.unlink()
        return self.write_segment(Presences(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]))

    def write_segment(self, presences: Presences) -> tuple[SegmentEntry, Told]:
        """Lay presences out and write them as a file that the manifest does not name yet."""
        segment, told = lay_out(
            presences,
            n_persons=self.persons.n,
            n_places=self.places.n,
            longest_seconds=self.longest_seconds,
            coalesce=self.coalesce,
        )
        name = self.next_file("segment")
        segment_file.write(self.store / name, segment)
        return entry_of(name, segment), told

    def _commit(self, entries: list[SegmentEntry], key: str, found: dict[str, int]) -> None:
        """Name the new files in the manifest; until then they are not in the store."""
        persons = self.persons.write(self.store / self.next_file("tokens"))
        places = self.places.write(self.store / self.next_file("tokens"))
        arrived = self.manifest.arrivals + 1
        manifest = replace(
            self.manifest,
            persons=(*self.manifest.persons, *([persons] if persons else [])),
            places=(*self.manifest.places, *([places] if places else [])),
            segments=(*self.manifest.segments, *(replace(one, arrived=arrived) for one in entries)),
            batches=(*self.manifest.batches, key),
            arrivals=arrived,
        )
        self.manifest = manifest.counted(found)
        manifests.swap(self.store, self.manifest)

    def next_file(self, kind: str) -> str:
        """Give the name of a file that is not in the store yet."""
        with self._naming:
            number = self.manifest.next_file
            self.manifest = replace(self.manifest, next_file=number + 1)
        return f"{kind}-{number:08d}"

    def _keep_refused(self, rows: pa.Table) -> None:
        if rows.num_rows:
            (self.store / "refused").mkdir(exist_ok=True)
            pq.write_table(rows, self.store / "refused" / f"{self.next_file('rows')}.parquet")


def rows_of(path: Path) -> int:
    """Say how many rows a Parquet file has. Raise PresencesUnreadable."""
    return int(_opened(path).metadata.num_rows)


def entry_of(name: str, segment: Segment) -> SegmentEntry:
    """Describe a segment for the manifest."""
    return SegmentEntry(name, len(segment), segment.first_start, segment.last_start, segment.latest_end)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError as fault:
        raise PresencesUnreadable(path=path, reason="it cannot be opened (no such file).") from fault
    except (OSError, pa.ArrowInvalid) as fault:
        raise PresencesUnreadable(path=path, reason="it is not a whole Parquet file.") from fault


def _key_of(path: Path, source: pq.ParquetFile) -> str:
    """Name a file by what its footer says of it: the same file sent again is the same batch."""
    told = hashlib.blake2b(digest_size=16)
    told.update(f"{path.stat().st_size} {source.metadata.num_rows}".encode())
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 1 << 20), 2)
        told.update(file.read())
    return told.hexdigest()


def _by_day(presences: Presences) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Yield the presences that start on each day, as rows of four words."""
    rows = np.column_stack((presences.person, presences.place, presences.start, presences.length))
    day = presences.start // DAY_SECONDS
    for one in np.unique(day).tolist():
        yield one, rows[day == one]


def _counted(told: Told) -> dict[str, int]:
    return {
        "imputed": told.imputed,
        "repeated": told.repeated,
        "overlapping": told.overlapping,
        "elsewhere": told.elsewhere,
    }
