"""Isolation and transport of a drill that go through their stages: rooms, orders served, looks, vehicles."""

import pytest
from django.test import override_settings

from sizao.drill.rehearsal import officers, run, scores
from sizao.drill.rehearsal.looking import Looking
from sizao.records.models import (
    IsolationOrder,
    IsolationSite,
    Observation,
    RoomPlacement,
    Stay,
    TransferOddity,
    TransferRequest,
    TransferTrip,
)
from sizao.terms import OrderKind, PlacementState, Role, SiteState, StayKind, TransferState, TripState
from tests.drill.test_rehearsal import TOWN, begun

STAGED = TOWN.replace(
    "[habits]", '[means]\nisolation = "stage"\nvehicles = 5\nrooms = 60\n[habits]\nduty_hours = [9, 20, 23]'
)
STAGED += '[[seats]]\ncode = "130109"\nlongitude = 114.85\nlatitude = 38.02\n'
UNTIL = 5

pytestmark = pytest.mark.django_db


def test_everybody_finds_a_room_in_time_and_nobody_is_lost(tmp_path):
    with override_settings(PRESENCES_DIR=tmp_path):
        running = begun(STAGED)
        run.run(running, until=UNTIL, tell=lambda *_: None)
        _everybody_is_carried_to_a_room_that_was_kept_for_them()
        _vehicles_drive_as_planned_and_nothing_is_odd(running)
        _people_in_sites_are_looked_after_and_the_ill_are_noticed(running)
        _stopping_and_going_on_is_as_going_on(running)
        _working_again_decides_nothing_new_and_scores_tell_it(running)


def _everybody_is_carried_to_a_room_that_was_kept_for_them():
    site = IsolationSite.objects.get()
    assert site.state == SiteState.IN_USE
    assert site.rooms.filter(is_generated=True).count() == 60
    arrived = RoomPlacement.objects.filter(state=PlacementState.ARRIVED)
    assert arrived.exists()
    for one in arrived.select_related("room", "order"):
        assert one.decided_by.role == Role.ISOLATION_COORDINATOR
        stay = Stay.objects.filter(person=one.person_id, kind=StayKind.ROOM).order_by("period").first()
        assert stay.place_id == one.room.place_id
        assert one.order.kind == OrderKind.CENTRAL
        ride = Stay.objects.get(person=one.person_id, kind=StayKind.VEHICLE, period__endswith=stay.period.lower)
        assert ride.period.lower < stay.period.lower
    issued = IsolationOrder.objects.exclude(issued_at=None)
    assert issued.exists()
    assert not issued.filter(served_at=None, ended_at=None).exists()


def _vehicles_drive_as_planned_and_nothing_is_odd(running):
    over = TransferTrip.objects.filter(planned_end_at__lte=running.life.moment(UNTIL - 1))
    assert over.exists()
    assert set(over.values_list("state", flat=True)) <= {str(TripState.CLOSED), str(TripState.CANCELLED)}
    assert not TransferOddity.objects.exists()
    done = TransferRequest.objects.filter(state=TransferState.DONE)
    assert set(done.values_list("kind", flat=True)) >= {"contact", "case"}


def _people_in_sites_are_looked_after_and_the_ill_are_noticed(running):
    inside = Stay.objects.filter(kind=StayKind.ROOM).values("person")
    assert Observation.objects.filter(person__in=inside).exists()
    for one in Observation.objects.select_related("person"):
        assert one.is_alarming == running.office.asking.is_ill(one.person, one.observed_at)


def _working_again_decides_nothing_new_and_scores_tell_it(running):
    now = running.life.moment(UNTIL - 1, run.EVENING)
    officers.work(running.office, now)
    again = {name: done for name, done in officers.work(running.office, now).items() if done}
    assert again == {}
    by_key = {one.key: one.value for one in scores.scores(Looking(running))}
    assert by_key["carried"] == TransferRequest.objects.filter(state=TransferState.DONE).count() > 0
    assert by_key["orders_served_in_time"] == 1
    assert by_key["unexplained"] == 0
    assert by_key["held_past"] == 0
    assert by_key["hours_to_arrival"] > 0


def _stopping_and_going_on_is_as_going_on(running):
    there = sorted(Stay.objects.values_list("person__number", "kind", "period"))
    again = begun(STAGED)
    assert again.next_day == UNTIL
    assert (again.life.outbreak.infected == running.life.outbreak.infected).all()
    assert sorted(Stay.objects.values_list("person__number", "kind", "period")) == there
