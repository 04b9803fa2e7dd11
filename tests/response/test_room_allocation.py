"""Who waits gets a room proposed, in time, by household and need; two runs at once never give a room twice."""

from datetime import date, timedelta

import pytest

from sizao.records import access
from sizao.records.models import IsolationRoom, RoomAllocation, RoomPlacement
from sizao.response import isolation
from sizao.response.isolation import allocation, needs, occupancy, placements, waiting
from sizao.terms import NeedKind, OrderKind, PlacementState, Role, RoomStatus, SiteState, StayKind
from tests import factories
from tests.response import isolation_world as world

pytestmark = pytest.mark.django_db
NOW = world.NOW


@pytest.fixture
def by(db):
    return world.coordinator()


@pytest.fixture
def outbreak(db):
    return factories.outbreak(area_code="1301")


def run(outbreak, by, now=NOW):
    return allocation.propose(outbreak=outbreak, area_code="1301", by=by, now=now)


def waits(outbreak, now=NOW):
    return [one.person for one in waiting.orders(outbreak, "1301", as_of=now)]


class TestWhoWaits:
    def test_whoever_was_found_first_stands_first(self, outbreak):
        later = world.order(outbreak, found_at=NOW - timedelta(hours=1))
        earlier = world.order(outbreak, found_at=NOW - timedelta(hours=9))
        assert waits(outbreak) == [earlier.person, later.person]

    def test_not_those_at_home_by_order_nor_those_in_a_room(self, outbreak, by):
        world.order(outbreak, kind=OrderKind.HOME)
        inside = world.order(outbreak).person
        room = world.site(by).rooms.first()
        isolation.arrive(person=inside, kind=StayKind.ROOM, place=room.place, at=NOW, by=by, now=NOW)
        assert waits(outbreak, NOW + timedelta(minutes=1)) == []

    def test_due_by_the_edition_and_shown_with_its_basis(self, outbreak):
        order = world.order(outbreak, found_at=NOW - timedelta(hours=2))
        found = waiting.waiters(list(waiting.orders(outbreak, "1301", as_of=NOW)), outbreak, as_of=NOW)
        clock = waiting.due(isolation.proposals.outbreaks.rules_at(outbreak, NOW), NOW)
        expected = None if clock.hours is None else order.contact.found_at + timedelta(hours=clock.hours)
        assert found[0].due_at == expected


class TestPropose:
    def test_gives_everybody_a_room_of_their_own_and_says_why(self, outbreak, by):
        world.site(by, n_rooms=3)
        for _ in range(3):
            world.order(outbreak)
        made = run(outbreak, by)
        assert (made.n_waiting, made.n_placed) == (3, 3)
        rooms = set(RoomPlacement.objects.values_list("room", flat=True))
        assert len(rooms) == 3
        assert all("alone" in one.reasons for one in RoomPlacement.objects.all())
        assert waits(outbreak) == []

    def test_puts_a_child_with_who_looks_after_it(self, outbreak, by):
        site = world.site(by, n_rooms=3, beds=2)
        IsolationRoom.objects.filter(site=site, number="102").update(is_family=True)
        for one in world.household(2, births=[date(2013, 5, 1), date(1985, 5, 1)]):
            world.order(outbreak, person=one)
        run(outbreak, by)
        assert set(RoomPlacement.objects.values_list("room__number", flat=True)) == {"102"}

    def test_keeps_an_accessible_room_for_who_needs_it(self, outbreak, by):
        site = world.site(by, n_rooms=2)
        IsolationRoom.objects.filter(site=site, number="102").update(is_accessible=True)
        chair = world.order(outbreak, found_at=NOW - timedelta(hours=1)).person
        world.order(outbreak, found_at=NOW - timedelta(hours=7))
        needs.record_need(person=chair, kind=NeedKind.WHEELCHAIR, by=by, now=NOW - timedelta(hours=1))
        run(outbreak, by)
        assert RoomPlacement.objects.get(person=chair).room.number == "102"

    def test_names_what_lacks_and_leaves_the_rest_waiting(self, outbreak, by):
        world.site(by, n_rooms=1)
        for hours in (1, 9):
            world.order(outbreak, found_at=NOW - timedelta(hours=hours))
        made = run(outbreak, by)
        assert (made.n_waiting, made.n_placed) == (2, 1)
        assert sum(one["people"] for one in made.shortages) == 1
        assert len(waits(outbreak)) == 1

    def test_looks_only_at_sites_that_may_take_people(self, outbreak, by):
        world.order(outbreak)
        world.site(by, state=SiteState.RESERVE)
        with pytest.raises(allocation.NoRooms):
            run(outbreak, by)

    def test_leaves_rooms_alone_that_are_occupied_kept_or_not_disinfected(self, outbreak, by):
        site = world.site(by, n_rooms=4)
        rooms = list(site.rooms.order_by("number"))
        isolation.arrive(
            person=factories.person(), kind=StayKind.ROOM, place=rooms[0].place, at=NOW, by=by, now=NOW
        )  # fmt: skip
        gone = factories.person()
        early = NOW - timedelta(hours=5)
        isolation.arrive(person=gone, kind=StayKind.ROOM, place=rooms[1].place, at=early, by=by, now=early)
        isolation.depart(person=gone, at=NOW, by=by, now=NOW)
        placements.keep(order=world.order(outbreak), room=rooms[2], reason="已到", by=by, now=NOW)
        waiter = world.order(outbreak)
        made = run(outbreak, by, NOW + timedelta(minutes=5))
        assert made.n_placed == 1
        assert RoomPlacement.objects.get(person=waiter.person).room == rooms[3]
        stands = occupancy.by_site([site.pk], as_of=NOW + timedelta(minutes=6))[site.pk].by_status
        assert {status: count for status, count in stands.items() if count} == {
            RoomStatus.OCCUPIED: 1, RoomStatus.TO_DISINFECT: 1, RoomStatus.KEPT: 1, RoomStatus.PROPOSED: 1,
        }  # fmt: skip

    def test_again_proposes_nothing_twice(self, outbreak, by):
        world.site(by)
        world.order(outbreak)
        run(outbreak, by)
        with pytest.raises(allocation.NobodyWaits):
            run(outbreak, by, NOW + timedelta(minutes=1))
        assert RoomAllocation.objects.count() == 1

    def test_leaves_out_what_another_took_meanwhile(self, outbreak, by, monkeypatch):
        site = world.site(by, n_rooms=1)
        room, first, second = site.rooms.get(), world.order(outbreak), world.order(outbreak, found_at=NOW)
        working_out = allocation.engine.allocate

        def meanwhile(*given, **settings):
            answer = working_out(*given, **settings)
            placements.keep(order=second, room=room, reason="已到门口", by=by, now=NOW)
            return answer

        monkeypatch.setattr(allocation.engine, "allocate", meanwhile)
        made = run(outbreak, by)
        assert made.n_placed == 0
        assert made.settings["left"]["taken_meanwhile"] == 1
        assert not first.person.room_placements.exists()

    def test_refuses_without_the_right_and_outside_the_area(self, outbreak):
        with pytest.raises(access.NotAllowed):
            run(outbreak, factories.account(role=Role.DUTY_OFFICER, area_code="1301"))
        with pytest.raises(access.NotYours):
            run(outbreak, world.coordinator("130109"))


class TestWithdraw:
    def test_lets_proposed_rooms_go_and_accepted_ones_stand(self, outbreak, by):
        world.site(by)
        world.order(outbreak), world.order(outbreak)
        run(outbreak, by)
        one, other = RoomPlacement.objects.order_by("pk")
        placements.accept(placement=one, by=by, now=NOW)
        assert allocation.withdraw(outbreak=outbreak, area_code="1301", by=by, now=NOW) == 1
        other.refresh_from_db()
        one.refresh_from_db()
        assert (one.state, other.state) == (PlacementState.ACCEPTED, PlacementState.LAPSED)
