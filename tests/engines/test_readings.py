"""Cycle thresholds by the rule of a kit: what is positive, what is tested again, what is no result at all."""

import numpy as np
import pytest

from sizao.engines.readings import (
    INCONCLUSIVE,
    INVALID,
    NEGATIVE,
    POSITIVE,
    KitRule,
    RuleImpossible,
    blank_holds,
    found_of,
)
from sizao.engines.tube_codes import code_of, serial_of, serials_of

NONE = np.nan
TWO = KitRule(targets=(0, 1), needed=2, cutoff_ct=37.0, grey_ct=40.0, internal=2)


class TestFound:
    @pytest.mark.parametrize(
        ("ct", "found"),
        [
            ((30, 31, 28), POSITIVE),
            ((37, 37, 28), POSITIVE),
            ((30, 31, NONE), POSITIVE),
            ((30, NONE, 28), INCONCLUSIVE),
            ((38, 38, 28), INCONCLUSIVE),
            ((NONE, 40, 28), INCONCLUSIVE),
            ((NONE, 40.5, 28), NEGATIVE),
            ((NONE, NONE, 28), NEGATIVE),
            ((NONE, NONE, NONE), INVALID),
        ],
    )
    def test_follows_the_rule(self, ct, found):
        assert found_of(np.array([ct], dtype=float), TWO).tolist() == [found]

    def test_of_each_row_does_not_depend_on_the_others(self):
        ct = np.array([[30, 31, 28], [NONE, NONE, NONE], [NONE, NONE, 28]])
        one_by_one = [found_of(row[None], TWO)[0] for row in ct]
        assert found_of(ct[::-1], TWO).tolist()[::-1] == one_by_one

    def test_holds_a_blank_only_where_nothing_crossed(self):
        ct = np.array([[NONE, NONE, NONE], [NONE, 44.0, NONE], [NONE, NONE, 30.0]])
        assert blank_holds(ct, TWO).tolist() == [True, False, True]

    @pytest.mark.parametrize(
        "rule", [{"needed": 3}, {"needed": 0}, {"cutoff_ct": 0.0}, {"cutoff_ct": 61.0}, {"grey_ct": 30.0}]
    )
    def test_refuses_a_rule_that_cannot_be(self, rule):
        with pytest.raises(RuleImpossible):
            KitRule(**{"targets": (0, 1), "needed": 2, "cutoff_ct": 37.0, "internal": 2} | rule)


class TestSerials:
    def test_are_read_alike_one_by_one_and_together(self):
        codes = [code_of(n) for n in (0, 1, 97, 123_456, 9_999_999_999)]
        codes += ["", "123", codes[1] + "0", codes[2][:-1] + "x", codes[3][:-1] + str((int(codes[3][-1]) + 1) % 10)]
        one_by_one = [-1 if serial_of(code) is None else serial_of(code) for code in codes]
        assert serials_of(np.array(codes)).tolist() == one_by_one
