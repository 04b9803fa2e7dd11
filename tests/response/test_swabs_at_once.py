"""Many devices at once, each with a connection of its own, some sending twice: each swab once, and the counts right."""

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, close_old_connections, connection

from sizao.records.access import NotYours
from sizao.records.models import Swab, TestingRound, Tube
from sizao.response import testing
from sizao.response.testing import coverage, desk, swabs
from sizao.terms import MissedReason, SwabAnswer
from tests.response.testing_world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)
DEVICES, PEOPLE, OUTBOX = 6, 240, 8


@pytest.fixture
def world():
    one = World(people=PEOPLE)
    yield one
    # The round's own tables go with the test.
    with connection.cursor() as cursor:
        for table in ("swab", "tube", "rosterentry"):
            cursor.execute(f"DROP TABLE records_{table}_r{one.round.pk}")


class TestAtOnce:
    def test_counts_are_those_of_the_rows(self, world):
        codes = [next(world.codes) for _ in range(40)]
        answers, faults = [], []
        work = [lambda n=n: device(world, n, codes, answers) for n in range(DEVICES)]
        work += [lambda: grid_worker(world), lambda: laboratory(world, codes)]
        run([lambda one=one: told(one, faults) for one in work])
        assert faults == []
        kept = coverage.by_area(world.round, as_of=NOW + timedelta(days=2), digits=12)
        assert kept == coverage.recount(world.round)
        swabs = Swab.objects.filter(round=world.round)
        counted = Counter(swabs.filter(is_double=False).values_list("entry", flat=True))
        assert set(counted.values()) == {1}
        taken = [one for one in answers if one.answer == SwabAnswer.TAKEN]
        assert len({one.source_key for one in taken}) == len(taken) == swabs.count()

    def test_closing_waits_for_what_is_being_registered(self, world):
        code = next(world.codes)
        began, closed = threading.Event(), threading.Event()
        answers = []

        def device():
            from django.db import transaction

            with transaction.atomic():
                answers.extend(world.register(world.swab("a", code, 1)))
                began.set()
                assert not closed.wait(0.5)  # it cannot be: this transaction holds the round
            connection.close()

        def coordinator():
            began.wait(10)
            world.close(NOW + timedelta(hours=1))
            closed.set()
            connection.close()

        run([device, coordinator])
        assert answers[0].answer == SwabAnswer.TAKEN
        assert TestingRound.objects.get(pk=world.round.pk).registered == 1


class TestDesk:
    def test_writes_together_what_came_while_it_wrote(self, world, monkeypatch):
        sizes, answers = meanwhile(world, monkeypatch, [{}, {}, {"site": 999_999}])
        assert sizes == [1, 3]
        assert [answers[one] for one in (1, 2, 3, 4)] == ["taken", "taken", "taken", NotYours.code]
        assert sorted(Swab.objects.filter(round=world.round).values_list("entry", flat=True)) == [1, 2, 3]

    def test_keeps_the_fault_of_one_from_the_others(self, world, monkeypatch):
        sizes, answers = meanwhile(world, monkeypatch, [{}, {}], faulty="s2")
        assert sizes == [1, 2, 1, 1]
        assert [answers[one] for one in (1, 2, 3)] == ["taken", "OperationalError", "taken"]


def meanwhile(world, monkeypatch, others, *, faulty=None):
    """Let one register, and others come while it is written; give how many were written at a time, and the answers."""
    whole, sizes, answers, go_on = swabs.register_together, [], {"tube": next(world.codes)}, threading.Event()

    def watched(testing_round, outboxes):
        sizes.append(len(outboxes))
        if len(sizes) == 1:
            assert go_on.wait(60)
        if faulty in [one.swabs[0].source_key for one in outboxes]:
            raise OperationalError("deadlock")
        return whole(testing_round, outboxes)

    monkeypatch.setattr(swabs, "register_together", watched)
    each = enumerate(({}, *others), start=1)
    threads = [threading.Thread(target=at_desk, args=(world, answers, n), kwargs=more) for n, more in each]
    threads[0].start()
    until(lambda: sizes)
    for one in threads[1:]:
        one.start()
    until(lambda: len(desk.desk.line) == len(others))
    go_on.set()
    for one in threads:
        one.join(60)
    return sizes, answers


def until(came):
    """Wait until something came, half a minute at the most."""
    for _ in range(3000):
        if came():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def at_desk(world, answers, number, **more):
    """Send one person's swab, in a connection of its own, and note the answer or the refusal."""
    try:
        told = testing.register_at_desk(
            testing_round=TestingRound.objects.get(pk=world.round.pk), by=world.sampler, now=NOW,
            swabs=[world.swab(f"s{number}", answers["tube"], number, **more)],
        )  # fmt: skip
        answers[number] = told[0].answer
    except NotYours as refusal:
        answers[number] = refusal.code
    except OperationalError as fault:
        answers[number] = type(fault).__name__
    finally:
        connection.close()


def device(world, number, codes, answers):
    """Register people who turn up at several tables, and send some outboxes twice, while others do the same."""
    dice = random.Random(number)
    for turn in range(12):
        people = dice.sample(range(1, PEOPLE + 1), OUTBOX)
        tubes = dice.sample(codes, 3)
        sent = [world.swab(f"{number}-{turn}-{n}", dice.choice(tubes), n) for n in people]
        for _ in range(dice.choice((1, 1, 2))):
            answers.extend(world.register(*sent, now=NOW + timedelta(minutes=7 * turn)))


def grid_worker(world):
    dice = random.Random(99)
    for _ in range(40):
        facts = {"entries": [dice.randrange(1, PEOPLE + 1)], "reason": MissedReason.AWAY, "by": world.coordinator}
        with suppress(testing.NotMissed):
            testing.explain_missed(testing_round=world.round, now=NOW, **facts)


def laboratory(world, codes):
    dice = random.Random(7)
    for code in dice.choices(codes, k=60):
        found = dice.choice(("negative", "positive"))
        Tube.objects.filter(round=world.round, code=code).update(result=found, resulted_at=NOW)


def told(work, faults):
    """Do some work in a connection of its own; keep what went wrong for the test."""
    try:
        work()
    except Exception as fault:  # noqa: BLE001 — whatever it is, the test tells it
        faults.append(fault)
    finally:
        connection.close()


def run(all_of):
    threads = [threading.Thread(target=one) for one in all_of]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert not any(one.is_alive() for one in threads)
    close_old_connections()
