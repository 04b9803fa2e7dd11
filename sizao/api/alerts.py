"""Alerts: more than expected somewhere, why, and what people make of it."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import answers
from sizao.records import access
from sizao.records.models import Alert, Area
from sizao.response import signals
from sizao.terms import AlertState, Right, StreamGroup, StreamKind, StreamStep

router = Router(tags=["signals"])


class ReasonOut(Schema):
    """One stream and day: what was counted, and what was expected where the method says so."""

    stream: str
    kind: StreamKind
    group: StreamGroup
    area_code: str
    date: date
    step: StreamStep
    method: str
    count: int
    expected: float | None
    upperbound: float | None
    p_value: float | None
    is_generated: bool


class AlertOut(Schema):
    """One alert as it stood at the moment asked for, with its reason in one sentence of each language."""

    id: int
    rank: int
    state: AlertState
    area_code: str
    rules: list[str]
    told_zh: str
    told_en: str
    first_date: date
    last_date: date
    score: float
    p_value: float | None
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    settled_at: datetime | None
    is_late: bool
    is_generated: bool
    note: str
    signal: int | None
    reasons: list[ReasonOut]


class Note(Schema):
    """A remark, which may be empty."""

    note: str = Field("", max_length=300)


class AlertReason(Schema):
    """Why there is nothing."""

    reason: str = Field(max_length=300)


class Escalation(Schema):
    """The outbreak that the alert becomes a hint of."""

    outbreak: str = Field(max_length=50)
    note: str = Field("", max_length=300)


@router.get("/outbreaks/{slug}/alerts", response=answers(list[AlertOut]))
def list_alerts(request: HttpRequest, slug: str, asked: Query[AskedList], state: AlertState | None = None) -> Any:
    """List the alerts of the jurisdiction as they stood at the moment asked for, the most urgent first."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    states = None if state is None else [state]
    found = signals.alerts_at(within, area_code, as_of=asked.moment(request), states=states)[: asked.size]
    return _told(found)


@router.post("/alerts/{number}/take-up", response=answers(AlertOut))
def take_up(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Say that somebody verifies an alert; this answers its clock."""
    found, at = _found(request, number, asked)
    return _answer(signals.take_up(alert=found, by=account(request), now=at), at)


@router.post("/alerts/{number}/confirm", response=answers(AlertOut))
def confirm(request: HttpRequest, number: int, asked: Query[Asked], said: Note) -> Any:
    """Say that there truly is more than expected."""
    found, at = _found(request, number, asked)
    return _answer(signals.confirm_alert(alert=found, note=said.note, by=account(request), now=at), at)


@router.post("/alerts/{number}/dismiss", response=answers(AlertOut))
def dismiss_alert(request: HttpRequest, number: int, asked: Query[Asked], why: AlertReason) -> Any:
    """Say that there is nothing, and why."""
    found, at = _found(request, number, asked)
    return _answer(signals.dismiss_alert(alert=found, reason=why.reason, by=account(request), now=at), at)


@router.post("/alerts/{number}/escalate", response=answers(AlertOut))
def escalate(request: HttpRequest, number: int, asked: Query[Asked], into: Escalation) -> Any:
    """Make an alert a hint of an outbreak, which is then verified like any other."""
    found, at = _found(request, number, asked)
    within = outbreak(request, into.outbreak, to=Right.SIGNAL_VERIFY)
    done = signals.escalate_alert(alert=found, into=within, note=into.note, by=account(request), now=at)
    return _answer(done, at)


@router.post("/alerts/{number}/close", response=answers(AlertOut))
def close(request: HttpRequest, number: int, asked: Query[Asked], said: Note) -> Any:
    """Say that nothing more follows from an alert."""
    found, at = _found(request, number, asked)
    return _answer(signals.close_alert(alert=found, note=said.note, by=account(request), now=at), at)


@router.post("/alerts/{number}/reopen", response=answers(AlertOut))
def reopen(request: HttpRequest, number: int, asked: Query[Asked], why: AlertReason) -> Any:
    """Take back that an alert was nothing; its clock starts again."""
    found, at = _found(request, number, asked)
    return _answer(signals.reopen_alert(alert=found, reason=why.reason, by=account(request), now=at), at)


def _found(request: HttpRequest, number: int, asked: Asked) -> tuple[Alert, datetime]:
    rows = Alert.objects.select_related("outbreak")
    found: Alert = access.row(rows, what="alert", to=Right.SIGNAL_VERIFY, by=account(request), pk=number)
    return found, act_at(request, found.outbreak, asked) if found.outbreak else now(request)


def _answer(alert: Alert, at: datetime) -> AlertOut:
    stood = signals.alert_at(alert, as_of=at)
    assert stood is not None  # it was just acted on
    return _told([stood])[0]


def _told(found: list[signals.StoodAlert]) -> list[AlertOut]:
    names = dict(Area.objects.filter(code__in={one.area_code for one in found}).values_list("code", "short_name"))
    return [_alert(one, names.get(one.area_code, one.area_code)) for one in found]


def _alert(one: signals.StoodAlert, area: str) -> AlertOut:
    return AlertOut(
        id=one.alert.pk,
        rank=one.rank,
        state=one.state,
        area_code=one.area_code,
        rules=list(one.rules),
        told_zh=one.told("zh", area),
        told_en=one.told("en", area),
        first_date=one.first_date,
        last_date=one.last_date,
        score=one.score,
        p_value=one.p_value,
        opened_at=one.opened_at,
        due_at=one.due_at,
        answered_at=one.answered_at,
        settled_at=one.settled_at,
        is_late=one.is_late,
        is_generated=one.is_generated,
        note=one.note,
        signal=one.signal_id,
        reasons=[_reason(reason) for reason in one.reasons],
    )


def _reason(one: signals.Reason) -> ReasonOut:
    return ReasonOut(
        stream=one.stream_key,
        kind=one.kind,
        group=one.group,
        area_code=one.area_code,
        date=one.date,
        step=one.step,
        method=one.method,
        count=one.count,
        expected=one.expected,
        upperbound=one.upperbound,
        p_value=one.p_value,
        is_generated=one.is_generated,
    )
