"""What an area still has of an emergency: counted by kind, since when, and who decides on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.records.models import (
    Alert,
    CooperationRequest,
    CrewShift,
    IsolationOrder,
    LevelDecision,
    Outbreak,
    Stay,
    Task,
    TeamShift,
    TestingRound,
    TransferRequest,
    Zone,
)
from sizao.response import signals
from sizao.response.tasks.levels.standing import Levels
from sizao.terms import (
    AlertState,
    LeftKind,
    OrderState,
    OutbreakKind,
    RequestState,
    ResponseLevel,
    Role,
    StayKind,
    TransferState,
    ZoneState,
)

_TRANSFERS_OVER = (TransferState.DONE, TransferState.REFUSED, TransferState.CANCELLED)
_REQUESTS_OVER = (RequestState.CLOSED, RequestState.WITHDRAWN, RequestState.REFUSED)


@dataclass(frozen=True, slots=True)
class Span:
    """
    Whose rows count: in an area, without the parts of it that stay above routine.

    They are of the outbreak that is `rehearsed`, or where there is none of those of real life.
    """

    area_code: str
    rehearsed: Outbreak | None
    without: tuple[str, ...]
    now: datetime

    def of(self, rows: QuerySet, *, at: str = "area_code", through: str = "outbreak") -> QuerySet:
        """Narrow rows to the span; `at` and `through` name the ways to their area and their outbreak."""
        inside = rows.filter(**{f"{at}__startswith": self.area_code})
        for code in self.without:
            inside = inside.exclude(**{f"{at}__startswith": code})
        return inside.filter(self._mine(through)) if through else inside

    def _mine(self, through: str) -> Q:
        if self.rehearsed is not None:
            return Q(**{through: self.rehearsed})
        return Q(**{f"{through}__kind": str(OutbreakKind.REAL)})


@dataclass(frozen=True, slots=True)
class Left:
    """One kind of thing that may be left: who decides on it, its rows, and since when each waits."""

    kind: LeftKind
    role: Role
    rows: Callable[[Span], QuerySet]
    since: str


def span_of(decision: LevelDecision, now: datetime) -> Span:
    """Say whose rows a return to routine concerns."""
    levels = Levels.at(now, decision.outbreak)
    parts = [code for code in levels.above_routine() if code.startswith(decision.area_code)]
    still = tuple(code for code in parts if code != decision.area_code and _stays(levels, code))
    return Span(decision.area_code, decision.outbreak, still, now)


def _stays(levels: Levels, code: str) -> bool:
    return levels.standing(code).level != ResponseLevel.ROUTINE


def orders_proposed(span: Span) -> QuerySet:
    return span.of(IsolationOrder.objects.filter(state=OrderState.PROPOSED))


def zones_proposed(span: Span) -> QuerySet:
    return span.of(Zone.objects.filter(state=ZoneState.PROPOSED))


def rounds_open(span: Span) -> QuerySet:
    return span.of(TestingRound.objects.filter(opened_at__isnull=False, closed_at__isnull=True))


def tasks_open(span: Span) -> QuerySet:
    return span.of(Task.objects.filter(done_at__isnull=True))


def _rounds_planned(span: Span) -> QuerySet:
    return span.of(TestingRound.objects.filter(opened_at__isnull=True, archived_at__isnull=True))


def _orders_held(span: Span) -> QuerySet:
    today = timezone.localtime(span.now).date()
    return span.of(IsolationOrder.objects.filter(state=OrderState.ISSUED, ends_date__gte=today))


def _zones(span: Span) -> QuerySet:
    return span.of(Zone.objects.filter(state__in=(ZoneState.APPROVED, ZoneState.PUBLISHED)))


def _rooms(span: Span) -> QuerySet:
    # A stay belongs to no outbreak: whoever is in a room is counted.
    return span.of(Stay.objects.filter(kind=StayKind.ROOM, period__contains=span.now), through="")


def _transfers(span: Span) -> QuerySet:
    return span.of(TransferRequest.objects.exclude(state__in=_TRANSFERS_OVER))


def _shifts(span: Span) -> QuerySet:
    return span.of(CrewShift.objects.filter(ends_at__gt=span.now), at="vehicle__area_code", through="")


def shifts_to_cancel(span: Span) -> QuerySet:
    """
    Give the shifts that have not begun, of kinds of team that routine does not keep ready.

    Teams belong to real life, so a rehearsal cancels none.
    """
    kept = shipped_level_rules().switches[ResponseLevel.ROUTINE].teams
    if span.rehearsed is not None:
        return TeamShift.objects.none()
    coming = TeamShift.objects.filter(starts_at__gt=span.now, came_at__isnull=True, cancelled_at__isnull=True)
    mine = span.of(coming.exclude(team__kind__in=kept), at="team__area_code", through="")
    return mine.filter(team__disbanded_at__isnull=True).select_related("team")


def _team_shifts(span: Span) -> QuerySet:
    running = TeamShift.objects.filter(ends_at__gt=span.now, cancelled_at__isnull=True)
    return span.of(running, at="team__area_code", through="")


def _alerts(span: Span) -> QuerySet:
    waiting = signals.alerts_of(span.rehearsed).filter(state__in=(AlertState.OPEN, AlertState.VERIFYING))
    rows: QuerySet[Alert] = waiting.filter(merged_into__isnull=True)
    return span.of(rows, through="")


def _requests(span: Span) -> QuerySet:
    return span.of(CooperationRequest.objects.exclude(state__in=_REQUESTS_OVER), through="")


LEFT: tuple[Left, ...] = (
    Left(LeftKind.ORDERS_HELD, Role.ISOLATION_COORDINATOR, _orders_held, "issued_at"),
    Left(LeftKind.ROOMS_TAKEN, Role.ISOLATION_COORDINATOR, _rooms, "recorded_at"),
    Left(LeftKind.ZONES_PUBLISHED, Role.AREA_OFFICER, _zones, "proposed_at"),
    Left(LeftKind.TRANSFERS_OPEN, Role.DISPATCHER, _transfers, "asked_at"),
    Left(LeftKind.ORDERS_PROPOSED, Role.ISOLATION_COORDINATOR, orders_proposed, "proposed_at"),
    Left(LeftKind.ZONES_PROPOSED, Role.AREA_OFFICER, zones_proposed, "proposed_at"),
    Left(LeftKind.ROUNDS_OPEN, Role.TESTING_COORDINATOR, rounds_open, "opened_at"),
    Left(LeftKind.ROUNDS_PLANNED, Role.TESTING_COORDINATOR, _rounds_planned, "planned_at"),
    Left(LeftKind.TASKS, Role.DUTY_OFFICER, tasks_open, "asked_at"),
    Left(LeftKind.SHIFTS, Role.DISPATCHER, _shifts, "starts_at"),
    Left(LeftKind.TEAM_SHIFTS, Role.DUTY_OFFICER, _team_shifts, "starts_at"),
    Left(LeftKind.ALERTS_OPEN, Role.DUTY_OFFICER, _alerts, "opened_at"),
    Left(LeftKind.REQUESTS_OPEN, Role.DATA_OFFICER, _requests, "made_at"),
)


def counted(span: Span) -> dict[LeftKind, tuple[int, datetime | None]]:
    """Count what is left now, by kind, with since when the oldest waits."""
    found: dict[LeftKind, tuple[int, datetime | None]] = {}
    for one in LEFT:
        rows = one.rows(span).order_by()
        found[one.kind] = rows.count(), rows.aggregate(first=Min(one.since))["first"]
    return found
