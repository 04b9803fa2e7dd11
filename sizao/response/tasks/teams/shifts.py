"""
Shifts: planned by a named person within the rules of rotation, and what they were.

Whoever confirms shifts of the same people at once waits for their rows; the database refuses two at once besides.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol.teams import TeamKind
from sizao.protocol.teams_rotation import Hours, fault_of
from sizao.records import access, journal
from sizao.records.models import Account, LoopStay, Task, Team, TeamAbsence, TeamMember, TeamShift
from sizao.response.tasks.teams import kinds, loans
from sizao.response.tasks.teams.members import TeamIsDisbanded
from sizao.terms import Right, ShiftFault

# Rotation looks back and ahead by a day and the longest rest a list may ask for.
NEAR = timedelta(hours=24 + 72)
EARLY = timedelta(hours=2)  # somebody may report so long before their shift
MOST_AT_ONCE = 2000


class ShiftHoursUnreadable(SizaoError):
    code = "teams.hours.unreadable"
    message = "Give from when to when; the end comes after the beginning. At most {most} shifts go at once."


class ShiftsRefused(SizaoError):
    code = "teams.shifts_refused"
    message = (
        "{number} cannot take the shift that begins {since}: {fault}. {count} of {total} shifts cannot be; nothing was "
        "kept. Choose other people or other hours."
    )


class NotOfTheTeam(SizaoError):
    code = "teams.not_of_the_team"
    message = "Somebody who was chosen is not of {name}. Open the page again and choose its members."


class ShiftBegan(SizaoError):
    code = "teams.shift_began"
    message = "The shift of {number} began already. Record when they went instead of cancelling it."


class ShiftIsCancelled(SizaoError):
    code = "teams.shift_is_cancelled"
    message = "The shift was cancelled by {who}. Ask them; nothing was changed."


class NotYourShift(SizaoError):
    code = "teams.not_your_shift"
    message = "This is the shift of somebody else. Only they or who manages the team may report it."


class ShiftNotNow(SizaoError):
    code = "teams.shift_not_now"
    message = "The shift runs from {since} to {until}. Report from two hours before it until its end."


class NotCome(SizaoError):
    code = "teams.not_come"
    message = "Nobody reported for this shift. Report first that you came."


@dataclass(frozen=True, slots=True)
class ShiftEntry:
    """A shift to be confirmed: who, from when to when, where, for which task, inside the closed loop or not."""

    member: int
    hours: Hours
    place: str = ""
    task: Task | None = None
    inside: bool = False


@dataclass(slots=True)
class Around:
    """What decides whether somebody may take a shift: the hours they hold, when they are away, in a loop, watched."""

    held: list[Hours] = field(default_factory=list)
    away: list[Hours] = field(default_factory=list)
    loops: list[LoopStay] = field(default_factory=list)


@transaction.atomic
def confirm_shifts(*, team: Team, shifts: Sequence[ShiftEntry], by: Account, now: datetime) -> list[TeamShift]:
    """
    Enter shifts of a team in one's own name: all of them, or none where a rule refuses one.

    Raise ShiftsRefused with each fault in its facts, NotOfTheTeam, ShiftHoursUnreadable, TeamIsDisbanded or the door's
    refusal.
    """
    team = held_for_work(team, by, now)
    if not 0 < len(shifts) <= MOST_AT_ONCE or any(one.hours.length <= 0 for one in shifts):
        raise ShiftHoursUnreadable(most=MOST_AT_ONCE)
    kind = kinds.in_force(team.area_code, now).kind(team.kind)
    wanted = {one.member for one in shifts}
    locked = TeamMember.objects.select_for_update().filter(pk__in=wanted, team=team).order_by("pk")
    people = {one.pk: one for one in locked}
    if wanted - set(people):
        raise NotOfTheTeam(name=team.name)
    around = around_of(people.values(), shifts[0].hours, [one.hours for one in shifts])
    faults = []
    for one in sorted(shifts, key=lambda shift: shift.hours):
        if fault := why_not(people[one.member], around[one.member], one.hours, kind, inside=one.inside):
            faults.append((people[one.member].number, one.hours.starts_at, fault))
        else:
            around[one.member].held.append(one.hours)
    if faults:
        _refuse(faults, len(shifts))
    made = TeamShift.objects.bulk_create([_row(team, one, by, now) for one in shifts])
    journal.write_many([journal.line("team.shift_confirmed", one, by=by, at=now, team=team.pk) for one in made])
    return made


def why_not(member: TeamMember, around: Around, hours: Hours, kind: TeamKind, *, inside: bool) -> ShiftFault | None:
    """Say which rule refuses a shift to somebody; None where none does."""
    if hours.starts_at < member.joined_at or (member.left_at is not None and member.left_at < hours.ends_at):
        return ShiftFault.LEFT
    if any(hours.overlaps(one) for one in around.away):
        return ShiftFault.AWAY
    return _loop_fault(around.loops, hours, inside=inside) or fault_of(kind.rotation, around.held, hours)


def _loop_fault(loops: Sequence[LoopStay], hours: Hours, *, inside: bool) -> ShiftFault | None:
    if inside:
        covered = any(
            one.entered_at <= hours.starts_at and (one.left_at is None or hours.ends_at <= one.left_at) for one in loops
        )
        return None if covered else ShiftFault.NOT_IN_LOOP
    first_date = timezone.localtime(hours.starts_at).date()
    for one in loops:
        if hours.ends_at <= one.entered_at:
            continue
        if one.left_at is None or hours.starts_at < one.left_at:
            return ShiftFault.IN_LOOP
        if one.apart_until is not None and first_date <= one.apart_until:
            return ShiftFault.APART
    return None


def around_of(people: Iterable[TeamMember], first: Hours, rest: Sequence[Hours]) -> dict[int, Around]:
    """Gather what decides about shifts of people; what they did in a former team counts too."""
    people = list(people)
    numbers = {one.number: one.pk for one in people}
    begin = min([first, *rest]).starts_at - NEAR
    end = max(one.ends_at for one in [first, *rest]) + NEAR
    found: dict[int, Around] = defaultdict(Around)
    shifts = TeamShift.objects.filter(
        member__number__in=numbers, cancelled_at=None, ends_at__gt=begin, starts_at__lt=end
    ).values_list("member__number", "starts_at", "ends_at", "went_at")
    for number, starts_at, ends_at, went_at in shifts:
        # Who stayed longer rests from then on; who went early holds the hours no more.
        found[numbers[number]].held.append(Hours(starts_at, max(starts_at, went_at or ends_at)))
    absences = TeamAbsence.objects.filter(
        member__number__in=numbers, withdrawn_at=None, ends_at__gt=begin, starts_at__lt=end
    ).values_list("member__number", "starts_at", "ends_at")
    for number, starts_at, ends_at in absences:
        found[numbers[number]].away.append(Hours(starts_at, ends_at))
    for stay in LoopStay.objects.filter(member__number__in=numbers).select_related("member"):
        found[numbers[stay.member.number]].loops.append(stay)
    return found


@transaction.atomic
def cancel_shift(*, shift: TeamShift, by: Account, now: datetime) -> TeamShift:
    """Cancel a shift for which nobody has reported. Raise ShiftBegan or the door's refusal."""
    held_for_work(shift.team, by, now)
    shift = _locked(shift)
    if shift.cancelled_at is not None:
        return shift
    if shift.came_at is not None:
        raise ShiftBegan(number=shift.member.number)
    shift.cancelled_at, shift.cancelled_by = now, by.username
    shift.save(update_fields=["cancelled_at", "cancelled_by"])
    journal.write("team.shift_cancelled", shift, by=by, at=now)
    return shift


@transaction.atomic
def come(*, shift: TeamShift, by: Account, now: datetime) -> TeamShift:
    """
    Report that somebody came for their shift; a second time changes nothing.

    Raise NotYourShift, ShiftIsCancelled, ShiftNotNow or the door's refusal.
    """
    shift = _reported(shift, by, now)
    if shift.came_at is not None:
        return shift
    if not shift.starts_at - EARLY <= now < shift.ends_at:
        raise ShiftNotNow(since=_said(shift.starts_at), until=_said(shift.ends_at))
    shift.came_at = now
    shift.save(update_fields=["came_at"])
    journal.write("team.shift_came", shift, by=by, at=now)
    return shift


@transaction.atomic
def go(*, shift: TeamShift, by: Account, now: datetime) -> TeamShift:
    """Report that somebody went; rest counts from now. Raise NotCome and what `come` raises."""
    shift = _reported(shift, by, now)
    if shift.went_at is not None:
        return shift
    if shift.came_at is None or now < shift.came_at:
        raise NotCome
    shift.went_at = now
    shift.save(update_fields=["went_at"])
    journal.write("team.shift_went", shift, by=by, at=now)
    return shift


def known_at(as_of: datetime) -> QuerySet[TeamShift]:
    """Give the shifts that were planned by a moment and not cancelled then."""
    known = TeamShift.objects.filter(recorded_at__lte=as_of)
    return known.exclude(cancelled_at__lte=as_of)


def held_for_work(team: Team, by: Account, now: datetime) -> Team:
    """Lock a team for who keeps it, or who borrowed it now. Raise TeamIsDisbanded or the door's refusal."""
    found = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    access.require(by, Right.TEAM_MANAGE)
    if not access.covers(by, found.area_code):
        loan = loans.running(now).filter(team=found).first()
        access.require(by, Right.TEAM_MANAGE, area_code=loan.to_area_code if loan else found.area_code)
    if found.disbanded_at is not None:
        raise TeamIsDisbanded(name=found.name, day=found.disbanded_at.date())
    return found


def _reported(shift: TeamShift, by: Account, now: datetime) -> TeamShift:
    access.require(by, Right.SITUATION_READ)
    if shift.member.account_id != by.pk:
        if not access.may(by, Right.TEAM_MANAGE):
            raise NotYourShift
        held_for_work(shift.team, by, now)
    shift = _locked(shift)
    if shift.cancelled_at is not None:
        raise ShiftIsCancelled(who=shift.cancelled_by)
    return shift


def _locked(shift: TeamShift) -> TeamShift:
    rows = TeamShift.objects.select_for_update(of=["self"]).select_related("member", "team")
    return rows.get(pk=shift.pk)


def _row(team: Team, one: ShiftEntry, by: Account, now: datetime) -> TeamShift:
    return TeamShift(
        team=team,
        member_id=one.member,
        place=one.place.strip()[:100],
        task=one.task,
        inside=one.inside,
        starts_at=one.hours.starts_at,
        ends_at=one.hours.ends_at,
        recorded_at=now,
        confirmed_by=by,
    )


def _refuse(faults: Sequence[tuple[str, datetime, ShiftFault]], total: int) -> None:
    number, since, fault = faults[0]
    errors: list[Mapping[str, str]] = [
        {"number": one, "starts_at": at.isoformat(), "fault": str(why)} for one, at, why in faults
    ]
    raise ShiftsRefused(number=number, since=_said(since), fault=fault, count=len(faults), total=total, errors=errors)


def _said(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
