"""Asking a store who shared a vehicle with a case, and what their seats say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.meetings import Manner, Met, met, people
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.adapters.visits.seats import Seats, said
from sizao.engines.presences.seats import SeatRule, seating
from sizao.engines.presences.totals import Runs, totals
from sizao.terms import Layer, Seating, Tier, VehicleKind

ORDER = (Seating.NEAR, Seating.UNKNOWN, Seating.APART)
Rules = Mapping[VehicleKind, SeatRule]


def seated(
    store: OpenStore, windows: Sequence[Window], seats: Seats, rules: Rules, manner: Manner, *, least_seconds: int
) -> pa.Table:
    """
    List who shared a vehicle with each case, once a vehicle: who sat near first, then who may have, then all others.

    Nobody is left out: who sat apart, and whose seat is not known, is listed as that.
    """
    found = [row for one in met(store, windows, manner, least_seconds=least_seconds)
             for row in _rows(store, one, seats, rules, manner)]  # fmt: skip
    found.sort(key=lambda row: (ORDER.index(row["seating"]), -row["minutes"], row["first"]))
    person, place = store.persons.known.type, store.places.known.type
    texts = dict.fromkeys(("vehicle_kind", "seating", "case_seat", "seat"), pa.string())
    counts = {"minutes": pa.float64(), "meetings": pa.int64(), "first": pa.int64(), "last": pa.int64()}
    kinds = {"case": person, "person": person, "place": place, **texts, **counts}
    table = pa.Table.from_pylist(found, pa.schema(kinds))
    for name in ("first", "last"):
        times = store.times(np.asarray(table[name]))
        table = table.set_column(table.column_names.index(name), name, times)
    return table


def _rows(store: OpenStore, one: Met, seats: Seats, rules: Rules, manner: Manner) -> Iterator[dict[str, Any]]:
    """Judge the companions of one case in vehicles; each vehicle is a group of its own."""
    pairs = zip(one.layers, one.tiers, strict=True)
    is_vehicle = np.array([layer is Layer.VEHICLE and tier is Tier.SAME for layer, tier in pairs], np.bool_)
    numbers = np.unique(one.own.run_place[is_vehicle])
    group = np.where(is_vehicle, np.searchsorted(numbers, one.own.run_place), len(numbers))
    sums = totals(one.found, Runs(group, np.ones(len(group))), utc_offset_seconds=manner.utc_offset_seconds)
    tokens = store.place_tokens.take(pa.array(numbers))
    kinds, places = manner.places.vehicle_kinds(tokens), tokens.to_pylist()
    case, *others = people(store, [one.case, *sums.person]).to_pylist()
    for row, person in enumerate(others):
        at = int(sums.group[row])
        if at == len(numbers):
            continue
        kind, place = kinds[at], places[at]
        mine, theirs = seats.of(case, place), seats.of(person, place)
        yield {
            "case": case, "person": person, "place": place, "vehicle_kind": None if kind is None else str(kind),
            "seating": str(seating(rules.get(kind) if kind else None, mine, theirs)),
            "case_seat": said(mine), "seat": said(theirs),
            "minutes": float(sums.seconds[row]) / 60, "meetings": int(sums.meetings[row]),
            "first": int(sums.first[row]), "last": int(sums.last[row]),
        }  # fmt: skip
