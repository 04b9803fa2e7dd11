"""Call-outs: teams are called, answer, and say when they are ready; a drill measures it, a real call uses it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.protocol.teams import TeamKinds
from sizao.records import access, journal
from sizao.records.models import Account, CallAnswer, Directive, Team, TeamCall
from sizao.response.tasks.teams import kinds, loans, members
from sizao.terms import CallKind, Right

MEASURED_FOR = timedelta(days=90)  # an older call-out says little about who would come today


class NobodyToCall(SizaoError):
    code = "teams.nobody_to_call"
    message = "There is no team of this kind in {area}. Register teams first, or call another kind."


class CallReasonMissing(SizaoError):
    code = "teams.call_reason.unreadable"
    message = "Say in at most 200 characters what the teams are called for and where they gather."


class NotYourCall(SizaoError):
    code = "teams.not_your_call"
    message = "Only a member of {name} or who manages it may answer for it."


class PeopleUnreadable(SizaoError):
    code = "teams.people.unreadable"
    message = "Say how many people are ready: a whole number from 0 to 999."


@dataclass(frozen=True, slots=True)
class Measured:
    """How call-outs went: teams called, answered, ready, ready in time, and the median hours until ready."""

    called: int
    answered: int
    ready: int
    in_time: int
    median_hours: float | None


@transaction.atomic
def call_out(
    *, area_code: str, kind: CallKind, reason: str, by: Account, now: datetime, team_kind: str = ""
) -> TeamCall:
    """
    Call the teams that stand in an area now, those lent to it too, those lent away not; `team_kind` empty: all kinds.

    Raise NobodyToCall, CallReasonMissing or the door's refusal.
    """
    access.require(by, Right.TEAM_MANAGE, area_code=area_code)
    reason = reason.strip()
    if not 0 < len(reason) <= 200:  # noqa: PLR2004 — of the column
        raise CallReasonMissing
    away = dict(loans.running(now).filter(from_area_code__startswith=area_code).values_list("team", "to_area_code"))
    here = dict(loans.running(now).filter(to_area_code__startswith=area_code).values_list("team", "to_area_code"))
    stand = dict(members.standing(area_code, now).values_list("pk", "area_code"))
    stand |= away
    stand |= here
    called = members.standing("", now).filter(pk__in=[key for key, code in stand.items() if code.startswith(area_code)])
    if team_kind:
        called = called.filter(kind=team_kind)
    teams = list(called.order_by("pk"))
    if not teams:
        raise NobodyToCall(area=area_code)
    call = TeamCall.objects.create(
        area_code=area_code,
        kind=kind,
        team_kind=team_kind,
        reason=reason,
        called_at=now,
        called_by=by,
    )
    CallAnswer.objects.bulk_create(
        [CallAnswer(call=call, team=one, area_code=stand[one.pk], called_at=now) for one in teams]
    )
    journal.write("team.called_out", call, by=by, at=now, teams=len(teams))
    return call


@transaction.atomic
def call_for(*, directive: Directive, teams: Sequence[Team], by: Account, now: datetime) -> TeamCall:
    """Call out the teams that a directive is asked of; each answers and reports ready as at any call."""
    access.require(by, Right.DIRECTIVE_ISSUE)
    lent = dict(loans.running(now).filter(team__in=teams).values_list("team", "to_area_code"))
    call = TeamCall.objects.create(
        area_code=by.area_code,
        kind=CallKind.REAL,
        reason=f"{directive.number} {directive.title}"[:200],
        called_at=now,
        called_by=by,
        directive=directive,
    )
    CallAnswer.objects.bulk_create(
        [CallAnswer(call=call, team=one, area_code=lent.get(one.pk, one.area_code), called_at=now) for one in teams]
    )
    journal.write("team.called_out", call, by=by, at=now, teams=len(teams), directive=directive.number)
    return call


@transaction.atomic
def answer_call(*, answer: CallAnswer, by: Account, now: datetime) -> CallAnswer:
    """Say that a team heard its call; a second time changes nothing. Raise NotYourCall or the door's refusal."""
    answer = _held(answer, by)
    if answer.answered_at is None:
        answer.answered_at, answer.answered_by = now, by.username
        answer.save(update_fields=["answered_at", "answered_by"])
        journal.write("team.call_answered", answer, by=by, at=now)
    return answer


@transaction.atomic
def report_ready(*, answer: CallAnswer, people: int, by: Account, now: datetime) -> CallAnswer:
    """
    Say that a called team is ready to leave, with how many people; who says so answers too. It is said once.

    Raise PeopleUnreadable, NotYourCall or the door's refusal.
    """
    if not 0 <= people <= 999:  # noqa: PLR2004
        raise PeopleUnreadable
    answer = answer_call(answer=answer, by=by, now=now)
    if answer.ready_at is None:
        answer.ready_at, answer.ready_by, answer.people = now, by.username, people
        answer.save(update_fields=["ready_at", "ready_by", "people"])
        journal.write("team.call_ready", answer, by=by, at=now, people=people)
    return answer


def answers_at(as_of: datetime) -> QuerySet[CallAnswer]:
    """Give the calls to teams that were made by a moment, newest first."""
    found = CallAnswer.objects.filter(called_at__lte=as_of).select_related("team", "call")
    return found.order_by("-called_at", "pk")


def measured(answers: Iterable[CallAnswer], *, as_of: datetime) -> Measured:
    """Sum up answers as they stood at a moment, each against the hours of its kind where the team is kept."""
    lists: dict[str, TeamKinds] = {}
    called = answered = ready = in_time = 0
    hours = []
    for one in answers:
        called += 1
        answered += one.answered_at is not None and one.answered_at <= as_of
        if one.ready_at is None or one.ready_at > as_of:
            continue
        took = (one.ready_at - one.called_at) / timedelta(hours=1)
        code = one.team.area_code
        if code not in lists:
            lists[code] = kinds.in_force(code, one.called_at)
        kind = lists[code].kinds.get(one.team.kind)
        ready += 1
        in_time += kind is not None and took <= kind.hours_to_ready
        hours.append(took)
    return Measured(called, answered, ready, in_time, median(hours) if hours else None)


def _held(answer: CallAnswer, by: Account) -> CallAnswer:
    access.require(by, Right.SITUATION_READ)
    answer = CallAnswer.objects.select_for_update(of=["self"]).select_related("team", "call").get(pk=answer.pk)
    is_member = answer.team.members.filter(account=by, left_at=None).exists()
    manages = access.may(by, Right.TEAM_MANAGE) and (
        access.covers(by, answer.area_code) or access.covers(by, answer.team.area_code)
    )
    if not is_member and not manages:
        raise NotYourCall(name=answer.team.name)
    return answer
