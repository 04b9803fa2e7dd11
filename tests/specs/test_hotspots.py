"""Examples of where infectious time was spent and of crowds: on the plain twin and on the kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences import common_sources, companions, crowding, hotspots, visitors
from tests.reference import presences as plain
from tests.specs.test_companions import MINUTE, _seconds, presence_rows, segment_of
from tests.specs.test_companions import windows as some_windows

title = "Crowds, and where infectious time was spent"


def test_an_hour_in_a_crowd_weighs_less(weights):
    """An hour alone with the case weighs an hour; an hour at which four met the case weighs a quarter of it."""
    weights(
        presences="""
            person | place   | from  | to
            case   | station | 08:00 | 09:00
            ann    | station | 08:00 | 09:00
            ben    | station | 08:00 | 09:00
            col    | station | 08:00 | 09:00
            friend | station | 08:00 | 09:00
            case   | kitchen | 10:00 | 11:00
            friend | kitchen | 10:00 | 11:00
        """,
        expect={"ann": (60, 15, 4), "ben": (60, 15, 4), "col": (60, 15, 4), "friend": (120, 75, 1)},
    )


def rows_of(presences):
    _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
    people = {name: number for number, name in enumerate(dict.fromkeys(line[0] for line in lines))}
    places = {name: number for number, name in enumerate(dict.fromkeys(line[1] for line in lines))}
    return people, [(people[who], places[where], _seconds(low), _seconds(high)) for who, where, low, high in lines]


@pytest.fixture(params=["plain", "kernel"])
def weights(request):
    """Ask for minutes, weighted minutes and the smallest crowd of meetings of at least ten minutes."""

    def run(presences, expect):
        people, rows = rows_of(presences)
        engine = {"plain": plain.crowding, "kernel": crowding_by_kernel}[request.param]
        found = engine(rows, people["case"], [(0, 86_400)], 10 * MINUTE)
        names = list(people)
        assert {names[who]: (s / MINUTE, w / MINUTE, crowd) for who, (s, w, crowd) in found.items()} == expect

    return run


def crowding_by_kernel(rows, case, windows, least, parts=1):
    segments = [segment_of(rows[part::parts])[0] for part in range(parts) if rows[part::parts]]
    own = companions.own_presences(segments, case, np.array(windows, np.int64).reshape(-1, 2))
    found = crowding.crowding(segments, own, case, least_seconds=least, room=max(row[0] for row in rows) + 1)
    columns = (found.person, found.seconds, found.weighted, found.crowd)
    return {row[0]: tuple(row[1:]) for row in zip(*(one.tolist() for one in columns), strict=True)}


def hotspots_by_kernel(rows, windows, since, until, parts=1):
    dated = []
    for part in range(parts):
        if mine := rows[part::parts]:
            times = min(row[2] for row in mine), max(row[3] for row in mine)
            dated.append(common_sources.Dated(segment_of(mine)[0], *times))
    n_persons, n_places = (max(row[at] for row in rows) + 1 for at in (0, 1))
    everybody = common_sources.population(dated, n_persons=n_persons, n_places=n_places)
    segments = [one.segment for one in dated]
    bounds = [np.array(one, np.int64).reshape(-1, 2) for one in windows.values()]
    cases = [
        common_sources.CaseVisits(companions.own_presences(segments, case, one), one)
        for case, one in zip(windows, bounds, strict=True)
    ]
    found = hotspots.hotspots(dated, cases, everybody, since=since, until=until, n_persons=n_persons)
    assert found.seconds.tolist() == sorted(found.seconds.tolist(), reverse=True)
    columns = (found.place, found.seconds, found.cases, found.first, found.last, found.visitors, found.expected)
    return {row[0]: tuple(row[1:]) for row in zip(*(one.tolist() for one in columns), strict=True)}


class TestGenerated:
    @settings(max_examples=200, deadline=None)
    @given(presence_rows, some_windows, st.integers(0, 8), st.integers(1, 3))
    def test_crowds_agree_with_the_twin(self, rows, windows, least, parts):
        rows = sorted(set(rows))
        wanted = plain.crowding(rows, 0, windows, least)
        found = crowding_by_kernel(rows, 0, windows, least, parts)
        assert found.keys() == wanted.keys()
        assert all(told == pytest.approx(wanted[who]) for who, told in found.items())

    @settings(max_examples=200, deadline=None)
    @given(presence_rows, some_windows, some_windows, st.integers(0, 30), st.integers(1, 3))
    def test_hotspots_agree_with_the_twin(self, rows, one, other, since, parts):
        rows = sorted(set(rows))
        windows = {0: one, 1: other}
        wanted = plain.hotspots(rows, windows, since, 50)
        found = hotspots_by_kernel(rows, windows, since, 50, parts)
        assert found.keys() == wanted.keys()
        assert all(told == pytest.approx(wanted[place]) for place, told in found.items())


class TestDilution:
    SECONDS = np.array([600, 900, 7_200, 90_000])
    WEIGHTED = np.array([600.0, 1.0, 100.0, 50.0])
    CROWD = np.array([1, 900, 5, 20_000])

    def told(self, keep):
        return crowding.dilution(self.SECONDS, self.WEIGHTED, self.CROWD, keep=keep)

    def test_every_companion_is_in_one_class(self):
        assert self.told(4).by_minutes.tolist() == [1, 1, 0, 0, 1, 0, 0, 1]
        assert self.told(4).by_crowd.tolist() == [1, 1, 0, 0, 0, 1, 0, 1]

    def test_says_what_a_cut_leaves_out(self):
        told = self.told(2)
        assert (told.left_out, told.longest_minutes, told.smallest_crowd) == (2, 1_500.0, 900)
        assert told.share_of_minutes == pytest.approx(90_900 / 98_700)
        assert told.share_of_weight == pytest.approx(51 / 751)

    def test_keeping_all_leaves_nobody_out(self):
        told = self.told(10)
        assert (told.left_out, told.share_of_minutes, told.longest_minutes, told.smallest_crowd) == (0, 0.0, 0.0, 0)


class TestShares:
    @pytest.mark.parametrize("at_once", [1, 3, 10**6])
    def test_of_spans_count_the_same_visitors(self, at_once):
        """However spans are cut into shares, and whoever takes which."""
        rng = np.random.default_rng(2)
        start = rng.integers(0, 5_000, 900)
        rows = list(zip(rng.integers(0, 80, 900).tolist(), rng.integers(0, 7, 900).tolist(), start.tolist(),
                        (start + rng.integers(1, 600, 900)).tolist(), strict=True))  # fmt: skip
        dated = [visitors.Dated(segment_of(rows[part::2])[0], 0, 6_000) for part in range(2)]
        spans = np.array([(place, low, low + 700) for place in range(8) for low in (0, 350, 4_900)])
        reads = [(one, one.ranges(spans, least_seconds=60)) for one in dated]
        marks = np.zeros(80, np.uint32)
        shares = list(visitors.shares(reads, len(spans), at_once))
        counts = [visitors.visitors_of(one, spans, marks, least_seconds=60) for one in reversed(shares)]
        wanted = [len(plain.visitors(rows, *span, 60)) for span in spans.tolist()]
        assert np.concatenate(counts[::-1]).tolist() == wanted
        assert len(shares) > 1 or at_once == 10**6
