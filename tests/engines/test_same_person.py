"""Pieces told under several tokens of one person: the same as minute by minute, whatever their order."""

import numpy as np
import pytest

from sizao.engines.presences.same_person import as_one, rejoined


def plainly(rows, least):
    """Say which stretches there are, second by second."""
    found = []
    for place, person in sorted({(row[0], row[1]) for row in rows}):
        seconds = {at for row in rows if (row[0], row[1]) == (place, person) for at in range(row[2], row[3])}
        # A span that ends where another begins touches it: then no second is missing between them.
        for at in sorted(seconds):
            if at - 1 not in seconds:
                end = at
                while end in seconds:
                    end += 1
                if end - at >= max(least, 1):
                    found.append([place, person, at, end])
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("least", [1, 12])
def test_are_joined_as_they_are_second_by_second(seed, least):
    dice = np.random.default_rng(seed)
    start = dice.integers(0, 200, 60)
    rows = np.column_stack((dice.integers(0, 3, 60), dice.integers(0, 4, 60), start, start + dice.integers(1, 20, 60)))
    assert rejoined(rows, least_seconds=least).tolist() == plainly(rows.tolist(), least)


def test_of_nobody_are_nothing():
    assert len(rejoined(np.zeros((0, 4), np.int64), least_seconds=1)) == 0


@pytest.mark.parametrize("seed", range(10))
def test_meetings_lie_in_the_stays_they_name(seed):
    dice = np.random.default_rng(seed)
    start = np.sort(dice.integers(0, 5_000, 12))
    own = np.column_stack((dice.integers(0, 3, 12), np.zeros(12, int), start, start + dice.integers(60, 600, 12)))
    picked = own[dice.integers(0, 12, 40)]
    begins = picked[:, 2] + dice.integers(0, 30, 40)
    others = np.column_stack((picked[:, 0], dice.integers(1, 5, 40), begins, np.minimum(begins + 25, picked[:, 3])))
    stays, met = as_one(own, others, least_seconds=10)
    for run, begin, end in zip(met.run.tolist(), met.start.tolist(), met.end.tolist(), strict=True):
        assert stays[run, 2] <= begin < end <= stays[run, 3]
    order = list(zip(met.run.tolist(), met.person.tolist(), met.start.tolist(), strict=True))
    assert order == sorted(order)
    told = sorted(
        zip(stays[met.run, 0].tolist(), met.person.tolist(), met.start.tolist(), met.end.tolist(), strict=True)
    )
    assert told == [tuple(row) for row in plainly(others.tolist(), 10)]
