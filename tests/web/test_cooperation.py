"""Requests between authorities on screen: drafted from who lives elsewhere, sent, answered, refused."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.records.models import CooperationRequest, Event
from sizao.response import cooperation
from sizao.terms import AskedFor, ExchangeWay, RequestState, Role
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

    def test_shows_a_day_before_as_it_was(self, asked, client_of):
        client = client_of(Role.DATA_OFFICER, "130109")
        client.post(at(f"/cooperation/{asked.pk}/act/", day="2021-01-11"), {"act": "accept"})
        told = {"act": "answer", "answer-1": "placed", "note-1": "某酒店", "answer-2": "placed"}
        client.post(at(f"/cooperation/{asked.pk}/act/", day="2021-01-12"), told)
        pages = [client.get(at(f"/cooperation/{asked.pk}/", day=f"2021-01-{n}")).text for n in (10, 11, 12)]
        assert ["某酒店" in page for page in pages] == [False, False, True]
        assert "0 have an answer" in pages[1]
        assert ["since then it has become" in page for page in pages] == [True, True, False]
        assert ["Accept in my name" in page for page in pages] == [False] * 3
        lists = [client.get(at("/cooperation/", day=f"2021-01-{n}")).text for n in (11, 12)]
        assert ["2 of 2 answered" in page for page in lists] == [False, True]

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


class TestByLetter:
    def test_gives_letter_and_list_and_takes_the_list_in_again(self, outbreak, client_of):
        request, client = sent_by_letter(outbreak), client_of(Role.DATA_OFFICER, "1301")
        assert "Letter (PDF)" in client.get(at(f"/cooperation/{request.pk}/")).text
        letter = client.get(at(f"/cooperation/{request.pk}/letter/", form="docx", language="zh"))
        assert letter["Content-Disposition"].endswith(f'"sizao-{request.number}-zh.docx"')
        assert client.get(at(f"/cooperation/{request.pk}/list/")).status_code == 200
        of = request.number
        text = f"协查函编号,序号,姓名,核查结果,说明\n{of},1,甲一,已集中隔离,某酒店\n{of},2,甲一,,\n"
        page = self._send(client, request, text)
        assert "1 new answer; 0 stood there already; 1 people have none yet" in page.text
        assert "0 new answers; 1 stood there already" in self._send(client, request, text).text

    def test_tells_the_cell_that_cannot_be_taken(self, outbreak, client_of):
        request, client = sent_by_letter(outbreak), client_of(Role.DATA_OFFICER, "1301")
        page = self._send(client, request, f"协查函编号,序号,核查结果\n{request.number},2,走了\n")
        assert "走了" in page.text
        assert "one of:" in page.text
        assert not request.people.exclude(answer="").exists()
        assert "belongs to request XC-9" in self._send(client, request, "协查函编号,序号,核查结果\nXC-9,1,\n").text

    def _send(self, client, request, text):
        file = SimpleUploadedFile("list.csv", text.encode("gb18030"))
        return client.post(at(f"/cooperation/{request.pk}/list/answers/"), {"list": file}, follow=True)


def sent_by_letter(outbreak):
    officer = factories.account(role=Role.DATA_OFFICER, area_code="1301")
    authority = cooperation.add_authority(
        name="洛阳市疾控中心", area_code="4103", way=ExchangeWay.LETTER, by=officer, now=MORNING
    )
    index = factories.case(within=outbreak, area_code="130109110212", opened_at=MORNING)
    contacts = [
        factories.contact(
            within=outbreak,
            index_case=index,
            found_at=MORNING,
            person=factories.person(name="甲一", area_code="410305"),
        )
        for _ in range(2)
    ]
    made = cooperation.draft(
        outbreak=outbreak, authority=authority, contacts=contacts, asked=[AskedFor.FIND], question="",
        legal_basis=LAW, by=officer, now=MORNING,
    )  # fmt: skip
    return cooperation.send(request=made, by=officer, now=MORNING)
