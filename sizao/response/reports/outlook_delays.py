"""How long the steps of a case take: from falling ill to being found, from there to being set apart, to a result."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sizao.engines.transmission.delays import Pairs, fit_delay
from sizao.errors import SizaoError
from sizao.response.reports.outlook_rows import OutlookRows
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.terms import Delay, DelayShape

LEAST_DELAYS = 10
SHOWN_DAYS = 21
LONGEST_TOLD_DAYS = 60  # a fit that cannot rule out such a delay says nothing


@dataclass(frozen=True, slots=True)
class Fitted:
    """The distribution that fits best, right truncation allowed for; `chances[k]` is that of k days."""

    shape: DelayShape
    mean: Estimate
    median: Estimate
    nine_in_ten: Estimate
    chances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DelayTold:
    """
    One delay in days as counted, `counts[k]` for k days (the last holds all longer), and as fitted.

    `before` happened the other way round and are not in `n`: found before falling ill, set apart before
    being found. `waiting` have not come to the second step. `fitted` is None where no family can be fitted,
    as when the step is always taken on the same day, or where it says nothing yet; the counts, of which
    `middle` is the median, then speak for themselves.
    """

    kind: Delay
    n: int
    before: int
    waiting: int
    counts: tuple[int, ...]
    same_day: int
    middle: float | None
    fitted: Fitted | TooFew | None


def delays(rows: OutlookRows) -> tuple[DelayTold, ...]:
    """Tell the three delays of an outbreak, by what was known on its day."""
    onset = [((one.onset, one.found), one.count) for one in rows.cases if one.onset]
    isolated = [((one.found, one.isolated), one.count) for one in rows.cases if one.isolated]
    waiting = sum(one.count for one in rows.cases if one.isolated is None)
    results = [((taken, resulted), count) for taken, resulted, count in rows.tests]
    return (
        _told(Delay.ONSET_TO_FOUND, onset, rows.day.toordinal()),
        _told(Delay.FOUND_TO_ISOLATED, isolated, rows.day.toordinal(), waiting=waiting),
        _told(Delay.TAKEN_TO_RESULT, results, rows.day.toordinal()),
    )


def _told(kind: Delay, steps: Iterable[tuple], day: int, *, waiting: int = 0) -> DelayTold:
    counted = [(first.toordinal(), second.toordinal(), count) for (first, second), count in steps]
    before = sum(count for first, second, count in counted if second < first)
    forward = [one for one in counted if one[1] >= one[0]]
    first, second, times = (np.array([one[part] for one in forward], dtype=np.int64) for part in range(3))
    lasted = np.minimum(second - first, SHOWN_DAYS)
    counts = np.bincount(lasted, weights=times, minlength=SHOWN_DAYS + 1).astype(int)
    return DelayTold(
        kind=kind,
        n=int(times.sum()),
        before=before,
        waiting=waiting,
        counts=tuple(counts.tolist()),
        same_day=int(counts[0]),
        middle=float(np.median(np.repeat(second - first, times))) if times.sum() else None,
        fitted=_fitted(np.repeat(first, times), np.repeat(second, times), day),
    )


def _fitted(first: np.ndarray, second: np.ndarray, day: int) -> Fitted | TooFew | None:
    if first.size < LEAST_DELAYS:
        return TooFew(n=int(first.size), least=LEAST_DELAYS)
    if (first == second).all():
        return None
    try:
        fit = fit_delay(Pairs.of_days(first, second), now=day + 1)
    except SizaoError:
        return None
    nine_in_ten = fit.quantile(0.9)
    if not nine_in_ten.upper <= LONGEST_TOLD_DAYS:
        # In the first days of finding cases, nobody can tell how many are still to be found much later.
        return None
    return Fitted(DelayShape(fit.family), fit.mean, fit.median, nine_in_ten, tuple(fit.chances(SHOWN_DAYS).tolist()))
