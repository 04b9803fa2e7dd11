"""A store open for reading, and who was there with these cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizao.adapters.visits import manifest as manifests
from sizao.adapters.visits.manifest import Manifest, SegmentEntry, TokenEntry
from sizao.adapters.visits.segment_file import MappedSegment, open_segment
from sizao.adapters.visits.threads import Threads
from sizao.adapters.visits.tokens import Tokens, in_one_piece, read_tokens
from sizao.engines.presences.common_sources import Population, population
from sizao.engines.presences.companions import Companions, Own, Reading, own_of, ranges_of, read_for, swept
from sizao.engines.presences.summing import Tally
from sizao.engines.presences.visitors import Dated, Share, shares, visitors_of

Ints = NDArray[np.int64]

THREADS = 2
FEW = 2_000  # presences of cases: to look these up takes less time than to wake another thread
Answer = TypeVar("Answer")
Parts = Sequence[tuple[Dated, MappedSegment]]


@dataclass(frozen=True, slots=True)
class Window:
    """A case (its token) and the seconds in which it could infect, half-open; a case may have several."""

    person: Any
    start: int
    end: int


class OpenStore:
    """
    A store open for questions, as it was when it was opened; what is written later is seen by `VisitStore(path)` anew.

    Raise StoreMissing, or StoreDamaged where a directory is not what was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        manifests.use(path, lambda manifest: self._open(manifest, None))

    def refreshed(self) -> Self:
        """Give the store as it is now: itself where nothing was written, else one that shares what is still live."""
        return manifests.use(self.path, self._as_of)

    @property
    def mark(self) -> int:
        """Number what of the store has been seen; a later store tells by it what is new to its holder."""
        return self.manifest.arrivals

    @property
    def told(self) -> str:
        """Say in words what the store holds."""
        held = f"{self.manifest.rows:,} presences of {self.persons.n:,} people at {self.places.n:,} places"
        return f"{held} in {len(self.manifest.segments):,} segments"

    def unknown(self, people: Sequence[Any]) -> list[Any]:
        """List the tokens that no presence in the store bears."""
        numbers = self.persons.find(_tokens(people))
        return [token for token, number in zip(people, numbers.tolist(), strict=True) if number < 0]

    def companions(
        self, windows: Sequence[Window], *, least_seconds: int, places: NDArray[np.bool_] | None = None
    ) -> pa.Table:
        """
        Find who shared a place with each case for at least so long in one meeting.

        Columns `case`, `person` (tokens), `minutes` (of the meetings that count), `meetings`, `first` and
        `last` (start of the earliest overlap, end of the latest, as times were given). The rows of a case
        lie together, in no order. With `places`, a flag for each place by number, only these count.
        """
        answers = self.each(windows, least_seconds=least_seconds, then=self._batch, places=places)
        return pa.Table.from_batches(answers, self._schema())

    def each(
        self, windows: Sequence[Window], *, least_seconds: int, then: Callable[[int, Companions], Answer],
        places: NDArray[np.bool_] | None = None,
    ) -> list[Answer]:  # fmt: skip
        """Find the companions of each known case, and do something with them in the threads that found them."""
        by_number = self.windows_by_number(windows)
        if not by_number:
            return []
        numbers = list(by_number)
        own, readings = self.prepared(by_number, least_seconds, places)

        def answer(one: int) -> Answer:
            found = swept(readings, own, one, numbers[one], least_seconds=least_seconds, tally=self.tally)
            return then(numbers[one], found)

        return self.threads.share(answer, range(len(numbers)))

    def windows_by_number(self, windows: Sequence[Window]) -> dict[int, Ints]:
        """Map each known case's number to its windows, rows (from, to) that do not overlap."""
        by_case: dict[Any, list[Window]] = {}
        for one in windows:
            by_case.setdefault(one.person, []).append(one)
        pairs = zip(self.persons.find(_tokens(list(by_case))).tolist(), by_case, strict=True)
        return {number: windows_of(by_case[case], case) for number, case in pairs if number >= 0}

    def during(self, first: int, beyond: int) -> list[tuple[Dated, MappedSegment]]:
        """Give the segments that could hold anything of a span, half-open."""
        dated = [(Dated(mapped.segment, one.first_start, one.latest_end), mapped) for one, mapped in self._segments]
        return [pair for pair in dated if pair[0].meets(first, beyond)]

    @property
    def tally(self) -> Tally:
        """Give room to sum by person: one to a thread, empty between questions."""
        return self.threads.own(lambda: Tally(self.persons.n))

    @cached_property
    def person_tokens(self) -> pa.Array:
        """Give the tokens of persons by number, in one piece."""
        return in_one_piece(self.persons.known)

    @cached_property
    def place_tokens(self) -> pa.Array:
        """Give the tokens of places by number, in one piece."""
        return in_one_piece(self.places.known)

    def segments_during(self, windows: Ints) -> list[tuple[SegmentEntry, MappedSegment]]:
        """Give the segments, as the manifest names them, that could hold anything of some windows (from, to)."""
        first, beyond = windows[:, 0].min(), windows[:, 1].max()
        return [pair for pair in self._segments if pair[0].first_start < beyond and pair[0].latest_end > first]

    def population(self, parts: Parts) -> Population:
        """Count who and what some segments tell of; counted once."""
        key = tuple(id(mapped) for _, mapped in parts)
        if key not in self._populations:
            dated = [part for part, _ in parts]
            self._populations[key] = population(dated, n_persons=self.persons.n, n_places=self.places.n)
        return self._populations[key]

    def visitor_counts(self, parts: Parts, spans: Ints, *, least_seconds: int) -> Ints:
        """Count the different people of each span (rows of place, begins, ends); see `visitors.distinct_visitors`."""
        reads = self.threads.share(lambda pair: pair[0].ranges(spans, least_seconds=least_seconds), parts)
        for (_, mapped), rows in zip(parts, reads, strict=True):
            mapped.will_need(rows)
        free = [np.zeros(self.persons.n, np.uint32) for _ in range(THREADS)]

        def count(share: Share) -> Ints:
            marks = free.pop()
            found = visitors_of(share, spans, marks, least_seconds=least_seconds)
            free.append(marks)
            return found

        dated = [part for part, _ in parts]
        counts = self.threads.share(count, shares(list(zip(dated, reads, strict=True)), len(spans)))
        return np.concatenate([np.zeros(0, np.int64), *counts])

    def times(self, seconds: NDArray[Any]) -> pa.Array:
        """Give seconds as times were given."""
        return pa.array(seconds.astype(np.int64)).cast(self._time())

    def prepared(
        self, by_number: dict[int, Ints], least_seconds: int, places: NDArray[np.bool_] | None
    ) -> tuple[Own, list[Reading]]:
        """Give the cases' own presences and what of each segment is to be read for them, which is asked for already."""
        parts = self.segments_during(np.concatenate(list(by_number.values())))
        own = self.own_of([mapped for _, mapped in parts], by_number)
        if places is not None:
            own = own.where(places[own.rows[:, 0]])

        def read(pair: tuple[SegmentEntry, MappedSegment]) -> Reading:
            entry, mapped = pair
            span = entry.first_start, entry.latest_end
            reading = read_for(mapped.segment, own, least_seconds=least_seconds, span=span)
            mapped.will_need(reading.ranges)
            return reading

        return own, self.threads.share(read, parts, alone=len(own.rows) < FEW)

    def own_of(self, parts: Sequence[MappedSegment], by_number: dict[int, Ints]) -> Own:
        """Give the presences of some people, by number, within their windows; their pages are asked for together."""
        persons = np.array(list(by_number), np.int64)
        for mapped in parts:
            mapped.will_need_people(ranges_of(mapped.segment.by_person, persons))
        return own_of([mapped.segment for mapped in parts], by_number)

    def _as_of(self, manifest: Manifest) -> Self:
        if manifest == self.manifest:
            return self
        fresh = object.__new__(type(self))
        fresh.path = self.path
        fresh._open(manifest, self)
        return fresh

    def _open(self, manifest: Manifest, before: "OpenStore | None") -> None:
        """Map what the manifest names, and take over what a store opened before has mapped already."""
        self.manifest = manifest
        kinds, old = manifest.kinds, before.manifest if before else Manifest()
        held = (before.persons, before.places) if before else (None, None)
        names = kinds.get("person", "integers"), kinds.get("place", "integers")
        self.persons: Tokens = _tokens_of(self.path, names[0], manifest.persons, old.persons, held[0])
        self.places: Tokens = _tokens_of(self.path, names[1], manifest.places, old.places, held[1])
        mapped = dict(before._segments) if before else {}
        segments = [(one, mapped.get(one) or open_segment(self.path / one.file)) for one in manifest.segments]
        self._segments: list[tuple[SegmentEntry, MappedSegment]] = segments
        self.threads = Threads(THREADS)
        self._populations: dict[tuple[int, ...], Population] = {}

    def _schema(self) -> pa.Schema:
        kind, time = self.persons.known.type, self._time()
        names = {"case": kind, "person": kind, "minutes": pa.float64(), "meetings": pa.uint32()}
        return pa.schema(names | {"first": time, "last": time})

    def _time(self) -> pa.DataType:
        kind, _, zone = self.manifest.kinds.get("time", "seconds").partition(" ")
        return pa.int64() if kind == "seconds" else pa.timestamp("s", zone or None)

    def _batch(self, case: int, found: Companions) -> pa.RecordBatch:
        tokens = self.person_tokens
        columns = [
            pa.repeat(tokens[case], len(found)),
            taken(tokens, found.person),
            pa.array(found.seconds / 60),
            pa.array(found.meetings),
            pa.array(found.first.astype(np.int64)).cast(self._time()),
            pa.array(found.last.astype(np.int64)).cast(self._time()),
        ]
        return pa.record_batch(columns, schema=self._schema())


def taken(tokens: pa.Array, numbers: NDArray[np.uint32]) -> pa.Array:
    """Give the tokens of some numbers; integers as numbers are taken, which is several times as fast."""
    if not pa.types.is_int64(tokens.type):
        return tokens.take(pa.array(numbers))
    everything = np.frombuffer(tokens.buffers()[1], np.int64, len(tokens), tokens.offset * 8)
    return pa.array(everything.take(numbers))


def near(own: Ints, entry: SegmentEntry) -> Ints:
    """Keep the presences that could meet any of a segment."""
    return own[(own[:, 2] > entry.first_start) & (own[:, 1] < entry.latest_end)]


def windows_of(windows: Sequence[Window], person: Any) -> Ints:
    """Give the windows of one case as rows (from, to), those that overlap or touch made one."""
    merged: list[list[int]] = []
    for start, end in sorted((one.start, one.end) for one in windows if one.person == person):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array(merged, np.int64).reshape(-1, 2)


def _tokens(people: Sequence[Any]) -> pa.Array:
    return pa.array(list(people)) if people else pa.array([], pa.int64())


def _tokens_of(
    path: Path, kind: str, entries: tuple[TokenEntry, ...], before: tuple[TokenEntry, ...], held: Tokens | None
) -> Tokens:
    """Read the tokens of a column; files that a store opened before has read and checked are not read again."""
    if held is None or entries[: len(before)] != before:
        return read_tokens(path, kind, entries)
    if entries == before:
        return held
    fresh = read_tokens(path, kind, entries[len(before) :])
    return Tokens(kind, pa.chunked_array([*held.known.chunks, *fresh.known.chunks], held.known.type))
