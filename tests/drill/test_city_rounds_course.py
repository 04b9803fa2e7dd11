"""The course of a round in arrays: who comes when, into which tube, box and machine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.drill.city_rounds import course
from sizao.drill.city_rounds.course import Tubes

SEED = 5


def dice():
    return np.random.default_rng(SEED)


class TestWhoCame:
    def test_comes_in_proportion_from_each_county(self):
        came = course.who_came(np.array([100, 300]), 200, dice())

        assert len(np.unique(came)) == 200
        assert ((came >= 1) & (came <= 400)).all()
        assert (came <= 100).sum() == 50

    @given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.data())
    def test_is_exactly_as_many_as_were_asked_for(self, people, data):
        wanted = data.draw(st.integers(0, sum(people)))

        came = course.who_came(np.array(people), wanted, dice())

        assert len(came) == wanted
        assert (np.diff(came) > 0).all()


class TestArrivals:
    def test_reach_the_published_points_whatever_the_paces(self):
        waiting, paces = np.array([70, 900, 30]), np.array([0.7, 1.0, 1.4])
        targets = np.array([200, 650, 1000])

        by_hour = course.arrivals(waiting, paces, targets)

        assert np.cumsum(by_hour.sum(axis=1)).tolist() == targets.tolist()
        assert (by_hour >= 0).all()
        assert by_hour.sum(axis=0).tolist() == waiting.tolist()

    def test_let_a_fast_site_be_ahead_of_a_slow_one(self):
        by_hour = course.arrivals(np.array([500, 500]), np.array([0.7, 1.4]), np.array([300, 1000]))

        assert by_hour[0, 0] > by_hour[0, 1]


class TestFilled:
    def test_everybody_once_ten_to_a_tube_in_the_order_of_the_queue(self):
        entries, site = np.arange(1, 36), np.repeat([0, 1], [23, 12])
        by_hour = np.array([[7, 0], [16, 12]])

        swabs, tubes = course.filled(entries, site, by_hour, 10)

        assert sorted(swabs.entry.tolist()) == entries.tolist()
        assert swabs.starts.tolist() == [0, 7, 35]
        assert tubes.members.tolist() == [10, 10, 3, 10, 2]
        assert tubes.site.tolist() == [0, 0, 0, 1, 1]
        # The first tube was left open by the first hour and filled in the second.
        assert (tubes.opened[0], tubes.filled[0]) == (0, 1)
        of_first = swabs.entry[swabs.tube == 0]
        assert sorted(of_first.tolist()) == list(range(1, 11))
        assert ((swabs.second >= 0) & (swabs.second < 3600)).all()


class TestCarried:
    def test_boxes_hold_what_a_site_filled_in_some_hours_and_no_more_than_they_can(self):
        tubes = Tubes(np.array([0, 0, 0, 1, 0]), np.zeros(5, int), np.array([0, 1, 3, 1, 5]), np.full(5, 10))

        boxes = course.carried(tubes, np.array([1, 2]), every_hours=4, most=2)

        assert boxes.tubes.sum() == 5
        assert boxes.tubes.max() == 2
        packed = boxes.packed[boxes.box]
        assert (packed >= tubes.filled).all()
        assert packed.tolist() == [3, 3, 3, 3, 7]
        assert (boxes.site[boxes.box] == tubes.site).all()
        assert (boxes.received - boxes.packed).tolist() == [1 if site == 0 else 2 for site in boxes.site.tolist()]


def plain_turns(earliest, capacity):
    """Serve one after the other: the first hour from theirs on in which somebody has a place."""
    used = {}
    turns = []
    hour = 0
    for since in earliest:
        hour = max(hour, since)
        while used.get(hour, 0) >= capacity:
            hour += 1
        used[hour] = used.get(hour, 0) + 1
        turns.append(hour)
    return turns


class TestReadHours:
    @given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 7), st.integers(0, 5))
    def test_serves_as_one_would_by_hand(self, received, capacity, since):
        received = np.array(sorted(received), np.int64)

        turns = course.read_hours(received, np.zeros(len(received), np.int64), np.array([capacity]), since=since)

        assert turns.tolist() == plain_turns([max(one + 1, since) for one in received.tolist()], capacity)

    def test_each_laboratory_has_a_queue_of_its_own(self):
        received, laboratory = np.zeros(6, np.int64), np.array([0, 1, 0, 1, 0, 1])

        turns = course.read_hours(received, laboratory, np.array([1, 3]))

        assert turns[laboratory == 0].tolist() == [1, 2, 3]
        assert turns[laboratory == 1].tolist() == [1, 1, 1]


@pytest.mark.parametrize("capacity", [1, 4])
def test_nobody_is_served_beyond_the_capacity(capacity):
    received = dice().integers(0, 10, 200)

    turns = course.read_hours(received, np.zeros(200, np.int64), np.array([capacity]))

    assert np.bincount(turns).max() <= capacity
    assert (turns > received).all()
