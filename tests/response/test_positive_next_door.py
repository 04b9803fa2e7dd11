"""Somebody in a site is found positive: which rooms are near, who judges, and whose days begin anew."""

from datetime import date, datetime

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import OrderChange, SiteExposure, Stay, Task
from sizao.response import tasks
from sizao.response.isolation import days
from sizao.response.isolation.days import exposures
from sizao.terms import TaskKind, TestResult
from tests import factories
from tests.response.days_world import ARRIVED, NOW, World, hours
from tests.response.test_site_days import swabbed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return World()


class TestExposure:
    def found(self, world, number="101", **more):
        swabbed(world, next(p for p in world.people if p.stays.get().place == world.rooms[number].place), 9,
               result=TestResult.POSITIVE, **more)  # fmt: skip
        days.advance(outbreak=world.outbreak, now=NOW)
        return SiteExposure.objects.get()

    def test_lists_the_rooms_near_and_runs_a_clock(self, world):
        exposure = self.found(world)
        numbers = {one.room.number: (str(one.lies), [p.pk for p, _, _ in one.people]) for one in exposures.near(
            exposure, as_of=NOW
        )}  # fmt: skip
        of = {room: world.people[place].pk for place, room in enumerate(("101", "102", "103", "201"))}
        assert numbers == {
            "101": ("same", []), "103": ("side", [of["103"]]), "102": ("opposite", [of["102"]]),
            "104": ("opposite", []), "201": ("above", [of["201"]]),
        }  # fmt: skip
        assert exposure.due_at == NOW + hours(12)
        assert {one["key"] for one in exposure.basis} >= {exposures.HOURS, exposures.SIDE, exposures.WINDOW}
        # Two days before the positive sample, and not before they came.
        assert timezone.localtime(exposure.first_risk_at).isoformat() == "2022-09-07T00:00:00+08:00"

    def test_is_listed_once(self, world):
        self.found(world)
        assert days.advance(outbreak=world.outbreak, now=NOW) == 0

    def test_is_listed_once_when_its_stay_was_laid_anew(self, world):
        """What is told late of somebody takes their stays out and puts them in again, under other numbers."""
        self.found(world)
        stay = world.people[0].stays.get()
        stay.delete()
        stay.save(force_insert=True)
        assert days.advance(outbreak=world.outbreak, now=NOW) == 0
        stay.period = DateTimeTZRange(stay.period.lower, NOW, "[)")
        stay.save()
        days.advance(outbreak=world.outbreak, now=NOW)
        assert SiteExposure.objects.get().last_risk_at == NOW

    def test_of_one_household_is_one_line_one_task_and_one_judgement(self, world):
        world.rooms["101"].place.stays.update(single_room=False)
        mates = [world.lodge("101", single_room=False) for _ in range(2)]
        for at, person in enumerate((world.people[0], *mates)):
            swabbed(world, person, 9, result=TestResult.POSITIVE, at=NOW - hours(at))
        days.advance(outbreak=world.outbreak, now=NOW)
        [room] = exposures.of_site(world.site, as_of=NOW, outbreak=world.outbreak)
        assert (room.people, room.due_at) == (3, NOW + hours(10))
        tasks.advance(outbreak=world.outbreak, now=NOW)
        assert Task.objects.filter(kind=TaskKind.JUDGE_EXPOSURE).count() == 1
        listed = exposures.near(room.latest, as_of=NOW)
        assert not {person for one in listed for person, _, _ in one.people} & {world.people[0], *mates}
        verdict = {one.room.pk: one.room.number == "103" for one in listed}
        exposures.judge(exposure=room.latest, exposed=verdict, decision="x", by=world.coordinator, now=NOW)
        assert not SiteExposure.objects.filter(decided_at=None).exists()
        tasks.advance(outbreak=world.outbreak, now=NOW)
        assert not Task.objects.filter(kind=TaskKind.JUDGE_EXPOSURE, done_at=None).exists()
        judged = SiteExposure.objects.get(pk=room.latest.pk)
        assert [one.person for one in exposures.restarts(judged, as_of=NOW)] == [world.people[2]]

    def test_leaves_out_who_was_there_before_or_after(self, world):
        gone = world.lodge("104", since=ARRIVED - hours(48), until=ARRIVED - hours(1), ends=None)
        exposure = self.found(world)
        assert gone.pk not in {p.pk for one in exposures.near(exposure, as_of=NOW) for p, _, _ in one.people}

    def test_concerns_nobody_who_came_into_a_room_after_it_was_known(self, world):
        late = world.lodge("204", since=NOW + hours(1), ends=None)
        swabbed(world, late, 9, result=TestResult.POSITIVE)
        days.advance(outbreak=world.outbreak, now=NOW + hours(2))
        assert not SiteExposure.objects.exists()

    def test_gives_the_whole_floor_where_the_edition_draws_no_line(self, noise):
        early = World()
        early.outbreak.first_date = date(2021, 6, 1)
        exposure_rules = days.outbreaks.rules_at(early.outbreak, datetime(2021, 6, 2, tzinfo=NOW.tzinfo))
        assert exposures._reach(exposure_rules)[0] is None
        near = exposures._rooms_near(early.rooms["101"], None)
        assert [(key, str(how)) for key, how in near] == [
            (early.rooms["101"].pk, "same"), (early.rooms["103"].pk, "unplaced"), (early.rooms["102"].pk, "unplaced"),
            (early.rooms["104"].pk, "unplaced"),
        ]  # fmt: skip

    def test_a_case_in_a_room_counts_as_one(self, world):
        factories.case(within=world.outbreak, of=world.people[0], opened_at=NOW, onset_date=date(2022, 9, 8))
        days.advance(outbreak=world.outbreak, now=NOW)
        assert SiteExposure.objects.get().person == world.people[0]

    def test_is_judged_room_by_room_by_a_named_officer(self, world):
        exposure = self.found(world)
        verdict = {one.room.pk: one.room.number == "103" for one in exposures.near(exposure, as_of=NOW)}
        with pytest.raises(exposures.RoomNotJudged):
            exposures.judge(exposure=exposure, exposed=dict(list(verdict.items())[1:]), decision="x",
                            by=world.coordinator, now=NOW)  # fmt: skip
        with pytest.raises(exposures.JudgementReasonMissing):
            exposures.judge(exposure=exposure, exposed=verdict, decision=" ", by=world.coordinator, now=NOW)
        with pytest.raises(NotAllowed):
            exposures.judge(exposure=exposure, exposed=verdict, decision="x", by=world.worker, now=NOW)
        with pytest.raises(NotYours):
            exposures.judge(exposure=exposure, exposed=verdict, decision="x", by=world.stranger, now=NOW)
        verdict[world.rooms["204"].pk] = False  # looked at beyond the list
        exposure = exposures.judge(
            exposure=exposure, exposed=verdict, decision="103共用排风", by=world.coordinator, now=NOW
        )
        assert (exposure.decided_by, exposure.decision) == (world.coordinator, "103共用排风")
        assert [one.room.number for one in exposures.near(exposure, as_of=NOW) if one.exposed] == ["103"]
        assert len(exposure.rooms) == 6
        with pytest.raises(exposures.JudgedAlready):
            exposures.judge(exposure=exposure, exposed=verdict, decision="x", by=world.coordinator, now=NOW)

    def test_lengthens_nothing_by_itself_and_only_for_who_was_exposed(self, world):
        exposure = self.found(world)
        with pytest.raises(exposures.NotJudgedYet):
            exposures.lengthen(exposure=exposure, person=world.people[2], by=world.coordinator, now=NOW)
        verdict = {one.room.pk: one.room.number == "103" for one in exposures.near(exposure, as_of=NOW)}
        exposure = exposures.judge(exposure=exposure, exposed=verdict, decision="x", by=world.coordinator, now=NOW)
        order = world.people[2].isolation_orders.get()
        assert order.ends_date == date(2022, 9, 13)
        [proposed] = exposures.restarts(exposure, as_of=NOW)
        assert (proposed.person, proposed.until.result) == (world.people[2], date(2022, 9, 17))
        with pytest.raises(exposures.NotExposed):
            exposures.lengthen(exposure=exposure, person=world.people[1], by=world.coordinator, now=NOW)
        order = exposures.lengthen(exposure=exposure, person=world.people[2], by=world.coordinator, now=NOW)
        assert order.ends_date == date(2022, 9, 17)
        assert OrderChange.objects.get(order=order, act="extended").was_ends_date == date(2022, 9, 13)
        with pytest.raises(exposures.LastsLongEnough):
            exposures.lengthen(exposure=exposure, person=world.people[2], by=world.coordinator, now=NOW)

    def test_ends_with_the_day_on_which_the_positive_person_left(self, world):
        exposure = self.found(world)
        stay = Stay.objects.get(person=world.people[0])
        stay.period = DateTimeTZRange(stay.period.lower, NOW - hours(24), "[)")
        stay.save()
        days.advance(outbreak=world.outbreak, now=NOW)
        exposure.refresh_from_db()
        verdict = {one.room.pk: True for one in exposures.near(exposure, as_of=NOW)}
        exposure = exposures.judge(exposure=exposure, exposed=verdict, decision="x", by=world.coordinator, now=NOW)
        assert {one.until.result for one in exposures.restarts(exposure, as_of=NOW)} == {date(2022, 9, 16)}
