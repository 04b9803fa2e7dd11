"""Machines read directives and sign for them: with a key of their own, inside their area, and with the right."""

from datetime import UTC, datetime, timedelta

import pytest

from sizao.records.models import DirectiveAct, DirectivePart, Task
from sizao.response.tasks import directives
from sizao.terms import AreaLevel, PartState, Right, Role, TaskKind
from tests import factories

pytestmark = pytest.mark.django_db
COUNTY = "130109"
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_march(monkeypatch):
    """Let requests arrive at a moment that does not move."""

    class Clock:
        @staticmethod
        def now(_):
            return NOW

    monkeypatch.setattr("sizao.web.clock.datetime", Clock)


@pytest.fixture
def part(noise):
    for code in ("13", "1301", COUNTY, "130110"):
        factories.area(code)
    commander = factories.account(role=Role.COMMANDER)
    order = directives.Order(
        title="设置卡点", text="各村设置卡点", reason="防止外溢", due_at=NOW + timedelta(days=3), items=("人员",),
        counts="村",
    )  # fmt: skip
    made = directives.issue(
        order=order, to=directives.Recipients(("13",), (AreaLevel.COUNTY,)), outbreak=None, source_key="api",
        by=commander, now=NOW - timedelta(hours=2),
    )  # fmt: skip
    return DirectivePart.objects.get(directive=made, area_code=COUNTY)


def act(machine, part, what, **body):
    return machine.post(f"directives/parts/{part.pk}/{what}", {"source_key": what} | body)


class TestDirectives:
    def test_are_received_reported_and_closed(self, machine, part):
        county = machine(Role.DUTY_OFFICER)
        listed = county.get("directives").json()["rows"]
        assert [(one["title"], one["levels"][0]["parts"]) for one in listed] == [("设置卡点", 1)]
        early = (NOW - timedelta(hours=1)).isoformat()
        answer = act(county, part, "receive", answers_for="王主任", happened_at=early).json()
        assert (answer["state"], answer["answers_for"]) == ("received", "王主任")
        told = act(county, part, "report", n_done=1, n_total=2).json()
        assert (told["n_done"], told["n_total"]) == (1, 2)
        assert (
            act(county, part, "close", text="好", signed_as="王", checks=[0]).json()["code"] == "directive.count_left"
        )
        done = act(county, part, "close", text="好", signed_as="王", checks=[0], n_done=2).json()
        assert done["state"] == PartState.CLOSED
        rows = county.get(f"directives/{part.directive_id}/parts").json()["rows"]
        assert [(one["area_code"], one["state"]) for one in rows] == [(COUNTY, "closed")]

    def test_sent_again_change_nothing(self, machine, part):
        county = machine(Role.DUTY_OFFICER)
        answers = [act(county, part, "receive", answers_for="王主任").status_code for _ in range(2)]
        assert (answers, DirectiveAct.objects.count()) == ([200, 200], 1)

    def test_are_for_who_holds_the_right_in_the_area(self, machine, part):
        assert act(machine(Role.DUTY_OFFICER, "130110"), part, "receive", answers_for="x").status_code == 404
        assert act(machine(Role.SUPERVISOR), part, "receive", answers_for="x").status_code == 403
        narrow = machine(Role.DUTY_OFFICER, rights={Right.SITUATION_READ})
        assert narrow.get("directives").status_code == 403
        assert machine(Role.DUTY_OFFICER, "130110").get(f"directives/{part.directive_id}").status_code == 200
        assert machine(Role.DUTY_OFFICER, "41").get(f"directives/{part.directive_id}").status_code == 404
        assert act(machine(Role.COMMANDER, "13"), part, "receive", answers_for="x").status_code == 403


class TestQueue:
    def test_holds_work_of_no_outbreak_too(self, machine, db):
        Task.objects.create(
            kind=TaskKind.ANSWER_COOPERATION, role=Role.DATA_OFFICER, area_code=COUNTY, subject_kind="cooperation",
            subject_id=1, subject_label="XC-1", asked_at=NOW - timedelta(hours=1), source_key="c",
        )  # fmt: skip
        officer = machine(Role.DATA_OFFICER)
        rows = officer.get("tasks").json()["rows"]
        assert [(one["kind"], one["raised_to"]) for one in rows] == [("answer_cooperation", None)]
        done = officer.post(f"tasks/{rows[0]['id']}/finish", {"outcome": "已答复"}).json()
        assert done["state"] == "done"
        assert officer.get("tasks").json()["rows"] == []
