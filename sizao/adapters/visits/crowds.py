"""Asking a store where infectious time was spent, and how much of being together was being in a crowd."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.reading import OpenStore, Window
from sizao.engines.presences import crowding as crowds
from sizao.engines.presences import hotspots as spots
from sizao.engines.presences.common_sources import CaseVisits
from sizao.engines.presences.companions import own_presences


def hotspots(store: OpenStore, windows: Sequence[Window], *, since: int | None, until: int | None) -> pa.Table:
    """List the places where cases spent infectious time in a span, the most first; without bounds, all windows."""
    by_number = store.windows_by_number(windows)
    bounds = np.concatenate([np.zeros((0, 2), np.int64), *by_number.values()])
    since = int(bounds[:, 0].min(initial=2**40)) if since is None else since
    until = int(bounds[:, 1].max(initial=0)) if until is None else until
    parts = store.during(since, until)
    own = store.own_of([mapped for _, mapped in parts], by_number)
    cases = [CaseVisits(own.of(at), within) for at, within in enumerate(by_number.values())]
    spent = spots.time_spent(cases, since=since, until=until)
    found = spots.ranked(spent, store.visitor_counts(parts, spent.spans, least_seconds=1), store.population(parts))
    return pa.table(
        {
            "place": store.place_tokens.take(pa.array(found.place)),
            "minutes": found.seconds / 60,
            "cases": found.cases.astype(np.uint32),
            "expected_cases": found.expected,
            "visitors": found.visitors.astype(np.uint32),
            "first": store.times(found.first),
            "last": store.times(found.last),
        }
    )


def crowding(store: OpenStore, windows: Sequence[Window], *, least_seconds: int) -> pa.Table:
    """List the companions of each case with the crowd in which they met, the closest of all first."""
    parts = []
    for number, within in store.windows_by_number(windows).items():
        during = store.during(int(within[:, 0].min()), int(within[:, 1].max()))
        segments = [part.segment for part, _ in during]
        own = own_presences(segments, number, within)
        parts.append(
            (number, crowds.crowding(segments, own, number, least_seconds=least_seconds, room=store.persons.n))
        )
    who = np.concatenate([np.zeros(0, np.uint32), *(found.person for _, found in parts)])
    seconds = np.concatenate([np.zeros(0, np.int64), *(found.seconds for _, found in parts)])
    weighted = np.concatenate([np.zeros(0), *(found.weighted for _, found in parts)])
    crowd = np.concatenate([np.zeros(0, np.int64), *(found.crowd for _, found in parts)])
    case = np.repeat(np.array([number for number, _ in parts], np.int64), [len(found.person) for _, found in parts])
    rank = crowds.closest_first(weighted, seconds)
    tokens = store.person_tokens
    return pa.table(
        {
            "case": tokens.take(pa.array(case[rank])),
            "person": tokens.take(pa.array(who[rank])),
            "minutes": seconds[rank] / 60,
            "weighted_minutes": weighted[rank] / 60,
            "smallest_crowd": crowd[rank],
        }
    )


def dilution(found: pa.Table, *, keep: int) -> crowds.Dilution:
    """Say of an answer of `crowding` how it is spread, and what keeping only the first rows leaves out."""
    seconds = np.round(np.asarray(found["minutes"]) * 60).astype(np.int64)
    weighted = np.asarray(found["weighted_minutes"], np.float64)
    return crowds.dilution(seconds, weighted, np.asarray(found["smallest_crowd"], np.int64), keep=keep)
