"""Cells by their names, and which touch."""

import math

import h3
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sizao.engines.presences.cells import (
    EARTH_METRES,
    NoSuchPoint,
    NoSuchSide,
    Square,
    is_cell,
    middle_of,
    neighbours_of,
    square_at,
)

latitudes, longitudes = st.floats(-85, 85), st.floats(-180, 180)
points = st.tuples(latitudes, longitudes)
sides = st.sampled_from([50, 800, 5_000])


def metres(one, other):
    """The great circle between two points (haversine)."""
    (a, b), (c, d) = (map(math.radians, point) for point in (one, other))
    inner = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(inner))


class TestSquares:
    def test_of_shijiazhuang_has_a_name(self):
        assert str(square_at(38.0428, 114.5149, side_m=800)) == "800m:17797:32237"

    @settings(deadline=None)
    @given(points, sides)
    def test_a_point_is_within_half_a_diagonal_of_the_middle(self, point, side):
        assert metres(square_at(*point, side_m=side).centre, point) <= side / math.sqrt(2) * 1.006

    @settings(deadline=None)
    @given(points, sides)
    def test_the_middle_lies_in_its_cell(self, point, side):
        found = square_at(*point, side_m=side)
        assert square_at(*found.centre, side_m=side) == found

    @settings(deadline=None)
    @given(points, sides)
    def test_neighbours_see_each_other(self, point, side):
        one = square_at(*point, side_m=side)
        for other in one.neighbours():
            assert one in other.neighbours()
        assert 8 <= len(one.neighbours()) <= 12

    @settings(deadline=None)
    @given(points, st.floats(0, 2 * math.pi), sides)
    def test_a_step_of_a_side_reaches_the_cell_or_a_neighbour(self, point, angle, side):
        """Nobody nearer than a side is missed, whatever border lies between."""
        step = side * 0.994
        north = math.degrees(step * math.sin(angle) / EARTH_METRES)
        east = math.degrees(step * math.cos(angle) / EARTH_METRES / math.cos(math.radians(point[0])))
        reached = point[0] + north, (point[1] + east + 180) % 360 - 180
        assume(abs(reached[0]) <= 85)
        one, other = (square_at(*each, side_m=side) for each in (point, reached))
        assert other == one or other in one.neighbours()

    def test_a_border_belongs_to_the_north_and_the_east(self):
        n_rows = round(math.pi * EARTH_METRES / 800)
        border = 17_804 * 180 / n_rows - 90
        assert square_at(border + 1e-9, 114.5, side_m=800).row == 17_804
        assert square_at(border - 1e-9, 114.5, side_m=800).row == 17_803
        assert square_at(0.0, 0.0, side_m=800).column == square_at(0.0, 1e-6, side_m=800).column

    def test_the_ends_of_the_globe_are_cells_too(self):
        assert square_at(90, 0, side_m=800).row == square_at(89.999, 0, side_m=800).row
        west, east = square_at(10, -180, side_m=800), square_at(10, 179.999, side_m=800)
        assert square_at(10, 180, side_m=800) == west
        assert east in west.neighbours()

    @pytest.mark.parametrize("point", [(91, 0), (0, 181), (float("nan"), 0), (0, float("nan"))])
    def test_no_point_is_refused(self, point):
        with pytest.raises(NoSuchPoint, match="no point of the globe"):
            square_at(*point, side_m=800)

    def test_no_side_is_refused(self):
        with pytest.raises(NoSuchSide, match="0 metres"):
            square_at(0, 0, side_m=0)


class TestNames:
    hexagon = h3.latlng_to_cell(38.0428, 114.5149, 8)

    def test_a_hexagon_is_known_as_text_and_as_integer(self):
        number = h3.str_to_int(self.hexagon)
        assert is_cell(self.hexagon)
        assert is_cell(number)
        assert sorted(neighbours_of(self.hexagon)) == sorted(set(h3.grid_disk(self.hexagon, 1)) - {self.hexagon})
        assert sorted(neighbours_of(number)) == sorted(map(h3.str_to_int, neighbours_of(self.hexagon)))

    def test_a_pentagon_has_five_neighbours(self):
        assert len(neighbours_of(h3.get_pentagons(8)[0])) == 5

    def test_a_square_names_its_neighbours_alike(self):
        assert str(Square(800, 17_804, 23_206)) in neighbours_of("800m:17804:23207")

    @pytest.mark.parametrize(
        "token", ["cafe", "", "800m:1", "0m:1:1", "800m:17804:9999999", "ffffffffffffffff", "cafe0cafe0cafe0", 7, None]
    )
    def test_anything_else_is_no_cell(self, token):
        assert not is_cell(token)
        assert neighbours_of(token) == []


class TestMiddle:
    points = pytest.mark.parametrize("point", [(38.04, 114.52), (-33.9, 18.4), (0.0, -179.99), (84.0, 10.0)])

    @points
    def test_of_a_square_lies_in_it(self, point):
        cell = square_at(*point, side_m=800)
        middle = middle_of(str(cell))
        assert square_at(*middle, side_m=800) == cell
        assert abs(middle[0] - point[0]) < 0.01

    @points
    def test_of_a_hexagon_lies_in_it_however_it_is_written(self, point):
        cell = h3.latlng_to_cell(*point, 8)
        middle = middle_of(cell)
        assert h3.latlng_to_cell(*middle, 8) == cell
        assert middle_of(h3.str_to_int(cell)) == middle

    @pytest.mark.parametrize("token", ["banquet", "800m:1", 17, "area:130109110212"])
    def test_of_what_is_no_cell_there_is_none(self, token):
        assert middle_of(token) is None
