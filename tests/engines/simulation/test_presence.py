"""Who is where: the same from both sides, from both engines, and as the plain twin says."""

from collections import defaultdict

import numpy as np
import pytest

from sizao.engines.simulation import presence, presence_arrays, slots, world
from sizao.engines.simulation.orders import AREA_CLOSED, HOME_ISOLATION, ISOLATION, TRAVEL_BANNED, VENUES_CLOSED
from sizao.engines.simulation.slots import SLOTS, VILLAGE_SLOTS, Slot, SlotsOverlap
from sizao.engines.simulation.world import CLOSED_IN, QuotaTooGreat
from tests.engines.simulation.made_up import log_of, small_city, world_of
from tests.reference.simulation_city import Twin

COLUMNS = ("person", "place", "start", "end")
EVERYBODY = np.arange(6000)


@pytest.fixture(scope="module")
def ordered():
    """A city under orders of every kind, and its twin."""
    town = small_city()
    log = log_of(town)
    held = [(person, 1, 3, ISOLATION) for person in range(0, 200, 3)]
    held += [(person, 2, 6, HOME_ISOLATION) for person in range(0, 400, 5)]
    base = town.zones.base
    areas = [
        (2, 3, 5, AREA_CLOSED),
        (int(base[1]) + 1, 2, 4, VENUES_CLOSED),
        (int(base[2]), 4, 6, TRAVEL_BANNED),
        (int(base[2]) + 1, 5, 6, VENUES_CLOSED),
    ]
    for person, begin, end, kind in held:
        log.hold(np.array([person]), begin, end, kind)
    for area in areas:
        log.order_area(*area)
    moving = world_of(town, log)
    return moving, Twin(moving, held, areas)


def rows(columns, names=COLUMNS):
    return sorted(zip(*(getattr(columns, name).tolist() for name in names), strict=True))


class TestVisits:
    def test_are_those_of_the_plain_twin(self, ordered):
        moving, twin = ordered
        people, days = np.r_[0:120, 2500:2560, 5000:5040], np.array([-1, 2, 3, 4, 5])
        expected = [
            (person, place, day * 86_400 + start, day * 86_400 + end)
            for person in people.tolist()
            for day in days.tolist()
            for place, start, end in twin.presences(person, day)
        ]
        for engine in ("numba", "numpy"):
            assert rows(presence.visits(moving, people, days, engine=engine)) == sorted(expected)

    def test_are_regenerated_equal_byte_for_byte(self, ordered):
        """Any record again, whatever is asked beside it, in whichever order, by whichever engine."""
        moving, _ = ordered
        whole = presence.visits(moving, EVERYBODY, np.arange(7))
        again = presence.visits(moving, EVERYBODY, np.arange(7), engine="numpy")
        for name in COLUMNS:
            assert getattr(whole, name).tobytes() == getattr(again, name).tobytes()
        for person in (17, 5999):
            alone = presence.visits(moving, np.array([person]), np.array([5]))
            own = (whole.person == person) & (whole.start // 86_400 == 5)
            for name in COLUMNS:
                assert getattr(alone, name).tobytes() == getattr(whole, name)[own].tobytes()

    def test_never_overlap_for_one_person(self, ordered):
        found = presence.visits(ordered[0], EVERYBODY, np.arange(7))
        rank = np.lexsort((found.start, found.person))
        person, start, end = (getattr(found, name)[rank] for name in ("person", "start", "end"))
        assert (end > start).all()
        follows = person[1:] == person[:-1]
        assert (start[1:] >= end[:-1])[follows].all()

    def test_keep_the_habits_of_a_week_and_change_the_rest(self, ordered):
        moving, _ = ordered
        weekly = np.isin(np.arange(8), np.flatnonzero(moving.slots.weekly))
        places = [defaultdict(set), defaultdict(set)]
        found = presence.visits(moving, np.arange(2400, 4000), np.arange(7, 11), with_homes=False)
        for person, place in zip(found.person.tolist(), found.place.tolist(), strict=True):
            if place >> 44 >= 2:
                places[int(weekly[(place >> 44) - 2])][person, place >> 44].add(place)
        assert all(len(seen) == 1 for seen in places[1].values())
        assert any(len(seen) > 1 for seen in places[0].values())

    def test_in_a_closed_area_are_at_home_but_for_neighbours(self, ordered):
        moving, _ = ordered
        town = moving.city
        there = np.flatnonzero(
            (town.community == 2) & (presence_arrays.standings(moving, EVERYBODY, EVERYBODY * 0 + 4) == CLOSED_IN)
        )
        found = presence.visits(moving, there, np.array([3, 4]))
        kind = found.place >> 44
        near = np.append(np.zeros(2, np.int64), moving.slots.near)[kind] > 0
        assert len(there) > 200
        assert 10 < near.sum() < 0.2 * 2 * len(there)
        assert (near | (kind == 0)).all()
        # Home and neighbours fill each day without a gap, nobody in two places.
        assert (found.end - found.start).sum() == 2 * 86_400 * len(there)
        blocks = (there - town.zones.start[2]) // 40
        for person, place in zip(found.person[near].tolist(), found.place[near].tolist(), strict=True):
            assert place & ((1 << 22) - 1) == blocks[np.searchsorted(there, person)]

    def test_of_neighbours_are_the_same_people_on_all_days(self, ordered):
        moving, _ = ordered
        met = presence.look_back(moving, np.array([2600]), np.arange(14), groups=False)
        near = np.append(np.zeros(2, np.int64), moving.slots.near)[met.place >> 44] > 0
        assert near.sum() > 0
        assert len(set(met.person[near].tolist())) <= 39
        assert (abs(met.person[near] - 2600) < 40).all()

    def test_of_the_isolated_are_none_and_of_those_kept_at_home_are_home(self, ordered):
        moving, _ = ordered
        assert len(presence.visits(moving, np.array([0, 3, 6]), np.array([1, 2]))) == 0
        kept = presence.visits(moving, np.array([5]), np.array([4]))
        home = 5 - int(moving.city.offset[5])
        assert rows(kept) == [(5, home, 4 * 86_400, 5 * 86_400)]
        assert len(presence.visits(moving, np.array([5]), np.array([4]), with_homes=False)) == 0


class TestVisitors:
    @pytest.mark.parametrize("engine", ["numba", "numpy"])
    def test_are_exactly_those_who_say_they_are_there(self, ordered, engine):
        moving, _ = ordered
        for day in (0, 4, 5):
            there = defaultdict(list)
            found = presence.visits(moving, EVERYBODY, np.array([day]), with_homes=False)
            for person, place in zip(found.person.tolist(), found.place.tolist(), strict=True):
                if place >> 44 >= 2:
                    there[place].append(person)
            for place in list(there)[:: 1 if engine == "numba" else 9]:
                assert presence.visitors(moving, place, day, engine=engine).tolist() == sorted(there[place])

    def test_of_a_home_are_refused(self, ordered):
        with pytest.raises(ValueError, match="is a home or a group"):
            presence.visitors(ordered[0], 5, 0)

    def test_come_from_elsewhere_too_and_stay_within_the_quota(self, ordered):
        moving, _ = ordered
        found = presence.visits(moving, EVERYBODY, np.array([1]), with_homes=False)
        zone = (found.place >> 22) & ((1 << 22) - 1)
        kind = found.place >> 44
        welcomes = moving.slots.welcomes[np.maximum(kind - 2, 0)] > 0
        own_county = moving.city.zones.of[2][moving.city.community[found.person]]
        guests = welcomes & (kind >= 2) & (zone != own_county)
        assert 90 < guests.sum() <= 125
        outbound = np.bincount(own_county[guests] - moving.city.zones.base[2], minlength=3)
        assert (outbound <= [60, 40, 25]).all()

    def test_banned_travel_sends_nobody_in_or_out(self, ordered):
        moving, _ = ordered
        found = presence.visits(moving, EVERYBODY, np.array([4]), with_homes=False)
        zone, base = (found.place >> 22) & ((1 << 22) - 1), moving.city.zones.base[2]
        at_county = (found.place >> 44 >= 2) & (zone >= base) & (zone < moving.city.zones.base[3])
        own = moving.city.zones.of[2][moving.city.community[found.person]]
        assert not (at_county & (zone != own) & ((zone == base) | (own == base))).any()


class TestLookBack:
    NAMES = ("case", *COLUMNS)

    def test_is_that_of_the_plain_twin(self, ordered):
        moving, twin = ordered
        cases, days = np.array([3, 7, 40, 2555, 5000, 5999]), np.array([4])
        expected = sorted(row for case in cases.tolist() for day in days.tolist() for row in twin.companions(case, day))
        assert len(expected) > 100
        for engine in ("numba", "numpy"):
            assert rows(presence.look_back(moving, cases, days, engine=engine), self.NAMES) == expected

    def test_is_symmetric(self, ordered):
        moving, _ = ordered
        found = rows(presence.look_back(moving, np.arange(1200), np.arange(3)), self.NAMES)
        among = {row for row in found if row[1] < 1200}
        assert len(among) > 10_000
        assert {(other, case, *rest) for case, other, *rest in among} == among

    def test_may_leave_out_class_and_work(self, ordered):
        moving, _ = ordered
        found = presence.look_back(moving, np.arange(200), np.arange(3), groups=False)
        assert (found.place >> 44 >= 2).all()

    def test_of_nobody_is_empty(self, ordered):
        assert len(presence.look_back(ordered[0], np.zeros(0, np.int64), np.arange(3))) == 0

    def test_is_symmetric_and_the_same_by_numpy_among_hamlets_of_a_few_people(self):
        moving = world_of(small_city(900, community=9, towns=6, counties=4))
        met = rows(presence.look_back(moving, np.arange(900), np.arange(2)), self.NAMES)
        assert len(met) > 5_000
        assert {(other, case, *rest) for case, other, *rest in met} == set(met)
        found = [presence.visits(moving, np.arange(900), np.arange(3), engine=engine) for engine in ("numba", "numpy")]
        for name in COLUMNS:
            assert getattr(found[0], name).tobytes() == getattr(found[1], name).tobytes()

    def test_is_symmetric_in_half_a_million_meetings(self):
        moving = world_of(small_city(60_000, community=3000, towns=5, counties=2), travel={(0, 1): 500, (1, 0): 900})
        met = presence.look_back(moving, np.arange(0, 60_000, 10), np.arange(2))
        assert len(met) > 400_000
        back = presence.look_back(moving, np.unique(met.person), np.arange(2))
        back_rows = np.column_stack((back.person, back.case, back.place, back.start, back.end))
        own = np.column_stack((met.case, met.person, met.place, met.start, met.end))
        among = back_rows[back_rows[:, 0] % 10 == 0]
        order = [np.lexsort(table.T[::-1]) for table in (own, among)]
        assert np.array_equal(own[order[0]], among[order[1]])


class TestSlotTable:
    def test_refuses_slots_that_overlap_or_hold_nobody(self):
        slot = {"level": 1, "opens": 72_000, "closes": 75_600, "shortest": 600, "longest": 3600, "sizes": (5,)}
        going = {"working_day": {2: 0.1}, "weekend": {}}
        for wrong, reason in (
            ({"sizes": ()}, "holds nobody"),
            ({"working_day": {}}, "holds nobody"),
            ({"longest": 4000}, "does not fit"),
            ({"opens": 40_000, "closes": 44_000}, "in class or at work"),
            ({"opens": 78_000, "closes": 82_000}, "into the night"),
            ({"welcomes": True}, "another level"),
            ({"near": True, "together": True}, "each on their own"),
            ({"when_closed": 0.2}, "only neighbours"),
        ):
            with pytest.raises(SlotsOverlap, match=reason):
                slots.slot_table((Slot("x", **{**slot, **going, **wrong}),))
        with pytest.raises(SlotsOverlap, match="before evening with neighbours closes"):
            slots.slot_table((*SLOTS, Slot("x", **slot, **going)))

    def test_of_villages_keeps_people_in_their_own_more_than_that_of_towns(self):
        town = small_city()
        moving = (world_of(town), world_of(town)._replace(slots=slots.slot_table(VILLAGE_SLOTS)))
        met = [presence.look_back(one, np.arange(800), np.arange(5), groups=False) for one in moving]
        within = [float((town.community[one.case] == town.community[one.person]).mean()) for one in met]
        assert within[1] > within[0] + 0.1
        again = presence.visits(moving[1], np.arange(800), np.arange(5), engine="numpy")
        assert rows(again) == rows(presence.visits(moving[1], np.arange(800), np.arange(5)))

    def test_gives_each_seat_of_a_venue_to_it(self):
        table = slots.slot_table()
        for slot in range(len(SLOTS)):
            first, seats = table.first_seat[slot], table.seats[slot]
            widths = table.width[table.first_venue[slot] : table.first_venue[slot] + table.venues[slot]]
            venues = table.venue_of[first : first + seats]
            assert np.bincount(venues).tolist() == widths.tolist()


class TestTravel:
    @pytest.mark.parametrize("travel", [{(0, 0): 5}, {(0, 99): 5}, {(0, 1): -1}, {(0, 1): 10**6}])
    def test_refuses_quotas_that_cannot_be(self, travel):
        with pytest.raises(QuotaTooGreat):
            world_of(small_city(), travel=travel)


class TestPlaceNumber:
    def test_comes_apart_again(self):
        assert [int(part) for part in world.place_parts(world.place_number(4, 17, 23))] == [4, 17, 23]
        assert [int(part) for part in world.place_parts(world.place_number(1, 0, 1 << 30))] == [1, 0, 1 << 30]
