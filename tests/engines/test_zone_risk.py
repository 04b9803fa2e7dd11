"""Points of a visit while infectious."""

import pytest

from sizao.engines.zone_risk import RiskWeights, visit_points


@pytest.mark.parametrize(("minutes", "points"), [(1, 1), (30, 1), (31, 2), (300, 10), (9000, 10), (0, 1), (None, 2)])
def test_a_point_for_each_half_hour_begun(minutes, points):
    assert visit_points(minutes, RiskWeights()) == points
