"""What a machine may do: send signals, work on tasks, decide orders in the name of its account."""

from datetime import date, timedelta

import pytest

from sizao.records.models import IsolationOrder, Person, Signal
from sizao.terms import OrderKind, OrderState, Right, Role, TaskState
from tests import factories
from tests.api.test_reading import task_in
from tests.factories import NOW, VILLAGE

pytestmark = pytest.mark.django_db
SEND = "outbreaks/hebei/signals"


@pytest.fixture
def lab(machine, within):
    factories.area(VILLAGE)
    return machine(Role.DATA_OFFICER, rights=[Right.SIGNAL_SEND])


def hint(**facts):
    defaults = {
        "source_key": "lab-1",
        "kind": "positive_test",
        "area_code": VILLAGE,
        "occurred_at": NOW.isoformat(),
        "source": "county hospital laboratory",
        "person": "P-9001",
    }
    return defaults | facts


class TestSendSignals:
    def test_takes_in_each_hint_once(self, lab):
        first = lab.post(SEND, {"signals": [hint(), hint(source_key="lab-2", person="P-9002")]}).json()
        again = lab.post(SEND, {"signals": [hint()]}).json()
        assert (first["new"], again["new"], again["known"]) == (2, 0, 1)
        assert again["rows"][0]["id"] == first["rows"][0]["id"]
        assert Signal.objects.count() == 2

    def test_registers_a_number_that_nobody_has(self, lab):
        lab.post(SEND, {"signals": [hint()]})
        assert Person.objects.get(number="P-9001").area_code == VILLAGE

    def test_does_not_move_a_known_person(self, lab):
        factories.person(number="P-9001", area_code="130109")
        lab.post(SEND, {"signals": [hint()]})
        assert Person.objects.get(number="P-9001").area_code == "130109"

    def test_two_senders_have_keys_of_their_own(self, lab, machine):
        lab.post(SEND, {"signals": [hint()]})
        other = machine(Role.DATA_OFFICER, rights=[Right.SIGNAL_SEND])
        assert other.post(SEND, {"signals": [hint()]}).json()["new"] == 1

    def test_a_dry_run_keeps_nothing(self, lab):
        body = lab.post(f"{SEND}?dry_run=true", {"signals": [hint()]}).json()
        assert (body["dry_run"], body["new"], body["rows"][0]["id"]) == (True, 1, None)
        assert not Signal.objects.exists()
        assert not Person.objects.filter(number="P-9001").exists()

    @pytest.mark.parametrize("dry_run", ["?dry_run=true", ""])
    def test_names_each_row_and_field_and_keeps_none(self, lab, dry_run):
        future = (NOW + timedelta(days=36500)).isoformat()
        rows = [hint(), hint(source_key="b", area_code="130581"), hint(occurred_at=future)]
        answer = lab.post(SEND + dry_run, {"signals": rows})
        errors = [(one["row"], one["field"]) for one in answer.json()["facts"]["errors"]]
        assert answer.status_code == 422
        assert errors == [(2, "area_code"), (3, "occurred_at"), (3, "source_key")]
        assert not Signal.objects.exists()

    def test_names_the_row_of_an_impossible_date(self, lab):
        rows = [hint(), hint(source_key="b", occurred_at="2021-02-30T08:00:00+08:00")]
        error = lab.post(SEND, {"signals": rows}).json()["facts"]["errors"][0]
        assert (error["row"], error["field"]) == (2, "occurred_at")

    def test_says_that_a_body_is_not_json(self, lab):
        answer = lab._client.post(f"/api/{SEND}", "not json", content_type="application/json")
        assert answer.json()["code"] == "api.unreadable"

    def test_refuses_a_token_without_that_scope(self, machine, within):
        answer = machine(rights=[Right.PERSON_LIST]).post(SEND, {"signals": [hint()]})
        assert answer.status_code == 403


class TestSettleSignals:
    def test_verifies_and_dismisses(self, lab, machine):
        numbers = [row["id"] for row in lab.post(SEND, {"signals": [hint(), hint(source_key="b")]}).json()["rows"]]
        officer = machine(Role.DUTY_OFFICER)
        assert officer.post(f"signals/{numbers[0]}/verify").json()["state"] == "verified"
        done = officer.post(f"signals/{numbers[1]}/dismiss", {"reason": "sample mixed up"}).json()
        assert (done["state"], done["reason"]) == ("dismissed", "sample mixed up")
        assert [row["state"] for row in officer.get(SEND, state="verified").json()["rows"]] == ["verified"]

    def test_refuses_to_dismiss_without_a_reason(self, lab, machine):
        number = lab.post(SEND, {"signals": [hint()]}).json()["rows"][0]["id"]
        answer = machine(Role.DUTY_OFFICER).post(f"signals/{number}/dismiss", {"reason": " "})
        assert (answer.status_code, answer.json()["code"]) == (409, "signal.reason_missing")


class TestTasks:
    def test_are_received_and_finished(self, machine, within):
        task, mine = task_in(within), machine()
        assert mine.post(f"tasks/{task.pk}/receive").json()["state"] == "received"
        done = mine.post(f"tasks/{task.pk}/finish", {"outcome": "report sent"}).json()
        assert (done["state"], done["done_by"]) == ("done", mine.account.username)

    def test_of_a_neighbour_are_refused(self, machine, within):
        task = task_in(within)
        assert machine(area_code="130581").post(f"tasks/{task.pk}/receive").status_code == 404
        task.refresh_from_db()
        assert task.state == TaskState.OPEN


class TestOrders:
    @pytest.fixture
    def order(self, within):
        person = factories.person()
        return IsolationOrder.objects.create(
            outbreak=within, person=person, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED,
            area_code=person.area_code, starts_date=date(2021, 1, 10), ends_date=date(2100, 1, 1),
            basis=[{"edition": "edition-7"}], proposed_at=NOW, source_key="order:1",
        )  # fmt: skip

    def test_are_listed_by_the_state_of_the_day(self, machine, order):
        officer = machine(Role.DUTY_OFFICER)
        assert len(officer.get("outbreaks/hebei/orders", state="proposed").json()["rows"]) == 1
        assert officer.get("outbreaks/hebei/orders", state="issued").json()["rows"] == []
        assert officer.get("outbreaks/hebei/orders", day="2021-01-09").json()["rows"] == []

    def test_are_declined_with_a_reason(self, machine, order):
        officer = machine(Role.DUTY_OFFICER)
        done = officer.post(f"orders/{order.pk}/decline", {"reason": "no exposure"})
        assert done.json()["state"] == "declined"

    def test_reading_one_shows_the_basis(self, machine, order):
        body = machine(Role.DUTY_OFFICER).get(f"orders/{order.pk}").json()
        assert body["basis"] == [{"edition": "edition-7"}]

    def test_are_not_issued_by_who_does_not_hold_the_right(self, machine, order):
        assert machine(Role.INVESTIGATOR).post(f"orders/{order.pk}/issue").status_code == 403
