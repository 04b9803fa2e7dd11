"""All that can be asked of a store."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from sizao.adapters.visits import arrivals, crowds, second_ring, sources
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.adapters.visits.second_ring import Limits
from sizao.engines.presences.crowding import Dilution

UNLIMITED = Limits()


class VisitStore(OpenStore):
    """A store open for questions: who was there with cases (`companions`), and what follows from it."""

    def affected(self, windows: Sequence[Window], *, least_seconds: int, since: int) -> list[Any]:
        """
        List the cases whose companions can differ from those that the store gave at `since`, an earlier `mark`.

        Ask whole for these; the answers of the others stand. See `arrivals.affected` for what counts as news.
        """
        return arrivals.affected(self, windows, least_seconds=least_seconds, since=since)

    def common_sources(self, windows: Sequence[Window], *, span_seconds: int, least_seconds: int) -> pa.Table:
        """
        Rank what links several cases, each `Window` being its time before it fell ill; see `sources.SOURCES`.

        `from` and `to` are the span, `first` and `last` when the cases were there.
        """
        return sources.common_sources(self, windows, span_seconds=span_seconds, least_seconds=least_seconds)

    def visitors(self, place: Any, start: int, end: int, *, least_seconds: int) -> pa.Table:
        """List who was at a place within a span for at least so long, the longest first."""
        return sources.visitors(self, place, start, end, least_seconds=least_seconds)

    def visitors_of(self, found: pa.Table, *, least_seconds: int) -> pa.Table:
        """List who was at each span of an answer of `common_sources`, with its place, from and to before."""
        return sources.visitors_of(self, found, least_seconds=least_seconds)

    def second_ring(self, windows: Sequence[Window], *, least_seconds: int, limits: Limits = UNLIMITED) -> pa.Table:
        """
        List who met a contact of a case after that contact's first exposure, the longest first.

        Columns `person`, `minutes` (of its presences that count, while any contact was there), `meetings` (those
        presences), `first`, `last`, `contact` (one met at `first`) and `contact_exposed` (since when it counts).
        """
        return second_ring.second_ring(self, windows, limits, least_seconds=least_seconds)

    def hotspots(self, windows: Sequence[Window], *, since: int | None = None, until: int | None = None) -> pa.Table:
        """
        List the places where cases spent infectious time since a moment, the most first.

        Columns `place`, `minutes` (of all cases), `cases`, `expected_cases` (were cases like everybody who was in
        the store's presences), `visitors` (distinct people), `first` and `last` (of the cases).
        """
        return crowds.hotspots(self, windows, since=since, until=until)

    def crowding(self, windows: Sequence[Window], *, least_seconds: int) -> pa.Table:
        """
        List the companions of each case, the closest first.

        Columns `case`, `person`, `minutes`, `weighted_minutes` (each meeting divided by how many met the case
        there) and `smallest_crowd` (the smallest of these numbers).
        """
        return crowds.crowding(self, windows, least_seconds=least_seconds)

    def dilution(self, windows: Sequence[Window], *, least_seconds: int, keep: int) -> Dilution:
        """Say how companions are spread by minutes and crowds, and what keeping the closest leaves out."""
        return crowds.dilution(self.crowding(windows, least_seconds=least_seconds), keep=keep)
