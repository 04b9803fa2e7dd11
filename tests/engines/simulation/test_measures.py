"""The measures of a policy: each does what it says, and leaves all else as it was."""

from dataclasses import astuple

import numpy as np
import pytest

from sizao.engines.simulation import care
from sizao.engines.simulation.disease import HOUSEHOLD, TRANSPORT, VENUE
from sizao.engines.simulation.orders import BEGIN, END, HOME_ISOLATION, ISOLATION, KIND
from sizao.engines.simulation.outcomes import outcome
from sizao.engines.simulation.policy import Policy, PolicyImpossible
from sizao.engines.simulation.responder import Responder, respond
from sizao.engines.simulation.spread import Outbreak
from sizao.engines.simulation.tubes import TubeQueue
from sizao.engines.simulation.world import FIRST_SLOT
from tests.engines.simulation.made_up import disease, log_of, small_city, world_of

DAYS = 30
SECOND = {"secondary": (1.0, 0.5, 0.5, 0.2, 0.2)}
SEVERE = {"severe": np.full((9, 4), 0.4), "critical": np.full((9, 4), 0.15), "death": np.full((9, 4), 0.05)}


@pytest.fixture(scope="module")
def town():
    return small_city()


def play(town, *, engine="numba", seed=5, changes=(), **measures):
    log = log_of(town)
    outbreak = Outbreak(world_of(town, log), log, disease(**dict(changes)), seed=seed, engine=engine)
    outbreak.infect(np.arange(10, 6000, 600))
    policy = Policy("tried", **measures)
    responder = Responder(outbreak, policy, days=DAYS)
    for day in range(DAYS):
        responder.step(day)
    return outbreak, responder, policy


def told(played):
    outbreak, responder, policy = played
    return outcome(outbreak, responder, policy, known=0, days=DAYS, zero_by=20)


def same(one, other):
    pairs = zip(astuple(one[1].course), astuple(other[1].course), strict=True)
    return all(np.array_equal(*pair) for pair in pairs) and np.array_equal(one[0].ledger.person, other[0].ledger.person)


class TestEachMeasure:
    @pytest.mark.parametrize(
        "idle",
        [
            {"secondary_trace_days": 3, "secondary_days": 2, "secondary_test_days": (1,)},
            {"round_pool": 10},
            {"shut_at": 10**6, "shut_days": 3, "close_at": 10**6},
            {"beds": 0, "intensive": 0},
            {"antivirals": 1.0},
            {"vaccine_from_age": 40, "vaccine_days": 9},
            {"rooms": 10**6, "vehicles": 10**6},
            {"home_test_days": (1, 2)},
            {"round_from": 4, "round_days": 3, "laboratory": 0},
            {"round_every": 4, "round_from": 10**6},
            {"laboratory": 10**6},
        ],
    )
    def test_leaves_the_outbreak_as_it_was_where_it_can_change_nothing(self, town, idle):
        """Named streams: what a measure draws shifts no other draw."""
        plain, other = play(town), play(town, **idle)
        names = [name for name in plain[1].course.__slots__ if name != "antivirals"]
        assert plain[1].course.found.sum() > 10
        for name in names:
            assert np.array_equal(getattr(plain[1].course, name), getattr(other[1].course, name)), name
        assert np.array_equal(plain[0].ledger.person, other[0].ledger.person)

    @pytest.mark.parametrize(
        "measures",
        [SECOND, {"rooms": 60, "vehicles": 2}, {"vaccinated": 0.7, "vaccine_days": 5, "vaccine_from_age": 30},
         {"shut_at": 2, "shut_level": "county", "round_every": 4, "round_pool": 10, "home_days": 3},
         {"round_every": 4, "round_days": 2, "laboratory": 90, "round_pool": 10, "move_days": 2, "seeking": 0.5}],
    )  # fmt: skip
    def test_is_the_same_compiled_and_by_numpy(self, town, measures):
        assert same(play(town, **measures), play(town, engine="numpy", **measures))


class TestSeeking:
    def test_leaves_out_the_same_people_day_after_day(self, town):
        alone = {"traced": (0, 0, 0, 0, 0), "testing": 1.0, "testing_days": 30}
        outbreak, responder, _ = play(town, **alone, seeking=0.5)
        ledger = outbreak.ledger
        early = ledger.symptomatic & (ledger.onset < DAYS - 12) & (ledger.infector >= 0)
        found = responder._found[ledger.person[early]] > 0
        # Asked every day for thirty days, nobody who comes at all is missed for long.
        assert early.sum() > 100
        assert 0.35 < found.mean() < 0.6
        assert play(town, **alone, seeking=0.0)[1].course.found.sum() == 0


class TestAlarm:
    def test_comes_with_the_first_case_and_a_few_days(self, town):
        alone = {"traced": (0, 0, 0, 0, 0)}
        usual, late = (play(town, **alone, **more)[1].course for more in ({}, {"unalarmed": 0.1, "alarm_days": 4}))
        first = [int(np.flatnonzero(course.found)[0]) for course in (usual, late)]
        assert first[1] > first[0]
        slow, quick = late.found[first[1] : first[1] + 5].mean(), late.found[first[1] + 6 : first[1] + 9].mean()
        assert quick > 4 * slow


class TestMoving:
    def test_keeps_people_at_home_until_they_are_moved(self, town):
        outbreak, responder, _ = play(town, move_days=2, traced=(0, 0, 0, 0, 0))
        held = outbreak.log.columns()
        at_home = dict(zip(held["person"][held["kind"] == HOME_ISOLATION].tolist(),
                           held["begin"][held["kind"] == HOME_ISOLATION].tolist(), strict=True))  # fmt: skip
        moved = held["kind"] == ISOLATION
        assert moved.sum() > 20
        for person, begin in zip(held["person"][moved].tolist(), held["begin"][moved].tolist(), strict=True):
            assert begin == at_home[person] + 2
        assert (held["end"] - held["begin"])[moved].tolist() == [12] * moved.sum()
        assert responder.course.moved.sum() == moved.sum()

    def test_counts_in_rooms_only_those_who_are_there(self, town):
        outbreak, responder, _ = play(town, move_days=3)
        held = outbreak.log.columns()
        for day in range(DAYS):
            inside = (held["kind"] == ISOLATION) & (held["begin"] <= day) & (day < held["end"])
            assert responder.course.rooms[day] == len(set(held["person"][inside].tolist()))


class TestRounds:
    def test_begin_when_they_are_told_to_and_take_their_days(self, town):
        rounds = {"round_every": 7, "round_from": 3, "round_days": 2, "traced": (0, 0, 0, 0, 0), "round_coverage": 1.0}
        _, responder, _ = play(town, **rounds)
        first = int(np.flatnonzero(responder.course.found)[0])
        large = np.flatnonzero(responder.course.tests >= 3000)
        expected = [day for day in range(DAYS) if day >= first + 3 and (day - first - 3) % 7 < 2]
        assert large.tolist() == expected

    def test_wait_for_a_small_laboratory(self, town):
        """Of one round, what a large laboratory finds at once a small one finds over its days, and the same people."""
        rounds = {"round_every": 100, "round_coverage": 1.0, "round_from": 1, "testing_days": 2, "traced": (0,) * 5}
        large, small = (play(town, **rounds, laboratory=tubes)[1] for tubes in (-1, 1500))
        first = int(np.flatnonzero(large.course.found)[0])
        at_once = large.course.found[first + 2]
        over_days = small.course.found[first + 2 : first + 7]
        assert at_once > 10
        assert over_days[0] < at_once
        assert over_days.sum() >= at_once * 0.7
        assert small._tubes.backlog == 0

    def test_refuse_to_begin_before_the_last_is_over(self):
        with pytest.raises(PolicyImpossible, match="the next begins after 2"):
            Policy("x", round_every=2, round_days=3)


class TestTubeQueue:
    def test_runs_tubes_in_the_order_of_days_and_places(self):
        queue = TubeQueue(100)
        place = np.arange(1, 21, 2, dtype=np.uint64) * np.uint64(2**64 // 20)
        assert queue.step(0, 250, place).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
        assert queue.backlog == 150
        # The urgent leave 50 a day; 150 wait before.
        assert queue.step(50, 100, place).tolist() == [3, 3, 3, 3, 3, 4, 4, 4, 4, 4]
        assert queue.backlog == 200

    def test_keeps_nobody_waiting_without_a_limit_and_rounds_where_the_urgent_take_all(self):
        place = np.zeros(3, np.uint64)
        assert TubeQueue(-1).step(10**9, 10**9, place).tolist() == [0, 0, 0]
        full = TubeQueue(100)
        assert full.step(100, 50, place).tolist() == [1, 1, 1]
        assert full.backlog == 50


class TestSecondRing:
    def test_keeps_the_households_of_companions_a_day_after_them(self, town):
        only_homes = {"traced": (0, 0, 1.0, 0, 0), "secondary": (1.0, 0, 0, 0, 0), "secondary_days": 3}
        outbreak, *_ = play(town, **only_homes)
        log = outbreak.log.orders
        first = {}
        for person in np.flatnonzero(log.last).tolist():
            row = log.log[log.last[person] - 1]
            first[person] = (int(row[BEGIN]), int(row[END] - row[BEGIN]))
        colleagues = [one for one, (_, days) in first.items() if days == 14 and outbreak.infected[one] == 0]
        checked = 0
        for person in colleagues:
            head = person - int(town.offset[person])
            for mate in set(range(head, head + int(town.size[person]))) - {person}:
                if first[person][0] < DAYS - 1:
                    assert mate in first
                    checked += first[mate] == (first[person][0] + 1, 3)
        assert checked > 20

    def test_tests_them_on_their_own_days(self, town):
        without, with_tests = (play(town, **SECOND, secondary_test_days=days) for days in ((), (1, 2, 3)))
        assert with_tests[1].course.tests.sum() > without[1].course.tests.sum()


class TestKeeping:
    def test_sends_companions_home_after_their_days_in_a_room(self, town):
        outbreak, *_ = play(town, quarantine_days=5, home_days=3)
        rows = outbreak.log.orders.log[: outbreak.log.count]
        at_home = rows[rows[:, KIND] == HOME_ISOLATION]
        assert len(at_home) > 20
        assert (at_home[:, END] - at_home[:, BEGIN] == 3).all()
        in_rooms = rows[(rows[:, KIND] == ISOLATION) & (rows[:, END] - rows[:, BEGIN] == 5)]
        assert len(in_rooms) == len(at_home)

    def test_never_fills_more_rooms_or_makes_more_rides_than_there_are(self, town):
        free, short = play(town), play(town, rooms=40, vehicles=2, rides=3, seats=2)
        course = short[1].course
        assert free[1].course.rooms.max() > 40 == course.rooms.max()
        assert free[1].course.moved.max() > 12 >= course.moved.max() > 0
        assert course.waiting.max() > 0 == free[1].course.waiting.max()

    def test_counts_rooms_as_the_orders_say(self, town):
        for measures in ({"rooms": 40}, {"vehicles": 1}, {"isolation_days": 3, "rooms": 25}):
            outbreak, responder, _ = play(town, **measures)
            columns = outbreak.log.columns()
            for day in range(DAYS):
                inside = (columns["kind"] == ISOLATION) & (columns["begin"] <= day) & (day < columns["end"])
                assert responder.course.rooms[day] == len(set(columns["person"][inside].tolist()))

    def test_gives_rooms_to_the_found_first(self, town):
        outbreak, responder, policy = play(town, rooms=30)
        columns = outbreak.log.columns()
        found = {*np.flatnonzero(responder._found).tolist()}
        roomed = {*columns["person"][columns["kind"] == ISOLATION].tolist()}
        companions = {*columns["person"].tolist()} - found
        assert len(roomed & found) / len(found) > len(roomed & companions) / len(companions)

    def test_keeps_at_home_who_finds_no_room(self, town):
        _, none, _ = play(town, rooms=0)
        assert none.course.rooms.max() == 0 < none.course.waiting.max()
        ledger, log = (none._outbreak.ledger, none._outbreak.log)
        columns = log.columns()
        since = dict(zip(columns["person"].tolist(), columns["begin"].tolist(), strict=True))
        later = [
            layer
            for infector, layer, day in zip(
                ledger.infector.tolist(), ledger.layer.tolist(), ledger.day.tolist(), strict=True
            )
            if since.get(infector, DAYS) <= day < since.get(infector, DAYS) + 10
        ]
        assert len(later) > 3
        assert set(later) == {HOUSEHOLD}


class TestAreas:
    def test_stay_closed_until_so_many_days_after_the_last_case(self, town):
        outbreak, responder, _ = play(town, close_at=1, close_days=4, close_level="town", traced=(0, 0, 0, 0, 0))
        spans = {}
        for zone, begin, end, _ in outbreak.log.area_rows:
            spans.setdefault(zone, []).append((begin, end))
        longest = max(ends[-1][1] - ends[0][0] for ends in spans.values())
        assert longest > 4
        assert responder.course.closed.max() <= town.people
        for ends in spans.values():
            assert all(one[1] <= other[0] for one, other in zip(ends, ends[1:], strict=False))

    def test_with_shut_venues_see_infection_next_door_and_at_no_venue(self, town):
        outbreak, *_ = play(town, shut_at=8, shut_level="province", shut_days=40)
        ledger = outbreak.ledger
        begin = outbreak.log.area_rows[0][1]
        next_door = np.append(np.zeros(FIRST_SLOT, np.int64), outbreak.world.slots.near)[ledger.place >> 44] > 0
        at_venue = (ledger.layer >= VENUE) & ~next_door
        assert at_venue[ledger.day < begin].any()
        assert not at_venue[ledger.day >= begin].any()
        assert next_door[ledger.day >= begin].any()
        assert (ledger.layer[ledger.day >= begin] < VENUE).any()
        assert (ledger.layer != TRANSPORT)[ledger.day >= begin].all()


class TestMedicines:
    def test_protect_the_old_who_had_no_third_dose(self, town):
        weak = {"changes": {"susceptibility": np.ones((9, 4)) * [1.0, 1.0, 1.0, 0.0]}}
        outbreak, *_ = play(town, **weak, vaccinated=1.0, vaccine_from_age=60)
        old = outbreak.ledger.person[10:]
        assert len(old) > 10
        assert (town.age[old] < 60).all()
        free, *_ = play(town, **weak)
        assert (town.age[free.ledger.person[10:]] >= 60).any()
        assert town.doses is not outbreak.world.city.doses

    def test_protect_nobody_before_a_dose_works(self, town):
        free, late = play(town), play(town, vaccinated=1.0, vaccine_from_age=0, vaccine_days=1)
        early = [one[0].ledger.person[one[0].ledger.day < 14].tolist() for one in (free, late)]
        assert early[0] == early[1]

    def test_give_courses_to_the_old_found_early_until_the_stock_is_gone(self, town):
        outbreak, responder, _ = play(town, antivirals=1.0, antiviral_from_age=50)
        given = responder.course.antivirals.sum()
        people = np.concatenate(responder.antivirals._treated)
        assert given == len(people) == len(set(people.tolist())) > 3
        assert (town.age[people] >= 50).all()
        assert play(town, antivirals=1.0, antiviral_from_age=50, antiviral_stock=3)[1].course.antivirals.sum() == 3

    def test_spare_some_of_the_treated_and_nobody_else(self, town):
        cruel = {"changes": SEVERE, "traced": (0, 0, 0, 0, 0)}
        free, treated = (told(play(town, **cruel, antivirals=share, antiviral_from_age=0)) for share in (0.0, 1.0))
        assert treated.antivirals > 20
        assert treated.beds < free.beds
        assert treated.deaths <= free.deaths
        assert (free.size, free.found, free.rooms) == (treated.size, treated.found, treated.rooms)


class TestOutcome:
    def test_counts_who_found_no_bed_and_who_died_of_it(self, town):
        cruel = {"changes": SEVERE}
        enough, none = told(play(town, **cruel)), told(play(town, **cruel, beds=0, intensive=0))
        assert none.beds == none.intensive == 0 < enough.intensive < enough.beds
        assert enough.no_bed == enough.no_intensive == 0
        assert none.no_bed > none.no_intensive > 0
        assert enough.deaths < none.deaths < enough.deaths + none.no_intensive
        few = told(play(town, **cruel, beds=5, intensive=2))
        assert (few.beds, few.intensive) == (5, 2)
        assert enough.deaths <= few.deaths <= none.deaths

    def test_lays_the_same_with_room_for_all_as_with_a_queue_that_never_fills(self, town):
        outbreak, *_ = play(town, changes=SEVERE)
        ledger = outbreak.ledger
        person = ledger.person.astype(np.int64)
        fates = care.fates(5, outbreak.disease, person, ledger.onset.astype(np.int64), person * 0, person * 0)
        ill = care.Fates(*(column[fates.severe != care.NEVER] for column in fates))
        for free, queued in zip(
            care.wards(ill, beds=-1, intensive=-1, days=range(90)),
            care.wards(ill, beds=10**6, intensive=10**6, days=range(90)),
            strict=True,
        ):
            assert free.taken.max() > 5
            assert all(np.array_equal(one, other) for one, other in zip(free, queued, strict=True))

    def test_tells_duration_vehicles_and_days(self, town):
        outbreak, responder, policy = play(town, rides=2, seats=3)
        found = told((outbreak, responder, policy))
        assert found.days == outbreak.ledger.day.max()
        assert found.zero == int(found.days < 20)
        assert found.vehicles == -(-responder.course.moved.max() // 6)
        assert found.by_day[0].sum() == found.size - 10
        assert found.by_day[1].sum() == found.found
        assert found.by_day[2].max() == found.rooms


class TestRespond:
    def test_is_the_course_of_the_responder(self, town):
        log = log_of(town)
        outbreak = Outbreak(world_of(town, log), log, disease(), seed=5)
        outbreak.infect(np.arange(10, 6000, 600))
        course = respond(outbreak, Policy("tried"), days=DAYS)
        assert np.array_equal(course.found, play(town)[1].course.found)
