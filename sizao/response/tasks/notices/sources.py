"""
What people are told of: one table. A new source is one row, with a function that finds what there is to tell.

A source finds counts, areas and pages; never a name, so that nothing personal can leave the house by a notice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from sizao.records.models import Account, LevelDecision, LevelProposal, Outbreak, Task
from sizao.response import signals
from sizao.response.tasks.levels.standing import belonging
from sizao.terms import AlertState, LevelProposalState, NoticeKind, OutbreakKind, ResponseLevel, Role, TaskKind

# Older than this nothing new is told of: a server that stood still for days does not wake everybody.
FRESH = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to tell one account; `key` names it, so that it is told once."""

    account_id: int
    key: str
    area_code: str
    path: str
    count: int = 1
    due_at: datetime | None = None
    urgent: bool | None = None  # none: as its source says


@dataclass(slots=True)
class Asking:
    """Whose things, at which moment, and who there is to tell. `outbreak` is the rehearsal, None in real life."""

    outbreak: Outbreak | None
    now: datetime
    by_role: Mapping[str, Sequence[Account]] = field(default_factory=dict)
    found: dict[tuple[str, str], list[Account]] = field(default_factory=dict)  # of `nearest`: tasks of an area are many

    @classmethod
    def at(cls, outbreak: Outbreak | None, now: datetime) -> "Asking":
        """Read who may be told, by role."""
        found: dict[str, list[Account]] = defaultdict(list)
        for one in Account.objects.filter(is_active=True).only("pk", "role", "area_code").order_by("pk"):
            found[one.role].append(one)
        return cls(belonging(outbreak), now, found)

    def nearest(self, role: str, area_code: str) -> list[Account]:
        """Give who holds a role nearest to an area: of its own level, else of the level above that has somebody."""
        if (role, area_code) not in self.found:
            over = [one for one in self.by_role.get(role, ()) if area_code.startswith(one.area_code)]
            longest = max((len(one.area_code) for one in over), default=0)
            self.found[role, area_code] = [one for one in over if len(one.area_code) == longest]
        return self.found[role, area_code]

    def tasks(self) -> QuerySet[Task]:
        """Give the open tasks of this belonging."""
        mine = Q(outbreak=self.outbreak) if self.outbreak else Q(outbreak=None) | Q(outbreak__kind=OutbreakKind.REAL)
        return Task.objects.filter(mine, done_at__isnull=True, asked_at__lte=self.now)

    @property
    def query(self) -> str:
        """What keeps a page at the rehearsal; nothing in real life."""
        return f"?outbreak={self.outbreak.slug}" if self.outbreak else ""


@dataclass(frozen=True, slots=True)
class Source:
    """What is told of, whether at once, and what finds it."""

    kind: NoticeKind
    urgent: bool
    find: Callable[[Asking], Iterable[Found]]


def _tasks_late(asking: Asking) -> Iterator[Found]:
    """One notice an account and day for all that is late, not one for each task."""
    late = asking.tasks().filter(due_at__lt=asking.now, raised_to__isnull=True)
    groups = late.values("role", "area_code", "assigned_to").annotate(n=Count("pk"), due=Min("due_at")).order_by()
    counts: dict[int, int] = defaultdict(int)
    first: dict[int, datetime] = {}
    area: dict[int, str] = {}
    for one in groups:
        for pk, code in _whose(asking, one["role"], one["area_code"], one["assigned_to"]):
            counts[pk] += one["n"]
            first[pk] = min(first.get(pk, one["due"]), one["due"])
            area[pk] = code
    day = timezone.localtime(asking.now).date()
    for pk, count in counts.items():
        yield Found(pk, f"{day}", area[pk], f"/tasks/{asking.query}", count, first[pk])


def _whose(asking: Asking, role: str, area_code: str, assigned: int | None) -> Iterator[tuple[int, str]]:
    if assigned is not None:
        yield assigned, area_code
        return
    yield from ((one.pk, one.area_code) for one in asking.nearest(role, area_code))


def _raised(asking: Asking) -> Iterator[Found]:
    up = asking.tasks().filter(raised_to__isnull=False, raised_at__gt=asking.now - FRESH, raised_at__lte=asking.now)
    groups = up.values("raised_to", "raised_to__area_code", "raised_at").annotate(n=Count("pk"), due=Min("due_at"))
    for one in groups.order_by():
        key = one["raised_at"].isoformat()
        yield Found(
            one["raised_to"], key, one["raised_to__area_code"], f"/tasks/{asking.query}", one["n"], one["due"]
        )  # fmt: skip


def _of_tasks(
    *kinds: TaskKind, path: str, late: bool = False
) -> Callable[[Asking], Iterator[Found]]:  # fmt: skip
    """Find open tasks of some kinds, or only those that are late, for whoever holds the role nearest."""

    def find(asking: Asking) -> Iterator[Found]:
        waiting = asking.tasks().filter(kind__in=kinds)
        moment = "due_at" if late else "asked_at"
        fresh = waiting.filter(**{f"{moment}__gt": asking.now - FRESH, f"{moment}__lte": asking.now})
        # A directive to a province is asked of thousands of areas: only what is told of them is read.
        rows = fresh.order_by("pk").values_list("pk", "role", "area_code", "assigned_to", "due_at")
        for task, role, area_code, assigned, due_at in rows:
            for pk, _ in _whose(asking, role, area_code, assigned):
                yield Found(pk, str(task), area_code, f"{path}{asking.query}", due_at=due_at)

    return find


def _alerts(asking: Asking) -> Iterator[Found]:
    for one in signals.alerts_at(asking.outbreak, "", as_of=asking.now, states=[AlertState.OPEN]):
        made_up = one.is_generated and asking.outbreak is not None
        if one.due_at is None or one.opened_at <= asking.now - FRESH or made_up:
            continue
        for account in asking.nearest(one.role, one.area_code):
            key = f"{one.alert.pk}:{one.due_at.isoformat()}"
            path = f"/alerts/{one.alert.pk}/{asking.query}"
            yield Found(account.pk, key, one.area_code, path, due_at=one.due_at)


def _proposals(asking: Asking) -> Iterator[Found]:
    waiting = LevelProposal.objects.filter(
        outbreak=asking.outbreak, state=LevelProposalState.WAITING, proposed_at__gt=asking.now - FRESH,
        proposed_at__lte=asking.now,
    )  # fmt: skip
    for one in waiting.order_by("pk"):
        for account in asking.nearest(Role.COMMANDER, one.area_code):
            path = f"/level/{one.area_code}/{asking.query}"
            yield Found(account.pk, str(one.pk), one.area_code, path, urgent=one.level == ResponseLevel.EMERGENCY)


_TOLD_OF_A_LEVEL = (Role.COMMANDER, Role.DUTY_OFFICER, Role.REPORTER)


def _decisions(asking: Asking) -> Iterator[Found]:
    made = LevelDecision.objects.filter(
        outbreak=asking.outbreak, decided_at__gt=asking.now - FRESH, decided_at__lte=asking.now
    )
    for one in made.order_by("pk"):
        for role in _TOLD_OF_A_LEVEL:
            for account in asking.by_role.get(role, ()):
                concerned = account.area_code.startswith(one.area_code) or one.area_code.startswith(account.area_code)
                if concerned and account.pk != one.decided_by_id:
                    path = f"/level/{one.area_code}/{asking.query}"
                    yield Found(account.pk, str(one.pk), one.area_code, path)


SOURCES: tuple[Source, ...] = (
    Source(NoticeKind.TASK_RAISED, True, _raised),  # noqa: FBT003 — a table
    Source(NoticeKind.DIRECTIVE, True, _of_tasks(TaskKind.RECEIVE_DIRECTIVE, path="/directives/")),  # noqa: FBT003
    Source(NoticeKind.ALERT_WAITS, True, _alerts),  # noqa: FBT003
    Source(NoticeKind.LEVEL_PROPOSED, False, _proposals),  # noqa: FBT003
    Source(NoticeKind.LEVEL_CHANGED, True, _decisions),  # noqa: FBT003
    Source(NoticeKind.REPORT_MISSING, True, _of_tasks(TaskKind.DAILY_REPORT, path="/reports/", late=True)),  # noqa: FBT003
    Source(NoticeKind.TASKS_LATE, False, _tasks_late),  # noqa: FBT003
)
