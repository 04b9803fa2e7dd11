"""The rules of response levels: read whole or refused whole, and judged by what was counted."""

import pytest

from sizao.protocol import FaultyProtocol, shipped
from sizao.protocol.read_response_levels import load_level_rules, shipped_level_rules
from sizao.protocol.response_levels import level_asked, level_proposed
from sizao.protocol.shipped import shipped_text
from sizao.terms import AreaLevel, ConditionMet, LevelFact, ResponseLevel

COUNTY, CITY, PROVINCE = AreaLevel.COUNTY, AreaLevel.CITY, AreaLevel.PROVINCE
QUIET = {
    (LevelFact.CASES, 14): 0, (LevelFact.PARTS_WITH_CASES, 14): 0, (LevelFact.CASES_WAITING, 0): 0,
    (LevelFact.DAYS_WITHOUT_CASE, 0): 20, (LevelFact.ALERTS_OPEN, 0): 0, (LevelFact.ALERTS_CONFIRMED, 0): 0,
    (LevelFact.NEIGHBOURS_IN_EMERGENCY, 0): 0, (LevelFact.PARTS_IN_EMERGENCY, 0): 0,
    (LevelFact.ZONES_PUBLISHED, 0): 0,
}  # fmt: skip


def asked(at, **counts):
    facts = QUIET | {key: counts[key[0]] for key in QUIET if key[0] in counts}
    rules = shipped_level_rules()
    return rules.asked(at, facts), rules.returning(at, facts)


def proposed(at, standing, **counts):
    return level_proposed(standing, *asked(at, **counts))


class TestProposing:
    def test_a_case_asks_for_an_emergency_in_its_county_and_city(self):
        assert proposed(COUNTY, ResponseLevel.ROUTINE, cases=1) == ResponseLevel.EMERGENCY
        assert proposed(CITY, ResponseLevel.ROUTINE, cases=1) == ResponseLevel.EMERGENCY

    def test_one_city_with_cases_puts_the_province_on_alert_and_two_in_emergency(self):
        assert proposed(PROVINCE, ResponseLevel.ROUTINE, parts_with_cases=1) == ResponseLevel.ALERT
        assert proposed(PROVINCE, ResponseLevel.ROUTINE, parts_with_cases=2) == ResponseLevel.EMERGENCY

    @pytest.mark.parametrize("fact", ["alerts_open", "neighbours_in_emergency", "cases_waiting"])
    def test_what_might_become_a_case_asks_for_an_alert(self, fact):
        assert proposed(COUNTY, ResponseLevel.ROUTINE, **{fact: 1}) == ResponseLevel.ALERT

    def test_nothing_asks_for_nothing(self):
        assert proposed(COUNTY, ResponseLevel.ROUTINE) is None

    def test_what_is_not_known_asks_for_nothing_and_is_said(self):
        judged, _ = asked(COUNTY, alerts_open=None)
        assert level_asked(judged) == ResponseLevel.ROUTINE
        assert {str(one.condition.key): one.met for one in judged}["open_alert"] is ConditionMet.UNKNOWN


class TestReturning:
    def test_needs_every_condition(self):
        assert proposed(COUNTY, ResponseLevel.EMERGENCY) == ResponseLevel.ROUTINE
        assert proposed(COUNTY, ResponseLevel.EMERGENCY, zones_published=1) is None
        assert proposed(COUNTY, ResponseLevel.EMERGENCY, days_without_case=13) is None

    def test_is_held_back_by_what_is_not_known(self):
        assert proposed(COUNTY, ResponseLevel.EMERGENCY, zones_published=None) is None

    def test_goes_only_as_far_down_as_conditions_let_it(self):
        assert proposed(COUNTY, ResponseLevel.EMERGENCY, alerts_open=1) == ResponseLevel.ALERT


class TestTheFile:
    def test_shortens_only_clocks_that_are_open_to_an_annex(self):
        bounds = shipped().bounds
        assert all(bounds[one.key].direction == "lower" for one in shipped_level_rules().clocks)

    def test_names_only_teams_that_there_are(self):
        from sizao.protocol.teams import shipped_team_kinds

        kinds = set(shipped_team_kinds().kinds)
        assert {key for one in shipped_level_rules().switches.values() for key in one.teams} <= kinds

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('level = "alert"', 'level = "war"', "war"),
            ('fact = "cases"', 'fact = "rumours"', "rumours"),
            ("at_least = 1\nwithin_days = 14", "within_days = 14", "at_least or at_most"),
            ("report_every_days = 7", "report_every_days = 0", "1 or more"),
            ("report_due_hour = 9", "report_due_hour = 24", "hour of the day"),
            ("review_hours = 72\n", "", "looked at again"),
            ('key = "investigation.full_report_hours"', 'key = "investigation.no_hours"', "no_hours"),
            ('key = "zones_lifted"', 'key = "days_without_case"', "second time"),
        ],
    )
    def test_says_what_is_wrong_with_a_row(self, old, new, said):
        text = shipped_text("response_levels.toml")
        assert old in text
        with pytest.raises(FaultyProtocol, match=said):
            load_level_rules(text.replace(old, new, 1), "response_levels.toml")

    def test_needs_a_switch_for_each_level(self):
        text = shipped_text("response_levels.toml")
        head, _, rest = text.partition('[[switches]]\nlevel = "routine"')
        with pytest.raises(FaultyProtocol, match="routine"):
            load_level_rules(head + rest[rest.index("[[switches]]") :], "response_levels.toml")
