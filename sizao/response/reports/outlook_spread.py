"""How fast it spreads: the serial interval, the reproduction number day by day, growth and doubling time."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.growth import fit_growth
from sizao.engines.transmission.pairs import (
    IntervalBelief,
    LinkedPairs,
    OffspringBelief,
    learn_interval,
    learn_offspring,
)
from sizao.engines.transmission.reproduction import Incidence, Prior, Windows, estimate_reproduction
from sizao.engines.transmission.serial_interval import discretised_gamma
from sizao.engines.transmission.wallinga_teunis import cohort_reproduction
from sizao.errors import SizaoError
from sizao.response.reports.outlook_beliefs import Belief
from sizao.response.reports.outlook_curve import Curves
from sizao.response.reports.outlook_rows import OutlookRows
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.terms import CountedBy

Floats = NDArray[np.float64]
WINDOW_DAYS = 7
# Below, the estimate is mostly its prior: with 11 cases its coefficient of variation reaches 0.3 (Cori et al. 2013).
LEAST_IN_WINDOW = 12
MOST_PRESENT_DAYS = 28  # towards the end cases are few, and the last weeks together tell how control stands
LEAST_PAIRS = 10  # below, the outbreak's own pairs are told but the literature says the interval
# Share of the cases; where fewer are linked, the missing links would pass for cases that infect nobody.
LEAST_LINKED = 0.5
LEAST_FOLLOWED = 0.1  # share of a case's offspring that could be known by now
WIDE_LOG_SD = 1.0  # the reproduction number is not what is asked here, and may be anything
LONGEST_SERIAL_DAYS = 30
SHORTEST_SERIAL_MEAN_DAYS = 1.2
SERIAL_DRAWS = 20
GAMMA_DRAWS = 10
BAND = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True)
class SerialTold:
    """
    The serial interval in days, and where it comes from.

    `weight_of_pairs` is the outbreak's own share in it, from 0 (literature alone) to 1; `chances[k]` is the
    chance that a case falls ill k days after the one who infected it.
    """

    mean: Estimate
    sd: Estimate
    n_pairs: int
    n_linked: int
    weight_of_pairs: float
    source: str
    chances: tuple[float, ...]

    @property
    def is_from_literature(self) -> bool:
        return self.n_pairs < LEAST_PAIRS

    def whole(self) -> Floats:
        return np.array(self.chances)


@dataclass(frozen=True, slots=True)
class OffspringTold:
    """
    How unevenly cases infect: k of the negative binomial number of secondary cases, small where few infect many.

    `source` is the literature that is the prior, or all there is where `is_from_literature`.
    """

    dispersion: Estimate
    n_linked: int
    is_from_literature: bool
    source: str


@dataclass(frozen=True, slots=True)
class Reproduction:
    """
    How many people one case infects, on each day of `days`, by the week that ends on it; None is a gap.

    A gap stands where the week holds fewer than LEAST_IN_WINDOW cases, or the outbreak is younger than its
    serial interval. `cohort` is the mean number that the cases of a week go on to infect (Wallinga and
    Teunis 2004), None where the later cases are not all known. `latest` is the estimate of the chosen day.
    """

    basis: CountedBy
    days: tuple[date, ...]
    median: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    cohort: tuple[float | None, ...]
    latest: Estimate | TooFew
    chance_above_one: float | None
    last_said: date | None


@dataclass(frozen=True, slots=True)
class Present:
    """Draws of the present reproduction number, and the days before the chosen one that it was taken from."""

    draws: Floats
    days: int


@dataclass(frozen=True, slots=True)
class GrowthTold:
    """
    Growth of the cases found per day over the last week: rate a day, and days to double or to halve.

    At most one of `doubling` and `halving` is there; neither where the rate may as well be zero.
    """

    days: int
    cases: int
    rate: Estimate
    doubling: Estimate | None
    halving: Estimate | None


def serial_interval(rows: OutlookRows, belief: Belief) -> SerialTold:
    """Learn the serial interval from the outbreak's own pairs where there are enough, else give the literature's."""
    used = rows.pairs if len(rows.pairs) >= LEAST_PAIRS else ()
    source, infected = (np.array([pair[n].toordinal() for pair in used], dtype=np.int64) for n in range(2))
    learned = learn_interval(
        LinkedPairs(source, infected, now=rows.day.toordinal()),
        IntervalBelief(belief.serial_mean, belief.serial_mean_sd, belief.serial_sd, belief.serial_sd_log_sd),
    )
    return SerialTold(
        mean=learned.mean,
        sd=learned.sd,
        n_pairs=len(rows.pairs),
        n_linked=rows.linked,
        weight_of_pairs=learned.weight,
        source=belief.serial_source,
        chances=tuple(learned.distribution(LONGEST_SERIAL_DAYS).tolist()),
    )


def offspring(rows: OutlookRows, serial: SerialTold, belief: Belief) -> OffspringTold:
    """
    Learn how unevenly cases infect from the outbreak's own links where most cases are linked, else from literature.

    Where many links are missed, cases seem to infect nobody, and k would be too small: then it is not learned.
    """
    if rows.linked < max(LEAST_PAIRS, LEAST_LINKED * rows.n_cases):
        lower, upper = belief.dispersion * np.exp(np.array([-1.96, 1.96]) * belief.dispersion_log_sd)
        told = Estimate(belief.dispersion, float(lower), float(upper))
        return OffspringTold(told, rows.linked, is_from_literature=True, source=belief.dispersion_source)
    others = Counter({found: n for found, n in rows.found_by_day().items() if n})
    others.subtract(Counter(found for found, _ in rows.sources))
    found = [day for day, _ in rows.sources] + list(others.elements())
    secondary = np.array([n for _, n in rows.sources] + [0] * (len(found) - len(rows.sources)), dtype=np.int64)
    # Whom a case found today infects is not ill yet; the further back it was found, the more of them are known.
    passed = np.cumsum(serial.whole())[[min((rows.day - day).days, LONGEST_SERIAL_DAYS - 1) for day in found]]
    seen = passed > LEAST_FOLLOWED
    learned = learn_offspring(
        secondary[seen],
        OffspringBelief(1.0, WIDE_LOG_SD, belief.dispersion, belief.dispersion_log_sd),
        followed=np.minimum(passed[seen], 1.0),
    )
    return OffspringTold(learned.dispersion, rows.linked, is_from_literature=False, source=belief.dispersion_source)


def reproduction(curves: Curves, serial: SerialTold, rng: np.random.Generator) -> tuple[Reproduction, Present | TooFew]:
    """
    Estimate the reproduction number day by day, and the present one with its draws.

    Method: Cori et al. 2013 with weekly windows, on every curve that fits what is known, with a serial interval
    drawn anew for each set of curves; their posteriors are put together, so that the band holds all three
    uncertainties.
    """
    days, n_days = curves.days(), curves.counts.shape[1]
    gap = (None,) * n_days
    if n_days <= WINDOW_DAYS:
        few = TooFew(n=n_days, least=WINDOW_DAYS + 1, of_days=True)
        return Reproduction(curves.basis, days, gap, gap, gap, gap, few, None, None), few
    windows = Windows.sliding(n_days, WINDOW_DAYS)
    drawn = _drawn(curves.counts, serial, windows, rng)
    in_window = np.median(_per_window(curves.counts, windows), axis=0)
    told = (in_window >= LEAST_IN_WINDOW) & (_days_since_first(curves.counts)[windows.last] > serial.mean.value)
    low, middle, high = np.quantile(drawn, BAND, axis=0)
    ends = [days[last] for last, is_told in zip(windows.last, told, strict=True) if is_told]
    found = Reproduction(
        basis=curves.basis,
        days=days,
        median=_on_days(middle, told, windows, n_days),
        lower=_on_days(low, told, windows, n_days),
        upper=_on_days(high, told, windows, n_days),
        cohort=_cohort(curves, serial, rng),
        latest=Estimate(float(middle[-1]), float(low[-1]), float(high[-1]))
        if told[-1]
        else TooFew(n=int(in_window[-1]), least=LEAST_IN_WINDOW),
        chance_above_one=float((drawn[:, -1] > 1).mean()) if told[-1] else None,
        last_said=ends[-1] if ends else None,
    )
    return found, Present(drawn[:, -1], WINDOW_DAYS) if told[-1] else _over_more_weeks(curves, serial, rng)


def _over_more_weeks(curves: Curves, serial: SerialTold, rng: np.random.Generator) -> Present | TooFew:
    """Draw the reproduction number of the last weeks that together hold cases enough."""
    n_days = curves.counts.shape[1]
    is_old_enough = _days_since_first(curves.counts)[-1] > serial.mean.value
    for width in range(2 * WINDOW_DAYS, min(MOST_PRESENT_DAYS, n_days - 1) + 1, WINDOW_DAYS):
        window = Windows(np.array([n_days - width]), np.array([n_days - 1]))
        if is_old_enough and np.median(_per_window(curves.counts, window)) >= LEAST_IN_WINDOW:
            return Present(_drawn(curves.counts, serial, window, rng)[:, 0], width)
    return TooFew(int(np.median(curves.counts[:, -MOST_PRESENT_DAYS:].sum(axis=1))), LEAST_IN_WINDOW)


def _days_since_first(counts: Floats) -> NDArray[np.int64]:
    """Count for each day how many days the first case lies back, by the curve in the middle."""
    middle = np.median(counts, axis=0)
    first = int(np.argmax(middle > 0)) if (middle > 0).any() else counts.shape[1]
    return np.arange(counts.shape[1]) - first


def _drawn(counts: Floats, serial: SerialTold, windows: Windows, rng: np.random.Generator) -> Floats:
    """Draws of the reproduction number, (draws, windows), over curves, serial intervals and the posterior."""
    sets = np.array_split(counts, SERIAL_DRAWS) if len(counts) >= SERIAL_DRAWS else [counts] * SERIAL_DRAWS
    drawn = []
    for one in sets:
        mean = max(rng.normal(serial.mean.value, _sd_of(serial.mean)), SHORTEST_SERIAL_MEAN_DAYS)
        chances = discretised_gamma(mean, serial.sd.value, LONGEST_SERIAL_DAYS)
        found = estimate_reproduction(Incidence.of(one), chances / chances.sum(), windows=windows, prior=Prior())
        shape = (found.mean / found.sd) ** 2
        scale = found.sd**2 / found.mean
        draws = rng.gamma(np.nan_to_num(shape, nan=1.0), np.nan_to_num(scale), size=(GAMMA_DRAWS, *shape.shape))
        drawn.append(draws.reshape(-1, shape.shape[1]))
    return np.concatenate(drawn)


def _sd_of(estimate: Estimate) -> float:
    return (estimate.upper - estimate.lower) / (2 * 1.959964)


def _per_window(counts: Floats, windows: Windows) -> Floats:
    summed = np.concatenate([np.zeros((len(counts), 1)), counts.cumsum(axis=1)], axis=1)
    return summed[:, windows.last + 1] - summed[:, windows.first]


def _on_days(values: Floats, told: NDArray[np.bool_], windows: Windows, n_days: int) -> tuple[float | None, ...]:
    spread: list[float | None] = [None] * n_days
    for value, is_told, last in zip(values, told, windows.last, strict=True):
        spread[last] = float(value) if is_told else None
    return tuple(spread)


def _cohort(curves: Curves, serial: SerialTold, rng: np.random.Generator) -> tuple[float | None, ...]:
    """Weekly cohort reproduction numbers, on the last day of the week; None where later cases are still to come."""
    middle = np.round(np.median(curves.counts, axis=0))
    n_days = middle.size
    windows = Windows.sliding(n_days, WINDOW_DAYS)
    found = cohort_reproduction(Incidence.of(middle), serial.whole(), rng=rng, windows=windows, n_simulations=10)
    lag = int(np.searchsorted(np.cumsum(serial.whole()), 0.95))
    told = (_per_window(middle[None], windows)[0] >= LEAST_IN_WINDOW) & (windows.last + lag < n_days)
    return _on_days(found.of(0).mean.ravel(), told, windows, n_days)


def growth(rows: OutlookRows) -> GrowthTold | TooFew:
    """Fit the growth of the cases found per day over the last week."""
    counts = np.array(list(rows.found_by_day().values())[-WINDOW_DAYS:], dtype=float)
    if counts.size < WINDOW_DAYS:
        return TooFew(n=counts.size, least=WINDOW_DAYS, of_days=True)
    if counts.sum() < LEAST_IN_WINDOW:
        return TooFew(n=int(counts.sum()), least=LEAST_IN_WINDOW)
    try:
        found = fit_growth(counts)
    except SizaoError:
        return TooFew(n=int(counts.sum()), least=LEAST_IN_WINDOW)
    return GrowthTold(WINDOW_DAYS, int(counts.sum()), found.rate, found.doubling, found.halving)
