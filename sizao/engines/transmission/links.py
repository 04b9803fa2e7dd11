"""
Who infected whom: the likely source of each case among the cases that it met.

A candidate is a case that met this one within its own infectious window and within the incubation window of
the case. The chance that candidate j infected case i goes with the serial interval at the days between their
onsets, times the minutes they shared then; the chances of all candidates of a case sum to one. That is the
weighting of Wallinga and Teunis 2004 (American Journal of Epidemiology 160:509), whose candidates are all
earlier cases, restricted and weighted by contact as in Ypma, van Ballegooijen and Wallinga 2013 (Genetics
195:1055) and Hens et al. 2012 (American Journal of Epidemiology 176:1196), without their sampling: each case
is judged by itself, and who infected the candidates plays no part; where a case may infect before it falls
ill, two cases can be each other's likeliest source.

Days and moments are in days from any fixed moment; a day of onset is the moment at which it begins.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sizao.engines.transmission.serial_interval import TOLERANCE, check_moments, discretised_gamma
from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TAIL_SDS = 8.0  # a distribution is cut this many standard deviations from its mean


class WrongLinks(SizaoError):
    """Meetings, or beliefs about the disease, that cannot be."""

    code = "transmission.wrong_links"
    message = "Sources cannot be looked for: {reason} Correct it and ask again."


@dataclass(frozen=True, slots=True)
class Interval:
    """The serial interval in whole days: `chances[k]` is that of `first` + k days; `first` may be below 0."""

    first: int
    chances: Floats

    def __post_init__(self) -> None:
        if not len(self.chances) or not np.isfinite(self.chances).all() or (self.chances < 0).any():
            raise WrongLinks(reason="a serial interval needs chances of zero or more.")
        if abs(self.chances.sum() - 1) > TOLERANCE:
            raise WrongLinks(reason=f"the chances of the serial interval sum to {self.chances.sum():.6g}, not to 1.")

    @classmethod
    def gamma(cls, mean: float, sd: float) -> Self:
        """Give an interval of one day at least, as `discretised_gamma` does. Raise NotASerialInterval."""
        check_moments(mean, sd)
        return cls(0, discretised_gamma(mean, sd, int(mean + TAIL_SDS * sd) + 2))

    @classmethod
    def normal(cls, mean: float, sd: float) -> Self:
        """Give an interval that may be nought or negative, as where people infect before they fall ill."""
        if not (np.isfinite(mean) and 0 < sd < np.inf):
            raise WrongLinks(reason="a normal serial interval needs a mean, and a standard deviation above 0.")
        first, last = round(mean - TAIL_SDS * sd), round(mean + TAIL_SDS * sd)
        edges = special.ndtr((np.arange(first, last + 2) - 0.5 - mean) / sd)
        return cls(first, np.diff(edges))

    def at(self, days: Floats) -> Floats:
        """Give the chance of so many days, rounded to whole ones."""
        k = np.rint(days).astype(np.int64) - self.first
        inside = (k >= 0) & (k < len(self.chances))
        found: Floats = np.where(inside, self.chances[np.clip(k, 0, len(self.chances) - 1)], 0.0)
        return found


@dataclass(frozen=True, slots=True)
class Course:
    """
    What is believed of the disease, in days.

    A case infects from `infectious_before` its onset until `infectious_after` it, and was infected at least
    `incubation_least`, at most `incubation_most` before it. Shared time counts in proportion, or with
    `half_minutes` as 1 - 2^(-minutes / half_minutes), where more of it adds less and less. `unseen_minutes`
    gives a source that nobody knows the weight of a candidate met for so long at the likeliest interval.
    """

    interval: Interval
    infectious_before: float
    infectious_after: float
    incubation_least: float = 1.0
    incubation_most: float = np.inf
    half_minutes: float | None = None
    unseen_minutes: float = 0.0

    def __post_init__(self) -> None:
        if not -self.infectious_before < self.infectious_after:
            raise WrongLinks(reason="the infectious window must end after it begins.")
        if not 0 <= self.incubation_least < self.incubation_most:
            raise WrongLinks(reason="the longest incubation must be above the shortest, and that zero or more.")
        if self.half_minutes is not None and not 0 < self.half_minutes < np.inf:
            raise WrongLinks(reason="the minutes of half the chance must be above 0.")
        if not 0 <= self.unseen_minutes < np.inf:
            raise WrongLinks(reason="the minutes of an unseen source must be zero or more.")

    def weight(self, minutes: Floats) -> Floats:
        """Give what shared minutes count."""
        if self.half_minutes is None:
            return minutes
        counted: Floats = -np.expm1(-np.log(2.0) * minutes / self.half_minutes)
        return counted


@dataclass(frozen=True, slots=True)
class Meetings:
    """
    Who could have infected whom when: case `source` (its number) met case `other` for `minutes`.

    Columns of equal length. They met between `first` and `last`; where these lie further apart than the
    minutes, as for a sum of several meetings, the minutes are taken as spread evenly between them.
    """

    source: Ints
    other: Ints
    minutes: Floats
    first: Floats
    last: Floats

    def __post_init__(self) -> None:
        wrong = np.flatnonzero(~(self.first <= self.last) | ~(self.minutes >= 0) | ~np.isfinite(self.minutes))
        if len(wrong):
            raise WrongLinks(reason=f"meeting {wrong[0] + 1} ends before it starts, or has no minutes.")

    def __len__(self) -> int:
        return len(self.source)

    def both_ways(self) -> "Meetings":
        """Give each meeting in both directions, where it was told in one."""
        return Meetings(
            np.concatenate((self.source, self.other)),
            np.concatenate((self.other, self.source)),
            *(np.concatenate((column, column)) for column in (self.minutes, self.first, self.last)),
        )


class Finding(StrEnum):
    """What was found of a case."""

    CANDIDATES = "candidates"
    NO_ONSET = "no onset"
    NOBODY_MET = "met no case in time"
    INTERVAL = "no case it met fell ill at a possible interval"


@dataclass(frozen=True, slots=True)
class Links:
    """
    Columns, one row a case and a candidate, ordered by case and the likeliest first.

    `days` lie between the onsets, `minutes` were shared in time. For each case, `finding` says what was found,
    and `unseen` is the chance that its source is none of the candidates, NaN where nothing can be said.
    """

    case: Ints
    source: Ints
    probability: Floats
    days: Floats
    minutes: Floats
    finding: list[Finding]
    unseen: Floats

    def __len__(self) -> int:
        return len(self.case)

    def likeliest(self) -> Ints:
        """Give the likeliest source of each case; -1 where there is no candidate."""
        best = np.full(len(self.finding), -1, dtype=np.int64)
        cases, row = np.unique(self.case, return_index=True)
        best[cases] = self.source[row]
        return best

    def offspring(self) -> Floats:
        """Give the number that each case is expected to have infected."""
        return _summed(self.source, self.probability, len(self.finding))


def likely_sources(onset: Floats, meetings: Meetings, course: Course) -> Links:
    """
    Share each case among the cases that could have infected it.

    `onset` holds the day of each case, NaN where it is unknown: such a case is nobody's source and has none.
    Meetings of a case with itself are passed over. Several rows of one pair are summed.
    """
    case, source, minutes = _in_time(onset, meetings, course)
    days = onset[case] - onset[source]
    score = course.interval.at(days) * course.weight(minutes)
    unseen = float(course.interval.chances.max() * course.weight(np.array([course.unseen_minutes]))[0])
    total = _summed(case, score, len(onset)) + unseen
    finding = _findings(onset, case, score)
    likely = score > 0
    order = np.lexsort((source[likely], -score[likely], case[likely]))
    kept = np.flatnonzero(likely)[order]
    outside = np.divide(unseen, total, out=np.full(len(onset), np.nan), where=(total > 0) & ~np.isnan(onset))
    return Links(case[kept], source[kept], score[kept] / total[case[kept]], days[kept], minutes[kept], finding, outside)


def _in_time(onset: Floats, meetings: Meetings, course: Course) -> tuple[Ints, Ints, Floats]:
    """Sum the minutes of each pair that lie in both windows; pairs without any are left out."""
    of, by = onset[meetings.other], onset[meetings.source]
    low = np.maximum(by - course.infectious_before, of - course.incubation_most)
    # A day of onset lasts until its midnight, and so do the windows that are counted from it.
    high = np.minimum(by + course.infectious_after, of - course.incubation_least) + 1
    begin, end = np.maximum(meetings.first, low), np.minimum(meetings.last, high)
    length = meetings.last - meetings.first
    share = np.divide(end - begin, length, out=np.ones_like(length), where=length > 0)
    minutes = meetings.minutes * share
    # NaN where either onset is unknown: no comparison holds, and the row goes.
    usable = (begin <= end) & (begin < high) & (minutes > 0) & (meetings.source != meetings.other)
    pair = meetings.other[usable] * len(onset) + meetings.source[usable]
    pairs, at = np.unique(pair, return_inverse=True)
    return pairs // len(onset), pairs % len(onset), _summed(at, minutes[usable], len(pairs))


def _summed(of: Ints, values: Floats, n: int) -> Floats:
    return np.bincount(of, values, minlength=n).astype(np.float64)


def _findings(onset: Floats, case: Ints, score: Floats) -> list[Finding]:
    met = np.bincount(case, minlength=len(onset)) > 0
    likely = np.bincount(case, score > 0, minlength=len(onset)) > 0
    chosen = np.select([np.isnan(onset), likely, met], [0, 1, 2], 3)
    kinds = (Finding.NO_ONSET, Finding.CANDIDATES, Finding.INTERVAL, Finding.NOBODY_MET)
    return [kinds[one] for one in chosen]
