"""The course of R: against plain sums over a fine grid, and against outbreaks whose drift and scatter are known."""

import numpy as np
import pytest
from scipy import stats

from sizao.engines.transmission.reproduction_course import follow_reproduction

FINE = np.linspace(-3, 3, 1201)


def on_a_grid(counts, pressure, *, persistence, start, drift, size):
    """The same by sums over a fine grid: mean and standard deviation of log R on the last day, log chance of all."""
    spread = np.log1p((start[1] / start[0]) ** 2)
    belief = stats.norm(np.log(start[0]) - spread / 2, np.sqrt(spread)).pdf(FINE)
    fit = 0.0
    step = FINE[1] - FINE[0]
    moves = stats.norm(persistence * FINE[:, None], drift).pdf(FINE[None, :]) * step
    for count, one in zip(counts, pressure, strict=True):
        mean = one * np.exp(FINE)
        belief = (belief @ moves) * stats.nbinom.pmf(count, size, size / (size + mean))
        chance = belief.sum() * step
        fit, belief = fit + np.log(chance), belief / chance
    mean = (belief * FINE).sum() * step
    return mean, np.sqrt((belief * (FINE - mean) ** 2).sum() * step), fit


@pytest.mark.parametrize(
    ("counts", "pressure"),
    [
        ([12, 9, 15, 30], [10.0, 11.0, 12.0, 14.0]),
        ([3, 0, 2, 1], [2.0, 2.0, 1.5, 1.0]),
        ([800, 950, 1100, 900], [900.0, 850.0, 900.0, 950.0]),
    ],
)
@pytest.mark.parametrize("size", [3.0, 50.0])
def test_follows_r_as_sums_over_a_fine_grid_do(counts, pressure, size):
    """The normal at the top of each day is an approximation: a tenth of a standard deviation is near enough."""
    how = {"persistence": 0.9, "start": (1.0, 0.5), "drift": 0.15, "size": size}
    told = follow_reproduction(np.array([counts], float), np.array([pressure]), **how)
    mean, deviation, _ = on_a_grid(counts, pressure, **how)
    assert told.mean[0, 0] == pytest.approx(mean, abs=0.1 * deviation)
    assert np.sqrt(told.variance[0, 0]) == pytest.approx(deviation, rel=0.1)
    assert told.weight.tolist() == [[1.0]]


def test_weighs_models_by_how_they_foretold_the_next_day():
    """One day, so that nothing is forgotten: weights are the chances of the count under each model."""
    told = follow_reproduction(np.array([[40.0]]), np.array([[10.0]]), persistence=0.9, start=(1.0, 0.5))
    fits = [
        on_a_grid([40], [10.0], persistence=0.9, start=(1.0, 0.5), drift=drift, size=size)[2]
        for drift, size in zip(told.drift[3::18], told.size[3::18], strict=True)
    ]
    assert np.log(told.weight[0, 3::18]) - np.log(told.weight[0, 3]) == pytest.approx(
        np.array(fits) - fits[0], abs=0.05
    )


def wandering(rng, *, step, size, n=40, days=60):
    log_r = np.zeros((n, days))
    for day in range(1, days):
        log_r[:, day] = 0.9 * log_r[:, day - 1] + rng.normal(0, step, n)
    pressure = np.full((n, days), 300.0)
    return rng.negative_binomial(size, size / (size + pressure * np.exp(log_r))).astype(float), pressure


@pytest.mark.parametrize(("step", "size"), [(0.02, 50.0), (0.11, 50.0), (0.11, 400.0), (0.02, 6.0)])
def test_learns_how_much_r_moves_and_counts_scatter(step, size):
    told = follow_reproduction(
        *wandering(np.random.default_rng(8), step=step, size=size), persistence=0.9, start=(1.0, 0.5)
    )
    drift, scatter = np.exp(told.weight.mean(axis=0) @ np.log(np.column_stack([told.drift, told.size]))).tolist()
    assert step / 2 < drift < step * 2
    assert size / 3 < scatter < size * 3


def test_a_faint_day_tells_nothing():
    counts, pressure = np.array([[20.0, 22.0, 19.0]]), np.array([[20.0, 20.0, 20.0]])
    how = {"persistence": 0.9, "start": (1.0, 0.5), "drift": 0.1, "size": 20.0}
    told = follow_reproduction(counts, pressure, **how)
    later = follow_reproduction(np.c_[counts, [[1.0]]], np.c_[pressure, [[0.01]]], **how)
    assert later.mean[0, 0] == pytest.approx(0.9 * told.mean[0, 0])
    assert later.variance[0, 0] == pytest.approx(0.81 * told.variance[0, 0] + 0.01)


def test_each_curve_is_followed_by_itself():
    counts, pressure = wandering(np.random.default_rng(9), step=0.05, size=20.0, n=3)
    together = follow_reproduction(counts, pressure, persistence=0.9, start=(1.0, 0.5))
    apart = [
        follow_reproduction(c[None], p[None], persistence=0.9, start=(1.0, 0.5))
        for c, p in zip(counts, pressure, strict=True)
    ]
    for name in ("mean", "variance", "weight"):
        assert getattr(together, name) == pytest.approx(np.concatenate([getattr(one, name) for one in apart]))


def test_draws_have_the_moments_of_the_course():
    counts, pressure = wandering(np.random.default_rng(9), step=0.05, size=20.0, n=2)
    told = follow_reproduction(counts, pressure, persistence=0.9, start=(1.0, 0.5))
    log_r, drift, _ = told.draw(np.repeat([0, 1], 20_000), np.random.default_rng(1))
    assert log_r.reshape(2, -1).mean(axis=1) == pytest.approx((told.weight * told.mean).sum(axis=1), abs=0.01)
    assert drift.reshape(2, -1).mean(axis=1) == pytest.approx(told.weight @ told.drift, rel=0.03)
