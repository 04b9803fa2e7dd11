"""Push lists on screen: pushed from a trace, received and answered there, returned to the sender."""

import pytest

from sizao.records.models import PushList
from sizao.terms import PushResult, Role
from tests import factories
from tests.web.conftest import at
from tests.web.test_trace_lists import a_folder_of_its_own, trace  # noqa: F401 — the trace of these pages
from tests.web.tracing import COUNTY, ELSEWHERE, FAR

pytestmark = pytest.mark.django_db


def test_a_list_goes_there_is_answered_and_comes_back(trace, client_of):  # noqa: F811
    sender, receiver = client_of(Role.DATA_OFFICER, COUNTY), client_of(Role.DATA_OFFICER, ELSEWHERE)
    assert "Push in my name" in sender.get(at(f"/traces/{trace.pk}/lists/")).text
    sender.post(at(f"/traces/{trace.pk}/push/"), {"area": ELSEWHERE})
    made = PushList.objects.get()
    page = receiver.get(at(f"/push-lists/{made.pk}/")).text
    assert "欧阳无双" in page
    assert "Receive in my name" in page
    masked = sender.get(at(f"/push-lists/{made.pk}/")).text
    assert "欧阳无双" not in masked
    receiver.post(at(f"/push-lists/{made.pk}/act/"), {"act": "receive", "name": "李四"})
    told = {"act": "tell", "result-1": str(PushResult.WRONG_NUMBER), "note-1": "空号"}
    receiver.post(at(f"/push-lists/{made.pk}/act/"), told)
    assert "<b>1</b> person came back undelivered." in sender.get(at("/push-lists/")).text
    assert made.number in sender.get(at(f"/traces/{trace.pk}/lists/")).text
    refused = sender.post(
        at(f"/push-lists/{made.pk}/act/"), {"act": "again", "ref": "1", "area": "999999"}, follow=True
    )
    assert "No authority of 999999 works in this installation" in refused.text
    sender.post(at(f"/push-lists/{made.pk}/act/"), {"act": "give_up", "ref": "1", "reason": "空号"})
    assert made.entries.get().end == "given_up"


def test_a_day_before_is_shown_as_it_was(trace, client_of):  # noqa: F811
    sender, receiver = client_of(Role.DATA_OFFICER, COUNTY), client_of(Role.DATA_OFFICER, ELSEWHERE)
    sender.post(at(f"/traces/{trace.pk}/push/"), {"area": ELSEWHERE})
    page = f"/push-lists/{PushList.objects.get().pk}/"
    receiver.post(at(f"{page}act/", day="2021-01-11"), {"act": "receive", "name": "李四"})
    told = {"act": "tell", "result-1": str(PushResult.WRONG_NUMBER), "note-1": "空号"}
    receiver.post(at(f"{page}act/", day="2021-01-12"), told)
    pushed, received, answered = (receiver.get(at(page, day=f"2021-01-{n}")).text for n in (10, 11, 12))
    assert [("李四" in text, "空号" in text) for text in (pushed, received, answered)] == [
        (False, False), (True, False), (True, True),
    ]  # fmt: skip
    assert "Receive in my name" not in pushed  # it was received since, and would be refused


def test_an_area_without_an_authority_here_is_told_so(trace, client_of):  # noqa: F811
    page = client_of(Role.DATA_OFFICER).post(at(f"/traces/{trace.pk}/push/"), {"area": FAR}, follow=True).text
    assert "No authority of 110101 works in this installation" in page
    assert not PushList.objects.exists()


def test_one_of_others_is_not_there(trace, client_of):  # noqa: F811
    factories.account(role=Role.DATA_OFFICER, area_code=COUNTY)
    client_of(Role.DATA_OFFICER).post(at(f"/traces/{trace.pk}/push/"), {"area": COUNTY})
    stranger = client_of(Role.DATA_OFFICER, ELSEWHERE)
    assert stranger.get(at(f"/push-lists/{PushList.objects.get().pk}/")).status_code == 404
