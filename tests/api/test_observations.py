"""Looks after people in a site over the API: each once, each answered, and figures without people."""

import pytest

from sizao.records.models import Observation, Signal
from sizao.terms import OutbreakKind, Role
from tests.response.days_world import COUNTY, ELSEWHERE, NOW, World

pytestmark = pytest.mark.django_db
THEN = "as_of=2022-09-10T09:30:00%2B08:00"


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY)


@pytest.fixture
def site(world):
    return f"outbreaks/here/sites/{world.site.pk}"


def look(person, key="a", **facts):
    return {"source_key": key, "person": person.number, "observed_at": NOW.isoformat(), "temperature_c": 36.5} | facts


class TestObservations:
    def test_are_taken_once_and_answered_one_by_one(self, world, site, machine):
        device = machine(Role.SITE_WORKER, COUNTY)
        looks = {
            "observations": [
                look(world.people[0]), look(world.people[1], "b", temperature_c=3.7),
                look(world.people[2], "c", temperature_c=38.0, symptoms=["dry_cough"]),
            ]
        }  # fmt: skip
        told = device.post(f"{site}/observations?{THEN}", looks).json()["observations"]
        assert [one["answer"] for one in told] == ["kept", "refused", "kept"]
        assert (told[1]["code"], told[2]["reported"]) == ("observation.temperature", ["dry_cough", "fever"])
        assert Signal.objects.count() == 1
        again = device.post(f"{site}/observations?{THEN}", looks).json()["observations"]
        assert [one["answer"] for one in again] == ["again", "refused", "again"]
        assert Observation.objects.count() == 2

    @pytest.mark.parametrize("spoilt", [{"symptoms": ["hiccup"]}, {"observed_at": "noon"}, {"seen": "maybe"}])
    def test_are_refused_whole_where_they_cannot_be_read(self, world, site, machine, spoilt):
        device = machine(Role.SITE_WORKER, COUNTY)
        answer = device.post(f"{site}/observations?{THEN}", {"observations": [look(world.people[0], **spoilt)]})
        assert answer.status_code == 422
        assert not Observation.objects.exists()

    def test_are_not_taken_elsewhere(self, world, site, machine):
        looks = {"observations": [look(world.people[0])]}
        assert machine(Role.SITE_WORKER, ELSEWHERE).post(f"{site}/observations?{THEN}", looks).status_code == 404


class TestTheDay:
    def test_is_told_in_figures(self, world, site, machine):
        device = machine(Role.SITE_WORKER, COUNTY)
        device.post(f"{site}/observations?{THEN}", {"observations": [look(world.people[0], temperature_c=38.0)]})
        answer = device.get(f"{site}/day", as_of="2022-09-10T13:00:00+08:00")
        told = answer.json()
        assert (told["people"], told["alarming"], told["swab_due"]) == (4, 1, 4)
        assert told["sessions"] == [
            {"session": "morning", "reached": 1, "missed": 3}, {"session": "afternoon", "reached": 0, "missed": 0},
        ]  # fmt: skip
        assert not any(person.number in answer.content.decode() for person in world.people)
