"""Who infected whom: the plain twin, the laws, and chances that hold in simulated outbreaks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.transmission.links import Course, Finding, Interval, Meetings, WrongLinks, likely_sources
from sizao.engines.transmission.serial_interval import NotASerialInterval
from tests.reference import links as plain

COURSE = Course(Interval.gamma(6, 2), infectious_before=2, infectious_after=10)


def meetings(*rows):
    columns = np.array(rows, float).reshape(-1, 5).T
    return Meetings(columns[0].astype(np.int64), columns[1].astype(np.int64), *columns[2:])


def found(onset, *rows, course=COURSE):
    return likely_sources(np.array(onset, float), meetings(*rows), course)


def chances(links, case):
    return {int(s): float(p) for c, s, p in zip(links.case, links.source, links.probability, strict=True) if c == case}


class TestLikelySources:
    def test_share_a_case_by_interval_and_minutes(self):
        links = found([0, 1, 6], (0, 2, 30, 2.0, 2.1), (1, 2, 60, 2.0, 2.1))
        weights = np.array([COURSE.interval.chances[6] * 30, COURSE.interval.chances[5] * 60])
        assert chances(links, 2) == pytest.approx(dict(enumerate(weights / weights.sum())))
        assert links.likeliest().tolist() == [-1, -1, 1]
        assert links.offspring() == pytest.approx([*(weights / weights.sum()), 0])

    @pytest.mark.parametrize(
        ("first", "counts"), [(-2.0, True), (-2.01, False), (4.99, True), (5.0, False), (3.0, True)]
    )
    def test_count_a_meeting_within_both_windows(self, first, counts):
        # Infectious from two days before day 0 on; infected at least two days before day 6.
        course = Course(Interval.gamma(6, 2), 2, 10, incubation_least=2)
        links = found([0, 6], (0, 1, 15, first, first), course=course)
        assert links.finding[1] == (Finding.CANDIDATES if counts else Finding.NOBODY_MET)

    def test_count_a_meeting_not_before_the_longest_incubation(self):
        course = Course(Interval.gamma(6, 2), 2, 10, incubation_most=3)
        links = found([0, 6], (0, 1, 15, 2.9, 2.9), (0, 1, 20, 3.0, 3.0), course=course)
        assert links.minutes.tolist() == [20]

    def test_take_the_part_of_a_sum_that_lies_in_time(self):
        links = found([0, 6], (0, 1, 100, -4.0, 4.0), (0, 1, 7, 1.0, 1.0))
        assert links.minutes == pytest.approx([100 * 6 / 8 + 7])

    def test_say_why_a_case_has_none(self):
        links = found(
            [0, 6, np.nan, 60, 6],
            (0, 1, 30, 2, 2), (0, 2, 30, 2, 2), (2, 4, 30, 2, 2), (0, 3, 30, 2, 2), (3, 3, 9, 58, 58),
        )  # fmt: skip
        nobody = Finding.NOBODY_MET
        assert links.finding == [nobody, Finding.CANDIDATES, Finding.NO_ONSET, Finding.INTERVAL, nobody]
        assert np.isnan(links.unseen[[0, 2, 3, 4]]).all()
        assert links.unseen[1] == 0

    def test_leave_a_share_to_a_source_that_nobody_knows(self):
        course = Course(Interval.gamma(6, 2), 2, 10, unseen_minutes=30)
        links = found([0, 6, 20], (0, 1, 30, 2, 2), course=course)
        at, peak = course.interval.chances[6], course.interval.chances.max()
        assert links.unseen == pytest.approx([1, peak / (peak + at), 1])
        assert chances(links, 1)[0] + links.unseen[1] == pytest.approx(1)

    def test_count_more_time_for_less_where_asked(self):
        course = Course(Interval.gamma(6, 2), 2, 10, half_minutes=10)
        links = found([0, 0, 6], (0, 2, 10, 2, 2), (1, 2, 1000, 2, 2), course=course)
        assert chances(links, 2) == pytest.approx({1: 2 / 3, 0: 1 / 3})

    def test_go_both_ways_where_a_meeting_was_told_once(self):
        both = meetings((1, 0, 30, 2, 2)).both_ways()
        links = likely_sources(np.array([0.0, 6.0]), both, COURSE)
        assert links.likeliest().tolist() == [-1, 0]


class TestIntervals:
    def test_of_a_gamma_begin_at_one_day_and_have_its_moments(self):
        interval = Interval.gamma(12.6, 2.8)
        days = interval.first + np.arange(len(interval.chances))
        assert interval.at(np.array([0.0, -3.0, 500.0])).tolist() == [0, 0, 0]
        assert interval.chances @ days == pytest.approx(12.6, abs=1e-3)

    def test_of_a_normal_may_be_negative(self):
        interval = Interval.normal(4.0, 3.0)
        days = interval.first + np.arange(len(interval.chances))
        assert interval.chances @ days == pytest.approx(4.0)
        assert interval.chances @ (days - 4.0) ** 2 == pytest.approx(9 + 1 / 12, rel=1e-6)  # whole days
        assert interval.at(np.array([-1.0]))[0] > 0

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda: Interval(0, np.array([0.5, 0.4])),
            lambda: Interval(0, np.array([1.5, -0.5])),
            lambda: Interval(0, np.array([])),
            lambda: Interval.normal(3, 0),
            lambda: Course(Interval.gamma(6, 2), -3, 2),
            lambda: Course(Interval.gamma(6, 2), 2, 10, incubation_least=4, incubation_most=4),
            lambda: Course(Interval.gamma(6, 2), 2, 10, half_minutes=0),
            lambda: Course(Interval.gamma(6, 2), 2, 10, unseen_minutes=-1),
            lambda: meetings((0, 1, 5, 3, 2)),
            lambda: meetings((0, 1, np.nan, 2, 3)),
        ],
    )
    def test_and_all_else_that_cannot_be_is_refused(self, wrong):
        with pytest.raises(WrongLinks):
            wrong()

    def test_below_a_day_is_refused(self):
        with pytest.raises(NotASerialInterval):
            Interval.gamma(1, 1)


DAYS = st.integers(0, 12)
ROW = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 90), DAYS, st.sampled_from([0, 0.25, 3]))


class TestBesideThePlainTwin:
    @settings(max_examples=150, deadline=None)
    @given(
        onset=st.lists(st.one_of(st.none(), DAYS), min_size=6, max_size=6),
        rows=st.lists(ROW, max_size=25),
        half=st.sampled_from([None, 20.0]),
        unseen=st.sampled_from([0.0, 15.0]),
        interval=st.sampled_from([Interval.gamma(4, 2), Interval.normal(2, 2), Interval(1, np.array([0.5, 0, 0.5]))]),
    )
    def test_agrees_on_any_meetings(self, onset, rows, half, unseen, interval):
        course = Course(interval, 1.5, 4, 1, 9, half, unseen)
        given_rows = [(source, other, minutes, first, first + more) for source, other, minutes, first, more in rows]
        links = found([np.nan if day is None else day for day in onset], *given_rows, course=course)
        plainly = plain.likely_sources(onset, given_rows, course)
        for case, (sources, outside) in plainly.items():
            assert chances(links, case) == pytest.approx(sources, rel=1e-9)
            assert links.unseen[case] == pytest.approx(outside, rel=1e-9, nan_ok=True) if sources or outside else True
        assert set(links.case.tolist()) == {case for case, (sources, _) in plainly.items() if sources}


class TestLaws:
    def test_of_all_minutes_twice_as_many_nothing_changes(self):
        rng = np.random.default_rng(1)
        onset, met = _outbreak(rng, n_cases=40)
        doubled = Meetings(met.source, met.other, met.minutes * 2, met.first, met.last)
        assert likely_sources(onset, met, COURSE).probability == pytest.approx(
            likely_sources(onset, doubled, COURSE).probability
        )

    def test_the_order_of_meetings_does_not_matter(self):
        rng = np.random.default_rng(2)
        onset, met = _outbreak(rng, n_cases=40)
        turned = rng.permutation(len(met))
        other = Meetings(*(column[turned] for column in (met.source, met.other, met.minutes, met.first, met.last)))
        one, again = (likely_sources(onset, each, COURSE) for each in (met, other))
        assert one.source.tolist() == again.source.tolist()
        assert one.probability == pytest.approx(again.probability)

    def test_chances_hold_in_outbreaks_that_spread_as_believed(self):
        """Of the links given a chance around p, a share of p is true; weighing the minutes wrongly shows."""
        rng = np.random.default_rng(3)
        rightly, wrongly = [], []
        for _ in range(25):
            onset, true, minutes = _spread(rng, n_people=80)
            source, other = (ends.ravel() for ends in np.indices(minutes.shape))
            day = np.zeros(len(source))
            met = Meetings(source, other, minutes.ravel(), day, day)
            cubed = Meetings(source, other, minutes.ravel() ** 3, day, day)
            for each, rows in ((met, rightly), (cubed, wrongly)):
                links = likely_sources(onset, each, ANY_TIME)
                rows.append(np.column_stack((links.probability, true[links.case] == links.source)))
        assert _worst_bin(np.concatenate(rightly)) < 0.05
        assert _worst_bin(np.concatenate(wrongly)) > 0.15


ANY_TIME = Course(COURSE.interval, 500, 500, 0, 500)


def _spread(rng, n_people):
    """Let a disease spread by competing risks: onset days (NaN: never ill), sources, minutes of each pair."""
    minutes = rng.exponential(30, (n_people, n_people))
    onset, source = np.full(n_people, np.nan), np.full(n_people, -1)
    onset[0] = 0
    for day in range(1, 40):
        ill = ~np.isnan(onset)
        risk = COURSE.interval.at(day - onset[ill])[:, None] * minutes[ill] / 1000
        for person in np.flatnonzero(~ill & (rng.random(n_people) < -np.expm1(-risk.sum(axis=0)))):
            onset[person] = day
            source[person] = rng.choice(np.flatnonzero(ill), p=risk[:, person] / risk[:, person].sum())
    return onset, source, minutes


def _outbreak(rng, n_cases):
    onset = np.sort(rng.integers(0, 25, n_cases)).astype(float)
    source, other = (rng.integers(0, n_cases, 8 * n_cases) for _ in range(2))
    day = rng.uniform(-2, 25, len(source))
    return onset, Meetings(source, other, rng.exponential(30, len(source)), day, day)


def _worst_bin(rows):
    chance, true = rows.T
    at = np.minimum((chance * 5).astype(int), 4)
    return max(abs(true[at == one].mean() - chance[at == one].mean()) for one in range(5))
