"""Asking a store who was with cases, by layer and tier, and how these companions rank."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from sizao.adapters.visits.meetings import Manner, Met, group_names, met_each, people
from sizao.adapters.visits.reading import OpenStore, Window
from sizao.engines.presences import dilution as engine
from sizao.engines.presences.totals import Runs, Totals, totals


def by_layer(store: OpenStore, windows: Sequence[Window], manner: Manner, *, least_seconds: int) -> pa.Table:
    """List companions once for each layer and tier in which they met a case, the longest first."""

    def table(one: Met) -> pa.Table:
        return _columns(store, one.case, _summed(one, np.ones(len(one.group)), manner))

    tables = met_each(store, windows, manner, least_seconds=least_seconds, then=table)
    return pa.concat_tables([_empty(store), *tables]).sort_by([("minutes", "descending"), ("first", "ascending")])


def ranked(
    store: OpenStore, windows: Sequence[Window], manner: Manner, weights: engine.Weights, *, least_seconds: int
) -> pa.Table:
    """List companions once for each case by score, the highest first, with the layer and tier that scored most."""

    def table(one: Met) -> pa.Table:
        return _scored(store, one, manner, weights)

    tables = met_each(store, windows, manner, least_seconds=least_seconds, then=table)
    empty = _empty(store).append_column("score", pa.array([], pa.float64()))
    empty = empty.append_column("band", pa.array([], pa.int64()))
    return pa.concat_tables([empty, *tables]).sort_by([("score", "descending"), ("minutes", "descending")])


def cuts(found: pa.Table, *, at: Sequence[int] = engine.CUTS) -> pa.Table:
    """Say of an answer of `ranked` what keeping only its first rows leaves out, one row for each length."""
    seconds = np.round(np.asarray(found["minutes"]) * 60).astype(np.int64)
    score, crowd, days = (np.asarray(found[name]) for name in ("score", "occupancy", "days"))
    rows = [asdict(one) for one in engine.cuts(score, seconds, crowd, days, at=at)]
    kinds = {"keep": pa.int64(), "left_out": pa.int64(), "share_left_out": pa.float64(),
             "longest_minutes": pa.float64(), "smallest_occupancy": pa.int64(), "most_days": pa.int64()}  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(kinds))


def _scored(store: OpenStore, one: Met, manner: Manner, weights: engine.Weights) -> pa.Table:
    airs = manner.places.ventilations(one.places)
    weight = np.array([weights.of(air, tier) for air, tier in zip(airs, one.tiers, strict=True)], np.float64)
    sums = _summed(one, weight, manner)
    score = engine.scores(sums, weights)
    chosen = engine.strongest(sums, score)
    table = _columns(store, one.case, sums).take(pa.array(chosen))
    table = table.append_column("score", pa.array(score[chosen]))
    return table.append_column("band", pa.array(engine.bands(score[chosen])))


def _summed(one: Met, weight: np.ndarray[Any, np.dtype[np.float64]], manner: Manner) -> Totals:
    return totals(one.found, Runs(one.group, weight), utc_offset_seconds=manner.utc_offset_seconds)


def _columns(store: OpenStore, case: int, sums: Totals) -> pa.Table:
    return pa.table(
        {
            "case": people(store, np.full(len(sums), case)),
            "person": people(store, sums.person),
            **group_names(sums.group),
            "minutes": sums.seconds / 60,
            "meetings": sums.meetings,
            "first": store.times(sums.first),
            "last": store.times(sums.last),
            "days": sums.days,
            "occupancy": sums.occupancy,
            "imputed_minutes": sums.imputed / 60,
            "padded_minutes": sums.padded / 60,
        }
    )


def _empty(store: OpenStore) -> pa.Table:
    none = np.zeros(0, np.int64)
    return _columns(store, 0, Totals(none, none, none, none, none, none, none, none, none, none, np.zeros(0)))
