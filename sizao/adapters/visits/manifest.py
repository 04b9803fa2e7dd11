"""The one file that says which files are in the store; replaced as a whole, and only when all are on disk."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sizao.adapters.visits.errors import StoreBusy, StoreDamaged, StoreMissing

NAME = "manifest.json"
LOCK = "lock"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """
    A live segment: its file, how many presences, and the seconds that it covers.

    `arrived` numbers the newest arrival of which it holds anything (`Manifest.arrivals` at that time), so that a
    reader can tell what it has seen. Merging keeps the newest number, so that a merged segment is no news; where
    merging changed rows, it is an arrival of its own.
    """

    file: str
    rows: int
    first_start: int
    last_start: int
    latest_end: int
    arrived: int = 0


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A file of tokens, in the order of their numbers."""

    file: str
    rows: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What a store holds.

    `kinds` says whether persons, places and times came as integers, texts or timestamps; `batches` are the
    keys of what was ingested, so that a batch sent twice is known; `told` counts what ingesting found;
    `arrivals` counts how often anything was put in, and only ever grows.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    persons: tuple[TokenEntry, ...] = ()
    places: tuple[TokenEntry, ...] = ()
    segments: tuple[SegmentEntry, ...] = ()
    batches: tuple[str, ...] = ()
    told: dict[str, int] = field(default_factory=dict)
    next_file: int = 1
    arrivals: int = 0

    @property
    def files(self) -> set[str]:
        """Give the names of all live files."""
        tokens = {one.file for one in (*self.persons, *self.places)}
        return tokens | {one.file for one in self.segments}

    @property
    def rows(self) -> int:
        """Give how many presences the store holds."""
        return sum(one.rows for one in self.segments)

    def counted(self, found: dict[str, int]) -> "Manifest":
        """Add to what ingesting found."""
        told = {name: self.told.get(name, 0) + found.get(name, 0) for name in (*self.told, *found)}
        return replace(self, told=told)


def read(store: Path) -> Manifest:
    """Read the manifest of a store. Raise StoreMissing or StoreDamaged."""
    path = store / NAME
    try:
        found = json.loads(path.read_bytes())
        if found.pop("format") != FORMAT:
            raise StoreDamaged(path=path, reason="it has another format")
        return _manifest(found)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise StoreMissing(path=store) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise StoreDamaged(path=path, reason="it is not a manifest") from fault


def swap(store: Path, manifest: Manifest) -> None:
    """Put a manifest in the place of the one before, durably; the files that it names must be on disk."""
    beside = store / f".{NAME}"
    data = json.dumps({"format": FORMAT} | asdict(manifest), ensure_ascii=False)
    write_durably(beside, data.encode())
    beside.replace(store / NAME)
    sync_folder(store)


def write_durably(path: Path, *parts: Any) -> None:
    """Write parts one after the other and wait until the disk has them."""
    with path.open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def only_writer(store: Path) -> Iterator[None]:
    """Hold the right to write to a store, which one process has at a time. Raise StoreBusy."""
    with (store / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise StoreBusy(path=store) from fault
        yield


def sweep_leftovers(store: Path, manifest: Manifest) -> int:
    """Delete the files that a stopped writer left and that the manifest does not name; return how many."""
    kept = manifest.files
    left = [path for path in store.glob("*.part") if path.is_file()]
    left += [path for pattern in ("segment-*", "tokens-*") for path in store.glob(pattern) if path.name not in kept]
    for path in left:
        path.unlink()
    return len(left)


def _manifest(found: dict[str, Any]) -> Manifest:
    return Manifest(
        kinds=dict(found["kinds"]),
        persons=tuple(TokenEntry(**one) for one in found["persons"]),
        places=tuple(TokenEntry(**one) for one in found["places"]),
        segments=tuple(SegmentEntry(**one) for one in found["segments"]),
        batches=tuple(found["batches"]),
        told=dict(found["told"]),
        next_file=int(found["next_file"]),
        arrivals=int(found.get("arrivals", 0)),
    )
