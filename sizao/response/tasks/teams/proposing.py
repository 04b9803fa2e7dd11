"""Rosters proposed by rule: whoever worked least goes first. A manager changes them and confirms in their own name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol.teams_rotation import Crew, Filled, Hours, propose
from sizao.records.models import Team, TeamMember, TeamShift
from sizao.response.tasks.teams import kinds, members, shifts
from sizao.response.tasks.teams.shifts import Around
from sizao.terms import ShiftFault

LOOK_BACK = timedelta(days=28)  # hours worked before that are not held against anybody
MOST_DAYS = 14
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


class RosterUnreadable(SizaoError):
    code = "teams.roster.unreadable"
    message = (
        "A roster runs over 1 to {days} days, with 1 to 6 shifts a day of {hours} hours at most and 1 to 99 people."
    )


@dataclass(frozen=True, slots=True)
class RosterAsked:
    """What a roster is wanted for: from which day, how many days, from which hour, how long shifts, for how many."""

    first_date: date
    days: int
    from_hour: int
    shifts_a_day: int
    shift_hours: int
    people: int
    inside: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """A proposal: each shift with who goes, the people of the team, and the hours each worked in the last 28 days."""

    shifts: tuple[Filled, ...]
    people: tuple[TeamMember, ...]
    worked: dict[int, float]

    @property
    def lacking(self) -> int:
        """Count the places for which nobody was found."""
        return sum(one.lacking for one in self.shifts)


def proposal(*, team: Team, asked: RosterAsked, as_of: datetime) -> Roster:
    """Propose who takes which shift of a roster, within the rules of the team's kind. Raise RosterUnreadable."""
    kind = kinds.in_force(team.area_code, as_of).kind(team.kind)
    wanted = _shifts(asked, kind.rotation.longest_shift_hours)
    people = tuple(members.of_team(team, as_of))
    worked = worked_hours([one.pk for one in people], as_of=as_of)
    around = shifts.around_of(people, wanted[0], wanted)
    crews = [
        Crew(
            one.pk, worked.get(one.pk, 0.0), tuple(around[one.pk].held), cannot_of(around[one.pk], inside=asked.inside)
        )
        for one in people
    ]
    return Roster(tuple(propose(kind.rotation, dict.fromkeys(wanted, asked.people), crews)), people, worked)


def worked_hours(people: Sequence[int], *, as_of: datetime) -> dict[int, float]:
    """Sum up the hours of each member in the last 28 days, those planned to come included."""
    found: dict[int, float] = {}
    rows = TeamShift.objects.filter(member__in=people, cancelled_at=None, ends_at__gt=as_of - LOOK_BACK)
    for member, starts_at, ends_at, went_at in rows.values_list("member", "starts_at", "ends_at", "went_at"):
        hours = Hours(starts_at, max(starts_at, went_at or ends_at)).length
        found[member] = found.get(member, 0.0) + hours
    return found


def cannot_of(around: Around, *, inside: bool) -> tuple[tuple[Hours, ShiftFault], ...]:
    """Give the hours in which somebody cannot take a shift inside the loop, or outside it."""
    told = [(one, ShiftFault.AWAY) for one in around.away]
    loops = sorted(around.loops, key=lambda one: one.entered_at)
    if inside:
        free_from = EARLIEST
        for one in loops:
            told.append((Hours(free_from, one.entered_at), ShiftFault.NOT_IN_LOOP))
            free_from = one.left_at or LATEST
        return (*told, (Hours(free_from, LATEST), ShiftFault.NOT_IN_LOOP)) if free_from < LATEST else tuple(told)
    for one in loops:
        told.append((Hours(one.entered_at, one.left_at or LATEST), ShiftFault.IN_LOOP))
        if one.left_at is not None and one.apart_until is not None:
            over = timezone.make_aware(datetime.combine(one.apart_until + timedelta(days=1), time()))
            told.append((Hours(one.left_at, over), ShiftFault.APART))
    return tuple(told)


def _shifts(asked: RosterAsked, longest: int) -> list[Hours]:
    fits = asked.shifts_a_day in range(1, 7) and asked.days in range(1, MOST_DAYS + 1) and asked.people in range(1, 100)
    hours_fit = asked.shift_hours in range(1, longest + 1) and asked.from_hour in range(24)
    if not fits or not hours_fit:
        raise RosterUnreadable(days=MOST_DAYS, hours=longest)
    made = []
    for day in range(asked.days):
        begin = timezone.make_aware(datetime.combine(asked.first_date + timedelta(days=day), time(asked.from_hour)))
        for number in range(asked.shifts_a_day):
            starts_at = begin + timedelta(hours=24 / asked.shifts_a_day * number)
            made.append(Hours(starts_at, starts_at + timedelta(hours=asked.shift_hours)))
    return made
