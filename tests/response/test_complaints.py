"""Complaints: taken by whatever way, answered in time or raised, never a second way to decide on orders."""

from datetime import timedelta

import pytest
from django.db import connection

from sizao.records.access import NotAllowed
from sizao.records.models import Complaint, Event, Finding, IsolationOrder, Objection, Task
from sizao.response import tasks
from sizao.response.oversight import complaints, findings
from sizao.response.oversight.complaints import Said
from sizao.terms import (
    ComplaintChannel,
    ComplaintKind,
    ComplaintState,
    FindingState,
    Gravity,
    ObjectionAbout,
    OrderKind,
    OrderState,
    OutbreakKind,
    Role,
    TaskKind,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
COUNTY = "130109"
DAY = timedelta(days=1)


@pytest.fixture
def officer(noise):
    for code in ("13", "1301", COUNTY):
        factories.area(code)
    return factories.account(area_code=COUNTY)


def taken(officer=None, text="村里三天没有送菜", **facts) -> Complaint:
    said = Said(text, ComplaintKind.SUPPLIES, COUNTY, **facts)
    channel = ComplaintChannel.PHONE if officer else ComplaintChannel.PUBLIC
    return complaints.take(said=said, channel=channel, by=officer, now=NOW)


class TestTaking:
    def test_needs_no_name_and_gives_a_clock(self, officer):
        one = taken()
        assert (one.name, one.phone, one.received_by) == (None, None, "public")
        assert one.number.startswith("JB")  # TS names push lists
        assert one.due_at == NOW + timedelta(hours=72)
        assert one.basis[0]["key"] == "oversight.answer_hours"

    def test_seals_what_was_said_and_who_said_it(self, officer):
        one = taken(officer, name="赵六", phone="13800000000")
        with connection.cursor() as cursor:
            cursor.execute("SELECT text, name, phone FROM records_complaint WHERE id = %s", [one.pk])
            stored = " ".join(cursor.fetchone())
        assert not [part for part in ("送菜", "赵六", "138") if part in stored]
        assert "赵六" not in " ".join(str(one.facts) for one in Event.objects.all())

    def test_sent_twice_is_one(self, officer):
        said = Said("…", ComplaintKind.CARE, COUNTY)
        for _ in range(2):
            complaints.take(said=said, channel=ComplaintChannel.PUBLIC, by=None, now=NOW, source_key="form-1")
        assert Complaint.objects.count() == 1

    def test_refuses_nothing_said_and_nowhere(self, officer):
        with pytest.raises(complaints.ComplaintEmpty):
            taken(text=" ")
        for area in ("130199", "13"):
            said = Said("…", ComplaintKind.CARE, area)
            with pytest.raises(complaints.ComplaintNowhere):
                complaints.take(said=said, channel=ComplaintChannel.PUBLIC, by=None, now=NOW)

    def test_takes_the_right(self, officer):
        with pytest.raises(NotAllowed):
            taken(factories.account(role=Role.GRID_WORKER, area_code=COUNTY))


class TestAnswering:
    def test_is_done_once_in_ones_own_name(self, officer):
        one = complaints.answer(complaint=taken(), text="已安排送菜", by=officer, now=NOW + DAY)
        assert (one.state, one.answered_by) == (ComplaintState.ANSWERED, officer)
        with pytest.raises(complaints.ComplaintCannotMove):
            complaints.answer(complaint=one, text="…", by=officer, now=NOW + DAY)

    def test_is_read_by_number_and_code_alone(self, officer):
        one = complaints.answer(complaint=taken(), text="已安排送菜", by=officer, now=NOW)
        assert complaints.read(number=one.number, code=complaints.code_of(one), now=NOW).answer == "已安排送菜"
        for number, code in ((one.number, "2222 222 222"), ("JB2101100000", complaints.code_of(one)), ("", "")):
            with pytest.raises(complaints.ComplaintUnknown):
                complaints.read(number=number, code=code, now=NOW)

    def test_in_no_time_raises_it_once_and_asks_above(self, officer):
        one = taken()
        assert complaints.raise_late(now=one.due_at) == 0
        late = one.due_at + timedelta(minutes=1)
        assert complaints.raise_late(now=late) == 1
        assert complaints.raise_late(now=late) == 0
        one.refresh_from_db()
        assert one.raised_to == "1301"
        tasks.advance_standing(now=late)
        asked = Task.objects.filter(kind=TaskKind.ANSWER_COMPLAINT).order_by("pk")
        assert {(task.role, task.area_code) for task in asked} == {("duty_officer", COUNTY), ("commander", "1301")}
        complaints.answer(complaint=one, text="…", by=officer, now=late)
        tasks.advance_standing(now=late)
        assert {task.state for task in asked.all()} == {"done"}


class TestWhatComesOfIt:
    def test_a_finding_that_a_supervisor_confirms(self, officer):
        one = taken()
        made = complaints.make_finding(
            complaint=one, what="某村物资配送中断", severity=Gravity.MAJOR, by=officer, now=NOW
        )
        assert (made.state, made.item) == (FindingState.PROPOSED, "complaint:supplies")
        supervisor = factories.account(role=Role.SUPERVISOR, area_code="13")
        assert findings.confirm(finding=made, note="", by=supervisor, now=NOW).found_by == supervisor
        with pytest.raises(complaints.LinkedAlready):
            complaints.make_finding(complaint=one, what="…", severity=Gravity.MINOR, by=officer, now=NOW)
        assert Finding.objects.count() == 1

    def test_a_finding_bears_the_outbreak_there_and_none_in_routine_times(self, officer):
        factories.outbreak(kind=OutbreakKind.DRILL)
        factories.outbreak(kind=OutbreakKind.REAL, area_code="1306")
        made = [complaints.make_finding(complaint=taken(), what="…", severity=Gravity.MINOR, by=officer, now=NOW)]
        running = factories.outbreak(kind=OutbreakKind.REAL, area_code=COUNTY, first_date=NOW.date())
        made += [complaints.make_finding(complaint=taken(), what="…", severity=Gravity.MINOR, by=officer, now=NOW)]
        assert [one.outbreak for one in made] == [None, running]

    def test_an_objection_in_the_residents_own_words(self, officer):
        outbreak = factories.outbreak()
        order = IsolationOrder.objects.create(
            outbreak=outbreak, person=factories.person(), kind=OrderKind.HOME, state=OrderState.ISSUED,
            area_code=COUNTY, starts_date=NOW.date(), ends_date=NOW.date() + 7 * DAY, proposed_at=NOW, issued_at=NOW,
            issued_by=factories.account(), source_key="order:1",
        )  # fmt: skip
        one = complaints.pass_to_objection(
            complaint=taken(text="我当天不在"), about=ObjectionAbout.ORDER, subject_id=order.pk, by=officer, now=NOW
        )
        assert Objection.objects.get().text == "我当天不在"
        assert one.objection == Objection.objects.get()
        order.refresh_from_db()
        assert order.state == OrderState.ISSUED
