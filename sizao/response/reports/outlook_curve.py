"""When people fell ill: known onsets, borrowed ones, and those not found yet, with how sure that is."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.nowcasting import Nowcast, NowcastMethod, NowcastRules, nowcast, reporting_triangle
from sizao.engines.transmission.unknown_onsets import TooFewOnsets, borrow_onsets
from sizao.response.reports.outlook_rows import OutlookRows
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.terms import CountedBy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_ONSETS = 10  # below, nobody can be placed by the delay of others
BORROWINGS = 12  # times that the unknown onsets are drawn anew; between them lies what the gap leaves open
DRAWS_EACH = 40
DELAY_SAMPLES = 400
# A week of reports tells the present delay: it shortens as searching grows, and older reports would promise
# many more than there are (measured on the replay of January 2021: 14 instead of 68 on 18 January; 20 came).
LONGEST_DELAY_DAYS = 7
BAND = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True)
class OnsetCurve:
    """
    Cases by day of onset, all lists as long as `days`, the last of which is the chosen day.

    `known` are counts of rows; `placed` is where the cases without a known onset fell ill most likely,
    and `median`, `lower` and `upper` are all who fell ill, found or not: these come from a model.
    `not_found` sums those who fell ill and are not found yet. It is TooFew, and the band is None, until searching
    has lasted as many days as finding takes: before, nobody could have been found late. `delay_chance[k]`
    is the chance to be found k days after onset, the last entry holding all longer.
    """

    days: tuple[date, ...]
    known: tuple[int, ...]
    placed: tuple[float, ...]
    median: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    not_found: Estimate | TooFew
    n_known: int
    n_placed: int
    delay_chance: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """
    Whole curves that fit what is known, one a row (draws, days), from `first_day` (a day number) on.

    `counts` holds all who fell ill, `found` (borrowings, days) only those who were found.
    """

    counts: Floats
    found: Ints
    first_day: int
    basis: CountedBy
    delay_chance: tuple[float, ...] = ()

    def days(self) -> tuple[date, ...]:
        return tuple(date.fromordinal(self.first_day + n) for n in range(self.counts.shape[1]))


def by_found(rows: OutlookRows) -> Curves:
    """Give the one curve that is certain: cases by the day on which they were found."""
    counts = rows.found_by_day()
    certain = np.array([list(counts.values())])
    return Curves(certain.astype(float), certain, min(counts).toordinal(), CountedBy.FOUND)


def by_onset(rows: OutlookRows, rng: np.random.Generator) -> tuple[OnsetCurve, Curves | None] | TooFew:
    """
    Draw curves of onsets: unknown onsets borrowed, and those still to be found added by the nowcast.

    Each borrowing is nowcast on its own, and its curves are put together (multiple imputation), so that
    the band holds both what is not known of the found and what is not found. Who fell ill before the first case
    was found counts as far as found: how late they were found says nothing of how late one is found now.
    There are no curves while it is too early for a nowcast.
    """
    found, onset = _expanded(rows)
    try:
        borrowed = borrow_onsets(found, onset, draws=BORROWINGS, rng=rng, least=LEAST_ONSETS)
    except TooFewOnsets as few:
        return TooFew(n=int(few.facts["n"]), least=LEAST_ONSETS)
    days = np.arange(int(borrowed.min()), rows.day.toordinal() + 1)
    counts = np.array([np.bincount(one[one <= days[-1]] - days[0], minlength=days.size) for one in borrowed])
    n_searched = int(days[-1] - found.min()) + 1
    if n_searched <= LONGEST_DELAY_DAYS:
        few = TooFew(n=n_searched, least=LONGEST_DELAY_DAYS + 1, of_days=True)
        return _curve(rows, days, counts, few), None
    seen = [_nowcast(one, found, int(days[-1]), rng) for one in borrowed]
    drawn = np.repeat(counts, DRAWS_EACH, axis=0)
    drawn[:, -n_searched:] = np.concatenate([one.draw(rng, DRAWS_EACH) for one in seen])
    chance = np.mean([np.diff(one.delay_cdf, prepend=0.0) for one in seen], axis=0)
    curves = Curves(drawn.astype(float), counts, int(days[0]), CountedBy.ONSET, tuple(chance.tolist()))
    missing = drawn.sum(axis=1) - np.repeat(counts.sum(axis=1), DRAWS_EACH)
    low, middle, high = np.quantile(missing, BAND)
    told = _curve(rows, days, counts, Estimate(float(middle), float(low), float(high)))
    lower, median, upper = (tuple(one.tolist()) for one in np.quantile(curves.counts, BAND, axis=0))
    return replace(told, lower=lower, median=median, upper=upper, delay_chance=curves.delay_chance), curves


def _expanded(rows: OutlookRows) -> tuple[Ints, Floats]:
    """One entry a case: the day on which it was found, the day of onset or NaN."""
    times = [one.count for one in rows.cases]
    found = [one.found.toordinal() for one in rows.cases]
    onset = [one.onset.toordinal() if one.onset else np.nan for one in rows.cases]
    return np.repeat(np.array(found, dtype=np.int64), times), np.repeat(np.array(onset, dtype=float), times)


def _nowcast(onset: Ints, found: Ints, now: int, rng: np.random.Generator) -> Nowcast:
    first = int(found.min())
    ill = (onset >= first) & (onset <= now)
    # Somebody found before onset becomes known as ill on the day of onset.
    known = np.maximum(onset, found)[ill]
    triangle = reporting_triangle(onset[ill], known, now=now, max_delay=LONGEST_DELAY_DAYS, first=first)
    rules = NowcastRules(window=LONGEST_DELAY_DAYS, samples=DELAY_SAMPLES)
    return nowcast(triangle, method=NowcastMethod.TRUNC, rules=rules, rng=rng)


def _curve(rows: OutlookRows, days: Ints, counts: Ints, not_found: Estimate | TooFew) -> OnsetCurve:
    onsets: Counter[date] = Counter()
    for one in rows.cases:
        if one.onset is not None:
            onsets[one.onset] += one.count
    known = np.array([onsets[date.fromordinal(int(day))] for day in days])
    gap = (None,) * days.size
    return OnsetCurve(
        days=tuple(date.fromordinal(int(day)) for day in days),
        known=tuple(known.tolist()),
        placed=tuple((counts.mean(axis=0) - known).tolist()),
        median=gap,
        lower=gap,
        upper=gap,
        not_found=not_found,
        n_known=rows.n_onsets,
        n_placed=rows.n_cases - rows.n_onsets,
        delay_chance=(),
    )
