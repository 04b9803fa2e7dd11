"""Early warning is data: what is shipped can be used, a narrower area decides for itself, and faults are named."""

from dataclasses import replace
from datetime import date

import pytest

from sizao.engines.detection import methods
from sizao.engines.detection.settings import read_settings
from sizao.protocol import rules_at
from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.read_triggers import load_early_warning, shipped_early_warning, shipped_watch_at
from sizao.protocol.shipped import shipped_text
from sizao.protocol.titles import key_title
from sizao.protocol.triggers import watch_at
from sizao.terms import Role, StreamGroup, StreamKind, StreamStep, ValueStatus

DAY = date(2021, 1, 2)
FILE = "surveillance/early-warning-2020.toml"
DETECTORS = [row for file in shipped_early_warning() for row in file.detectors]


def written(old="", new=""):
    text = shipped_text(FILE)
    assert old in text
    return text.replace(old, new, 1)


def faults_of(text):
    with pytest.raises(FaultyProtocol) as refusal:
        load_early_warning(text, "own.toml")
    return {fault.key: fault for fault in refusal.value.faults}


class TestShipped:
    @pytest.mark.parametrize("detector", DETECTORS, ids=lambda row: row.key)
    def test_detectors_are_methods_that_are_there_with_settings_that_they_have(self, detector):
        read_settings(detector.method, methods.find(detector.method).keys, dict(detector.settings))

    @pytest.mark.parametrize("kind", StreamKind)
    def test_every_kind_of_stream_is_judged_day_by_day_or_week_by_week(self, kind):
        assert [row for row in DETECTORS if kind in row.kinds]

    def test_a_positive_of_the_laboratory_rings_alone_within_the_two_hours_of_the_law(self):
        rule = {one.key: one for one in shipped_watch_at(DAY, "130109").triggers}["laboratory"]
        assert (rule.rule.streams_at_least, rule.rule.kinds) == (1, {StreamKind.LABORATORY})
        assert (rule.clock.whole, rule.clock.unit, rule.clock.status) == (2, "hours", ValueStatus.LAW)
        assert rule.clock.sources == ("L2",)
        assert rule.role is Role.DUTY_OFFICER

    def test_multi_point_needs_two_of_people_goods_and_places(self):
        rule = {one.key: one for one in shipped_watch_at(DAY, "130109").triggers}["multi_point"].rule
        assert (rule.streams_at_least, rule.groups_at_least, rule.area_digits) == (2, 2, 6)
        assert not rule.groups or len(rule.groups) == len(StreamGroup)

    def test_nothing_is_in_force_before_its_first_day(self):
        assert shipped_watch_at(date(2019, 12, 31), "130109").triggers == ()

    def test_every_value_has_a_name_in_both_languages(self):
        for value in shipped_watch_at(DAY, "13").values():
            assert any("一" <= letter <= "鿿" for letter in key_title(value.key, "zh-hans"))
            assert key_title(value.key, "en").isascii()


class TestConfirmation:
    def test_rules_of_a_day_hold_the_values_and_say_which_wait(self):
        rules = rules_at(DAY, "130109")
        assert rules.need("triggers.laboratory_clock_hours").whole == 2
        assert rules.awaits_confirmation(rules.value("triggers.multi_point"))
        assert not rules_at(DAY, "130109", drill=True).awaits_confirmation(rules.value("triggers.multi_point"))


class TestNarrowerArea:
    def test_takes_the_place_of_the_row_of_the_same_key_there_and_below(self):
        wide = load_early_warning(written(), "wide.toml")
        narrow = load_early_warning(written("streams_at_least = 1", "streams_at_least = 3"), "narrow.toml")
        narrow = replace(narrow, id="county", area_code="130109", triggers=narrow.triggers[:1], detectors=())
        here, there = (watch_at(DAY, code, [narrow, wide]) for code in ("130109110212", "130184"))
        assert [rule.rule.streams_at_least for rule in here.triggers][:2] == [3, 1]
        assert [rule.rule.streams_at_least for rule in there.triggers][:2] == [1, 1]
        assert here.detectors == there.detectors
        assert here.triggers[0].key == "laboratory"

    def test_ends_on_its_last_day(self):
        text = written("effective_from = 2020-01-01", "effective_from = 2020-01-01\neffective_until = 2021-01-02")
        file = load_early_warning(text, "own.toml")
        assert watch_at(DAY, "13", [file]).triggers
        assert not watch_at(date(2021, 1, 3), "13", [file]).triggers


class TestFaults:
    @pytest.mark.parametrize(
        ("old", "new", "key", "told"),
        [
            ('method = "threshold"', "", "detectors[0].method", "is missing"),
            ('step = "day"', 'step = "hour"', "detectors[0].step", "It may hold: day, week"),
            ('kinds = ["laboratory", ', 'kinds = ["labratory", ', "detectors[0].kinds", "Did you mean laboratory?"),
            ("settings = {threshold = 1}", "settings = {threshold = [1]}", "detectors[0].settings", "a table of"),
            ('key = "daily_short_baseline"', 'key = "single_report"', "detectors[1].key", "a second time"),
            ("streams_at_least = 1", "streams_at_least = 0", "triggers[0].key", "at least one stream must alarm"),
            ("clock_hours = 2", "clock_hours = 0", "triggers[0].clock_hours", "an hour at least"),
            ('clock_status = "law"', "", "triggers[0].clock_status", "is missing"),
            ('level = "county"', 'level = "region"', "triggers[0].level", "It may hold"),
            ("max_p = 1.0", 'max_p = "all"', "triggers[0].max_p", "must be a number"),
            ('id = "early-warning-2020"', "", "id", "is missing"),
        ],
    )
    def test_are_told_with_row_and_line(self, old, new, key, told):
        fault = faults_of(written(old, new))[key]
        assert told in fault.text

    def test_are_all_told_at_once(self):
        text = written('method = "threshold"', "").replace("clock_hours = 2", "clock_hours = 0")
        assert {"detectors[0].method", "triggers[0].clock_hours", "triggers[1].clock_hours"} <= set(faults_of(text))

    def test_a_step_has_its_own_detectors(self):
        weekly = next(row for row in DETECTORS if row.step == StreamStep.WEEK)
        assert weekly.judges(StreamKind.FEVER_CLINIC, StreamStep.WEEK)
        assert not weekly.judges(StreamKind.FEVER_CLINIC, StreamStep.DAY)
        assert not weekly.judges(StreamKind.LABORATORY, StreamStep.WEEK)
