"""Who is away, from when to when, and why."""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, TeamAbsence, TeamMember, TeamShift
from sizao.response.tasks.teams import members
from sizao.terms import AbsenceReason


class AbsenceUnreadable(SizaoError):
    code = "teams.absence.unreadable"
    message = "An absence ends after it starts. Check the two times."


class AbsenceHasShifts(SizaoError):
    code = "teams.absence_has_shifts"
    message = "{number} has {count} shifts in these hours. Cancel them or give them to somebody else first."


@transaction.atomic
def record_absence(
    *, member: TeamMember, reason: AbsenceReason, starts_at: datetime, ends_at: datetime, by: Account, now: datetime
) -> TeamAbsence:
    """Record that somebody is away. Raise AbsenceUnreadable, AbsenceHasShifts, MemberLeft or the door's refusal."""
    members.held(member.team, by)
    member = TeamMember.objects.select_for_update(of=["self"]).select_related("team").get(pk=member.pk)
    if member.left_at is not None:
        raise members.MemberLeft(number=member.number, team=member.team.name, day=member.left_at.date())
    if not starts_at < ends_at:
        raise AbsenceUnreadable
    planned = TeamShift.objects.filter(
        member=member, cancelled_at=None, went_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).count()
    if planned:
        raise AbsenceHasShifts(number=member.number, count=planned)
    made = TeamAbsence.objects.create(
        member=member,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_at=now,
        recorded_by=by.username,
    )
    journal.write("team.absent", made, by=by, at=now, member=member.pk)
    return made


@transaction.atomic
def withdraw_absence(*, absence: TeamAbsence, by: Account, now: datetime) -> TeamAbsence:
    """Withdraw an absence: they are there after all, from now on. Sent twice it changes nothing."""
    members.held(absence.member.team, by)
    absence = TeamAbsence.objects.select_for_update(of=["self"]).select_related("member").get(pk=absence.pk)
    if absence.withdrawn_at is None:
        absence.withdrawn_at, absence.withdrawn_by = now, by.username
        absence.save(update_fields=["withdrawn_at", "withdrawn_by"])
        journal.write("team.absence_withdrawn", absence, by=by, at=now, member=absence.member_id)
    return absence
