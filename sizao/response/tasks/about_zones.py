"""
Zones: one whose days are over, or that has a new case, waits for a named decision; one past its last day is an alarm.

The area officer is asked first. A zone is lifted on the day after the last day that was stated for it; when that day is
over without a decision, the commander of the next level up is asked as well (`zoning.lift_late_at`).
"""

from datetime import datetime, timedelta

from sizao.protocol import Rules
from sizao.records import journal
from sizao.records.models import Outbreak, Task, Zone, ZoneChange
from sizao.response import zoning
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import AREA_DIGITS, AreaLevel, Role, TaskEnd, TaskKind, ZoneAct, ZoneState

DECIDED = (ZoneState.APPROVED, ZoneState.PUBLISHED)
_ASKS = {ZoneAct.MAY_LIFT, ZoneAct.EXTENDED, ZoneAct.REGRADED}


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask for the decisions that decided zones wait for, once each."""
    wanted = _wanted(outbreak, now)
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close what was asked about zones that somebody has decided on since."""
    wanted = _wanted(outbreak, now)
    # What a granted objection asks for is closed where it is asked (about_orders).
    waiting = still_open(outbreak, TaskKind.DECIDE_LIFT).exclude(source_key__contains=":objection:")
    return [closed(task, TaskEnd.FACT_ARRIVED, now) for task in waiting if task.source_key not in wanted]


def _wanted(outbreak: Outbreak, now: datetime) -> dict[str, Task]:
    zones = {zone.pk: zone for zone in Zone.objects.filter(outbreak=outbreak, state__in=DECIDED).order_by("pk")}
    latest: dict[int, ZoneChange] = {}
    for change in ZoneChange.objects.filter(zone__in=zones, at__lte=now).order_by("at", "id"):
        latest[change.zone_id] = change
    found: dict[str, Task] = {}
    for pk, zone in zones.items():
        change = latest.get(pk)
        if change is not None and change.act in _ASKS and change.by == journal.SYSTEM:
            task = _task(zone, Role.AREA_OFFICER, zone.area_code, change.at, f"{change.pk}")
            task.due_at = _decided_by(zone, change)
            found[task.source_key] = task
        if zone.expected_until is not None and (late := zoning.lift_late_at(zone.expected_until)) <= now:
            task = _task(zone, Role.COMMANDER, _above(zone.area_code), late, f"over:{zone.expected_until}")
            found[task.source_key] = task
    return found


def _decided_by(zone: Zone, change: ZoneChange) -> datetime:
    """A zone that may be lifted is decided on before its lifting is late; what else is asked, within a day."""
    within = change.at + timedelta(days=1)
    if change.act != ZoneAct.MAY_LIFT or zone.expected_until is None:
        return within
    late = zoning.lift_late_at(zone.expected_until)
    return late if late > change.at else within


def _above(area_code: str) -> str:
    """Give the level above the county that holds an area: where the alarm goes."""
    county = AREA_DIGITS[AreaLevel.COUNTY]
    levels = sorted(AREA_DIGITS.values())
    here = min(len(area_code), county)
    return area_code[: max((digits for digits in levels if digits < here), default=levels[0])]


def _task(zone: Zone, role: Role, area_code: str, since: datetime, what: str) -> Task:
    return Task(
        outbreak=zone.outbreak,
        kind=TaskKind.DECIDE_LIFT,
        role=role,
        area_code=area_code,
        subject_kind="zone",
        subject_id=zone.pk,
        subject_label=zone.name[:200],
        basis=zone.basis,
        asked_at=since,
        due_at=since,
        source_key=f"task:{TaskKind.DECIDE_LIFT}:{zone.pk}:{what}",
    )
