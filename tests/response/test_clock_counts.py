"""The counts of clocks that the database keeps are those of the tasks themselves, whatever happens to the tasks."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from sizao.records.models import ClockChange, ClockDay, Task
from sizao.response.oversight import counting
from sizao.terms import Role, TaskKind, TaskState
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
AREAS = ("13", "1301", "130109", "130109110", "130109110212", "130581")
KINDS = (TaskKind.VERIFY_SIGNAL, TaskKind.FULL_REPORT)


def made(dice: np.random.Generator, serial: int, outbreak) -> Task:
    """Compose a task of chance: with or without a clock, open, done, or cancelled before or after its moment."""
    asked_at = NOW + timedelta(hours=int(dice.integers(0, 96)))
    due_at = None if dice.random() < 0.2 else asked_at + timedelta(hours=int(dice.integers(0, 30)))
    task = Task(
        outbreak=outbreak, kind=str(dice.choice(KINDS)), role=Role.INVESTIGATOR, area_code=str(dice.choice(AREAS)),
        subject_kind="case", subject_id=serial, subject_label=str(serial), asked_at=asked_at, due_at=due_at,
        source_key=f"count:{serial}",
    )  # fmt: skip
    moved(dice, task)
    return task


def moved(dice: np.random.Generator, task: Task) -> None:
    task.state = str(dice.choice([TaskState.OPEN, TaskState.RECEIVED, TaskState.DONE, TaskState.CANCELLED]))
    over = task.state in (TaskState.DONE, TaskState.CANCELLED)
    task.done_at = task.asked_at + timedelta(hours=int(dice.integers(0, 40))) if over else None


def recounted() -> Counter:
    """Count the plain way, task by task."""
    counts: Counter = Counter()
    for one in Task.objects.all():
        dropped = one.state == TaskState.CANCELLED and one.due_at is not None and one.done_at <= one.due_at
        kept = one.state == TaskState.DONE and one.due_at is not None and one.done_at <= one.due_at
        day = timezone.localtime(one.due_at or one.asked_at).date()
        for digits in (2, 4, 6, 9):
            if len(one.area_code) >= digits:
                key = (one.kind, one.outbreak_id or 0, one.area_code[:digits], day)
                counts[*key, "clocks"] += one.due_at is not None and not dropped
                counts[*key, "kept"] += kept
                counts[*key, "unknown"] += one.due_at is None and one.state != TaskState.CANCELLED
    return +counts


def counted() -> Counter:
    counts: Counter = Counter()
    for model in (ClockDay, ClockChange):
        for one in model.objects.all():
            for what in ("clocks", "kept", "unknown"):
                counts[one.kind, one.outbreak_id, one.area_code, one.day, what] += getattr(one, what)
    return +counts


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_the_tasks(seed):
    dice = np.random.default_rng(seed)
    outbreak = factories.outbreak()
    Task.objects.bulk_create([made(dice, serial, outbreak) for serial in range(60)])
    assert counted() == recounted()
    counting.gather(now=NOW)
    assert counted() == recounted()
    assert not ClockChange.objects.exists()

    for task in Task.objects.order_by("pk")[:30]:
        moved(dice, task)
        task.save()
    Task.objects.filter(subject_id__lt=10).update(area_code="1305")
    Task.objects.filter(subject_id__gt=50).delete()
    assert counted() == recounted()
    counting.gather(now=NOW)
    assert counted() == recounted()


def test_gathering_twice_changes_nothing():
    Task.objects.bulk_create([made(np.random.default_rng(9), serial, factories.outbreak()) for serial in range(5)])
    assert counting.gather(now=NOW) > 0
    before = list(ClockDay.objects.order_by("pk").values())
    assert counting.gather(now=NOW) == 0
    assert list(ClockDay.objects.order_by("pk").values()) == before
