"""At home: homes are checked, visits planned, doors knocked at, and whoever is worse is heard at once."""

from datetime import timedelta
from itertools import permutations

import pytest

from sizao.errors import SizaoError
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import DoorAct, Event, HomeVisit, Observation, Signal, Stay, Task, TransferRequest
from sizao.response import flow, isolation, tasks
from sizao.response.isolation import home
from sizao.terms import (
    CheckMark,
    DoorAnswer,
    HomeCheckItem,
    NeedKind,
    OrderKind,
    OrderState,
    Role,
    SignalKind,
    StayKind,
    Symptom,
    TaskKind,
    TaskState,
    TransferKind,
    VisitKind,
    VisitOutcome,
)  # fmt: skip
from tests import factories
from tests.response.home_world import DAY, NOW, VILLAGE, born, grid_worker, household, need, order_of

pytestmark = pytest.mark.django_db
ALL_PASSED = dict.fromkeys(HomeCheckItem, CheckMark.PASSED)


@pytest.fixture
def outbreak(noise):
    factories.area()
    return factories.outbreak()


@pytest.fixture
def order(outbreak):
    return order_of(factories.person(name="王小明", phone="13800000000"), within=outbreak)


def asked(outbreak, kind):
    tasks.advance(outbreak=outbreak, now=NOW)
    return list(Task.objects.filter(kind=kind, state=TaskState.OPEN))


class TestCheckingAHome:
    def check(self, order, marks, **facts):
        return home.record_check(order=order, marks=marks, **{"by": grid_worker(), "now": NOW} | facts)

    def test_passes_where_all_that_decides_is_there(self, order):
        assert self.check(order, ALL_PASSED).passed

    @pytest.mark.parametrize("item", [HomeCheckItem.OWN_ROOM, HomeCheckItem.NO_SHARED_AIR, HomeCheckItem.CARER])
    def test_fails_for_want_of_one_thing_that_decides_and_asks_for_a_room(self, outbreak, order, item):
        found = self.check(order, ALL_PASSED | {item: CheckMark.FAILED})
        assert not found.passed
        assert home.failing_items(found) == [item]
        (task,) = asked(outbreak, TaskKind.FIND_ROOM)
        assert task.role == Role.ISOLATION_COORDINATOR
        assert task.subject_id == order.pk
        assert task.area_code == VILLAGE[:6]

    def test_passes_without_what_can_be_brought_and_has_it_brought_today(self, order):
        assert self.check(order, ALL_PASSED | {HomeCheckItem.THERMOMETER: CheckMark.FAILED}).passed
        (visit,) = HomeVisit.objects.filter(order=order)
        assert (visit.kind, visit.due_date) == (VisitKind.DELIVERY, DAY)
        (door,) = home.doors(order.outbreak, VILLAGE, day=DAY, as_of=NOW, by=grid_worker(), now=NOW)
        assert door.things[0].bring == (HomeCheckItem.THERMOMETER,)

    def test_is_asked_for_until_it_is_done(self, outbreak, order):
        (task,) = asked(outbreak, TaskKind.CHECK_HOME)
        assert task.area_code == VILLAGE
        self.check(order, ALL_PASSED)
        assert not asked(outbreak, TaskKind.CHECK_HOME)

    def test_is_refused_without_an_answer_that_decides(self, order):
        with pytest.raises(home.ItemsUnanswered, match="Alone, or a room"):
            self.check(order, {item: mark for item, mark in ALL_PASSED.items() if item != HomeCheckItem.OWN_ROOM})

    def test_is_refused_to_who_may_not_and_to_who_is_elsewhere(self, order):
        with pytest.raises(NotAllowed):
            self.check(order, ALL_PASSED, by=factories.account(role=Role.INVESTIGATOR))
        with pytest.raises(NotYours):
            self.check(order, ALL_PASSED, by=grid_worker("130109110999"))

    def test_is_refused_for_a_site_and_after_the_end(self, outbreak, order):
        site = order_of(factories.person(), within=outbreak, kind=OrderKind.CENTRAL)
        with pytest.raises(home.NotForThisOrder):
            self.check(site, ALL_PASSED)
        order.state, order.ended_at = OrderState.ENDED, NOW
        order.save()
        with pytest.raises(home.NotForThisOrder):
            self.check(order, ALL_PASSED)


class TestNobodyIsLeftAlone:
    def parent_and_child(self, outbreak, **facts):
        parent, child = factories.person(birth_date=born(35)), factories.person(birth_date=born(6))
        household(parent, child, *facts.get("others", ()))
        return order_of(parent, within=outbreak, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED), child

    def test_a_child_whose_only_parent_is_ordered_away_blocks_the_order(self, outbreak):
        order, child = self.parent_and_child(outbreak)
        with pytest.raises(home.LeftAlone, match=child.number):
            home.require_carer(order, now=NOW)
        (task,) = asked(outbreak, TaskKind.FIND_CARER)
        assert task.subject_label == child.number

    def test_a_grandmother_at_home_will_do_unless_she_depends_on_others(self, outbreak):
        grandmother = factories.person(birth_date=born(70))
        order, child = self.parent_and_child(outbreak, others=[grandmother])
        home.require_carer(order, now=NOW)
        need(grandmother, NeedKind.NOT_SELF_CARING)
        assert {person for person, _ in home.left_alone([order], now=NOW)[order.pk]} == {child.pk, grandmother.pk}

    def test_a_child_that_goes_along_is_not_left(self, outbreak):
        order, child = self.parent_and_child(outbreak)
        order_of(child, within=outbreak, kind=OrderKind.CENTRAL)
        home.require_carer(order, now=NOW)

    def test_a_parent_in_hospital_looks_after_nobody(self, outbreak):
        other = factories.person(birth_date=born(36))
        order, _ = self.parent_and_child(outbreak, others=[other])
        home.require_carer(order, now=NOW)
        Stay.objects.create(
            person=other, kind=StayKind.BED, area_code=VILLAGE, period=(NOW - timedelta(days=1), None),
            party=-other.pk, recorded_at=NOW, source_key="stay:other",
        )  # fmt: skip
        with pytest.raises(home.LeftAlone):
            home.require_carer(order, now=NOW)

    def test_once_somebody_is_named_the_order_may_go_and_the_task_is_done(self, outbreak):
        order, child = self.parent_and_child(outbreak)
        (task,) = asked(outbreak, TaskKind.FIND_CARER)
        with pytest.raises(home.CarerMissing):
            self.name(outbreak, child, carer=" ")
        self.name(outbreak, child)
        home.require_carer(order, now=NOW)
        assert not asked(outbreak, TaskKind.FIND_CARER)
        task.refresh_from_db()
        assert task.state == TaskState.DONE

    def name(self, outbreak, child, carer="李四"):
        return home.name_carer(
            outbreak=outbreak, person=child, carer=carer, phone="139", agreed="姑姑接走", by=grid_worker(), now=NOW
        )

    def test_the_order_is_refused_at_its_issue_and_not_those_beside_it(self, outbreak):
        officer = factories.account(role=Role.ISOLATION_COORDINATOR, area_code="13")
        order, child = self.parent_and_child(outbreak)
        beside = order_of(factories.person(), within=outbreak, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED)
        with pytest.raises(home.LeftAlone):
            isolation.issue(order=order, by=officer, now=NOW)
        _, refused = isolation.issue_many(orders=[order, beside], by=officer, now=NOW)
        assert [type(one) for one in refused] == [home.LeftAlone, isolation.NoEpidemiologicalLink]

    def test_two_parents_of_one_batch_are_both_held_back(self, outbreak):
        father = factories.person(birth_date=born(36))
        order, child = self.parent_and_child(outbreak, others=[father])
        his = order_of(father, within=outbreak, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED)
        assert home.left_alone([order], now=NOW) == {}
        assert set(home.left_alone([order, his], now=NOW)) == {order.pk, his.pk}


class TestPlanning:
    def kinds(self, day=DAY):
        rows = HomeVisit.objects.filter(due_date=day).order_by("kind", "pk")
        return [str(kind) for kind in rows.values_list("kind", flat=True)]

    def test_plans_today_and_tomorrow_once(self, outbreak, order):
        n_new = home.advance(outbreak=outbreak, now=NOW)
        assert n_new == HomeVisit.objects.count() > 0
        assert home.advance(outbreak=outbreak, now=NOW + timedelta(hours=1)) == 0
        assert self.kinds() == ["call", "call", "visit", "waste"]

    def test_brings_goods_every_third_day_from_the_first(self, outbreak, order):
        home.advance(outbreak=outbreak, now=NOW, days_ahead=3)
        days = HomeVisit.objects.filter(kind=VisitKind.DELIVERY).values_list("due_date", flat=True)
        assert [(day - order.starts_date).days for day in days] == [3]

    def test_swabs_on_the_test_days_of_the_order(self, outbreak):
        order_of(factories.person(), within=outbreak, test_dates=[DAY, DAY + timedelta(days=4)])
        home.advance(outbreak=outbreak, now=NOW)
        assert "swab" in self.kinds()
        assert "swab" not in self.kinds(DAY + timedelta(days=1))

    def test_brings_medicines_three_days_before_they_run_out_and_once(self, outbreak, order):
        need(order.person, NeedKind.MEDICINES, until_date=DAY + timedelta(days=4), detail="降压药")
        home.advance(outbreak=outbreak, now=NOW)
        home.advance(outbreak=outbreak, now=NOW + timedelta(days=1))
        (visit,) = HomeVisit.objects.filter(kind=VisitKind.MEDICINE)
        assert (visit.due_date, visit.what) == (DAY + timedelta(days=1), "降压药")

    def test_asks_how_long_medicines_last_where_nobody_said(self, outbreak, order):
        need(order.person, NeedKind.MEDICINES)
        home.advance(outbreak=outbreak, now=NOW)
        (door,) = home.doors(outbreak, VILLAGE, day=DAY, as_of=NOW, by=grid_worker(), now=NOW)
        assert [one.supply_unknown for one in door.things if one.kind == VisitKind.MEDICINE] == [True]

    def test_calls_who_is_monitored_and_does_not_knock(self, outbreak):
        order_of(factories.person(), within=outbreak, kind=OrderKind.MONITORING)
        home.advance(outbreak=outbreak, now=NOW)
        assert self.kinds() == ["call"]

    @pytest.mark.parametrize(
        "facts",
        [
            {"state": OrderState.PROPOSED},
            {"kind": OrderKind.CENTRAL},
            {"starts_date": DAY - timedelta(days=9), "ends_date": DAY - timedelta(days=2)},
        ],
    )
    def test_plans_nothing_for_who_is_not_under_an_issued_order_at_home(self, outbreak, facts):
        order_of(factories.person(), within=outbreak, **facts)
        assert home.advance(outbreak=outbreak, now=NOW) == 0

    def test_puts_the_old_the_pregnant_children_and_the_chronically_ill_first(self, outbreak):
        adult, child, old = (factories.person(birth_date=born(years)) for years in (40, 7, 85))
        pregnant, ill = factories.person(birth_date=born(30)), factories.person()
        need(pregnant, NeedKind.PREGNANT)
        need(ill, NeedKind.CHRONIC)
        for one in (adult, child, old, pregnant, ill):
            order_of(one, within=outbreak)
        home.advance(outbreak=outbreak, now=NOW)
        points = dict(HomeVisit.objects.values_list("person_id", "priority"))
        assert points[adult.pk] == 0
        assert min(points[one.pk] for one in (child, old, pregnant, ill)) > 0
        assert points[old.pk] > points[child.pk]

    def test_runs_in_the_loop_and_twice_changes_nothing(self, outbreak, order):
        flow.advance(outbreak=outbreak, now=NOW)
        assert HomeVisit.objects.filter(order=order).exists()
        assert flow.advance(outbreak=outbreak, now=NOW)["isolation"] == 0


class TestTheDoorsOfADay:
    def listed(self, outbreak, **facts):
        given = {"day": DAY, "as_of": NOW + timedelta(hours=1), "by": grid_worker(), "now": NOW} | facts
        return home.doors(outbreak, facts.get("within", VILLAGE), **{k: v for k, v in given.items() if k != "within"})

    def test_has_one_door_for_a_household_the_pressing_one_first(self, outbreak):
        mother, child = factories.person(birth_date=born(33)), factories.person(birth_date=born(3), name="小宝")
        household(mother, child)
        alone = factories.person()
        for one in (mother, child, alone):
            order_of(one, within=outbreak)
        home.advance(outbreak=outbreak, now=NOW)
        first, second = self.listed(outbreak)
        assert {one.number for one in first.people} == {mother.number, child.number}
        assert [one.number for one in second.people] == [alone.number]
        assert first.priority > second.priority == 0

    def test_carries_over_what_was_to_be_brought_and_no_call_of_yesterday(self, outbreak, order):
        home.advance(outbreak=outbreak, now=NOW - timedelta(hours=19), days_ahead=0)
        (door,) = self.listed(outbreak)
        assert {one.kind for one in door.things} == {VisitKind.DELIVERY, VisitKind.WASTE}
        assert all(one.is_late for one in door.things)

    def test_leaves_out_whose_order_has_ended(self, outbreak, order):
        home.advance(outbreak=outbreak, now=NOW)
        order.state, order.ended_at = OrderState.ENDED, NOW
        order.save()
        assert self.listed(outbreak) == []

    def test_reading_it_is_journalled_person_by_person(self, outbreak, order):
        home.advance(outbreak=outbreak, now=NOW)
        self.listed(outbreak)
        assert Event.objects.filter(verb="person.read", person_id=order.person_id, facts__purpose="doors").count() == 1

    def test_is_for_a_village_and_for_who_works_there(self, outbreak, order):
        with pytest.raises(home.AreaTooWide):
            self.listed(outbreak, within="130109", by=grid_worker("130109"))
        with pytest.raises(NotYours):
            self.listed(outbreak, by=grid_worker("130109110999"))
        with pytest.raises(NotAllowed):
            self.listed(outbreak, by=factories.account(role=Role.INVESTIGATOR))

    def test_a_county_counts_its_streets(self, outbreak, order):
        home.advance(outbreak=outbreak, now=NOW, days_ahead=0)
        assert home.by_area(outbreak, "130109", day=DAY, as_of=NOW) == [(VILLAGE[:9], 4, 1)]


class TestWhatAPhoneSends:
    @pytest.fixture
    def visit(self, outbreak, order):
        home.advance(outbreak=outbreak, now=NOW - timedelta(hours=2), days_ahead=0)
        return HomeVisit.objects.get(kind=VisitKind.VISIT)

    def sent(self, visit, outcome=VisitOutcome.DONE, key="k1", minutes=5, **facts):
        return home.DoorSent(key, visit.pk, NOW - timedelta(minutes=minutes), outcome, **facts)

    def send(self, outbreak, *acts, **facts):
        return home.record(outbreak=outbreak, acts=acts, **{"by": self.worker, "now": NOW} | facts)

    @pytest.fixture(autouse=True)
    def worker_of_the_village(self, db):
        self.worker = grid_worker()

    def test_is_taken_once_however_often_it_comes(self, outbreak, visit):
        assert [one.answer for one in self.send(outbreak, self.sent(visit))] == [DoorAnswer.TAKEN]
        assert [one.answer for one in self.send(outbreak, self.sent(visit))] == [DoorAnswer.KNOWN]
        both = self.send(outbreak, self.sent(visit, key="k2"), self.sent(visit, key="k2"))
        assert [one.answer for one in both] == [DoorAnswer.TAKEN, DoorAnswer.KNOWN]
        assert DoorAct.objects.count() == 2
        visit.refresh_from_db()
        assert (visit.outcome, visit.done_by) == (VisitOutcome.DONE, self.worker.username)

    def test_says_the_same_in_whatever_order_it_comes(self, outbreak, order):
        acts = (
            (VisitOutcome.NOBODY, 50), (VisitOutcome.DONE, 30), (VisitOutcome.WORSE, 20), (VisitOutcome.LEFT, 10),
        )  # fmt: skip
        seen = set()
        for turn, sequence in enumerate(permutations(acts)):
            visit = home.ask_visit(
                order=order, kind=VisitKind.VISIT, due_date=DAY, what="", by=self.worker,
                now=NOW + timedelta(seconds=turn),
            )  # fmt: skip
            for outcome, minutes in sequence:
                self.send(outbreak, self.sent(visit, outcome, key=f"{turn}:{outcome}", minutes=minutes))
            visit.refresh_from_db()
            seen.add((visit.outcome, visit.done_at))
        assert seen == {("worse", NOW - timedelta(minutes=20))}

    def test_worse_is_a_signal_at_once_an_observation_and_a_task(self, outbreak, visit):
        sent = self.sent(visit, VisitOutcome.WORSE, temperature_c=38.4, symptoms=(Symptom.DRY_COUGH,))
        self.send(outbreak, sent)
        (signal,) = Signal.objects.filter(outbreak=outbreak)
        assert (signal.kind, signal.person) == (SignalKind.OBSERVATION, visit.person)
        assert set(signal.facts["symptoms"]) == {"fever", "dry_cough"}
        (seen,) = Observation.objects.filter(person=visit.person)
        assert seen.temperature_c == 38.4
        assert [act.visit_id for act in home.waiting_for_transfer(outbreak, as_of=NOW)] == [visit.pk]
        flow.advance(outbreak=outbreak, now=NOW)
        flow.advance(outbreak=outbreak, now=NOW)
        assert [(one.person_id, one.kind) for one in TransferRequest.objects.all()] == [
            (visit.person_id, TransferKind.FEVER)
        ]
        (task,) = asked(outbreak, TaskKind.HELP_WORSE)
        assert task.subject_label == visit.person.number

    def test_a_fever_is_worse_even_where_done_was_pressed(self, outbreak, visit):
        self.send(outbreak, self.sent(visit, temperature_c=38.0))
        visit.refresh_from_db()
        assert visit.outcome == VisitOutcome.WORSE
        assert Signal.objects.filter(person=visit.person).count() == 1

    def test_a_normal_temperature_is_no_signal(self, outbreak, visit):
        self.send(outbreak, self.sent(visit, temperature_c=36.5, symptoms=()))
        assert not Signal.objects.filter(outbreak=outbreak).exists()

    def test_what_is_wrong_holds_back_nothing_else(self, outbreak, visit):
        other = order_of(factories.person(area_code="130109110999"), within=outbreak)
        elsewhere = HomeVisit.objects.create(
            outbreak=outbreak, person=other.person, order=other, area_code="130109110999", kind=VisitKind.CALL,
            planned_at=NOW, planned_by="t", due_date=DAY, source_key="v",
        )  # fmt: skip
        told = self.send(
            outbreak,
            self.sent(visit, key="hot", temperature_c=50.0),
            self.sent(elsewhere, key="elsewhere"),
            self.sent(visit, key="old", minutes=60 * 24 * 30),
            self.sent(visit, key="good"),
        )
        assert [one.answer for one in told] == [DoorAnswer.REFUSED] * 3 + [DoorAnswer.TAKEN]
        assert [getattr(one.why, "code", None) for one in told] == [
            "home.act.temperature.unreadable", "access.not_found", "home.act.moment.unreadable", None,
        ]  # fmt: skip
        assert all(isinstance(one.why, SizaoError) for one in told[:3])

    def test_a_clock_that_is_a_day_wrong_is_put_right(self, outbreak, visit):
        ahead = timedelta(days=1)
        sent = home.DoorSent("k", visit.pk, NOW + ahead - timedelta(minutes=5), VisitOutcome.DONE)
        self.send(outbreak, sent, sent_at=NOW + ahead)
        (act,) = DoorAct.objects.all()
        assert act.happened_at == NOW - timedelta(minutes=5)
        assert act.clock_off_seconds == ahead.total_seconds()

    def test_nobody_twice_in_a_row_asks_somebody_to_find_out_until_they_are_met(self, outbreak, visit):
        self.send(outbreak, self.sent(visit, VisitOutcome.NOBODY, key="a", minutes=50))
        assert not asked(outbreak, TaskKind.REACH_HOME)
        self.send(outbreak, self.sent(visit, VisitOutcome.NOBODY, key="b", minutes=30))
        assert len(asked(outbreak, TaskKind.REACH_HOME)) == 1
        assert len(asked(outbreak, TaskKind.REACH_HOME)) == 1
        self.send(outbreak, self.sent(visit, VisitOutcome.DONE, key="c", minutes=1))
        assert not asked(outbreak, TaskKind.REACH_HOME)

    def test_who_is_out_is_a_fact_for_a_person_and_changes_no_order(self, outbreak, visit):
        before = (visit.order.state, visit.order.ends_date)
        self.send(outbreak, self.sent(visit, VisitOutcome.LEFT))
        assert len(asked(outbreak, TaskKind.REACH_HOME)) == 1
        visit.order.refresh_from_db()
        assert (visit.order.state, visit.order.ends_date) == before

    def test_needs_the_right(self, outbreak, visit):
        with pytest.raises(NotAllowed):
            self.send(outbreak, self.sent(visit), by=factories.account(role=Role.SAMPLER))


class TestAskingByHand:
    def ask(self, order, **facts):
        given = {"kind": VisitKind.DELIVERY, "due_date": DAY, "what": "婴儿奶粉", "by": grid_worker(), "now": NOW}
        return home.ask_visit(order=order, **given | facts)

    def test_keeps_who_asked_and_what_for(self, order):
        assert self.ask(order).what == "婴儿奶粉"

    def test_is_refused_for_yesterday_and_without_saying_what(self, order):
        with pytest.raises(home.VisitInThePast):
            self.ask(order, due_date=DAY - timedelta(days=1))
        with pytest.raises(home.VisitUnclear):
            self.ask(order, what=" ")

    def test_is_refused_elsewhere(self, order):
        with pytest.raises(NotYours):
            self.ask(order, by=grid_worker("130109110999"))


class TestWhomToCall:
    def test_the_narrowest_and_latest_number_answers(self, db):
        by = factories.account(role=Role.ISOLATION_COORDINATOR, area_code="13")
        for minutes, (area, phone) in enumerate([("130109", "1"), (VILLAGE, "2"), ("130109", "3"), (VILLAGE, "4")]):
            home.set_contact(area_code=area, office="社区", phone=phone, by=by, now=NOW + timedelta(minutes=minutes))
        later = NOW + timedelta(hours=1)
        assert home.contact_of(VILLAGE, as_of=later).phone == "4"
        assert home.contact_of("130109220", as_of=later).phone == "3"
        assert home.contact_of(VILLAGE, as_of=NOW).phone == "1"
        assert home.contact_of("410100", as_of=later) is None

    def test_is_refused_without_a_number_and_elsewhere(self, db):
        by = factories.account(role=Role.ISOLATION_COORDINATOR, area_code="130109")
        with pytest.raises(home.ContactIncomplete):
            home.set_contact(area_code="130109", office="社区", phone="", by=by, now=NOW)
        with pytest.raises(NotYours):
            home.set_contact(area_code="1302", office="社区", phone="1", by=by, now=NOW)
