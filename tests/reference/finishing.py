"""The hours until so many more people are registered, counted area by area; and rounds to try a forecast on."""

import numpy as np


def hours_until(wanted, left, pace, shared, open_ahead):
    """Follow one draw after the other."""
    if wanted <= 0:
        return [0.0] * len(pace)
    return [_one(wanted, list(left), pace[n], shared[n], open_ahead) for n in range(len(pace))]


def _one(wanted, left, pace, shared, open_ahead):
    done = 0.0
    for hour, is_open in enumerate(open_ahead):
        if not is_open:
            continue
        came = [min(people, speed * shared[hour]) for people, speed in zip(left, pace, strict=True)]
        if done + sum(came) >= wanted:
            return hour + (wanted - done) / sum(came)
        left = [people - gone for people, gone in zip(left, came, strict=True)]
        done += sum(came)
    return float("inf")


def simulated_round(rng, *, areas=40, hours=60, shared=0.12, dispersion=3.0):
    """
    Draw a round hour by hour: each area with a pace of its own, hours that are good or bad for all, and scatter.

    Give the people expected by area and those registered (hours, areas).
    """
    expected = rng.integers(400, 4000, areas).astype(float)
    pace = expected / rng.uniform(8, 16, areas)
    left, rows = expected.copy(), []
    for _ in range(hours):
        mean = pace * np.exp(rng.normal(-(shared**2) / 2, shared))
        wish = rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion)
        came = np.minimum(left, wish)
        left -= came
        rows.append(came)
    return expected, np.array(rows, float)
