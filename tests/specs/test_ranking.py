"""Examples of how companions rank, of bands, and of what a shorter list leaves out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences import dilution, meetings, totals
from sizao.engines.presences.dilution import Weights
from sizao.engines.presences.stays import own_rows, stays
from sizao.terms import Tier, Ventilation
from tests.reference import presence_questions as plain
from tests.specs.test_companions import MINUTE, presence_rows, segment_of
from tests.specs.test_companions import windows as some_windows
from tests.specs.test_layers import _second

title = "How companions rank"

AIR = {"cafe": "closed", "market": "outdoor", "gym": "ventilated"}


def test_an_hour_in_a_crowd_is_worth_less(ranking):
    """An hour alone with the case is worth sixty minutes, an hour among three who met it there twenty."""
    ranking(
        presences="""
            person | place   | from  | to
            case   | station | 08:00 | 09:00
            ann    | station | 08:00 | 09:00
            ben    | station | 08:00 | 09:00
            friend | station | 08:00 | 09:00
            case   | kitchen | 10:00 | 11:00
            friend | kitchen | 10:00 | 11:00
        """,
        expect=[("friend", 80), ("ann", 20), ("ben", 20)],
    )


def test_the_air_weighs(ranking):
    """Closed rooms count in full, ventilated ones half, the open air a twentieth; what is not known counts in full."""
    ranking(
        presences="""
            person | place  | from  | to
            case   | cafe   | 08:00 | 09:00
            indoor | cafe   | 08:00 | 09:00
            case   | gym    | 10:00 | 11:00
            sports | gym    | 10:00 | 11:00
            case   | market | 12:00 | 13:00
            stall  | market | 12:00 | 13:00
            case   | hall   | 14:00 | 14:50
            guest  | hall   | 14:00 | 14:50
        """,
        expect=[("indoor", 60), ("guest", 50), ("sports", 30), ("stall", 3)],
    )


def test_meeting_again_on_another_day_weighs_more(ranking):
    """Sixty minutes on one day are worth sixty, thirty on each of two days a quarter more."""
    ranking(
        presences="""
            person | place  | from  | to
            case   | cafe   | 08:00 | 09:00
            once   | cafe   | 08:00 | 09:00
            case   | bank   | 10:00 | 10:30
            twice  | bank   | 10:00 | 10:30
            case   | bank   | 34:00 | 34:30
            twice  | bank   | 34:00 | 34:30
        """,
        expect=[("twice", 75), ("once", 60)],
    )


def test_layers_of_the_same_hour_are_not_added_up(ranking):
    """The hour in the cafe is an hour in its cell, where ten met the case: the stronger of the two counts."""
    ranking(
        presences="""
            person | place  | from  | to
            case   | cafe   | 08:00 | 09:00
            case   | cell A | 08:00 | 09:00
            near   | cafe   | 08:00 | 09:00
            near   | cell A | 08:00 | 09:00
            other  | cell A | 08:00 | 09:00
        """,
        expect=[("near", 60), ("other", 30)],
    )


def _layer(place):
    return "cell" if place.startswith("cell") else "venue"


@pytest.fixture(params=["plain", "kernel"])
def ranking(request):
    """Ask one engine for the ranking of the companions of `case`, with the scores in minutes."""

    def run(presences, expect):
        _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
        people, places = (list(dict.fromkeys(line[at] for line in lines)) for at in (0, 1))
        rows = [
            (people.index(who), places.index(where), _second(low), _second(high)) for who, where, low, high in lines
        ]
        air = [Weights().of(Ventilation(AIR.get(place, "unknown")), Tier.SAME) for place in places]
        engine = {"plain": by_twin, "kernel": by_kernel}[request.param]
        found = engine(rows, people.index("case"), [(0, 2 * 86_400)], 10 * MINUTE, [_layer(one) for one in places], air)
        ranked = sorted(((-score / MINUTE, people[who]) for who, (score, _) in found.items()))
        assert [(who, pytest.approx(-score)) for score, who in ranked] == expect

    return run


def by_twin(rows, case, windows, least, layer_of, air, day=86_400):
    weights = {(place, "same"): weight for place, weight in enumerate(air)}
    found = plain.scores(rows, case, windows, least, layer_of, weights, Weights().further_day, day=day)
    return {who: (score, layer) for who, (score, layer, _) in found.items()}


def by_kernel(rows, case, windows, least, layer_of, air, day=86_400):
    stretch = 86_400 // day  # so that days are short enough to be many: stretch all times instead
    rows = [(who, place, start * stretch, end * stretch) for who, place, start, end in rows]
    segments = [segment_of(rows)[0]]
    within = np.array(windows, np.int64).reshape(-1, 2) * stretch
    own = stays(own_rows(segments, case), within)
    found = meetings.meetings(segments, own, case, least_seconds=max(least, 1) * stretch)
    group = np.array([layer_of[place] == "cell" for place in own.run_place.tolist()], np.int64)
    runs = totals.Runs(group, np.array([air[place] for place in own.run_place.tolist()], np.float64))
    sums = totals.totals(found, runs, utc_offset_seconds=0)
    score = dilution.scores(sums, Weights())
    chosen = dilution.strongest(sums, score)
    assert score[chosen].tolist() == sorted(score[chosen].tolist(), reverse=True)
    return {int(sums.person[row]): (float(score[row]) * 60 / stretch, ("venue", "cell")[int(sums.group[row])])
            for row in chosen}  # fmt: skip


class TestGenerated:
    @settings(max_examples=150, deadline=None)
    @given(presence_rows, some_windows, st.integers(0, 8))
    def test_scores_agree_with_the_twin(self, rows, windows, least):
        """With days of ten seconds, so that many meetings touch several."""
        asked = (rows, 0, windows, least, ["cell", "cell", "venue", "venue"], [1.0, 0.5, 0.05, 1.0])
        wanted, found = by_twin(*asked, day=10), by_kernel(*asked, day=10)
        assert found.keys() == wanted.keys()
        for who, (score, layer) in found.items():
            assert (pytest.approx(score), layer) == wanted[who]

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.floats(0.01, 1e5), st.integers(1, 10**6), st.integers(1, 10**5), st.integers(1, 14)),
                    min_size=1, max_size=40), st.lists(st.integers(0, 50), min_size=1, max_size=4))  # fmt: skip
    def test_what_is_kept_and_left_out_is_everybody(self, rows, at):
        score, seconds, crowd, days = (np.array(column) for column in zip(*rows, strict=True))
        told = dilution.cuts(score, seconds, crowd, days, at=at)
        assert [one.keep for one in told] == sorted(set(at))
        for one in told:
            gone = sorted(rows, key=lambda row: (-row[0], -row[1]))[one.keep :]
            assert one.left_out == len(gone) == max(len(rows) - one.keep, 0)
            assert one.share_left_out == pytest.approx(sum(row[0] for row in gone) / sum(score))
            rest = (max((row[1] for row in gone), default=None), min((row[2] for row in gone), default=None),
                    max((row[3] for row in gone), default=None))  # fmt: skip
            longest = None if one.longest_minutes is None else round(one.longest_minutes * 60)
            assert (longest, one.smallest_occupancy, one.most_days) == rest


class TestBands:
    def test_the_first_holds_half_of_the_score(self):
        assert dilution.bands(np.array([50.0, 20.0, 15.0, 10.0, 4.0, 1.0])).tolist() == [1, 2, 2, 3, 4, 4]

    def test_one_person_is_in_the_first(self):
        assert dilution.bands(np.array([3.0])).tolist() == [1]

    def test_nobody_is_in_none(self):
        assert dilution.bands(np.zeros(0)).tolist() == []


class TestWeights:
    def test_nothing_weighs_more_than_the_same_closed_room(self):
        found = {(air, tier): Weights().of(air, tier) for air in Ventilation for tier in (Tier.SAME, Tier.NEIGHBOUR)}
        assert max(found.values()) == found[Ventilation.CLOSED, Tier.SAME] == 1
        assert found[Ventilation.UNKNOWN, Tier.SAME] == 1
        assert all(found[air, Tier.NEIGHBOUR] < found[air, Tier.SAME] for air in Ventilation)
