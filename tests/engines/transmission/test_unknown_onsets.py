"""Onsets that nobody wrote down are borrowed from cases found at the same time."""

import numpy as np
import pytest

from sizao.engines.transmission.unknown_onsets import TooFewOnsets, borrow_onsets

NAN = float("nan")


class TestBorrowOnsets:
    def test_leaves_known_onsets_as_they_are(self):
        found, onset = np.arange(12), np.arange(12.0) - 3
        drawn = borrow_onsets(found, onset, draws=5, rng=_rng())
        assert (drawn == onset).all()

    def test_borrows_from_those_found_nearest(self):
        # Early on the delay was 8 days, later 1 day; somebody found late must not get the early delay.
        found = np.array([0] * 10 + [30] * 10 + [30, 0])
        onset = np.array([-8.0] * 10 + [29.0] * 10 + [NAN, NAN])
        drawn = borrow_onsets(found, onset, draws=50, rng=_rng(), nearest=10)
        assert set(drawn[:, 20]) == {29}
        assert set(drawn[:, 21]) == {-8}

    def test_recovers_the_delay_that_was_hidden(self):
        rng = _rng()
        delays = rng.poisson(4, size=4000)
        found = np.full(4000, 100)
        onset = np.where(rng.random(4000) < 0.5, found - delays, NAN)
        drawn = borrow_onsets(found, onset, draws=1, rng=rng)
        hidden = np.isnan(onset)
        standard_error = np.sqrt(4 / hidden.sum())
        assert (100 - drawn[0, hidden]).mean() == pytest.approx(4, abs=4 * standard_error)

    def test_does_not_depend_on_the_order_of_the_rows(self):
        found = np.array([5, 7, 7, 9, 6, 5, 8, 8, 4, 9, 5, 6])
        onset = np.array([2, 7, NAN, 4, 6, 1, 3, 8, 4, 5, 5, 2.0])
        turned = np.argsort(-found, kind="stable")
        one = borrow_onsets(found, onset, draws=20, rng=_rng(), nearest=6, least=3)
        other = borrow_onsets(found[turned], onset[turned], draws=20, rng=_rng(), nearest=6, least=3)
        assert (one[:, turned] == other).all()

    def test_draws_the_same_from_the_same_seed(self):
        found, onset = np.arange(30), np.where(np.arange(30) % 2, np.arange(30.0) - 2, NAN)
        first, again = (borrow_onsets(found, onset, draws=9, rng=_rng()) for _ in range(2))
        assert (first == again).all()

    def test_refuses_where_too_few_are_known(self):
        with pytest.raises(TooFewOnsets, match="Only 9 cases"):
            borrow_onsets(np.arange(20), np.where(np.arange(20) < 9, 0.0, NAN), draws=1, rng=_rng())


def _rng():
    return np.random.default_rng(2021)
