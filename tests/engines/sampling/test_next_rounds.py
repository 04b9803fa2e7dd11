"""Which areas are tested again: the rules of the editions by example, and what must always hold."""

from datetime import date

import numpy as np
import pytest

from sizao.engines.sampling.next_rounds import (
    NEVER,
    RoundRule,
    RoundsOutOfOrder,
    RowsDiffer,
    clean_rounds,
    next_rounds,
    scope,
)
from sizao.protocol import shipped
from sizao.protocol.in_force import rules_at
from sizao.protocol.testing_rounds import round_rule
from sizao.terms import NextRound, RoundScope


def rule_of(name):
    rules = rules_at(min(shipped().edition(name).effective_until, date(2100, 1, 1)))
    return round_rule(rules, ask=rules.value)


def steps(rule, days, positives, last_case, *, today=None, source_unknown=False):
    by_round = np.array(positives, np.int64).reshape(len(last_case), len(days))
    found = next_rounds(
        rule, round_days=np.array(days, np.int64), positives=by_round,
        last_case_day=np.array(last_case), today=days[-1] if today is None else today, source_unknown=source_unknown,
    )  # fmt: skip
    return [(one.next_day, one.reason) for one in found]


class TestEdition8:
    def test_frequency_follows_the_cases_of_each_street(self):
        told = steps(
            rule_of("edition-8"), [10, 12, 14, 16],
            [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], [14, 10, 1, NEVER],
        )  # fmt: skip
        assert told == [
            (17, NextRound.RECENT_CASE),
            (18, NextRound.CASE_IN_14_DAYS),
            (21, NextRound.NO_CASE_IN_14_DAYS),
            (21, NextRound.NO_CASE_IN_14_DAYS),
        ]

    def test_a_case_found_between_rounds_counts_as_well(self):
        assert steps(rule_of("edition-8"), [10, 12, 14], [[0, 0, 0]], [11]) == [(15, NextRound.RECENT_CASE)]

    def test_with_an_unknown_source_three_rounds_come_first(self):
        rule = rule_of("edition-8")
        assert steps(rule, [10, 11], [[0, 0]], [NEVER], source_unknown=True) == [(12, NextRound.FIRST_ROUNDS)]
        assert steps(rule, [10, 11], [[0, 0]], [NEVER]) == [(16, NextRound.NO_CASE_IN_14_DAYS)]


class TestEdition9:
    def test_daily_until_three_clean_rounds_then_one_more_after_three_days(self):
        rule = rule_of("edition-9")
        assert steps(rule, [1, 2, 3], [[4, 1, 0]], [2]) == [(4, NextRound.NOT_YET_CLEAN)]
        assert steps(rule, [1, 2, 3, 4], [[4, 0, 0, 0]], [1]) == [(7, NextRound.CONFIRMING)]
        assert steps(rule, [1, 2, 3, 4, 7], [[4, 0, 0, 0, 0]], [1]) == [(None, NextRound.DONE)]

    def test_a_fourth_round_on_the_next_day_confirms_nothing(self):
        assert steps(rule_of("edition-9"), [1, 2, 3, 4, 5], [[4, 0, 0, 0, 0]], [1]) == [(8, NextRound.CONFIRMING)]

    def test_a_case_in_the_last_round_begins_anew(self):
        assert steps(rule_of("edition-9"), [1, 2, 3, 4, 7], [[4, 0, 0, 0, 2]], [7]) == [(8, NextRound.NOT_YET_CLEAN)]


class TestOtherEditions:
    def test_what_is_not_said_is_told_as_such(self):
        assert steps(rule_of("edition-7"), [1], [[0]], [NEVER]) == [(None, NextRound.NOT_SAID)]

    def test_none_by_area(self):
        assert steps(rule_of("class-b"), [1], [[3]], [1]) == [(None, NextRound.NOT_BY_AREA)]

    def test_before_the_first_round_all_are_due(self):
        assert steps(rule_of("edition-9"), [], [], [3, NEVER], today=5) == [(5, NextRound.FIRST_ROUNDS)] * 2


class TestRounds:
    def test_clean_at_the_end_are_counted(self):
        assert [clean_rounds(np.array(row)) for row in ([0, 0], [1, 0, 0], [0, 2], [])] == [2, 2, 0, 0]

    def test_out_of_order_or_of_other_areas_are_refused(self):
        rule = RoundRule(enabled=True)
        with pytest.raises(RoundsOutOfOrder, match="Round 2 is on day 3"):
            steps(rule, [4, 3], [[0, 0]], [NEVER])
        with pytest.raises(RowsDiffer, match="positives"):
            next_rounds(rule, round_days=np.array([1]), positives=np.zeros((2, 1), np.int64),
                        last_case_day=np.zeros(3, np.int64), today=1, source_unknown=False)  # fmt: skip


class TestScope:
    AFFECTED, COUNTY = np.array([1, 0, 0, 1, 0], bool), np.array([1, 1, 2, 3, 3])

    def reached(self, **how):
        how = {"rule": RoundRule(enabled=True), "affected": self.AFFECTED, "county": self.COUNTY} | how
        word, rows = scope(**how)
        return word, rows.tolist()

    def test_is_the_affected_streets_where_the_chain_is_known(self):
        assert self.reached(chain_known=True, wide_from_counties=None) == (RoundScope.STREETS, self.AFFECTED.tolist())

    def test_is_their_counties_where_it_is_not(self):
        told = self.reached(chain_known=False, wide_from_counties=3)
        assert told == (RoundScope.COUNTIES, [True, True, False, True, True])

    def test_is_the_city_from_as_many_counties_as_were_said(self):
        assert self.reached(chain_known=True, wide_from_counties=2) == (RoundScope.CITY, [True] * 5)

    def test_is_none_without_a_case_or_a_rule(self):
        nobody = np.zeros(5, bool)
        assert self.reached(affected=nobody, chain_known=False, wide_from_counties=1)[0] is RoundScope.NONE
        assert (
            self.reached(rule=RoundRule(enabled=False), chain_known=False, wide_from_counties=1)[0] is RoundScope.NONE
        )
