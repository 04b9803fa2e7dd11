"""
The stays of one person: stretches of time at a place without a gap, whatever pieces its sources told.

Signalling tells one stay again and again, so that presences of one person at one place that overlap or touch
are one stay here. A stay keeps which of its time rests on a missing end (imputed) and which on the difference
of clocks that was allowed for (padded).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.presences.companions import _range_of
from sizao.engines.presences.layout import IMPUTED, LENGTH_MASK, Segment
from sizao.engines.presences.summing import Ints

Span = tuple[int, int]
Spans = list[Span]

ROW_PLACE, ROW_START, ROW_END, ROW_IMPUTED = range(4)
# Flags of a piece of time.
REST_ON_IMPUTED, REST_ON_PADDING = 1, 2


@dataclass(frozen=True, slots=True)
class Stays:
    """
    Pieces of stays, ordered by place and start, and the stays (runs) that they make up.

    Piece `i` lies at `place[i]` from `start[i]` to before `end[i]` (seconds), belongs to run `run[i]`, and bears
    `flags[i]`; pieces never overlap at one place. Run `j` lies at `run_place[j]`; `run_near[j]` says whether it
    stands for a place beside the one where the person really was.
    """

    place: Ints
    start: Ints
    end: Ints
    run: Ints
    flags: Ints
    run_place: Ints
    run_near: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.place)

    @property
    def rows(self) -> Ints:
        """Give the pieces as rows (place, start, end)."""
        return np.column_stack((self.place, self.start, self.end))


def own_rows(segments: Sequence[Segment], person: int) -> Ints:
    """Give all presences of a person as rows (place, start, end, imputed: 1 where the end was missing)."""
    found = [np.zeros((0, 4), np.int64)]
    for segment in segments:
        order = segment.by_person
        low, high = _range_of(order.keys, order.offsets, np.uint32(person))
        records = order.records[low:high]
        start = records[:, 0].astype(np.int64)
        end = start + (records[:, 1] & LENGTH_MASK)
        imputed = (records[:, 1] & IMPUTED) != 0
        found.append(np.column_stack((records[:, 2].astype(np.int64), start, end, imputed)))
    rows: Ints = np.concatenate(found)
    return rows


def stays(rows: Ints, windows: Ints, *, pad_seconds: int = 0) -> Stays:
    """
    Make a person's stays of its presences, each cut to the windows.

    `rows` are (place, start, end, imputed), `windows` (from, to), half-open, not overlapping. Each presence is
    widened by `pad_seconds` on both sides, because two clocks may differ by so much, and then cut: nothing
    outside the windows ever counts.
    """
    return _made(_by_place(rows), {}, windows.tolist(), pad_seconds, near=False)


def stays_beside(rows: Ints, neighbours: Mapping[int, Sequence[int]], windows: Ints, *, pad_seconds: int = 0) -> Stays:
    """
    Make the stays that a person would have had at the neighbours of its places, in the same time.

    `neighbours` gives those of each place. Time during which the person itself was at the neighbour is left
    out: that is the stronger finding, and no second is told twice.
    """
    own = _by_place(rows)
    widened: dict[int, list[list[int]]] = defaultdict(list)
    for place, presences in own.items():
        for other in neighbours.get(place, ()):
            if other != place:
                widened[other] += [[other, *row[1:]] for row in presences]
    return _made(widened, own, windows.tolist(), pad_seconds, near=True)


def together(one: Stays, other: Stays) -> Stays:
    """Put two sets of stays into one; the runs of the second are numbered after those of the first."""
    columns = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in Stays.__slots__}
    columns["run"] = np.concatenate([one.run, other.run + len(one.run_place)])
    rank = np.lexsort((columns["start"], columns["place"]))
    for name in ("place", "start", "end", "run", "flags"):
        columns[name] = columns[name][rank]
    return Stays(**columns)


def joined(spans: Iterable[Span]) -> Spans:
    """Make spans that overlap or touch one, in order."""
    found: list[list[int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        elif start < end:
            found.append([start, end])
    return [(start, end) for start, end in found]


def without(spans: Spans, gone: Spans) -> Spans:
    """Take some time out of spans; both are joined before."""
    left = []
    for low, high in spans:
        start = low
        for begin, until in gone:
            if until <= start or begin >= high:
                continue
            left.append((start, begin))
            start = until
        left.append((start, high))
    return [(start, end) for start, end in left if start < end]


def _by_place(rows: Ints) -> dict[int, list[list[int]]]:
    places: dict[int, list[list[int]]] = defaultdict(list)
    for row in rows.tolist():
        places[row[ROW_PLACE]].append(row)
    return places


def _made(
    widened: Mapping[int, list[list[int]]], own: Mapping[int, list[list[int]]], windows: list[list[int]],
    pad_seconds: int, *, near: bool,
) -> Stays:  # fmt: skip
    pieces: list[tuple[int, int, int, int, int]] = []
    runs: list[int] = []
    for place in sorted(widened):
        rows = widened[place]
        gone = _cut(own.get(place, []), windows, pad_seconds)
        everything = without(_cut(rows, windows, pad_seconds), gone)
        if not pad_seconds and not any(row[ROW_IMPUTED] for row in rows):  # as most are
            pieces += [(place, *span, len(runs) + at, 0) for at, span in enumerate(everything)]
            runs += [place] * len(everything)
            continue
        known = without(_cut([row for row in rows if not row[ROW_IMPUTED]], windows, pad_seconds), gone)
        told = _cut(rows, windows, 0)
        for span in everything:
            pieces += [(place, start, end, len(runs), flags) for start, end, flags in _pieces(span, known, told)]
            runs.append(place)
    place_of, start_of, end_of, run_of, flags_of = np.array(pieces, np.int64).reshape(-1, 5).T.copy()
    run_near = np.full(len(runs), near, np.bool_)
    return Stays(place_of, start_of, end_of, run_of, flags_of, np.array(runs, np.int64), run_near)


def _cut(rows: Sequence[Sequence[int]], windows: list[list[int]], pad_seconds: int) -> Spans:
    return joined(
        (max(row[ROW_START] - pad_seconds, low), min(row[ROW_END] + pad_seconds, high))
        for row in rows
        for low, high in windows
    )


def _pieces(span: Span, known: Spans, told: Spans) -> list[tuple[int, int, int]]:
    """Cut a span where what it rests on changes; each piece with its flags."""
    edges = {edge for spans in (known, told) for one in spans for edge in one if span[0] < edge < span[1]}
    cuts = [span[0], *sorted(edges), span[1]]
    return [
        (start, end, REST_ON_IMPUTED * (not _holds(known, start)) | REST_ON_PADDING * (not _holds(told, start)))
        for start, end in zip(cuts, cuts[1:], strict=False)
    ]


def _holds(spans: Spans, moment: int) -> bool:
    at = bisect_right(spans, (moment, 2**62)) - 1
    return at >= 0 and spans[at][0] <= moment < spans[at][1]
