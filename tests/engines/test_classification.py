"""A definition is met, not met, or not settled: checked against trying every open answer."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sizao.engines.classification import (
    AtLeast,
    Criterion,
    Not,
    all_of,
    any_of,
    classify,
    contradicted,
    criteria,
    meets,
    meets_many,
    reasons,
    still_open,
)
from tests.reference import classification as plain

NAMES = "abcde"
FEVER, IMAGE, CELLS, SWAB = (Criterion(name) for name in ("fever", "image", "cells", "swab"))
TWO_OF_THREE = AtLeast(2, (FEVER, IMAGE, CELLS))

leaves = st.sampled_from(NAMES).map(Criterion)
answers = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([True, False, None]))


def branches(inner):
    def counted(trees):
        return st.integers(1, len(trees)).map(lambda count: AtLeast(count, tuple(trees)))

    return inner.map(Not) | st.lists(inner, min_size=1, max_size=4).flatmap(counted)


trees = st.recursive(leaves, branches, max_leaves=10)


class TestMeets:
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({"fever": True, "image": True}, True),
            ({"fever": True, "image": False}, None),
            ({"fever": True, "image": False, "cells": False}, False),
            ({"image": False, "cells": False}, False),
            ({"fever": None}, None),
            ({}, None),
        ],
    )
    def test_is_settled_as_soon_as_no_open_answer_could_change_it(self, facts, expected):
        assert meets(TWO_OF_THREE, facts) is expected

    @given(tree=trees, facts=answers)
    def test_agrees_with_trying_every_answer(self, tree, facts):
        assume(not contradicted(tree))
        assert meets(tree, facts) is plain.meets(tree, facts)

    @given(tree=trees, facts=answers)
    def test_is_never_wrong_even_where_a_tree_contradicts_itself(self, tree, facts):
        verdict = meets(tree, facts)
        assert verdict is None or {verdict} == plain.verdicts(tree, facts)

    @given(tree=trees, facts=answers, name=st.sampled_from(NAMES), answer=st.booleans())
    def test_stays_when_more_becomes_known(self, tree, facts, name, answer):
        verdict = meets(tree, facts)
        if verdict is not None and facts.get(name) is None:
            assert meets(tree, {**facts, name: answer}) is verdict

    @given(tree=trees, facts=answers)
    def test_ignores_what_the_tree_does_not_ask_and_the_order_of_branches(self, tree, facts):
        assert meets(tree, {**facts, "unrelated": True}) is meets(tree, facts)
        if isinstance(tree, AtLeast):
            assert meets(AtLeast(tree.count, tree.of[::-1]), facts) is meets(tree, facts)

    @given(tree=trees, facts=answers)
    def test_turns_round_under_not(self, tree, facts):
        verdict = meets(tree, facts)
        assert meets(Not(tree), facts) is (None if verdict is None else not verdict)


class TestMeetsMany:
    @given(tree=trees, people=st.lists(answers, max_size=8))
    def test_agrees_with_one_by_one(self, tree, people):
        columns = {
            name: np.array([np.nan if (one := p.get(name)) is None else float(one) for p in people], dtype=float)
            for name in NAMES
        }
        expected = [np.nan if (one := meets(tree, person)) is None else float(one) for person in people]
        assert np.array_equal(meets_many(tree, columns, len(people)), expected, equal_nan=True)

    def test_takes_a_missing_column_as_unknown(self):
        assert np.isnan(meets_many(any_of(FEVER, SWAB), {"fever": np.zeros(2)}, 2)).all()
        assert (meets_many(any_of(FEVER, SWAB), {"fever": np.ones(2)}, 2) == 1.0).all()


class TestCriteria:
    def test_are_listed_once_in_the_order_asked(self):
        assert criteria(all_of(SWAB, TWO_OF_THREE, Not(SWAB))) == ("swab", "fever", "image", "cells")

    def test_that_stand_plain_and_negated_are_found(self):
        assert contradicted(all_of(SWAB, any_of(FEVER, Not(SWAB)))) == ("swab",)
        assert contradicted(all_of(SWAB, Not(Not(SWAB)))) == ()

    @given(tree=trees, facts=answers)
    def test_that_carry_a_verdict_are_enough_for_it(self, tree, facts):
        verdict = meets(tree, facts)
        carrying = reasons(tree, facts)
        if verdict is None:
            assert carrying == ()
        else:
            assert meets(tree, {name: facts[name] for name in carrying}) is verdict

    @given(tree=trees, facts=answers)
    def test_still_open_are_unknown_and_settle_the_tree_when_answered(self, tree, facts):
        open_now = still_open(tree, facts)
        assert all(facts.get(name) is None for name in open_now)
        assert bool(open_now) == (meets(tree, facts) is None)
        assert meets(tree, {**facts, **dict.fromkeys(open_now, True)}) is not None


class TestClassify:
    definitions = {
        "confirmed": all_of(TWO_OF_THREE, SWAB),
        "asymptomatic": all_of(SWAB, Not(any_of(FEVER, IMAGE))),
        "suspected": TWO_OF_THREE,
    }

    def test_gives_the_first_that_is_met_with_its_reasons(self):
        found = classify(self.definitions, {"fever": True, "image": True, "swab": True})
        assert (found.meets, found.could_be, found.ask) == ("confirmed", (), ())
        assert found.reasons == ("fever", "image", "swab")

    def test_says_what_a_person_could_still_be_and_what_to_ask(self):
        found = classify(self.definitions, {"fever": True, "cells": True})
        assert (found.meets, found.could_be, found.ask) == ("suspected", ("confirmed",), ("swab",))

    def test_finds_nothing_when_nothing_is_met(self):
        found = classify(self.definitions, {"fever": False, "image": False, "swab": False})
        assert (found.meets, found.could_be, found.reasons, found.ask) == (None, (), (), ())
