"""GPS tracks in cells: the known pairs and bins come out, and what cells miss of the truth by distance."""

from collections import Counter

import pytest

from tests.real import tracks as real


@pytest.fixture(scope="module")
def points():
    return real.tracks()


class TestTracks:
    def test_give_back_the_known_pairs_and_bins(self, points):
        met = real.meetings(list(real.in_bins(points, points.known_cells)))
        assert {(other, case, one) for case, other, one in met} == met
        assert dict(Counter((case, other) for case, other, _ in met if case < other)) == real.KNOWN

    def test_find_most_of_who_was_within_50_metres_and_5_minutes(self, points):
        true = points.near(50, 300)
        found = real.meetings(list(real.in_bins(points, points.cells)))
        # Two points of one cell and one bin may lie 70 m apart; here none that met did so only.
        assert 0.8 <= len(found & true) / len(true) < 0.85
        assert len(found & true) / len(found) > 0.98

    def test_find_more_with_neighbour_cells_and_clocks_allowed_for(self, points):
        true = points.near(50, 300)
        stays = list(real.stays(points, points.cells, pad_seconds=150))
        same, around = real.meetings(stays), real.meetings(stays, around=True)
        assert same < around
        assert len(around & true) / len(true) > 0.96 > 0.95 > len(same & true) / len(true) > 0.93
        assert 0.7 < len(around & true) / len(around) < 0.8
