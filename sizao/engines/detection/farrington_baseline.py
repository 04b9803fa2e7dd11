"""
With which earlier times does Farrington's method compare a time?

The same times of the `b` years before, `w` times to each side (Farrington et al. 1996, JRSS A 159, 547); the
improved method cuts the rest of each year into seasons and keeps it too (Noufaily et al. 2013, Statistics in
Medicine 32, 1206). Without dates a year has `period` times. With dates it goes from a date to the same date a
year before and from there to the nearest same weekday, so that years of 53 weeks do not shift the season.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Floats
from sizao.errors import SizaoError

Ints = NDArray[np.int64]
Span = tuple[int, int | None]

STEPS = {52: "week", 12: "month", 365: "day"}  # times in a year for which dates tell the season


class BaselineImpossible(SizaoError):
    """Settings under which no time has a baseline."""

    code = "detection.baseline_impossible"
    message = "{reason} Change the setting and judge again."


@dataclass(frozen=True)
class Baselines:
    """
    The baseline of each judged time, one after another.

    The rows `start[i]` to `start[i + 1]` belong to the time `judged[i]`: the column `time` of the counts, its
    `season` (0 to `n_seasons` - 1, the last is that of the judged time) and its `clock`, the running number on
    which a trend is drawn. `now` is the clock of the judged time itself.
    """

    judged: Ints
    start: Ints
    time: Ints
    season: Ints
    clock: Floats
    now: Floats
    n_seasons: int


@dataclass(frozen=True)
class Windows:
    """Which times of earlier years: `years` back, `half_width` to each side, the last `excluded` left out."""

    years: int
    half_width: int
    n_seasons: int = 1
    excluded: int = 0


def original_baselines(series: Series, windows: Windows, asked: Span | None, *, by_dates: bool) -> Baselines:
    """
    Take what there is of the windows of earlier years; from the first time asked for.

    `asked` counts from 1; None asks for all from `half_width` before `years` full years, as R does. Windows
    before the first time are left out, so the first times judged have one year less.
    """
    _check(series, windows)
    n_times, half = series.counts.shape[1], windows.half_width
    reach = np.arange(-half, half + 1)
    calendar = Calendar(series) if by_dates else None

    def chosen(now: int) -> Ints:
        if calendar is not None:
            return calendar.windows(now, windows.years, half)
        times: Ints = (now - series.period * np.arange(windows.years, 0, -1)[:, None] + reach).ravel()
        return times[times >= 0]

    every = _asked(asked, series.period * windows.years - half, n_times)
    rows = ((now, times, np.zeros(len(times), np.int64)) for now in every if len(times := chosen(now)))
    # The trend of the original runs over positions, even when dates choose the baseline.
    return _joined(rows, np.arange(1.0, n_times + 1), n_seasons=1)


def flexible_baselines(series: Series, windows: Windows, asked: Span | None, *, by_dates: bool) -> Baselines:
    """
    Take the last `years` years whole, cut into seasons; with one season, the windows alone.

    `asked` counts from 1; None asks for all after `years` years and a half-width. A time whose reference
    times are not all in the series has no baseline. Raise BaselineImpossible.
    """
    _check(series, windows)
    n_times, half = series.counts.shape[1], windows.half_width
    calendar = Calendar(series) if by_dates else None

    def references(now: int) -> Sequence[int]:
        if calendar is not None:
            return calendar.references(now, windows.years)
        return [now - series.period * year for year in range(windows.years + 1)]

    def rows() -> Iterator[tuple[int, Ints, Ints]]:
        for now in _asked(asked, series.period * windows.years + half + 1, n_times):
            points = references(now)
            # The oldest window may lack its first time: after leap years it can begin one before the series.
            if min(points) >= 0 and min(points) - half >= -1:
                season = _seasons(points, windows, now)
                times = np.flatnonzero(season[: max(now - windows.excluded, 0)] >= 0)
                yield now, times, season[times]

    clock = np.arange(1.0, n_times + 1) if calendar is None else calendar.clock
    return _joined(rows(), clock, windows.n_seasons)


class Calendar:
    """Find times by their dates, for steps of a week, a month or a day."""

    def __init__(self, series: Series) -> None:
        assert series.dates is not None
        self.step = STEPS[series.period]
        self.days: list[date] = series.dates.astype("datetime64[D]").tolist()
        self.position = {day: time for time, day in enumerate(self.days)}
        numbers = series.dates.astype("datetime64[D]").astype(np.float64)
        first_step = numbers[1] - numbers[0] if len(numbers) > 1 else 1.0
        self.clock: Floats = (numbers - numbers[:1]) / first_step

    def references(self, now: int, years: int) -> list[int]:
        """Give the position of the time itself and of its like in each year before; -1 where there is none."""
        return [self.position.get(day, -1) for day in (self.days[now], *self._like(now, years))]

    def windows(self, now: int, years: int, half: int) -> Ints:
        """Give the positions of the windows of each year before that are in the series."""
        around = [self._moved(day, steps) for day in self._like(now, years) for steps in range(-half, half + 1)]
        return np.array([self.position[day] for day in around if day in self.position], dtype=np.int64)

    def _like(self, now: int, years: int) -> list[date]:
        day = self.days[now]
        before = [_date(day.year - back, day.month, day.day) for back in range(1, years + 1)]
        return [_same_weekday(other, day) for other in before] if self.step == "week" else before

    def _moved(self, day: date, steps: int) -> date:
        if self.step == "month":
            return _date(day.year, day.month + steps, day.day)
        return day + timedelta(days=steps * (7 if self.step == "week" else 1))


def follows_dates(series: Series, calendar: str) -> bool:
    """Say whether dates choose the baseline: `dates`, `period`, or `auto` (dates where they can). May refuse."""
    can = series.dates is not None and series.period in STEPS and series.counts.shape[1] > 0
    if calendar == "dates" and not can:
        raise BaselineImpossible(reason="Seasons by dates need a date at each time and a period of 52, 12 or 365.")
    return can and calendar != "period"


def _check(series: Series, windows: Windows) -> None:
    rest = series.period - 2 * windows.half_width - 1
    if rest < 0:
        raise BaselineImpossible(reason=f"Windows of w = {windows.half_width} to each side overlap within a year.")
    # A year by dates can be a time shorter than the period, and each season needs one.
    if windows.n_seasons > 1 and rest - 1 < windows.n_seasons - 1:
        raise BaselineImpossible(reason=f"A year has no room for no_periods = {windows.n_seasons} beside its windows.")


def _asked(asked: Span | None, first: int, n_times: int) -> range:
    if asked is None:
        return range(max(first, 1) - 1, n_times)
    return range(asked[0] - 1, n_times if asked[1] is None else min(asked[1], n_times))


def _seasons(points: Sequence[int], windows: Windows, now: int) -> Ints:
    """Give the season of each time up to now, -1 for those in none; `points` run from now into the past."""
    half, n_seasons = windows.half_width, windows.n_seasons
    season = np.full(now + 1, -1, dtype=np.int64)
    season[max(now - half, 0) :] = n_seasons - 1
    for later, point in zip(points, points[1:], strict=False):
        season[max(point - half, 0) : point + half + 1] = n_seasons - 1
        if n_seasons > 1:
            # What lies between two windows is cut into equal seasons, the first ones longer by the rest.
            between = later - point - 2 * half - 1
            length, longer = divmod(between, n_seasons - 1)
            lengths = length + (np.arange(n_seasons - 1) < longer)
            season[point + half + 1 : later - half] = np.repeat(np.arange(n_seasons - 1), lengths)
    return season


def _joined(rows: Iterable[tuple[int, Ints, Ints]], clock: Floats, n_seasons: int) -> Baselines:
    found = list(rows)
    nothing = np.zeros(0, np.int64)
    judged = np.array([now for now, _, _ in found], dtype=np.int64)
    start = np.concatenate(([0], np.cumsum([len(times) for _, times, _ in found]))).astype(np.int64)
    time = np.concatenate([nothing, *(times for _, times, _ in found)])
    season = np.concatenate([nothing, *(seasons for _, _, seasons in found)])
    return Baselines(judged, start, time, season, clock[time], clock[judged], n_seasons)


def _date(year: int, month: int, day: int) -> date:
    """Make a date from a month and day that may overflow, as R does: 29 February of a short year is 1 March."""
    years, month_before = divmod(month - 1, 12)
    return date(year + years, month_before + 1, 1) + timedelta(days=day - 1)


def _same_weekday(near: date, like: date) -> date:
    """Give the day nearest to `near`, three days away at most, that falls on the weekday of `like`."""
    return near + timedelta(days=(like.weekday() - near.weekday() + 3) % 7 - 3)
