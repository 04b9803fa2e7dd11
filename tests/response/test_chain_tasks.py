"""Late boxes: asked of who carries them, or of the coordinator; closed when they are received."""

from datetime import timedelta

import pytest

from sizao.records.models import Task
from sizao.response import tasks
from sizao.response.tasks import about_boxes
from sizao.terms import HandOverKind, OutbreakKind, Role, TaskKind, TaskState
from tests.response.chain_world import ChainWorld
from tests.response.testing_world import NOW

pytestmark = pytest.mark.django_db
LATE = NOW + timedelta(hours=5)


@pytest.fixture
def world(noise):
    return ChainWorld()


def asked(world, now=LATE):
    return about_boxes.lacking(world.outbreak, None, now)


class TestLateBoxes:
    def test_are_asked_of_who_carries_them(self, world):
        carried, standing, _ = world.boxes
        world.pack(carried, world.filled(2))
        world.act(world.handed("fetched", carried, HandOverKind.PICKED_UP), by=world.courier)
        world.pack(standing, world.filled(1))
        assert asked(world, NOW + timedelta(hours=3)) == []
        roles = {task.subject_id: task.role for task in asked(world)}
        assert roles == {carried.pk: Role.COURIER, standing.pk: Role.TESTING_COORDINATOR}
        [task, _] = asked(world)
        assert task.due_at == NOW + timedelta(hours=4)
        assert [one["key"] for one in task.basis] == ["testing.region.transport_hours"]
        assert task.subject_label == f"{carried.code} → 村委会 → 藁城检验所"

    def test_are_asked_once_and_closed_by_the_receipt(self, world):
        box = world.boxes[0]
        world.pack(box, world.filled(2))
        tasks.advance(outbreak=world.outbreak, now=LATE)
        tasks.advance(outbreak=world.outbreak, now=LATE)
        [task] = Task.objects.filter(kind=TaskKind.FETCH_BOX)
        assert [one.pk for one in tasks.waiting_for(world.coordinator, world.outbreak, LATE)] == [task.pk]
        world.receive(box, all_there=True, now=LATE)
        tasks.advance(outbreak=world.outbreak, now=LATE + timedelta(hours=1))
        task.refresh_from_db()
        assert (task.state, task.done_at) == (TaskState.DONE, LATE)

    def test_have_no_clock_before_the_hours_are_confirmed(self, noise):
        world = ChainWorld(kind=OutbreakKind.REAL)
        world.pack(world.boxes[0], world.filled(2))
        assert asked(world, NOW + timedelta(days=3)) == []
