"""
The serial interval: days from the onset of a case to the onset of whom it infected.

A distribution is an array over k = 0, 1, 2 … days whose entry 0 is 0: nobody falls ill on the day of their
source. A gamma is made discrete as in Cori et al. 2013 (American Journal of Epidemiology 178:1505, web
appendix 11): one day plus a gamma time, begun at any moment of a day, so that the weights are a triangle.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sizao.errors import SizaoError

Floats = NDArray[np.float64]

TOLERANCE = 0.01  # EpiEstim accepts a distribution whose sum lies this near to 1, and so do we


class NotASerialInterval(SizaoError):
    """A distribution or a pair of moments that can be no serial interval."""

    code = "transmission.not_a_serial_interval"
    message = "This is no serial interval: {reason} Correct it and ask again."


def checked(distribution: Floats) -> Floats:
    """
    Give the distribution back as floats, or raise NotASerialInterval.

    It is used as it is: a sum of 0.995 is accepted and not stretched to 1, as EpiEstim does.
    """
    weights = np.asarray(distribution, dtype=np.float64)
    if weights.ndim != 1 or len(weights) < 2:
        raise NotASerialInterval(reason="it needs chances for 0, 1, … days, two at least.")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise NotASerialInterval(reason="each chance must be a number of zero or more.")
    if weights[0] != 0:
        reason = f"the chance of 0 days is {weights[0]:g}; it must be 0, since the method needs a later onset."
        raise NotASerialInterval(reason=reason)
    if abs(weights.sum() - 1) > TOLERANCE:
        reason = f"the chances sum to {weights.sum():.6g}; they must sum to 1, within {TOLERANCE}."
        raise NotASerialInterval(reason=reason)
    return weights


def check_moments(mean: float, sd: float) -> None:
    """Raise NotASerialInterval unless a gamma of this mean and standard deviation (days) can be made discrete."""
    if not mean > 1 or not np.isfinite(mean):
        raise NotASerialInterval(reason=f"its mean is {mean:g} days; the method needs more than 1.")
    if not sd > 0 or not np.isfinite(sd):
        raise NotASerialInterval(reason=f"its standard deviation is {sd:g} days; the method needs more than 0.")


def discretised_gamma(mean: float | Floats, sd: float | Floats, days: int) -> Floats:
    """
    Give the chances of k = 0 … days - 1 days for a gamma of this mean and standard deviation, in days.

    Arrays of means and sds give one row each. What lies beyond `days` is cut off: the sum is below 1 then.
    """
    mean, sd = np.asarray(mean, dtype=np.float64)[..., None], np.asarray(sd, dtype=np.float64)[..., None]
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)
    edges = np.maximum(np.arange(-2.0, days), 0.0) / scale  # k-2, k-1 and k for each k, nothing below 0
    below = special.gammainc(shape, edges)
    partial = shape * scale * special.gammainc(shape + 1, edges)
    k = np.arange(float(days))
    chances = k * below[..., 2:] + (k - 2) * below[..., :-2] - 2 * (k - 1) * below[..., 1:-1]
    chances += 2 * partial[..., 1:-1] - partial[..., :-2] - partial[..., 2:]
    chances[..., 0] = 0.0
    whole: Floats = np.maximum(chances, 0.0)
    return whole


def as_serial(distribution: Floats) -> Floats:
    """Leave out k = 0: entry i of the result is the chance of i + 1 days."""
    return checked(distribution)[1:]


@dataclass(frozen=True, slots=True)
class UncertainSerialInterval:
    """
    A gamma serial interval whose mean and standard deviation (days) are themselves not known well.

    Both are normal, cut to what lies between their ends (Cori et al. 2013).
    """

    mean: float
    mean_sd: float
    mean_min: float
    mean_max: float
    sd: float
    sd_sd: float
    sd_min: float
    sd_max: float

    def __post_init__(self) -> None:
        check_moments(self.mean, self.sd)
        if not (self.mean_sd > 0 and self.sd_sd > 0):
            raise NotASerialInterval(reason="how uncertain its mean and its sd are must be more than 0.")
        if not (1 <= self.mean_min < self.mean_max and self.mean_min <= self.mean <= self.mean_max):
            raise NotASerialInterval(reason="its mean must lie between its ends, and the lower end at 1 or more.")
        if not (0 <= self.sd_min < self.sd_max and self.sd_min <= self.sd <= self.sd_max):
            raise NotASerialInterval(reason="its sd must lie between its ends, and the lower end at 0 or more.")

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """Draw `n` means and as many standard deviations, each apart."""
        means = _cut_normal(rng, n, (self.mean, self.mean_sd), (self.mean_min, self.mean_max))
        return means, _cut_normal(rng, n, (self.sd, self.sd_sd), (self.sd_min, self.sd_max))


def _cut_normal(rng: np.random.Generator, n: int, normal: tuple[float, float], ends: tuple[float, float]) -> Floats:
    centre, spread = normal
    low, high = (special.ndtr((end - centre) / spread) for end in ends)
    drawn = centre + spread * special.ndtri(low + (high - low) * rng.random(n))
    # Never quite at an end: a gamma of mean 1 or of sd 0 has no density.
    inside: Floats = np.clip(drawn, np.nextafter(ends[0], np.inf), np.nextafter(ends[1], -np.inf))
    return inside
