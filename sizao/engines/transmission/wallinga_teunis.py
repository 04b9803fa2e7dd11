"""
The cohort reproduction number: how many people the cases of a day did infect.

Wallinga and Teunis 2004 (American Journal of Epidemiology 160:509), with the numbers of EpiEstim 2.2-4. Each
case is shared among all earlier cases in proportion to the serial interval at their distance; what falls to
a case is its offspring. Cases without a possible source fall to nobody.

As in EpiEstim: imported cases are shared out like any other, and the last cohorts are too low, since whom
they will infect is not ill yet. Read windows that end one serial interval before the last day.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.incidence import Incidence, Windows
from sizao.engines.transmission.reproduction import QUANTILES, Reproduction
from sizao.engines.transmission.serial_interval import checked

Floats = NDArray[np.float64]


def cohort_reproduction(
    incidence: Incidence,
    serial_interval: Floats,
    *,
    rng: np.random.Generator,
    windows: Windows | None = None,
    n_simulations: int = 100,
    probabilities: Sequence[float] = QUANTILES,
) -> Reproduction:
    """
    Give R by day of onset of the source, averaged over the cases of each window; k = 0 first.

    The mean is exact. `sd` and `quantiles` are those of `n_simulations` draws of who infected whom: they say
    how uncertain the links are, not how R varies. NaN for windows without cases; `cases` are all of them here.
    """
    weights = checked(serial_interval)
    windows = windows or Windows.sliding(incidence.days)
    windows.check(incidence.days)
    cases = windows.sums(incidence.total)
    mean, sd = np.full(cases.shape, np.nan), np.full(cases.shape, np.nan)
    quantiles = np.full((*cases.shape, len(probabilities)), np.nan)
    for series, total in enumerate(incidence.total):
        sources = _sources(total, weights)
        some = cases[series] > 0
        drawn = (windows.sums(_draw(total, sources, rng, n_simulations)) / np.maximum(cases[series], 1))[:, some]
        mean[series, some] = (windows.sums(total @ sources) / np.maximum(cases[series], 1))[some]
        sd[series, some] = drawn.std(axis=0, ddof=1)
        quantiles[series, some] = np.quantile(drawn, probabilities, axis=0).T
    return Reproduction(windows, mean, sd, quantiles, cases, tuple(probabilities))


def _sources(total: Floats, weights: Floats) -> Floats:
    """Chance that a case of day i (row) was infected by any of day j (column); a row without sources is 0."""
    days = len(total)
    lag = np.arange(days)[:, None] - np.arange(days)[None, :]
    chance = np.where((lag > 0) & (lag < len(weights)), weights[np.clip(lag, 0, len(weights) - 1)], 0.0) * total
    sums = chance.sum(axis=1, keepdims=True)
    sources: Floats = np.divide(chance, sums, out=np.zeros_like(chance), where=sums > 0)
    return sources


def _draw(total: Floats, sources: Floats, rng: np.random.Generator, n: int) -> Floats:
    """Draw the day of each case's source, `n` times over; gives offspring by day of the source, (n, days)."""
    offspring = np.zeros((n, len(total)))
    for day in np.flatnonzero((total > 0) & (sources.sum(axis=1) > 0)):
        earlier = sources[day, :day]
        offspring[:, :day] += rng.multinomial(int(total[day]), earlier / earlier.sum(), size=n)
    return offspring
