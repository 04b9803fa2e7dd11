"""A room is proposed, kept, changed, refused, reached or lost; never given twice."""

from datetime import timedelta

import pytest

from sizao.records import access
from sizao.records.models import Event, IsolationRoom, RoomPlacement, Stay
from sizao.response import isolation
from sizao.response.isolation import placements, sites, stays
from sizao.terms import OrderState, PlacementState, Role, SiteState, StayKind
from tests import factories
from tests.response import isolation_world as world

pytestmark = pytest.mark.django_db
NOW = world.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def by(db):
    return world.coordinator()


@pytest.fixture
def outbreak(db):
    return factories.outbreak()


@pytest.fixture
def rooms(by):
    return list(IsolationRoom.objects.filter(site=world.site(by)).order_by("number"))


def propose(order, room):
    """Write a proposal as a run of the allocation does."""
    person = order.person
    return RoomPlacement.objects.create(
        outbreak=order.outbreak, person=person, order=order, room=room, site=room.site, proposed_at=NOW,
        party=person.household_id or -person.pk, source_key=f"test:{person.pk}:{room.pk}",
    )  # fmt: skip


def enter(person, room, by, at=LATER):
    return isolation.arrive(person=person, kind=StayKind.ROOM, place=room.place, at=at, by=by, now=at)


class TestAccept:
    def test_keeps_the_room_in_ones_own_name(self, outbreak, rooms, by):
        one = placements.accept(placement=propose(world.order(outbreak), rooms[0]), by=by, now=LATER)
        assert (one.state, one.decided_by, one.decided_at) == (PlacementState.ACCEPTED, by, LATER)
        assert Event.objects.filter(verb="room.accepted", person_id=one.person_id, actor=by.username).exists()

    def test_keeps_those_of_many_that_it_may(self, outbreak, rooms, by):
        good, ended = world.order(outbreak), world.order(outbreak)
        made = [propose(good, rooms[0]), propose(ended, rooms[1])]
        ended.state = OrderState.DECLINED
        ended.save()
        kept, refused = placements.accept_many(placements=made, by=by, now=LATER)
        assert [one.person_id for one in kept] == [good.person_id]
        assert [type(one) for one in refused] == [placements.OrderOver]

    def test_refuses_without_the_right(self, outbreak, rooms):
        made = propose(world.order(outbreak), rooms[0])
        with pytest.raises(access.NotAllowed):
            placements.accept(placement=made, by=factories.account(role=Role.DUTY_OFFICER, area_code="13"), now=LATER)

    def test_refuses_outside_the_jurisdiction(self, outbreak, rooms):
        made = propose(world.order(outbreak), rooms[0])
        with pytest.raises(access.NotYours):
            placements.accept(placement=made, by=world.coordinator("1305"), now=LATER)
        made.refresh_from_db()
        assert made.state == PlacementState.PROPOSED

    def test_refuses_what_was_decided_already(self, outbreak, rooms, by):
        made = propose(world.order(outbreak), rooms[0])
        placements.refuse(placement=made, reason="离家太远", by=by, now=LATER)
        with pytest.raises(placements.PlacementCannotMove):
            placements.accept(placement=made, by=by, now=LATER)

    def test_refuses_a_room_out_of_service(self, outbreak, rooms, by):
        made = propose(world.order(outbreak), rooms[0])
        IsolationRoom.objects.filter(pk=rooms[0].pk).update(out_of_service_reason="漏水")
        with pytest.raises(placements.RoomCannotTake, match="漏水"):
            placements.accept(placement=made, by=by, now=LATER)


class TestChange:
    def test_keeps_the_reason_and_what_was_proposed(self, outbreak, rooms, by):
        was = propose(world.order(outbreak), rooms[0])
        fresh = placements.change(placement=was, room=rooms[1], reason="与父母相邻", by=by, now=LATER)
        was.refresh_from_db()
        assert (was.state, was.ended_at) == (PlacementState.CHANGED, LATER)
        assert (fresh.instead_of, fresh.change_reason, fresh.room) == (was, "与父母相邻", rooms[1])
        assert (fresh.state, fresh.decided_by) == (PlacementState.ACCEPTED, by)

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_refuses_without_a_reason(self, outbreak, rooms, by, reason):
        was = propose(world.order(outbreak), rooms[0])
        with pytest.raises(placements.PlacementReasonMissing):
            placements.change(placement=was, room=rooms[1], reason=reason, by=by, now=LATER)

    def test_refuses_a_room_kept_for_another_household_and_changes_nothing(self, outbreak, rooms, by):
        was, _ = propose(world.order(outbreak), rooms[0]), propose(world.order(outbreak), rooms[1])
        with pytest.raises(placements.RoomKept):
            placements.change(placement=was, room=rooms[1], reason="换房", by=by, now=LATER)
        was.refresh_from_db()
        assert was.state == PlacementState.PROPOSED

    def test_refuses_a_room_with_a_stranger_inside(self, outbreak, rooms, by):
        enter(factories.person(), rooms[1], by, at=NOW)
        was = propose(world.order(outbreak), rooms[0])
        with pytest.raises(placements.RoomKept):
            placements.change(placement=was, room=rooms[1], reason="换房", by=by, now=LATER)

    def test_refuses_more_of_a_household_than_beds(self, outbreak, rooms, by):
        family = world.household(2)
        was = [propose(world.order(outbreak, person=one), room) for one, room in zip(family, rooms, strict=False)]
        with pytest.raises(placements.RoomWithoutBed, match="it has 1"):
            placements.change(placement=was[0], room=rooms[1], reason="同住", by=by, now=LATER)

    def test_refuses_a_room_of_a_site_that_did_not_pass(self, outbreak, rooms, by):
        raw = world.site(by, state=SiteState.RESERVE).rooms.first()
        was = propose(world.order(outbreak), rooms[0])
        with pytest.raises(placements.RoomCannotTake):
            placements.change(placement=was, room=raw, reason="近", by=by, now=LATER)

    def test_refuses_a_room_of_another_authority(self, outbreak, rooms, by):
        far = world.site(world.coordinator("1305"), area_code="130502").rooms.first()
        was = propose(world.order(outbreak), rooms[0])
        with pytest.raises(access.NotYours):
            placements.change(placement=was, room=far, reason="近", by=by, now=LATER)

    def test_refuses_the_same_room(self, outbreak, rooms, by):
        was = propose(world.order(outbreak), rooms[0])
        with pytest.raises(placements.SameRoom):
            placements.change(placement=was, room=rooms[0], reason="换房", by=by, now=LATER)


class TestKeep:
    def test_gives_a_room_to_somebody_for_whom_none_was_proposed(self, outbreak, rooms, by):
        order = world.order(outbreak)
        made = placements.keep(order=order, room=rooms[0], reason="已到门口", by=by, now=LATER)
        assert (made.state, made.order) == (PlacementState.ACCEPTED, order)

    def test_refuses_a_second_room_for_one_person(self, outbreak, rooms, by):
        order = world.order(outbreak)
        propose(order, rooms[0])
        with pytest.raises(placements.AlreadyPlaced, match="101"):
            placements.keep(order=order, room=rooms[1], reason="再来一间", by=by, now=LATER)


class TestRefuse:
    def test_keeps_the_reason_and_lets_the_person_wait_again(self, outbreak, rooms, by):
        made = placements.refuse(
            placement=propose(world.order(outbreak), rooms[0]), reason="需要透析", by=by, now=LATER
        )
        assert (made.state, made.change_reason, made.ended_at) == (PlacementState.REFUSED, "需要透析", LATER)

    def test_refuses_without_a_reason(self, outbreak, rooms, by):
        with pytest.raises(placements.PlacementReasonMissing):
            placements.refuse(placement=propose(world.order(outbreak), rooms[0]), reason=" ", by=by, now=LATER)


class TestLapse:
    def test_lets_the_room_go_when_the_order_ends_once(self, outbreak, rooms, by):
        order = world.order(outbreak)
        placements.accept(placement=propose(order, rooms[0]), by=by, now=NOW)
        assert placements.lapse(outbreak=outbreak, now=LATER) == 0
        order.state = OrderState.ENDED
        order.save()
        assert placements.lapse(outbreak=outbreak, now=LATER) == 1
        assert placements.lapse(outbreak=outbreak, now=LATER) == 0
        assert RoomPlacement.objects.get().state == PlacementState.LAPSED


class TestArrival:
    def test_closes_the_placement_and_puts_a_ready_site_to_use(self, outbreak, rooms, by):
        made = placements.accept(placement=propose(world.order(outbreak), rooms[0]), by=by, now=NOW)
        enter(made.person, rooms[0], by)
        made.refresh_from_db()
        assert (made.state, made.ended_at) == (PlacementState.ARRIVED, LATER)
        assert sites.IsolationSite.objects.get().state == SiteState.IN_USE

    def test_in_another_room_lets_the_kept_one_go(self, outbreak, rooms, by):
        made = propose(world.order(outbreak), rooms[0])
        enter(made.person, rooms[2], by)
        made.refresh_from_db()
        assert made.state == PlacementState.LAPSED

    def test_is_refused_in_a_room_kept_for_another_household(self, outbreak, rooms, by):
        propose(world.order(outbreak), rooms[0])
        with pytest.raises(stays.KeptForOthers):
            enter(factories.person(), rooms[0], by)

    def test_is_refused_in_a_site_that_is_not_ready(self, by):
        raw = world.site(by, state=SiteState.RESERVE).rooms.first()
        with pytest.raises(stays.SiteTakesNobody):
            enter(factories.person(), raw, by)
        assert not Stay.objects.exists()

    def test_of_one_more_than_there_are_beds_is_refused(self, by):
        room = world.site(by, beds=2).rooms.first()
        *two, third = world.household(3)
        for one in two:
            enter(one, room, by)
        with pytest.raises(stays.PlaceFull, match="holds 2 people"):
            enter(third, room, by)
        assert not third.stays.exists()
