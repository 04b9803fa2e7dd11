"""
What goes wrong in a round, one row of a table each: over HTTP, as devices and laboratories meet it.

A row says what happens, what whoever sent it is told, what then waits for a person, and what is kept. Nothing is lost
in any of them, and the kept counts are those of the rows after each.
"""

from datetime import UTC, datetime, timedelta

import pytest

from sizao.engines.tube_codes import code_of
from sizao.records.models import LabOddity, LabReading, Swab, TestingOddity
from sizao.response.testing import coverage
from sizao.terms import Role
from tests.response.laboratory_world import LATER, Laboratory, quantstudio
from tests.response.testing_world import COUNTY, NOW

pytestmark = pytest.mark.django_db
NEVER_PRINTED = code_of(4_000_000_000)
DAY = timedelta(days=1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Desks:
    """A table and a laboratory, each with a machine that sends."""

    def __init__(self, machine):
        self.world = Laboratory()
        self.tubes, self.fresh = self.world.tubes, next(self.world.codes)
        self.device, self.technician = machine(Role.SAMPLER, COUNTY), machine(Role.LAB_TECHNICIAN, COUNTY)
        self.reviewer = machine(Role.LAB_REVIEWER, COUNTY)
        self.world.add("GC-2")

    def swab(self, *people, tube=None, taken_at=NOW, **box):
        """Send a swab of each person of the roster; give what the last is told."""
        path = f"outbreaks/{self.world.outbreak.slug}/rounds/{self.world.round.number}/swabs"
        swabs = [
            {"source_key": f"{tube}-{one}", "tube": tube or self.fresh, "entry": one, "taken_at": taken_at.isoformat()}
            for one in people
        ]
        last = self.device.post(path, {"swabs": swabs, **box}).json()["swabs"][-1]
        return " ".join([last["answer"], *last["oddities"]])

    def read(self, *tubes, key="run", at="GC-1", found="negative"):
        """Send a reading of each tube; give what the laboratory is told."""
        readings = [{"tube": one, "found": found} for one in tubes]
        return self.odd(self.technician.post(f"laboratories/{at}/runs", {"source_key": key, "readings": readings}))

    def file(self, text, name="run.txt"):
        address = f"/api/laboratories/GC-1/runs/file?name={name}&kit=orf1ab-n"
        client = self.technician._client
        return self.odd(client.post(address, text.encode(), content_type="application/octet-stream"))

    def odd(self, answer):
        said = answer.json()
        words = ["new" if said["is_new"] else "completed" if said["completed"] else "known", *sorted(said["odd"])]
        self.number = said["run"]["number"]
        return " ".join(words)

    def release(self):
        answer = self.reviewer.post(f"lab-runs/{self.number}/release", {})
        return answer.json()["state"] if answer.status_code == 200 else answer.json()["code"]

    def waiting(self):
        """Say what waits for a person, in the queue of the round and in that of the laboratories."""
        tables = TestingOddity.objects.filter(settled_at=None).values_list("kind", flat=True)
        laboratories = LabOddity.objects.filter(settled_at=None).values_list("kind", flat=True)
        return {f"round: {one}" for one in tables} | {f"laboratory: {one}" for one in laboratories}

    def kept(self):
        """Say how many swabs and readings there are beside those that were there from the beginning."""
        return Swab.objects.count() - 2 * len(self.tubes), LabReading.objects.count()


def file_twice(desks):
    text = quantstudio(desks.tubes)
    desks.file(text)
    return desks.file(text, name="copy of run.txt")


def file_cut_off(desks):
    text = quantstudio(desks.tubes)
    return desks.file(text[: int(len(text) * 0.6)])


def file_cut_off_then_released(desks):
    file_cut_off(desks)
    return desks.release()


def file_cut_off_then_whole(desks):
    file_cut_off(desks)
    return f"{desks.file(quantstudio(desks.tubes))}, {desks.release()}"


def two_laboratories(desks):
    desks.read(desks.tubes[0])
    return desks.read(desks.tubes[0], key="other", at="GC-2", found="positive")


def two_tubes(desks):
    desks.swab(9)
    return desks.swab(9, tube=next(desks.world.codes))


def sent_again(desks):
    desks.swab(9, 10)
    return desks.swab(9, 10)


def clock_a_day_off(desks):
    return desks.swab(9, taken_at=LATER - DAY - timedelta(minutes=2), sent_at=(LATER - DAY).isoformat())


def result_before_receipt(desks):
    desks.swab(9)
    return desks.read(desks.fresh)


# The controls stand at the end of the file, and went with it.
CUT = {"laboratory: cut_off", "laboratory: control_failed"}
# A tube is received once, so the other laboratory reads it without.
TWO_LABORATORIES = {"laboratory: two_laboratories", "laboratory: before_receipt"}
FAULTS = [
    # what happens, what the sender is told, what waits for a person, swabs and readings kept
    (sent_again, "repeated", set(), (2, 0)),
    (
        lambda desks: desks.swab(*range(1, 7)),
        "taken two_tubes overfull",
        {"round: two_tubes", "round: overfull"},
        (6, 0),
    ),
    (lambda desks: desks.swab(9, tube=NEVER_PRINTED), "queued unknown_tube", {"round: unknown_tube"}, (0, 0)),
    (two_tubes, "taken two_tubes", {"round: two_tubes"}, (2, 0)),
    (clock_a_day_off, "taken clock", {"round: clock"}, (1, 0)),
    (file_twice, "known", set(), (0, 4)),
    (file_cut_off, "new control_failed cut_off", CUT, (0, 2)),
    (file_cut_off_then_released, "laboratory.control_failed", CUT, (0, 2)),
    (file_cut_off_then_whole, "completed, released", set(), (0, 4)),
    (two_laboratories, "new before_receipt two_laboratories", TWO_LABORATORIES, (0, 2)),
    (lambda desks: desks.read(NEVER_PRINTED), "new unknown_tube", {"laboratory: unknown_tube"}, (0, 0)),
    (result_before_receipt, "new before_receipt", {"laboratory: before_receipt"}, (1, 1)),
]
NAMES = [
    "an outbox is sent again", "a tube has more members than its size", "a tube was never printed",
    "a person stands in two tubes", "the clock of a device is a day off", "the same file is imported twice",
    "a file is cut off", "a file that was cut off is released", "a file that was cut off comes whole",
    "two laboratories report one tube", "a reading is of a tube never printed", "a result arrives before the receipt",
]  # fmt: skip


@pytest.fixture
def desks(noise, machine, monkeypatch):
    class Clock:
        @staticmethod
        def now(_):
            return LATER

    monkeypatch.setattr("sizao.web.clock.datetime", Clock)
    return Desks(machine)


@pytest.mark.parametrize(("happens", "told", "waits", "kept"), FAULTS, ids=NAMES)
def test_when(desks, happens, told, waits, kept):
    before = desks.waiting()
    assert happens(desks) == told
    assert desks.waiting() - before == waits
    assert desks.kept() == kept
    counts = coverage.by_area(desks.world.round, as_of=FAR, digits=12)
    assert {area: one for area, one in counts.items() if one != coverage.Coverage()} == coverage.recount(
        desks.world.round
    )
