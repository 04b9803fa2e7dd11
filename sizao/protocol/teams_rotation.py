"""
How people of a team rotate: which shift may follow which, and who goes next.

Values in, values out. Hours are counted between moments; a shift is half-open, so one may begin as another ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sizao.terms import ShiftFault

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The longest shift, the shortest rest between two, and how many may begin within any 24 hours."""

    longest_shift_hours: int
    shortest_rest_hours: int
    most_shifts_in_24h: int

    @property
    def rest(self) -> timedelta:
        """Give the shortest rest as a span."""
        return timedelta(hours=self.shortest_rest_hours)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From when to when; the end does not belong to it."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Hours") -> bool:
        """Tell whether there is a moment in both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def length(self) -> float:
        """Give the length in hours."""
        return (self.ends_at - self.starts_at) / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Crew:
    """
    Somebody a roster may ask: the hours worked lately, the shifts held near, and when they cannot.

    `cannot` gives the hours in which they cannot, with the fault that a shift in them would be.
    """

    key: int
    worked_hours: float
    held: tuple[Hours, ...] = ()
    cannot: tuple[tuple[Hours, ShiftFault], ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A shift of a proposal: its hours, who goes, and how many were not found."""

    hours: Hours
    crew: tuple[int, ...]
    lacking: int


def fault_of(rotation: Rotation, held: Sequence[Hours], wanted: Hours) -> ShiftFault | None:
    """
    Say which rule a wanted shift would break beside the shifts that somebody holds; None where it breaks none.

    `held` are all shifts from a day and a rest before the wanted one until as long after it; more do no harm.
    """
    if wanted.length > rotation.longest_shift_hours:
        return ShiftFault.TOO_LONG
    if any(wanted.overlaps(one) for one in held):
        return ShiftFault.OVERLAP
    resting = Hours(wanted.starts_at - rotation.rest, wanted.ends_at + rotation.rest)
    if any(resting.overlaps(one) for one in held):
        return ShiftFault.REST
    return ShiftFault.THIRD if _most_in_a_day(held, wanted) > rotation.most_shifts_in_24h else None


def _most_in_a_day(held: Sequence[Hours], wanted: Hours) -> int:
    # Of the windows of 24 hours that hold the wanted beginning, one that begins with a shift holds most.
    starts = [one.starts_at for one in held] + [wanted.starts_at]
    firsts = [one for one in starts if wanted.starts_at - DAY < one <= wanted.starts_at]
    return max(sum(first <= one < first + DAY for one in starts) for first in firsts)


def propose(rotation: Rotation, shifts: Mapping[Hours, int], crews: Sequence[Crew]) -> list[Filled]:
    """
    Propose who takes which shift: whoever worked the fewest hours goes first, and no rule is broken.

    `shifts` gives the number of people wanted for each. Of people with the same hours, the one whose latest shift is
    longest ago goes, then the one with the smaller key. A shift for which too few are found keeps what it has and says
    how many lack. Greedy in the order of time: what it proposes is fair and explicable, not proven to fill the most.
    """
    worked = {one.key: one.worked_hours for one in crews}
    held = {one.key: list(one.held) for one in crews}
    filled = []
    for hours in sorted(shifts):
        able = [one for one in crews if _may(rotation, one, held[one.key], hours)]
        able.sort(key=lambda one: (worked[one.key], _latest(held[one.key], hours), one.key))
        chosen = able[: shifts[hours]]
        for one in chosen:
            worked[one.key] += hours.length
            held[one.key].append(hours)
        filled.append(Filled(hours, tuple(one.key for one in chosen), shifts[hours] - len(chosen)))
    return filled


def _may(rotation: Rotation, one: Crew, held: Sequence[Hours], hours: Hours) -> bool:
    return not any(hours.overlaps(other) for other, _ in one.cannot) and fault_of(rotation, held, hours) is None


def _latest(held: Sequence[Hours], before: Hours) -> float:
    ended = [one.ends_at.timestamp() for one in held if one.ends_at <= before.starts_at]
    return max(ended, default=0.0)
