"""Rounds over the API: planned, given sites, opened, closed, set aside, destroyed; and their board."""

import pytest

from sizao.records.models import TestingRound
from sizao.terms import OutbreakKind, Role
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW, OTHER_VILLAGE, VILLAGE, World

pytestmark = pytest.mark.django_db
LATER = "as_of=2021-02-20T12:00:00%2B08:00"
EARLY = "as_of=2021-02-20T05:30:00%2B08:00"
PLACES = {
    "villages": [{"code": VILLAGE, "longitude": 114.9, "latitude": 38.0},
                 {"code": OTHER_VILLAGE, "longitude": 114.92, "latitude": 38.01}],
    "sites": [{"name": "村委会", "area_code": VILLAGE, "tables": 2, "longitude": 114.9, "latitude": 38.0}],
    "laboratories": [{"code": "L1", "tubes_per_hour": 50, "longitude": 114.95, "latitude": 38.0}],
}  # fmt: skip


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY, opened=False)


@pytest.fixture
def coordinator(machine):
    return machine(Role.TESTING_COORDINATOR, "1301")


@pytest.fixture
def rounds(world):
    return f"outbreaks/{world.outbreak.slug}/rounds"


class TestARound:
    def test_goes_from_its_plan_to_its_certificate(self, world, rounds, coordinator):
        planned = {"name": "第二轮", "areas": [COUNTY], "pool_size": 5, "begins_at": NOW.isoformat()}
        made = coordinator.post(f"{rounds}?{EARLY}", planned).json()
        assert (made["number"], made["state"]) == ("R002", "planned")
        one = f"{rounds}/R001"
        assert coordinator.post(f"{one}/open?{EARLY}").json()["state"] == "open"
        assert coordinator.post(f"{one}/close?{LATER}").json()["missed"] == 12
        assert coordinator.post(f"{one}/archive?{LATER}").json()["state"] == "archived"
        said = coordinator.post(f"{one}/destroy?{LATER}").json()
        assert said["tables"]["rosterentry"]["rows"] == 12
        assert coordinator.post(f"{one}/destroy?{LATER}").status_code == 409

    def test_cannot_skip_a_step(self, world, rounds, coordinator):
        refused = coordinator.post(f"{rounds}/R001/close?{LATER}")
        assert refused.status_code == 409
        assert refused.json()["code"] == "testing.round_cannot_move"

    def test_is_opened_by_who_may_and_where_they_may(self, world, rounds, machine):
        assert machine(Role.REPORTER, COUNTY).post(f"{rounds}/R001/open").status_code == 403
        assert machine(Role.TESTING_COORDINATOR, ELSEWHERE).post(f"{rounds}/R001/open").status_code == 404
        assert TestingRound.objects.get(pk=world.round.pk).opened_at is None


class TestAPlan:
    def test_becomes_the_sites_of_the_round(self, world, rounds, coordinator, machine):
        made = coordinator.post(f"{rounds}/R001/plans?{EARLY}", PLACES).json()
        assert made["state"] == "made"
        assert made["sums"]["people"] == 12
        held = f"{rounds}/R001/plans/{made['plan']}"
        assert coordinator.get(held).json() == made
        [site] = coordinator.post(f"{held}/accept?{EARLY}").json()
        assert (site["name"], site["people"]) == ("村委会", 12)
        assert machine(Role.REPORTER, COUNTY).get(f"{rounds}/R001/sites").json() == [site]
        assert coordinator.get(f"{rounds}/R001/plans/999999").status_code == 404

    def test_of_places_elsewhere_is_refused(self, world, rounds, coordinator):
        astray = PLACES | {"sites": [PLACES["sites"][0] | {"area_code": ELSEWHERE}]}
        refused = coordinator.post(f"{rounds}/R001/plans?{EARLY}", astray)
        assert refused.json()["code"] == "testing.places.unreadable"
        assert refused.json()["facts"]["errors"][0]["field"] == "area_code"

    def test_needs_places(self, world, rounds, coordinator):
        assert coordinator.post(f"{rounds}/R001/plans?{EARLY}").json()["code"] == "testing.places.missing"


class TestASite:
    def test_is_added_by_hand(self, world, rounds, coordinator):
        site = {"name": "小学", "area_code": VILLAGE, "n_tables": 3}
        added = coordinator.post(f"{rounds}/R001/sites?{EARLY}", site).json()
        assert (added["number"], added["n_tables"], added["people"]) == (1, 3, None)


class TestABoard:
    def test_says_who_came_where(self, world, rounds, coordinator, machine):
        made = coordinator.post(f"{rounds}/R001/plans?{EARLY}", PLACES).json()
        [site] = coordinator.post(f"{rounds}/R001/plans/{made['plan']}/accept?{EARLY}").json()
        world.round.refresh_from_db()
        world.open()
        world.register(*(world.swab(f"s{n}", next(world.codes), n, site=site["site"]) for n in (1, 2, 3)))
        told = machine(Role.REPORTER, COUNTY).get(f"{rounds}/R001/board?{LATER}").json()
        assert told["total"]["registered"] == 3
        [shown] = told["sites"]
        assert (shown["registered"], shown["queue"]) == (3, 9)
        assert told["forecast"]["pace"] >= 0
