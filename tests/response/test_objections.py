"""An objection is taken by any way, decided by somebody else in its time, and in the person's favour if too late."""

from datetime import date, timedelta

import pytest

from sizao.records import access
from sizao.records.models import Event, Objection, OrderChange, Task, Zone
from sizao.response import isolation, objections, tasks
from sizao.response.isolation.orders import ReasonMissing
from sizao.terms import (
    ObjectionAbout,
    ObjectionChannel,
    ObjectionDecision,
    ObjectionState,
    OrderCause,
    OrderEnd,
    OrderState,
    Role,
    TaskKind,
    TestResult,
    ZoneLevel,
    ZoneState,
    ZoneUnit,
)
from tests import factories
from tests.response import orders_world as world
from tests.response.orders_world import NOW, TODAY

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
TOO_LATE = NOW + timedelta(hours=24)


@pytest.fixture
def outbreak(db):
    return world.outbreak()


@pytest.fixture
def officer(db):
    return world.officer()


@pytest.fixture
def commander(db):
    return factories.account(role=Role.COMMANDER, area_code="1301")


@pytest.fixture
def order(outbreak, officer):
    return world.issued(world.contact(outbreak), by=officer)


@pytest.fixture
def objection(order, officer):
    return taken(order, officer)


def taken(order, by, **facts):
    defaults = {"about": ObjectionAbout.ORDER, "subject_id": order.pk, "channel": ObjectionChannel.DOOR}
    return objections.take(**defaults | {"text": "当天我在外地", "by": by, "now": NOW} | facts)


def zone_of(outbreak, proposer):
    return Zone.objects.create(
        outbreak=outbreak, area_code=factories.VILLAGE, name="小果庄村", unit=ZoneUnit.VILLAGE, level=ZoneLevel.HIGH,
        state=ZoneState.PUBLISHED, proposed_at=NOW, since_date=TODAY, published_at=NOW, published_by=proposer,
        approved_at=NOW, approved_by=proposer, source_key="zone",
    )  # fmt: skip


class TestTaking:
    def test_gives_a_number_and_a_moment_with_its_sum(self, objection):
        assert objection.number == f"YY220803{objection.pk:05d}"
        assert objection.due_at == TOO_LATE
        (cited,) = objection.basis
        assert (cited["key"], cited["status"], cited["sum"]["amount"]) == (
            "laws.decide_objection_hours", "unverified", 24,
        )  # fmt: skip

    def test_stands_in_the_history_of_the_order(self, order, objection, officer):
        entry = OrderChange.objects.get(order=order, act="objected")
        assert (entry.by, entry.reason) == (officer.username, objection.number)

    def test_seals_what_was_said(self, objection):
        assert Objection.objects.get().text == "当天我在外地"
        assert Event.objects.get(verb="objection.taken").facts == {"about": "order", "channel": "door"}

    def test_needs_words(self, order, officer):
        with pytest.raises(objections.ObjectionEmpty):
            taken(order, officer, text=" \n")

    def test_is_taken_once_while_it_waits(self, order, objection, officer):
        with pytest.raises(objections.ObjectedAlready, match=objection.number):
            taken(order, officer)

    def test_is_refused_against_what_ended(self, order, officer):
        isolation.end(order=order, reason="x", by=officer, now=NOW)
        with pytest.raises(objections.NothingToObjectTo):
            taken(order, officer)

    def test_is_refused_against_a_proposal_and_against_nothing(self, outbreak, officer):
        proposal = world.proposed(world.contact(outbreak))
        for pk in (proposal.pk, 10**9):
            with pytest.raises(objections.NothingToObjectTo):
                taken(proposal, officer, subject_id=pk)

    def test_is_refused_without_the_right(self, order):
        with pytest.raises(access.NotAllowed):
            taken(order, factories.account(role=Role.INVESTIGATOR))

    def test_is_refused_in_another_area(self, order):
        with pytest.raises(access.NotYours):
            taken(order, world.officer(area_code="1305"))

    def test_may_be_against_an_area(self, outbreak, officer):
        zone = zone_of(outbreak, officer)
        made = taken(zone, officer, about=ObjectionAbout.ZONE)
        assert (made.area_code, made.person) == (zone.area_code, None)


class TestDeciding:
    def decided(self, objection, by, decision=ObjectionDecision.GRANTED, **facts):
        defaults = {"objection": objection, "decision": decision, "reason": "核实无接触", "by": by, "now": LATER}
        return objections.decide(**defaults | facts)

    def test_in_favour_ends_the_order(self, order, objection, commander):
        decided = self.decided(objection, commander)
        order.refresh_from_db()
        assert (order.state, order.end_reason, order.ended_at) == (OrderState.ENDED, OrderEnd.OBJECTION, LATER)
        assert (decided.decided_by, decided.decision_reason) == (commander, "核实无接触")
        assert OrderChange.objects.filter(order=order, act__in=("decided", "ended"), by=commander.username).count() == 2

    def test_in_part_gives_an_earlier_last_day(self, order, objection, commander):
        self.decided(objection, commander, ObjectionDecision.IN_PART, until=date(2022, 8, 6))
        order.refresh_from_db()
        assert (order.state, order.ends_date) == (OrderState.ISSUED, date(2022, 8, 6))
        assert max(order.test_dates) <= date(2022, 8, 6)

    @pytest.mark.parametrize("until", [None, date(2022, 8, 2), date(2022, 8, 9)])
    def test_in_part_is_a_day_in_between(self, objection, commander, until):
        with pytest.raises(objections.NotInPart):
            self.decided(objection, commander, ObjectionDecision.IN_PART, until=until)

    def test_against_leaves_the_order(self, order, objection, commander):
        self.decided(objection, commander, ObjectionDecision.UPHELD)
        order.refresh_from_db()
        assert order.state == OrderState.ISSUED
        assert taken(order, world.officer(), now=LATER).state == ObjectionState.RECEIVED

    def test_needs_a_reason(self, objection, commander):
        with pytest.raises(ReasonMissing):
            self.decided(objection, commander, reason=" ")

    def test_is_not_by_the_rule(self, objection, commander):
        with pytest.raises(objections.DecisionUnknown):
            self.decided(objection, commander, ObjectionDecision.NOT_IN_TIME)

    def test_is_done_once(self, objection, commander):
        self.decided(objection, commander)
        with pytest.raises(objections.DecidedAlready, match="Decided"):
            self.decided(objection, commander)

    def test_is_not_for_who_issued_it(self, outbreak, commander):
        order = world.issued(world.contact(outbreak), by=commander)
        with pytest.raises(objections.DecidedByTheSame):
            self.decided(taken(order, world.officer()), commander)

    def test_is_not_for_who_extended_it(self, order, commander, officer):
        isolation.extend(
            order=order, because=OrderCause.NEW_EXPOSURE, on=TODAY, reason="x", by=commander, now=NOW,
        )  # fmt: skip
        with pytest.raises(objections.DecidedByTheSame):
            self.decided(taken(order, officer), commander)

    def test_is_for_who_holds_the_right(self, objection, officer):
        with pytest.raises(access.NotAllowed):
            self.decided(objection, world.officer())

    def test_is_refused_in_another_area(self, objection):
        with pytest.raises(access.NotYours):
            self.decided(objection, factories.account(role=Role.COMMANDER, area_code="1305"))

    def test_may_come_after_the_order_ended(self, order, objection, commander, officer):
        isolation.end(order=order, reason="x", by=officer, now=NOW)
        assert self.decided(objection, commander).decision == ObjectionDecision.GRANTED


class TestWithdrawing:
    def test_closes_it_and_the_order_stands(self, outbreak, order, objection, officer):
        objections.withdraw(objection=objection, reason="本人撤回", by=officer, now=LATER)
        assert objections.advance(outbreak=outbreak, now=TOO_LATE) == 0
        order.refresh_from_db()
        assert order.state == OrderState.ISSUED


class TestNotInTime:
    def test_ends_the_order_by_itself(self, outbreak, order, objection):
        assert objections.advance(outbreak=outbreak, now=TOO_LATE - timedelta(seconds=1)) == 0
        assert objections.advance(outbreak=outbreak, now=TOO_LATE) == 1
        order.refresh_from_db()
        objection.refresh_from_db()
        assert (order.state, order.end_reason) == (OrderState.ENDED, OrderEnd.NOT_HEARD)
        assert (objection.decision, objection.decided_by) == (ObjectionDecision.NOT_IN_TIME, None)
        assert Event.objects.filter(verb="objection.not_in_time").count() == 1

    def test_twice_changes_nothing(self, outbreak, objection):
        objections.advance(outbreak=outbreak, now=TOO_LATE)
        before = Event.objects.count(), OrderChange.objects.count()
        assert objections.advance(outbreak=outbreak, now=TOO_LATE) == 0
        assert (Event.objects.count(), OrderChange.objects.count()) == before

    def test_leaves_what_rests_on_a_positive_test(self, outbreak, order, objection):
        world.swabbed(order.person, outbreak, TODAY, TestResult.POSITIVE)
        assert objections.advance(outbreak=outbreak, now=TOO_LATE) == 0
        order.refresh_from_db()
        assert order.state == OrderState.ISSUED

    def test_leaves_an_area_that_concerns_others(self, outbreak, officer):
        zone = zone_of(outbreak, officer)
        taken(zone, officer, about=ObjectionAbout.ZONE)
        assert objections.advance(outbreak=outbreak, now=TOO_LATE) == 0
        zone.refresh_from_db()
        assert zone.state == ZoneState.PUBLISHED


class TestTasks:
    def of(self, kind, state="open"):
        return list(Task.objects.filter(kind=kind, state=state).order_by("pk"))

    def test_ask_a_commander_until_it_is_decided(self, outbreak, objection, commander):
        tasks.advance(outbreak=outbreak, now=NOW)
        (task,) = self.of(TaskKind.DECIDE_OBJECTION)
        assert (task.role, task.due_at, task.subject_id) == (Role.COMMANDER, objection.due_at, objection.pk)
        objections.decide(
            objection=objection, decision=ObjectionDecision.UPHELD, reason="x", by=commander, now=LATER
        )  # fmt: skip
        tasks.advance(outbreak=outbreak, now=LATER)
        assert self.of(TaskKind.DECIDE_OBJECTION) == []

    def test_ask_one_level_up_what_stays_undecided(self, outbreak, order, objection):
        world.swabbed(order.person, outbreak, TODAY, TestResult.POSITIVE)
        tasks.advance(outbreak=outbreak, now=TOO_LATE)
        assert [one.area_code for one in self.of(TaskKind.DECIDE_OBJECTION)] == [factories.VILLAGE, "130109"]

    def test_ask_area_officers_to_lift_what_was_granted(self, outbreak, officer, commander):
        zone = zone_of(outbreak, officer)
        made = taken(zone, officer, about=ObjectionAbout.ZONE)
        objections.decide(objection=made, decision=ObjectionDecision.GRANTED, reason="x", by=commander, now=LATER)
        tasks.advance(outbreak=outbreak, now=LATER)
        assert [one.role for one in self.of(TaskKind.DECIDE_LIFT)] == [Role.AREA_OFFICER]
        Zone.objects.update(state=ZoneState.LIFTED, lifted_at=LATER, lifted_by=officer)
        tasks.advance(outbreak=outbreak, now=LATER)
        assert self.of(TaskKind.DECIDE_LIFT) == []

    def test_ask_grid_workers_to_serve_what_is_late(self, outbreak, order, officer):
        tasks.advance(outbreak=outbreak, now=NOW + timedelta(hours=11))
        assert self.of(TaskKind.SERVE_ORDER) == []
        tasks.advance(outbreak=outbreak, now=NOW + timedelta(hours=12))
        (task,) = self.of(TaskKind.SERVE_ORDER)
        assert (task.role, task.area_code, task.due_at) == (
            Role.GRID_WORKER, order.area_code, NOW + timedelta(hours=12),
        )  # fmt: skip
        service = isolation.serving.Service("in_person", "told")
        isolation.serve(order=order, service=service, by=officer, now=NOW + timedelta(hours=13))
        tasks.advance(outbreak=outbreak, now=NOW + timedelta(hours=13))
        assert self.of(TaskKind.SERVE_ORDER) == []
