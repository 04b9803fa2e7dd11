"""The few real alerts before the many that are nothing."""

from dataclasses import replace
from datetime import date, timedelta
from math import e, log, log10

import numpy as np
import pytest

from sizao.engines.detection.ranking import (
    Leads,
    evidence_of,
    growth_of,
    prior_of,
    ranked,
    score_of,
)
from sizao.engines.detection.trigger import Story, StreamDay
from sizao.terms import StreamKind

DAY = date(2021, 1, 2)


def said(stream=1, kind=StreamKind.FEVER_CLINIC, day=0, count=9.0, expected=3.0):
    return StreamDay(stream, kind, "130109", DAY + timedelta(days=day), count, expected, 0.01, is_alarm=True)


def story(area="130109", p_value=0.01, rules=("a-rule",), alarms=None, last=0):
    alarms = [said()] if alarms is None else alarms
    return Story(area, DAY, DAY + timedelta(days=last), p_value, rules, tuple(alarms))


class TestPrior:
    def test_begins_at_what_was_published(self):
        assert prior_of(Leads(settled=0, true=0)) == pytest.approx(0.007)

    def test_learns_from_what_became_of_alerts(self):
        assert prior_of(Leads(settled=100, true=10)) == pytest.approx(10.7 / 200)
        assert prior_of(Leads(settled=500, true=0)) < 0.007 < prior_of(Leads(settled=10, true=1))

    def test_comes_near_the_truth_after_many(self):
        rng = np.random.default_rng(5)
        true = int(rng.binomial(20_000, 0.3))
        assert prior_of(Leads(settled=20_000, true=true)) == pytest.approx(
            0.3, abs=3 * np.sqrt(0.3 * 0.7 / 20_000) + 0.002
        )

    def test_of_several_rules_is_the_best(self):
        history = {"good": Leads(settled=10, true=8), "bad": Leads(settled=900, true=0)}
        both = score_of(story(rules=("bad", "good", "new")), history).prior
        assert both == pytest.approx(log10(8.7 / (110 - 8.7)))


class TestEvidence:
    def test_is_the_bound_of_sellke_bayarri_and_berger(self):
        # Their table 1: p = 0.05 raises the odds 2.46 times at most, 0.01 7.99 times, 0.001 53.3 times.
        assert [round(10 ** evidence_of(p), 2) for p in (0.05, 0.01)] == [2.46, 7.99]
        assert 10 ** evidence_of(0.001) == pytest.approx(53.26, abs=0.01)

    def test_is_none_for_large_values_and_for_gaps(self):
        assert evidence_of(0.5) == evidence_of(1.0) == evidence_of(float("nan")) == 0.0

    def test_never_exceeds_a_millionfold(self):
        assert evidence_of(1e-300) == 6.0

    def test_falls_without_a_step(self):
        p = np.linspace(1e-6, 1, 5000)
        found = np.array([evidence_of(one) for one in p])
        assert (np.diff(found) <= 1e-12).all()
        assert evidence_of(1 / e - 1e-9) == pytest.approx(-log10(-e * (1 / e) * log(1 / e)), abs=1e-9)


class TestGrowth:
    def test_compares_the_last_alarm_of_a_stream_with_its_first(self):
        assert growth_of([said(day=0, count=4.5), said(day=3, count=49.5)]) == pytest.approx(1.0)
        assert growth_of([said(day=0, count=9.5), said(day=3, count=4.5)]) == pytest.approx(-log10(2))

    def test_goes_by_expectation(self):
        assert growth_of(
            [said(day=0, count=9.5, expected=9.5), said(day=1, count=19.5, expected=19.5)]
        ) == pytest.approx(0)

    def test_goes_by_counts_where_nothing_is_expected(self):
        days = [said(day=0, count=0.5, expected=np.nan), said(day=1, count=4.5, expected=2.0)]
        assert growth_of(days) == pytest.approx(log10(5))

    def test_is_none_where_each_stream_alarmed_once(self):
        assert growth_of([said(1), said(2, day=1)]) == 0.0
        assert growth_of([]) == 0.0

    def test_is_the_mean_of_the_streams_and_tenfold_at_most(self):
        rising = [said(1, day=0, count=0), said(1, day=1, count=5000)]
        level = [said(2, day=0), said(2, day=1)]
        assert growth_of(rising) == 1.0
        assert growth_of(level) == 0.0


class TestOrder:
    def test_puts_the_smaller_p_first(self):
        weak, strong = story(area="13", p_value=0.05), story(area="37", p_value=1e-6)
        assert [told.area for told, _ in ranked([weak, strong], {})] == ["37", "13"]

    def test_puts_breadth_first_among_equals(self):
        narrow = story(area="13", alarms=[said(1), said(2)])
        broad = story(area="37", alarms=[said(1), said(2, StreamKind.COLD_CHAIN)])
        assert [told.area for told, _ in ranked([narrow, broad], {})] == ["37", "13"]

    def test_puts_the_later_first_and_then_goes_by_area(self):
        told = [story(area="37"), story(area="13"), story(area="44", last=1)]
        assert [one.area for one, _ in ranked(told, {})] == ["44", "13", "37"]

    def test_adds_up_what_it_shows(self):
        score = score_of(story(), {})
        assert score.total == pytest.approx(score.prior + score.evidence + score.breadth + score.growth)

    def test_brings_the_few_real_ones_to_the_top(self):
        # 1,000 alerts, ten of them true: these have small p-values from two groups and grow. Chance has what is left.
        rng = np.random.default_rng(8)
        nothing = [story(area=f"{n:06d}", p_value=p) for n, p in enumerate(rng.uniform(0, 0.05, 990))]
        grown = [said(1, day=0), said(1, day=3, count=30.0), said(2, StreamKind.ANTIPYRETIC_SALES)]
        real = [story(area=f"99{n:04d}", p_value=p, alarms=grown) for n, p in enumerate(10 ** rng.uniform(-6, -2, 10))]
        order = [told.area for told, _ in ranked([*nothing, *real], {})]
        assert sum(area.startswith("99") for area in order[:20]) >= 9

    def test_follows_a_rule_that_was_right_before(self):
        told = [story(area="13"), replace(story(area="37"), rules=("trusted",))]
        history = {"trusted": Leads(settled=40, true=20)}
        assert [one.area for one, _ in ranked(told, history)] == ["37", "13"]
