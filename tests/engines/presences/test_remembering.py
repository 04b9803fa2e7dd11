"""A filter of what was told: it misses nothing, and errs seldom."""

import numpy as np
import pytest

from sizao.engines.presences.layout import Presences
from sizao.engines.presences.remembering import only, put, remembered
from sizao.engines.presences.sorting import lay_out


def laid_out(seed, n, *, n_people=5_000):
    """Lay out presences of one day; many people give a directory of those that there are, few one of all numbers."""
    dice = np.random.default_rng(seed)
    columns = [dice.integers(0, top, n).astype(np.uint32) for top in (n_people, 300, 86_400)]
    told = Presences(*columns, np.full(n, 60, np.uint32))
    return lay_out(told, n_persons=n_people, n_places=300, longest_seconds=60)[0].by_person


@pytest.mark.parametrize("n_people", [500, 100_000])
def test_what_was_put_in_is_always_found_and_little_else(n_people):
    held, new = laid_out(1, 20_000, n_people=n_people), laid_out(2, 20_000, n_people=n_people)
    told = remembered(40_000)
    assert not put(told, held)[:1].any()
    assert put(told, held).all()
    wrongly = put(told, new).mean()
    assert wrongly < 0.001
    assert put(told, new).all()
    assert told.n == 2 * (len(held.records) + len(new.records))


def test_beyond_its_room_it_still_misses_nothing():
    told = remembered(1)
    words = told.words = told.words[:64].copy()
    held = laid_out(3, 30_000)
    put(told, held)
    assert put(told, held).all()
    assert words.any()


def test_some_records_keep_their_directory():
    order = laid_out(4, 3_000)
    wanted = np.random.default_rng(5).random(len(order.records)) < 0.1
    kept = only(order, wanted)
    of = np.repeat(order.keys if len(order.keys) else np.arange(len(order.offsets) - 1), np.diff(order.offsets))
    assert np.repeat(kept.keys, np.diff(kept.offsets)).tolist() == of[wanted].tolist()
    assert kept.records.tolist() == order.records[wanted].tolist()
    assert only(order, np.zeros(len(of), bool)).offsets.tolist() == [0]
