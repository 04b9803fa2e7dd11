"""Some of the streams of one area speak within a few days."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.engines.detection.fusion import fisher, smallest_of
from sizao.engines.detection.trigger import Fired, StreamDay, TriggerRule, TriggerRuleImpossible, fired_on, stories
from sizao.terms import Combination, StreamGroup, StreamKind
from tests.reference import fusion as plain

DAY = date(2021, 1, 2)
CLINIC, SALES, SCHOOL, SWAB = (
    StreamKind.FEVER_CLINIC,
    StreamKind.ANTIPYRETIC_SALES,
    StreamKind.SCHOOL_ABSENCE,
    StreamKind.COLD_CHAIN,
)
RULE = TriggerRule(key="two-of-any", streams_at_least=2, window_days=7, area_digits=6)


def said(stream=1, kind=CLINIC, area="130109110212", days_ago=0, p_value=0.001, is_alarm=True, count=9.0, expected=3.0):
    return StreamDay(stream, kind, area, DAY - timedelta(days=days_ago), count, expected, p_value, is_alarm)


def fired(area="130109", first=0, last=0, rule="a-rule", p_value=0.01, alarms=()):
    return Fired(rule, area, DAY + timedelta(days=first), DAY + timedelta(days=last), p_value, 2, tuple(alarms))


class TestFiring:
    def test_needs_as_many_streams_as_it_says(self):
        assert fired_on(RULE, [said(1)], DAY) == ()
        assert fired_on(RULE, [said(1), said(2)], DAY)[0].alarms == (said(1), said(2))

    def test_counts_a_stream_once_however_often_it_alarms(self):
        assert fired_on(RULE, [said(1), said(1, days_ago=1), said(1, days_ago=2)], DAY) == ()

    def test_tells_area_days_and_what_contributed(self):
        quiet = said(3, p_value=0.6, is_alarm=False)
        found = fired_on(RULE, [quiet, said(2, SALES, days_ago=1), said(1, days_ago=4)], DAY)

        assert len(found) == 1
        assert (found[0].rule, found[0].area) == ("two-of-any", "130109")
        assert (found[0].first_day, found[0].last_day) == (DAY - timedelta(days=4), DAY - timedelta(days=1))
        assert [one.stream for one in found[0].alarms] == [1, 2]
        assert (found[0].n_streams, found[0].groups) == (3, {StreamGroup.PERSON, StreamGroup.GOODS})

    def test_looks_back_over_its_window_only(self):
        assert fired_on(RULE, [said(1), said(2, days_ago=6)], DAY)
        assert not fired_on(RULE, [said(1), said(2, days_ago=7)], DAY)
        assert not fired_on(RULE, [said(1), said(2, days_ago=-1)], DAY)

    def test_keeps_areas_apart_at_its_own_level(self):
        across = [said(1, area="130109110212"), said(2, area="130184001001")]
        assert not fired_on(RULE, across, DAY)
        assert [one.area for one in fired_on(replace(RULE, area_digits=4), [*across, said(3)], DAY)] == ["1301"]

    def test_does_not_hear_a_stream_of_a_wider_area(self):
        assert not fired_on(RULE, [said(1), said(2, area="1301")], DAY)

    def test_may_ask_for_several_groups(self):
        rule = replace(RULE, groups_at_least=2)
        assert not fired_on(rule, [said(1), said(2)], DAY)
        assert fired_on(rule, [said(1), said(2, SWAB)], DAY)

    def test_hears_only_the_kinds_and_groups_it_names(self):
        pair = [said(1), said(2, SALES)]
        assert not fired_on(replace(RULE, kinds=frozenset({CLINIC, SCHOOL})), pair, DAY)
        assert not fired_on(replace(RULE, groups=frozenset({StreamGroup.PERSON})), pair, DAY)
        assert fired_on(replace(RULE, groups=frozenset({StreamGroup.PERSON, StreamGroup.GOODS})), pair, DAY)

    def test_gives_areas_in_order(self):
        both = [said(n, area=area) for n, area in enumerate(["370100", "130109", "370100", "130109"])]
        assert [one.area for one in fired_on(RULE, both, DAY)] == ["130109", "370100"]


class TestCombining:
    def test_takes_the_best_day_of_each_stream_corrected_for_its_days(self):
        days = [said(1, p_value=0.001), said(1, p_value=0.2, days_ago=1, is_alarm=False), said(2, p_value=0.02)]
        assert fired_on(RULE, days, DAY)[0].p_value == pytest.approx(fisher([smallest_of([0.001, 0.2]), 0.02]))

    def test_lets_quiet_streams_speak_against(self):
        alarms = [said(1, p_value=0.01), said(2, p_value=0.01)]
        quiet = [said(n, p_value=0.9, is_alarm=False) for n in range(3, 9)]
        assert fired_on(RULE, alarms, DAY)[0].p_value < fired_on(RULE, [*alarms, *quiet], DAY)[0].p_value

    def test_holds_back_above_its_largest_p(self):
        weak = [said(1, p_value=0.04), said(2, p_value=0.04)]
        p = fired_on(RULE, weak, DAY)[0].p_value
        assert fired_on(replace(RULE, max_p=p), weak, DAY)
        assert not fired_on(replace(RULE, max_p=p * 0.99), weak, DAY)

    def test_follows_the_method_named(self):
        split = [said(1, p_value=1e-8), said(2, p_value=0.5)]
        by_sum = fired_on(replace(RULE, combination=Combination.EDGINGTON), split, DAY)[0].p_value
        assert by_sum == pytest.approx(0.5**2 / 2, rel=1e-6)

    def test_counts_an_alarm_without_a_p_value(self):
        found = fired_on(RULE, [said(1, p_value=np.nan), said(2, p_value=0.01)], DAY)
        assert found[0].p_value == pytest.approx(0.01)
        assert found[0].n_streams == 2

    def test_is_not_held_back_where_no_method_has_a_p_value(self):
        found = fired_on(replace(RULE, max_p=0.001), [said(1, p_value=np.nan), said(2, p_value=np.nan)], DAY)
        assert np.isnan(found[0].p_value)

    def test_leaves_out_a_day_on_which_the_detector_could_not_say(self):
        gap = said(3, p_value=np.nan, is_alarm=False)
        assert fired_on(RULE, [said(1), said(2), gap], DAY) == fired_on(RULE, [said(1), said(2)], DAY)

    def test_fires_by_chance_no_more_often_than_its_largest_p(self):
        # 2,000 areas of five quiet streams over seven days; every p-value uniform, alarms at 0.05.
        rng = np.random.default_rng(11)
        rule = replace(RULE, area_digits=12, streams_at_least=1, max_p=0.05)
        days = [
            said(stream, area=f"{area:012d}", days_ago=day, p_value=p, is_alarm=p < 0.05)
            for area in range(2000)
            for stream in range(5)
            for day, p in enumerate(rng.random(7))
        ]
        share = len(fired_on(rule, days, DAY)) / 2000
        assert share < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


class TestRules:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"streams_at_least": 0, "groups_at_least": 0}, "at least one stream must alarm"),
            ({"window_days": 0}, "its window is shorter than a day"),
            ({"area_digits": 5}, "no area code has 5 digits"),
            ({"max_p": 0.0}, "its largest p-value"),
            ({"max_p": 1.5}, "its largest p-value"),
            ({"groups_at_least": 3}, "more groups than streams"),
            ({"groups_at_least": 2, "groups": frozenset({StreamGroup.GOODS})}, "more groups than it hears"),
            ({"groups_at_least": 2, "kinds": frozenset({CLINIC})}, "more groups than it hears"),
            ({"kinds": frozenset({CLINIC}), "groups": frozenset({StreamGroup.GOODS})}, "more groups than it hears"),
            ({"groups_at_least": 0}, "at least one group must alarm"),
        ],
    )
    def test_are_refused_when_they_could_never_be_used(self, changes, reason):
        with pytest.raises(TriggerRuleImpossible, match=reason):
            replace(RULE, **changes)


class TestStories:
    def test_join_the_same_area_on_overlapping_days(self):
        told = stories([fired(first=0, last=3, rule="b"), fired(first=3, last=5, rule="a", p_value=0.001)])
        assert len(told) == 1
        assert (told[0].first_day, told[0].last_day) == (DAY, DAY + timedelta(days=5))
        assert (told[0].rules, told[0].p_value) == (("a", "b"), 0.001)

    def test_keep_days_apart_that_do_not_touch(self):
        assert len(stories([fired(first=0, last=2), fired(first=3, last=4)])) == 2

    def test_join_an_area_and_a_part_of_it_and_name_the_wider(self):
        told = stories([fired(area="130109110212"), fired(area="130109")])
        assert [story.area for story in told] == ["130109"]

    def test_keep_neighbours_apart(self):
        assert len(stories([fired(area="130109110"), fired(area="130109111")])) == 2

    def test_join_two_parts_through_the_whole(self):
        assert len(stories([fired(area="130109110"), fired(area="130109"), fired(area="130109111")])) == 1

    def test_say_each_alarm_once(self):
        told = stories([fired(alarms=[said(1), said(2)]), fired(alarms=[said(2), said(3, SALES)])])
        assert [one.stream for one in told[0].alarms] == [1, 2, 3]
        assert told[0].groups == {StreamGroup.PERSON, StreamGroup.GOODS}

    def test_have_no_p_value_where_no_trigger_has_one(self):
        assert np.isnan(stories([fired(p_value=np.nan), fired(p_value=np.nan)])[0].p_value)
        assert stories([fired(p_value=np.nan), fired(p_value=0.02)])[0].p_value == 0.02

    def test_of_nothing_are_none(self):
        assert stories([]) == ()

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["13", "1301", "1302", "130109", "130184", "37"]), st.integers(0, 12), st.integers(0, 4)
            ),
            max_size=14,
        )
    )
    def test_are_those_of_the_plain_twin(self, spans):
        known = [fired(area, first, first + length, rule=str(n)) for n, (area, first, length) in enumerate(spans)]
        expected = {tuple(sorted(str(n) for n in story)) for story in plain.stories(known)}
        assert {story.rules for story in stories(known)} == expected
