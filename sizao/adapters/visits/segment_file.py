"""A segment as a file: its arrays one after the other, each with its checksum, read through a memory map."""

import json
import mmap
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.adapters.visits.durable import write_durably
from sizao.adapters.visits.errors import StoreDamaged
from sizao.engines.presences.layout import Order, Segment, Words

MAGIC = b"sizao presences 1\n"
ALIGNED = 4096
RECORD_BYTES = 12
NAMES = (
    "place_keys", "place_offsets", "person_keys", "person_offsets", "block_start", "block_end", "by_place", "by_person",
)  # fmt: skip
RECORDS = ("by_place", "by_person")


@dataclass(frozen=True, slots=True)
class MappedSegment:
    """A segment over a memory map; `file` stays open as long as its arrays are used."""

    segment: Segment
    file: mmap.mmap
    records_at: int
    people_at: int
    asked: NDArray[np.bool_]  # for each page of the file: whether it was asked for since the file was opened

    def will_need(self, ranges: NDArray[np.int64]) -> None:
        """Ask the system to fetch the records by place in some ranges (first, beyond), before they are read."""
        self._ask(self.records_at, ranges)

    def will_need_people(self, ranges: NDArray[np.int64]) -> None:
        """Ask the system to fetch the records by person in some ranges (first, beyond), before they are read."""
        self._ask(self.people_at, ranges)

    def _ask(self, records_at: int, ranges: NDArray[np.int64]) -> None:
        if not len(ranges):
            return
        low = (records_at + ranges[:, 0] * RECORD_BYTES) // mmap.PAGESIZE
        beyond = -(-(records_at + ranges[:, 1] * RECORD_BYTES) // mmap.PAGESIZE)
        for first, after in _not_asked(low, beyond, self.asked).tolist():
            at = first * mmap.PAGESIZE
            self.file.madvise(mmap.MADV_WILLNEED, at, min(after * mmap.PAGESIZE, len(self.file)) - at)


def write(path: Path, segment: Segment, *after: Any) -> list[int]:
    """Write a segment durably, and other bytes after it; return where each of these begins. Raise StoreFull."""
    arrays = _arrays(segment)
    entries, at = {}, ALIGNED
    for name in NAMES:
        array = arrays[name]
        entries[name] = {"at": at, "shape": array.shape, "checksum": zlib.crc32(_bytes(array))}
        at += -(-array.nbytes // ALIGNED) * ALIGNED
    header = MAGIC + json.dumps(entries).encode() + b"\n"
    parts: list[Any] = [header.ljust(ALIGNED, b" ")]
    for name in NAMES:
        data = _bytes(arrays[name])
        parts += [data, bytes(-len(data) % ALIGNED)]
    begins = []
    for data in after:
        begins.append(at)
        at += -(-len(data) // ALIGNED) * ALIGNED
        parts += [data, bytes(-len(data) % ALIGNED)]
    write_durably(path, *parts)
    return begins


def open_segment(path: Path) -> MappedSegment:
    """Map a segment; its directories are checked against their checksums now, its records by `faults`."""
    mapped, entries = _mapped(path)
    arrays = {name: _array(mapped, entry) for name, entry in entries.items()}
    for name in NAMES:
        if name not in RECORDS and zlib.crc32(_bytes(arrays[name])) != entries[name]["checksum"]:
            raise StoreDamaged(path=path, reason=f"the checksum of {name} differs")
    places_at, people_at = entries["by_place"]["at"], entries["by_person"]["at"]
    mapped.madvise(mmap.MADV_RANDOM)
    segment = Segment(
        Order(arrays["by_place"], arrays["place_keys"], arrays["place_offsets"]),
        Order(arrays["by_person"], arrays["person_keys"], arrays["person_offsets"]),
        arrays["block_start"],
        arrays["block_end"],
    )
    asked = np.zeros(-(-len(mapped) // mmap.PAGESIZE), np.bool_)
    return MappedSegment(segment, mapped, places_at, people_at, asked)


def faults(path: Path) -> list[str]:
    """List what of a segment file is not what was written; nothing when all is well."""
    try:
        mapped, entries = _mapped(path)
        arrays = {name: _array(mapped, entry) for name, entry in entries.items()}
    except (StoreDamaged, FileNotFoundError) as fault:
        return [str(fault)]
    wrong = [name for name in NAMES if zlib.crc32(_bytes(arrays[name])) != entries[name]["checksum"]]
    return [f"{path.name}: the checksum of {name} differs" for name in wrong]


def _arrays(segment: Segment) -> dict[str, Words]:
    return {
        "place_keys": segment.by_place.keys,
        "place_offsets": segment.by_place.offsets,
        "person_keys": segment.by_person.keys,
        "person_offsets": segment.by_person.offsets,
        "block_start": segment.block_start,
        "block_end": segment.block_end,
        "by_place": segment.by_place.records,
        "by_person": segment.by_person.records,
    }


def _mapped(path: Path) -> tuple[mmap.mmap, dict[str, dict[str, Any]]]:
    with path.open("rb") as file:
        header = file.read(ALIGNED)
        if not header.startswith(MAGIC):
            raise StoreDamaged(path=path, reason="it does not begin as a segment does")
        try:
            entries = json.loads(header[len(MAGIC) :])
            beyond = max(one["at"] + 4 * int(np.prod(one["shape"])) for one in entries.values())
        except (ValueError, KeyError, TypeError) as fault:
            raise StoreDamaged(path=path, reason="its directory cannot be read") from fault
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if beyond > len(mapped):
        raise StoreDamaged(path=path, reason=f"it ends after {len(mapped)} of {beyond} bytes")
    return mapped, entries


def _array(mapped: mmap.mmap, entry: dict[str, Any]) -> Words:
    shape: tuple[int, ...] = tuple(entry["shape"])
    count = int(np.prod(shape))
    return np.frombuffer(mapped, np.uint32, count, int(entry["at"])).reshape(shape)


def _bytes(array: Words) -> Any:
    return np.ascontiguousarray(array).data.cast("B") if array.size else b""


@njit(nogil=True, cache=True)
def _not_asked(low, beyond, asked):  # type: ignore[no-untyped-def]
    """Give the runs of pages (first, beyond) that nobody asked for yet, and remember them as asked for."""
    runs = np.empty((len(low), 2), np.int64)
    n_runs = 0
    for one in range(len(low)):
        page = low[one]
        while page < beyond[one]:
            if asked[page]:
                page += 1
                continue
            first = page
            while page < beyond[one] and not asked[page]:
                asked[page] = True
                page += 1
            if n_runs == len(runs):
                runs = np.concatenate((runs, np.empty_like(runs)))
            runs[n_runs, 0], runs[n_runs, 1] = first, page
            n_runs += 1
    return runs[:n_runs]
