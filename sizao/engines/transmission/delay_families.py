"""
Three families of delays: lognormal, gamma and Weibull.

Each has two free numbers, kept on a scale without bounds while a fit looks for them: (meanlog, log sdlog)
or (log shape, log scale).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]


# Where a search turns back, on the log scale: delays without any spread, or spread beyond any use.
LEAST, WIDEST = -12.0, 3.0


class DelayFamily(StrEnum):
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    WEIBULL = "weibull"


@dataclass(frozen=True)
class Family:
    """What a fit needs of a family; `first` and `second` are the numbers as the field writes them."""

    names: tuple[str, str]
    distribution: Callable[[float, float], stats.rv_continuous]
    cdf: Callable[[Floats, float, float], Floats]  # of the same, without the checks that make a search slow
    partial_mean: Callable[[Floats, float, float], Floats]
    start: Callable[[float, float], tuple[float, float]]

    def natural(self, free: Floats) -> tuple[float, float]:
        """Turn free numbers into the field's."""
        first, second = float(free[0]), float(free[1])
        if self.names[0] == "meanlog":
            return first, float(np.exp(np.clip(second, LEAST, WIDEST)))
        return float(np.exp(np.clip(first, -WIDEST, -LEAST))), float(np.exp(np.clip(second, LEAST, -LEAST)))

    def integral(self, upto: Floats, free: Floats) -> Floats:
        """
        Integrate the distribution function from 0 to each of `upto`; 0 below nought.

        By parts it is x F(x) minus the mean of the delays up to x, so no quadrature is needed.
        """
        first, second = self.natural(free)
        x = np.maximum(upto, 0.0)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # where a family has hardly any spread
            below = x * self.cdf(x, first, second) - self.partial_mean(x, first, second)
        return np.asarray(np.maximum(below, 0.0))


def _lognormal_cdf(x: Floats, meanlog: float, sdlog: float) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(special.ndtr((np.log(np.maximum(x, 0.0)) - meanlog) / sdlog))


def _gamma_cdf(x: Floats, shape: float, scale: float) -> Floats:
    return np.asarray(special.gammainc(shape, np.maximum(x, 0.0) / scale))


def _weibull_cdf(x: Floats, shape: float, scale: float) -> Floats:
    return np.asarray(-np.expm1(-((np.maximum(x, 0.0) / scale) ** shape)))


def _lognormal_part(x: Floats, meanlog: float, sdlog: float) -> Floats:
    with np.errstate(divide="ignore"):
        z = (np.log(x) - meanlog - sdlog**2) / sdlog
    return np.asarray(np.exp(meanlog + sdlog**2 / 2) * special.ndtr(z))


def _gamma_part(x: Floats, shape: float, scale: float) -> Floats:
    return np.asarray(shape * scale * special.gammainc(shape + 1, x / scale))


def _weibull_part(x: Floats, shape: float, scale: float) -> Floats:
    return np.asarray(scale * special.gamma(1 + 1 / shape) * special.gammainc(1 + 1 / shape, (x / scale) ** shape))


def _start_lognormal(mean: float, sd: float) -> tuple[float, float]:
    spread = np.log1p((sd / mean) ** 2)
    return float(np.log(mean) - spread / 2), float(np.log(np.sqrt(spread)))


def _start_gamma(mean: float, sd: float) -> tuple[float, float]:
    return float(2 * np.log(mean / sd)), float(np.log(sd**2 / mean))


def _start_weibull(mean: float, sd: float) -> tuple[float, float]:
    shape = (mean / sd) ** 1.086  # a well-known approximation, good enough to begin with
    return float(np.log(shape)), float(np.log(mean / special.gamma(1 + 1 / shape)))


FAMILIES = {
    DelayFamily.LOGNORMAL: Family(
        ("meanlog", "sdlog"),
        lambda meanlog, sdlog: stats.lognorm(sdlog, scale=np.exp(meanlog)),
        _lognormal_cdf,
        _lognormal_part,
        _start_lognormal,
    ),
    DelayFamily.GAMMA: Family(
        ("shape", "scale"), lambda shape, scale: stats.gamma(shape, scale=scale), _gamma_cdf, _gamma_part, _start_gamma
    ),
    DelayFamily.WEIBULL: Family(
        ("shape", "scale"),
        lambda shape, scale: stats.weibull_min(shape, scale=scale),
        _weibull_cdf,
        _weibull_part,
        _start_weibull,
    ),
}
