"""Queues: nobody lost, nobody taken twice, the plain twin agrees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.simulation import queues
from tests.reference import simulation_queues as plain

# Each day: arrivals as (urgency, stay), and the capacity or places of the day.
DAYS = st.lists(st.tuples(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), max_size=8), st.integers(0, 9)),
                min_size=1, max_size=15)  # fmt: skip


def numbered(days):
    """Give each arrival a number of its own, not in the order of arrival."""
    number = iter(np.random.default_rng(len(days)).permutation(1000).tolist())
    return [([(next(number), urgency, stay) for urgency, stay in arrivals], capacity) for arrivals, capacity in days]


def batch(arrivals, now):
    who, urgency, stay = (np.array([one[at] for one in arrivals], np.int64) for at in range(3))
    return queues.arriving(who, now, urgency=urgency, stay=stay)


class TestServe:
    @settings(max_examples=100, deadline=None)
    @given(DAYS)
    def test_loses_nobody_and_serves_as_the_plain_twin(self, days):
        twin, queue, served = plain.Counter(), queues.nobody(), []
        for now, (arrivals, capacity) in enumerate(numbered(days)):
            done, queue = queues.serve(queue, batch(arrivals, now), capacity)
            assert done.who.tolist() == twin.serve([one[:2] for one in arrivals], now, capacity)
            served += done.who.tolist()
        came = [who for arrivals, _ in numbered(days) for who, _, _ in arrivals]
        assert sorted([*served, *queue.who.tolist()]) == sorted(came)

    def test_takes_the_urgent_before_those_who_wait_longer(self):
        queue = queues.arriving([4, 5], 0, urgency=1)
        done, left = queues.serve(queue, queues.arriving([9, 8], 1, urgency=[0, 1]), 2)
        assert (done.who.tolist(), left.who.tolist()) == ([9, 4], [5, 8])


class TestAdmit:
    @settings(max_examples=100, deadline=None)
    @given(DAYS)
    def test_holds_no_more_than_there_are_places_and_agrees_with_the_plain_twin(self, days):
        twin, queue, held, taken = plain.Places(), queues.nobody(), queues.no_places(), []
        before = 0
        for now, (arrivals, places) in enumerate(numbered(days)):
            got, queue, held = queues.admit(queue, batch(arrivals, now), held, places=places, now=now)
            assert got.who.tolist() == twin.admit(arrivals, now, places)
            assert dict(zip(held.who.tolist(), held.until.tolist(), strict=True)) == twin.held
            assert len(held) <= max(places, before)
            taken, before = [*taken, *got.who.tolist()], len(held)
        assert len(set(taken)) == len(taken)
        came = {who for arrivals, _ in numbered(days) for who, _, _ in arrivals}
        assert set(taken) | set(queue.who.tolist()) == came

    def test_puts_nobody_out_where_places_are_closed(self):
        _, queue, held = queues.admit(queues.nobody(), queues.arriving([1, 2], 0, stay=5), queues.no_places(),
                                      places=2, now=0)  # fmt: skip
        got, queue, held = queues.admit(queue, queues.arriving([3], 1, stay=2), held, places=1, now=1)
        assert (len(got), held.who.tolist(), queue.who.tolist()) == (0, [1, 2], [3])

    def test_fills_a_place_on_the_day_on_which_it_is_left(self):
        _, queue, held = queues.admit(queues.nobody(), queues.arriving([1, 2], 0, stay=3), queues.no_places(),
                                      places=1, now=0)  # fmt: skip
        got, _, held = queues.admit(queue, queues.nobody(), held, places=1, now=3)
        assert (got.who.tolist(), held.until.tolist()) == ([2], [6])

    def test_frees_and_forgets_who_leaves_early(self):
        held = queues.Held(np.array([1, 2]), np.array([9, 9]))
        assert queues.released(held, np.array([1])).who.tolist() == [2]
        queue = queues.arriving([3, 4], 0)
        assert queues.without(queue, np.array([3])).who.tolist() == [4]


NEEDS = st.lists(st.tuples(st.integers(-4, 20), st.integers(-1, 12), st.integers(0, 2)), max_size=30)


class TestOccupied:
    @settings(max_examples=40, deadline=None)
    @given(NEEDS, st.integers(0, 6))
    def test_agrees_with_the_plain_twin_and_holds_no_more_than_there_are(self, needs, places):
        first, length, urgency = np.array(needs, np.int64).reshape(-1, 3).T
        found = queues.occupied(first, first + length, places=places, days=range(0, 25), urgency=urgency)
        since, counts = plain.occupied(first, first + length, places, range(0, 25), urgency)
        assert {one: day for one, day in enumerate(found.since.tolist()) if day != queues.NEVER} == since
        assert list(zip(found.taken.tolist(), found.waiting.tolist(), strict=True)) == counts
        assert (found.taken <= places).all()

    def test_with_room_for_all_gives_each_a_place_at_once(self):
        first, until = np.array([3, 1, 5]), np.array([4, 9, 6])
        found = queues.occupied(first, until, places=9, days=range(0, 10))
        assert found.since.tolist() == [3, 1, 5]
        assert found.taken.sum() == (until - first).sum()
        assert found.waiting.sum() == 0


class TestRefusals:
    def test_somebody_brought_twice_is_named(self):
        with pytest.raises(queues.AlreadyInQueue, match="Number 7"):
            queues.serve(queues.arriving([7], 0), queues.arriving([7], 1), 0)
        held = queues.Held(np.array([7]), np.array([9]))
        with pytest.raises(queues.AlreadyInQueue):
            queues.admit(queues.nobody(), queues.arriving([7], 1, stay=1), held, places=3, now=1)

    def test_a_place_for_no_time_cannot_be(self):
        with pytest.raises(ValueError, match="stays for a while"):
            queues.admit(queues.nobody(), queues.arriving([7], 1), queues.no_places(), places=3, now=1)
