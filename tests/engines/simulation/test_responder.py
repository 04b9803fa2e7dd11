"""The reference responder: what it does follows from what it found, and each measure from its own stream."""

from dataclasses import astuple

import numpy as np
import pytest

from sizao.engines.simulation.ledger import Ledger
from sizao.engines.simulation.orders import ISOLATION
from sizao.engines.simulation.policy import NOTHING, Policy, PolicyImpossible
from sizao.engines.simulation.responder import respond
from sizao.engines.simulation.spread import Outbreak
from tests.engines.simulation.made_up import disease, log_of, small_city, world_of

DAYS = 30
FULL = Policy("full", close_at=4, round_every=6, result_days=1)


@pytest.fixture(scope="module")
def town():
    return small_city()


def run(town, policy, *, engine="numba", seed=5):
    log = log_of(town)
    outbreak = Outbreak(world_of(town, log), log, disease(), seed=seed, engine=engine)
    outbreak.infect(np.arange(10, 6000, 600))
    return respond(outbreak, policy, days=DAYS), outbreak


def same(one, other):
    return all(np.array_equal(left, right) for left, right in zip(astuple(one), astuple(other), strict=True))


class TestRespond:
    def test_is_the_same_compiled_and_by_numpy(self, town):
        compiled, by_numpy = (run(town, FULL, engine=engine) for engine in ("numba", "numpy"))
        assert compiled[0].found.sum() > 10
        assert same(compiled[0], by_numpy[0])
        for name in Ledger._fields:
            assert np.array_equal(getattr(compiled[1].ledger, name), getattr(by_numpy[1].ledger, name))

    def test_counts_in_rooms_whom_the_orders_keep_there(self, town):
        for policy in (FULL, Policy("at home", quarantine_at_home=True), Policy("short", isolation_days=3)):
            course, outbreak = run(town, policy)
            columns = outbreak.log.columns()
            for day in range(DAYS):
                inside = (columns["kind"] == ISOLATION) & (columns["begin"] <= day) & (day < columns["end"])
                assert course.rooms[day] == len(set(columns["person"][inside].tolist()))

    def test_finds_only_the_infected_and_not_before_a_test_could(self, town):
        course, outbreak = run(town, Policy("tests", traced=(0, 0, 0, 0, 0), result_days=2))
        held = outbreak.log.columns()
        infected = dict(zip(outbreak.ledger.person.tolist(), outbreak.ledger.onset.tolist(), strict=True))
        assert course.found.sum() == len(held["person"]) > 5
        assert all(
            begin >= infected[person] + 2
            for person, begin in zip(*(held[k].tolist() for k in ("person", "begin")), strict=True)
        )

    def test_quarantines_the_whole_household_of_a_traced_case(self, town):
        _, outbreak = run(town, Policy("homes", traced=(1, 0, 0, 0, 0), trace_days=1, test_days=()))
        held = outbreak.log.columns()
        of = {}
        for person, begin, end in zip(*(held[name].tolist() for name in ("person", "begin", "end")), strict=True):
            of.setdefault(person, []).append((begin, end))
        cases = [p for p in of if outbreak.infected[p] and of[p][0][0] < DAYS - 2]
        checked = 0
        for person in cases:
            head = person - int(town.offset[person])
            for mate in range(head, head + int(town.size[person])):
                assert mate in of
                checked += mate != person
        assert checked > 10

    def test_does_nothing_where_the_policy_is_nothing(self, town):
        course, outbreak = run(town, NOTHING)
        log = log_of(town)
        alone = Outbreak(world_of(town, log), log, disease(), seed=5)
        alone.infect(np.arange(10, 6000, 600))
        for day in range(DAYS):
            alone.step(day)
        assert np.array_equal(outbreak.ledger.person, alone.ledger.person)
        assert not course.found.any()
        assert not course.tests.any()
        assert not course.rooms.any()

    def test_a_measure_that_reaches_nobody_changes_nothing(self, town):
        """Named streams: rounds and tracing of nobody, and closing at a number never reached, leave all as it was."""
        plain = Policy("plain", traced=(0, 0, 0, 0, 0))
        idle = Policy("idle", traced=(0, 0, 0, 0, 0), round_every=3, round_coverage=0.0, close_at=10**6, cases_traced=1)
        assert same(run(town, plain)[0], run(town, idle)[0])

    def test_traces_no_more_cases_a_day_than_it_can(self, town):
        course, outbreak = run(town, Policy("none", cases_traced=0))
        assert course.rooms.any()
        assert len(outbreak.log.columns()["person"]) == course.found.sum()
        one, everyone = (run(town, Policy("few", cases_traced=limit))[1].log.count for limit in (1, -1))
        assert course.found.sum() < one < everyone

    def test_closes_a_community_with_many_cases_and_nobody_catches_it_outside_then(self, town):
        course, outbreak = run(town, Policy("close", close_at=2, close_days=5, traced=(0, 0, 0, 0, 0)))
        ledger = outbreak.ledger
        assert course.closed.any()
        for zone, begin, end, _ in outbreak.log.area_rows:
            inside = (town.community[ledger.person] == zone) & (ledger.day >= begin) & (ledger.day < end)
            assert not (ledger.layer[inside] > 0).any()

    def test_more_measures_infect_fewer(self, town):
        """Over ten pairs of runs, not in each."""
        sizes = {
            policy.name: sum(len(run(town, policy, seed=seed)[1].ledger) for seed in range(10))
            for policy in (NOTHING, Policy("tracing"), FULL)
        }
        assert sizes["full"] < sizes["tracing"] < sizes["nothing"]


class TestPolicy:
    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"testing": 1.5}, "no share"),
            ({"traced": (0.5,)}, "gives 1 shares"),
            ({"traced": (2, 0, 0, 0, 0)}, "no share"),
            ({"trace_days": -1}, "below 0"),
            ({"quarantine_days": 0}, "below 1"),
        ],
    )
    def test_refuses_what_cannot_be(self, wrong, reason):
        with pytest.raises(PolicyImpossible, match=reason):
            Policy("wrong", **wrong)
