"""Sites: who was not seen in a session, which positive next door is to be judged, who is to be received at home."""

from collections.abc import Iterator
from datetime import date, datetime

from sizao.protocol import Rules
from sizao.records.models import CommunityHandOver, IsolationSite, Outbreak, SiteExposure, Task
from sizao.response import outbreaks
from sizao.response.clocks import AWAITS
from sizao.response.isolation.days import inside, rounds
from sizao.response.isolation.days.rounds import Plan
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import OutbreakKind, Role, Session, SiteState, TaskEnd, TaskKind, TaskState

KINDS = (TaskKind.MISSED_ROUND, TaskKind.JUDGE_EXPOSURE, TaskKind.RECEIVE_HOME)


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:
    """Ask for what is not asked for yet; bring the count of a missed session up to date."""
    wanted = _wanted(outbreak, rules, now)
    asked = {one.source_key: one for one in Task.objects.filter(source_key__in=wanted)}
    changed = [task for key, task in asked.items() if task.subject_label != wanted[key].subject_label]
    for task in changed:
        task.subject_label = wanted[task.source_key].subject_label
    Task.objects.bulk_update(changed, ["subject_label"], batch_size=500)
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close what was done; a hand-over that was taken back is nobody's task any more."""
    waiting = list(still_open(outbreak, *KINDS))
    if not waiting:
        return []
    wanted = _wanted(outbreak, outbreaks.rules_at(outbreak, now), now)
    told = set(CommunityHandOver.objects.filter(outbreak=outbreak).values_list("pk", flat=True))
    return [_settle(task, told, now) for task in waiting if task.source_key not in wanted]


def _settle(task: Task, told: set[int], now: datetime) -> Task:
    if task.kind == TaskKind.RECEIVE_HOME and task.subject_id not in told:
        return closed(task, TaskEnd.NOTHING_WAITS, now, state=TaskState.CANCELLED)
    ends = {TaskKind.MISSED_ROUND: TaskEnd.NOTHING_WAITS}
    return closed(task, ends.get(TaskKind(task.kind), TaskEnd.FACT_ARRIVED), now)


def _wanted(outbreak: Outbreak, rules: Rules, now: datetime) -> dict[str, Task]:
    asked = (*_missed(outbreak, rules, now), *_to_judge(outbreak, now), *_to_receive(outbreak, now))
    return {one.source_key: one for one in asked}


# --- Sessions ----------------------------------------------------------------------------------


def _missed(outbreak: Outbreak, rules: Rules, now: datetime) -> Iterator[Task]:
    """Give a task for each site and the latest session that is over, while somebody of it was not reached."""
    plan = rounds.plan(rules)
    if outbreak.kind == OutbreakKind.REPLAY or not plan.sessions:
        return
    today = outbreak.day_of(now)
    over = [session for session in plan.sessions if rounds.over_at(today, session) <= now]
    if not over:
        return
    for site in _sites(outbreak, now):
        missed = rounds.missed(site, today, over[-1], as_of=now)
        if missed:
            yield _missed_task(outbreak, site, today, over[-1], len(missed), plan)


def _sites(outbreak: Outbreak, now: datetime) -> list[IsolationSite]:
    """Give the sites of an outbreak's area in which somebody is."""
    sites = IsolationSite.objects.filter(
        state__in=(SiteState.READY, SiteState.IN_USE),
        area_code__startswith=outbreak.area_code,
        pk__in=inside.occupied(as_of=now),
    )
    return list(sites.select_related("place").order_by("pk"))


def _missed_task(  # noqa: PLR0913 — what one such task names
    outbreak: Outbreak, site: IsolationSite, day: date, session: Session, count: int, plan: Plan
) -> Task:
    cited = [entry | {"gives": AWAITS} for entry in plan.basis] if plan.unconfirmed else plan.basis
    return Task(
        outbreak=outbreak,
        kind=TaskKind.MISSED_ROUND,
        role=Role.SITE_WORKER,
        area_code=site.area_code,
        subject_kind="site",
        subject_id=site.pk,
        subject_label=f"{site.place.name} {day} {session.zh} × {count}"[:200],
        basis=cited,
        asked_at=rounds.over_at(day, session),
        due_at=None,  # no edition says how soon
        source_key=f"task:{TaskKind.MISSED_ROUND}:{outbreak.pk}:{site.pk}:{day}:{session}",
    )


# --- A positive next door, and the way home ------------------------------------------------------


def _to_judge(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    waiting = SiteExposure.objects.filter(outbreak=outbreak, decided_at=None, found_at__lte=now)
    asked: set[int] = set()  # all who are found positive in one room are judged at once
    for one in waiting.select_related("site__place", "room").order_by("found_at", "pk"):
        if one.room_id in asked:
            continue
        asked.add(one.room_id)
        yield Task(
            outbreak=outbreak,
            kind=TaskKind.JUDGE_EXPOSURE,
            role=Role.ISOLATION_COORDINATOR,
            area_code=one.site.area_code,
            subject_kind="exposure",
            subject_id=one.pk,
            subject_label=f"{one.site.place.name} {one.room.number}"[:200],
            basis=one.basis,
            asked_at=one.found_at,
            due_at=one.due_at,
            source_key=f"task:{TaskKind.JUDGE_EXPOSURE}:{one.pk}",
        )


def _to_receive(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    waiting = CommunityHandOver.objects.filter(outbreak=outbreak, received_at=None, told_at__lte=now)
    for one in waiting.select_related("person").order_by("pk"):
        yield Task(
            outbreak=outbreak,
            kind=TaskKind.RECEIVE_HOME,
            role=Role.GRID_WORKER,
            area_code=one.area_code,
            subject_kind="hand_over",
            subject_id=one.pk,
            subject_label=one.person.number,
            asked_at=one.told_at,
            due_at=one.due_at,
            source_key=f"task:{TaskKind.RECEIVE_HOME}:{one.pk}",
        )
