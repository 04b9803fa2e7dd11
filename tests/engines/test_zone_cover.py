"""The areas of fewest people for a share of the risk: against every other choice, and by laws that hold always."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.zone_cover import ShareOutOfReach, Units, UnitsDoNotFit, covers, frontier, totals
from tests.reference.zone_cover import fewest_people


def units(parent, people, points, allowed=None):
    allowed = [True] * len(parent) if allowed is None else allowed
    return Units(np.array(parent), np.array(people), np.array(points), np.array(allowed, bool))


# A compound of two buildings: three homes in the first, one in the second.
COMPOUND = {"parent": [-1, 0, 0, 1, 1, 1, 2], "people": [0, 0, 0, 3, 4, 2, 5], "points": [0, 0, 0, 20, 0, 20, 4]}


class TestCover:
    def test_takes_the_homes_where_homes_may_be_named(self):
        found = frontier(units(**COMPOUND)).cover(0.9)
        assert (found.units, found.people, found.points, found.points_left) == ((3, 5), 5, 40, 4)
        assert found.is_exact

    def test_takes_the_building_where_homes_may_not(self):
        allowed = [True, True, True, False, False, False, False]
        found = frontier(units(**COMPOUND, allowed=allowed)).cover(0.9)
        assert (found.units, found.people) == ((1,), 9)

    def test_risk_known_to_a_building_only_takes_the_building(self):
        known = COMPOUND | {"points": [0, 20, 0, 20, 0, 0, 0]}
        found = frontier(units(**known))
        assert found.cover(0.5).units == (3,)
        assert found.cover(1.0).units == (1,)

    def test_refuses_a_share_that_no_allowed_unit_holds(self):
        allowed = [False, True, False, True, True, True, False]
        found = frontier(units(**COMPOUND, allowed=allowed))
        assert found.reach == 40 / 44
        with pytest.raises(ShareOutOfReach, match=r"95 % of the risk .* hold 90\.91 % of it"):
            found.cover(0.95)

    @pytest.mark.parametrize("share", [0, -0.5, 1.01, float("nan")])
    def test_refuses_what_is_no_share(self, share):
        with pytest.raises(ShareOutOfReach):
            frontier(units(**COMPOUND)).cover(share)

    def test_no_risk_at_all_closes_nothing(self):
        found = frontier(units([-1, 0], [3, 4], [0, 0]))
        assert (found.reach, found.people.tolist(), covers(found, [0.5, 1.0])) == (0.0, [], ())


class TestFrontier:
    def test_sets_fewer_people_and_more_risk_beside_each_other(self):
        found = frontier(units(**COMPOUND))
        assert list(zip(found.points.tolist(), found.people.tolist(), strict=True)) == [(20, 2), (40, 5), (44, 10)]

    def test_several_shares_give_each_choice_once(self):
        shares = [one.share for one in covers(frontier(units(**COMPOUND)), [0.9, 0.3, 0.4, 0.5, 1.0])]
        assert shares == [0.3, 0.5, 1.0]


class TestUnits:
    @pytest.mark.parametrize(
        ("parent", "people", "reason"),
        [([1, -1], [1, 1], "before the one"), ([-1, -2], [1, 1], "not exist"), ([-1, 0], [1, -1], "less than none")],
    )
    def test_refuses_what_is_no_tree(self, parent, people, reason):
        with pytest.raises(UnitsDoNotFit, match=reason):
            frontier(units(parent, people, [1, 1]))

    def test_sums_each_unit_with_its_parts(self):
        people, points = totals(units(**COMPOUND))
        assert (people.tolist(), points.tolist()) == ([14, 9, 5, 3, 4, 2, 5], [44, 40, 4, 20, 0, 20, 4])


@st.composite
def forests(draw, most=9):
    n = draw(st.integers(1, most))
    whole = st.integers(0, 6)
    return units(
        [draw(st.integers(-1, row - 1)) for row in range(n)],
        [draw(whole) for _ in range(n)],
        [draw(whole) for _ in range(n)],
        [draw(st.booleans()) for _ in range(n)],
    )


class TestAnyForest:
    @settings(deadline=None)  # the first call compiles
    @given(forests(), st.integers(1, 60))
    def test_no_other_choice_touches_fewer_people(self, forest, wanted):
        total = int(forest.points.sum())
        if not 1 <= wanted <= total:
            return
        columns = [column.tolist() for column in (forest.parent, forest.people, forest.points, forest.allowed)]
        plain = fewest_people(*columns, wanted)
        if plain is None:
            with pytest.raises(ShareOutOfReach):
                frontier(forest).cover(wanted / total)
            return
        found = frontier(forest).cover(wanted / total)
        assert (found.people, found.is_exact) == (plain, True)
        assert found.points >= wanted

    @settings(deadline=None)  # the first call compiles
    @given(forests(), st.integers(1, 60))
    def test_without_tables_it_still_holds_what_was_asked_and_bounds_the_fewest(self, forest, wanted):
        total, near = int(forest.points.sum()), frontier(forest, most_points=0)
        if not 1 <= wanted <= total * near.reach:
            return
        columns = [column.tolist() for column in (forest.parent, forest.people, forest.points, forest.allowed)]
        plain = fewest_people(*columns, wanted)
        found = near.cover(wanted / total)
        assert found.points >= wanted
        assert found.at_least_people <= plain <= found.people

    @settings(deadline=None)  # the first call compiles
    @given(forests())
    def test_what_is_chosen_is_allowed_and_none_is_inside_another(self, forest):
        found = frontier(forest)
        for one in covers(found, [0.2, 0.5, 0.9, 1.0]):
            held = [_above(forest.parent, row) for row in one.units]
            assert all(forest.allowed[row] for row in one.units)
            assert not set(one.units) & set().union(*held)
            people, points = totals(forest)
            assert (int(people[list(one.units)].sum()), int(points[list(one.units)].sum())) == (one.people, one.points)

    @settings(deadline=None)  # the first call compiles
    @given(forests())
    def test_more_risk_never_takes_fewer_people(self, forest):
        found = frontier(forest)
        assert (np.diff(found.points) > 0).all()
        assert (np.diff(found.people) > 0).all()

    @settings(deadline=None)  # the first call compiles
    @given(forests())
    def test_allowing_a_unit_never_takes_more_people(self, forest):
        tight, free = frontier(forest), frontier(units(forest.parent, forest.people, forest.points))
        for one in covers(tight, [0.5, 1.0]):
            assert free.cover(one.share).people <= one.people


def _above(parent, row):
    found = set()
    while parent[row] >= 0:
        row = int(parent[row])
        found.add(row)
    return found
