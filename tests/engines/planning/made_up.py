"""A made-up city to plan rounds for: a core, county towns and villages between them."""

import numpy as np


def places(*, people, villages, sites, seed, across_m=130_000.0):
    """Give people by village, positions of villages and sites in metres, and the tables each site has room for."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0.1, 0.9, (20, 2)) * across_m
    kind = rng.choice(3, villages, p=[0.3, 0.25, 0.45])
    at = rng.uniform(0, 1, (villages, 2)) * across_m
    core, town = kind == 0, kind == 1
    at[core] = across_m / 2 + rng.normal(0, across_m / 16, (core.sum(), 2))
    at[town] = towns[rng.integers(0, 20, town.sum())] + rng.normal(0, across_m / 50, (town.sum(), 2))
    share = rng.lognormal(0, 0.6, villages) * np.array([2.0, 1.2, 0.6])[kind]
    counts = np.maximum(1, np.round(share / share.sum() * people)).astype(np.int64)
    beside = rng.choice(villages, sites, p=counts / counts.sum())
    where = at[beside] + rng.normal(0, 150, (sites, 2))
    tables = rng.integers(4, 17, sites)
    return counts, at, where, tables
