"""One person: the whole course in one timeline, behind the door; and what may be done there."""

from datetime import timedelta

import pytest

from sizao.records.models import Contact, Event, Test, UnmatchedPlace, Visit
from sizao.terms import CaseStatus, EventKind, Role, TestMethod, TestResult
from tests import factories
from tests.web.conftest import DAY, MORNING, at
from tests.web.test_people import known_case

pytestmark = pytest.mark.django_db
TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def case(outbreak):
    case = known_case(outbreak, status=CaseStatus.POSITIVE, name="王小明")
    case.first_positive_date, case.investigated_at = DAY, MORNING
    case.onset_date = DAY - timedelta(days=1)
    case.save()
    factories.case(within=outbreak)  # another, whose course must not mix in
    return case


class TestTheTimeline:
    def test_merges_visits_and_tests_in_order_and_parts_the_visits(self, outbreak, case, client_of):
        hall = factories.place(name="某酒店")
        for number, days_before in enumerate((9, 2)):
            Visit.objects.create(
                outbreak=outbreak, person=case.person, kind=EventKind.GATHERING, place=hall, recorded_at=MORNING,
                first_date=DAY - timedelta(days=days_before), last_date=DAY - timedelta(days=days_before),
                source_key=f"visit:{number}",
            )  # fmt: skip
        Test.objects.create(
            outbreak=outbreak, person=case.person, method=TestMethod.NUCLEIC_ACID, taken_date=DAY,
            result=TestResult.POSITIVE, area_code=factories.VILLAGE, recorded_at=MORNING, source_key="test:1",
        )  # fmt: skip
        page = client_of().get(at("/people/HB-1/")).content.decode()
        places = [page.index(mark) for mark in ("window-before", "window-infectious", "moment-test")]
        assert places == sorted(places)
        assert "investigation.contact_window_days" in page

    def test_leaves_out_what_became_known_later(self, outbreak, case, client_of):
        Test.objects.create(
            outbreak=outbreak, person=case.person, method=TestMethod.NUCLEIC_ACID, taken_date=DAY,
            result=TestResult.POSITIVE, area_code=factories.VILLAGE, recorded_at=MORNING + timedelta(days=1),
            source_key="test:later",
        )  # fmt: skip
        asked = client_of()
        assert "moment-test" not in asked.get(at("/people/HB-1/")).content.decode()
        assert "moment-test" in asked.get(at("/people/HB-1/", TOMORROW)).content.decode()

    def test_is_read_through_the_door(self, case, client_of):
        assert "王小明" in client_of().get(at("/people/HB-1/")).content.decode()
        assert Event.objects.filter(verb="person.read", person_id=case.person_id).count() == 1

    def test_cannot_be_told_from_nobody_elsewhere(self, case, client_of):
        stranger = client_of(area_code="130102")
        hidden, nobody = stranger.get(at("/people/HB-1/")), stranger.get(at("/people/HB-0/"))
        assert hidden.status_code == nobody.status_code == 404
        assert not Event.objects.filter(verb="person.read").exists()

    def test_masks_a_guest_from_elsewhere(self, outbreak, case, client_of):
        """Looked after here, at home there: the number and the course, not the identity."""
        case.area_code = "130102"
        case.save()
        page = client_of(area_code="130102").get(at("/people/HB-1/")).content.decode()
        assert "王小明" not in page
        assert "王**" in page


class TestActs:
    def test_records_an_onset_as_of_the_chosen_day(self, case, client_of):
        investigator = client_of(Role.INVESTIGATOR)
        investigator.post(at("/people/HB-1/investigate/"), {"onset": "2021-01-06"})
        case.refresh_from_db()
        assert str(case.onset_date) == "2021-01-06"
        assert Event.objects.filter(verb="case.investigated", subject_id=case.pk).exists()

    def test_sends_a_place_that_nobody_knows_to_the_queue(self, case, client_of):
        visit = {"kind": "meal", "first": "2021-01-05", "place": "老王饭馆", "place_kind": "restaurant"}
        client_of(Role.INVESTIGATOR).post(at("/people/HB-1/investigate/"), visit)
        assert Visit.objects.get(person=case.person).place is None
        assert UnmatchedPlace.objects.get(text="老王饭馆").mentions == 1

    def test_classifies_with_a_ground_and_refuses_without(self, case, client_of):
        investigator = client_of(Role.INVESTIGATOR)
        answer = investigator.post(at("/people/HB-1/classify/"), {"status": "confirmed", "ground": ""}, follow=True)
        assert "states its ground" in answer.content.decode()
        investigator.post(at("/people/HB-1/classify/"), {"status": "confirmed", "ground": "CT and symptoms"})
        case.refresh_from_db()
        assert case.status == CaseStatus.CONFIRMED

    def test_adds_a_named_contact_and_registers_whom_nobody_knew(self, outbreak, case, client_of):
        contact = {"contact": "NEW-1", "area": factories.VILLAGE, "kind": "close", "last_exposure": "2021-01-09"}
        client_of(Role.INVESTIGATOR).post(at("/people/HB-1/contact/"), contact)
        found = Contact.objects.get(outbreak=outbreak, person__number="NEW-1")
        assert found.index_case == case

    @pytest.mark.parametrize("act", ["investigate", "classify", "contact"])
    def test_takes_the_right_to_it(self, case, client_of, act):
        assert client_of(Role.DUTY_OFFICER).post(at(f"/people/HB-1/{act}/"), {}).status_code == 403
