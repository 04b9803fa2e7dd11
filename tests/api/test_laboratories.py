"""Laboratories over the API: a run is sent, looked at, signed by a second machine's person, and what is odd settled."""

import pytest

from sizao.records.models import LabOddity, LabRun, Tube
from sizao.terms import Role
from tests.response.laboratory_world import Laboratory, quantstudio
from tests.response.testing_world import COUNTY, ELSEWHERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return Laboratory()


@pytest.fixture
def technician(world, machine):
    return machine(Role.LAB_TECHNICIAN, COUNTY)


@pytest.fixture
def reviewer(world, machine):
    return machine(Role.LAB_REVIEWER, COUNTY)


def run(key, *readings, **more):
    return {"source_key": key, "readings": [{"tube": tube, "found": found} for tube, found in readings]} | more


class TestLaboratories:
    def test_are_registered_and_listed(self, world, machine):
        planner = machine(Role.TESTING_COORDINATOR, COUNTY)
        body = {"code": "NEW-1", "name": "新一", "area_code": COUNTY, "tubes_per_hour": 500}
        assert planner.post("laboratories", body).json()["code"] == "NEW-1"
        assert planner.post("laboratories", body).status_code == 409
        assert [one["code"] for one in planner.get("laboratories").json()] == ["GC-1", "NEW-1"]
        assert machine(Role.TESTING_COORDINATOR, ELSEWHERE).get("laboratories").json() == []


class TestRuns:
    def test_are_taken_once_and_signed_by_another(self, world, technician, reviewer):
        body = run("1", (world.tubes[0], "positive"), (world.tubes[1], "negative"))
        first = technician.post("laboratories/GC-1/runs", body).json()
        assert (first["is_new"], first["run"]["n_positive"], first["odd"]) == (True, 1, {})
        assert technician.post("laboratories/GC-1/runs", body).json()["is_new"] is False
        number = first["run"]["number"]
        assert technician.post(f"lab-runs/{number}/release", {}).status_code == 403
        assert reviewer.post(f"lab-runs/{number}/release", {"seen": 1}).status_code == 409
        done = reviewer.post(f"lab-runs/{number}/release", {"seen": 2}).json()
        assert (done["state"], done["released_by"]) == ("released", reviewer.account.username)
        assert Tube.objects.get(round=world.round, code=world.tubes[0]).result == "positive"
        assert reviewer.post(f"lab-runs/{number}/release", {}).status_code == 409
        back = reviewer.post(f"lab-runs/{number}/withdraw", {"reason": "mixed up"}).json()
        assert back["state"] == "withdrawn"
        assert Tube.objects.get(round=world.round, code=world.tubes[0]).result is None

    def test_say_codes_and_never_who(self, world, technician):
        readings = [{"tube": world.tubes[0], "ct": {"ORF1ab": 28.4, "N": 29.1, "IC": None}, "well": "A1"}]
        sent = technician.post("laboratories/GC-1/runs", run("1") | {"readings": readings, "kit": "orf1ab-n"}).json()
        told = technician.get(f"lab-runs/{sent['run']['number']}").json()
        assert told["readings"] == [
            {"round": "R001", "tube": world.tubes[0], "found": "positive", "well": "A1", "ct": [28.4, 29.1, None]}
        ]
        assert [one["number"] for one in technician.get("laboratories/GC-1/runs").json()["rows"]] == [
            sent["run"]["number"]
        ]

    def test_come_as_the_instrument_wrote_them(self, world, technician):
        content = quantstudio(world.tubes).encode()
        address = "/api/laboratories/GC-1/runs/file?name=run.txt&kit=orf1ab-n"
        sent = technician._client.post(address, content, content_type="application/octet-stream")
        assert sent.json()["run"]["n_readings"] == 4
        again = technician._client.post(address, content, content_type="application/octet-stream").json()
        assert (again["is_new"], LabRun.objects.count()) == (False, 1)
        wrong = technician._client.post(address, b"what is this", content_type="application/octet-stream")
        assert wrong.status_code == 422
        assert wrong.json()["code"] == "laboratory.layout.unreadable"

    def test_are_refused_in_words(self, world, technician):
        for body, status in (
            (run("1", (world.tubes[0], "maybe")), 422),
            (run("1"), 422),
            (run("1", *((world.tubes[0], "negative") for _ in range(5001))), 422),
            (run("1", (world.tubes[0], "negative"), kit="none such"), 422),
            (run("1", (world.tubes[0], "negative"), plate="none such"), 404),
        ):
            assert technician.post("laboratories/GC-1/runs", body).status_code == status
        assert not LabRun.objects.exists()

    def test_are_of_a_laboratory_of_one_s_own(self, world, machine):
        elsewhere = machine(Role.LAB_TECHNICIAN, ELSEWHERE)
        body = run("1", (world.tubes[0], "negative"))
        assert elsewhere.post("laboratories/GC-1/runs", body).status_code == 404
        assert elsewhere.get("laboratories/GC-1/oddities").status_code == 404
        assert machine(Role.SAMPLER, COUNTY).post("laboratories/GC-1/runs", body).status_code == 403


class TestPlates:
    def test_are_sent_whole(self, world, technician):
        body = {"code": "P1", "wells": {"A1": world.tubes[0], "H11": "NC", "H12": "PC"}}
        assert technician.post("laboratories/GC-1/plates", body).json()["wells"] == body["wells"]
        assert technician.post("laboratories/GC-1/plates", body).status_code == 200
        other = {"code": "P1", "wells": {"A1": world.tubes[1]}}
        assert technician.post("laboratories/GC-1/plates", other).status_code == 409
        assert technician.post("laboratories/GC-1/plates", {"code": "P2", "wells": {"A1": "1"}}).status_code == 422
        assert [one["code"] for one in technician.get("laboratories/GC-1/plates").json()["rows"]] == ["P1"]
        told = technician.post("laboratories/GC-1/runs", run("1", (world.tubes[0], "negative"), plate="P1")).json()
        assert told["odd"] == {"control_failed": 2}


class TestOddities:
    def test_are_listed_and_settled_once(self, world, technician):
        wrong = world.tubes[0][:-1] + str((int(world.tubes[0][-1]) + 1) % 10)
        technician.post("laboratories/GC-1/runs", run("1", (wrong, "negative")))
        [one] = technician.get("laboratories/GC-1/oddities").json()
        assert (one["kind"], one["tube"]) == ("unreadable_tube", wrong)
        address = f"lab-oddities/{one['number']}/settle"
        assert technician.post(address, {}).status_code == 422
        assert technician.post(address, {"tube": world.tubes[0]}).status_code == 200
        assert technician.post(address, {"tube": world.tubes[0]}).status_code == 409
        assert LabRun.objects.count() == 2
        assert LabOddity.objects.get(pk=one["number"]).sent is None
