"""Test days, a positive next door, objects, staff, and who leaves a site."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import CommunityHandOver, IsolationOrder, SiteExposure, SiteRelease, Task
from sizao.response import signals, tasks
from sizao.response.isolation import days
from sizao.response.isolation.days import (
    environment,
    exposures,
    handing_over,
    observing,
    releasing,
    staff,
    test_days,
)
from sizao.terms import OrderKind, OrderState, OutbreakKind, ReleaseLack, SampledObject, Session, TaskKind, TestResult
from tests import factories
from tests.response.days_world import NOW, TODAY, World, hours

pytestmark = pytest.mark.django_db
TOMORROW = date(2022, 9, 11)


@pytest.fixture
def world(noise):
    return World()


def swabbed(world, person, *september, result=TestResult.NEGATIVE, at=NOW):
    results = [
        signals.Result(
            person=person, taken_date=date(2022, 9, day), result=result, resulted_date=result and date(2022, 9, day),
            source_key=f"test:{person.pk}:{day}",
        )
        for day in september
    ]  # fmt: skip
    signals.record_tests(outbreak=world.outbreak, results=results, by=None, now=at)


class TestTestDays:
    def test_are_due_until_swabbed(self, world):
        first, second, third, _ = world.people
        swabbed(world, first, 7, 8, 9)
        swabbed(world, second, 7, 8, result=None)
        swabbed(world, third, 10)
        waiting = {one.inside.person: one.since for one in test_days.due(world.site, TOMORROW, as_of=NOW)}
        assert waiting == {
            first: TOMORROW, second: date(2022, 9, 9), third: TOMORROW, world.people[3]: date(2022, 9, 7),
        }  # fmt: skip

    def test_a_swab_serves_the_day_before_it(self, world):
        order = world.people[0].isolation_orders.get()
        swabbed(world, world.people[0], 10)
        known = test_days.of_orders([order], as_of=NOW)[order.pk]
        assert [(one.date.day, one.taken_date and one.taken_date.day) for one in known] == [
            (7, None), (8, None), (9, 10), (11, None), (13, None),
        ]  # fmt: skip

    def test_a_positive_result_stands_for_its_day(self, world):
        order = world.people[0].isolation_orders.get()
        swabbed(world, world.people[0], 9)
        swabbed(world, world.people[0], 10, result=TestResult.POSITIVE)
        assert test_days.positive(test_days.of_orders([order], as_of=NOW)[order.pk])

    def test_what_was_recorded_later_was_not_known(self, world):
        order = world.people[0].isolation_orders.get()
        swabbed(world, world.people[0], 7, at=NOW + hours(1))
        assert test_days.of_orders([order], as_of=NOW)[order.pk][0].is_open

    def test_before_an_order_began_are_nobodys(self, world):
        person = world.lodge("204", ends=None)
        order = world.order(person, tests=(5, 8, 11))
        assert [one.date.day for one in test_days.of_orders([order], as_of=NOW)[order.pk]] == [8, 11]

    def test_are_seen_from_the_tables_of_a_round_before_results_come(self, world):
        from sizao.records.models import RosterEntry
        from sizao.response import testing
        from sizao.terms import TubeKind
        from tests.response.testing_world import World as Tables

        tables = Tables(kind=OutbreakKind.DRILL)
        person, number = world.people[0], 1
        RosterEntry.objects.filter(round=tables.round, number=number).update(person=person)
        at = datetime(2021, 2, 20, 3, tzinfo=NOW.tzinfo)
        testing.register_swabs(
            testing_round=tables.round, by=tables.sampler, now=at,
            swabs=[tables.swab("a", next(tables.codes), number, at=at, kind=TubeKind.SINGLE)],
        )  # fmt: skip
        order = world.order(
            factories.person(), starts=date(2021, 2, 18), ends=date(2021, 2, 25), tests=()
        )  # fmt: skip
        IsolationOrder.objects.filter(pk=order.pk).update(person=person, test_dates=[date(2021, 2, 20)])
        order.refresh_from_db()
        assert test_days.of_orders([order], as_of=at)[order.pk][0].taken_date == date(2021, 2, 20)


class TestStaff:
    def enter(self, world, number="S1", starts=date(2022, 9, 1)):
        return staff.enter_staff(
            site=world.site, number=number, duty="消毒", starts_date=starts, name="赵某", by=world.coordinator, now=NOW
        )

    def leave(self, world, who, day=TODAY):
        return staff.leave_loop(staff=who, last_date=day, outbreak=world.outbreak, by=world.coordinator, now=NOW)

    def test_are_in_one_loop_at_a_time(self, world):
        self.enter(world)
        with pytest.raises(staff.StaffInALoop):
            self.enter(world, starts=TODAY)

    def test_who_missed_a_test_come_first(self, world):
        rules = days.outbreaks.rules_at(world.outbreak, NOW)
        self.enter(world, "A")
        tested_today = self.enter(world, "B")
        staff.record_staff_test(staff=tested_today, taken_at=NOW, is_positive=False, by=world.worker, now=NOW)
        lines = staff.staff_of(world.site, day=TODAY, rules=rules, as_of=NOW)
        assert [(one.staff.number, one.is_missed) for one in lines] == [("A", True), ("B", False)]

    @pytest.mark.parametrize(("days_ago", "positive", "refused"), [
        (None, None, staff.LastTestMissing), (3, False, staff.LastTestMissing), (0, None, staff.LastTestMissing),
        (0, True, staff.StaffPositive), (0, False, None), (1, False, None),
    ])  # fmt: skip
    def test_do_not_leave_with_a_missing_last_test(self, world, days_ago, positive, refused):
        who = self.enter(world)
        if days_ago is not None:
            at = NOW - timedelta(days=days_ago)
            staff.record_staff_test(staff=who, taken_at=at, is_positive=positive, by=world.worker, now=NOW)
        if refused:
            with pytest.raises(refused):
                self.leave(world, who)
            return
        left = self.leave(world, who)
        # Seven days after the loop by edition 9.
        assert (left.ends_date, left.watched_until) == (TODAY, date(2022, 9, 17))
        assert list(staff.watched(world.site, day=TOMORROW)) == [left]
        with pytest.raises(staff.LeftAlready):
            self.leave(world, who)

    def test_a_result_that_stands_is_not_written_over(self, world):
        who = self.enter(world)
        for result in (None, True, False):
            test = staff.record_staff_test(staff=who, taken_at=NOW, is_positive=result, by=world.worker, now=NOW)
        assert (who.tests.count(), test.is_positive) == (1, True)

    def test_are_nobody_in_isolation(self, world):
        self.enter(world)
        from sizao.response.isolation.days.inside import people_in

        assert len(people_in(world.site, as_of=NOW)) == 4

    def test_are_entered_by_who_manages_the_site(self, world):
        with pytest.raises(NotAllowed):
            staff.enter_staff(site=world.site, number="S", duty="x", starts_date=TODAY, by=world.worker, now=NOW)


class TestEnvironment:
    def test_a_result_is_entered_once(self, world):
        sample = environment.take_sample(
            room=world.rooms["101"], outbreak=world.outbreak, what=SampledObject.PHONE, taken_at=NOW, by=world.worker,
            now=NOW,
        )  # fmt: skip
        with pytest.raises(environment.SampleTaken):
            environment.take_sample(
                room=world.rooms["101"], outbreak=world.outbreak, what=SampledObject.PHONE, taken_at=NOW,
                by=world.worker, now=NOW,
            )  # fmt: skip
        environment.record_result(sample=sample, is_positive=False, by=world.worker, now=NOW)
        with pytest.raises(environment.ResultStands):
            environment.record_result(sample=sample, is_positive=True, by=world.worker, now=NOW)

    def test_is_not_asked_for_while_that_is_unconfirmed(self, noise):
        real = World(kind=OutbreakKind.REAL)
        assert not environment.asked(days.outbreaks.rules_at(real.outbreak, NOW))


class TestRelease:
    """Room 101 leaves tomorrow."""

    def leaves(self, world, *, ends=TOMORROW, tests=(7, 8, 9, 10)):
        order = world.people[0].isolation_orders.get()
        IsolationOrder.objects.filter(pk=order.pk).update(
            ends_date=ends, test_dates=[date(2022, 9, day) for day in tests]
        )
        order.refresh_from_db()
        return order

    def complete(self, world, order):
        swabbed(world, order.person, 7, 8, 9, 10, at=NOW)
        for what in (SampledObject.PHONE, SampledObject.PILLOW):
            sample = environment.take_sample(
                room=world.rooms["101"], outbreak=world.outbreak, what=what, taken_at=NOW, order=order, by=world.worker,
                now=NOW,
            )  # fmt: skip
            environment.record_result(sample=sample, is_positive=False, by=world.worker, now=NOW)

    def listed(self, world, day=TOMORROW, at=NOW):
        return releasing.leaving(world.site, day, outbreak=world.outbreak, as_of=at)

    def sign(self, world, order, *, by=None, reason="", name="李四"):
        return releasing.sign(
            site=world.site, order=order, outbreak=world.outbreak, signed_as=name, reason=reason,
            by=by or world.coordinator, now=NOW,
        )  # fmt: skip

    def test_lists_who_leaves_and_what_is_lacking(self, world):
        self.leaves(world)
        [one] = self.listed(world)
        assert one.inside.person == world.people[0]
        assert one.lacks == (ReleaseLack.TEST_MISSING, ReleaseLack.OBJECTS_MISSING)

    def test_lacks_nothing_when_all_is_negative(self, world):
        order = self.leaves(world)
        self.complete(world, order)
        assert self.listed(world)[0].lacks == ()

    def test_names_fever_results_that_wait_and_an_open_exposure(self, world):
        order = self.leaves(world)
        self.complete(world, order)
        swabbed(world, world.people[1], 9, result=TestResult.POSITIVE)
        days.advance(outbreak=world.outbreak, now=NOW)
        looks = [observing.ObservationSent("k", order.person.number, NOW, temperature_c=38.0)]
        observing.record_observations(
            site=world.site, outbreak=world.outbreak, observations=looks, by=world.worker, now=NOW
        )
        assert set(self.listed(world)[0].lacks) == {ReleaseLack.SYMPTOMS, ReleaseLack.EXPOSURE_OPEN}

    def test_is_signed_and_the_community_is_told(self, world):
        order = self.leaves(world)
        self.complete(world, order)
        follow = IsolationOrder.objects.create(
            outbreak=world.outbreak, person=order.person, contact=order.contact, kind=OrderKind.MONITORING,
            state=OrderState.PROPOSED, area_code=order.area_code, starts_date=date(2022, 9, 12),
            ends_date=date(2022, 9, 14), proposed_at=NOW, source_key="test:follow",
        )  # fmt: skip
        release = self.sign(world, order)
        told = CommunityHandOver.objects.get()
        assert (release.signed_as, release.lacks, release.signed_by) == ("李四", [], world.coordinator)
        assert (told.person, told.area_code, told.follow_order) == (order.person, factories.VILLAGE, follow)
        assert timezone.localtime(told.due_at).isoformat() == "2022-09-12T00:00:00+08:00"
        with pytest.raises(releasing.SignedAlready):
            self.sign(world, order)

    def test_takes_a_reason_where_something_is_lacking_and_keeps_it(self, world):
        order = self.leaves(world)
        with pytest.raises(releasing.ReleaseReasonMissing):
            self.sign(world, order)
        release = self.sign(world, order, reason="专家研判排除感染")
        assert (release.reason, release.lacks) == ("专家研判排除感染", ["test_missing", "objects_missing"])

    def test_a_positive_object_stops_nobody_but_takes_a_reason(self, world):
        order = self.leaves(world)
        self.complete(world, order)
        sample = environment.take_sample(
            room=world.rooms["101"], outbreak=world.outbreak, what=SampledObject.DOOR_HANDLE, taken_at=NOW, order=order,
            by=world.worker, now=NOW,
        )  # fmt: skip
        environment.record_result(sample=sample, is_positive=True, by=world.worker, now=NOW)
        with pytest.raises(releasing.ReleaseReasonMissing):
            self.sign(world, order)
        assert self.sign(world, order, reason="已排除感染").lacks == ["objects_positive"]

    def test_a_positive_person_is_not_signed_for(self, world):
        order = self.leaves(world)
        swabbed(world, order.person, 10, result=TestResult.POSITIVE)
        with pytest.raises(releasing.PositiveCannotLeave):
            self.sign(world, order, reason="无论如何")

    @pytest.mark.parametrize("name", ["", "  "])
    def test_takes_a_name(self, world, name):
        order = self.leaves(world)
        with pytest.raises(releasing.SignatureMissing):
            self.sign(world, order, name=name, reason="x")

    def test_is_not_signed_days_ahead_or_for_somebody_elsewhere(self, world):
        with pytest.raises(releasing.NotLeaving):
            self.sign(world, self.leaves(world, ends=date(2022, 9, 13)))
        outside = world.order(factories.person(), ends=TOMORROW)
        with pytest.raises(releasing.NotLeaving):
            self.sign(world, outside, reason="x")

    def test_is_signed_by_who_manages_the_site(self, world):
        order = self.leaves(world)
        with pytest.raises(NotAllowed):
            self.sign(world, order, by=world.worker)
        with pytest.raises(NotYours):
            self.sign(world, order, by=world.stranger)

    def test_holds_nobody_back_who_is_not_signed_for(self, world):
        from sizao.response import isolation

        order = self.leaves(world)
        isolation.advance(outbreak=world.outbreak, now=NOW + timedelta(days=2))
        order.refresh_from_db()
        assert (order.state, order.ends_date) == (OrderState.ENDED, TOMORROW)

    def test_is_withdrawn_with_a_reason_and_the_community_waits_no_more(self, world):
        release = self.sign(world, self.leaves(world), reason="x")
        with pytest.raises(releasing.WithdrawReasonMissing):
            releasing.withdraw(release=release, reason="", by=world.coordinator, now=NOW)
        releasing.withdraw(release=release, reason="复测", by=world.coordinator, now=NOW)
        assert not CommunityHandOver.objects.exists()
        with pytest.raises(releasing.NothingToWithdraw):
            releasing.withdraw(release=release, reason="复测", by=world.coordinator, now=NOW)
        self.sign(world, release.order, reason="again")  # signed anew
        assert SiteRelease.objects.filter(withdrawn_at=None).count() == 1

    def test_lapses_when_the_order_is_lengthened(self, world):
        order = self.leaves(world)
        self.sign(world, order, reason="x")
        IsolationOrder.objects.filter(pk=order.pk).update(ends_date=date(2022, 9, 15))
        assert days.advance(outbreak=world.outbreak, now=NOW) == 1
        assert SiteRelease.objects.get().withdrawn_at == NOW
        assert not CommunityHandOver.objects.exists()

    def test_is_received_at_home_once(self, world):
        self.sign(world, self.leaves(world), reason="x")
        told = handing_over.coming(world.grid_worker, world.outbreak, as_of=NOW).get()
        with pytest.raises(SizaoError):
            handing_over.receive(hand_over=told, by=world.worker, now=NOW)
        handing_over.receive(hand_over=told, by=world.grid_worker, now=NOW, note="已到家")
        assert not handing_over.coming(world.grid_worker, world.outbreak, as_of=NOW).exists()
        with pytest.raises(handing_over.ReceivedAlready):
            handing_over.receive(hand_over=told, by=world.grid_worker, now=NOW)
        with pytest.raises(releasing.NothingToWithdraw):
            releasing.withdraw(release=SiteRelease.objects.get(), reason="x", by=world.coordinator, now=NOW)


class TestTasks:
    def asked(self, world, kind, *, at=NOW):
        tasks.advance(outbreak=world.outbreak, now=at)
        return list(Task.objects.filter(kind=kind).order_by("pk"))

    def test_a_missed_round_is_asked_for_once_a_site_and_session(self, world):
        assert self.asked(world, TaskKind.MISSED_ROUND) == []
        [task] = self.asked(world, TaskKind.MISSED_ROUND, at=NOW + hours(4))
        assert (task.role, task.subject_id, task.area_code) == ("site_worker", world.site.pk, "130109")
        assert "× 4" in task.subject_label
        looks = [
            observing.ObservationSent(person.number, person.number, NOW + hours(4), Session.MORNING, temperature_c=36.4)
            for person in world.people
        ]
        observing.record_observations(
            site=world.site, outbreak=world.outbreak, observations=looks, by=world.worker, now=NOW + hours(4)
        )
        assert self.asked(world, TaskKind.MISSED_ROUND, at=NOW + hours(5))[0].state == "done"

    def test_a_positive_next_door_is_to_be_judged(self, world):
        swabbed(world, world.people[0], 9, result=TestResult.POSITIVE)
        days.advance(outbreak=world.outbreak, now=NOW)
        [task] = self.asked(world, TaskKind.JUDGE_EXPOSURE)
        assert (task.due_at, task.role) == (NOW + hours(12), "isolation_coordinator")
        exposure = SiteExposure.objects.get()
        exposures.judge(
            exposure=exposure, exposed={one["room"]: False for one in exposure.rooms}, decision="x",
            by=world.coordinator, now=NOW,
        )  # fmt: skip
        assert self.asked(world, TaskKind.JUDGE_EXPOSURE)[0].state == "done"

    def test_somebody_coming_home_is_to_be_received(self, world):
        order = world.people[0].isolation_orders.get()
        IsolationOrder.objects.filter(pk=order.pk).update(ends_date=TOMORROW)
        order.refresh_from_db()
        release = releasing.sign(
            site=world.site, order=order, outbreak=world.outbreak, signed_as="李四", reason="x", by=world.coordinator,
            now=NOW,
        )  # fmt: skip
        [task] = self.asked(world, TaskKind.RECEIVE_HOME)
        assert (task.role, task.area_code) == ("grid_worker", factories.VILLAGE)
        releasing.withdraw(release=release, reason="复测", by=world.coordinator, now=NOW)
        assert self.asked(world, TaskKind.RECEIVE_HOME)[0].state == "cancelled"
