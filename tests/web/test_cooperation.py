"""Requests between authorities on screen: drafted from who lives elsewhere, sent, answered, refused."""

from datetime import timedelta

import pytest

from sizao.records.models import CooperationRequest, Event
from sizao.response import cooperation
from sizao.terms import ExchangeWay, RequestState, Role
from tests import factories
from tests.response.test_cooperation import LAW, THEIRS, request_body, take
from tests.response.test_cooperation import NOW as TAKEN_AT
from tests.web.conftest import MORNING, at

pytestmark = pytest.mark.django_db


class TestAskingOnScreen:
    def test_drafts_about_those_of_one_county_and_sends(self, asking):
        page = asking.client.get(at("/cooperation/new/"))
        assert "2 contacts" in page.text
        answer = asking.client.post(at("/cooperation/new/"), asking.form)
        made = CooperationRequest.objects.get()
        assert answer["Location"].startswith(f"/cooperation/{made.pk}/")
        assert (made.state, made.people.count()) == (RequestState.DRAFT, 2)
        asking.client.post(at(f"/cooperation/{made.pk}/act/"), {"act": "send"})
        assert CooperationRequest.objects.get().state == RequestState.SENT
        assert "2 of them on a request already" in asking.client.get(at("/cooperation/new/")).text

    def test_says_what_is_missing_and_drafts_nothing(self, asking):
        page = asking.client.post(at("/cooperation/new/"), asking.form | {"legal_basis": ""})
        assert "by which law" in page.text
        page = asking.client.post(at("/cooperation/new/"), asking.form | {"asked": "dance"})
        assert page.status_code == 200
        assert not CooperationRequest.objects.exists()

    def test_reading_the_people_of_a_request_is_journalled(self, asking):
        asking.client.post(at("/cooperation/new/"), asking.form)
        made = CooperationRequest.objects.get()
        assert "甲一" in asking.client.get(at(f"/cooperation/{made.pk}/")).text
        assert Event.objects.filter(verb="cooperation.read").count() == 1


class TestAnsweringOnScreen:
    def test_answers_person_by_person(self, asked, client_of):
        client = client_of(Role.DATA_OFFICER, "130109")
        assert "XC41-1" in client.get(at("/cooperation/")).text
        client.post(at(f"/cooperation/{asked.pk}/act/"), {"act": "accept"})
        client.post(
            at(f"/cooperation/{asked.pk}/act/"),
            {"act": "answer", "answer-1": "placed", "note-1": "某酒店", "answer-2": ""},
        )
        assert [one.answer for one in asked.people.order_by("ref")] == ["placed", ""]
        assert "某酒店" in client.get(at(f"/cooperation/{asked.pk}/")).text

    def test_refuses_with_a_reason_only(self, asked, client_of):
        client = client_of(Role.DATA_OFFICER, "130109")
        page = client.post(at(f"/cooperation/{asked.pk}/act/"), {"act": "refuse", "reason": ""}, follow=True)
        assert "Say in a few words why" in page.text
        client.post(at(f"/cooperation/{asked.pk}/act/"), {"act": "refuse", "reason": "非本辖区"})
        assert CooperationRequest.objects.get().state == RequestState.REFUSED

    def test_is_not_there_for_another_county(self, asked, client_of):
        stranger = client_of(Role.DATA_OFFICER, "130502")
        assert stranger.get(at(f"/cooperation/{asked.pk}/")).status_code == 404
        assert stranger.post(at(f"/cooperation/{asked.pk}/act/"), {"act": "accept"}).status_code == 404


class Asking:
    def __init__(self, client, outbreak, officer):
        self.client = client
        authority = cooperation.add_authority(
            name="郑州市疾控中心", area_code="4101", way=ExchangeWay.SYSTEM, address="https://zz.example",
            public_key=THEIRS.public, by=officer, now=MORNING,
        )  # fmt: skip
        index = factories.case(within=outbreak, area_code="130109110212", opened_at=MORNING)
        for _ in range(2):
            person = factories.person(name="甲一", phone="13800000000", area_code="410105")
            factories.contact(within=outbreak, index_case=index, person=person, found_at=MORNING - timedelta(hours=1))
        self.form = {"area": "410105", "authority": authority.pk, "asked": "find", "legal_basis": LAW}


@pytest.fixture
def asking(outbreak, client_of):
    officer = factories.account(role=Role.DATA_OFFICER, area_code="1301")
    return Asking(client_of(Role.DATA_OFFICER, "1301"), outbreak, officer)


@pytest.fixture
def asked(outbreak):
    cooperation.add_authority(
        name="郑州市疾控中心", area_code="4101", way=ExchangeWay.SYSTEM, address="https://zz.example",
        public_key=THEIRS.public, by=None, now=TAKEN_AT,
    )  # fmt: skip
    take(request_body())
    return CooperationRequest.objects.get()
