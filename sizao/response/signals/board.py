"""Alerts as they stood at a moment, the few that are likely real before the many that are nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q
from django.utils import timezone

from sizao.protocol.read_triggers import shipped_watch_at
from sizao.protocol.triggers import Trigger
from sizao.records.models import Alert, AlertChange, Outbreak
from sizao.response.signals import told
from sizao.response.signals.judging import COUNTY
from sizao.response.signals.scope import alerts_of
from sizao.terms import AlertState, Role

# What nobody has decided on stands before what somebody has.
_ORDER = {
    AlertState.OPEN: 0,
    AlertState.VERIFYING: 0,
    AlertState.CONFIRMED: 1,
    AlertState.ESCALATED: 1,
    AlertState.DISMISSED: 2,
    AlertState.CLOSED: 2,
}
_LINKED = (AlertState.ESCALATED, AlertState.CLOSED)


@dataclass(frozen=True, slots=True)
class StoodAlert:
    """
    An alert as it stood at a moment.

    `rank` counts from 1 among those it was read with. `is_late`: nobody had answered by its hour. `waited` is how
    long it took until somebody did, None while nobody had. `trigger` is None where its rule is no more in force.
    """

    alert: Alert
    rank: int
    state: AlertState
    area_code: str
    rules: tuple[str, ...]
    trigger: Trigger | None
    first_date: date
    last_date: date
    score: float
    p_value: float | None
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    settled_at: datetime | None
    is_late: bool
    note: str
    signal_id: int | None
    reasons: tuple[told.Reason, ...]

    @property
    def waited(self) -> timedelta | None:
        """How long it waited for an answer."""
        return None if self.answered_at is None else self.answered_at - self.opened_at

    @property
    def is_generated(self) -> bool:
        """Whether all that it rests on was made by a model."""
        return bool(self.reasons) and all(one.is_generated for one in self.reasons)

    @property
    def role(self) -> Role:
        """Who answers for it."""
        return self.trigger.role if self.trigger else Role.DUTY_OFFICER

    def title(self, language: str) -> str:
        """Name the rule that gave it its name, in `zh` or `en`."""
        return self.trigger.title(language) if self.trigger else self.rules[0]

    def told(self, language: str, area_name: str) -> str:
        """Tell it in one sentence, in `zh` or `en`."""
        return told.sentence(self.title(language), area_name, self.reasons, language)


def alerts_at(
    outbreak: Outbreak | None, area_code: str, *, as_of: datetime, states: Iterable[AlertState] | None = None
) -> list[StoodAlert]:
    """
    Read the alerts of an area as they stood at a moment, the most urgent first.

    Alerts that had become part of another one are left out. What was counted comes before what a model made up, what
    waits for a decision before what was found true and what was not; within each, findings, then the larger score.
    """
    rows = alerts_of(outbreak).filter(area_code__startswith=area_code, opened_at__lte=as_of)
    rows = rows.filter(Q(merged_into=None) | Q(settled_at__gt=as_of))
    stood = [_stood(alert, as_of) for alert in rows.prefetch_related(_changes(as_of)).order_by("pk")]
    wanted = set(AlertState if states is None else states)
    stood = sorted((one for one in stood if one.state in wanted), key=_urgency)
    return [replace(one, rank=rank) for rank, one in enumerate(stood, start=1)]


def alert_at(alert: Alert, *, as_of: datetime) -> StoodAlert | None:
    """Read one alert as it stood at a moment; None where it was not open yet."""
    found = Alert.objects.filter(pk=alert.pk, opened_at__lte=as_of).prefetch_related(_changes(as_of)).first()
    return replace(_stood(found, as_of), rank=1) if found else None


def alert_history(alert: Alert, *, as_of: datetime) -> list[AlertChange]:
    """List what an alert went through until a moment, oldest first."""
    return list(alert.changes.filter(at__lte=as_of).order_by("at", "pk"))


def _changes(as_of: datetime) -> Prefetch:
    return Prefetch("changes", AlertChange.objects.filter(at__lte=as_of).order_by("at", "pk"), to_attr="known_changes")


def _stood(alert: Alert, as_of: datetime) -> StoodAlert:
    changes: list[AlertChange] = alert.known_changes  # type: ignore[attr-defined]
    latest = changes[-1]
    found = told.reasons(told.joined(*(one.reasons for one in changes)))
    answered_at = _by(alert.answered_at, as_of)
    settled_at = _by(alert.settled_at, as_of)
    is_open = latest.state == AlertState.OPEN
    return StoodAlert(
        alert=alert,
        rank=0,
        state=AlertState(latest.state),
        area_code=alert.area_code,
        rules=tuple(one["key"].removeprefix("triggers.") for one in alert.basis if one["gives"] == "alert"),
        trigger=_trigger(alert),
        first_date=min((one.date for one in found), default=alert.first_date),
        last_date=latest.last_date,
        score=latest.score,
        p_value=alert.p_value,
        opened_at=alert.opened_at,
        due_at=alert.due_at,
        answered_at=answered_at,
        settled_at=settled_at,
        is_late=is_open and alert.due_at is not None and alert.due_at < as_of,
        note=latest.note,
        signal_id=alert.signal_id if latest.state in _LINKED else None,
        reasons=found,
    )


def _by(moment: datetime | None, as_of: datetime) -> datetime | None:
    return moment if moment is not None and moment <= as_of else None


def _trigger(alert: Alert) -> Trigger | None:
    """Look up the rule of the day on which the alert was opened."""
    day = timezone.localtime(alert.opened_at).date()
    return next(
        (one for one in shipped_watch_at(day, alert.area_code[:COUNTY]).triggers if one.key == alert.rule), None
    )


def _urgency(one: StoodAlert) -> tuple[bool, int, bool, float, int]:
    is_finding = one.trigger is not None and one.trigger.is_finding
    return one.is_generated, _ORDER[one.state], not is_finding, -one.score, one.alert.pk
