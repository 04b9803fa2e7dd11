"""A second ring that is told its contacts gives what the store would find itself; a layer keeps to its places."""

import numpy as np
import pyarrow as pa
import pytest

from sizao.adapters.visits import Limits, VisitStore, VisitWriter, Window
from sizao.adapters.visits.places import UNTOLD, Places, describe
from sizao.terms import Layer

LEAST = 600


def store_of(path, rows):
    person, place, start, end = (list(column) for column in zip(*rows, strict=True))
    with VisitWriter(path) as writer:
        writer.append(pa.record_batch({"person": person, "place": place, "start": start, "end": end}), key="one")
    return VisitStore(path)


def some(seed):
    dice = np.random.default_rng(seed)
    start = dice.integers(0, 40_000, 400)
    length = dice.integers(60, 4_000, 400)
    who, where = dice.integers(0, 40, 400), dice.integers(0, 6, 400)
    return [(f"P-{one}", f"place-{place}", int(at), int(at + long))
            for one, place, at, long in zip(who, where, start, length, strict=True)]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_of_the_contacts_that_the_store_finds_is_the_same(tmp_path, seed):
    store, windows = store_of(tmp_path, some(seed)), [Window("P-0", 0, 20_000)]
    first = store.companions(windows, least_seconds=LEAST).to_pylist()
    told = [Window(row["person"], row["first"], 2**32 - 1) for row in first]
    found = store.second_ring(windows, least_seconds=LEAST)
    again = store.second_ring(windows, least_seconds=LEAST, limits=Limits(contacts=told))
    assert again.to_pylist() == found.to_pylist()


def test_of_a_layer_knows_its_places_alone(tmp_path):
    rows = [("P-1", "bus", 0, 1000), ("P-2", "bus", 0, 1000), ("P-1", "shop", 2000, 3000), ("P-3", "shop", 2000, 3000)]
    store = store_of(tmp_path, rows)
    none = pa.nulls(1, pa.string())
    bus = pa.table({"place": ["bus"], "layer": [str(Layer.VEHICLE)], "ventilation": none, "vehicle_kind": none})
    with VisitWriter(tmp_path):
        describe(tmp_path, UNTOLD.joined(Places(bus)))
    told = [Window("P-1", 0, 5000)]

    def ring(layer):
        limits = Limits(contacts=told, layer=layer)
        return store.second_ring([], least_seconds=LEAST, limits=limits)["person"].to_pylist()

    assert (ring(Layer.VEHICLE), ring(Layer.VENUE), sorted(ring(None))) == (["P-2"], ["P-3"], ["P-2", "P-3"])


def test_of_nobody_in_time_is_empty(tmp_path):
    store = store_of(tmp_path, [("P-1", "shop", 0, 1000), ("P-2", "shop", 0, 1000)])
    for told in ([], [Window("P-1", 900, 900)], [Window("P-9", 0, 1000)]):
        assert store.second_ring([], least_seconds=LEAST, limits=Limits(contacts=told)).num_rows == 0
