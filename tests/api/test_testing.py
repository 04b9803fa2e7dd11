"""Testing rounds over the API: devices send their outboxes, others read how far a round has come."""

from datetime import timedelta

import pytest

from sizao.records.models import Swab
from sizao.terms import OutbreakKind, Role
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY)


@pytest.fixture
def swabs(world):
    return f"outbreaks/{world.outbreak.slug}/rounds/{world.round.number}/swabs?as_of=2021-02-20T11:00:00%2B08:00"


def sent(key, code, **who):
    return {"source_key": key, "tube": code, "taken_at": NOW.isoformat()} | who


class TestSwabs:
    def test_are_registered_once_and_answered_one_by_one(self, world, swabs, machine):
        device = machine(Role.SAMPLER, COUNTY)
        code = next(world.codes)
        box = {"swabs": [sent("1", code, entry=1), sent("2", "000000000000", entry=2)]}
        first = device.post(swabs, box).json()
        assert [one["answer"] for one in first["swabs"]] == ["taken", "queued"]
        assert first["swabs"][0] == {
            "source_key": "1", "answer": "taken", "oddities": [], "in_tube": 1, "tube_size": 5,
        }  # fmt: skip
        assert first["swabs"][1]["oddities"] == ["unreadable_tube"]
        assert device.post(swabs, box).json()["swabs"][0]["answer"] == "repeated"
        assert Swab.objects.filter(round=world.round).count() == 1

    def test_are_at_most_so_many(self, world, swabs, machine):
        box = {"swabs": [sent(str(n), "1", entry=1) for n in range(501)]}
        assert machine(Role.SAMPLER, COUNTY).post(swabs, box).status_code == 422

    def test_are_of_a_round_of_one_s_own(self, world, swabs, machine):
        box = {"swabs": [sent("1", next(world.codes), entry=1)]}
        assert machine(Role.SAMPLER, ELSEWHERE).post(swabs, box).status_code == 404
        assert machine(Role.REPORTER, COUNTY).post(swabs, box).status_code == 403


class TestCoverage:
    def test_is_read_by_area(self, world, swabs, machine):
        machine(Role.SAMPLER, COUNTY).post(swabs, {"swabs": [sent("1", next(world.codes), entry=1)]})
        address = f"outbreaks/{world.outbreak.slug}/rounds/R001/coverage"
        read = machine(Role.REPORTER, COUNTY).get(address, level="village").json()
        assert (read["total"]["expected"], read["total"]["registered"], read["total"]["missed"]) == (12, 1, 11)
        assert [one["coverage"]["expected"] for one in read["areas"]] == [8, 4]

    def test_of_a_past_moment_is_what_was_known(self, world, machine):
        address = f"outbreaks/{world.outbreak.slug}/rounds/R001/coverage"
        before = (NOW - timedelta(days=5)).isoformat()
        assert machine(Role.REPORTER, COUNTY).get(address, as_of=before).json()["total"]["expected"] == 0


class TestRounds:
    def test_are_listed_with_their_state(self, world, machine):
        address = f"outbreaks/{world.outbreak.slug}/rounds"
        [one] = machine(Role.REPORTER, COUNTY).get(address, as_of=NOW.isoformat()).json()
        assert (one["number"], one["state"], one["pool_size"]) == ("R001", "open", 5)
        assert machine(Role.REPORTER, ELSEWHERE).get(address).json() == []
