"""Where one person was, and where and when two people were at one place: a few records, read by person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.reading import OpenStore, Window
from sizao.engines.presences.companions import own_presences
from sizao.engines.presences.stays import joined

Near = Callable[[Any], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of time without a gap at a place (its token), in seconds, half-open."""

    place: Any
    start: int
    end: int


def stays(store: OpenStore, windows: Sequence[Window]) -> list[Stay]:
    """Give the stays of one person within its windows, by start; nothing for a token that the store does not know."""
    by_number = store.windows_by_number(windows)
    return _named(store, [row for number in by_number for row in _merged(store, number, by_number[number])])


def crossings(
    store: OpenStore, windows: Sequence[Window], other: Any, *, least_seconds: int, near: Near | None = None
) -> list[Stay]:
    """
    Give the stretches that somebody spent where a case was at that time, within its windows, by start.

    With `near` the stretches are those at places that it gives for the case's own, and the place told is theirs.
    A stretch of exactly `least_seconds` counts. Nothing for a token that the store does not know.
    """
    person = int(store.persons.find(pa.array([other]))[0])
    found = []
    for number, within in store.windows_by_number(windows).items() if person >= 0 else ():
        theirs: dict[Any, list[Stay]] = {}
        for stay in _named(store, _merged(store, person, within)):
            theirs.setdefault(stay.place, []).append(stay)
        for own in _named(store, _merged(store, number, within)):
            places = (own.place,) if near is None else near(own.place)
            shared = (_shared(own, stay) for place in places for stay in theirs.get(place, ()))
            found += [stay for stay in shared if stay.end - stay.start >= max(least_seconds, 1)]
    return sorted(found, key=_by_start)


def _shared(own: Stay, other: Stay) -> Stay:
    return Stay(other.place, max(own.start, other.start), min(own.end, other.end))


def _merged(store: OpenStore, number: int, within: np.ndarray[Any, np.dtype[np.int64]]) -> list[tuple[int, int, int]]:
    """Give a person's stays as (place, start, end); pieces that overlap or touch at a place are one."""
    during = store.during(int(within[:, 0].min()), int(within[:, 1].max()))
    rows = own_presences([part.segment for part, _ in during], number, within).tolist()
    spans: dict[int, list[tuple[int, int]]] = {}
    for place, start, end in rows:
        spans.setdefault(place, []).append((start, end))
    return [(place, *span) for place, pieces in spans.items() for span in joined(pieces)]


def _named(store: OpenStore, rows: Sequence[tuple[int, int, int]]) -> list[Stay]:
    places = store.places.known.combine_chunks().take(pa.array([place for place, _, _ in rows], pa.int64())).to_pylist()
    named = [Stay(place, start, end) for place, (_, start, end) in zip(places, rows, strict=True)]
    return sorted(named, key=_by_start)


def _by_start(stay: Stay) -> tuple[int, int, str]:
    return stay.start, stay.end, str(stay.place)
