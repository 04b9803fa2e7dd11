"""Points of Chinese maps, and back."""

import numpy as np
import pytest

from sizao.engines.presences.datums import DATUMS, gcj02_of, wgs84_of

# WGS-84 and GCJ-02 (longitude, latitude) as the tests of eviltransform have them: Shanghai, Shenzhen, Beijing.
KNOWN = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


@pytest.mark.parametrize(("point", "moved"), KNOWN)
def test_a_known_point_is_where_others_put_it(point, moved):
    assert np.ravel(gcj02_of(*np.array(point)[:, None])) == pytest.approx(moved, abs=1e-9)


@pytest.mark.parametrize("datum", DATUMS)
def test_there_and_back_is_the_same_point(datum):
    dice = np.random.default_rng(1)
    east, north = dice.uniform(75, 134, 2_000), dice.uniform(18, 53, 2_000)
    back = wgs84_of(*DATUMS[datum](east, north), datum=datum)
    assert np.abs(back[0] - east).max() < 1e-7  # a centimetre
    assert np.abs(back[1] - north).max() < 1e-7


def test_maps_lie_some_hundred_metres_beside_the_globe_and_outside_china_nowhere():
    dice = np.random.default_rng(2)
    east, north = dice.uniform(75, 134, 2_000), dice.uniform(18, 53, 2_000)
    told = gcj02_of(east, north)
    metres = np.hypot((told[0] - east) * np.cos(np.radians(north)), told[1] - north) * 111_195
    assert 20 < metres.min() < metres.max() < 900
    away = np.array([2.35, -74.0]), np.array([48.86, 40.7])
    assert np.array_equal(gcj02_of(*away), away)


def test_what_is_no_point_stays_none():
    east, north = wgs84_of(np.array([np.nan, 116.4]), np.array([39.9, np.nan]), datum="gcj02")
    assert np.isnan(east).any()
    assert np.isnan(north).any()
