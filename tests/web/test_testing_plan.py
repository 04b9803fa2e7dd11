"""The plan of a round on screen: files with their faults, the map's points, changes, acceptance, a workbook."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from sizao.records.models import TestingPlan
from sizao.response import testing
from sizao.response.testing import planning
from sizao.terms import OutbreakKind, Role
from tests.response.testing_world import COUNTY, ELSEWHERE, NOW, OTHER_VILLAGE, VILLAGE, World

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 20)
VILLAGES = f"村居代码,经度,纬度\n{VILLAGE},114.90,38.00\n{OTHER_VILLAGE},114.92,38.01\n"
SITES = f"采样点,所在地代码,最多台数,经度,纬度\n村委会,{VILLAGE},2,114.90,38.00\n小学,{OTHER_VILLAGE},2,114.92,38.01\n"
LABORATORIES = "code,name,tubes_per_hour,longitude,latitude\nL1,县疾控中心,50,114.95,38.0\n"


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY, people=30, opened=False)


@pytest.fixture
def officer(client_of):
    return client_of(Role.TESTING_COORDINATOR, "1301")


def at(world, path="plan/"):
    return f"/testing/{world.round.pk}/{path}?outbreak={world.outbreak.slug}&day={DAY}"


def csv(name, text):
    return SimpleUploadedFile(f"{name}.csv", text.encode())


def files(**changed):
    texts = {"villages": VILLAGES, "sites": SITES, "laboratories": LABORATORIES} | changed
    return {name: csv(name, text) for name, text in texts.items()} | {"what": "ask"}


def asked(officer, world, **changed):
    return officer.post(at(world), files(**changed), follow=True)


def test_goes_from_three_files_to_the_sites_of_the_round(world, officer):
    page = asked(officer, world).content.decode()
    assert "for 30 people in 6 tubes." in page
    held = TestingPlan.objects.get()
    assert officer.get(at(world, f"plan/{held.pk}/")).json()["state"] == "made"
    points = officer.get(at(world, f"plan/{held.pk}/points/")).json()
    assert len(points["villages"]) == 2
    assert sum(one["size"] for one in points["sites"]) == held.answer["sums"]["tables"]
    accepted = officer.post(at(world), {"what": "accept", "plan": held.pk}, follow=True).content.decode()
    assert "Accepted in your name" in accepted
    assert sum(one.people for one in world.round.sites.all()) == 30


def test_is_changed_row_by_row(world, officer):
    asked(officer, world)
    first = TestingPlan.objects.get()
    row = first.answer["sites"][0]["row"]
    page = officer.post(at(world), {"what": "change", "plan": first.pk, f"tables-{row}": "0"}, follow=True)
    second = TestingPlan.objects.get(after=first)
    assert row not in {one["row"] for one in second.answer["sites"]}
    assert "people go elsewhere than in the plan before" in page.content.decode()
    refused = officer.post(at(world), {"what": "change", "plan": first.pk, "tables-0": "few"}, follow=True)
    assert "Write a number" in refused.content.decode()


def test_names_the_cell_at_fault(world, officer):
    page = asked(
        officer, world, sites=SITES.replace("小学,", "村委会,").replace(f"{OTHER_VILLAGE},2", f"{VILLAGE},two")
    )
    text = page.content.decode()
    assert "To be corrected" in text
    assert '<td class="number" data-label="Line">3</td>' in text
    assert "the most tables it has room for, 0 to 200" in text
    assert not TestingPlan.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [({"samplers": "some"}, "Write a number from 0"), ({"opens": "23", "closes": "5"}, "hours of one day"),
     ({"people_per_table_hour": "nan"}, "Write a number from 1")],
)  # fmt: skip
def test_says_which_of_the_means_cannot_be_read(world, officer, given, said):
    assert said in officer.post(at(world), files() | given, follow=True).content.decode()


def test_says_what_is_not_known_and_must_be_uploaded(world, officer):
    assert "No sites are known" in officer.post(at(world), {"what": "ask"}, follow=True).content.decode()


def test_of_what_is_short_says_by_how_much(world, officer):
    given = {"complete_hours": "9", "people_per_table_hour": "1"}
    slow = LABORATORIES.replace(",50,", ",1,")
    page = officer.post(at(world), files(laboratories=slow) | given, follow=True).content.decode()
    assert "What makes the time impossible" in page
    assert "9 given (hours)" in page


def test_is_taken_away_as_a_workbook(world, officer):
    asked(officer, world)
    held = TestingPlan.objects.get()
    sent = officer.get(at(world, f"plan/{held.pk}/xlsx/"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sent.streaming_content)))
    rows = book.get_sheet_by_name("Who goes where").to_python()
    assert sum(row[2] for row in rows[1:]) == 30


def test_that_is_large_waits_for_a_worker(world, officer, monkeypatch):
    monkeypatch.setattr(planning, "AT_ONCE", 0)
    page = asked(officer, world).content.decode()
    assert "This plan is being worked out" in page
    held = TestingPlan.objects.get()
    assert officer.get(at(world, f"plan/{held.pk}/")).json()["state"] == "waiting"
    assert officer.get(at(world, f"plan/{held.pk}/points/")).status_code == 409
    testing.work_out_plan(plan=testing.take_plan(by=None, now=NOW), by=None, now=NOW)
    assert officer.get(at(world, f"plan/{held.pk}/")).json()["state"] == "made"


def test_is_not_shown_elsewhere(world, officer, client_of):
    asked(officer, world)
    held = TestingPlan.objects.get()
    assert client_of(Role.TESTING_COORDINATOR, ELSEWHERE).get(at(world)).status_code == 404
    assert client_of(Role.SAMPLER, COUNTY).get(at(world, f"plan/{held.pk}/points/")).status_code == 403
    assert officer.get(at(world, "plan/999999/")).status_code == 404
