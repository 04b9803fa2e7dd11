"""Many devices and desks at once, each with a connection of its own: each tube in one box, each receipt once."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection

from sizao.records.models import HandOver, LabOddity, SampleBox, TestingRound, TubeStep
from sizao.response.testing import chain
from sizao.terms import BoxAnswer, LabOddityKind, TubeStepKind
from tests.response.chain_world import ChainWorld
from tests.response.testing_world import NOW

pytestmark = pytest.mark.django_db(transaction=True)
DEVICES, TUBES = 5, 20


@pytest.fixture
def world():
    one = ChainWorld(people=TUBES)
    yield one
    # The round's own tables go with the test.
    with connection.cursor() as cursor:
        for table in ("labreading", "tubestep", "swab", "tube", "rosterentry"):
            cursor.execute(f"DROP TABLE records_{table}_r{one.round.pk}")


class TestAtOnce:
    def test_a_tube_packed_by_several_devices_lies_in_one_box(self, world):
        codes = world.filled(TUBES)
        told = together([lambda n=n: device(world, n, codes) for n in range(DEVICES)])
        assert all(one.answer in (BoxAnswer.TAKEN, BoxAnswer.REPEATED) for one in told)
        boxed = TubeStep.objects.filter(round=world.round, step=TubeStepKind.BOXED)
        assert set(boxed.values_list("tube", flat=True)) == set(codes)
        # The last device put all of them into the last box, five minutes after the others.
        assert {one.box_id for one in boxed} == {world.boxes[DEVICES % 3 - 1].pk}
        assert {one.code: one.n_tubes for one in SampleBox.objects.exclude(n_tubes=None)} == {
            box.code: boxed.filter(box=box).count() for box in world.boxes
        }
        several = LabOddity.objects.filter(kind=LabOddityKind.TWO_BOXES)
        assert set(several.values_list("tube", flat=True)) == set(codes)
        assert several.count() == TUBES

    def test_one_outbox_sent_by_two_windows_is_recorded_once(self, world):
        acts = [world.closed("a", world.boxes[0]), world.handed("b", world.boxes[0])]
        told = together([lambda: world.act(*acts) for _ in range(4)])
        assert sorted(str(one.answer) for one in told) == ["repeated"] * 6 + ["taken"] * 2
        assert HandOver.objects.count() == 2

    def test_a_box_received_twice_at_once_is_received_once(self, world):
        box = world.pack(world.boxes[0], world.filled(TUBES))
        told = together([lambda n=n: [world.receive(box, all_there=True, key=f"desk {n}")] for n in range(3)])
        assert sorted(len(one.received) for one in told) == [0, 0, TUBES]
        assert sorted(len(one.before) for one in told) == [0, TUBES, TUBES]
        assert TubeStep.objects.filter(step=TubeStepKind.RECEIVED).count() == TUBES
        assert SampleBox.objects.get(pk=box.pk).n_received == TUBES

    def test_labels_printed_at_once_bear_different_codes(self, world):
        def press():
            held = TestingRound.objects.get(pk=world.round.pk)
            return chain.print_boxes(testing_round=held, count=7, by=world.coordinator, now=NOW)

        made = together([press for _ in range(3)])
        assert len({one.code for one in made}) == 21


def device(world, number, codes):
    """Put all tubes into a box, in an order of its own, and send it in parts, some of them twice."""
    dice = random.Random(number)
    box = world.boxes[number % 3]
    at = NOW + timedelta(minutes=5 * number)
    acts = [world.put(f"{number}-{code}", box, code, at=at) for code in codes]
    dice.shuffle(acts)
    acts.append(world.closed(f"{number}-close", box, at=at))
    told = []
    for start in range(0, len(acts), 7):
        for _ in range(dice.choice((1, 2))):
            told += world.act(*acts[start : start + 7])
    return told


def together(all_of):
    """Do all of this at once; give what each told, or tell what went wrong."""
    told, faults = [], []

    def one(work):
        try:
            told.extend(work())
        except Exception as fault:  # noqa: BLE001 — whatever it is, the test tells it
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[work]) for work in all_of]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    close_old_connections()
    assert faults == []
    return told
