"""What a team's page and a member's own page show: who is on duty now, who comes next, what is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Account, CallAnswer, Team, TeamMember, TeamShift
from sizao.response.tasks.teams import calls, duty, kinds, loans, members, shifts
from sizao.terms import Duty, Right

BACK = timedelta(hours=24)
AHEAD = timedelta(days=14)
MOST_SHIFTS = 400


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member, how they stand, whether they reported, and their next shift."""

    member: TeamMember
    duty: Duty
    is_there: bool
    next_shift: TeamShift | None


@dataclass(frozen=True, slots=True)
class Mine:
    """What is somebody's own: their membership, how they stand, their shifts, and calls that wait for an answer."""

    member: TeamMember
    duty: Duty
    shifts: tuple[TeamShift, ...]
    calls: tuple[CallAnswer, ...]


def fetch(pk: int, *, to: Right, by: Account, as_of: datetime) -> Team:
    """Fetch a team that somebody's area keeps or has borrowed; anything else is not there for them."""
    access.require(by, to)
    borrowed = loans.running(as_of).filter(to_area_code__startswith=by.area_code).values("team")
    mine = Team.objects.filter(Q(area_code__startswith=by.area_code) | Q(pk__in=borrowed))
    found = mine.filter(pk=pk, registered_at__lte=as_of).first()
    if found is None:
        raise NotYours(what="team", area=by.area_code)
    return found


def may_see_people(team: Team, by: Account) -> bool:
    """Tell whether names and phones of a team are shown: to who manages teams here, and to its own members."""
    return access.may(by, Right.TEAM_MANAGE) or team.members.filter(account=by, left_at=None).exists()


def lines(team: Team, *, as_of: datetime) -> list[MemberLine]:
    """Give the members of a team as they stand, those on duty first."""
    people = list(members.of_team(team, as_of))
    stand = duty.of_members({team.pk: rest_hours(team, as_of)}, as_of=as_of)
    coming: dict[int, TeamShift] = {}
    for one in shifts.known_at(as_of).filter(team=team, starts_at__gt=as_of).order_by("-starts_at")[:MOST_SHIFTS]:
        coming[one.member_id] = one
    order = list(Duty)
    told = [MemberLine(one, *stand[one.pk], coming.get(one.pk)) for one in people]
    return sorted(told, key=lambda line: (order.index(line.duty), line.member.number))


def rest_hours(team: Team, as_of: datetime) -> int:
    """Say how long the people of a team rest between shifts; 0 where the list in force lacks its kind."""
    kind = kinds.in_force(team.area_code, as_of).kinds.get(team.kind)
    return kind.rotation.shortest_rest_hours if kind else 0


def shifts_of(team: Team, *, as_of: datetime) -> list[TeamShift]:
    """Give a team's shifts from a day ago on, the earliest first."""
    found = shifts.known_at(as_of).filter(team=team, ends_at__gt=as_of - BACK, starts_at__lt=as_of + AHEAD)
    return list(found.select_related("member").order_by("starts_at", "member_id")[:MOST_SHIFTS])


def is_late(shift: TeamShift, as_of: datetime) -> bool:
    """Tell whether a shift has begun and nobody reported for it."""
    return shift.starts_at <= as_of < shift.ends_at and (shift.came_at is None or shift.came_at > as_of)


def mine(by: Account, *, as_of: datetime) -> Mine | None:
    """Give what is somebody's own at a moment; None for who is in no team."""
    found = TeamMember.objects.filter(account=by, joined_at__lte=as_of).select_related("team")
    member = found.filter(Q(left_at=None) | Q(left_at__gt=as_of)).first()
    if member is None:
        return None
    stand = duty.of_members({member.team_id: rest_hours(member.team, as_of)}, as_of=as_of)
    own = shifts.known_at(as_of).filter(member=member, ends_at__gt=as_of - BACK, starts_at__lt=as_of + AHEAD)
    return Mine(
        member,
        stand[member.pk][0],
        tuple(own.select_related("member", "team").order_by("starts_at")),
        tuple(waiting_calls([member.team_id], as_of=as_of)),
    )


def waiting_calls(teams: Sequence[int], *, as_of: datetime) -> list[CallAnswer]:
    """Give the calls of the last three days that some teams have not answered with being ready."""
    recent = calls.answers_at(as_of).filter(team__in=teams, called_at__gt=as_of - timedelta(days=3))
    return list(recent.filter(Q(ready_at=None) | Q(ready_at__gt=as_of)))
