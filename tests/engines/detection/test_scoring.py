"""What a detector would have cost and won on history."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.detection.scoring import (
    Costs,
    NotOnRecord,
    Share,
    TrueOutbreak,
    cheapest,
    cost_of,
    scorecard,
    sweep,
    worthwhile,
)


def line(text):
    """A series by hand: `!` an alarm, `.` none, `?` not judged."""
    return np.array([[sign == "!" for sign in text]]), np.array([[sign != "?" for sign in text]])


class TestScorecard:
    def test_counts_the_days_until_the_first_alarm(self):
        #             quiet│outbreak│quiet
        card = scorecard(*line("......!!....!.."), [TrueOutbreak(0, 4, 8)])
        assert card.delays == (2.0,)
        assert (card.sensitivity.hits, card.sensitivity.of) == (1, 1)
        assert (card.false_alarms.hits, card.false_alarms.of) == (1, 10)
        assert card.false_alarms_per_100 == pytest.approx(10)
        assert (card.predictive_value.hits, card.predictive_value.of) == (2, 3)

    def test_an_alarm_on_the_first_day_comes_at_once(self):
        assert scorecard(*line("..!.."), [TrueOutbreak(0, 2, 4)]).delays == (0.0,)

    def test_an_alarm_before_the_first_day_is_a_false_one(self):
        card = scorecard(*line(".!..."), [TrueOutbreak(0, 2, 4)])
        assert np.isnan(card.delays[0])
        assert (card.sensitivity.hits, card.false_alarms.hits) == (0, 1)

    def test_an_alarm_that_comes_too_late_finds_nothing_and_is_not_false(self):
        card = scorecard(*line("......!"), [TrueOutbreak(0, 3, 6)], within=3)
        assert (card.sensitivity.hits, card.sensitivity.of, card.false_alarms.hits) == (0, 1, 0)
        assert scorecard(*line("......!"), [TrueOutbreak(0, 3, 6)], within=4).sensitivity.hits == 1

    def test_days_that_were_not_judged_count_for_nothing(self):
        card = scorecard(*line("??..??..!?"), [TrueOutbreak(0, 4, 5)])
        assert (card.sensitivity.of, card.false_alarms.of, card.false_alarms.hits) == (0, 5, 1)
        assert np.isnan(card.sensitivity.value)

    def test_an_alarm_where_nothing_was_judged_is_none(self):
        alarms, judged = np.array([[True, True]]), np.array([[False, True]])
        assert scorecard(alarms, judged, []).false_alarms.hits == 1

    def test_keeps_series_apart(self):
        alarms = np.array([[0, 1, 0, 0], [0, 0, 0, 1]], bool)
        card = scorecard(alarms, np.ones((2, 4), bool), [TrueOutbreak(0, 1, 2), TrueOutbreak(1, 0, 1)])
        assert card.delays[0] == 0
        assert np.isnan(card.delays[1])
        assert (card.false_alarms.hits, card.false_alarms.of) == (1, 4)

    def test_takes_the_middle_of_the_delays_it_knows(self):
        card = scorecard(*line("!...!.....!....."), [TrueOutbreak(0, first, first + 4) for first in (0, 4, 8, 11)])
        assert card.delays[:2] == (0.0, 0.0)
        assert card.median_delay == 0.0
        assert np.isnan(scorecard(*line("..."), []).median_delay)

    @pytest.mark.parametrize(
        "wrong", [TrueOutbreak(1, 0, 1), TrueOutbreak(0, 2, 1), TrueOutbreak(0, 0, 3), TrueOutbreak(0, -1, 1)]
    )
    def test_refuses_an_outbreak_that_is_not_in_the_history(self, wrong):
        with pytest.raises(NotOnRecord, match="does not lie in the history"):
            scorecard(*line("..."), [wrong])


class TestShare:
    def test_has_the_exact_interval(self):
        # As scipy's own exact binomial interval gives it.
        for hits, of in [(0, 10), (3, 10), (10, 10), (1, 1000)]:
            exact = stats.binomtest(hits, of).proportion_ci(0.95, "exact")
            assert (Share(hits, of).lowest, Share(hits, of).highest) == pytest.approx((exact.low, exact.high))

    def test_says_nothing_of_nothing(self):
        assert np.isnan(Share(0, 0).value)
        assert (Share(0, 0).lowest, Share(0, 0).highest) == (0.0, 1.0)

    @given(st.integers(1, 200), st.integers(0, 200))
    def test_lies_in_its_interval(self, of, hits):
        share = Share(min(hits, of), of)
        assert 0 <= share.lowest <= share.value <= share.highest <= 1


class TestSweep:
    @pytest.fixture
    def strength(self):
        rng = np.random.default_rng(3)
        values = rng.normal(size=(6, 200))
        values[:, 100:110] += 2.5
        values[0, :20] = np.nan
        return values

    @pytest.fixture
    def outbreaks(self):
        return [TrueOutbreak(series, 100, 109) for series in range(6)]

    def test_trades_sensitivity_for_false_alarms(self, strength, outbreaks):
        tried = sweep(strength, outbreaks, worthwhile(strength))
        assert len(tried) > 40
        found = [one.card.sensitivity.hits for one in tried]
        false = [one.card.false_alarms.hits for one in tried]
        assert found == sorted(found, reverse=True)
        assert false == sorted(false, reverse=True)
        assert (found[0], found[-1], false[-1]) == (6, 0, 0)

    def test_alarms_above_and_not_at_the_threshold(self):
        tried = sweep(np.array([[1.0, 2.0]]), [], [1.0, 2.0])
        assert [one.card.false_alarms.hits for one in tried] == [1, 0]

    def test_does_not_judge_gaps(self, strength, outbreaks):
        assert sweep(strength, outbreaks, [0.0])[0].card.false_alarms.of == 6 * 190 - 20

    def test_chooses_by_what_it_costs(self, strength, outbreaks):
        tried = sweep(strength, outbreaks, worthwhile(strength))
        careful = cheapest(tried, Costs(false_alarm=1, missed=10_000, late=100))
        thrifty = cheapest(tried, Costs(false_alarm=100, missed=1, late=0))
        assert careful.threshold < thrifty.threshold
        assert careful.card.sensitivity.hits == 6
        assert thrifty.card.false_alarms.hits == 0

    def test_adds_up_the_costs(self):
        card = scorecard(*line("!.....!....."), [TrueOutbreak(0, 4, 7), TrueOutbreak(0, 8, 11)])
        assert cost_of(card, Costs(false_alarm=1, missed=50, late=5)) == 1 + 50 + 10

    def test_has_no_threshold_where_nothing_was_judged(self):
        assert len(worthwhile(np.full((2, 3), np.nan))) == 0
