"""Which sites open and who goes where: beside every layout one by one, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sizao.engines.planning import reach
from sizao.engines.planning.bound import SiteCosts, climb, proved
from sizao.engines.planning.layout import Question, lay_out
from sizao.engines.planning.transport import least_cost, whole
from tests.engines.planning.made_up import places
from tests.reference import planning as plain

TABLE_PEOPLE = 100


def small(seed, *, villages=4, sites=3, metres=None, walking=2e-4, site=6.0, table=2.0, most_people=None):
    """Make up a question small enough to try every layout."""
    rng = np.random.default_rng(seed)
    tables = rng.integers(1, 5, sites)
    most = np.minimum(tables * TABLE_PEOPLE, most_people or 10**6)
    people = rng.integers(0, max(2, int(most.sum() * 0.8 / villages)), villages)
    return Question(rng.uniform(0, 3000, (villages, 2)), people, rng.uniform(0, 3000, (sites, 2)),
                    SiteCosts(site, table, TABLE_PEOPLE, most), walking, metres), tables  # fmt: skip


def checked(asked, layout):
    """Check that a layout is one: everybody is somewhere, within reach, room and tables."""
    placed = np.bincount(layout.arcs.village, layout.people, len(asked.people))
    assert (placed + layout.unplaced == asked.people).all()
    assert (layout.people > 0).all()
    at_site = layout.site_people()
    assert (at_site <= asked.costs.most).all()
    assert (at_site <= layout.tables * asked.costs.table_people).all()
    assert ((layout.tables - 1) * asked.costs.table_people < np.maximum(at_site, 1)).all()
    away = np.hypot(*(asked.villages[layout.arcs.village] - asked.sites[layout.arcs.site]).T)
    assert layout.arcs.metres == pytest.approx(away)
    if asked.metres is not None:
        assert (away <= asked.metres * (1 + 1e-9)).all()
    cost = away @ layout.people * asked.hours_per_metre
    cost += asked.costs.site * (layout.tables > 0).sum() + asked.costs.table * layout.tables.sum()
    assert layout.cost == pytest.approx(cost)


class TestASmallLayout:
    @pytest.mark.parametrize("seed", range(8))
    @pytest.mark.parametrize("how", [{}, {"walking": 0.0}, {"walking": 1e-2, "site": 30.0}, {"most_people": 150}])
    def test_costs_what_the_best_of_all_costs(self, seed, how):
        asked, tables = small(seed, **how)
        layout = lay_out(asked)
        checked(asked, layout)
        cost = cdist(asked.villages, asked.sites) * asked.hours_per_metre
        best = plain.best_cost(
            asked.people, cost, tables, TABLE_PEOPLE, asked.costs.most, asked.costs.site, asked.costs.table
        )
        if layout.unplaced.any():
            assert best == np.inf
            return
        assert layout.bound <= best * (1 + 1e-7)
        assert best - 1e-6 <= layout.cost <= best * (1 + 2e-4) + 1e-6
        assert layout.cost <= layout.bound * (1 + layout.gap) + 1e-6

    @pytest.mark.parametrize("seed", range(6))
    def test_keeps_to_the_longest_walk(self, seed):
        asked, _ = small(seed, metres=1200.0)
        layout = lay_out(asked)
        checked(asked, layout)
        near = (cdist(asked.villages, asked.sites) <= 1200).any(axis=1)
        assert (layout.unplaced[~near] == asked.people[~near]).all()

    def test_counts_those_without_room(self):
        asked, _ = small(3)
        crowd = Question(asked.villages, asked.people * 50, asked.sites, asked.costs, asked.hours_per_metre, None)
        layout = lay_out(crowd)
        checked(crowd, layout)
        assert layout.unplaced.sum() == crowd.people.sum() - crowd.costs.most.sum()
        assert np.isnan(layout.gap)

    def test_without_anybody_or_any_room_is_empty(self):
        asked, _ = small(1)
        nobody = Question(asked.villages, asked.people * 0, asked.sites, asked.costs, asked.hours_per_metre, None)
        assert lay_out(nobody).tables.sum() == 0
        closed = SiteCosts(6.0, 2.0, TABLE_PEOPLE, asked.costs.most * 0)
        layout = lay_out(Question(asked.villages, asked.people, asked.sites, closed, asked.hours_per_metre, None))
        assert (layout.unplaced == asked.people).all()


class TestTheBound:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 10**6), st.floats(0, 0.2))
    def test_is_below_every_layout_at_any_prices(self, seed, scale):
        asked, tables = small(seed, villages=3, sites=2)
        cost = cdist(asked.villages, asked.sites) * asked.hours_per_metre
        best = plain.best_cost(
            asked.people, cost, tables, TABLE_PEOPLE, asked.costs.most, asked.costs.site, asked.costs.table
        )
        arcs = reach.nearest(asked.villages, asked.sites, hours_per_metre=asked.hours_per_metre, most=9, metres=None)
        prices = np.random.default_rng(seed).uniform(0, scale + 1e-9, 3)
        value, _ = proved(asked.villages, asked.people, asked.sites, asked.costs, prices,
                          hours_per_metre=asked.hours_per_metre, metres=None)  # fmt: skip
        assert value <= best * (1 + 1e-9) + 1e-9
        if asked.people.all():
            assert climb(arcs, asked.people, asked.costs, steps=60).value <= best * (1 + 1e-9) + 1e-9

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 10**6), st.floats(1e-6, 0.2), st.sampled_from([None, 900.0]), st.sampled_from([0.0, 2e-4]))
    def test_is_what_each_site_by_itself_gains_at_the_prices(self, seed, scale, metres, walking):
        asked, _ = small(seed, villages=9, sites=4, metres=metres, walking=walking, most_people=230)
        prices = np.random.default_rng(seed).uniform(0, scale, 9)
        away = cdist(asked.villages, asked.sites)
        cost = np.where(away <= (metres or np.inf), away * walking, np.inf)
        value, gaining = proved(
            asked.villages, asked.people, asked.sites, asked.costs, prices, hours_per_metre=walking, metres=metres
        )
        costs = (TABLE_PEOPLE, asked.costs.most, asked.costs.site, asked.costs.table)
        assert value == pytest.approx(plain.value_of_prices(asked.people, cost, prices, *costs), abs=1e-9)
        assert (prices[gaining.village] > gaining.cost).all()
        assert gaining.metres == pytest.approx(away[gaining.village, gaining.site])


class TestACity:
    def asked(self, *, people=400_000, villages=600, sites=90, seed=5, metres=None, samplers=None):
        counts, at, where, tables = places(people=people, villages=villages, sites=sites, seed=seed, across_m=30_000.0)
        costs = SiteCosts(32.0, 10.7, 800, tables * 800)
        return Question(at, counts, where, costs, 1.3e-4, metres, samplers)

    @pytest.mark.parametrize("seed", [5, 6])
    def test_is_laid_out_within_two_percent_of_the_bound(self, seed):
        asked = self.asked(seed=seed)
        layout = lay_out(asked)
        checked(asked, layout)
        assert not layout.unplaced.any()
        assert 0 <= layout.gap < 0.02

    def test_is_laid_out_the_same_each_time(self):
        one, other = (lay_out(self.asked()) for _ in range(2))
        assert (one.arcs.village == other.arcs.village).all()
        assert (one.arcs.site == other.arcs.site).all()
        assert (one.people == other.people).all()
        assert one.cost == other.cost
        assert one.bound == other.bound

    def test_opens_no_more_tables_than_there_are_samplers(self):
        free = lay_out(self.asked())
        least = -(-400_000 // 800)
        few = (free.tables.sum() + least) // 2
        asked = self.asked(samplers=int(few))
        layout = lay_out(asked)
        checked(asked, layout)
        assert not layout.unplaced.any()
        assert layout.tables.sum() <= few < free.tables.sum()

    def test_places_as_many_as_samplers_can_serve(self):
        asked = self.asked(samplers=300)
        layout = lay_out(asked)
        checked(asked, layout)
        assert layout.tables.sum() <= 300
        assert layout.site_people().sum() == 300 * 800


class TestSending:
    @pytest.mark.parametrize("seed", range(5))
    def test_costs_what_a_plain_program_finds(self, seed):
        rng = np.random.default_rng(seed)
        people, room = rng.integers(1, 50, 6), rng.integers(40, 90, 5)
        arcs = reach.nearest(
            rng.uniform(0, 9, (6, 2)), rng.uniform(0, 9, (5, 2)), hours_per_metre=0.1, most=5, metres=None
        )
        flows = least_cost(arcs, people.astype(float), room.astype(float))
        cost = np.zeros((6, 5))
        cost[arcs.village, arcs.site] = arcs.cost
        assert flows.cost == pytest.approx(plain.sending_cost(people, cost, room))
        assert flows.at_home == pytest.approx(0)

    @given(st.lists(st.lists(st.floats(0, 9), min_size=3, max_size=3), min_size=1, max_size=5))
    def test_rounds_to_whole_people_and_keeps_each_sum(self, told):
        amounts = np.array(told)
        totals = np.floor(amounts.sum(axis=1) + 0.5).astype(np.int64)
        rows, columns = np.divmod(np.arange(amounts.size), 3)
        arcs = reach.Arcs(rows, columns, np.zeros(amounts.size), np.zeros(amounts.size))
        found = whole(arcs, amounts.ravel(), totals)
        kept = np.bincount(rows, found)
        assert (np.abs(kept - totals) <= (totals > amounts.sum(axis=1) + 0.5)).all()
        assert (np.abs(found - amounts.ravel()) < 1.001).all()


class TestTightRoom:
    def test_is_filled_to_the_last_place(self):
        """Two sites side by side and a third far away: all have to be full for everybody to have a place."""
        villages = np.array([[0.0, 0.0], [100.0, 0.0]])
        sites = np.array([[0.0, 50.0], [100.0, 50.0], [90_000.0, 0.0]])
        costs = SiteCosts(6.0, 2.0, TABLE_PEOPLE, np.array([100, 100, 100]))
        layout = lay_out(Question(villages, np.array([150, 150]), sites, costs, 2e-4, None))
        assert layout.site_people().tolist() == [100, 100, 100]
        assert not layout.unplaced.any()

    def test_of_many_sites_leaves_out_no_more_than_there_is_no_room_for(self):
        counts, at, where, tables = places(people=300_000, villages=400, sites=80, seed=9, across_m=40_000.0)
        most = tables * 800
        most[np.argsort(-most)[: len(most) // 2]] //= 3
        for share in (0.97, 1.03):
            people = (counts * (most.sum() * share / counts.sum())).astype(np.int64)
            layout = lay_out(Question(at, people, where, SiteCosts(32.0, 10.7, 800, most), 1.3e-4, None))
            assert layout.unplaced.sum() == max(0, people.sum() - most.sum())
