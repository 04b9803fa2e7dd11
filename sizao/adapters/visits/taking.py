"""A store open for writing: what batches must agree on, and how files are written before the manifest names them."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sizao.adapters.visits import segment_file
from sizao.adapters.visits.columns import Mending, Read, agree, kinds_of, settled_codes
from sizao.adapters.visits.durable import LOCK, only_writer, write_durably
from sizao.adapters.visits.errors import EpochsDiffer, NotAFolder, SegmentsMerged, TooManyShifts
from sizao.adapters.visits.held import Arrived, Changes, Held
from sizao.adapters.visits.ledger import Ledger
from sizao.adapters.visits.manifest import Change, Manifest, Renewed, SegmentEntry, Shift, TokenEntry
from sizao.adapters.visits.merging import Merging
from sizao.adapters.visits.places import NAME as PLACES
from sizao.adapters.visits.tokens import Tokens, entry_of, read_tokens, token_bytes, write_tokens
from sizao.engines.presences.joining import joined
from sizao.engines.presences.layout import IMPUTED, LENGTH, SHIFTS, Presences, Segment
from sizao.engines.presences.settling import Told
from sizao.engines.presences.sorting import Apart, lay_out_apart

# An end that nobody told is set to the next presence of the person, or to this many hours after the start.
LONGEST_HOURS = 12


@dataclass(frozen=True, slots=True)
class Intake:
    """
    How presences are taken in.

    An end that nobody told is closed after `longest_hours` at the latest; `coalesce` makes overlapping presences
    of one person at one place one. `epoch` names the key under which the tokens were made. `place_codes` maps
    codes that places had before to those of now. `shifts` gives the seconds to add to the times of a source whose
    clock is off. A `gentle` writer leaves most of the machine to those who ask.
    """

    longest_hours: float = LONGEST_HOURS
    coalesce: bool = False
    epoch: str = ""
    place_codes: Mapping[int | str, int | str] = field(default_factory=dict)
    shifts: Mapping[str, int] = field(default_factory=dict)
    gentle: bool = False


class OpenWriter:
    """
    The one writer of a store; a context that holds its lock, and merges small segments in the background.

    Keywords are those of `Intake`. Raise StoreBusy or NotAFolder on entering, StoreDamaged where the
    manifest is not whole.
    """

    ledger: Ledger
    persons: Tokens
    places: Tokens

    def __init__(self, store: Path, **intake: Any) -> None:
        self.store = store
        self.intake = Intake(**intake)
        self.longest_seconds = int(self.intake.longest_hours * 3600)
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self._is_fresh = not self.store.exists()
        try:
            self.store.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as fault:
            raise NotAFolder(path=self.store) from fault
        self._held.enter_context(only_writer(self.store))
        self.ledger = Ledger(self.store)
        kinds = self.manifest.kinds
        self.persons = read_tokens(self.store, kinds.get("person", "integers"), self.manifest.persons)
        self.places = read_tokens(self.store, kinds.get("place", "integers"), self.manifest.places)
        self.merging = Merging(self.store, self.ledger, self.write_segments)
        self.held = Held(self.store)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._held:
            self.merging.stop(quietly=fault is not None)
            if fault is not None and self._is_fresh:
                self._leave_no_trace()

    @property
    def manifest(self) -> Manifest:
        """Give what the store holds now."""
        return self.ledger.manifest

    def agreed(self, schema: pa.Schema, path: object) -> Change:
        """Begin a change with what a batch says of itself; refuse what does not go with what the store holds."""
        kinds = kinds_of(schema, path)
        agree(self.manifest.kinds, kinds)
        epoch = self._epoch(schema, path)
        if not self.manifest.kinds:
            self.persons, self.places = Tokens(kinds["person"]), Tokens(kinds["place"])
        return Change(kinds=kinds, epoch=epoch, shifts=self._new_shifts())

    def mending(self, change: Change) -> Mending:
        """Say what is done to rows on their way in."""
        numbers = {(one.source, one.seconds): one.number for one in (*self.manifest.shifts, *change.shifts)}
        shifts = {name: (numbers[name, by], by) for name, by in self.intake.shifts.items()}
        return Mending(settled_codes(self.intake.place_codes, change.kinds["place"]), shifts)

    def laid_out(self, presences: Presences) -> tuple[Apart, Told]:
        """Lay presences out as this store does."""
        return lay_out_apart(
            presences,
            n_persons=self.persons.n,
            n_places=self.places.n,
            longest_seconds=self.longest_seconds,
            coalesce=self.intake.coalesce,
        )

    def joined(self, presences: Presences, *, by_day: bool = False) -> Arrived:
        """Lay new presences, of a batch or `by_day` of a file, out as they stand beside what the store holds."""
        apart, told = self.laid_out(presences)
        changes, counts = Changes(), counted(told)
        if beside := self.held.bearing(self.manifest.segments, apart, by_day=by_day):
            both = joined(apart.parts, [rows for _, rows in beside], n_persons=self.persons.n)
            for number, (file, _) in enumerate(beside):
                changes.add(file, both.changes[both.changes[:, 0] == number, 1:])
            counts["repeated"] += both.repeated
            if both.altered:
                apart, again = self.laid_out(both.presences)
                if not self.intake.coalesce:  # else what overlapped is one already
                    counts |= {"overlapping": again.overlapping, "elsewhere": again.elsewhere}
        return Arrived(apart, counts | {"taken": len(apart)}, changes)

    def changed(self, changes: Changes) -> list[SegmentEntry]:
        """List the live segments that changes belong to. Raise SegmentsMerged where one is no longer there."""
        live = {one.file: one for one in self.manifest.segments}
        if not changes.found.keys() <= live.keys():
            raise SegmentsMerged(path=self.store)
        return [live[file] for file in changes.found]

    def write_segments(self, presences: Presences) -> tuple[list[SegmentEntry], Told]:
        """Lay presences out and write them as files that the manifest does not name yet."""
        apart, told = self.laid_out(presences)
        return [self.write_segment(one) for one in apart.parts], told

    def write_segment(self, segment: Segment) -> SegmentEntry:
        """Write a segment as a file that the manifest does not name yet."""
        name = self.ledger.next_file("segment")
        segment_file.write(self.store / name, segment)
        return entry_of_segment(name, segment)

    def write_with_tokens(self, name: str, segment: Segment) -> tuple[Renewed | None, Renewed | None]:
        """Write a segment and the tokens that are new with it into one file, which costs the disk one wait."""
        fresh = [self.persons.unwritten(), self.places.unwritten()]
        data = [token_bytes(one) if len(one) else b"" for one in fresh]
        begins = segment_file.write(self.store / name, segment, *data)
        entries = [
            entry_of(name, tokens, written, at=at) if len(tokens) else None
            for tokens, written, at in zip(fresh, data, begins, strict=True)
        ]
        return self._after(self.manifest.persons, entries[0]), self._after(self.manifest.places, entries[1])

    def write_tokens(self) -> tuple[Renewed | None, Renewed | None]:
        """Write the tokens that are new since the last commit into files of their own."""
        entries = [
            write_tokens(self.store / self.ledger.next_file("tokens"), one.unwritten()) if one.fresh else None
            for one in (self.persons, self.places)
        ]
        return self._after(self.manifest.persons, entries[0]), self._after(self.manifest.places, entries[1])

    def commit(self, change: Change) -> None:
        """
        Name new files in the manifest, as an arrival; until then they are not in the store.

        Raise SegmentsMerged where a segment that the change drops has been merged away meanwhile.
        """
        with self.ledger.turn, self.merging.dropping(change.drop) as moved:
            arrived = self.manifest.arrivals + 1
            add = tuple(replace(one, arrived=arrived) for one in change.add)
            persons, places = (self._behind(name, getattr(change, name), moved) for name in ("persons", "places"))
            self.ledger.commit(replace(change, add=add, arrivals=arrived, persons=persons, places=places))
        self.persons.taken()
        self.places.taken()

    def keep_refused(self, read: Read) -> list[Path]:
        """Keep the rows that cannot be used beside the store; return the file, if any."""
        if not read.refused.num_rows:
            return []
        folder = self.store / "refused"
        folder.mkdir(exist_ok=True)
        sink = pa.BufferOutputStream()
        pq.write_table(read.refused, sink)
        path = folder / f"{self.ledger.next_file('rows')}.parquet"
        write_durably(path, sink.getvalue())
        return [path]

    def _leave_no_trace(self) -> None:
        """Take the folder away that was made for a store of which nothing came."""
        if {one.name for one in self.store.iterdir()} <= {LOCK, PLACES}:
            for one in self.store.iterdir():
                one.unlink()
            self.store.rmdir()

    def _epoch(self, schema: pa.Schema, path: object) -> str:
        """Give the epoch of a batch's tokens, by what it or the writer says; it must be that of the store."""
        given = {self.intake.epoch, (schema.metadata or {}).get(b"epoch", b"").decode()} - {""}
        held = self.manifest.epoch
        if len(given) > 1 or (given and self.manifest.kinds and given != {held}):
            told = ", ".join(sorted(given - {held}) or given)
            raise EpochsDiffer(path=path, given=told, held=held or "no named epoch")
        return next(iter(given), held)

    def _new_shifts(self) -> tuple[Shift, ...]:
        held = {(one.source, one.seconds) for one in self.manifest.shifts}
        new = [pair for pair in self.intake.shifts.items() if pair not in held]
        if len(held) + len(new) > SHIFTS:
            raise TooManyShifts(limit=SHIFTS, path=self.store)
        return tuple(Shift(len(held) + 1 + at, *pair) for at, pair in enumerate(new))

    def _after(self, held: tuple[TokenEntry, ...], entry: TokenEntry | None) -> Renewed | None:
        return Renewed(len(held), len(held), (entry,)) if entry else None

    def _behind(self, column: str, fresh: Renewed | None, moved: Mapping[str, Renewed]) -> Renewed | None:
        """Put new tokens behind those of now: merging may have made few entries of many meanwhile."""
        n = len(getattr(self.manifest, column))
        before = moved.get(column, Renewed(n, n, ()))
        entries = (*before.entries, *(fresh.entries if fresh else ()))
        return replace(before, entries=entries) if entries else None


def entry_of_segment(name: str, segment: Segment) -> SegmentEntry:
    """Describe a segment for the manifest."""
    closed = int(np.count_nonzero(segment.by_person.records[:, LENGTH] & IMPUTED))
    return SegmentEntry(
        name, len(segment), segment.first_start, segment.last_start, segment.latest_end, closed=closed
    )  # fmt: skip


def counted(told: Told) -> dict[str, int]:
    """Give what laying out found by the words of the manifest."""
    return {
        "imputed": told.imputed,
        "repeated": told.repeated,
        "overlapping": told.overlapping,
        "elsewhere": told.elsewhere,
    }


def abandon(files: list[Path]) -> None:
    """Delete files that no manifest will name: where the disk is full, they would keep it full."""
    for path in files:
        path.unlink(missing_ok=True)
