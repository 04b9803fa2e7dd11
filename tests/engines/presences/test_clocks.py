"""How far a clock is off: the compiled count against the plain one, and offsets that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences.clocks import BIN_SECONDS, MOST_SECONDS, Changes, differences, offset

moments = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3 * 86_400)), max_size=25)


def changes(rows):
    pairs = np.array(rows, np.int64).reshape(-1, 2)
    return Changes(pairs[:, 0].copy(), pairs[:, 1].copy())


def plain(reference, other):
    """Count differences pair by pair."""
    counts = np.zeros(2 * MOST_SECONDS // BIN_SECONDS + 1, np.int64)
    for person, second in other:
        for who, when in reference:
            if who == person and abs(second - when) <= MOST_SECONDS:
                counts[(second - when + MOST_SECONDS + BIN_SECONDS // 2) // BIN_SECONDS] += 1
    return counts


def city(rng, *, ahead, together, n_people=300, days=5):
    """Dwells of people in cells, and gates that they pass: some as they come into a cell, the others by day."""
    person = np.repeat(np.arange(n_people), days * 6)
    day = np.tile(np.repeat(np.arange(days), 6), n_people)
    hour = rng.choice([7, 8, 9, 12, 17, 18, 19, 20], len(person), p=[0.2, 0.2, 0.1, 0.1, 0.2, 0.1, 0.05, 0.05])
    arrived = day * 86_400 + hour * 3_600 + rng.integers(0, 3_600, len(person))
    passed = rng.random(len(person)) < 0.3
    gate = arrived[passed] + rng.integers(0, 180, passed.sum())
    alone = rng.random(len(gate)) >= together
    gate[alone] = gate[alone] // 86_400 * 86_400 + rng.choice(arrived % 86_400, alone.sum())
    return Changes(person, arrived), Changes(person[passed], gate + ahead)


@settings(deadline=None)
@given(moments, moments)
def test_counts_as_pair_by_pair(reference, other):
    assert (differences(changes(reference), changes(other)) == plain(reference, other)).all()


@pytest.mark.parametrize("ahead", [0, 3_600, -7_200, 8 * 3_600 + 600])
def test_finds_a_clock_that_is_off_although_most_changes_do_not_agree(ahead):
    found = offset([city(np.random.default_rng(5), ahead=ahead, together=0.3)])
    assert found.believed
    assert abs(found.seconds - ahead - 90) <= 120  # gates tell up to three minutes later


def test_believes_nothing_where_only_the_rhythm_of_days_is_shared():
    for seed in range(5):
        assert not offset([city(np.random.default_rng(seed), ahead=3_600, together=0.0)]).believed


def test_knows_nothing_where_nobody_is_in_both():
    assert offset([(changes([(1, 5)]), changes([(2, 5)]))]) is None
