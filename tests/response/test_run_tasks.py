"""Runs that wait for a second person: asked of the laboratory's reviewers, closed when released or withdrawn."""

from datetime import timedelta

import pytest

from sizao.records.models import Task
from sizao.response import tasks
from sizao.response.testing import laboratory
from sizao.terms import Reading, TaskKind, TaskState
from tests.response.laboratory_world import LATER, Laboratory, told

pytestmark = pytest.mark.django_db
LATEST = LATER + timedelta(hours=1)


@pytest.fixture
def world(noise):
    return Laboratory()


def asked(world, now=LATER):
    tasks.advance(outbreak=world.outbreak, now=now)
    return list(Task.objects.filter(kind=TaskKind.RELEASE_RUN))


class TestWaitingRuns:
    def test_are_asked_of_the_reviewer_once(self, world):
        run = world.send(told(world.tubes[0])).run
        [task] = asked(world)
        assert asked(world) == [task]
        assert (task.subject_kind, task.subject_id) == ("run", run.pk)
        assert [one.pk for one in tasks.waiting_for(world.reviewer, world.outbreak, LATER)] == [task.pk]
        assert list(tasks.waiting_for(world.technician, world.outbreak, LATER)) == []

    def test_are_closed_by_the_release(self, world):
        run = world.send(told(world.tubes[0])).run
        asked(world)
        world.release(run, now=LATEST)
        [task] = asked(world, LATEST)
        assert (task.state, task.done_at) == (TaskState.DONE, LATEST)

    def test_are_closed_by_taking_the_run_back(self, world):
        run = world.send(told(world.tubes[0], Reading.POSITIVE)).run
        asked(world)
        laboratory.withdraw_run(run=run, reason="the plate was turned round", by=world.technician, now=LATEST)
        [task] = asked(world, LATEST)
        assert task.state == TaskState.DONE

    def test_of_another_outbreak_are_not_asked(self, world, noise):
        world.send(told(world.tubes[0]))
        tasks.advance(outbreak=noise, now=LATER)
        assert not Task.objects.filter(kind=TaskKind.RELEASE_RUN).exists()
