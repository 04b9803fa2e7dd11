"""The city: everybody has a home, a place in the nested zones, and at most one class or team."""

import numpy as np
import pytest

from sizao.engines.simulation import areas, city, people
from sizao.engines.simulation.areas import Areas, AreasOutOfOrder, NobodyLivesThere
from sizao.engines.simulation.disease import CLASS
from sizao.engines.simulation.people import Makeup
from tests.engines.simulation.made_up import small_city


@pytest.fixture(scope="module")
def town():
    return small_city(24_000, community=1000, towns=4, counties=3)


class TestZones:
    def test_nest_without_gaps(self, town):
        zones = town.zones
        for level in range(4):
            low, high = zones.base[level], zones.base[level + 1]
            assert zones.size[low:high].sum() == town.people
            assert (zones.start[low + 1 : high] == (zones.start + zones.size)[low : high - 1]).all()
            inside = zones.parent[low:high]
            assert (zones.start[low:high] >= zones.start[inside]).all()
            assert ((zones.start + zones.size)[low:high] <= (zones.start + zones.size)[inside]).all()

    def test_follow_the_populations_given(self):
        codes = np.array([[11, 1, 1, 1, 1], [12, 1, 1, 1, 1], [13, 2, 1, 1, 1]])
        built = city.build(Areas(codes, np.array([120, 0, 333])), seed=1)
        assert np.bincount(built.community, minlength=3).tolist() == [120, 0, 333]
        assert built.zones.code[built.zones.of[1]].tolist() == [1, 1, 2]
        assert areas.zones_below(built.zones, int(built.zones.of[1][0])).tolist() == [0, 1, 3]

    def test_refuse_areas_that_are_torn_apart(self):
        codes = np.array([[11, 1, 1, 1, 1], [12, 2, 1, 1, 1], [13, 1, 1, 1, 1]])
        with pytest.raises(AreasOutOfOrder, match="The town 1 is named in two places"):
            city.build(Areas(codes, np.array([10, 10, 10])), seed=1)

    @pytest.mark.parametrize("population", [[0, 0], [5, -1]])
    def test_refuse_a_city_of_nobody(self, population):
        codes = np.array([[11, 1, 1, 1, 1], [12, 1, 1, 1, 1]])
        with pytest.raises(NobodyLivesThere):
            city.build(Areas(codes, np.array(population)), seed=1)


class TestBuild:
    def test_gives_the_same_city_again_and_another_for_another_seed(self, town):
        again, other = (small_city(24_000, seed, community=1000, towns=4, counties=3) for seed in (1, 2))
        for name in ("offset", "size", "age", "doses", "occupation", "group", "members"):
            assert np.array_equal(getattr(town, name), getattr(again, name))
            assert not np.array_equal(getattr(town, name), getattr(other, name))

    def test_puts_households_next_to_each_other_within_a_community(self, town):
        heads = np.flatnonzero(town.offset == 0)
        assert (np.diff(np.append(heads, town.people)) == town.size[heads]).all()
        assert (town.community[heads] == town.community[heads + town.size[heads] - 1]).all()
        shares = np.bincount(town.size[heads], minlength=7)[1:] / len(heads)
        assert np.abs(shares - people.HOUSEHOLD_SIZES[1:]).max() < 0.01

    def test_gives_ages_near_the_census_and_parents_older_than_children(self, town):
        """Census of 2020: 18.0 % under 15, 18.7 % of 60 and more."""
        assert (town.age < 15).mean() == pytest.approx(0.16, abs=0.03)
        assert (town.age >= 60).mean() == pytest.approx(0.187, abs=0.03)
        alone = (town.size == 1) & (town.age < 18)
        assert not alone.any()

    def test_gives_occupations_that_fit_the_age(self, town):
        assert (town.occupation[(town.age >= 6) & (town.age < 18)] == people.PUPIL).all()
        assert (town.age[town.occupation == people.RETIRED] >= 60).all()
        working = (town.occupation >= people.WORKER) & (town.occupation <= people.AIRPORT)
        assert ((town.age[working] >= 18) & (town.age[working] < 70)).all()
        assert (town.occupation == people.MEDICAL).any()

    def test_puts_pupils_of_one_age_and_town_into_classes(self, town):
        classes = np.flatnonzero(town.group_layer == CLASS)
        for group in classes[::7]:
            members = town.members[town.group_start[group] : town.group_start[group + 1]]
            assert 1 <= len(members) <= city.CLASS_SIZE
            assert len(set(town.age[members])) == 1
            assert len(set(city.zone_of(town, areas.TOWN, members).tolist())) == 1

    def test_lists_every_member_once(self, town):
        assert len(set(town.members.tolist())) == len(town.members) == (town.group >= 0).sum()
        numbers = np.repeat(np.arange(len(town.group_layer)), np.diff(town.group_start))
        assert (town.group[town.members] == numbers).all()

    def test_draws_doses_by_band(self, town):
        nobody = np.zeros((9, 4))
        nobody[:, 0] = 1
        nobody[8] = [0, 0, 0, 1]
        built = city.build(areas.made_up_areas(3000), seed=1, makeup=Makeup(doses=nobody))
        assert (built.doses == np.where(built.age >= 80, 3, 0)).all()

    def test_takes_at_most_64_bytes_a_person(self, town):
        assert town.bytes_per_person < 32
