"""Trips of vehicles: laws of every plan, small ones beside all orders tried, and who may ride with whom."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from sizao.engines.planning.routes import straight_minutes
from sizao.engines.planning.vehicles import dispatch_greedily, one_more, plan_transfers, work_of
from sizao.engines.planning.vehicles_inputs import (
    Requests,
    Service,
    Sharing,
    TransferQuestion,
    UnderWay,
    Vehicles,
)
from sizao.engines.planning.vehicles_loads import loads_of
from sizao.engines.planning.vehicles_search import late_minutes
from sizao.terms import NotCarried, TransferKind

STEPS = 150


def requests_of(n, **given):
    no, zero = np.zeros(n, np.bool_), np.zeros(n, np.int64)
    said = {
        "party": np.arange(1, n + 1), "pick_up": zero, "drop": zero + 1, "earliest": np.zeros(n),
        "due": np.full(n, np.nan), "kind": (TransferKind.CONTACT,) * n, "strain": zero - 1, "stretcher": no,
        "wheelchair": no, "negative_pressure": no, "weight": np.ones(n),
    }  # fmt: skip
    return Requests(**(said | {name: value if name == "kind" else np.asarray(value) for name, value in given.items()}))


def vehicles_of(n, **given):
    no, zero = np.zeros(n, np.bool_), np.zeros(n, np.int64)
    said = {
        "at": zero, "base": zero, "begins": np.zeros(n), "ends": np.full(n, 600.0), "kind": zero, "seats": zero + 4,
        "stretchers": zero + 1, "wheelchairs": zero + 1, "negative_pressure": no, "bus": no, "dirty": no,
    }  # fmt: skip
    return Vehicles(**(said | {name: np.asarray(value) for name, value in given.items()}))


def between(*minutes):
    """Give places on one road, so many minutes from its start."""
    return np.abs(np.subtract.outer(np.array(minutes, float), np.array(minutes, float)))


def some(seed, n=14, n_vehicles=3, ends=600.0):
    dice = np.random.default_rng(seed)
    party = dice.integers(0, n, n)
    kinds = (TransferKind.CASE, TransferKind.CONTACT, TransferKind.HOME, TransferKind.FEVER)
    kind = tuple(kinds[one] for one in dice.integers(0, 4, n)[party])
    at = dice.normal([114.5, 38.0], 0.1, (n + 6, 2))
    requests = requests_of(
        n, party=party, pick_up=party, drop=n + dice.integers(0, 3, n), due=dice.choice([np.nan, 60.0, 200.0], n),
        earliest=dice.uniform(0, 60, n), kind=kind, wheelchair=dice.random(n) < 0.1,
        negative_pressure=np.array([one is TransferKind.CASE for one in kind]), weight=dice.uniform(1, 3, n),
    )  # fmt: skip
    vehicles = vehicles_of(
        n_vehicles, at=n + 3 + dice.integers(0, 3, n_vehicles), base=n + 3 + dice.integers(0, 3, n_vehicles),
        ends=np.full(n_vehicles, ends), kind=np.arange(n_vehicles) % 2,
        negative_pressure=np.arange(n_vehicles) % 2 == 0, dirty=dice.random(n_vehicles) < 0.5,
    )  # fmt: skip
    return TransferQuestion(requests, vehicles, straight_minutes(at, kmh=30))


def best_value(asked):
    """Try every order of loads on one vehicle, with any of them left."""
    loads = loads_of(asked)
    work = work_of(asked, loads)
    best = float(work.left.sum())
    for n in range(1, len(loads) + 1):
        for order in permutations(range(len(loads)), n):
            clock, at, value = float(work.begins[0]), int(work.at[0]), float(work.left.sum())
            for load in order:
                comes = max(clock + work.minutes[at, work.door[load]], work.earliest[load])
                value += late_minutes(work, load, comes) - work.left[load]
                clock, at = comes + work.busy[load] + work.clean, int(work.last[load])
            if all(work.fits[list(order), 0]) and clock + work.minutes[at, work.base[0]] <= work.ends[0]:
                best = min(best, value)
    return best


class TestEveryPlan:
    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("ends", [600.0, 150.0])
    def test_carries_each_once_or_says_why_not(self, seed, ends):
        asked = some(seed, ends=ends)
        plan = plan_transfers(asked, steps=STEPS)
        boarded = [row for trip in plan.trips for stop in trip.stops for row in stop.boards]
        left = [row for trip in plan.trips for stop in trip.stops for row in stop.leaves]
        assert sorted(boarded) == sorted(left)
        assert sorted([*boarded, *plan.unserved]) == list(range(len(asked.requests)))
        assert np.isnan(plan.arrives).sum() == len(plan.unserved)

    @pytest.mark.parametrize("seed", range(6))
    def test_no_vehicle_is_on_two_trips_at_once_or_late_for_its_base(self, seed):
        asked = some(seed)
        vehicles, clean = asked.vehicles, asked.service.disinfection
        for vehicle in range(len(vehicles)):
            at, clock = vehicles.at[vehicle], vehicles.begins[vehicle] + clean * vehicles.dirty[vehicle]
            for trip in (one for one in plan_transfers(asked, steps=STEPS).trips if one.vehicle == vehicle):
                assert trip.sets_out >= clock - 1e-9
                clock = trip.sets_out
                for stop in trip.stops:
                    assert stop.comes >= clock + asked.minutes[at, stop.place] - 1e-9
                    clock, at = stop.goes, stop.place
                clock += clean
                assert trip.ends == pytest.approx(clock)
            assert clock + asked.minutes[at, vehicles.base[vehicle]] <= vehicles.ends[vehicle] + 1e-6

    @pytest.mark.parametrize("seed", range(6))
    def test_needs_are_met_and_strangers_share_only_where_they_may(self, seed):
        asked = some(seed)
        requests, vehicles = asked.requests, asked.vehicles
        for trip in plan_transfers(asked, steps=STEPS).trips:
            rows = [row for stop in trip.stops for row in stop.boards]
            assert not requests.negative_pressure[rows].any() or vehicles.negative_pressure[trip.vehicle]
            assert requests.wheelchair[rows].sum() <= vehicles.wheelchairs[trip.vehicle]
            assert (~requests.wheelchair[rows]).sum() <= vehicles.seats[trip.vehicle]
            if len(set(requests.party[rows].tolist())) > 1:
                assert {requests.kind[row] for row in rows} == {TransferKind.HOME}

    @pytest.mark.parametrize("seed", range(6))
    def test_is_no_better_than_its_bound_and_no_worse_than_a_dispatcher(self, seed):
        asked = some(seed)
        plan, greedy = plan_transfers(asked, steps=STEPS), dispatch_greedily(asked)
        assert plan.bound <= plan.value + 1e-6
        assert plan.value <= greedy.value + 1e-6

    def test_is_the_same_each_time(self):
        one, two = (plan_transfers(some(3), steps=STEPS) for _ in range(2))
        assert one.trips == two.trips


class TestBesideAllOrders:
    @pytest.mark.parametrize("seed", range(8))
    def test_finds_the_best_and_its_bound_holds(self, seed):
        asked = replace(some(seed, n=6, n_vehicles=1, ends=400.0), sharing=Sharing(released=False))
        asked = replace(asked, vehicles=replace(asked.vehicles, negative_pressure=np.array([True])))
        best = best_value(asked)
        plan = plan_transfers(asked, steps=400)
        assert plan.bound <= best + 1e-6
        assert plan.value == pytest.approx(best, abs=1.0)  # driving counts a little, and is not in the value


class TestWhoRidesTogether:
    def riders(self, kind, sharing, **given):
        requests = requests_of(2, kind=(kind, kind), pick_up=[2, 3], **given)
        asked = TransferQuestion(requests, vehicles_of(1, bus=[True]), between(0, 30, 10, 12), sharing=sharing)
        return len(plan_transfers(asked, steps=20).trips)

    def test_strangers_only_where_somebody_says_so(self):
        assert self.riders(TransferKind.CONTACT, Sharing()) == 2
        assert self.riders(TransferKind.CONTACT, Sharing(contacts_in_buses=True)) == 1
        assert self.riders(TransferKind.CASE, Sharing(), strain=[4, 4]) == 2
        assert self.riders(TransferKind.CASE, Sharing(cases_of_one_strain=True), strain=[4, 4]) == 1
        assert self.riders(TransferKind.CASE, Sharing(cases_of_one_strain=True), strain=[4, 5]) == 2
        assert self.riders(TransferKind.CASE, Sharing(cases_of_one_strain=True)) == 2
        assert self.riders(TransferKind.HOME, Sharing()) == 1

    def test_a_household_rides_together_but_not_with_whoever_is_feverish(self):
        together = requests_of(2, party=[7, 7], pick_up=[2, 2])
        asked = TransferQuestion(together, vehicles_of(1), between(0, 30, 10))
        assert len(plan_transfers(asked, steps=5).trips) == 1
        apart = replace(together, kind=(TransferKind.CONTACT, TransferKind.FEVER))
        assert len(plan_transfers(replace(asked, requests=apart), steps=5).trips) == 2


class TestWhatIsTold:
    def test_why_somebody_is_on_no_trip(self):
        requests = requests_of(4, pick_up=[2, 2, -1, 3], negative_pressure=[False, True, False, False])
        asked = TransferQuestion(requests, vehicles_of(1, ends=[120.0]), between(0, 10, 20, 500))
        plan = plan_transfers(asked, steps=5)
        assert plan.unserved == {1: NotCarried.NO_VEHICLE, 2: NotCarried.NO_PLACE, 3: NotCarried.NO_TIME}

    def test_a_vehicle_under_way_begins_where_and_when_its_trip_ends(self):
        vehicles = vehicles_of(2).after(UnderWay(np.array([1]), np.array([3]), np.array([90.0]), np.array([True])))
        assert (vehicles.at[1], vehicles.begins[1], vehicles.dirty[1]) == (3, 90.0, True)
        assert (vehicles.at[0], vehicles.begins[0], vehicles.dirty[0]) == (0, 0.0, False)

    def test_what_one_more_vehicle_would_save(self):
        requests = requests_of(3, due=[60.0] * 3)
        asked = TransferQuestion(requests, vehicles_of(1), between(0, 30), Service(door=5, arrival=5, disinfection=20))
        [more] = one_more(asked, plan_transfers(asked, steps=50), steps=50)
        # One after the other they arrive at 40, 130 and 220, late by 70 and 160; two vehicles are late once, by 70.
        assert more.late == pytest.approx(160.0)
        assert more.carried == 0
