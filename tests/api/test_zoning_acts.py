"""What a machine may do with zones: propose, change, look after them from inside; and what it is refused."""

from datetime import date

import pytest

from sizao.records.models import Area, ZonePassage, ZoneRequest
from sizao.terms import Role, ZoneLevel, ZoneMeasure
from tests import factories
from tests.factories import NOW, VILLAGE
from tests.response import zone_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_january")]
DECISION = {
    "level": "medium", "measures": [str(ZoneMeasure.CARE_PATH)], "legal_basis": "传染病防治法", "reason": "x",
    "expected_until": "2021-01-20",
}  # fmt: skip


class TestProposing:
    def test_takes_a_unit_of_the_choices(self, officer, within):
        (option, *_) = officer.get("outbreaks/hebei/zone-options", area="130109").json()["options"]
        assert [unit["key"] for unit in option["units"]] == [VILLAGE]
        made = officer.post("outbreaks/hebei/zones/proposed", DECISION | {"area": "130109", "units": [VILLAGE]})
        assert [one["zone"]["state"] for one in made.json()] == ["proposed"]

    def test_says_what_a_decision_lacks(self, officer, within):
        given = DECISION | {"area": "130109", "units": [VILLAGE], "legal_basis": " "}
        answer = officer.post("outbreaks/hebei/zones/proposed", given)
        assert (answer.status_code, answer.json()["code"]) == (409, "zone.basis_missing")

    def test_refuses_an_outline_that_is_none(self, officer, within):
        given = DECISION | {"area": "130109", "boundary": {"type": "Polygon", "coordinates": [[[1, 2]]]}}
        assert officer.post("outbreaks/hebei/zones/drawn", given).status_code in (409, 422)


class TestChanging:
    def test_extends_regrades_and_says_what_lifting_lacks(self, officer, zone):
        assert officer.post(f"zones/{zone.pk}/regrade", {"level": "medium"}).json()["zone"]["level"] == "medium"
        answer = officer.post(f"zones/{zone.pk}/extend", {"until": "2021-01-20", "reason": "新增1例"})
        assert answer.json()["history"][-1]["act"] == "extended"
        found = officer.get(f"zones/{zone.pk}/conditions").json()
        assert {one["kind"] for one in found} >= {"days_without_case"}

    def test_keeps_the_way_to_care_open(self, officer, zone):
        zone.expected_until = date(2021, 1, 20)
        zone.save()
        given = {"measures": [str(ZoneMeasure.PROTECT)], "legal_basis": "x", "reason": "x"}
        assert officer.post(f"zones/{zone.pk}/measures", given).json()["code"] == "zone.care_path_missing"

    def test_redraws_only_what_was_drawn(self, officer, zone):
        ring = [[[114, 38], [114.01, 38], [114.01, 38.01], [114, 38]]]
        given = {"boundary": {"type": "Polygon", "coordinates": ring}, "reason": "x"}
        assert officer.post(f"zones/{zone.pk}/redraw", given).json()["code"] == "zone.not_drawn"


class TestInside:
    def test_asks_serves_and_counts(self, worker, zone):
        _, (person,) = world.home("李某")
        asked = worker.post(f"zones/{zone.pk}/requests", {"person": person.number, "kind": "care"}).json()
        assert worker.get(f"zones/{zone.pk}/inside").json()["care_waiting"] == 1
        assert [one["id"] for one in worker.get(f"zones/{zone.pk}/requests").json()] == [asked["id"]]
        gate = world.gate(zone)
        acts = {"passed": [
            {"key": "a", "happened_at": NOW.isoformat(), "gate": gate.pk, "way": "out", "reason": "medical",
             "outcome": outcome, "person": person.number} | {"key": outcome}
            for outcome in ("refused", "passed")
        ]}  # fmt: skip
        told = worker.post(f"zones/{zone.pk}/acts", acts).json()
        assert [(one["answer"], one["code"]) for one in told] == [("refused", "zone.care_stays_open"), ("taken", None)]
        assert (ZonePassage.objects.count(), ZoneRequest.objects.get().outcome) == (1, "served")

    def test_names_nobody_of_elsewhere(self, worker, machine, zone):
        _, (stranger,) = world.home("外人", area_code="130109110217")
        answer = worker.post(f"zones/{zone.pk}/requests", {"person": stranger.number, "kind": "care"})
        assert answer.status_code == 404
        assert machine(Role.GRID_WORKER, "130109110217").get(f"zones/{zone.pk}/inside").status_code == 404


@pytest.fixture
def officer(machine):
    return machine(Role.AREA_OFFICER, "130109")


@pytest.fixture
def worker(machine):
    return machine(Role.GRID_WORKER, VILLAGE)


@pytest.fixture
def zone(within):
    factories.case(within=within, opened_at=NOW)
    return world.zone(within, level=ZoneLevel.HIGH, measures=[str(ZoneMeasure.CARE_PATH)], legal_basis="传染病防治法")


@pytest.fixture(autouse=True)
def names(db):
    for code, name in (("130109", "藁城区"), ("130109110", "增村镇"), (VILLAGE, "小果庄村")):
        Area.objects.filter(code=code).exists() or factories.area(code, name)
    Area.objects.filter(code=VILLAGE).update(population=1200)


@pytest.fixture(autouse=True)
def a_case(within):
    factories.case(within=within, opened_at=NOW)
