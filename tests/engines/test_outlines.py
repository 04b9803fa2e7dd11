"""Outlines drawn on a map: against shapely, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.outlines import OutlineFaulty, inside, outline, square_kilometres

shapely = pytest.importorskip("shapely")
SQUARE = [[114.0, 38.0], [114.01, 38.0], [114.01, 38.01], [114.0, 38.01], [114.0, 38.0]]


def polygon(ring):
    return {"type": "Polygon", "coordinates": [ring]}


class TestOutline:
    def test_reads_a_ring(self):
        assert outline(polygon(SQUARE)).tolist() == SQUARE[:-1]

    @pytest.mark.parametrize(
        ("geometry", "reason"),
        [
            (None, "no GeoJSON polygon"),
            ({"type": "Point", "coordinates": [1, 2]}, "no GeoJSON polygon"),
            ({"type": "Polygon", "coordinates": [SQUARE, SQUARE]}, "holes"),
            (polygon([["a", "b"]]), "pairs of numbers"),
            (polygon([]), "pairs of numbers"),
            (polygon([[1, 2, 3], [1, 2, 3]]), "pairs of numbers"),
            (polygon(SQUARE[:-1]), "last corner"),
            (polygon([SQUARE[0], SQUARE[1], SQUARE[0]]), "fewer than three"),
            (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "crosses"),
            (polygon([[0, 0], [2, 0], [1, 0], [1, 1], [0, 0]]), "crosses"),
            (polygon([[0, 0], [200, 0], [1, 1], [0, 0]]), "on earth"),
            (polygon([[0, 0], [float("nan"), 0], [1, 1], [0, 0]]), "on earth"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong(self, geometry, reason):
        with pytest.raises(OutlineFaulty, match=reason):
            outline(geometry)

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=8, unique=True))
    def test_takes_what_shapely_calls_simple(self, corners):
        ring = [list(map(float, one)) for one in [*corners, corners[0]]]
        simple = shapely.LinearRing(ring).is_simple and shapely.Polygon(ring).is_valid
        try:
            outline(polygon(ring))
            taken = True
        except OutlineFaulty:
            taken = False
        # A spike that folds back on its neighbour has no area of its own; it is let pass, shapely lets it not.
        assert taken == simple or (taken and _folds_back(corners))


def _folds_back(corners):
    points = np.array(corners, float)
    before, after = np.roll(points, 1, axis=0) - points, np.roll(points, -1, axis=0) - points
    level = before[:, 0] * after[:, 1] == before[:, 1] * after[:, 0]
    return bool((level & ((before * after).sum(axis=1) > 0)).any())


def test_measures_square_kilometres():
    assert square_kilometres(np.array(SQUARE[:-1])) == pytest.approx(0.9759, abs=0.001)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)), min_size=1, max_size=20))
def test_finds_who_lies_inside(points):
    star = np.array([[0.5, 1.0], [0.6, 0.6], [1.0, 0.5], [0.6, 0.4], [0.5, 0.0], [0.4, 0.4], [0.0, 0.5], [0.4, 0.6]])
    shape = shapely.Polygon(star)
    found = inside(star, [one[0] for one in points], [one[1] for one in points])
    for point, is_in in zip(points, found, strict=True):
        if shape.boundary.distance(shapely.Point(point)) > 1e-9:
            assert is_in == shape.contains(shapely.Point(point))
