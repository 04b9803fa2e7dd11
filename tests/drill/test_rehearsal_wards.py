"""Beds and rooms of a drill: who is taken, who waits, and who goes home."""

from datetime import timedelta

import pytest

from sizao.drill.rehearsal import scenario, wards
from sizao.drill.rehearsal.office import Office
from sizao.records.models import Stay, Test
from sizao.terms import Role, StayKind, TestResult
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
