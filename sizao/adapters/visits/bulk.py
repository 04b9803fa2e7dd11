"""A whole Parquet file into a store: read once, spooled by day, each day laid out and written by a thread."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sizao.adapters.visits.columns import COLUMNS, SOURCE, Mending, read_columns
from sizao.adapters.visits.durable import sync_folder, telling_full
from sizao.adapters.visits.errors import NOT_WHOLE, PresencesUnreadable, ShiftUnused
from sizao.adapters.visits.held import Changes
from sizao.adapters.visits.manifest import SegmentEntry
from sizao.adapters.visits.taking import OpenWriter
from sizao.engines.presences.admission import by_day
from sizao.engines.presences.closing import OpenEnds, close, open_ends, see
from sizao.engines.presences.layout import LENGTH_MASK, MISSING, Presences, Segment, Words
from sizao.terms import Phrase

ROWS_AT_ONCE = 1 << 20
THREADS = 2


@dataclass(slots=True)
class Spool:
    """Rows of four words in one plain file a day, so that a day fits in memory."""

    folder: Path
    days: dict[int, IO[bytes]] = field(default_factory=dict)
    endless: bool = False

    def put(self, presences: Presences, files: ExitStack) -> None:
        """Write presences behind those of their days."""
        self.endless |= bool(((presences.length & LENGTH_MASK) == MISSING).any())
        rows, days, offsets = by_day(presences)
        with telling_full(self.folder.parent):
            for one, low, high in zip(days.tolist(), offsets[:-1], offsets[1:], strict=True):
                if one not in self.days:
                    self.days[one] = files.enter_context((self.folder / str(one)).open("wb", buffering=0))
                _write_whole(self.days[one], rows[low:high])

    def rows(self) -> Iterator[Words]:
        """Yield the rows of each day, the earliest first."""
        for day in sorted(self.days):
            yield rows_in(self.folder / str(day))


def ingest(writer: OpenWriter, path: Path, tick: Callable[[int], None] | None) -> dict[str, int]:
    """Take a Parquet file, whole or not at all; see `VisitWriter.ingest`."""
    source = opened(path)
    key = key_of_file(path, source)
    if key in writer.ledger.keys:
        return {"taken before": source.metadata.num_rows}
    _refuse_unused_shifts(path, source, writer.intake.shifts)
    change = writer.agreed(source.schema_arrow, path)
    found: dict[str, int] = {"taken": 0, "refused": 0}
    made: list[Path] = []
    try:
        with tempfile.TemporaryDirectory(prefix="spool-", dir=writer.store) as folder:
            spool = _spooled(writer, (path, source), Spool(Path(folder)), writer.mending(change), found, made, tick)
            with writer.merging.paused():
                add, drop = _lay_out_days(writer, spool, found, made)
                persons, places = writer.write_tokens()
                sync_folder(writer.store)
                change = replace(change, key=key, add=add, drop=drop, persons=persons, places=places, told=found)
                writer.held.forget()
                writer.commit(change)
    except BaseException:
        for one in made:
            one.unlink(missing_ok=True)
        raise
    return found


def _refuse_unused_shifts(path: Path, source: pq.ParquetFile, shifts: Mapping[str, int]) -> None:
    """Refuse to shift the times of a source that the file does not name: it was misspelt, or is of another file."""
    if not shifts:
        return
    names: set[str] = set()
    if SOURCE in source.schema_arrow.names:
        for batch in source.iter_batches(ROWS_AT_ONCE, columns=[SOURCE]):
            names |= {str(one) for one in batch.column(0).unique().to_pylist() if one is not None}
    for one in shifts:
        if one not in names:
            raise ShiftUnused(path=path, source=one, there=", ".join(sorted(names)) or "none")


def rows_of(path: Path) -> int:
    """Say how many rows a Parquet file has. Raise PresencesUnreadable."""
    return int(opened(path).metadata.num_rows)


def opened(path: Path) -> pq.ParquetFile:
    """Open a Parquet file. Raise PresencesUnreadable."""
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError as fault:
        raise PresencesUnreadable(
            path=path, reason=Phrase("it cannot be opened (no such file).", "无法打开（没有此文件）。")
        ) from fault
    except (OSError, pa.ArrowInvalid) as fault:
        raise PresencesUnreadable(path=path, reason=NOT_WHOLE) from fault


def rows_in(path: Path) -> Words:
    """Read rows of four words."""
    return np.fromfile(path, np.uint32).reshape(-1, 4)


def _spooled(
    writer: OpenWriter, given: tuple[Path, pq.ParquetFile], spool: Spool, mending: Mending, found: dict[str, int],
    made: list[Path], tick: Callable[[int], None] | None,
) -> Spool:  # fmt: skip
    gentle = writer.intake.gentle
    with ExitStack() as files, ThreadPoolExecutor(1 if gentle else THREADS) as threads:
        written: Future[None] | None = None
        for batch in _batches(*given, threads, gentle=gentle):
            read = read_columns(batch, writer.persons, writer.places, mending=mending, threads=threads)
            made += writer.keep_refused(read)
            for name, count in read.found.items():
                found[name] = found.get(name, 0) + count
            if written:
                written.result()
            written = threads.submit(spool.put, read.presences, files)
            if tick:
                tick(batch.num_rows)
        if written:
            written.result()
    return spool


def _batches(
    path: Path, source: pq.ParquetFile, threads: ThreadPoolExecutor, *, gentle: bool
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, the next ones being read meanwhile. Raise PresencesUnreadable."""
    names = [*COLUMNS, *([SOURCE] if SOURCE in source.schema_arrow.names else [])]
    batches = source.iter_batches(ROWS_AT_ONCE, columns=names, use_threads=not gentle)
    coming = threads.submit(next, batches, None)
    try:
        while (batch := coming.result()) is not None:
            coming = threads.submit(next, batches, None)
            yield batch
    except (OSError, pa.ArrowInvalid) as fault:
        why = str(fault).splitlines()[0]
        reason = Phrase(f"its pages cannot be read ({why}).", f"其数据页无法读取（{why}）。")
        raise PresencesUnreadable(path=path, reason=reason) from fault


def _lay_out_days(
    writer: OpenWriter, spool: Spool, found: dict[str, int], made: list[Path]
) -> tuple[tuple[SegmentEntry, ...], tuple[str, ...]]:
    """Write each day beside what the store holds; return the segments made, and the files that some of them replace."""
    ends = _open_ends(spool, writer.persons.n) if spool.endless else None

    def lay_out_day(day: int) -> tuple[list[SegmentEntry], dict[str, int], Changes]:
        rows = rows_in(spool.folder / str(day))
        (spool.folder / str(day)).unlink()
        closed = close(ends, rows, writer.longest_seconds) if ends else 0
        presences = Presences(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])
        arrived = writer.joined(presences, by_day=True)
        entries = [written(one) for one in arrived.apart.parts]
        return entries, arrived.found | {"imputed": closed}, arrived.changes

    def written(segment: Segment) -> SegmentEntry:
        entry = writer.write_segment(segment)
        made.append(writer.store / entry.file)
        return entry

    with ThreadPoolExecutor(1 if writer.intake.gentle else THREADS) as threads:
        done = list(threads.map(lay_out_day, sorted(spool.days)))
    changes = Changes()
    for _, counts, more in done:
        for name, count in counts.items():
            found[name] = found.get(name, 0) + count
        for file, rows in more.found.items():
            changes.found.setdefault(file, []).extend(rows)
    add = [entry for entries, _, _ in done for entry in entries]
    dropped = writer.changed(changes)
    for entry in dropped:
        anew, _ = writer.write_segments(changes.amended(writer.store, entry))
        made += [writer.store / one.file for one in anew]
        add += anew
    return tuple(add), tuple(one.file for one in dropped)


def _open_ends(spool: Spool, n_persons: int) -> OpenEnds:
    ends = open_ends(spool.rows(), n_persons)
    for rows in spool.rows():
        see(ends, rows)
    return ends


def _write_whole(file: IO[bytes], rows: Words) -> None:
    data = rows.data.cast("B")
    while data:
        data = data[file.write(data) :]


def key_of_file(path: Path, source: pq.ParquetFile) -> str:
    """Name a file by what its footer says of it: the same file sent again is the same batch."""
    told = hashlib.blake2b(digest_size=16)
    told.update(f"{path.stat().st_size} {source.metadata.num_rows}".encode())
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 1 << 20), 2)
        told.update(file.read())
    return told.hexdigest()
