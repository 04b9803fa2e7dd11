"""All that can be asked of a store."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from sizao.adapters.visits import arrivals, beside, crowds, layers, seated, second_ring, sources, space_time, touched
from sizao.adapters.visits.meetings import PLAINLY, Manner
from sizao.adapters.visits.neighbours import BY_NAME, Neighbours
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.adapters.visits.seats import NO_SEATS, Seats
from sizao.adapters.visits.second_ring import Limits
from sizao.adapters.visits.space_time import SpaceTime
from sizao.engines.presences.crowding import Dilution
from sizao.engines.presences.dilution import Weights

UNLIMITED, USUAL = Limits(), Weights()


class VisitStore(OpenStore):
    """A store open for questions: who was there with cases (`companions`), and what follows from it."""

    def affected(self, windows: Sequence[Window], *, least_seconds: int, since: int) -> list[Any]:
        """
        List the cases whose companions can differ from those that the store gave at `since`, an earlier `mark`.

        Ask whole for these; the answers of the others stand. See `arrivals.affected` for what counts as news.
        """
        return arrivals.affected(self, windows, least_seconds=least_seconds, since=since)

    def touched(self, windows: Sequence[Window], *, since: int, manner: Manner = PLAINLY) -> list[Any]:
        """
        List the cases whose `by_layer`, `ranked` and `seated` can differ from those at `since`, an earlier `mark`.

        Ask `affected` for `companions`; stretches and neighbours can change where it sees no news.
        """
        return touched.touched(self, windows, manner, since=since)

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

    def companions_near(
        self, windows: Sequence[Window], *, least_seconds: int, neighbours: Neighbours = BY_NAME
    ) -> pa.Table:
        """
        Find who shared a place with each case, and who was at a place beside it at the same time.

        As `companions`, with a column `tier`: the rows "same" are its answer, the rows "neighbour" are of meetings
        of a presence of the case and one at a neighbour of its place. Who did both has two rows.
        """
        return beside.companions_near(self, windows, neighbours, least_seconds=least_seconds)

    def by_layer(self, windows: Sequence[Window], *, least_seconds: int, manner: Manner = PLAINLY) -> pa.Table:
        """
        Find who was with each case, once for each layer and tier; a venue lies in a cell: never add them up.

        A meeting is here a stretch of time without a gap, whatever pieces the sources told. Columns `case`,
        `person`, `layer`, `tier`, `minutes`, `meetings`, `first`, `last`, `days` (civil days touched), `occupancy`
        (the fewest people who met the case in one of these stays), `imputed_minutes` (of the minutes, that rest on
        a missing end) and `padded_minutes` (that rest on the difference of clocks that was allowed for).
        """
        return layers.by_layer(self, windows, manner, least_seconds=least_seconds)

    def ranked(
        self, windows: Sequence[Window], *, least_seconds: int, manner: Manner = PLAINLY, weights: Weights = USUAL
    ) -> pa.Table:
        """
        Rank the companions of the cases, one row a person and case, the highest score first.

        The columns of `by_layer`, for the layer and tier that score most, then `score` and `band` (1 to 4: half of
        the score of the case, the next 30 %, the next 15 %, the rest). See `engines.presences.dilution`.
        `layers.cuts` tells of the answer what a shorter list leaves out.
        """
        return layers.ranked(self, windows, manner, weights, least_seconds=least_seconds)

    def seated(
        self, windows: Sequence[Window], *, least_seconds: int, rules: seated.Rules, seats: Seats = NO_SEATS,
        manner: Manner = PLAINLY,
    ) -> pa.Table:  # fmt: skip
        """
        Find who shared a vehicle with each case, one row a vehicle; who sat near comes first, nobody is left out.

        `rules` come from `protocol.read_vehicles`, what is a vehicle and of which kind from `manner.places`. Columns
        `case`, `person`, `place`, `vehicle_kind`, `seating` (near, unknown, apart), `case_seat`, `seat`, `minutes`,
        `meetings`, `first`, `last`.
        """
        return seated.seated(self, windows, seats, rules, manner, least_seconds=least_seconds)

    def space_time_companions(
        self, windows: Sequence[Window], *, rule: SpaceTime, manner: Manner = PLAINLY
    ) -> pa.Table:
        """
        Find space-time companions (时空伴随者) by the rule of an annex; a tier of its own, weaker than all others.

        Columns `case`, `person`, `tier`, `minutes`, `meetings`, `first`, `last`, `place` (the cell of the longest
        dwelling), `dwell_hours` (of the person there) and `case_dwell_hours`. Whether the rule applies at all is
        the caller's to ask (`contacts.other.spacetime_enabled_default`).
        """
        return space_time.space_time_companions(self, windows, rule, manner)
