"""What is late goes up by itself to the next named person, one step at a time; routine work has tasks too."""

from datetime import timedelta

import pytest

from sizao.protocol import escalation
from sizao.protocol.escalation import shipped_escalation
from sizao.records import access
from sizao.records.models import Authority, CooperationRequest, Event, Task, TaskStep
from sizao.response import tasks
from sizao.response.tasks import directives
from sizao.response.tasks.escalating import raise_late
from sizao.terms import AreaLevel, AskedFor, ExchangeWay, RequestState, Role, TaskEnd, TaskKind, TaskState
from tests import factories
from tests.response.directives_world import (
    CITY,
    COUNTY,
    NOW,
    OTHER_CITY,
    PROVINCE,
    Province,
    accept,
    at,
    close,
    order,
    part_of,
    receive,
)

pytestmark = pytest.mark.django_db
NEXT = shipped_escalation().hours("next_step_hours")


@pytest.fixture
def province(noise):
    return Province()


def task(**facts):
    defaults = {
        "kind": TaskKind.VERIFY_SIGNAL, "role": Role.INVESTIGATOR, "area_code": COUNTY, "subject_kind": "signal",
        "subject_id": 1, "subject_label": "S-1", "asked_at": NOW, "due_at": at(2), "source_key": "t1",
    }  # fmt: skip
    return Task.objects.create(**defaults | facts)


def raised(key="t1"):
    return list(
        TaskStep.objects.filter(task__source_key=key).order_by("step").values_list("raised_to__display_name", flat=True)
    )


class TestRaising:
    def test_goes_step_by_step_to_the_top_and_stays_there(self, province):
        task()
        moments = [at(2.1) + n * NEXT for n in range(8)]
        assert [raise_late(outbreak=None, now=moment) for moment in moments] == [1, 1, 1, 1, 1, 0, 0, 0]
        assert raised() == ["县值班员", "县指挥长", "市指挥长", "省值班员", "省指挥长"]
        assert Event.objects.filter(verb="task.raised").count() == 5

    def test_begins_with_who_was_named_for_the_role(self, province):
        expert = factories.account(role=Role.INVESTIGATOR, area_code=COUNTY, display_name="流调组长")
        named = {"area_code": COUNTY, "role": Role.INVESTIGATOR, "account": expert, "by": province.county}
        first, again = tasks.name_answerable(**named, now=NOW), tasks.name_answerable(**named, now=at(1))
        assert first == again
        task()
        raise_late(outbreak=None, now=at(2.1))
        assert raised() == ["流调组长"]
        tasks.end_answerable(answerable=first, by=province.county, now=at(3))
        raise_late(outbreak=None, now=at(2.1) + NEXT)
        assert raised() == ["流调组长", "县指挥长"]

    def test_happens_once_a_step_and_leaves_what_is_not_late(self, province):
        task()
        task(source_key="t2", due_at=at(9))
        task(source_key="t3", due_at=None)
        task(source_key="t4", state=TaskState.DONE, done_at=at(1))
        task(source_key="t5", outbreak=factories.outbreak())
        assert raise_late(outbreak=None, now=at(2.5)) == 1
        assert raise_late(outbreak=None, now=at(2.5)) == 0
        assert TaskStep.objects.get().before == Role.INVESTIGATOR

    def test_after_a_night_without_the_loop_each_has_had_time(self, province):
        task()
        night = at(2) + 5 * NEXT
        assert [raise_late(outbreak=None, now=night), raise_late(outbreak=None, now=night)] == [1, 0]
        assert raised() == ["县值班员"]

    def test_skips_closed_accounts_and_whom_it_was_given_to(self, province):
        province.county.is_active = False
        province.county.save()
        task(assigned_to=province.county_commander)
        raise_late(outbreak=None, now=at(2.1))
        assert raised() == ["市指挥长"]

    def test_whom_it_was_raised_to_sees_and_finishes_it(self, province):
        lead = factories.account(role=Role.REPORTER, area_code=COUNTY)
        one = task(role=Role.INVESTIGATOR)
        with pytest.raises(tasks.NotForYourRole):
            tasks.receive(task=one, by=lead, now=at(1))
        Task.objects.update(raised_to=lead, raised_at=at(2), raised_steps=1)
        rows = tasks.in_hand([], at(3), now=at(3))
        assert list(tasks.of_account(lead, rows)) == [one]
        assert tasks.finish(task=one, outcome="已核实", by=lead, now=at(3)).state == TaskState.DONE

    def test_naming_takes_the_right_in_the_area(self, province):
        with pytest.raises(access.NotAllowed):
            tasks.name_answerable(
                area_code=COUNTY, role=Role.REPORTER, account=province.county, by=province.street, now=NOW
            )  # fmt: skip
        with pytest.raises(tasks.CannotAnswer):
            tasks.name_answerable(
                area_code=COUNTY, role=Role.REPORTER, account=province.city, by=province.county, now=NOW
            )  # fmt: skip


class TestTable:
    def test_ships_whole(self):
        hours = shipped_escalation()
        assert hours.hours("next_step_hours") > timedelta()
        assert {value.needs_confirmation for value in hours.values.values()} == {True}

    @pytest.mark.parametrize(
        "text", ["", "id = 1", 'id = "x"\n[[clocks]]\nkey = "acceptance_hours"\nhours = -1\nzh = ""\nen = ""']
    )
    def test_refuses_what_is_not_whole(self, text):
        with pytest.raises(escalation.FaultyEscalationTable):
            escalation.read(text)


def standing():
    rows = Task.objects.filter(done_at__isnull=True).order_by("kind", "area_code")
    return [(str(one.kind), one.area_code, one.role, one.due_at) for one in rows]


class TestDirectives:
    def test_are_to_be_received_then_carried_out_then_decided_on(self, province):
        made = province.issue(areas=(CITY,))
        assert tasks.advance_standing(now=at(0)) == 1
        assert standing() == [("receive_directive", CITY, Role.DUTY_OFFICER, at(24))]
        receive(part_of(made, CITY), province.city)
        tasks.advance_standing(now=at(1))
        assert standing() == [("do_directive", CITY, Role.DUTY_OFFICER, at(48))]
        close(part_of(made, CITY), province.city)
        tasks.advance_standing(now=at(2))
        assert standing() == [("accept_directive", PROVINCE, Role.DUTY_OFFICER, at(26))]
        accept(part_of(made, CITY), province.commander)
        tasks.advance_standing(now=at(3))
        assert standing() == []
        assert tasks.advance_standing(now=at(3)) == 0

    def test_that_were_changed_are_to_be_received_again(self, province):
        made = province.issue(areas=(CITY,))
        receive(part_of(made, CITY), province.city)
        tasks.advance_standing(now=at(1))
        directives.change(directive=made, order=order(text="新"), reason="改", by=province.commander, now=at(2))
        tasks.advance_standing(now=at(2))
        assert standing() == [("receive_directive", CITY, Role.DUTY_OFFICER, at(26))]

    def test_that_were_withdrawn_ask_for_nothing(self, province):
        made = province.issue()
        tasks.advance_standing(now=NOW)
        directives.withdraw(directive=made, reason="撤", by=province.commander, now=at(1))
        tasks.advance_standing(now=at(1))
        assert set(Task.objects.values_list("outcome", flat=True)) == {str(TaskEnd.WITHDRAWN)}

    def test_said_to_be_done_without_being_so_are_asked_for_again(self, province):
        province.issue(areas=(CITY,))
        tasks.advance_standing(now=NOW)
        tasks.finish(task=Task.objects.get(), outcome="好了", by=province.city, now=at(1))
        tasks.advance_standing(now=at(1))
        assert Task.objects.filter(state=TaskState.OPEN).count() == 1

    def test_of_an_outbreak_are_asked_by_its_own_loop(self, province):
        outbreak = factories.outbreak(first_date=NOW.date())
        province.issue(areas=(CITY,), outbreak=outbreak)
        assert tasks.advance_standing(now=NOW) == 0
        tasks.advance(outbreak=outbreak, now=NOW)
        assert Task.objects.get(kind=TaskKind.RECEIVE_DIRECTIVE).outbreak == outbreak

    def test_nobody_receives_go_up(self, province):
        province.issue(areas=(CITY,))
        tasks.advance_standing(now=NOW)
        tasks.advance_standing(now=at(24.1))
        assert Task.objects.get().raised_to == province.city

    def test_are_for_their_own_area_in_the_queue(self, province):
        province.issue(areas=(PROVINCE,), levels=(AreaLevel.COUNTY,))
        tasks.advance_standing(now=NOW)
        rows = tasks.in_hand([], NOW, now=NOW)
        assert tasks.of_account(province.officer, rows).count() == 0
        assert tasks.of_account(province.county, rows).count() == 1


class TestRequestsOfOthers:
    def test_are_answered_by_their_clock(self, province):
        sender = Authority.objects.create(
            name="唐山市疾控", area_code=OTHER_CITY, way=ExchangeWay.LETTER, added_at=NOW, added_by="x"
        )
        one = CooperationRequest.objects.create(
            number="XC1302-2026-00001", is_incoming=True, authority=sender, area_code=CITY, asked=[AskedFor.FIND],
            state=RequestState.RECEIVED, made_at=NOW, made_by="x", told_at=NOW, received_at=NOW, due_at=at(24),
        )  # fmt: skip
        assert [tasks.advance_standing(now=NOW), tasks.advance_standing(now=NOW)] == [1, 0]
        assert standing() == [("answer_cooperation", CITY, Role.DATA_OFFICER, at(24))]
        one.state = RequestState.ANSWERED
        one.save()
        tasks.advance_standing(now=at(1))
        assert Task.objects.get().outcome == TaskEnd.FACT_ARRIVED
