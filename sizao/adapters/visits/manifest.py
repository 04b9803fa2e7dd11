"""
Which files are in the store: a base that is replaced as a whole, and a log of the changes since.

A change is one line of the log, on disk before it counts. `read` is the one door: base and log together.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from sizao.adapters.visits.errors import StoreDamaged, StoreMissing

NAME = "manifest.json"
FORMAT = 2
Opened = TypeVar("Opened")

# A base is replaced between two looks at most this often, or something is wrong.
LOOKS = 100


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """
    A live segment: its file, how many presences, and the seconds that it covers.

    `arrived` numbers the newest arrival of which it holds anything (`Manifest.arrivals` at that time), so that a
    reader can tell what it has seen. Merging keeps the newest number, so that a merged segment is no news; where
    merging changed rows, it is an arrival of its own. `closed` counts presences whose end was closed by rule; -1
    where an earlier release did not count.
    """

    file: str
    rows: int
    first_start: int
    last_start: int
    latest_end: int
    arrived: int = 0
    closed: int = -1


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """Tokens in the order of their numbers: `size` bytes of a file from `at`, which may be that of a segment."""

    file: str
    rows: int
    checksum: int
    at: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """
    Seconds that were added to the times of a source whose clock was off.

    Presences so shifted bear `number` (see `layout.SHIFT`), so that what the source said can be worked out again.
    """

    number: int
    source: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Renewed:
    """Entries that stand in the place of those from `first` to `beyond` in a list of token entries."""

    first: int
    beyond: int
    entries: tuple[TokenEntry, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """
    What one line of the log does: a batch taken (`key`), segments added and dropped, tokens written, counts.

    `arrivals` and `next_file` are those of the manifest from then on.
    """

    key: str = ""
    arrivals: int = 0
    next_file: int = 1
    kinds: dict[str, str] = field(default_factory=dict)
    epoch: str = ""
    add: tuple[SegmentEntry, ...] = ()
    drop: tuple[str, ...] = ()
    persons: Renewed | None = None
    places: Renewed | None = None
    told: dict[str, int] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What a store holds.

    `kinds` says whether persons, places and times came as integers, texts or timestamps; `epoch` names the
    key under which tokens were made, empty where nobody said; `arrivals` counts how often anything was put in,
    and only ever grows; `told` counts what ingesting found; `log` and `keys_size` belong to the base.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    epoch: str = ""
    persons: tuple[TokenEntry, ...] = ()
    places: tuple[TokenEntry, ...] = ()
    segments: tuple[SegmentEntry, ...] = ()
    arrivals: int = 0
    told: dict[str, int] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()
    next_file: int = 1
    log: str = ""
    keys_size: int = 0

    @property
    def files(self) -> set[str]:
        """Give the names of all live files."""
        tokens = {one.file for one in (*self.persons, *self.places)}
        return tokens | {one.file for one in self.segments} | {self.log}

    @property
    def rows(self) -> int:
        """Give how many presences the store holds."""
        return sum(one.rows for one in self.segments)

    def changed(self, change: Change) -> "Manifest":
        """Give the manifest after a change."""
        kept = self.segments
        if change.drop:
            dropped = set(change.drop)
            kept = tuple(one for one in kept if one.file not in dropped)
        told = {name: self.told.get(name, 0) + change.told.get(name, 0) for name in (*self.told, *change.told)}
        return replace(
            self,
            kinds=self.kinds or change.kinds,
            epoch=self.epoch or change.epoch,
            persons=_renewed(self.persons, change.persons),
            places=_renewed(self.places, change.places),
            segments=(*kept, *change.add),
            arrivals=max(self.arrivals, change.arrivals),
            told=told,
            shifts=(*self.shifts, *change.shifts),
            next_file=max(self.next_file, change.next_file),
        )


def read(store: Path) -> Manifest:
    """Read the manifest of a store as it is now. Raise StoreMissing or StoreDamaged."""
    return read_with_changes(store)[0]


def use(store: Path, then: Callable[[Manifest], Opened]) -> Opened:
    """Open what the manifest names, and begin again where that was merged away meanwhile. Raise StoreDamaged."""
    for _ in range(LOOKS):
        manifest = read(store)
        try:
            return then(manifest)
        except (FileNotFoundError, StoreDamaged) as fault:
            if read(store) != manifest:
                continue
            if isinstance(fault, FileNotFoundError):
                raise StoreDamaged(path=fault.filename, reason="it is missing") from fault
            raise
    raise StoreDamaged(path=store, reason="it changes faster than it can be opened")


def read_with_changes(store: Path) -> tuple[Manifest, list[Change], int]:
    """Read a manifest, the changes of its log, and the bytes that they fill (a stopped writer may leave more)."""
    for _ in range(LOOKS):
        base = read_base(store)
        try:
            log = (store / base.log).read_bytes()
        except FileNotFoundError:
            continue  # the base was replaced, and its log with it, between these two lines
        manifest, changes, size = base, [], 0
        for change, size in changes_in(log, store / base.log):  # noqa: B007 — the last size is what is wanted
            manifest = manifest.changed(change)
            changes.append(change)
        return manifest, changes, size
    raise StoreDamaged(path=store / NAME, reason=f"the log that it names, {base.log}, is missing")


def read_base(store: Path) -> Manifest:
    """Read the base alone."""
    path = store / NAME
    try:
        found = json.loads(path.read_bytes())
        if found.pop("format") != FORMAT:
            raise StoreDamaged(path=path, reason="it has another format")
        return _manifest(found)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise StoreMissing(path=store) from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise StoreDamaged(path=path, reason="it is not a manifest") from fault


def base_bytes(manifest: Manifest) -> bytes:
    """Write a manifest as a base."""
    return json.dumps({"format": FORMAT} | _plainly(manifest), ensure_ascii=False, default=_plainly).encode()


def line_of(change: Change) -> bytes:
    """Write a change as a line of the log, its checksum first; what says nothing is left out."""
    told = {name: value for name, value in _plainly(change).items() if value}
    text = json.dumps(told, ensure_ascii=False, default=_plainly).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def changes_in(log: bytes, path: Path) -> Iterator[tuple[Change, int]]:
    """
    Yield each change of a log and where it ends. Raise StoreDamaged.

    What follows the last line break was being written when its writer stopped, and was never acknowledged.
    """
    at = 0
    while (end := log.find(b"\n", at)) >= 0:
        checksum, _, text = log[at:end].partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            raise StoreDamaged(path=path, reason=f"the checksum of its line at byte {at} differs")
        at = end + 1
        yield _change(json.loads(text)), at


def _plainly(one: Any) -> dict[str, Any]:
    """Give the fields of a part of a manifest; `asdict` would copy all of them deeply, once a batch."""
    return {name: getattr(one, name) for name in one.__slots__}


def _renewed(held: tuple[TokenEntry, ...], renewed: Renewed | None) -> tuple[TokenEntry, ...]:
    if renewed is None:
        return held
    return (*held[: renewed.first], *renewed.entries, *held[renewed.beyond :])


def _manifest(found: dict[str, Any]) -> Manifest:
    return Manifest(
        **found
        | {
            "persons": tuple(TokenEntry(**one) for one in found["persons"]),
            "places": tuple(TokenEntry(**one) for one in found["places"]),
            "segments": tuple(SegmentEntry(**one) for one in found["segments"]),
            "shifts": tuple(Shift(**one) for one in found["shifts"]),
        }
    )


def _change(found: dict[str, Any]) -> Change:
    parts: dict[str, Any] = {}
    for name, kind in (("add", SegmentEntry), ("shifts", Shift)):
        parts[name] = tuple(kind(**one) for one in found.get(name, ()))
    for name in ("persons", "places"):
        if name in found:
            entries = tuple(TokenEntry(**one) for one in found[name]["entries"])
            parts[name] = Renewed(found[name]["first"], found[name]["beyond"], entries)
    return Change(**found | parts | {"drop": tuple(found.get("drop", ()))})
