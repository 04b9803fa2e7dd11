"""From the editions to the terms of a round: which values, from which day, and what is refused."""

from datetime import date

import pytest

from sizao.protocol import NeedsConfirmation, rules_at
from sizao.protocol.testing_rounds import (
    CompletionUnsaid,
    NoRoundsByArea,
    PoolSizeNotAllowed,
    pool_sizes,
    round_rule,
    round_terms,
)

BEFORE_GUIDES, GUIDE_1, GUIDE_3 = date(2021, 1, 15), date(2021, 3, 1), date(2022, 6, 1)


def terms(day, people=1_000_000, **given):
    rules = rules_at(day)
    return round_terms(rules, people=people, pool_size=10, ask=rules.value, people_per_table_hour=150, **given)


class TestTerms:
    def test_of_edition_7_give_small_cities_two_days_and_large_ones_five(self):
        assert terms(GUIDE_1, 5_000_000).complete_hours == 48
        assert terms(GUIDE_1, 5_000_001).complete_hours == 120

    def test_follow_the_guide_of_the_day_within_an_edition(self):
        assert terms(date(2021, 6, 1)).site_people is None
        later = terms(GUIDE_3)
        assert (later.site_people, later.table_people, later.people_per_sampler) == (3000, 800, 360)
        assert later.complete_hours == 24

    def test_turn_a_walk_of_fifteen_minutes_into_a_kilometre(self):
        assert terms(GUIDE_3).walk_metres == pytest.approx(1000)
        assert terms(GUIDE_1).walk_metres is None

    def test_let_the_place_say_otherwise(self):
        told = terms(GUIDE_3, complete_hours=30, walk_metres=None, detour=1.5)
        assert (told.complete_hours, told.walk_metres, told.detour) == (30, None, 1.5)

    def test_refuse_what_nobody_has_confirmed(self):
        rules = rules_at(GUIDE_1)
        with pytest.raises(NeedsConfirmation, match="transport_hours"):
            round_terms(rules, people=1000, pool_size=10)
        drill = rules_at(GUIDE_1, drill=True)
        assert round_terms(drill, people=1000, pool_size=10, people_per_table_hour=150).carry_hours == 4

    def test_refuse_a_size_and_an_edition_that_do_not_fit(self):
        rules = rules_at(GUIDE_1)
        with pytest.raises(PoolSizeNotAllowed, match="5, 10"):
            round_terms(rules, people=1000, pool_size=20, ask=rules.value)
        late = rules_at(date(2023, 2, 1))
        with pytest.raises(NoRoundsByArea):
            round_terms(late, people=1000, pool_size=1, ask=late.value)

    def test_refuse_a_round_without_an_end(self):
        with pytest.raises(CompletionUnsaid, match="edition-7"):
            terms(BEFORE_GUIDES)
        assert terms(BEFORE_GUIDES, complete_hours=72).complete_hours == 72


class TestPools:
    def test_are_the_editions(self):
        assert pool_sizes(rules_at(GUIDE_1)) == (5, 10)
        assert pool_sizes(rules_at(date(2023, 2, 1))) == (1,)


class TestTheRuleOfRounds:
    def test_is_none_where_the_edition_says_nothing(self):
        rule = round_rule(rules_at(GUIDE_1))
        assert (rule.enabled, rule.stop_after_clean, rule.recent_case_interval_days) == (True, None, None)
