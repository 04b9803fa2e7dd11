"""
How long things take: onset to report, report to isolation, test to result.

Only days are known of both events, and delays that have not ended by the day of looking are missing: the
longest of the latest cases. Both are part of the likelihood: each event lies somewhere in its interval
(Reich et al. 2009, Stat Med 28:2769-84), and a pair is seen only if the second event came before now
(Seaman et al. 2022, Stat Methods Med Res 31:1641-56). The first event is uniform inside its interval, or,
in an epidemic that grows at rate r, as exp(r t). The family is chosen by AIC. Intervals are Wald intervals
from the observed information, on the log scale for what must be positive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from sizao.engines.transmission.delay_families import FAMILIES, DelayFamily, Family
from sizao.engines.transmission.estimate import Estimate
from sizao.errors import SizaoError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST = 5
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
GENTLE = 0.01  # a slope at which a search has arrived, in log-likelihood
FLAT = 1e-5  # information below which the data do not bound a number: it would only be rounding
STEP = 1e-4  # of the central differences, on the free scale
LEAST_CHANCE = 1e-300


class TooFewDelays(SizaoError):
    code = "delays.too_few"
    message = "There are {n} delays, and a fit needs at least {least}. Wait for more, or use a literature value."


class EndsBeforeItBegins(SizaoError):
    code = "delays.ends_before_it_begins"
    message = "Pair {row} ends before it begins. Correct its days and try again."


class NotYetHappened(SizaoError):
    code = "delays.not_yet_happened"
    message = "Pair {row} ends after the day of looking. Leave it out, or look later."


@dataclass(frozen=True)
class Pairs:
    """
    Two events of each row, each known to lie in [from, to); arrays of shape (n,), in days.

    A date d is the interval [d, d + 1).
    """

    first_from: Floats
    first_to: Floats
    second_from: Floats
    second_to: Floats

    @classmethod
    def of_days(cls, first: Ints, second: Ints) -> Self:
        """Make pairs of whole days."""
        one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
        return cls(one, one + 1, two, two + 1)


@dataclass(frozen=True)
class DelayFit:
    """
    One family fitted to `n` delays, in days.

    `others` holds the further families that were tried, best first. `free` and `covariance` are the numbers
    on the scale of the search, for intervals of anything derived from them.
    """

    family: DelayFamily
    n: int
    log_likelihood: float
    level: float
    free: Floats
    covariance: Floats
    others: tuple["DelayFit", ...] = ()

    @property
    def parameters(self) -> dict[str, float]:
        kind = FAMILIES[self.family]
        return dict(zip(kind.names, kind.natural(self.free), strict=True))

    @property
    def aic(self) -> float:
        return 2 * len(self.free) - 2 * self.log_likelihood

    @property
    def mean(self) -> Estimate:
        return self._estimate(lambda free: float(self._distribution(free).mean()))

    @property
    def sd(self) -> Estimate:
        return self._estimate(lambda free: float(self._distribution(free).std()))

    @property
    def median(self) -> Estimate:
        return self.quantile(0.5)

    def quantile(self, chance: float) -> Estimate:
        """Give the delay that this share of delays does not exceed."""
        return self._estimate(lambda free: float(self._distribution(free).ppf(chance)))

    def pdf(self, days: Floats) -> Floats:
        return np.asarray(self._distribution(self.free).pdf(days))

    def cdf(self, days: Floats) -> Floats:
        return np.asarray(self._distribution(self.free).cdf(days))

    def chances(self, max_delay: int) -> Floats:
        """Give the chance of 0 … max_delay days between two dates, which sum to one; NaN if all are longer."""
        area = FAMILIES[self.family].integral(np.arange(-1.0, max_delay + 2), self.free)
        chances = np.maximum(np.diff(area, 2), 0.0)
        total = chances.sum()
        return np.asarray(chances / total) if total > 0 else np.full(max_delay + 1, np.nan)

    def _distribution(self, free: Floats) -> stats.rv_continuous:
        kind = FAMILIES[self.family]
        return kind.distribution(*kind.natural(free))

    def _estimate(self, of: Callable[[Floats], float]) -> Estimate:
        value = of(self.free)
        if not np.isfinite(self.covariance).all():
            return Estimate(value, float("nan"), float("nan"))
        with np.errstate(over="ignore", invalid="ignore"):  # infinite ends are possible
            slope = _gradient(lambda free: float(np.log(of(free))), self.free)
            variance = float(slope @ self.covariance @ slope)
            spread = np.exp(stats.norm.ppf((1 + self.level) / 2) * np.sqrt(max(variance, 0.0)))
            return Estimate(value, float(value / spread), float(value * spread))


def fit_delay(
    pairs: Pairs,
    *,
    families: Sequence[DelayFamily] = tuple(DelayFamily),
    now: float | None = None,
    growth: float = 0.0,
    level: float = 0.95,
) -> DelayFit:
    """
    Fit each family by maximum likelihood and return that of the smallest AIC, with the others beside it.

    `now` is the end of the day of looking (its ordinal + 1): pairs that had not ended by then are missing
    from the rows. None means that every delay has ended. `growth` is the daily rate at which first events
    become more common. Raise TooFewDelays, EndsBeforeItBegins or NotYetHappened.
    """
    fits = [fit_family(pairs, family, now=now, growth=growth, level=level) for family in families]
    best, *others = sorted(fits, key=lambda fit: fit.aic)
    return replace(best, others=tuple(others))


def fit_family(
    pairs: Pairs, family: DelayFamily, *, now: float | None = None, growth: float = 0.0, level: float = 0.95
) -> DelayFit:
    """Fit one family; see `fit_delay`."""
    _check(pairs, now)
    likelihood = _Likelihood(pairs, FAMILIES[family], now, growth)
    free = _search(likelihood)
    information = _hessian(likelihood, free)
    covariance = np.full((2, 2), np.nan)
    if np.all(np.linalg.eigvalsh(information) > FLAT):
        covariance = np.linalg.inv(information)
    return DelayFit(family, len(pairs.first_from), -likelihood(free), level, free, covariance)


def _check(pairs: Pairs, now: float | None) -> None:
    if (n := len(pairs.first_from)) < FEWEST:
        raise TooFewDelays(n=n, least=FEWEST)
    if (wrong := np.flatnonzero(pairs.second_to <= pairs.first_from)).size:
        raise EndsBeforeItBegins(row=int(wrong[0]) + 1)
    if now is not None and (wrong := np.flatnonzero(pairs.second_to > now)).size:
        raise NotYetHappened(row=int(wrong[0]) + 1)


class _Likelihood:
    """Minus the log-likelihood of pairs, as a function of the free numbers; equal pairs are worked out once."""

    def __init__(self, pairs: Pairs, family: Family, now: float | None, growth: float) -> None:
        until = np.full(len(pairs.first_from), np.inf) if now is None else now - pairs.first_from
        columns = (pairs.first_to, pairs.second_from, pairs.second_to)
        rows = np.column_stack([*(column - pairs.first_from for column in columns), until])
        unique, self.times = np.unique(rows, axis=0, return_counts=True)
        self.width, self.begin, self.end, self.until = unique.T
        self.family, self.growth = family, growth
        # Whole days make the same few moments again and again; the family is integrated once for each.
        moments = np.concatenate([np.where(np.isinf(upto), 0.0, upto) for upto in self._ends()])
        self.moments, places = np.unique(moments, return_inverse=True)
        self.places = places.reshape(6, -1)

    def __call__(self, free: Floats) -> float:
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # far from the data; told below
            before_end, before_begin, possible = self._whole(free) if self.growth == 0 else self._growing(free)
        total = self.times @ (
            np.log(np.maximum(before_end - before_begin, LEAST_CHANCE)) - np.log(np.maximum(possible, LEAST_CHANCE))
        )
        return -float(total) if np.isfinite(total) else 1e300

    def centre(self) -> tuple[float, float]:
        middle = np.maximum((self.begin + self.end - self.width) / 2, 0.25)
        mean = float(np.average(middle, weights=self.times))
        return mean, max(float(np.sqrt(np.average((middle - mean) ** 2, weights=self.times))), 0.3 * mean)

    def _ends(self) -> tuple[Floats, ...]:
        """Times since the first event began that bound the second one, then since it ended."""
        since_begun = (self.end, self.begin, self.until)
        return (*since_begun, *(upto - self.width for upto in since_begun))

    def _whole(self, free: Floats) -> tuple[Floats, ...]:
        """Chance that the second event comes before end, begin and now, the first one anywhere in its interval."""
        integral = self.family.integral(self.moments, free)[self.places]
        chances = (integral[:3] - integral[3:]) / self.width
        chances[2, np.isinf(self.until)] = 1.0
        return tuple(chances)

    def _growing(self, free: Floats) -> tuple[Floats, ...]:
        """Give the same where the later part of the first event's interval is the likelier one."""
        return tuple(self._mass(upto, free) for upto in (self.end, self.begin, self.until))

    def _mass(self, upto: Floats, free: Floats) -> Floats:
        at = (NODES + 1) / 2 * self.width[:, None]
        weight = WEIGHTS * np.exp(self.growth * at)
        weight /= weight.sum(axis=1, keepdims=True)
        endless = np.isinf(upto)
        before = self.family.cdf(np.where(endless, 0.0, upto)[:, None] - at, *self.family.natural(free))
        return np.where(endless, 1.0, (weight * before).sum(axis=1))


def _search(likelihood: _Likelihood) -> Floats:
    """Walk down from the moments of the delays; where that fails, tumble down, and end with Newton's steps."""
    start = np.array(likelihood.family.start(*likelihood.centre()))
    found = optimize.minimize(likelihood, start, method="BFGS", options={"gtol": 1e-4})
    if not found.fun < likelihood(start) or not np.all(np.abs(_gradient(likelihood, found.x)) < GENTLE):
        options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 1000}
        found = optimize.minimize(likelihood, found.x, method="Nelder-Mead", options=options)
    at = np.asarray(found.x)
    for _ in range(2):
        information = _hessian(likelihood, at)
        if not np.all(np.linalg.eigvalsh(information) > 0):
            break
        nearer = at - np.linalg.solve(information, _gradient(likelihood, at))
        at = nearer if likelihood(nearer) <= likelihood(at) else at
    return at


def _gradient(of: Callable[[Floats], float], at: Floats) -> Floats:
    steps = np.eye(len(at)) * STEP
    return np.array([(of(at + step) - of(at - step)) / (2 * STEP) for step in steps])


def _hessian(of: Callable[[Floats], float], at: Floats) -> Floats:
    rows = np.array([(_gradient(of, at + step) - _gradient(of, at - step)) / (2 * STEP) for step in np.eye(2) * STEP])
    return np.asarray((rows + rows.T) / 2)
