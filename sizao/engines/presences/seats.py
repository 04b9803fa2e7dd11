"""Which seats of a vehicle are near the seats of a case, by a rule of the authority."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sizao.errors import SizaoError
from sizao.terms import Seating


class Reach(StrEnum):
    """How far a rule reaches: the whole vehicle, the carriage (or cabin), or some rows of the carriage."""

    VEHICLE = "vehicle"
    CARRIAGE = "carriage"
    ROWS = "rows"


class SeatRuleImpossible(SizaoError):
    code = "seats.rule_impossible"
    message = "The seat rule can never be used: {reason} Correct it in its file."


@dataclass(frozen=True, slots=True)
class SeatRule:
    """
    Who in a vehicle of one kind sat near a case.

    With the reach of rows, so many rows before and behind the row of the case count beside the row itself; rows
    are counted from the front. `crew`: those who served there count too.
    """

    reach: Reach
    rows_before: int = 0
    rows_behind: int = 0
    crew: bool = False

    def __post_init__(self) -> None:
        if min(self.rows_before, self.rows_behind) < 0:
            raise SeatRuleImpossible(reason="a number of rows must be 0 or more.")
        if self.reach is not Reach.ROWS and (self.rows_before or self.rows_behind):
            raise SeatRuleImpossible(reason=f"rows before and behind need the reach rows, but it is {self.reach}.")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody sat: a carriage (or cabin), a row counted from the front; None where it is not known."""

    carriage: str | None = None
    row: int | None = None
    is_crew: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What seats say of somebody, and the pair of seats that decided it; None where no seat did."""

    seating: Seating
    of_case: Seat | None = None
    of_other: Seat | None = None


def seating(rule: SeatRule | None, of_case: Sequence[Seat], of_other: Sequence[Seat]) -> Seating:
    """Say whether somebody sat near a case; see `judged`."""
    return judged(rule, of_case, of_other).seating


def judged(rule: SeatRule | None, of_case: Sequence[Seat], of_other: Sequence[Seat]) -> Judged:
    """
    Say whether somebody sat near a case, by all the seats that either had on the journey, and which seats say so.

    One pair of seats within the rule is enough. A seat that is not known, where the rule needs it, leaves the
    question open, and so does a vehicle whose kind no rule knows: nobody is cleared for want of a seat. Crew
    whose carriage is not told count as having served the case.
    """
    pairs = [(case, other) for case in of_case or [Seat()] for other in of_other or [Seat()]]
    if rule is None or rule.reach is Reach.VEHICLE:
        return Judged(Seating.UNKNOWN if rule is None else Seating.NEAR, *_told(*pairs[0]))
    words = [_pair(rule, *pair) for pair in pairs]
    word = next(word for word in (Seating.NEAR, Seating.UNKNOWN, Seating.APART) if word in words)
    return Judged(word, *_told(*pairs[words.index(word)]))


def _told(case: Seat, other: Seat) -> tuple[Seat | None, Seat | None]:
    return case if case != Seat() else None, other if other != Seat() else None


def _pair(rule: SeatRule, case: Seat, other: Seat) -> Seating:
    apart = case.carriage is not None and other.carriage is not None and case.carriage != other.carriage
    if apart:
        return Seating.APART
    if rule.crew and other.is_crew:
        return Seating.NEAR
    if rule.reach is Reach.CARRIAGE:
        known = case.carriage is not None and other.carriage is not None
        return Seating.NEAR if known else Seating.UNKNOWN
    return _rows(rule, case, other)


def _rows(rule: SeatRule, case: Seat, other: Seat) -> Seating:
    if case.row is None or other.row is None:
        return Seating.UNKNOWN
    if not case.row - rule.rows_before <= other.row <= case.row + rule.rows_behind:
        return Seating.APART
    # A row number means nothing without its carriage where only one of the two is told.
    return Seating.NEAR if (case.carriage is None) == (other.carriage is None) else Seating.UNKNOWN
