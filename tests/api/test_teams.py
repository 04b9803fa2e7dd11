"""Teams at the door of machines: who is ready, who works when by number, and the answer to a call."""

import pytest

from sizao.response.tasks import teams
from sizao.response.tasks.teams import members
from sizao.terms import CallKind, Role
from tests.response.teams_world import COUNTY, NEXT, NOW, TeamsWorld

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_tenth_of_july(monkeypatch):
    class Clock:
        @staticmethod
        def now(_):
            return NOW

    monkeypatch.setattr("sizao.web.clock.datetime", Clock)


@pytest.fixture
def world(db):
    return TeamsWorld()


def body(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestReading:
    def test_lists_teams_of_the_jurisdiction_without_names_of_people(self, world, machine):
        team = world.team()
        world.team("邻队", area_code=NEXT)
        answer = machine(Role.DUTY_OFFICER, COUNTY).get("teams")
        assert [row["id"] for row in body(answer)["rows"]] == [team.pk]
        assert "刘队长" not in answer.content.decode()

    def test_tells_readiness_and_that_the_standard_is_unverified(self, world, machine):
        world.team()
        told = body(machine(Role.COMMANDER, "1301").get("teams/readiness"))
        assert told["is_unverified"]
        assert [area["area_code"] for area in told["areas"]] == [COUNTY, NEXT]
        [kind] = [one for one in told["areas"][0]["kinds"] if one["kind"] == "investigation"]
        assert (kind["wanted"], kind["ready"], kind["short"], kind["median_hours"]) == (16, 1, 15, None)
        assert kind["status"] == "unverified"

    def test_tells_shifts_by_staff_number_as_was_known(self, world, machine):
        member = members.of_team(world.team(), NOW)[0]
        shift = world.shift(member, 1, 9)
        client = machine(Role.DUTY_OFFICER, COUNTY)
        assert [row["number"] for row in body(client.get("team-shifts"))["rows"]] == [member.number]
        teams.come(shift=shift, by=world.manager, now=shift.starts_at)
        [row] = body(client.get("team-shifts", as_of=NOW.isoformat()))["rows"]
        assert row["came_at"] is None
        assert body(client.get("team-shifts", as_of="2022-07-09T00:00:00Z"))["rows"] == []


class TestAnswering:
    def call(self, world):
        world.team()
        made = teams.call_out(area_code=COUNTY, kind=CallKind.DRILL, reason="集合", by=world.manager, now=NOW)
        return made.answers.get()

    def test_keeps_that_a_team_heard_and_then_that_it_is_ready(self, world, machine):
        answer, client = self.call(world), machine(Role.DUTY_OFFICER, COUNTY)
        told = body(client.post(f"team-calls/{answer.pk}/answer"))
        assert told["answered_at"] is not None
        assert told["ready_at"] is None
        told = body(client.post(f"team-calls/{answer.pk}/answer", {"people": 4}))
        assert told["people"] == 4
        assert body(client.post(f"team-calls/{answer.pk}/answer", {"people": 1}))["people"] == 4

    def test_is_refused_to_strangers_and_elsewhere(self, world, machine):
        answer = self.call(world)
        assert machine(Role.SAMPLER, COUNTY).post(f"team-calls/{answer.pk}/answer").status_code == 409
        assert machine(Role.DUTY_OFFICER, NEXT).post(f"team-calls/{answer.pk}/answer").status_code == 404
        refused = machine(Role.DUTY_OFFICER, COUNTY).post(f"team-calls/{answer.pk}/answer", {"people": -1})
        assert refused.status_code == 422
