"""A hospital ward, a workplace and a town: what was known comes back through the store."""

import random

import pytest

from sizao.adapters.visits import Window
from tests.real import faces as real
from tests.real import store_of


@pytest.fixture(scope="module", params=list(real.SETS))
def seen(request):
    return real.faces(request.param)


@pytest.fixture(scope="module")
def store(seen):
    return store_of(real.circles(seen))[0]


def asked(store, windows, *, least_seconds=real.STEP):
    rows = store.companions(windows, least_seconds=least_seconds).to_pylist()
    return {(row["case"], row["person"]): row for row in rows}


def everybody(seen):
    return [Window(person, *seen.span) for person in {one for pair in seen.starts for one in pair}]


class TestCircles:
    def test_give_back_every_pair_and_nobody_else(self, seen, store):
        assert asked(store, everybody(seen)).keys() == seen.starts.keys()

    def test_give_back_when_a_pair_first_and_last_met(self, seen, store):
        found = asked(store, everybody(seen))
        for pair, starts in seen.starts.items():
            assert (found[pair]["first"], found[pair]["last"]) == (starts[0], starts[-1] + real.STEP)

    def test_count_seconds_but_where_two_circles_share_a_pair(self, seen, store):
        found = asked(store, everybody(seen))
        told = {pair: round(found[pair]["minutes"] * 60) for pair in found}
        true = {pair: real.STEP * len(starts) for pair, starts in seen.starts.items()}
        assert all(told[pair] >= true[pair] for pair in true)
        # Two circles that share a pair are two places at once, and the pair's time there counts twice.
        assert sum(told[pair] == true[pair] for pair in true) / len(true) > 0.88
        assert sum(told.values()) / sum(true.values()) < 1.012

    def test_keep_to_the_window_of_a_case(self, seen, store):
        rng = random.Random(1)
        low, high = seen.span
        for person in rng.sample(sorted({one for one, _ in seen.starts}), 20):
            start, end = sorted(rng.sample(range(low, high, real.STEP), 2))
            met = {pair for pair, starts in seen.starts.items()
                   if pair[0] == person and any(start <= one < end for one in starts)}  # fmt: skip
            assert asked(store, [Window(person, start, end)]).keys() == met


class TestSpots:
    """Places only: who stood at one spot, whoever faced whom. What the guide says of them was measured so."""

    @pytest.mark.parametrize(("least_seconds", "recall", "precision"), [(20, 1.0, 0.85), (120, 0.97, 0.79)])
    def test_find_nearly_all_and_some_more(self, seen, least_seconds, recall, precision):
        store, told = store_of(real.spots(seen))
        assert told["elsewhere"] == 0
        found = asked(store, everybody(seen), least_seconds=least_seconds).keys()
        true = {pair for pair, starts in seen.starts.items() if real.longest_run(starts) >= least_seconds}
        assert len(found & true) / len(true) >= recall
        assert precision <= len(found & true) / len(found) < 1


class TestPhones:
    def test_of_a_town_met_on_as_many_days_as_told(self):
        days, met = real.haslemere()
        store, _ = store_of(real.phones(days))
        people = {person for _, one, other, _ in days for person in (one, other)}
        found = asked(store, [Window(person, 0, 2**31) for person in people], least_seconds=300)
        assert {tuple(sorted(pair)) for pair in found} == set(met)
        assert all(found[pair]["meetings"] == met[tuple(sorted(pair))] for pair in found)
        assert sum(row["minutes"] for row in found.values()) == 2 * 5 * sum(points for *_, points in days)
