"""
The distributions behind `nowcasting`: of the delay, and of the number in a row that is not full yet.

Of the delay, the reverse hazard g(d) = P(delay = d | delay <= d) can be read from rows that are cut off at
now (Lawless 1994); F(d), the chance of d or fewer, is the product of 1 - g over all longer delays. The
Bayesian methods put a generalised Dirichlet (trunc) or plain Dirichlet (notrunc, as if nothing was cut off)
distribution on it.

Two things are as surveillance has them and not as one would write them down. `lawless` takes the variance
N(1-F)/F^2 of the number given F and leaves out that F itself is estimated, so its intervals are too narrow
on few data. And its chances sum to 1/(1-Phi) and not to one, Phi being the normal chance of fewer than were
already seen; quantiles are read from those chances as they stand.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_SUPPORT = 300  # the support of surveillance, kept where it suffices
LONGEST_SUPPORT = 40_000
UNSETTLED = 1e-3  # a row whose chance beyond half the support is larger wants a longer one
NEARLY_ONE = 1e-12
BLOCK = 4_000_000  # cells of one block of work, so that memory stays small


@dataclass(frozen=True)
class DelayEvents:
    """Reports with exactly this delay, and all those that could have had it or a shorter one; by delay."""

    exactly: Floats
    at_most: Floats


@dataclass(frozen=True)
class CountPrior:
    """A gamma-Poisson prior of the number in a row."""

    mean: float
    shape: float

    @property
    def chance(self) -> float:
        """The success chance of the same negative binomial."""
        return self.shape / (self.shape + self.mean)


@dataclass(frozen=True)
class Posterior:
    """
    Draws of how full each open row is, shape (samples, open), with what was seen in it and the prior.

    Given how full, what is missing is negative binomial: a gamma-Poisson number, thinned, stays one.
    """

    fullness: Floats
    seen: Floats
    prior: CountPrior

    def missing(self, row: int) -> tuple[float, Floats]:
        """Give size and success chances of the negative binomials of one row."""
        return self.seen[row] + self.prior.shape, 1 - (1 - self.fullness[:, row]) * (1 - self.prior.chance)

    def draw_missing(self, rng: np.random.Generator, n: int) -> Ints:
        """Draw what is missing in all rows, each time with one delay distribution; shape (n, open)."""
        which = rng.integers(len(self.fullness), size=n)
        columns = [self.missing(row) for row in range(len(self.seen))]
        return np.column_stack([rng.negative_binomial(size, chance[which]) for size, chance in columns])


@dataclass(frozen=True)
class OpenRows:
    """The rows that wait for reports, oldest first: what was seen, and the chance that it was seen by now."""

    seen: Floats
    fullness: Floats
    events: DelayEvents
    kappa: float
    posterior: Posterior | None


def delay_events(counts: Floats, window: int | None, *, equal_rows: bool) -> DelayEvents:
    """
    Add up a triangle by delay over the rows that can show it.

    With a window, only reports of the last `window` + 1 steps count, or, with `equal_rows`, for each delay
    the last `window` + 1 rows that can show it.
    """
    times, delays = counts.shape
    exactly, at_most = np.zeros(delays), np.zeros(delays)
    up_to = np.cumsum(counts, axis=1)
    for delay in range(delays):
        stop = times - delay
        start = 0 if window is None else max(0, times - 1 - window - (delay if equal_rows else 0))
        exactly[delay] = counts[start:stop, delay].sum()
        at_most[delay] = up_to[start:stop, delay].sum()
    return DelayEvents(exactly, at_most)


def delay_cdf(method: str, events: DelayEvents, kappa: float) -> Floats:
    """Estimate F(d) for d = 0 … max_delay; NaN below a delay that no row could show, and all NaN for `unif`."""
    if method == "unif":
        return np.full(len(events.exactly), np.nan)
    if method == "lawless":
        unseen = events.at_most == 0
        hazard = np.divide(events.exactly, events.at_most, out=np.full(len(unseen), np.nan), where=~unseen)
        return np.asarray(_from_hazard(hazard[None])[0])
    if method == "bayes.trunc":
        first, second = _betas(events, kappa)
        return np.asarray(_from_hazard((first / (first + second))[None])[0])
    weights = np.cumsum(events.exactly + kappa)
    return np.asarray(weights / weights[-1])


def _betas(events: DelayEvents, kappa: float) -> tuple[Floats, Floats]:
    delays = np.arange(len(events.exactly))
    return events.exactly + kappa, events.at_most - events.exactly + kappa * delays


def _from_hazard(hazard: Floats) -> Floats:
    """Multiply 1 - g over all longer delays; rows are draws."""
    survival = np.ones_like(hazard)
    survival[:, :-1] = np.cumprod(1 - hazard[:, :0:-1], axis=1)[:, ::-1]
    return survival


def delay_draws(method: str, events: DelayEvents, kappa: float, samples: int, rng: np.random.Generator) -> Floats:
    """Draw F from its posterior, shape (samples, delays)."""
    if method == "bayes.notrunc":
        drawn: Floats = np.cumsum(rng.dirichlet(events.exactly + kappa, samples), axis=1)
        return np.minimum(drawn, 1.0)
    first, second = _betas(events, kappa)
    hazard = np.ones((samples, len(first)))
    for delay in range(1, len(first)):
        hazard[:, delay] = rng.beta(first[delay], second[delay], samples)
    return _from_hazard(hazard)


def count_prior(observed: Floats, max_delay: int, mean: float | None, variance: float | None) -> CountPrior:
    """Give the prior as asked for; the mean falls back to that of the last full rows, the spread to its square."""
    full = observed[: len(observed) - max_delay][-2 * max(max_delay, 7) :]
    centre = mean if mean is not None else max(1.0, float(full.mean()))
    spread = variance if variance is not None else centre + centre**2
    excess = max(spread - centre, 1e-9 * centre)  # a variance of the mean is a Poisson
    return CountPrior(centre, centre**2 / excess)


def predict(method: str, rows: OpenRows, largest: int | None) -> Floats:
    """
    Give the chance of each number in each open row, shape (open, largest + 1).

    Without `largest` the support doubles until hardly any chance lies in its upper half.
    """
    size = FIRST_SUPPORT if largest is None else largest
    if largest is None and method != "unif":
        while size < 2 * rows.seen.max(initial=0):
            size *= 2
    while True:
        pmf = np.array([_row(method, rows, number, size) for number in range(len(rows.seen))]).reshape(-1, size + 1)
        if largest is not None or method == "unif" or size >= LONGEST_SUPPORT or _settled(pmf):
            return pmf
        size *= 2


def _settled(pmf: Floats) -> bool:
    half = pmf.shape[1] // 2
    known = ~np.isnan(pmf[:, 0])
    return bool(np.all(pmf[known, :half].sum(axis=1) > 1 - UNSETTLED))


def _row(method: str, rows: OpenRows, row: int, largest: int) -> Floats:
    """Give the chances of 0 … largest in one row; nothing below what was seen, NaN when it cannot be said."""
    chances = np.zeros(largest + 1)
    seen = int(rows.seen[row])
    missing = np.arange(largest + 1 - seen)
    if not len(missing):
        return np.full(largest + 1, np.nan)
    if method == "lawless":
        chances[seen:] = _gaussian(seen, rows.fullness[row], missing)
    elif method == "unif":
        chances[seen:] = 1 / len(missing)
    elif method == "bayes.notrunc.bnb":
        waited = len(rows.seen) - 1 - row
        weights = rows.events.exactly + rows.kappa
        chances[seen:] = beta_negative_binomial(seen, weights[: waited + 1].sum(), weights[waited + 1 :].sum(), missing)
    elif rows.posterior is not None:
        chances[seen:] = _mixture(*rows.posterior.missing(row), missing)
    return chances


def _gaussian(seen: int, fullness: float, missing: Ints) -> Floats:
    if np.isnan(fullness) or fullness == 0:
        return np.full(len(missing), np.nan)
    total = float(seen / fullness)
    variance = total * (1 - fullness) / fullness
    if variance <= NEARLY_ONE * max(total, 1):  # nothing seen, or nothing missing
        nothing: Floats = np.asarray(missing == 0, dtype=np.float64)
        return nothing
    at = stats.norm.cdf(seen + missing, total, np.sqrt(variance))
    chances: Floats = np.diff(at, prepend=0.0) / (1 - at[0])
    return chances


def beta_negative_binomial(seen: int, first: float, second: float, missing: Ints) -> Floats:
    log_ways = special.gammaln(seen + missing + 1) - special.gammaln(seen + 1) - special.gammaln(missing + 1)
    beta = special.betaln(first + seen + 1, second + missing) - special.betaln(first, second)
    chances: Floats = np.exp(log_ways + beta)
    return chances


def _mixture(size: float, chance: Floats, missing: Ints) -> Floats:
    """Average negative binomials, each cut off at the end of the support."""
    log_ways = special.gammaln(missing + size) - special.gammaln(missing + 1) - special.gammaln(size)
    with np.errstate(divide="ignore"):
        log_chance = np.log(chance)
    total = np.zeros(len(missing))
    block = max(1, BLOCK // len(missing))
    for start in range(0, len(chance), block):
        part = slice(start, start + block)
        each = np.exp(log_ways + size * log_chance[part, None] + special.xlogy(missing, 1 - chance[part, None]))
        total += (each / each.sum(axis=1, keepdims=True)).sum(axis=0)
    averaged: Floats = total / len(chance)
    return averaged
