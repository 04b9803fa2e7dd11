"""The line list: who is on it, by what was known, for whom; and what may be taken away."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from sizao.records import keyset
from sizao.records.models import CaseChange, Contact, ContactChange, Event, Stay
from sizao.terms import CaseStatus, ContactKind, ContactState, Role, StayKind
from tests import factories
from tests.web.conftest import DAY, MORNING, at

pytestmark = pytest.mark.django_db


def known_case(outbreak, *, number="HB-1", status=CaseStatus.CONFIRMED, moment=MORNING, name=None, **facts):
    someone = factories.person(number=number, name=name, registered_at=moment, **facts)
    case = factories.case(of=someone, within=outbreak, number=number, opened_at=moment, status=status)
    CaseChange.objects.create(case=case, status=status, at=moment, by="sizao", source_key=f"{number}:{status}")
    return case


def known_contact(outbreak, *, number="HB-9", moment=MORNING, state=ContactState.FOUND, **facts):
    contact = Contact.objects.create(
        outbreak=outbreak, person=factories.person(number=number, **facts), kind=ContactKind.CLOSE, state=state,
        area_code=factories.VILLAGE, found_at=moment, source="test", source_key=number,
    )  # fmt: skip
    ContactChange.objects.create(contact=contact, state=state, at=moment, by="sizao", source_key=number)
    return contact


class TestTheList:
    def test_shows_the_cases_known_on_the_day_and_no_others(self, outbreak, client_of):
        known_case(outbreak)
        known_case(outbreak, number="HB-2", moment=MORNING + timedelta(days=1))
        page = client_of().get(at("/people/")).content.decode()
        assert "HB-1" in page
        assert "HB-2" not in page
        assert "410102" not in page

    def test_says_the_status_of_the_day_not_of_today(self, outbreak, client_of):
        case = known_case(outbreak, status=CaseStatus.POSITIVE)
        CaseChange.objects.create(
            case=case, status=CaseStatus.CONFIRMED, at=MORNING + timedelta(days=1), by="sizao", source_key="later"
        )
        asked = client_of()
        assert "Preliminary positive</span>" in asked.get(at("/people/")).content.decode()
        assert "HB-1" not in asked.get(at("/people/", status="confirmed")).content.decode()
        assert "HB-1" in asked.get(at("/people/", DAY + timedelta(days=1), status="confirmed")).content.decode()

    def test_shows_no_onset_before_the_investigation(self, outbreak, client_of):
        case = known_case(outbreak)
        case.onset_date, case.investigated_at = DAY - timedelta(days=3), MORNING + timedelta(days=1)
        case.save()
        asked = client_of()
        assert str(case.onset_date) not in asked.get(at("/people/")).content.decode()
        assert str(case.onset_date) in asked.get(at("/people/", DAY + timedelta(days=1))).content.decode()

    @pytest.mark.parametrize("text", ["HB-1", "王小明", "wxm"])
    def test_finds_by_number_by_exact_name_and_by_initials(self, outbreak, client_of, text):
        known_case(outbreak, name="王小明", initials="wxm")
        known_case(outbreak, number="QQ-2", name="李大力", initials="ldl")
        page = client_of().get(at("/people/", q=text)).content.decode()
        assert "HB-1" in page
        assert "QQ-2" not in page

    def test_narrows_contacts_to_those_whose_location_is_not_known(self, outbreak, client_of):
        lost, found = known_contact(outbreak), known_contact(outbreak, number="HB-8")
        Stay.objects.create(
            person=found.person, kind=StayKind.ROOM, area_code=factories.VILLAGE, period=(MORNING, None),
            party=-found.person.pk, recorded_at=MORNING, source_key="stay",
        )  # fmt: skip
        page = client_of().get(at("/people/", list="contacts", lack="location")).content.decode()
        assert lost.person.number in page
        assert found.person.number not in page

    def test_turns_pages_by_key_both_ways_and_loses_nobody(self, outbreak, monkeypatch):
        from sizao.records.models import Case

        for number in range(7):
            known_case(outbreak, number=f"HB-{number}", moment=MORNING + timedelta(hours=number // 3))
        rows = Case.objects.filter(outbreak=outbreak)
        first = keyset.page(rows, moment="opened_at", size=3)
        second = keyset.page(rows, moment="opened_at", size=3, older_than=first.older)
        third = keyset.page(rows, moment="opened_at", size=3, older_than=second.older)
        assert [one.number for page in (first, second, third) for one in page.rows] == [
            f"HB-{number}" for number in reversed(range(7))
        ]
        back = keyset.page(rows, moment="opened_at", size=3, newer_than=third.newer)
        assert back.rows == second.rows
        assert first.newer is None
        assert third.older is None


class TestRefusals:
    def test_hides_other_jurisdictions(self, outbreak, client_of):
        known_case(outbreak)
        page = client_of(area_code="130102").get(at("/people/"))
        assert page.status_code == 200
        assert "HB-1" not in page.content.decode()
        assert client_of(area_code="130102").get(at("/people/", area="130109")).status_code == 404

    def test_refuses_a_role_without_the_right(self, outbreak, client_of):
        assert client_of(Role.AREA_OFFICER).get(at("/people/")).status_code == 403

    @pytest.mark.parametrize("asked", [{"status": "ill"}, {"lack": "money"}, {"list": "dogs"}, {"after": "x"}])
    def test_says_what_may_be_asked(self, outbreak, client_of, asked):
        assert client_of().get(at("/people/", **asked)).status_code in (400, 409)


class TestTheExport:
    def test_holds_the_filtered_list_and_says_who_took_it(self, outbreak, client_of):
        known_case(outbreak, name="=HYPERLINK(1)")
        known_case(outbreak, number="HB-2", status=CaseStatus.ASYMPTOMATIC)
        answer = client_of().get(at("/people/export/", status="confirmed"))
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        rows = book.get_sheet_by_index(0).to_python()
        assert [row[0] for row in rows[1:]] == ["HB-1"]
        assert rows[1][1] == "=HYPERLINK(1)"  # text, not a formula
        origin = dict(row[:2] for row in book.get_sheet_by_index(1).to_python())
        assert "user-" in origin["Taken by"]
        taken = Event.objects.get(verb="people.exported")
        assert taken.facts["rows"] == 1

    def test_takes_its_own_right(self, outbreak, client_of):
        assert client_of(Role.INVESTIGATOR).get(at("/people/export/")).status_code == 403
        assert not Event.objects.filter(verb="people.exported").exists()
