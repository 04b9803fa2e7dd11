"""
The closed loop: who enters it, who leaves it, and until when they are kept apart afterwards.

How long follows from the edition in force; where it says nothing, from the list of kinds of team.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from sizao import protocol
from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.days import period_end
from sizao.protocol.teams import TeamKinds
from sizao.records import journal
from sizao.records.models import Account, LoopStay, Outbreak, TeamMember, TeamShift
from sizao.response import outbreaks
from sizao.response.tasks.teams import kinds, members

AFTER = "testing.occupational.after_loop_days"


class InTheLoopAlready(SizaoError):
    code = "teams.in_the_loop_already"
    message = "{number} is in a closed loop at this time already. Let them leave that one first."


class NotInTheLoop(SizaoError):
    code = "teams.not_in_the_loop"
    message = "{number} is not in a closed loop. Nothing was changed."


class ShiftsOutside(SizaoError):
    code = "teams.shifts_outside"
    message = "{number} has {count} shifts outside the loop after that. Cancel them first."


class ShiftsInside(SizaoError):
    code = "teams.shifts_inside"
    message = "{number} has {count} shifts inside the loop after that. Cancel them first."


@transaction.atomic
def enter_loop(*, member: TeamMember, at: datetime, by: Account, now: datetime) -> LoopStay:
    """
    Record from when somebody is inside the closed loop, now or later.

    Raise InTheLoopAlready, ShiftsOutside, MemberLeft or the door's refusal.
    """
    member = _held(member, by)
    ahead = _shifts_after(member, at, inside=False)
    if ahead:
        raise ShiftsOutside(number=member.number, count=ahead)
    stay = LoopStay(
        member=member, entered_at=at, recorded_at=now, recorded_by=by.username,
    )  # fmt: skip
    try:
        with transaction.atomic():
            stay.save(force_insert=True)
    except IntegrityError as clash:
        raise InTheLoopAlready(number=member.number) from clash
    journal.write("team.loop_entered", stay, by=by, at=now, member=member.pk)
    return stay


@transaction.atomic
def leave_loop(*, member: TeamMember, by: Account, now: datetime, outbreak: Outbreak | None = None) -> LoopStay:
    """
    Record that somebody leaves the closed loop now, and until which day they are kept apart.

    `outbreak` gives the rules it is fought by; without one those in force in the team's area decide. Raise
    NotInTheLoop, ShiftsInside, MemberLeft or the door's refusal.
    """
    member = _held(member, by)
    stay = LoopStay.objects.select_for_update().filter(member=member, entered_at__lte=now, left_at=None).first()
    if stay is None:
        raise NotInTheLoop(number=member.number)
    ahead = _shifts_after(member, now, inside=True)
    if ahead:
        raise ShiftsInside(number=member.number, count=ahead)
    last = timezone.localtime(now).date()
    area_code = member.team.area_code
    if outbreak is not None:
        rules = outbreaks.rules_at(outbreak, now, area_code=area_code)
    else:
        rules = protocol.rules_at(last, area_code)
    stay.left_at, stay.left_recorded_at, stay.left_by = now, now, by.username
    stay.apart_until, stay.basis = apart_until(rules, kinds.in_force(area_code, now), member.team.kind, last)
    stay.save(update_fields=["left_at", "left_recorded_at", "left_by", "apart_until", "basis"])
    journal.write("team.loop_left", stay, by=by, at=now, member=member.pk, basis=stay.basis)
    return stay


def apart_until(rules: Rules, kinds_here: TeamKinds, kind: str, last: date) -> tuple[date, list[dict[str, Any]]]:
    """Say until which day somebody is kept apart after their last day inside, with what it follows from."""
    value = rules.value(AFTER)
    if rules.says(AFTER) and not rules.awaits_confirmation(value):
        total = period_end(last, value)
        return total.result, [basis.entry(value, total, gives="apart_until")]
    days = kinds_here.kind(kind).days_after_loop
    told = {
        "key": f"teams.{kind}.days_after_loop",
        "origin": kinds_here.id,
        "status": str(kinds_here.kind(kind).status),
        "value": str(days),
        "gives": "apart_until",
    }
    return last + timedelta(days=days), [told]


def _held(member: TeamMember, by: Account) -> TeamMember:
    members.held(member.team, by)
    member = TeamMember.objects.select_for_update(of=["self"]).select_related("team").get(pk=member.pk)
    if member.left_at is not None:
        raise members.MemberLeft(number=member.number, team=member.team.name, day=member.left_at.date())
    return member


def _shifts_after(member: TeamMember, at: datetime, *, inside: bool) -> int:
    ahead = TeamShift.objects.filter(member=member, cancelled_at=None, ends_at__gt=at, went_at=None, inside=inside)
    return ahead.count()
