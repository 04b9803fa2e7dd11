"""What comes next: cases found in the next two weeks, how such forecasts fared so far, and when it will be over."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.ending import Offspring
from sizao.engines.transmission.ending import ending as chance_of_ending
from sizao.engines.transmission.forecasting import Evaluation, ForecastRules, evaluate, naive
from sizao.engines.transmission.forecasting import forecast as carry_on
from sizao.engines.transmission.serial_interval import as_serial
from sizao.response.reports.outlook_curve import Curves
from sizao.response.reports.outlook_rows import OutlookRows
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.response.reports.outlook_spread import OffspringTold, Present, SerialTold

Floats = NDArray[np.float64]
DAYS_AHEAD = 14
A_WEEK = 7
LEAST_DAYS = 8
LEAST_CASES = 20
BAND = (0.025, 0.25, 0.5, 0.75, 0.975)
SEEN_DAYS = 21  # shown before the forecast, for the eye
ENDING_DAYS = 60
ENDING_DRAWS = 60
ENDING_BORROWINGS = 4
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Scored:
    """How forecasts fared on earlier days of this outbreak, `first_day` to `last_day` ahead; lower CRPS is better."""

    first_day: int
    last_day: int
    crps: float
    naive_crps: float
    coverage: float
    n: int


@dataclass(frozen=True, slots=True)
class ForecastTold:
    """
    Cases found per day: `seen` on the days up to the chosen one, and from a model those of the days to come.

    The band holds 95 %, `half_lower` to `half_upper` 50 %. `naive` carries the last week on. `total` sums the
    days ahead. `scores` is empty where no earlier day could be scored yet; `origins` is from how many
    earlier days forecasts were made.
    """

    seen_days: tuple[date, ...]
    seen: tuple[int, ...]
    days: tuple[date, ...]
    median: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    half_lower: tuple[float, ...]
    half_upper: tuple[float, ...]
    naive: tuple[float, ...]
    naive_lower: tuple[float, ...]
    naive_upper: tuple[float, ...]
    total: Estimate
    origins: int
    scores: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class EndingTold:
    """
    The chance that nobody else is found after each of `days`, if control stays as it is.

    `over_on` is the first day on which it reaches `sure`, None where it does not within the days looked at.
    """

    days: tuple[date, ...]
    chance: tuple[float, ...]
    sure: float
    over_on: date | None
    reproduction: Estimate
    reproduction_days: int
    offspring: OffspringTold


def forecast(rows: OutlookRows, serial: SerialTold, rng: np.random.Generator) -> ForecastTold | TooFew:
    """Forecast the cases found per day, and score the same forecast on the earlier days of the outbreak."""
    found = rows.found_by_day()
    counts = np.array(list(found.values()), dtype=float)
    if counts.size < LEAST_DAYS:
        return TooFew(n=counts.size, least=LEAST_DAYS, of_days=True)
    if counts.sum() < LEAST_CASES:
        return TooFew(n=int(counts.sum()), least=LEAST_CASES)
    rules = ForecastRules(days=DAYS_AHEAD)
    lags = as_serial(serial.whole())
    ahead = carry_on(counts[None], serial=lags, rng=rng, rules=rules)
    carried = naive(counts, rng=rng, rules=rules)
    lower, half_lower, median, half_upper, upper = np.quantile(ahead.draws, BAND, axis=0)
    total = np.quantile(ahead.draws.sum(axis=1), (0.5, 0.025, 0.975))
    evaluation = _evaluated(counts, lags, rng, rules)
    seen = tuple(found.items())[-SEEN_DAYS:]
    return ForecastTold(
        seen_days=tuple(day for day, _ in seen),
        seen=tuple(count for _, count in seen),
        days=tuple(date.fromordinal(rows.day.toordinal() + n) for n in range(1, DAYS_AHEAD + 1)),
        median=tuple(median.tolist()),
        lower=tuple(lower.tolist()),
        upper=tuple(upper.tolist()),
        half_lower=tuple(half_lower.tolist()),
        half_upper=tuple(half_upper.tolist()),
        naive=tuple(carried.median.tolist()),
        naive_lower=tuple(carried.lower.tolist()),
        naive_upper=tuple(carried.upper.tolist()),
        total=Estimate(*(float(one) for one in total)),
        origins=len(evaluation.origins) if evaluation else 0,
        scores=_scores(evaluation) if evaluation else (),
    )


def _evaluated(counts: Floats, lags: Floats, rng: np.random.Generator, rules: ForecastRules) -> Evaluation | None:
    """Forecast again from every earlier day that had the least a forecast needs, seeing only what was found by then."""
    enough = np.flatnonzero((np.arange(1, counts.size + 1) >= LEAST_DAYS) & (counts.cumsum() >= LEAST_CASES))
    if enough.size == 0 or enough[0] >= counts.size - 1:
        return None
    return evaluate(counts, serial=lags, rng=rng, rules=rules, start=int(enough[0]), every=1)


def _scores(evaluation: Evaluation) -> tuple[Scored, ...]:
    told = []
    for first, last in ((1, A_WEEK), (A_WEEK + 1, DAYS_AHEAD)):
        part = slice(first - 1, last)
        known = ~np.isnan(evaluation.crps[:, part])
        if known.any():
            told.append(
                Scored(
                    first_day=first,
                    last_day=last,
                    crps=float(np.nanmean(evaluation.crps[:, part])),
                    naive_crps=float(np.nanmean(evaluation.naive_crps[:, part])),
                    coverage=float(np.nanmean(evaluation.covered[:, part])),
                    n=int(known.sum()),
                )
            )
    return tuple(told)


def ending(
    rows: OutlookRows,
    curves: Curves,
    now: Present | TooFew,
    serial: SerialTold,
    spread: OffspringTold,
    rng: np.random.Generator,
) -> EndingTold | TooFew:
    """
    Work out the chance that nobody else is found after a day, with the reproduction number as it is now.

    The chance is averaged over draws of the reproduction number, and over ways to place the unknown onsets.
    Who is infected and not found yet is told from the cases found, by the serial interval and the delay.
    """
    if isinstance(now, TooFew):
        return now
    drawn = Offspring(rng.choice(now.draws, size=ENDING_DRAWS), spread.dispersion.value)
    chances = [
        chance_of_ending(
            np.repeat(curves.first_day + np.arange(counts.size), counts),
            now=rows.day.toordinal(),
            offspring=drawn,
            serial=as_serial(serial.whole()),
            reporting=np.array(curves.delay_chance) if curves.delay_chance else None,
            days=ENDING_DAYS,
            confidence=SURE,
        ).chance
        for counts in curves.found[:ENDING_BORROWINGS]
        if counts.any()
    ]
    if not chances:
        return TooFew(n=0, least=1)
    chance = np.mean(chances, axis=0)
    days = tuple(date.fromordinal(rows.day.toordinal() + n) for n in range(1, ENDING_DAYS + 1))
    reached = np.flatnonzero(chance >= SURE)
    low, middle, high = np.quantile(now.draws, (0.025, 0.5, 0.975))
    return EndingTold(
        days=days,
        chance=tuple(chance.tolist()),
        sure=SURE,
        over_on=days[reached[0]] if reached.size else None,
        reproduction=Estimate(float(middle), float(low), float(high)),
        reproduction_days=now.days,
        offspring=spread,
    )
