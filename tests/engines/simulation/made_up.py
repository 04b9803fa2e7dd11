"""A small city, its world and a made-up disease for the tests; the numbers stand for no real disease."""

import numpy as np

from sizao.engines.simulation import areas, city, orders, world
from sizao.engines.simulation.disease import Disease

FIRST_DAY, N_DAYS = -30, 120


def small_city(n=6000, seed=1, **layout):
    return city.build(areas.made_up_areas(n, **{"community": 400, "towns": 3, "counties": 2, **layout}), seed=seed)


def log_of(small):
    return orders.OrderLog(small.zones, small.people, first_day=FIRST_DAY, n_days=N_DAYS)


def world_of(small, log=None, seed=3, travel=None):
    journeys = {(0, 1): 60, (1, 0): 40, (2, 0): 25} if travel is None else travel
    return world.world(small, (log or log_of(small)).orders, seed=seed, travel=journeys)


def disease(**changes):
    by_age = np.ones((9, 4))
    values = {
        "name": "made up",
        "latent": np.array([0.0, 0.3, 0.5, 0.2]),
        "incubation": np.array([0.0, 0.0, 0.3, 0.4, 0.2, 0.1]),
        "infectiousness": np.array([0.15, 0.25, 0.25, 0.2, 0.1, 0.05]),
        "first_day": -2,
        "variation": 0.5,
        "symptomatic": np.full(9, 0.7),
        "asymptomatic_factor": 0.5,
        "rates": np.array([0.9, 0.2, 0.3, 0.08, 0.15]),
        "susceptibility": by_age * [1.0, 0.95, 0.9, 0.8],
        "infectivity": np.array([1.0, 1.0, 0.9, 0.8]),
        "pcr": np.array([0.0, 0.2, 0.6, 0.8, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]),
        "antigen": np.array([0.0, 0.1, 0.3, 0.6, 0.7, 0.6, 0.4, 0.2, 0.1]),
        "severe": by_age * 0.02,
        "critical": by_age * 0.005,
        "death": by_age * 0.001,
    }
    return Disease(**{**values, **changes})
