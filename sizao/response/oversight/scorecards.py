"""
Scorecards: the share of clocks kept, what is late and by how much, per area and measure, as of any moment.

A clock counts once its moment has passed. Kept means done by that moment; everything else that has passed is late, done
or not. The rows come from `clocks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from sizao.response.oversight.clocks import Clocks, Found, Scope, ask
from sizao.response.oversight.measures import Measure, measures
from sizao.terms import Stage

# Fewer clocks than this say nothing about an area: one more or less would move its share by a tenth.
FEWEST = 10
WEEKS = 8


@dataclass(slots=True)
class Score:
    """
    How clocks were kept: how many ran out, how many in time, late now, without a clock; delays of the late ones.

    Delays are None where nothing was late.
    """

    clocks: int = 0
    kept: int = 0
    late_now: int = 0
    unknown: int = 0
    median: timedelta | None = None
    worst: timedelta | None = None

    @property
    def share(self) -> float | None:
        """The share kept; None where no clock ran out."""
        return self.kept / self.clocks if self.clocks else None

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few clocks to compare areas by."""
        return self.clocks < FEWEST

    def add(self, other: "Score") -> None:
        """Add the counts of another; a median of two is not that of both, so it is dropped."""
        self.clocks, self.kept = self.clocks + other.clocks, self.kept + other.kept
        self.late_now, self.unknown = self.late_now + other.late_now, self.unknown + other.unknown
        self.median = None
        self.worst = max((one for one in (self.worst, other.worst) if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Line:
    """One measure on a scorecard."""

    measure: Measure
    score: Score


@dataclass(slots=True)
class Board:
    """A whole scorecard: all measures of an area, all its areas below, and both together."""

    total: Score = field(default_factory=Score)
    lines: list[Line] = field(default_factory=list)
    areas: dict[str, Score] = field(default_factory=dict)


def board(scope: Scope, *, stage: Stage | None = None, measure: str = "") -> Board:
    """Work out the scorecard of an area, narrowed to a stage or a measure where one is given."""
    known = chosen(stage, measure)
    return _board(known, ask(scope, known))


def board_and_weeks(scope: Scope, *, count: int = WEEKS, stage: Stage | None = None) -> tuple[Board, list["Week"]]:
    """Work out the scorecard of an area and its last weeks, which read the same clocks, at once."""
    known = chosen(stage)
    found = ask(scope, known, oldest=_first_of_weeks(scope, count))
    return _board(known, found), _weeks(scope, count, found)


def _board(known: Mapping[str, Measure], found: Found) -> Board:
    made = Board()
    by_measure: dict[str, Score] = {}
    late = _Delays()
    for one in found.clocks:
        of_measure = by_measure.setdefault(one.measure, Score())
        for score in (of_measure, made.areas.setdefault(one.area_code, Score()), made.total):
            score.add(_score(one))
        late.add(one)
    late.tell(made, by_measure)
    made.lines = [Line(known[key], by_measure[key]) for key in known if key in by_measure]
    made.areas = dict(sorted(made.areas.items(), key=_urgency))
    return made


def _score(one: Clocks) -> Score:
    return Score(one.clocks, one.kept, one.late, one.unknown)


@dataclass(slots=True)
class _Delays:
    """The delays of clocks that were not kept, by measure and by area."""

    of_measure: dict[str, list[np.ndarray]] = field(default_factory=dict)
    of_area: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, one: Clocks) -> None:
        if len(one.delays):
            self.of_measure.setdefault(one.measure, []).append(one.delays)
            self.of_area.setdefault(one.area_code, []).append(one.delays)

    def tell(self, made: Board, by_measure: Mapping[str, Score]) -> None:
        """Set the median and worst delay of each measure, each area and the whole."""
        for scores, found in ((by_measure, self.of_measure), (made.areas, self.of_area)):
            for key, parts in found.items():
                _set_delays(scores[key], parts)
        if self.of_area:
            _set_delays(made.total, [part for parts in self.of_area.values() for part in parts])


def _set_delays(score: Score, parts: Sequence[np.ndarray]) -> None:
    seconds = np.concatenate(parts)
    score.median = timedelta(seconds=float(np.median(seconds)))
    score.worst = timedelta(seconds=float(seconds.max()))


def _urgency(one: tuple[str, Score]) -> tuple[bool, float, int, str]:
    """Put the area that keeps the fewest of its clocks first; those with too few to compare come last."""
    area, score = one
    return score.is_few, score.share if score.share is not None else 2, -score.late_now, area


def chosen(stage: Stage | None = None, measure: str = "") -> dict[str, Measure]:
    """Give the measures of a stage, or one measure, or all."""
    return {
        key: one
        for key, one in measures().items()
        if (stage is None or one.stage == stage) and measure in ("", key)
    }  # fmt: skip


def by_area(scope: Scope) -> list[tuple[str, Measure, Score]]:
    """Give the score of each measure in each area below, without delays; what an area holds itself is left out."""
    known = chosen()
    counted: dict[tuple[str, str], Score] = {}
    for one in ask(scope, known).clocks:
        if len(one.area_code) == scope.child_digits:
            counted.setdefault((one.measure, one.area_code), Score()).add(_score(one))
    return [(area, known[key], score) for (key, area), score in sorted(counted.items())]


@dataclass(frozen=True, slots=True)
class Week:
    """The score of the seven days that end with a day."""

    last_date: date
    score: Score


def weeks(scope: Scope, *, count: int = WEEKS, stage: Stage | None = None, measure: str = "") -> list[Week]:
    """Work out the score of each of the last weeks, oldest first; the last one ends with the day of the moment."""
    oldest = _first_of_weeks(scope, count)
    return _weeks(scope, count, ask(scope, chosen(stage, measure), oldest=oldest))


def _first_of_weeks(scope: Scope, count: int) -> date:
    return scope.day - timedelta(days=7 * count - 1)


def _weeks(scope: Scope, count: int, found: Found) -> list[Week]:
    first = _first_of_weeks(scope, count)
    scores = [Score() for _ in range(count)]
    for day, (clocks, kept) in found.days.items():
        if day >= first:
            scores[(day - first).days // 7].add(Score(clocks=clocks, kept=kept))
    return [Week(first + timedelta(days=7 * n + 6), score) for n, score in enumerate(scores)]
