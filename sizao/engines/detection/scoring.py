"""
What a detector would have cost and won on history whose outbreaks are known.

Times are whatever the series are counted by (days or weeks); all figures are in these. A time at which the detector
could not say counts for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CONFIDENCE = 0.95


class NotOnRecord(SizaoError):
    code = "scoring.not_on_record"
    message = "The outbreak of series {series}, times {first} to {last}, does not lie in the history. Correct it."


@dataclass(frozen=True, slots=True)
class TrueOutbreak:
    """An outbreak known to have been: its series, its first and its last time, both included, from 0."""

    series: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Share:
    """
    A share with its exact 95 % interval (Clopper and Pearson 1934, Biometrika 26:404).

    `value` is NaN and the interval is all of 0 to 1 where there was nothing to count.
    """

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else float("nan")

    @property
    def lowest(self) -> float:
        return float(stats.beta.ppf((1 - CONFIDENCE) / 2, self.hits, self.of - self.hits + 1)) if self.hits else 0.0

    @property
    def highest(self) -> float:
        if self.hits == self.of:
            return 1.0
        return float(stats.beta.ppf((1 + CONFIDENCE) / 2, self.hits + 1, self.of - self.hits))


@dataclass(frozen=True, slots=True)
class Scorecard:
    """
    How a detector did.

    `delays` has for each outbreak, in the order given, how many times after its first it was first alarmed: 0 at
    once, NaN when it was missed or never judged. `sensitivity` is the share of outbreaks alarmed in time, of those
    judged at all. `false_alarms` is the share of quiet times with an alarm; `predictive_value` the share of alarms
    that fell into an outbreak. The intervals take times as independent, which alarms of one rise are not: they are
    too narrow where alarms come in runs.
    """

    delays: tuple[float, ...]
    sensitivity: Share
    false_alarms: Share
    predictive_value: Share

    @property
    def false_alarms_per_100(self) -> float:
        """How many alarms 100 quiet times bring (days, for daily series)."""
        return 100 * self.false_alarms.value

    @property
    def median_delay(self) -> float:
        """Middle delay of the outbreaks that were alarmed; NaN where none was."""
        known = [delay for delay in self.delays if not np.isnan(delay)]
        return float(np.median(known)) if known else float("nan")


@dataclass(frozen=True, slots=True)
class Costs:
    """What it costs, in any one unit: to look into an alarm for nothing, to miss an outbreak, to be one time late."""

    false_alarm: float
    missed: float
    late: float


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a detector would have done, had it alarmed above this threshold."""

    threshold: float
    card: Scorecard


def scorecard(
    alarms: Bools, judged: Bools, outbreaks: Sequence[TrueOutbreak], *, within: int | None = None
) -> Scorecard:
    """
    Score alarms against outbreaks that are known.

    `alarms` and `judged` have the shape (series, times). An outbreak counts as alarmed if there is an alarm among
    its first `within` times (all of them without a limit); an alarm before its first time does not. An alarm in any
    time of an outbreak is no false one. Raise NotOnRecord for an outbreak outside the history.
    """
    alarms = alarms & judged
    delays, n_judged, outside = [], 0, np.ones(alarms.shape, np.bool_)
    for outbreak in outbreaks:
        _check(outbreak, alarms.shape)
        in_time = slice(
            outbreak.first, min(outbreak.last + 1, outbreak.first + (alarms.shape[1] if within is None else within))
        )
        at = np.flatnonzero(alarms[outbreak.series, in_time])
        delays.append(float(at[0]) if len(at) else float("nan"))
        n_judged += int(judged[outbreak.series, in_time].any())
        outside[outbreak.series, outbreak.first : outbreak.last + 1] = False
    n_false, n_alarms = int((alarms & outside).sum()), int(alarms.sum())
    return Scorecard(
        delays=tuple(delays),
        sensitivity=Share(int(np.isfinite(delays).sum()), n_judged),
        false_alarms=Share(n_false, int((judged & outside).sum())),
        predictive_value=Share(n_alarms - n_false, n_alarms),
    )


def sweep(
    strength: Floats, outbreaks: Sequence[TrueOutbreak], thresholds: Sequence[float], *, within: int | None = None
) -> tuple[AtThreshold, ...]:
    """
    Score what a detector would have done at each threshold, in the order given.

    `strength` has the shape (series, times): what the detector measures, an alarm being anything above the
    threshold; NaN where it could not say. For a p-value give one minus it.
    """
    judged = ~np.isnan(strength)
    return tuple(
        AtThreshold(float(threshold), scorecard(strength > threshold, judged, outbreaks, within=within))
        for threshold in thresholds
    )


def worthwhile(strength: Floats, n_thresholds: int = 50) -> Floats:
    """Give thresholds worth trying, rising: the strengths themselves at equal steps of their rank, each once."""
    known = strength[~np.isnan(strength)]
    if not len(known):
        return np.zeros(0)
    return np.unique(np.quantile(known, np.linspace(0, 1, n_thresholds), method="lower"))


def cheapest(tried: Sequence[AtThreshold], costs: Costs) -> AtThreshold:
    """Choose the threshold that would have cost least; of equal ones the highest, which disturbs fewest people."""
    return min(tried, key=lambda one: (cost_of(one.card, costs), -one.threshold))


def cost_of(card: Scorecard, costs: Costs) -> float:
    """Add up what false alarms, missed outbreaks and lost time would have cost."""
    late = float(np.nansum(card.delays)) if card.delays else 0.0
    n_missed = card.sensitivity.of - card.sensitivity.hits
    return card.false_alarms.hits * costs.false_alarm + n_missed * costs.missed + late * costs.late


def _check(outbreak: TrueOutbreak, shape: tuple[int, ...]) -> None:
    n_series, n_times = shape
    if not (0 <= outbreak.series < n_series and 0 <= outbreak.first <= outbreak.last < n_times):
        raise NotOnRecord(series=outbreak.series, first=outbreak.first, last=outbreak.last)
