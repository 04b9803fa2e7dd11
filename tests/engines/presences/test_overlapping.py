"""One sweep over a person's presences finds what comparing each with all before it finds."""

import numpy as np
import pytest

from sizao.engines.presences.layout import IMPUTED
from sizao.engines.presences.overlapping import sweep
from sizao.engines.presences.settling import _meet_earlier


def compared(records, kept, coalesce, told):
    for row in range(len(records)):
        found = _meet_earlier(records, kept, 0, row, coalesce)
        if found:
            told[found] += 1


def some_presences(seed):
    """Presences of one person by start; those closed by rule end by the next start, as `sorting` leaves them."""
    dice = np.random.default_rng(seed)
    n = int(dice.integers(1, 40))
    start = np.sort(dice.integers(0, int(dice.integers(1, 30)), n))
    length = dice.integers(1, 12, n)
    imputed = dice.random(n) < dice.choice([0, 0.2, 0.6])
    gap = [min((int(later - one) for later in start if later > one), default=12) for one in start]
    length = np.where(imputed, np.minimum(length, gap), length)
    return np.stack([start, length + imputed * int(IMPUTED), dice.integers(0, 3, n)], axis=1).astype(np.uint32)


@pytest.mark.parametrize("coalesce", [False, True])
def test_a_sweep_finds_what_comparing_finds(coalesce):
    for seed in range(400):
        plain, swept = some_presences(seed), some_presences(seed)
        kept, keeps = np.ones(len(plain), bool), np.ones(len(plain), bool)
        told, tells = np.zeros(5, np.int64), np.zeros(5, np.int64)
        compared(plain, kept, coalesce, told)
        sweep(swept, keeps, 0, len(swept), coalesce, tells)
        assert tells.tolist() == told.tolist(), seed
        assert keeps.tolist() == kept.tolist(), seed
        assert swept[keeps].tolist() == plain[kept].tolist(), seed
