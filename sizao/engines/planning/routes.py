"""How far places are from one another, and how long a vehicle takes, where no table of roads is given."""

import numpy as np

from sizao.engines.sampling.pooled_test import Floats

EARTH_KM = 6371.0


def great_circle_km(here: Floats, there: Floats) -> Floats:
    """
    Measure from each place to each other by the haversine formula.

    `here` and `there` have the shape (rows, 2): longitude and latitude. The answer has the shape (here, there); a place
    without coordinates is NaN from everywhere.
    """
    one, other = np.radians(here), np.radians(there)
    half = np.sin((one[:, 1, None] - other[:, 1]) / 2) ** 2
    half += np.cos(one[:, 1, None]) * np.cos(other[:, 1]) * np.sin((one[:, 0, None] - other[:, 0]) / 2) ** 2
    km: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return km


def straight_minutes(at: Floats, *, kmh: float, detour: float = 1.3) -> Floats:
    """
    Estimate minutes on the road between places: the great circle, times a detour, at a speed.

    `at` has the shape (places, 2): longitude and latitude. The answer has the shape (places, places).
    """
    minutes: Floats = great_circle_km(at, at) * detour / kmh * 60
    return minutes
