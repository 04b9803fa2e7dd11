"""
When a level of response is proposed for an area, and what it switches: rows of a file, not code.

A condition compares one count with a number. What could not be counted is unknown: it asks for nothing, and it holds
back a return. Judging is here, counting is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sizao.protocol.values import Value
from sizao.terms import AreaLevel, ConditionMet, LevelFact, ResponseLevel

Counts = Mapping[tuple[LevelFact, int], int | None]  # what a fact came to, with the days it was counted over (0: now)


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One count compared with a number; `level` is what it asks for, None for a condition of a return.

    `within_days` is 0 where the count is of this moment.
    """

    key: str
    level: ResponseLevel | None
    at: tuple[AreaLevel, ...]
    fact: LevelFact
    at_least: int | None
    at_most: int | None
    within_days: int
    value: Value

    @property
    def asks(self) -> tuple[LevelFact, int]:
        """Name the count that it compares."""
        return self.fact, self.within_days

    def judged(self, count: int | None) -> ConditionMet:
        """Compare a count; None is not known."""
        if count is None:
            return ConditionMet.UNKNOWN
        enough = self.at_least is None or count >= self.at_least
        few = self.at_most is None or count <= self.at_most
        return ConditionMet.MET if enough and few else ConditionMet.NOT_MET


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition with what was counted and whether it is met."""

    condition: Condition
    count: int | None
    met: ConditionMet


@dataclass(frozen=True, slots=True)
class Switch:
    """
    What a level switches: kinds of team and the hours until they are ready, the rhythm of reports, what a start page
    leads with. `review_hours` and `most_days` are None for routine, which needs no end.
    """

    level: ResponseLevel
    teams: tuple[str, ...]
    ready_hours: int
    report_every_days: int
    report_due_hour: int
    review_hours: int | None
    most_days: int | None
    leads: tuple[str, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class ShorterClock:
    """An hour of the edition that is at most so long while a level stands."""

    level: ResponseLevel
    key: str
    at_most: int
    value: Value


@dataclass(frozen=True, slots=True)
class LevelRules:
    """All rows of the file."""

    id: str
    title_zh: str
    title_en: str
    conditions: tuple[Condition, ...]
    returns: tuple[Condition, ...]
    switches: Mapping[ResponseLevel, Switch]
    clocks: tuple[ShorterClock, ...]

    def asked(self, at: AreaLevel, counts: Counts) -> list[Judged]:
        """Judge the conditions that are asked of areas of a level, in the order of the file."""
        return _judged(self.conditions, at, counts)

    def returning(self, at: AreaLevel, counts: Counts) -> list[Judged]:
        """Judge the conditions of a return that are asked of areas of a level."""
        return _judged(self.returns, at, counts)

    def shorter(self, level: ResponseLevel) -> tuple[ShorterClock, ...]:
        """Give the clocks that a level shortens."""
        return tuple(one for one in self.clocks if one.level == level)

    def days_counted(self, fact: LevelFact) -> set[int]:
        """Give the spans of days over which some condition counts a fact."""
        return {one.within_days for one in (*self.conditions, *self.returns) if one.fact == fact}


def level_asked(judged: Sequence[Judged]) -> ResponseLevel:
    """Give the highest level that a condition met asks for; routine where none does."""
    asked = [one.condition.level for one in judged if one.met is ConditionMet.MET and one.condition.level]
    return max(asked, key=lambda level: level.rank, default=ResponseLevel.ROUTINE)


def level_proposed(
    standing: ResponseLevel, judged: Sequence[Judged], returning: Sequence[Judged]
) -> ResponseLevel | None:
    """
    Say which level is proposed for an area that stands at one; None where it stays.

    Higher as soon as one condition asks for it. Lower only when every condition of a return is met: one that is not
    known holds it back.
    """
    asked = level_asked(judged)
    if asked.rank > standing.rank:
        return asked
    if asked.rank < standing.rank and all(one.met is ConditionMet.MET for one in returning):
        return asked
    return None


def _judged(conditions: Sequence[Condition], at: AreaLevel, counts: Counts) -> list[Judged]:
    asked = [one for one in conditions if at in one.at]
    return [Judged(one, counts.get(one.asks), one.judged(counts.get(one.asks))) for one in asked]
