"""From published numbers to tables: shares recovered by chance, and the reproduction number in a made-up town."""

import numpy as np
import pytest

from sizao.drill import variants as files
from sizao.engines.simulation import areas, city, orders, variants, world
from sizao.engines.simulation.people import Makeup
from sizao.engines.simulation.spread import Outbreak


class TestWholeDays:
    @pytest.mark.parametrize(("mean", "sd"), [(5.5, 2.4), (2.2, 1.1), (3.5, 1.6)])
    def test_have_the_moments_of_the_law(self, mean, sd):
        chances = variants.whole_days(mean, sd)
        days = np.arange(len(chances))
        assert chances @ days == pytest.approx(mean, abs=0.02)
        assert np.sqrt(chances @ (days - mean) ** 2) == pytest.approx(np.sqrt(sd**2 + 1 / 12), abs=0.06)


class TestGammaShape:
    @pytest.mark.parametrize(("share", "reproduction"), [(0.19, 2.7), (0.15, 5.1), (0.3, 3.0)])
    def test_lets_that_share_cause_four_fifths_by_chance(self, share, reproduction):
        shape = variants.gamma_shape(share, reproduction)
        rng = np.random.default_rng(2)
        caused = np.sort(rng.poisson(rng.gamma(shape, reproduction / shape, 400_000)))[::-1]
        assert caused[: int(share * len(caused))].sum() / caused.sum() == pytest.approx(0.8, abs=0.01)

    def test_is_no_law_where_luck_does_as_much(self):
        assert np.isnan(variants.gamma_shape(0.7, 2.0))


class TestByDay:
    def test_goes_through_the_points_and_never_beyond_them(self):
        points = np.array([(0, 0.0), (2, 0.3), (4, 0.8), (9, 0.8), (12, 0.0)])
        curve = variants.by_day(points)
        assert len(curve) == 13
        assert curve[points[:, 0].astype(int)] == pytest.approx(points[:, 1])
        assert (curve <= 0.8).all()
        assert (np.diff(curve[:5]) >= 0).all()


@pytest.mark.parametrize(("name", "dosed", "stated"), [("ancestral", False, 2.7), ("bf7", True, 3.44)])
def test_the_hours_together_give_the_reproduction_number_they_were_fitted_to(name, dosed, stated):
    """In a town of 60,000 without measures; docs/guide/variants.md tells how the rates were fitted."""
    makeup = Makeup() if dosed else Makeup(doses=np.tile([1.0, 0, 0, 0], (9, 1)))
    town = city.build(areas.made_up_areas(60_000, community=3000, towns=3, counties=2), seed=1, makeup=makeup)
    log = orders.OrderLog(town.zones, town.people, first_day=0, n_days=40)
    there = world.world(town, log.orders, seed=2)
    caused = started = 0
    for seed in range(4):
        outbreak = Outbreak(there, log, files.read(name), seed=seed)
        first = np.random.default_rng(seed).choice(town.people, 300, replace=False)
        outbreak.infect(first)
        for day in range(22):
            outbreak.step(day)
        caused += int(np.isin(outbreak.ledger.infector, first).sum())
        started += len(first)
    assert caused / started == pytest.approx(stated, rel=0.2)
