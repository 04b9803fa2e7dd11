"""Rooms for people who wait: beside the plain twin, laws that hold for any question, and what is told of a shortage."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from sizao.engines.planning.rooms import allocate
from sizao.engines.planning.rooms_inputs import NO_ROOM, Allocation, RoomCosts, Rooms, RoomSites, RoomTravel, Waiting
from sizao.terms import RoomNeed, RoomReason
from tests.reference import rooms_plain


def people(n, **given):
    """Make people who each live alone at one door, without needs or deadline."""
    no = np.zeros(n, np.bool_)
    said = {
        "party": np.arange(1, n + 1), "due_hours": np.full(n, np.nan), "at": np.tile([114.5, 38.0], (n, 1)),
        "area": np.zeros(n, np.int64), "cluster": np.full(n, -1), "cared_for": no, "carer": no, "accessible": no,
        "family": no, "carer_bed": no, "staff": no,
    }  # fmt: skip
    return Waiting(**(said | {name: np.asarray(value) for name, value in given.items()}))


def sites_at(*longitudes, staff=()):
    at = np.array([[longitude, 38.0] for longitude in longitudes])
    return RoomSites(at, np.zeros(len(at), np.int64), np.isin(np.arange(len(at)), staff))


def rooms_of(site, **given):
    n = len(site)
    no, zero = np.zeros(n, np.bool_), np.zeros(n, np.int64)
    said = {
        "site": np.asarray(site), "building": zero, "floor": zero, "beds": np.ones(n, np.int64), "accessible": no,
        "family": no, "carer_bed": no, "people": zero, "party": zero, "cluster": np.full(n, -1),
    }  # fmt: skip
    return Rooms(**(said | {name: np.asarray(value) for name, value in given.items()}))


def some(seed, n=5, n_rooms=6, **more):
    dice = np.random.default_rng(seed)
    waiting = people(
        n, party=dice.integers(1, 4, n), due_hours=dice.choice([np.nan, -1.0, 0.2, 5.0], n),
        at=dice.normal([114.5, 38.0], 0.1, (n, 2)), accessible=dice.random(n) < 0.3, **more,
    )  # fmt: skip
    sites = RoomSites(dice.normal([114.5, 38.0], 0.1, (3, 2)), np.zeros(3, np.int64), np.zeros(3, np.bool_))
    rooms = rooms_of(
        dice.integers(0, 3, n_rooms), floor=dice.integers(0, 2, n_rooms), accessible=dice.random(n_rooms) < 0.4
    )
    return waiting, sites, rooms


def whole(seed, n=60):
    """Make households with children, carers, clusters and staff, and rooms with everything."""
    dice = np.random.default_rng(seed)
    party = np.sort(dice.integers(1, n // 2, n))
    first = np.r_[True, party[1:] != party[:-1]]
    homes, staff = dice.normal([114.5, 38.0], 0.1, (party.max() + 1, 2)), dice.random(party.max() + 1) < 0.1
    waiting = people(
        n, party=party, due_hours=dice.uniform(-2, 20, n), at=homes[party],
        cluster=dice.integers(-1, 4, n), carer=first, cared_for=~first & (dice.random(n) < 0.4),
        accessible=dice.random(n) < 0.1, carer_bed=dice.random(n) < 0.1, staff=staff[party],
    )  # fmt: skip
    sites = RoomSites(dice.normal([114.5, 38.0], 0.1, (6, 2)), np.zeros(6, np.int64), np.arange(6) == 5)
    site = dice.integers(0, 6, n)
    family = dice.random(n) < 0.4
    rooms = rooms_of(
        site, floor=dice.integers(0, 3, n), family=family, beds=np.where(family, 3, 1), accessible=dice.random(n) < 0.3,
        carer_bed=dice.random(n) < 0.3, people=(dice.random(n) < 0.1).astype(int), party=dice.integers(1, n // 2, n),
        cluster=dice.integers(-1, 4, n),
    )  # fmt: skip
    return waiting, sites, rooms


class TestBesideTheTwin:
    @pytest.mark.parametrize("seed", range(12))
    def test_the_bound_holds_and_the_value_is_near_the_best(self, seed):
        waiting, sites, rooms = some(seed)
        costs, travel = RoomCosts(), RoomTravel()
        asked = replace(costs, split=0.0)
        found = allocate(waiting, sites, rooms, costs=asked, may_share=False)
        if any(RoomReason.NO_SUCH_ROOM in said for said in found.reasons):
            return  # the twin counts those whom no room fits
        best = rooms_plain.least_value(waiting, sites, rooms, asked, travel)
        assert found.bound <= best + 1e-6
        assert found.value == pytest.approx(best, rel=1e-9)

    @pytest.mark.parametrize("seed", range(6))
    def test_never_tells_less_than_the_twin_with_households(self, seed):
        waiting, sites, rooms = some(seed)
        found = allocate(waiting, sites, rooms, may_share=False)
        best = rooms_plain.least_value(waiting, sites, rooms, RoomCosts(), RoomTravel())
        unfit = sum(RoomReason.NO_SUCH_ROOM in said for said in found.reasons)
        if not unfit:
            assert found.bound <= best + 1e-6 <= found.value + 2e-6

    def test_the_seeds_hold_questions_that_all_rooms_fit(self):
        told = [allocate(*some(seed), may_share=False).reasons for seed in range(6)]
        assert sum(not any(RoomReason.NO_SUCH_ROOM in one for one in said) for said in told) >= 3


class TestLaws:
    @pytest.mark.parametrize("seed", range(8))
    def test_needs_and_closed_loops_are_kept_and_rooms_hold_one_household(self, seed):
        waiting, sites, rooms = whole(seed)
        found = allocate(waiting, sites, rooms)
        inside = np.flatnonzero(found.room != NO_ROOM)
        assert len(inside)
        room = found.room[inside]
        for name in ("accessible", "carer_bed", "family"):
            assert (getattr(rooms, name)[room] | ~getattr(waiting, name)[inside]).all()
        assert (rooms.family[room] | ~waiting.cared_for[inside] | (rooms.people[room] > 0)).all()
        assert (sites.staff[rooms.site[room]] == waiting.staff[inside])[rooms.people[room] == 0].all()
        for one in np.unique(room):
            there = inside[room == one]
            assert len(set(waiting.party[there].tolist())) == 1
            assert len(there) + rooms.people[one] <= rooms.beds[one]
            if rooms.people[one]:
                assert set(waiting.party[there].tolist()) == {rooms.party[one]}

    @pytest.mark.parametrize("seed", range(8))
    def test_nobody_cared_for_is_alone(self, seed):
        waiting, sites, rooms = whole(seed)
        found = allocate(waiting, sites, rooms)
        for one in np.flatnonzero(waiting.cared_for & (found.room != NO_ROOM)):
            with_them = (found.room == found.room[one]) & ~waiting.cared_for
            assert with_them.any() or rooms.people[found.room[one]]

    @pytest.mark.parametrize("seed", range(5))
    def test_the_order_of_rows_does_not_matter(self, seed):
        waiting, sites, rooms = whole(seed)
        shuffled = np.random.default_rng(seed).permutation(len(waiting))
        other = Waiting(*(getattr(waiting, field.name)[shuffled] for field in fields(Waiting)))
        one, two = allocate(waiting, sites, rooms), allocate(other, sites, rooms)
        assert two.value == pytest.approx(one.value)
        assert two.bound == pytest.approx(one.bound)
        assert (two.room == one.room[shuffled]).all()

    @pytest.mark.parametrize("seed", range(8))
    def test_one_more_free_room_never_leaves_more_nor_raises_the_bound(self, seed):
        waiting, sites, rooms = some(seed, n=8, n_rooms=6)
        costs = RoomCosts(split=0.0)
        before = allocate(waiting, sites, rooms, costs=costs, may_share=False)
        more = Rooms(
            *(np.append(getattr(rooms, field.name), getattr(rooms, field.name)[:1]) for field in fields(Rooms))
        )
        after = allocate(waiting, sites, more, costs=costs, may_share=False)
        assert (after.room == NO_ROOM).sum() <= (before.room == NO_ROOM).sum()
        assert after.value <= before.value + 1e-9


class TestHomesAtFewPoints:
    """Everybody of one compound has the same way everywhere, so all want the same rooms."""

    @pytest.mark.parametrize("seed", range(12))
    def test_nobody_is_left_while_a_room_that_fits_is_free(self, seed):
        waiting, sites, rooms = at_points(seed)
        found = allocate(waiting, sites, rooms)
        assert (found.room != NO_ROOM).sum() == most_placed(waiting, rooms)
        assert 0 <= found.gap < np.inf

    @pytest.mark.parametrize("points", [1, 3])
    def test_five_hundred_find_the_rooms_of_forty_small_sites(self, points):
        waiting, sites, rooms = at_points(1, n=500, n_sites=40, points=points, spare=1.05)
        found = allocate(waiting, sites, rooms)
        assert (found.room != NO_ROOM).all()
        assert 0 <= found.gap < 0.02

    def test_a_bound_of_nothing_is_a_gap_that_is_not_known(self):
        assert np.isnan(Allocation(np.zeros(1, np.int64), ((),), np.zeros(1), 2.0, 0.0, ()).gap)


def at_points(seed, *, n=60, n_sites=30, points=2, spare=1.1):
    """Make people who live at a few points, some of them with a need, and many sites of a few rooms each."""
    dice = np.random.default_rng(seed)
    homes = dice.normal([114.5, 38.0], 0.1, (points, 2))
    waiting = people(
        n, at=homes[dice.integers(0, points, n)], due_hours=dice.choice([np.nan, -1.0, 3.0], n),
        accessible=dice.random(n) < 0.1,
    )  # fmt: skip
    sites = RoomSites(
        dice.normal([114.5, 38.0], 0.3, (n_sites, 2)), np.zeros(n_sites, np.int64), np.zeros(n_sites, bool)
    )
    n_rooms = int(n * spare)
    return waiting, sites, rooms_of(dice.integers(0, n_sites, n_rooms), accessible=dice.random(n_rooms) < 0.15)


def most_placed(waiting, rooms):
    """Count by a maximum matching how many people, each in a room of their own, could have one that fits."""
    fits = rooms.accessible[None, :] | ~waiting.accessible[:, None]
    return int((maximum_bipartite_matching(csr_array(fits), perm_type="column") >= 0).sum())


class TestWhoGoesWhere:
    def test_the_most_urgent_gets_the_last_room(self):
        found = allocate(people(2, due_hours=[20.0, 1.0]), sites_at(114.5), rooms_of([0]))
        assert found.room.tolist() == [NO_ROOM, 0]
        assert found.reasons[0] == (RoomReason.ALL_TAKEN,)

    def test_a_household_shares_only_when_rooms_run_out(self):
        waiting = people(2, party=[7, 7])
        apart = allocate(waiting, sites_at(114.5), rooms_of([0, 0], beds=[2, 1]))
        assert len(set(apart.room.tolist())) == 2
        shared = allocate(waiting, sites_at(114.5), rooms_of([0], beds=[2]))
        assert shared.room.tolist() == [0, 0]
        assert RoomReason.HOUSEHOLD in shared.reasons[0]
        alone = allocate(waiting, sites_at(114.5), rooms_of([0], beds=[2]), may_share=False)
        assert sorted(alone.room.tolist()) == [NO_ROOM, 0]

    def test_a_child_joins_their_household_that_is_in_a_room_already(self):
        rooms = rooms_of([0], beds=[2], family=[True], people=[1], party=[7])
        found = allocate(people(1, party=[7], cared_for=[True]), sites_at(114.5), rooms)
        assert found.room.tolist() == [0]
        assert RoomReason.WITH_CARER in found.reasons[0]

    def test_a_child_without_a_carer_is_told_and_not_placed(self):
        found = allocate(people(1, cared_for=[True]), sites_at(114.5), rooms_of([0], beds=[2], family=[True]))
        assert found.room.tolist() == [NO_ROOM]
        assert found.reasons == ((RoomReason.NO_CARER,),)

    def test_clusters_come_to_lie_on_floors_of_their_own(self):
        waiting = people(4, cluster=[1, 2, 1, 2])
        found = allocate(waiting, sites_at(114.5), rooms_of([0] * 4, floor=[0, 0, 1, 1]))
        floors = np.array([0, 0, 1, 1])[found.room]
        assert floors[0] == floors[2] != floors[1] == floors[3]
        assert all(RoomReason.CLUSTER_APART in said for said in found.reasons)

    def test_staff_and_isolated_people_are_never_at_one_site(self):
        found = allocate(people(2, staff=[True, False]), sites_at(114.5, 114.6, staff=(1,)), rooms_of([0, 0, 1]))
        assert [(0, 0, 1)[room] for room in found.room] == [1, 0]

    def test_a_county_stands_in_for_a_way_that_is_not_known(self):
        waiting = people(1, at=[[np.nan, np.nan]], area=[130123])
        sites = RoomSites(np.array([[114.5, 38.0], [114.6, 38.0]]), np.array([130182, 130123]), np.zeros(2, np.bool_))
        found = allocate(waiting, sites, rooms_of([0, 1]))
        assert found.room.tolist() == [1]
        assert found.hours[0] == RoomTravel().own_county_hours

    def test_nobody_waiting_is_an_empty_answer(self):
        found = allocate(people(0), sites_at(114.5), rooms_of([0]))
        assert (len(found.room), found.value, found.bound, found.gap, found.shortages) == (0, 0, 0, 0, ())


class TestShortages:
    def test_name_the_need_and_how_many_rooms_it_lacks(self):
        waiting = people(3, accessible=[True, True, False])
        found = allocate(waiting, sites_at(114.5), rooms_of([0] * 5, accessible=[True, *[False] * 4]))
        [short] = found.shortages
        assert (short.needs, short.needed, short.given, short.lacking) == ((RoomNeed.ACCESSIBLE,), 2, 1, 1)

    def test_say_when_any_room_would_do(self):
        found = allocate(people(3), sites_at(114.5), rooms_of([0]))
        [short] = found.shortages
        assert (short.needs, short.needed, short.given, short.people) == ((), 3, 1, 2)
