"""Asking a store who was at the same place as a case, and who at a place beside it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.meetings import people
from sizao.adapters.visits.neighbours import Neighbours
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.engines.presences.companions import Companions, companions, own_presences, ranges
from sizao.engines.presences.summing import Ints
from sizao.terms import Tier


def companions_near(
    store: OpenStore, windows: Sequence[Window], neighbours: Neighbours, *, least_seconds: int
) -> pa.Table:
    """List companions as `companions` does, with the tier after the person, those of neighbours after them."""
    same = store.companions(windows, least_seconds=least_seconds)
    tables = [_tiered(same, Tier.SAME)]
    for case, within in store.windows_by_number(windows).items():
        found = _found(store, case, within, neighbours, least_seconds)
        tables.append(_tiered(_table(store, case, found).cast(same.schema), Tier.NEIGHBOUR))
    return pa.concat_tables(tables)


def widened(own: Ints, beside: Mapping[int, Sequence[int]]) -> Ints:
    """Give presences (rows of place, start, end) as they would be at the neighbours of their places."""
    rows = [
        (other, start, end) for place, start, end in own.tolist() for other in beside.get(place, ()) if other != place
    ]
    found = np.array(rows, np.int64).reshape(-1, 3)
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def _found(store: OpenStore, case: int, within: Ints, neighbours: Neighbours, least_seconds: int) -> Companions:
    during = store.segments_during(within)
    own = own_presences([mapped.segment for _, mapped in during], case, within)
    rows = widened(own, neighbours.beside(store.places, own[:, 0].tolist()))
    for entry, mapped in during:
        span = entry.first_start, entry.latest_end
        mapped.will_need(ranges(mapped.segment, rows, least_seconds=least_seconds, span=span))
    segments = [mapped.segment for _, mapped in during]
    return companions(segments, rows, case, least_seconds=least_seconds, tally=store.tally)


def _table(store: OpenStore, case: int, found: Companions) -> pa.Table:
    return pa.table(
        {
            "case": people(store, np.full(len(found), case)),
            "person": people(store, found.person),
            "minutes": found.seconds / 60,
            "meetings": found.meetings,
            "first": store.times(found.first),
            "last": store.times(found.last),
        }
    )


def _tiered(table: pa.Table, tier: Tier) -> pa.Table:
    return table.add_column(2, "tier", pa.array([str(tier)] * len(table), pa.string()))
