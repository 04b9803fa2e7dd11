"""Orders: known for the day asked, also after they ended."""

import numpy as np
import pytest

from sizao.engines.simulation import orders, presence
from sizao.engines.simulation.orders import HOME_ISOLATION, ISOLATION, OrderRunsBackwards
from tests.engines.simulation.made_up import log_of, small_city, world_of


@pytest.fixture(scope="module")
def town():
    return small_city(2400)


def held(log, person, day):
    compiled = orders.held(log.orders.last, log.orders.log, person, day)
    assert compiled == orders.held_all(log.orders, np.array([person]), np.array([day]))[0]
    return compiled


class TestHold:
    def test_is_half_open_and_keeps_what_was(self, town):
        log = log_of(town)
        log.hold(np.array([5, 9]), 3, 6, HOME_ISOLATION)
        log.hold(np.array([5]), 5, 9, ISOLATION)
        assert [held(log, 5, day) for day in range(2, 10)] == [0, 2, 2, 3, 1, 1, 1, 0]
        assert [held(log, 9, day) for day in range(2, 7)] == [0, 2, 2, 2, 0]
        assert held(log, 8, 4) == 0

    def test_grows_past_its_first_room(self, town):
        log = log_of(town)
        for day in range(40):
            log.hold(np.arange(100), day, day + 1, ISOLATION)
        assert log.count == 4000
        assert [held(log, 99, day) for day in (-1, 0, 39, 40)] == [0, 1, 1, 0]
        columns = log.columns()
        assert columns["person"].tolist() == list(range(100)) * 40
        assert (columns["end"] - columns["begin"] == 1).all()

    def test_refuses_what_ends_before_it_begins(self, town):
        with pytest.raises(OrderRunsBackwards, match="from day 4 to day 4"):
            log_of(town).hold(np.array([1, 2]), np.array([1, 4]), np.array([2, 4]), ISOLATION)
        with pytest.raises(OrderRunsBackwards):
            log_of(town).order_area(0, 5, 3, orders.AREA_CLOSED)


class TestRelease:
    def test_ends_what_stands_and_leaves_the_past(self, town):
        log = log_of(town)
        log.hold(np.array([7]), 0, 4, HOME_ISOLATION)
        log.hold(np.array([7]), 2, 20, ISOLATION)
        log.release(np.array([7]), 6)
        assert [held(log, 7, day) for day in range(8)] == [2, 2, 3, 3, 1, 1, 0, 0]


class TestOrderArea:
    def test_reaches_all_zones_within(self, town):
        log = log_of(town)
        zones = town.zones
        log.order_area(int(zones.base[1]), 2, 4, orders.AREA_CLOSED)
        log.order_area(int(zones.base[2]), 3, 5, orders.VENUES_CLOSED)
        communities = np.arange(int(zones.base[1]))
        bits = [orders.area_bits(log.orders, communities, np.full(6, day)).tolist() for day in (1, 2, 3, 4)]
        assert bits == [[0] * 6, [1, 1, 1, 0, 0, 0], [3, 3, 3, 2, 2, 2], [2] * 6]
        assert orders.area_bits(log.orders, communities, np.full(6, 10_000)).tolist() == [0] * 6
        assert log.area_rows[0] == (int(zones.base[1]), 2, 4, orders.AREA_CLOSED)
        assert orders.level_of(zones, int(zones.base[1])) == "town"

    def test_may_reach_beyond_the_days_of_the_log(self, town):
        log = log_of(town)
        log.order_area(0, -10_000, 10_000, orders.AREA_CLOSED)
        assert log.orders.areas[:, 0].all()


class TestLookBack:
    def test_uses_the_orders_of_the_day_looked_at(self, town):
        """Trap 1: an order of today changes no meeting of last week, and one that ended still prevented its own."""
        log = log_of(town)
        days, people = np.arange(0, 7), np.arange(0, 2400, 40)
        free = presence.look_back(world_of(town, log, travel={}), people, days)
        log.hold(np.arange(0, 2400, 2), 2, 4, ISOLATION)
        later = presence.look_back(world_of(town, log, travel={}), people, days)
        meeting = np.isin(free.start // 86_400, (2, 3)) & ((free.case % 2 == 0) | (free.person % 2 == 0))
        assert meeting.any()
        for name in ("case", "person", "place", "start", "end"):
            assert np.array_equal(getattr(later, name), getattr(free, name)[~meeting])
