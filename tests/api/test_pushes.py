"""Push lists by machine: pushed from a trace, received and answered there, sent on from what came back."""

import pytest

from sizao.records.models import Event
from sizao.terms import OutbreakKind, PushResult, PushState, Role
from tests.response.test_pushing import HERE, THERE, THIRD, trace  # noqa: F401 — the trace of these lists

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_january")]


@pytest.fixture
def sides(trace, machine):  # noqa: F811
    """Give the sending and the receiving side, in an outbreak of real life."""
    trace.outbreak.kind = OutbreakKind.REAL
    trace.outbreak.save()
    return machine(Role.DATA_OFFICER, HERE), machine(Role.DATA_OFFICER, THERE)


class TestPushLists:
    def test_go_there_are_answered_and_go_on(self, trace, sides):  # noqa: F811
        sender, receiver = sides
        made = sender.post(f"traces/{trace.pk}/push", {"area_code": THERE}).json()
        assert (made["people"], made["state"], made["trace"]) == (2, PushState.PUSHED, "ZZ-1")
        assert [one["who"]["masked"] for one in made["rows"]] == [True, True]
        (waiting,) = receiver.get("outbreaks/here/push-lists").json()["rows"]
        assert waiting["number"] == made["number"]
        own = receiver.get(f"push-lists/{made['id']}").json()
        assert [one["who"]["masked"] for one in own["rows"]] == [False, False]
        assert receiver.post(f"push-lists/{made['id']}/receive", {"name": "李四"}).json()["received_name"] == "李四"
        told = [{"ref": 1, "result": "tested"}, {"ref": 2, "result": "moved", "moved_to": THIRD}]
        answered = [receiver.post(f"push-lists/{made['id']}/results", {"results": told}).json() for _ in range(2)]
        assert answered[0] == answered[1]
        assert (answered[0]["told"], answered[0]["returned"], answered[0]["state"]) == (2, 1, PushState.RETURNED)
        assert (answered[0]["rows"][0]["ref"], answered[0]["rows"][0]["result"]) == (2, PushResult.MOVED)
        further = sender.post(f"push-lists/{made['id']}/entries/2/push-again", {"area_code": THIRD}).json()
        assert (further["area_code"], further["people"]) == (THIRD, 1)
        first = sender.get(f"push-lists/{made['id']}").json()
        assert (first["state"], first["rows"][1]["pushed_again"]) == (PushState.DONE, further["number"])

    def test_are_read_with_a_line_in_the_journal(self, trace, sides):  # noqa: F811
        sender, _ = sides
        made = sender.post(f"traces/{trace.pk}/push", {"area_code": THERE}).json()
        before = Event.objects.filter(verb="push.read").count()
        sender.get(f"push-lists/{made['id']}")
        assert Event.objects.filter(verb="push.read").count() == before + 1

    def test_refuse_in_a_sentence(self, trace, sides):  # noqa: F811
        sender, receiver = sides
        made = sender.post(f"traces/{trace.pk}/push", {"area_code": THERE}).json()
        early = receiver.post(f"push-lists/{made['id']}/results", {"results": [{"ref": 1, "result": "tested"}]})
        assert (early.status_code, early.json()["code"]) == (409, "push.not_received")
        nobody = sender.post(f"push-lists/{made['id']}/entries/9/give-up", {"reason": "x"})
        assert nobody.json()["message"] == f"List {made['number']} has nobody under 9. Open it again."
        again = sender.post(f"traces/{trace.pk}/push", {"area_code": THERE})
        assert (again.status_code, again.json()["code"]) == (409, "push.nobody")
