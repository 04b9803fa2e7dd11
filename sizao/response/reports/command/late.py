"""What is late: clocks that ran out, the longest first, and those of alerts that still run."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Left

from sizao.records.models import Finding, RoomPlacement, Task, TransferRequest
from sizao.response.isolation import room_board
from sizao.response.reports.command.standing import alerts, tasks_open
from sizao.response.reports.command.watch import COUNTY, Row, Watch
from sizao.response.signals import StoodAlert
from sizao.response.transport.requests import open_at
from sizao.terms import Stage, TaskKind, TransferKind


@dataclass(frozen=True, slots=True)
class LateGroup:
    """Tasks of one kind in one county whose time has passed; `since` is when the oldest of them was due."""

    kind: TaskKind
    area_code: str
    count: int
    since: datetime


def tasks_late(watch: Watch) -> QuerySet[Task]:
    """Give the open tasks whose time had passed, the longest overdue first; one without a clock is never late."""
    return tasks_open(watch).filter(due_at__lt=watch.as_of)


def tasks_late_by(watch: Watch) -> list[LateGroup]:
    """Count the late tasks by kind and county, the longest overdue first."""

    def ask(whole: Watch) -> QuerySet:
        found = tasks_late(whole).order_by().values_list(Left("area_code", whole.digits), "kind")
        return found.annotate(count=Count("pk"), since=Min("due_at"))

    groups: dict[tuple[str, str], list[tuple[int, datetime]]] = {}
    for code, kind, count, since in watch.told("tasks late", ask):
        groups.setdefault((kind, code[:COUNTY]), []).append((count, since))
    grouped = [
        LateGroup(TaskKind(kind), county, sum(n for n, _ in found), min(since for _, since in found))
        for (kind, county), found in groups.items()
    ]
    return sorted(grouped, key=lambda one: (one.since, one.kind, one.area_code))


def alerts_late(watch: Watch) -> list[StoodAlert]:
    """Read the alerts that nobody had answered by their hour."""
    return [one for one in alerts(watch) if one.is_late]


def transfers_late(watch: Watch) -> QuerySet[TransferRequest]:
    """Give the people who should have arrived by then and had not, the longest overdue first."""
    if watch.outbreak is None:
        return TransferRequest.objects.none()
    return open_at(watch.outbreak, watch.area_code, watch.as_of).filter(due_at__lt=watch.as_of)


def findings_late(watch: Watch) -> QuerySet[Finding]:
    """Give the findings that should have been mended by then and were not, the longest overdue first."""
    told = Finding.objects.filter(
        watch.own(), area_code__startswith=watch.area_code, notified_at__lte=watch.as_of, due_at__lt=watch.as_of
    )
    unmended = told.filter(Q(mended_at=None) | Q(mended_at__gt=watch.as_of))
    return unmended.filter(Q(closed_at=None) | Q(closed_at__gt=watch.as_of)).order_by("due_at", "pk")


def finding_row(one: Finding) -> Row:
    """Show a finding by its number."""
    return Row(one.number, one.area_code, "finding", one.pk, Stage(one.stage), one.notified_at, one.due_at)


def transfer_row(one: TransferRequest) -> Row:
    """Show a transfer by its number."""
    return Row(one.number, one.area_code, "transfer", one.pk, TransferKind(one.kind), one.asked_at, one.due_at)


def arrivals_late(watch: Watch) -> QuerySet[RoomPlacement]:
    """Give the rooms kept for people who should have arrived by then, the longest overdue first."""
    if watch.outbreak is None:
        return RoomPlacement.objects.none()
    found = room_board.late_at(watch.outbreak, watch.area_code, watch.as_of)
    return found.select_related("room__place", "order").order_by(F("due_at").asc(nulls_last=True), "pk")


def arrival_row(one: RoomPlacement) -> Row:
    """Show a kept room by the room's name."""
    return Row(
        one.room.place.name, one.order.area_code, "placement", one.pk, since=one.decided_at, due_at=one.due_at
    )  # fmt: skip
