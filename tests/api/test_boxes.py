"""Boxes over the API: devices send what they did, laboratories receive, others read where boxes stand."""

import json
from pathlib import Path

import pytest

from sizao.records.models import HandOver, SampleBox
from sizao.terms import OutbreakKind, Role
from tests.response.chain_world import ChainWorld
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LATER = "as_of=2021-02-20T16:00:00%2B08:00"


@pytest.fixture
def world(noise):
    return ChainWorld(kind=OutbreakKind.REPLAY)


@pytest.fixture
def rounds(world):
    return f"outbreaks/{world.outbreak.slug}/rounds/{world.round.number}"


def act(key, what, box, **facts):
    return {"source_key": key, "act": what, "box": box.code, "happened_at": NOW.isoformat()} | facts


class TestActs:
    def test_are_recorded_once_and_answered_one_by_one(self, world, rounds, machine):
        device = machine(Role.COURIER, COUNTY)
        box, [code] = world.boxes[0], world.filled(1)
        sent = {
            "acts": [
                act("1", "put_in", box, tube=code),
                act("2", "closed", box),
                act("3", "handed_over", box, kind="picked_up", vehicle="冀A12345"),
                act("4", "put_in", box, tube="1"),
            ]
        }
        first = device.post(f"{rounds}/box-acts?{LATER}", sent).json()["acts"]
        assert [one["answer"] for one in first] == ["taken", "taken", "taken", "queued"]
        assert first[3]["oddities"] == ["unreadable_tube"]
        again = device.post(f"{rounds}/box-acts?{LATER}", sent).json()["acts"]
        assert [one["answer"] for one in again] == ["repeated", "repeated", "repeated", "queued"]
        assert HandOver.objects.count() == 2

    def test_are_at_most_so_many(self, world, rounds, machine):
        sent = {"acts": [act(str(n), "closed", world.boxes[0]) for n in range(501)]}
        assert machine(Role.COURIER, COUNTY).post(f"{rounds}/box-acts", sent).status_code == 422

    def test_are_of_a_round_of_one_s_own(self, world, rounds, machine):
        sent = {"acts": [act("1", "closed", world.boxes[0])]}
        assert machine(Role.COURIER, ELSEWHERE).post(f"{rounds}/box-acts", sent).status_code == 404
        assert machine(Role.REPORTER, COUNTY).post(f"{rounds}/box-acts", sent).status_code == 403

    def test_say_what_no_act_is(self, world, rounds, machine):
        sent = {"acts": [act("1", "handed_over", world.boxes[0], kind="received")]}
        answer = machine(Role.COURIER, COUNTY).post(f"{rounds}/box-acts?{LATER}", sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "testing.box_act.unreadable")

    def test_of_the_guide_are_read_as_they_stand_there(self, world, rounds, machine):
        guide = (ROOT / "docs" / "guide" / "from-tube-to-laboratory.md").read_text(encoding="utf-8")
        sent = json.loads(guide.partition("```json")[2].partition("```")[0])
        told = machine(Role.COURIER, COUNTY).post(f"{rounds}/box-acts?{LATER}", sent).json()["acts"]
        # The box and the tube of the guide are the first that an installation prints.
        assert [one["answer"] for one in told] == ["taken", "taken", "taken"]


class TestReceipts:
    def ask(self, world, **facts):
        return {"source_key": "k", "laboratory": "L1"} | facts

    def test_tell_what_lacks(self, world, machine):
        here, lost = world.filled(2)
        box = world.pack(world.boxes[0], [here, lost])
        desk, address = machine(Role.LAB_TECHNICIAN, COUNTY), f"outbreaks/{world.outbreak.slug}/receipts?{LATER}"
        told = desk.post(address, self.ask(world, box=box.code, tubes=[here, "12"])).json()
        assert (told["received"], told["lacking"], told["again"]) == ([here], [lost], False)
        assert told["odd"] == [{"tube": "12", "kind": "unreadable_tube"}]
        assert desk.post(address, self.ask(world, box=box.code, tubes=[here])).json()["again"] is True
        told = desk.post(address, self.ask(world, box=box.code, all_there=True, source_key="l")).json()
        assert (told["received"], told["before"], told["lacking"]) == ([lost], [here], [])
        assert SampleBox.objects.get(pk=box.pk).n_received == 2

    def test_take_tubes_without_a_box(self, world, machine):
        codes = world.filled(2)
        desk, address = machine(Role.LAB_TECHNICIAN, COUNTY), f"outbreaks/{world.outbreak.slug}/receipts?{LATER}"
        assert desk.post(address, self.ask(world, tubes=codes)).json()["received"] == codes

    def test_are_of_a_laboratory_of_one_s_own(self, world, machine):
        address = f"outbreaks/{world.outbreak.slug}/receipts?{LATER}"
        stranger = machine(Role.LAB_TECHNICIAN, ELSEWHERE).post(address, self.ask(world, tubes=["1"]))
        assert (stranger.status_code, stranger.json()["code"]) == (422, "api.laboratory.unreadable")
        assert machine(Role.COURIER, COUNTY).post(address, self.ask(world, tubes=["1"])).status_code == 403
        desk = machine(Role.LAB_TECHNICIAN, COUNTY)
        assert desk.post(address, self.ask(world, box="B1", tubes=["1"])).status_code == 404


class TestReading:
    def test_lists_boxes_page_by_page(self, world, rounds, machine):
        world.pack(world.boxes[1], world.filled(2))
        reader = machine(Role.COURIER, COUNTY)
        first = reader.get(f"{rounds}/boxes", size=2).json()
        assert [(one["state"], one["n_tubes"]) for one in first] == [("empty", 0), ("packed", 2)]
        assert first[1]["is_late"] is True
        rest = reader.get(f"{rounds}/boxes", size=2, after=first[1]["code"]).json()
        assert [one["code"] for one in rest] == [world.boxes[2].code]

    def test_reads_one_with_its_history(self, world, rounds, machine):
        codes = world.filled(2)
        box = world.pack(world.boxes[0], codes)
        reader = machine(Role.COURIER, COUNTY)
        one = reader.get(f"{rounds}/boxes/{box.code}").json()
        assert (one["tubes"], [step["kind"] for step in one["hand_overs"]]) == (codes, ["closed"])
        assert one["basis"][0]["key"] == "testing.region.transport_hours"
        assert reader.get(f"{rounds}/boxes/B1").status_code == 404

    def test_reads_what_is_on_its_way(self, world, rounds, machine):
        world.pack(world.boxes[0], world.filled(2))
        told = machine(Role.REPORTER, COUNTY).get(f"{rounds}/chain", as_of="2021-02-20T16:00:00+08:00").json()
        assert [(one["laboratory"], one["boxes"], one["tubes"]) for one in told["in_transit"]] == [("L1", 1, 2)]
        assert [(one["code"], one["on_the_way"]) for one in told["laboratories"]] == [("L1", 2), ("L2", 0)]
