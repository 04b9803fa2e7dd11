"""What people do about an alert: take it up, confirm or dismiss it, make a hint of an outbreak of it, close it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Alert, Outbreak, Signal
from sizao.response import outbreaks
from sizao.response.signals import told
from sizao.response.signals.hints import Hint, receive
from sizao.response.signals.judging import judging_at
from sizao.response.signals.ringing import clock_of, keep_changes
from sizao.response.signals.scope import rehearsed
from sizao.terms import ALERT_MOVES, AREA_DIGITS, AlertState, AreaLevel, OutbreakKind, Right, SignalKind, Words


class AlertCannotMove(SizaoError):
    code = "alert.cannot_move"
    message = "This alert is {was} and cannot become {state}. From here it may become: {allowed}."


class AlertReasonMissing(SizaoError):
    code = "alert.reason_missing"
    message = "An alert is dismissed or opened again with a reason. Write one sentence that says what was found."


class AlertIsPartOfAnother(SizaoError):
    code = "alert.merged"
    message = "This alert tells the same story as another one and became part of it. Act on that one (number {number})."


class AlertOfAnotherOutbreak(SizaoError):
    code = "alert.of_another_outbreak"
    message = (
        "This alert does not belong to {slug}: what is rehearsed stays in its rehearsal, and what is real is not "
        "rehearsed. Choose an outbreak that it belongs to, or open one."
    )


@dataclass(frozen=True, slots=True)
class NewOutbreak:
    """An outbreak that is opened with the alert that led to it; it holds the province of the alert."""

    slug: str
    name: str
    name_en: str
    disease: str


@transaction.atomic
def take_up(*, alert: Alert, by: Account | None, now: datetime) -> Alert:
    """Say that somebody verifies an alert; the first to do so answers its clock."""
    return _move(alert, AlertState.VERIFYING, by=by, now=now, note="")


@transaction.atomic
def confirm_alert(*, alert: Alert, by: Account | None, now: datetime, note: str = "") -> Alert:
    """Say that there truly is more than expected."""
    return _move(alert, AlertState.CONFIRMED, by=by, now=now, note=note)


@transaction.atomic
def dismiss_alert(*, alert: Alert, reason: str, by: Account, now: datetime) -> Alert:
    """Say that there is nothing, and why; the counts that it told do not ring again. Raise AlertReasonMissing."""
    return _move(alert, AlertState.DISMISSED, by=by, now=now, note=_needed(reason))


@transaction.atomic
def reopen_alert(*, alert: Alert, reason: str, by: Account, now: datetime) -> Alert:
    """Take back that an alert was nothing; its clock starts again. Raise AlertReasonMissing."""
    alert = _held(alert, AlertState.OPEN, by)
    judging = judging_at(alert.outbreak, now, timezone.localtime(now).date())
    rules = [rule for rule in judging.watch(alert.area_code).triggers if rule.key == alert.rule]
    cited = [one for one in alert.basis if one["gives"] == "alert"]
    alert.due_at, alert.basis = clock_of(rules, judging, alert.area_code, now, cited)
    alert.answered_at = None
    return _write(alert, AlertState.OPEN, by=by, now=now, note=_needed(reason))


@transaction.atomic
def close_alert(*, alert: Alert, by: Account, now: datetime, note: str = "") -> Alert:
    """Say that nothing more follows from an alert."""
    return _move(alert, AlertState.CLOSED, by=by, now=now, note=note)


@transaction.atomic
def escalate_alert(
    *,
    alert: Alert,
    into: Outbreak | NewOutbreak,
    by: Account | None,
    now: datetime,
    signal: Signal | None = None,
    note: str = "",
) -> Alert:
    """
    Make an alert a hint of an outbreak, which is then verified like any other; the link between both stays.

    `into` is an outbreak, or what one shall be called that is opened with it. Give `signal` where the hint has
    been received already. Raise AlertCannotMove, AlertOfAnotherOutbreak, OutbreakClosed or the door's refusal.
    """
    alert = _held(alert, AlertState.ESCALATED, by)
    outbreak = _opened(alert, into, by, now) if isinstance(into, NewOutbreak) else into
    outbreaks.require_open(outbreak)
    if rehearsed(alert.outbreak) != rehearsed(outbreak) or alert.outbreak_id not in (None, outbreak.pk):
        raise AlertOfAnotherOutbreak(slug=outbreak.slug)
    alert.signal = signal or receive(outbreak=outbreak, hint=_hint(alert), by=by, now=now)
    alert.outbreak = outbreak
    return _write(alert, AlertState.ESCALATED, by=by, now=now, note=note)


def _move(alert: Alert, state: AlertState, *, by: Account | None, now: datetime, note: str) -> Alert:
    return _write(_held(alert, state, by), state, by=by, now=now, note=note)


def _held(alert: Alert, state: AlertState, by: Account | None) -> Alert:
    """Lock an alert for somebody who may decide on it, and refuse a move that it has not."""
    if by is not None:
        access.require(by, Right.SIGNAL_VERIFY, area_code=alert.area_code)
    alert = Alert.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=alert.pk)
    if alert.merged_into_id is not None:
        raise AlertIsPartOfAnother(number=alert.merged_into_id)
    was = AlertState(alert.state)
    if state not in ALERT_MOVES[was]:
        raise AlertCannotMove(was=was, state=state, allowed=Words(sorted(ALERT_MOVES[was])))
    return alert


def _write(alert: Alert, state: AlertState, *, by: Account | None, now: datetime, note: str) -> Alert:
    is_open = state in (AlertState.OPEN, AlertState.VERIFYING)
    alert.state, alert.note = state, note.strip()[:300]
    alert.settled_at, alert.settled_by = (None, None) if is_open else (now, by)
    if alert.answered_at is None and state != AlertState.OPEN:
        alert.answered_at = now
    alert.save(
        update_fields=[
            "state", "note", "settled_at", "settled_by", "answered_at", "due_at", "basis", "signal", "outbreak",
        ]
    )  # fmt: skip
    keep_changes([(alert, [])], by=journal.actor_name(by), now=now)
    journal.write(f"alert.{state}", alert, by=by, at=now, rule=alert.rule, note=alert.note)
    return alert


def _needed(reason: str) -> str:
    if not reason.strip():
        raise AlertReasonMissing
    return reason


def _opened(alert: Alert, into: NewOutbreak, by: Account | None, now: datetime) -> Outbreak:
    return outbreaks.open(
        slug=into.slug,
        name=into.name,
        name_en=into.name_en,
        disease=into.disease,
        kind=OutbreakKind.REAL,
        area_code=alert.area_code[: AREA_DIGITS[AreaLevel.PROVINCE]],
        first_date=alert.first_date,
        by=by,
        now=now,
    )


def _hint(alert: Alert) -> Hint:
    found = told.reasons(alert.reasons)
    sources = "、".join(dict.fromkeys(one.name for one in found))
    return Hint(
        kind=SignalKind.ALERT,
        area_code=alert.area_code,
        occurred_at=alert.opened_at,
        source=sources[:300],
        source_key=f"signal:{alert.source_key}"[:200],
        facts={
            "rule": alert.rule,
            "first_date": alert.first_date.isoformat(),
            "last_date": alert.last_date.isoformat(),
        },
    )
