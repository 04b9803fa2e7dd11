"""My tasks: what my role is asked in my area, the latest first to be done, with a receipt and a closure."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.models import Task
from sizao.response import tasks
from sizao.response.tasks.working import IN_CHARGE
from sizao.terms import Right, TaskKind, TaskState
from sizao.web import refusals, shell

PAGE_ROWS = 50
ALL = "all"  # who is in charge may look at the tasks of all roles


@require_GET
def my_tasks(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.TASK_WORK)
    in_charge = request.user.role in IN_CHARGE
    whose = ALL if in_charge and request.GET.get("whose") == ALL else "mine"
    waiting = _waiting(request, chosen, whose)
    late = waiting.filter(due_at__lt=chosen.as_of)
    rows = list(_after(waiting, request.GET.get("after"))[: PAGE_ROWS + 1])
    shown = {
        "tasks": [_shown(task, chosen.as_of) for task in rows[:PAGE_ROWS]],
        "more": _key(rows[PAGE_ROWS - 1]) if len(rows) > PAGE_ROWS else "",
        "n_tasks": keyset.count_capped(waiting),
        "n_late": keyset.count_capped(late),
        "in_charge": in_charge,
        "n_others": None if rows or not in_charge else keyset.count_capped(_waiting(request, chosen, ALL)),
        "whose": whose,
        "here": f"{chosen.query}&whose={whose}",
    }
    return render(request, "web/tasks.html", shown)


@require_GET
def task_open(request: HttpRequest, task_id: int) -> HttpResponse:
    """Lead to the screen on which a task is done."""
    chosen = shell.chosen(request)
    task = access.row(Task.objects.all(), what="task", to=Right.TASK_WORK, by=request.user, pk=task_id)
    name, more = WAYS[TaskKind(task.kind)]
    area_code = max(task.area_code, request.user.area_code, key=len)
    about = [task.subject_id] if name in OF_ONE else []
    return redirect(f"{reverse(name, args=about)}?{chosen.query}&{more.format(area=area_code)}")


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


def _act(request: HttpRequest, task_id: int, said: str, act) -> HttpResponse:  # noqa: ANN001
    chosen = shell.chosen(request)
    task = access.row(Task.objects.all(), what="task", to=Right.TASK_WORK, by=request.user, pk=task_id)
    try:
        act(task, chosen.moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    whose = ALL if request.POST.get("whose") == ALL else "mine"
    return redirect(f"{reverse('tasks')}?{chosen.query}&whose={whose}")


def _waiting(request: HttpRequest, chosen: shell.Chosen, whose: str) -> QuerySet[Task]:
    if whose == ALL:
        standing = tasks.open_at(chosen.outbreak, chosen.as_of).filter(area_code__startswith=request.user.area_code)
        return standing.order_by("due_at", "id")
    return tasks.waiting_for(request.user, chosen.outbreak, chosen.as_of)


def _shown(task: Task, as_of: datetime) -> tuple[Task, TaskState | None, int | None]:
    return task, tasks.state_at(task, as_of), _late_by(task, as_of)


def _late_by(task: Task, as_of: datetime) -> int | None:
    """How many whole hours a task is late; None when it is not."""
    return int((as_of - task.due_at).total_seconds() // 3600) if task.due_at and task.due_at < as_of else None


def _key(task: Task) -> str:
    return str(keyset.Key(task.due_at, task.pk)) if task.due_at else f"none-{task.pk}"


def _after(waiting: QuerySet[Task], text: str | None) -> QuerySet[Task]:
    """Go on behind a key; tasks without a clock stand last."""
    if not text:
        return waiting
    if text.startswith("none-") and text[5:].isdigit():
        return waiting.filter(due_at__isnull=True, pk__gt=int(text[5:]))
    key = keyset.read_key(text)
    later = Q(due_at__gt=key.moment) | Q(due_at=key.moment, pk__gt=key.row)
    return waiting.filter(later | Q(due_at__isnull=True))


# Screens of one thing, by its number.
OF_ONE = {
    "testing_one", "testing_box", "testing_pool", "testing_missed", "lab_run", "site_day", "site_near_one", "objection",
    "zone", "home_care_one", "transfers_trip",
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
    TaskKind.SERVE_ZONE_NEED: ("zone", ""),
    TaskKind.TRANSFER_CONTACT: ("people", "list=contacts&area={area}&status=found"),
}
