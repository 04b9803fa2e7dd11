"""Where an area stands: cases, contacts, risk areas; and in routine alerts, signals and tasks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from sizao.records.models import CaseChange, Contact, ContactChange, OfficialArea, Signal, Task
from sizao.response import signals
from sizao.response.reports.command.watch import Row, Watch
from sizao.response.reports.line_list import stood_at
from sizao.response.reports.standing_zones import StandingZone, in_force, official_on, zones_at
from sizao.response.signals import StoodAlert
from sizao.terms import (
    LEFT_TO_PEOPLE,
    AlertState,
    CaseStatus,
    ContactState,
    TaskKind,
    ZoneLevel,
)

WAITING = (AlertState.OPEN, AlertState.VERIFYING)


# --- Cases and contacts ------------------------------------------------------------------------


def cases(watch: Watch, *statuses: CaseStatus) -> QuerySet[CaseChange]:
    """Give the latest change of each case of these statuses, as it was known; without an outbreak there is none."""
    if watch.outbreak is None:
        return CaseChange.objects.none()
    moves = CaseChange.objects.filter(
        case__outbreak=watch.outbreak, case__area_code__startswith=watch.area_code, at__lte=watch.as_of
    )
    latest = moves.order_by("case_id", "-at", "-id").distinct("case_id")
    stood = CaseChange.objects.filter(pk__in=latest.values("pk"), status__in=statuses)
    return stood.select_related("case__person").order_by("-at", "-pk")


def case_row(one: CaseChange) -> Row:
    """Show a case by its person's number."""
    return Row(
        one.case.person.number, one.case.area_code, "person", one.case.person_id, CaseStatus(one.status), since=one.at
    )


def contacts(watch: Watch, state: ContactState) -> QuerySet[Contact]:
    """Give the contacts that stood in a state."""
    if watch.outbreak is None:
        return Contact.objects.none()
    known = Contact.objects.filter(
        outbreak=watch.outbreak, area_code__startswith=watch.area_code, found_at__lte=watch.as_of
    )
    stood = known.filter(stood_at(ContactChange, "contact", "state", [state], watch.as_of))
    return stood.select_related("person").order_by("-found_at", "-pk")


def contact_row(one: Contact) -> Row:
    """Show a contact by their number."""
    return Row(one.person.number, one.area_code, "person", one.person_id, since=one.found_at)


# --- Areas -------------------------------------------------------------------------------------


def areas(watch: Watch, level: ZoneLevel) -> list[Row]:
    """List the risk areas of a level: those of the authority's list of that day, and those published here."""
    official, zones = watch.once("in force", lambda: _in_force(watch))
    listed = [
        Row(one.name, one.area_code, "official", one.pk, level, since=_morning(one.first_date))
        for one in official
        if one.level == level
    ]
    published = [
        Row(one.name, one.area_code, "zone", one.id, level, since=one.changed_at) for one in zones if one.level is level
    ]
    return listed + published


def _in_force(watch: Watch) -> tuple[list[OfficialArea], list[StandingZone]]:
    if watch.outbreak is None:
        return [], []
    return in_force(
        official_on(watch.outbreak, watch.area_code, day=watch.outbreak.day_of(watch.as_of)),
        zones_at(watch.outbreak, watch.area_code, as_of=watch.as_of),
    )


def _morning(day) -> datetime:  # noqa: ANN001 — a civil day
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 — made aware at once


# --- Routine -----------------------------------------------------------------------------------


def alerts(watch: Watch) -> list[StoodAlert]:
    """Read the alerts that wait for somebody, the nearest clock first; they are ranked by no more than that."""
    found = [one for _, one in watch.told("alerts", _alerts)]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or watch.as_of, one.alert.pk))


def _alerts(watch: Watch) -> list[tuple[str, StoodAlert]]:
    found = signals.alerts_at(watch.outbreak, watch.area_code, as_of=watch.as_of, states=WAITING)
    return [(one.area_code, replace(one, rank=0)) for one in found]


def alert_row(one: StoodAlert) -> Row:
    """Show an alert by the rule that opened it."""
    return Row(
        one.title("zh"), one.area_code, "alert", one.alert.pk, one.state, since=one.opened_at, due_at=one.due_at,
        label_en=one.title("en"),
    )  # fmt: skip


def signals_waiting(watch: Watch) -> QuerySet[Signal]:
    """Give the signals nobody had settled; those of real life where nothing is rehearsed."""
    return _signals(watch).filter(_unsettled(watch)).order_by("received_at", "pk")


def signals_stood(watch: Watch, before: Watch) -> tuple[int, int]:
    """Count the signals nobody had settled at a moment and at an earlier one, in one question."""

    def ask(whole: Watch) -> QuerySet:
        return _by_area(_signals(whole).filter(_unsettled(before)), whole).annotate(
            now=Count("pk", filter=_unsettled(whole)), before=Count("pk", filter=Q(received_at__lte=before.as_of))
        )  # fmt: skip

    return _both(watch.told("signals stood", ask))


def _signals(watch: Watch) -> QuerySet[Signal]:
    return Signal.objects.filter(watch.own(), area_code__startswith=watch.area_code, received_at__lte=watch.as_of)


def _unsettled(watch: Watch) -> Q:
    return Q(settled_at=None) | Q(settled_at__gt=watch.as_of)


def signal_row(one: Signal) -> Row:
    """Show a signal by its number."""
    return Row(str(one.pk), one.area_code, "signal", one.pk, since=one.received_at)


def tasks_open(watch: Watch) -> QuerySet[Task]:
    """
    Give the open tasks, the nearest clock first.

    In a replay those that only a person can do are left out: nobody is there who could.
    """
    return _tasks(watch).filter(_undone(watch)).order_by(_BY_CLOCK, "pk")


def tasks_stood(watch: Watch, before: Watch) -> tuple[int, int]:
    """Count the open tasks at a moment and at an earlier one, in one question: they are many."""

    def ask(whole: Watch) -> QuerySet:
        return _by_area(_tasks(whole).filter(_undone(before)), whole).annotate(
            now=Count("pk", filter=_undone(whole)), before=Count("pk", filter=Q(asked_at__lte=before.as_of))
        )  # fmt: skip

    return _both(watch.told("tasks stood", ask))


def _by_area(found: QuerySet, watch: Watch) -> QuerySet:
    return found.order_by().values_list(Left("area_code", watch.digits))


def _both(found: Sequence[tuple[str, int, int]]) -> tuple[int, int]:
    return sum(now for _, now, _ in found), sum(before for _, _, before in found)


def _tasks(watch: Watch) -> QuerySet[Task]:
    known = Task.objects.filter(watch.own(), area_code__startswith=watch.area_code, asked_at__lte=watch.as_of)
    if watch.kind:
        known = known.filter(kind=watch.kind)
    return known.exclude(kind__in=LEFT_TO_PEOPLE) if watch.is_replayed else known


def _undone(watch: Watch) -> Q:
    return Q(done_at=None) | Q(done_at__gt=watch.as_of)


# Not the bare column: the first hundred by its index would be looked for among all that was done before.
_BY_CLOCK = ExpressionWrapper(F("due_at") + timedelta(), output_field=DateTimeField())


def task_row(one: Task) -> Row:
    """Show a task by what it is about."""
    return Row(
        one.subject_label, one.area_code, "task", one.pk, TaskKind(one.kind), since=one.asked_at, due_at=one.due_at
    )
