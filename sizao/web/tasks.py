"""
My tasks: one queue for a person, what is late first. An office goes by the clock, whoever walks goes by door and place.

Directives that wait for somebody stand above it; what went up because it was late says since when, and from whom.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.models import Task
from sizao.response import tasks
from sizao.response.isolation import home
from sizao.response.isolation.home.doors import STREET
from sizao.response.reports.lines import area_names
from sizao.response.tasks import directives
from sizao.response.tasks.working import IN_CHARGE
from sizao.terms import OutbreakKind, Right, Role, TaskKind, TaskState
from sizao.web import refusals
from sizao.web.directives_looking import Looking, address, looking

PAGE_ROWS = 20  # each with what can be done about it: more is longer to read than to turn over
ALL = "all"  # who is in charge may look at the tasks of all roles
IN_THE_FIELD = frozenset({Role.GRID_WORKER, Role.SITE_WORKER, Role.CREW, Role.COURIER})
OLD_AFTER_HOURS = 2  # a queue on a phone that is older than this says so
MOST_ON_TOP, MOST_DOORS, MOST_AREAS = 5, 60, 12
SOON = timedelta(hours=24)
ON_TOP = (TaskKind.RECEIVE_DIRECTIVE, TaskKind.DO_DIRECTIVE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One task of the page: how it stood, by how many hours it was late, and whether it had gone up by then."""

    task: Task
    state: TaskState | None
    late: int | None
    raised: bool


@require_GET
def my_tasks(request: HttpRequest) -> HttpResponse:
    """Answer: what do I do next, and what is late?"""
    access.require(request.user, Right.TASK_WORK)
    at = looking(request)
    in_charge = request.user.role in IN_CHARGE
    whose = ALL if in_charge and request.GET.get("whose") == ALL else "mine"
    standing = tasks.in_hand(at.outbreaks, at.as_of, now=request.now)
    waiting = _waiting(request, standing, whose)
    rows = list(_after(waiting, request.GET.get("after")).select_related("raised_to")[: PAGE_ROWS + 1])
    found = [_shown(task, at.as_of) for task in rows[:PAGE_ROWS]]
    late = tasks.late_by_area(request.user, standing, at.as_of) if in_charge else []
    is_all_of_them = whose == ALL and not _area(request)
    shown = {
        "groups": list(_groups(request, found, at.as_of)),
        "more": _key(rows[PAGE_ROWS - 1]) if len(rows) > PAGE_ROWS else "",
        "n_tasks": keyset.count_capped(waiting),
        "n_late": (
            sum(n for _, n in late) if is_all_of_them else keyset.count_capped(waiting.filter(due_at__lt=at.as_of))
        ),
        "in_charge": in_charge,
        "n_others": None if rows or not in_charge else keyset.count_capped(_waiting(request, standing, ALL)),
        "whose": whose,
        "area": _area(request),
        "made_at": request.now,
        "old_after_hours": OLD_AFTER_HOURS,
        "all_of_them": address(request, reverse("tasks"), whose=ALL),
        "only_mine": address(request, reverse("tasks")),
        "as_of": at.as_of,
    }
    shown["next"] = address(request, reverse("tasks"), whose=whose, area=_area(request), after=shown["more"])
    more = _on_top(request, at) | _of_doors(request, at) | _below(request, late)
    return render(request, "web/tasks.html", shown | more)


def _on_top(request: HttpRequest, at: Looking) -> dict[str, object]:
    """Give the directives that wait for the reader; they come from above and stand above."""
    if not access.may(request.user, Right.DIRECTIVE_WORK):
        return {}
    waiting = directives.waiting_for(request.user, outbreaks=at.outbreaks, as_of=at.as_of)
    found = list(waiting[: MOST_ON_TOP + 1])
    n = keyset.count_capped(waiting) if len(found) > MOST_ON_TOP else len(found)
    return {"directives": found[:MOST_ON_TOP], "n_directives": n}


def _of_doors(request: HttpRequest, at: Looking) -> dict[str, object]:
    """Give whoever walks the doors of the day with all that is to be done behind each, and one tap to each list."""
    if request.user.role != Role.GRID_WORKER or at.outbreak is None:
        return {}
    area_code, day = request.user.area_code, timezone.localtime(at.as_of).date()
    found: list[home.Door] = []
    if len(area_code) >= STREET:
        found = home.doors(at.outbreak, area_code, day=day, as_of=at.as_of, by=request.user, now=request.now)
    names = area_names({one.area_code for one in found})
    return {
        "is_grid": True,
        "doors": [
            (one, one.address or names.get(one.area_code, one.area_code), any(thing.is_late for thing in one.things))
            for one in found[:MOST_DOORS]
        ],
        "n_doors": len(found),
    }


def _below(request: HttpRequest, late: list[tuple[str, int]]) -> dict[str, object]:
    counted = [(code, n) for code, n in late if code != request.user.area_code]
    names = area_names({code for code, _ in counted[:MOST_AREAS]})
    rows = [
        (names.get(code, code), n, address(request, reverse("tasks"), whose=ALL, area=code))
        for code, n in counted[:MOST_AREAS]
    ]
    return {"below": rows, "n_more_areas": max(0, len(counted) - MOST_AREAS)}


def _groups(request: HttpRequest, found: list[Shown], as_of: datetime) -> Iterator[tuple[str, list[Shown]]]:
    """Group a page: by place for whoever walks, by the clock for an office."""
    in_the_field = request.user.role in IN_THE_FIELD
    names = area_names({one.task.area_code for one in found}) if in_the_field else {}
    groups: dict[str, list[Shown]] = {}
    for one in found:
        code = one.task.area_code
        groups.setdefault(names.get(code, code) if in_the_field else _when(one, as_of), []).append(one)
    yield from groups.items()


def _when(one: Shown, as_of: datetime) -> str:
    if one.late is not None:
        return gettext("Late")
    if one.task.due_at is None:
        return gettext("Without a clock")
    return gettext("Within 24 hours") if one.task.due_at <= as_of + SOON else gettext("Later")


@require_GET
def task_open(request: HttpRequest, task_id: int) -> HttpResponse:
    """Lead to the screen on which a task is done."""
    task = _found(request, task_id)
    name, more = WAYS[TaskKind(task.kind)]
    area_code = max(task.area_code, request.user.area_code, key=len)
    about = [task.subject_id] if name in OF_ONE else []
    asked = dict(part.split("=", 1) for part in more.format(area=area_code).split("&") if part)
    return redirect(address(request, reverse(name, args=about), **asked))


@require_POST
def task_receive(request: HttpRequest, task_id: int) -> HttpResponse:
    return _act(request, task_id, gettext("Received."), lambda task, moment: tasks.receive(
        task=task, by=request.user, now=moment
    ))  # fmt: skip


@require_POST
def task_finish(request: HttpRequest, task_id: int) -> HttpResponse:
    outcome = request.POST.get("outcome", "")
    return _act(request, task_id, gettext("Done."), lambda task, moment: tasks.finish(
        task=task, outcome=outcome, by=request.user, now=moment
    ))  # fmt: skip


def _act(request: HttpRequest, task_id: int, said: str, act: Callable[[Task, datetime], object]) -> HttpResponse:
    task, at = _found(request, task_id), looking(request)
    # In a replay an act bears the chosen day; routine work, and what acts on people, never does.
    replayed = task.outbreak is not None and task.outbreak.kind == OutbreakKind.REPLAY
    try:
        act(task, at.moment if replayed else request.now)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    whose = ALL if request.POST.get("whose") == ALL else "mine"
    return redirect(address(request, reverse("tasks"), whose=whose))


def _found(request: HttpRequest, task_id: int) -> Task:
    rows = Task.objects.select_related("outbreak")
    found: Task = access.row(rows, what="task", to=Right.TASK_WORK, by=request.user, pk=task_id)
    return found


def _area(request: HttpRequest) -> str:
    asked = request.GET.get("area", "").strip()
    return asked if asked.startswith(request.user.area_code) else ""


def _waiting(request: HttpRequest, standing: QuerySet[Task], whose: str) -> QuerySet[Task]:
    if whose == ALL:
        area_code = _area(request) or request.user.area_code
        return standing.filter(area_code__startswith=area_code).order_by("due_at", "id")
    mine = tasks.of_account(request.user, standing)
    if access.may(request.user, Right.DIRECTIVE_WORK):
        # Those of one's own area stand above the list; here only what went up from elsewhere.
        mine = mine.exclude(Q(kind__in=ON_TOP) & Q(area_code=request.user.area_code))
    return mine


def _shown(task: Task, as_of: datetime) -> Shown:
    raised = task.raised_at is not None and task.raised_at <= as_of
    return Shown(task, tasks.state_at(task, as_of), _late_by(task, as_of), raised)


def _late_by(task: Task, as_of: datetime) -> int | None:
    """How many whole hours a task is late; None when it is not."""
    return int((as_of - task.due_at).total_seconds() // 3600) if task.due_at and task.due_at < as_of else None


def _key(task: Task) -> str:
    return str(keyset.Key(task.due_at, task.pk)) if task.due_at else f"none-{task.pk}"


def _after(waiting: QuerySet[Task], text: str | None) -> QuerySet[Task]:
    """Go on behind a key; tasks without a clock stand last."""
    if not text:
        return waiting
    if text.startswith("none-") and text[5:].isdecimal():
        return waiting.filter(due_at__isnull=True, pk__gt=int(text[5:]))
    key = keyset.read_key(text)
    later = Q(due_at__gt=key.moment) | Q(due_at=key.moment, pk__gt=key.row)
    return waiting.filter(later | Q(due_at__isnull=True))


# Screens of one thing, by its number.
OF_ONE = {
    "directive_part", "directive_one", "cooperation_one", "push_list",
    "level_one",
    "testing_one", "testing_box", "testing_pool", "testing_missed", "lab_run", "site_day", "site_near_one", "objection",
    "zone", "inside_zone", "home_care_one", "transfers_trip",
    "finding", "complaint",
}  # fmt: skip

# Where each kind of task is done, with what its screen is narrowed to.
WAYS = {
    TaskKind.VERIFY_SIGNAL: ("signals_hints", "state=new"),
    TaskKind.VERIFY_ALERT: ("signals", "state=open&area={area}"),
    TaskKind.FIRST_INFORMATION: ("people", "list=cases&area={area}&lack=investigation"),
    TaskKind.CORE_INFORMATION: ("people", "list=cases&area={area}&lack=investigation"),
    TaskKind.FULL_REPORT: ("people", "list=cases&area={area}&lack=investigation"),
    TaskKind.SIGN_ORDER: ("order_next", ""),
    TaskKind.SERVE_ORDER: ("orders_to_serve", ""),
    TaskKind.DECIDE_OBJECTION: ("objection", ""),
    TaskKind.DECIDE_ZONE: ("zones", ""),
    TaskKind.DAILY_REPORT: ("reports", ""),
    TaskKind.MATCH_PLACE: ("places_unmatched", ""),
    TaskKind.CONFIRM_VALUES: ("protocol_confirmations", ""),
    TaskKind.OPEN_ROUND: ("testing_one", ""),
    TaskKind.FETCH_BOX: ("testing_box", ""),
    TaskKind.RELEASE_RUN: ("lab_run", ""),
    TaskKind.DECIDE_HOLD: ("testing_pool", ""),
    TaskKind.RECALL_POOL: ("testing_pool", ""),
    TaskKind.FIND_MISSED: ("testing_missed", "area={area}"),
    TaskKind.MISSED_ROUND: ("site_day", ""),
    TaskKind.JUDGE_EXPOSURE: ("site_near_one", ""),
    TaskKind.RECEIVE_HOME: ("site_hand_overs", ""),
    TaskKind.CHECK_HOME: ("home_care", ""),
    TaskKind.FIND_ROOM: ("home_care_one", ""),
    TaskKind.FIND_CARER: ("home_care_one", ""),
    TaskKind.REACH_HOME: ("home_care", ""),
    TaskKind.HELP_WORSE: ("home_care", ""),
    TaskKind.APPROVE_TRANSFER: ("transfers", ""),
    TaskKind.DISINFECT_VEHICLE: ("transfers_trip", ""),
    TaskKind.FIND_TRANSFER: ("transfers_trip", ""),
    TaskKind.DECIDE_LIFT: ("zone", ""),
    TaskKind.SERVE_ZONE_NEED: ("inside_zone", ""),
    TaskKind.MEND_FINDING: ("finding", ""),
    TaskKind.ANSWER_COMPLAINT: ("complaint", ""),
    TaskKind.DECIDE_LEVEL: ("level_one", ""),
    TaskKind.RECEIVE_DIRECTIVE: ("directive_part", ""),
    TaskKind.DO_DIRECTIVE: ("directive_part", ""),
    TaskKind.ACCEPT_DIRECTIVE: ("directive_one", ""),
    TaskKind.ANSWER_COOPERATION: ("cooperation_one", ""),
    TaskKind.FILL_CARD: ("cards", ""),
    TaskKind.RECEIVE_PUSH: ("push_list", ""),
    TaskKind.ANSWER_PUSH: ("push_list", ""),
    TaskKind.RESOLVE_PUSH: ("push_list", ""),
    TaskKind.TRANSFER_CONTACT: ("people", "list=contacts&area={area}&status=found"),
}
