"""What comes next: deadlines and ends within the next hours, as they were known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from sizao.records.models import IsolationOrder, LevelDecision, Task, TeamLoan, TestingRound, TransferRequest
from sizao.response.reports.command.standing import alerts, tasks_open
from sizao.response.reports.command.watch import Row, Watch, midnight_after
from sizao.response.reports.standing_zones import standing, zones_at
from sizao.response.signals import StoodAlert
from sizao.response.tasks.teams.loans import running
from sizao.response.transport.requests import open_at
from sizao.response.zoning import lift_late_at
from sizao.terms import ResponseLevel, RoundState, ZoneState

HORIZONS = (2, 6, 24)  # hours


@dataclass(frozen=True, slots=True)
class Ahead:
    """How many of something come within 2, 6 and 24 hours, each with those before, and when the first of them does."""

    within: tuple[int, ...]
    first_at: datetime | None


def tasks(watch: Watch) -> QuerySet[Task]:
    """Give the open tasks whose time runs out within the hours ahead."""
    due = tasks_open(watch).filter(due_at__gte=watch.as_of, due_at__lte=watch.until)
    return due.order_by("due_at", "pk")  # what is due next is mostly still open: the index on the clock finds it


def tasks_within(watch: Watch) -> Ahead:
    """Count these tasks within each horizon in one question: they are many, and the others few."""

    def ask(whole: Watch) -> QuerySet:
        farthest = tasks(replace(whole, hours=max(HORIZONS))).order_by()
        counts = {
            f"within_{hours}": Count("pk", filter=Q(due_at__lte=replace(whole, hours=hours).until))
            for hours in HORIZONS
        }
        return farthest.values_list(Left("area_code", whole.digits)).annotate(first_at=Min("due_at"), **counts)

    found = watch.told("tasks within", ask)
    counted = tuple(sum(row[2 + place] for row in found) for place in range(len(HORIZONS)))
    return Ahead(counted, min((row[1] for row in found), default=None))


def within(watch: Watch, rows: Sequence[tuple[str, int, datetime]]) -> Ahead:
    """Count within each horizon what lies in areas so many times and is due at a moment."""
    ends = [watch.as_of + timedelta(hours=hours) for hours in HORIZONS]
    counted = tuple(sum(n for _, n, due_at in rows if due_at <= end) for end in ends)
    return Ahead(counted, min((due_at for _, _, due_at in rows), default=None))


def alerts_due(watch: Watch) -> list[StoodAlert]:
    """Read the alerts that somebody has to answer within the hours ahead."""
    return [one for one in alerts(watch) if one.due_at and watch.as_of <= one.due_at <= watch.until]


def transfers(watch: Watch) -> QuerySet[TransferRequest]:
    """Give the people who have to arrive within the hours ahead."""
    if watch.outbreak is None:
        return TransferRequest.objects.none()
    waiting = open_at(watch.outbreak, watch.area_code, watch.as_of)
    return waiting.filter(due_at__gte=watch.as_of, due_at__lte=watch.until)


def rounds(watch: Watch) -> QuerySet[TestingRound]:
    """Give the rounds that are open and must be complete within the hours ahead."""
    if watch.outbreak is None:
        return TestingRound.objects.none()
    begun = TestingRound.objects.filter(
        outbreak=watch.outbreak, area_code__startswith=watch.area_code, opened_at__lte=watch.as_of
    )
    still = begun.filter(Q(closed_at=None) | Q(closed_at__gt=watch.as_of))
    return still.filter(due_at__gte=watch.as_of, due_at__lte=watch.until).order_by("due_at", "pk")


def round_row(one: TestingRound) -> Row:
    """Show a round by its name."""
    return Row(one.name, one.area_code, "round", one.pk, RoundState.OPEN, one.opened_at, one.due_at)


def releases(watch: Watch) -> QuerySet[IsolationOrder]:
    """Give the orders that stand and whose last day ends within the hours ahead."""
    if watch.outbreak is None:
        return IsolationOrder.objects.none()
    issued = IsolationOrder.objects.filter(
        outbreak=watch.outbreak, area_code__startswith=watch.area_code, issued_at__lte=watch.as_of
    )
    standing_orders = issued.filter(Q(ended_at=None) | Q(ended_at__gt=watch.as_of))
    # A last day ends at the midnight behind it: at one that lies ahead, but not farther than the hours.
    first, last = _day_of(watch.as_of), _day_of(watch.until) - timedelta(days=1)
    ending = standing_orders.filter(ends_date__gte=first, ends_date__lte=last)
    return ending.select_related("person").order_by("ends_date", "pk")


def release_row(one: IsolationOrder) -> Row:
    """Show an order that ends by the number of who is free then."""
    return Row(
        one.person.number, one.area_code, "order", one.pk, since=one.issued_at,
        due_at=midnight_after(one.ends_date),
    )  # fmt: skip


def zones(watch: Watch) -> list[Row]:
    """List the published zones that are to be lifted, or decided on, before a moment within the hours ahead."""
    if watch.outbreak is None:
        return []
    rows = [
        Row(one.name, one.area_code, "zone", one.id, one.level, one.changed_at, lift_late_at(one.expected_until))
        for one in standing(zones_at(watch.outbreak, watch.area_code, as_of=watch.as_of))
        if one.state is ZoneState.PUBLISHED and one.expected_until is not None
    ]
    return sorted(_within(rows, watch), key=lambda row: (row.due_at, row.key))


def levels(watch: Watch) -> list[Row]:
    """List the areas whose level above routine was decided until a day that ends within the hours ahead."""
    outbreak = watch.outbreak if watch.is_rehearsed else None
    decided = LevelDecision.objects.filter(
        outbreak=outbreak,
        area_code__startswith=watch.area_code,
        decided_at__lte=watch.as_of,
        starts_at__lte=watch.as_of,
    )
    latest = decided.order_by("area_code", F("starts_at").desc(), "-pk").distinct("area_code")
    rows = [
        Row(
            one.document_no or str(one.pk), one.area_code, "level", one.pk, ResponseLevel(one.level), one.starts_at,
            midnight_after(one.expected_until),
        )
        for one in latest
        if one.expected_until is not None
    ]  # fmt: skip
    return sorted(_within(rows, watch), key=lambda row: (row.due_at, row.key))


def loans(watch: Watch) -> QuerySet[TeamLoan]:
    """Give the loans of teams from or to the area that end within the hours ahead; teams belong to real life."""
    if watch.is_rehearsed:
        return TeamLoan.objects.none()
    code = watch.area_code
    mine = Q(from_area_code__startswith=code) | Q(to_area_code__startswith=code)
    found = running(watch.as_of).filter(mine, ends_at__lte=watch.until)
    return found.select_related("team").order_by("ends_at", "pk")


def loan_row(one: TeamLoan) -> Row:
    """Show a loan by the name of its team, where it works."""
    return Row(one.team.name, one.to_area_code, "team", one.team_id, since=one.starts_at, due_at=one.ends_at)


def _within(rows: list[Row], watch: Watch) -> list[Row]:
    return [row for row in rows if row.due_at is not None and watch.as_of <= row.due_at <= watch.until]


def _day_of(moment: datetime) -> date:
    return timezone.localtime(moment).date()
