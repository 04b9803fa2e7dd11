"""
Transfers: somebody decides on each request, disinfects each vehicle, and looks for whoever boarded and did not arrive.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from sizao.protocol import Rules
from sizao.records.models import Outbreak, Task, TransferLeg, TransferRequest, TransferTrip
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import area_names
from sizao.terms import Role, TaskEnd, TaskKind, TransferState, TripState

# After the planned end of a trip: longer than any hand-over takes, short enough to find somebody by daylight.
NOT_ARRIVED_AFTER = timedelta(hours=1)
ENDS = {
    TaskKind.APPROVE_TRANSFER: TaskEnd.NOTHING_WAITS,
    TaskKind.DISINFECT_VEHICLE: TaskEnd.FACT_ARRIVED,
    TaskKind.FIND_TRANSFER: TaskEnd.FACT_ARRIVED,
}


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask for what waits: requests by county, vehicles to be disinfected, people who ought to have arrived."""
    wanted = {task.source_key: task for task in _waiting(outbreak, now)}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of what waits no more."""
    left = {task.source_key for task in _waiting(outbreak, now)}
    return [
        closed(task, ENDS[TaskKind(task.kind)], now)
        for task in still_open(outbreak, *ENDS)
        if task.source_key not in left
    ]


def _waiting(outbreak: Outbreak, now: datetime) -> list[Task]:
    return [*_to_approve(outbreak, now), *_to_disinfect(outbreak, now), *_to_find(outbreak, now)]


def _to_approve(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Give one task for all requests that wait in a county since one hour, by the nearest of their deadlines."""
    groups: dict[tuple[str, datetime], list[TransferRequest]] = defaultdict(list)
    asked = TransferRequest.objects.filter(outbreak=outbreak, state=TransferState.ASKED, asked_at__lte=now)
    for one in asked.order_by("asked_at", "pk"):
        groups[one.area_code, one.asked_at.replace(minute=0, second=0, microsecond=0)].append(one)
    names = area_names(code for code, _ in groups)
    return [
        Task(
            outbreak=outbreak,
            kind=TaskKind.APPROVE_TRANSFER,
            role=Role.DISPATCHER,
            area_code=code,
            subject_kind="transfers",
            subject_id=requests[0].pk,
            subject_label=f"{names.get(code, code)} × {len(requests)}",
            basis=_nearest(requests).basis,
            asked_at=requests[0].asked_at,
            due_at=_nearest(requests).due_at,
            source_key=f"task:{TaskKind.APPROVE_TRANSFER}:{outbreak.pk}:{code}:{hour.isoformat()}",
        )
        for (code, hour), requests in sorted(groups.items())
    ]


def _nearest(requests: list[TransferRequest]) -> TransferRequest:
    with_clock = [one for one in requests if one.due_at is not None]
    return min(with_clock, key=lambda one: one.due_at) if with_clock else requests[0]


def _to_disinfect(outbreak: Outbreak, now: datetime) -> list[Task]:
    trips = TransferTrip.objects.filter(outbreak=outbreak, state=TripState.TO_DISINFECT, made_at__lte=now)
    return [
        _task(outbreak, TaskKind.DISINFECT_VEHICLE, Role.CREW, trip, trip.vehicle.plate, trip.pk, now)
        for trip in trips.select_related("vehicle").order_by("pk")
    ]


def _to_find(outbreak: Outbreak, now: datetime) -> list[Task]:
    late = TransferLeg.objects.filter(
        trip__outbreak=outbreak,
        boarded_at__lte=now,
        ended_at=None,
        trip__planned_end_at__lte=now - NOT_ARRIVED_AFTER,
    )
    return [
        _task(outbreak, TaskKind.FIND_TRANSFER, Role.DISPATCHER, leg.trip, _who(leg), leg.pk, now)
        for leg in late.select_related("trip__vehicle", "request").order_by("pk")
    ]


def _who(leg: TransferLeg) -> str:
    return f"{leg.request.number} {leg.trip.vehicle.plate}"


def _task(  # noqa: PLR0913 — what the two kinds differ in
    outbreak: Outbreak, kind: TaskKind, role: Role, trip: TransferTrip, label: str, subject: int, now: datetime
) -> Task:
    # Nothing shorter than the plan may be asked; of a trip that ran late, from now on.
    due_at = trip.planned_end_at if kind == TaskKind.DISINFECT_VEHICLE else trip.planned_end_at + NOT_ARRIVED_AFTER
    return Task(
        outbreak=outbreak,
        kind=kind,
        role=role,
        area_code=trip.area_code,
        subject_kind="trip",
        subject_id=trip.pk,
        subject_label=label[:200],
        asked_at=now,
        due_at=due_at,
        source_key=f"task:{kind}:{subject}",
    )
