"""Values that nobody has answered for: where orders, zones or clocks wait for them, somebody is asked to confirm."""

from datetime import datetime

from sizao.protocol import Rules, Value, basis
from sizao.protocol.quarantine import KEYS
from sizao.protocol.read_triggers import shipped_watch_at
from sizao.protocol.zone_schemes import zone_keys
from sizao.records.models import Outbreak, Task
from sizao.response import outbreaks
from sizao.response.clocks import AWAITS
from sizao.response.tasks.about_cases import CLOCKS
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import GATHERINGS
from sizao.response.tasks.reporting import ZERO_REPORT
from sizao.response.tasks.signals_waiting import HOURS
from sizao.terms import Role, TaskEnd, TaskKind


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:
    """Ask for the confirmation of all values that something waits for, in one task."""
    waiting = _waiting(rules)
    if not waiting or still_open(outbreak, TaskKind.CONFIRM_VALUES).exists():
        return []
    task = Task(
        outbreak=outbreak,
        kind=TaskKind.CONFIRM_VALUES,
        role=Role.COMMANDER,
        area_code=outbreak.area_code,
        subject_kind="outbreak",
        subject_id=outbreak.pk,
        subject_label=f"{rules.source} × {len(waiting)}",
        basis=[basis.entry(value, gives=AWAITS) for value in waiting],
        asked_at=now,
        source_key=f"task:{TaskKind.CONFIRM_VALUES}:{outbreak.pk}:{now.isoformat()}",
    )
    return [task]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the task when nothing waits for a confirmation any more."""
    tasks = list(still_open(outbreak, TaskKind.CONFIRM_VALUES))
    if not tasks or _waiting(outbreaks.rules_at(outbreak, now)):
        return []
    return [closed(task, TaskEnd.NOTHING_WAITS, now) for task in tasks]


def _waiting(rules: Rules) -> tuple[Value, ...]:
    clocks = [HOURS, ZERO_REPORT, *CLOCKS.values(), *(one.hours for one in GATHERINGS if one.hours)]
    early_warning = [value.key for value in shipped_watch_at(rules.day, rules.area_code).values()]
    return rules.unconfirmed(dict.fromkeys([*KEYS, *zone_keys(rules), *clocks, *early_warning]))
