"""
What people inside zones wait for: care is asked for one by one, all else of a village and day with one task.

The clock is that of the request whose time runs out first.
"""

from datetime import date, datetime

from django.db.models import QuerySet

from sizao.protocol import Rules
from sizao.records.models import Outbreak, Task, ZoneRequest
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import AREA_DIGITS, AreaLevel, Role, TaskEnd, TaskKind, ZoneRequestKind

VILLAGE = AREA_DIGITS[AreaLevel.VILLAGE]


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask whoever walks in the village for what people inside its zones wait for."""
    wanted = _wanted(outbreak, now)
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of which all requests are served or refused."""
    waiting = list(still_open(outbreak, TaskKind.SERVE_ZONE_NEED))
    if not waiting:
        return []
    left = _wanted(outbreak, now)
    return [closed(task, TaskEnd.FACT_ARRIVED, now) for task in waiting if task.source_key not in left]


def _open(outbreak: Outbreak, now: datetime) -> QuerySet[ZoneRequest]:
    waiting = ZoneRequest.objects.filter(zone__outbreak=outbreak, done_at=None, recorded_at__lte=now)
    return waiting.select_related("zone", "person").order_by("due_at", "pk")


def _wanted(outbreak: Outbreak, now: datetime) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for request in _open(outbreak, now):
        village = request.area_code[:VILLAGE]
        day = outbreak.day_of(request.asked_at)
        task = _task(outbreak, request, village, _key(request, village, day))
        found.setdefault(task.source_key, task)  # the first is the one whose time runs out first
    return found


def _key(request: ZoneRequest, village: str, day: date) -> str:
    what = f"care:{request.pk}" if request.kind == ZoneRequestKind.CARE else f"{request.zone_id}:{village}:{day}"
    return f"task:{TaskKind.SERVE_ZONE_NEED}:{what}"


def _task(outbreak: Outbreak, request: ZoneRequest, village: str, key: str) -> Task:
    is_care = request.kind == ZoneRequestKind.CARE
    who = request.person.number if is_care and request.person else ""
    return Task(
        outbreak=outbreak,
        kind=TaskKind.SERVE_ZONE_NEED,
        role=Role.GRID_WORKER,
        area_code=village,
        subject_kind="zone",
        subject_id=request.zone_id,
        subject_label=" ".join(filter(None, (request.zone.name, who)))[:200],
        asked_at=request.recorded_at,
        due_at=request.due_at,
        source_key=key,
    )
