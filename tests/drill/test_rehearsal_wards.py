"""Beds and rooms of a drill: who is taken, who waits, and who goes home."""

from datetime import timedelta

import pytest
from django.test import Client

from sizao.drill.rehearsal import scenario, steering, told_file, wards
from sizao.drill.rehearsal.office import Office
from sizao.records import clock, journal
from sizao.records.models import Stay, Test
from sizao.terms import OutbreakKind, Role, StayKind, TestResult
from tests import factories
from tests.drill.test_rehearsal import TOWN

pytestmark = pytest.mark.django_db
NOW = factories.NOW


class Asking:
    """Who is severely ill, as a doctor sees it."""

    def __init__(self, *severe):
        self.severe = {one.number for one in severe}

    def is_severe(self, person, now):
        del now
        return person.number in self.severe


@pytest.fixture
def outbreak():
    return factories.outbreak(slug="hamlet")


def office(outbreak, *severe, beds=1, rooms=1):
    text = TOWN.replace("[habits]", f"[means]\nbeds = {beds}\nrooms = {rooms}\n[habits]")
    staff = {Role.ISOLATION_COORDINATOR: factories.account(role=Role.ISOLATION_COORDINATOR)}
    return Office(scenario.read(text.encode(), "town.toml"), outbreak, staff, Asking(*severe))


def where(case):
    stay = Stay.objects.filter(person=case.person, period__endswith__isnull=True).first()
    return stay and stay.kind


class TestTaking:
    def test_the_severely_ill_get_the_bed_the_next_a_room_and_the_last_waits(self, outbreak):
        early, late, severe = (
            factories.case(within=outbreak, opened_at=NOW + timedelta(minutes=number)) for number in range(3)
        )
        team = office(outbreak, severe.person)
        assert wards.take_to_hospital(team, NOW) == 2
        assert (where(severe), where(early), where(late)) == (StayKind.BED, StayKind.ROOM, None)
        assert wards.take_to_hospital(team, NOW + timedelta(hours=1)) == 0

    def test_who_waits_in_a_room_gets_the_bed_that_falls_free(self, outbreak):
        first, second = factories.case(within=outbreak, opened_at=NOW), factories.case(within=outbreak, opened_at=NOW)
        team = office(outbreak)
        wards.take_to_hospital(team, NOW)
        well(outbreak, first, NOW + timedelta(days=12))
        assert wards.discharge(team, NOW + timedelta(days=13)) == 1
        assert wards.take_to_hospital(team, NOW + timedelta(days=13, hours=1)) == 1
        assert (where(first), where(second)) == (StayKind.HOME, StayKind.BED)


class TestDischarging:
    def test_two_negative_tests_a_day_apart_are_needed(self, outbreak):
        case = factories.case(within=outbreak)
        team = office(outbreak)
        wards.take_to_hospital(team, NOW)
        at = NOW + timedelta(days=12)
        told(outbreak, case, at, TestResult.NEGATIVE)
        assert wards.discharge(team, at) == 0
        told(outbreak, case, at, TestResult.NEGATIVE, again=1)  # on the same day
        assert wards.discharge(team, at) == 0
        told(outbreak, case, at + timedelta(days=2), TestResult.NEGATIVE)
        assert wards.discharge(team, at + timedelta(days=3)) == 1
        assert wards.discharge(team, at + timedelta(days=3, hours=1)) == 0

    def test_a_positive_between_them_begins_the_count_again(self, outbreak):
        case = factories.case(within=outbreak)
        team = office(outbreak)
        wards.take_to_hospital(team, NOW)
        for day, result in enumerate((TestResult.NEGATIVE, TestResult.POSITIVE, TestResult.NEGATIVE)):
            told(outbreak, case, NOW + timedelta(days=10 + 2 * day), result)
        assert wards.discharge(team, NOW + timedelta(days=20)) == 0

    def test_the_severely_ill_stay(self, outbreak):
        case = factories.case(within=outbreak)
        team = office(outbreak, case.person)
        wards.take_to_hospital(team, NOW)
        well(outbreak, case, NOW + timedelta(days=12))
        assert wards.discharge(team, NOW + timedelta(days=13)) == 0

    def test_who_went_home_is_not_taken_again(self, outbreak):
        case = factories.case(within=outbreak)
        team = office(outbreak, beds=1)
        wards.take_to_hospital(team, NOW)
        well(outbreak, case, NOW + timedelta(days=12))
        wards.discharge(team, NOW + timedelta(days=13))
        assert wards.take_to_hospital(team, NOW + timedelta(days=14)) == 0


def told(outbreak, case, at, result, again=0):
    day = outbreak.day_of(at)
    Test.objects.create(
        outbreak=outbreak, person=case.person, method="nucleic_acid", taken_date=day, result=result, resulted_date=day,
        area_code=case.area_code, recorded_at=at, source_key=f"test:{case.pk}:{at}:{again}",
    )  # fmt: skip


def well(outbreak, case, at):
    told(outbreak, case, at - timedelta(days=2), TestResult.NEGATIVE)
    told(outbreak, case, at, TestResult.NEGATIVE)


class TestAtTheScreens:
    """The page on which people do what the script does: the same lists, the same moves."""

    @pytest.fixture
    def drill(self, settings, tmp_path):
        settings.DRILL_REPORT = tmp_path / "report.json"
        factories.area("13", "河北")
        factories.area("1301", "石家庄")
        found = factories.outbreak(slug="town", kind=OutbreakKind.DRILL, area_code="130109")
        journal.write(steering.BEGUN, found, by=None, at=NOW, scenario="x", rooms=1, beds=1)
        for verb, at in ((steering.MORNING_DONE, NOW), (steering.DAY_DONE, NOW)):
            journal.write(verb, found, by=None, at=at, day=0)
        clock.set_to(outbreak=found, at=NOW, before=NOW + timedelta(hours=3))
        return found

    @pytest.fixture
    def coordinator(self):
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(factories.account(role=Role.ISOLATION_COORDINATOR, area_code="1301"))
        return client

    def test_cases_go_to_a_bed_or_a_room_and_home_when_well(self, drill, coordinator):
        first, second = (factories.case(within=drill, area_code="130109", opened_at=NOW) for _ in range(2))
        chosen = {"person": [first.person.number]}
        assert coordinator.post("/drill/wards/move/", {"act": "bed", **chosen}).status_code == 302
        assert coordinator.post("/drill/wards/move/", {"act": "case_room", "person": second.person.number})
        assert (where(first), where(second)) == (StayKind.BED, StayKind.ROOM)
        page = coordinator.get("/drill/wards/").content.decode()
        assert "1 of 1 beds and 1 of 1 rooms are taken." in page
        coordinator.post("/drill/wards/move/", {"act": "home", **chosen})
        assert where(first) == StayKind.BED  # nobody said that this case is well
        well(drill, first, NOW)
        coordinator.post("/drill/wards/move/", {"act": "home", **chosen})
        assert where(first) == StayKind.HOME

    def test_more_than_there_are_beds_are_refused(self, drill, coordinator):
        cases = [factories.case(within=drill, area_code="130109", opened_at=NOW) for _ in range(2)]
        told = {"act": "bed", "person": [one.person.number for one in cases]}
        answer = coordinator.post("/drill/wards/move/", told)
        assert answer.status_code == 409
        assert "2 people were chosen, and 1 are free" in answer.content.decode()
        assert [where(one) for one in cases] == [None, None]

    def test_the_severely_ill_come_first_and_are_not_let_go(self, drill, coordinator):
        early, severe = (
            factories.case(within=drill, area_code="130109", opened_at=NOW + timedelta(minutes=n)) for n in range(2)
        )
        told_file.write(drill, told={}, severe=[severe.person.number])
        page = coordinator.get("/drill/wards/").content.decode()
        assert page.index(severe.person.number) < page.index(early.person.number)
        assert "severely ill" in page
        coordinator.post("/drill/wards/move/", {"act": "bed", "person": severe.person.number})
        well(drill, severe, NOW)
        coordinator.post("/drill/wards/move/", {"act": "home", "person": severe.person.number})
        assert where(severe) == StayKind.BED

    def test_others_places_are_not_theirs(self, drill, coordinator):
        there = factories.person(number="town-9", area_code="130109111200")
        case = factories.case(within=drill, of=there, area_code="130109", opened_at=NOW)
        elsewhere = Client()
        elsewhere.force_login(factories.account(role=Role.ISOLATION_COORDINATOR, area_code="130109110"))
        elsewhere.post("/drill/wards/move/", {"act": "bed", "person": case.person.number})
        assert where(case) is None
        investigator = Client()
        investigator.force_login(factories.account(role=Role.INVESTIGATOR, area_code="1301"))
        assert investigator.get("/drill/wards/").status_code == 403
        assert coordinator.post("/drill/wards/move/", {"act": "fly"}).status_code == 409
