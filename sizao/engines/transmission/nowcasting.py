"""
How many there really are: today's counts corrected for reports that are still on their way.

Rows of a reporting triangle are the days (or weeks) on which something happened, columns the delay until
it was reported. The latest rows are not full yet. From how the older rows filled up, each method says how
many will stand in a row in the end: Lawless (1994, Can J Stat 22:15-31) and the Bayesian variants of Höhle
and an der Heiden (2014, Biometrics 70:993-1002). Numbers are those of `nowcast()` of the R package
surveillance 1.20.3; where that differs from the paper, `nowcasting_methods` says how. Its sixth method,
`bayes.trunc.ddcp`, samples with the program JAGS and is not offered.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission import nowcasting_methods as methods
from sizao.errors import SizaoError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class NothingReported(SizaoError):
    code = "nowcast.nothing_reported"
    message = "No row was reported by then; there is nothing to count. Give a later day, or other columns."


class ReportBeforeEvent(SizaoError):
    code = "nowcast.report_before_event"
    message = "Row {row} was reported before it happened. Correct its days and try again."


class TooShortForDelay(SizaoError):
    code = "nowcast.too_short"
    message = (
        "There are {times} days or weeks, and the longest delay of {max_delay} takes at least {least} to be seen. "
        "Give a shorter longest delay."
    )


class WrongWindow(SizaoError):
    code = "nowcast.wrong_window"
    message = "{reason} Choose another window."


class NoGenerator(SizaoError):
    code = "nowcast.no_generator"
    message = "The method {method} draws samples and needs a seeded generator. Give one."


class NowcastMethod(StrEnum):
    """Names as in R's surveillance."""

    LAWLESS = "lawless"
    UNIF = "unif"
    NOTRUNC = "bayes.notrunc"
    NOTRUNC_BNB = "bayes.notrunc.bnb"
    TRUNC = "bayes.trunc"


class WindowShape(StrEnum):
    """Which reports tell the delay: those made in the last steps, or equally many rows for each delay."""

    REPORTED_LATELY = "hoehle_anderheiden2014"
    EQUAL_ROWS = "lawless1994"


SAMPLED = (NowcastMethod.NOTRUNC, NowcastMethod.TRUNC)


@dataclass(frozen=True)
class Triangle:
    """
    `counts[t, d]`: what happened at step `first + t` and was reported d steps later.

    Shape (times, max_delay + 1); NaN where the report is not due yet. The last column holds every longer
    delay too, as surveillance does; `late` says how many those were.
    """

    counts: Floats
    first: int
    late: int = 0

    @property
    def observed(self) -> Floats:
        """What was reported so far, by step of the event."""
        sums: Floats = np.nansum(self.counts, axis=1)
        return sums

    @property
    def max_delay(self) -> int:
        return int(self.counts.shape[1]) - 1


@dataclass(frozen=True)
class NowcastRules:
    """
    Choices of all methods.

    `window` steps before now tell the delay (None: all); `level` is the chance of the interval. The number
    of a row has a negative-binomial prior of `prior_mean` and `prior_variance` (None: the mean of the last
    full rows, with an exponential spread). `kappa` is the weight of each delay in its Dirichlet prior.
    `largest` ends the support; None lets it grow until it holds what matters, R's default is 300.
    """

    window: int | None = None
    window_shape: WindowShape = WindowShape.REPORTED_LATELY
    level: float = 0.95
    largest: int | None = None
    prior_mean: float | None = None
    prior_variance: float | None = None
    kappa: float = 0.1
    samples: int = 2000


@dataclass(frozen=True)
class Nowcast:
    """
    What will stand in each row in the end; arrays of shape (times,), the first row at step `first`.

    Full rows repeat what was observed. NaN stands where a method cannot say: no row ever showed such a
    delay, or the support ended before the quantile was reached (R writes 0 there). `pmf` has a row for each
    of the last `max_delay` steps and a column for each number from 0. `delay_cdf[d]` is the chance of a
    delay of d steps or fewer.
    """

    method: NowcastMethod
    first: int
    observed: Floats
    mean: Floats
    median: Floats
    lower: Floats
    upper: Floats
    pmf: Floats
    delay_cdf: Floats
    late: int
    posterior: "methods.Posterior | None" = None

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """
        Draw whole curves, shape (n, times).

        Sampled methods draw one delay distribution a curve, so that its rows err together; the others draw
        each row by itself. A row that is NaN keeps what was observed.
        """
        curves = np.tile(self.observed.astype(np.int64), (n, 1))
        n_open = len(self.pmf)
        if not n_open:
            return curves
        if self.posterior is not None:
            curves[:, -n_open:] += self.posterior.draw_missing(rng, n)
            return curves
        cumulative = np.cumsum(np.nan_to_num(self.pmf), axis=1)
        for column, chances in enumerate(cumulative, start=curves.shape[1] - n_open):
            if chances[-1] > 0:
                curves[:, column] = np.searchsorted(chances, rng.random(n) * chances[-1])
        return curves


def reporting_triangle(event: Ints, report: Ints, *, now: int, max_delay: int, first: int | None = None) -> Triangle:
    """
    Count rows by step of the event and delay, as known at the end of step `now`.

    `event` and `report` are whole steps (days, or weeks), one entry a row. What was reported after `now` is
    not known yet and left out. Rows run from `first` (the first event that was reported) to `now`. Raise
    ReportBeforeEvent, or NothingReported when no row is left.
    """
    if (wrong := np.flatnonzero(report < event)).size:
        raise ReportBeforeEvent(row=int(wrong[0]) + 1)
    known = report <= now
    happened, delay = event[known], (report - event)[known]
    start = int(first if first is not None else happened.min()) if happened.size else now + 1
    kept = happened >= start
    if not kept.any():
        raise NothingReported
    counts = np.zeros((now - start + 1, max_delay + 1))
    np.add.at(counts, (happened[kept] - start, np.minimum(delay[kept], max_delay)), 1.0)
    counts[~_due(counts.shape)] = np.nan
    return Triangle(counts, start, int((delay[kept] > max_delay).sum()))


def _due(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    times, delays = shape
    due: NDArray[np.bool_] = np.arange(times)[:, None] + np.arange(delays) <= times - 1
    return due


def nowcast(
    triangle: Triangle,
    *,
    method: NowcastMethod = NowcastMethod.TRUNC,
    rules: NowcastRules | None = None,
    rng: np.random.Generator | None = None,
) -> Nowcast:
    """
    Say for each step how many there will be once all reports are in.

    Sampled methods (`bayes.notrunc`, `bayes.trunc`) need `rng`; all others are exact. Raise
    TooShortForDelay when no row is old enough to show the longest delay, WrongWindow for a window shorter
    than it.
    """
    rules = rules or NowcastRules()
    _check(triangle, method, rules, rng)
    events = methods.delay_events(triangle.counts, rules.window, equal_rows=_equal_rows(rules))
    n_open = min(triangle.max_delay, len(triangle.counts) - 1)
    seen = triangle.observed[len(triangle.counts) - n_open :]
    delay_cdf = methods.delay_cdf(method, events, rules.kappa)
    posterior = None
    if method in SAMPLED and rng is not None:
        prior = methods.count_prior(triangle.observed, triangle.max_delay, rules.prior_mean, rules.prior_variance)
        cdfs = methods.delay_draws(method, events, rules.kappa, rules.samples, rng)
        posterior = methods.Posterior(cdfs[:, n_open - 1 :: -1] if n_open else cdfs[:, :0], seen, prior)
    # The last step has waited 0 steps, the one before 1, and so on.
    open_rows = methods.OpenRows(seen, delay_cdf[:n_open][::-1], events, rules.kappa, posterior)
    pmf = methods.predict(method, open_rows, rules.largest)
    mean, median, lower, upper = _summary(triangle.observed, pmf, rules.level)
    return Nowcast(
        method=method,
        first=triangle.first,
        observed=triangle.observed,
        mean=mean,
        median=median,
        lower=lower,
        upper=upper,
        pmf=pmf,
        delay_cdf=delay_cdf,
        late=triangle.late,
        posterior=posterior,
    )


def _equal_rows(rules: NowcastRules) -> bool:
    return rules.window_shape == WindowShape.EQUAL_ROWS


def _check(triangle: Triangle, method: NowcastMethod, rules: NowcastRules, rng: np.random.Generator | None) -> None:
    times, max_delay = len(triangle.counts), triangle.max_delay
    if times <= max_delay:
        raise TooShortForDelay(times=times, max_delay=max_delay, least=max_delay + 1)
    if rules.window is not None and rules.window < max_delay:
        raise WrongWindow(reason=f"A window of {rules.window} cannot show the longest delay of {max_delay}.")
    if _equal_rows(rules) and method != NowcastMethod.LAWLESS:
        raise WrongWindow(reason=f"The window of Lawless (1994) goes with the method lawless, not with {method}.")
    if method in SAMPLED and rng is None:
        raise NoGenerator(method=method)


def _summary(observed: Floats, pmf: Floats, level: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Give mean, median, lower and upper end for all rows; full rows are what was observed."""
    mean, median, lower, upper = (observed.copy() for _ in range(4))
    if n_open := len(pmf):
        # Added up and compared as R does, so that a chance of exactly one half falls on the same side.
        cumulative = np.cumsum(pmf, axis=1, dtype=np.longdouble).astype(np.float64)
        mean[-n_open:] = (pmf @ np.arange(pmf.shape[1])) / cumulative[:, -1]
        for column, chance in ((median, 0.5), (lower, (1 - level) / 2), (upper, (1 + level) / 2)):
            reached = cumulative > chance
            column[-n_open:] = np.where(reached.any(axis=1), reached.argmax(axis=1), np.nan)
    return mean, median, lower, upper
