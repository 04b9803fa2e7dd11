"""The middle of a cell lies in that cell, and what is no cell has none."""

import h3
import pytest

from sizao.engines.presences.cell_middles import middle_of
from sizao.engines.presences.cells import square_at

POINTS = [(38.04, 114.52), (-33.9, 18.4), (0.0, -179.99), (84.0, 10.0)]


@pytest.mark.parametrize(("latitude", "longitude"), POINTS)
def test_the_middle_of_a_square_lies_in_it(latitude, longitude):
    cell = square_at(latitude, longitude, side_m=800)
    middle = middle_of(str(cell))
    assert square_at(*middle, side_m=800) == cell
    assert abs(middle[0] - latitude) < 0.01


@pytest.mark.parametrize(("latitude", "longitude"), POINTS)
def test_the_middle_of_a_hexagon_lies_in_it_however_it_is_written(latitude, longitude):
    cell = h3.latlng_to_cell(latitude, longitude, 8)
    middle = middle_of(cell)
    assert h3.latlng_to_cell(*middle, 8) == cell
    assert middle_of(h3.str_to_int(cell)) == middle


@pytest.mark.parametrize("token", ["banquet", "800m:1", 17, "area:130109110212"])
def test_what_is_no_cell_has_no_middle(token):
    assert middle_of(token) is None
