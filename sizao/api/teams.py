"""Teams: which there are, how ready a county is, who works when by number; and the answer to a call-out."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import AskedList, account, now
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import CallAnswer, Team, TeamShift
from sizao.response.tasks import teams
from sizao.response.tasks.teams import loans, members, readiness, shifts
from sizao.terms import Right, ValueStatus

router = Router(tags=["teams"])


class TeamOut(Schema):
    """A team, without who is in it: its kind, where it is kept, and whether it works inside a closed loop."""

    id: int
    name: str
    kind: str
    area_code: str
    in_closed_loop: bool
    registered_at: datetime


class KindReadyOut(Schema):
    """One kind in one county: how many there should be, are and are ready; hours from call to ready, measured."""

    kind: str
    status: ValueStatus
    wanted: int
    teams: int
    ready: int
    short: int
    median_hours: float | None
    standard_hours: int


class AreaReadyOut(Schema):
    """A county against its standard, and how its people stand."""

    area_code: str
    name: str
    short: int
    people: int
    on_duty: int
    reported: int
    resting: int
    away: int
    borrowed: int
    lent: int
    kinds: list[KindReadyOut]


class ReadyOut(Schema):
    """The counties of an area, who falls short most first; `is_unverified`: no authority confirmed the standard."""

    as_of: datetime
    is_unverified: bool
    areas: list[AreaReadyOut]


class ShiftOut(Schema):
    """A shift, by the staff number of who takes it."""

    id: int
    team: int
    number: str
    place: str
    inside: bool
    starts_at: datetime
    ends_at: datetime
    came_at: datetime | None
    went_at: datetime | None


class CallAnswerIn(Schema):
    """That a team heard its call; with `people`, that so many are ready."""

    people: int | None = Field(None, ge=0, le=999)


class CallAnswerOut(Schema):
    """How a team answered its call."""

    id: int
    team: int
    called_at: datetime
    answered_at: datetime | None
    ready_at: datetime | None
    people: int | None


@router.get("/teams", response=answers(PageOf[TeamOut]))
def list_teams(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """List the teams that stood at the moment asked for, newest first."""
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    rows = members.standing(area_code, asked.moment(request)).defer("lead", "phone")
    return page(keyset.page(rows, moment="registered_at", older_than=asked.key(), size=asked.size), _team)


@router.get("/teams/readiness", response=answers(ReadyOut))
def read_readiness(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """Say how each county stands against its standard at the moment asked for."""
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    as_of = asked.moment(request)
    found = readiness.of_area(area_code, as_of=as_of)
    return ReadyOut(as_of=as_of, is_unverified=found.is_unverified, areas=[_area(one) for one in found.areas])


@router.get("/team-shifts", response=answers(PageOf[ShiftOut]))
def list_shifts(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """List the shifts that were planned by the moment asked for, the last to begin first."""
    area_code, as_of = asked.area_code(account(request), Right.SITUATION_READ), asked.moment(request)
    borrowed = loans.running(as_of).filter(to_area_code__startswith=area_code).values("team")
    mine = Q(team__area_code__startswith=area_code) | Q(team__in=borrowed)
    rows = shifts.known_at(as_of).filter(mine).select_related("member")
    found = keyset.page(rows, moment="starts_at", older_than=asked.key(), size=asked.size)
    return page(found, lambda row: _shift(row, as_of))


@router.post("/team-calls/{number}/answer", response=answers(CallAnswerOut))
def answer_call(request: HttpRequest, number: int, given: CallAnswerIn) -> Any:
    """Answer a call for a team, in the name of the token's account: a member's, or who manages it."""
    by = account(request)
    rows = CallAnswer.objects.select_related("team", "call")
    found: CallAnswer = access.row(rows, what="call", to=Right.SITUATION_READ, by=by, pk=min(number, 2**62))
    if given.people is None:
        return _answer(teams.answer_call(answer=found, by=by, now=now(request)))
    return _answer(teams.report_ready(answer=found, people=given.people, by=by, now=now(request)))


def _team(row: Team) -> TeamOut:
    return TeamOut(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        area_code=row.area_code,
        in_closed_loop=row.in_closed_loop,
        registered_at=row.registered_at,
    )


def _area(one: readiness.AreaReady) -> AreaReadyOut:
    return AreaReadyOut(
        area_code=one.area_code,
        name=one.name,
        short=one.short,
        people=one.people,
        on_duty=one.on_duty,
        reported=one.reported,
        resting=one.resting,
        away=one.away,
        borrowed=one.borrowed,
        lent=one.lent,
        kinds=[_kind(row) for row in one.kinds],
    )


def _kind(row: readiness.KindReady) -> KindReadyOut:
    return KindReadyOut(
        kind=row.kind.key,
        status=row.kind.status,
        wanted=row.wanted,
        teams=row.teams,
        ready=row.ready,
        short=row.short,
        median_hours=row.median_hours,
        standard_hours=row.kind.hours_to_ready,
    )


def _shift(row: TeamShift, as_of: datetime) -> ShiftOut:
    return ShiftOut(
        id=row.pk,
        team=row.team_id,
        number=row.member.number,
        place=row.place,
        inside=row.inside,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        came_at=_known(row.came_at, as_of),
        went_at=_known(row.went_at, as_of),
    )


def _answer(row: CallAnswer) -> CallAnswerOut:
    return CallAnswerOut(
        id=row.pk,
        team=row.team_id,
        called_at=row.called_at,
        answered_at=row.answered_at,
        ready_at=row.ready_at,
        people=row.people,
    )


def _known(moment: datetime | None, as_of: datetime) -> datetime | None:
    return moment if moment is not None and moment <= as_of else None
