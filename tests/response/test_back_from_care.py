"""To medical care and back: the ledger follows both ways, and the room is there when they return."""

import pytest

from sizao.records.access import NotYours
from sizao.records.models import IsolationOrder, RoomPlacement, Stay, TransferLeg, TransferRequest
from sizao.response import isolation, transport
from sizao.response.isolation import placements
from sizao.terms import OrderKind, OrderState, PlacementState, StayKind, TransferKind, TransferState, TripActKind
from tests import factories
from tests.response.transport_world import NOW, TransportWorld, minutes

pytestmark = pytest.mark.django_db
BOARDED, ARRIVED = TripActKind.BOARDED, TripActKind.ARRIVED
WHY = "医生李：可以返回"


@pytest.fixture
def world(noise):
    return TransportWorld()


@pytest.fixture
def vehicle(world):
    vehicle = world.vehicle()
    world.on_shift(vehicle, hours=20)
    return vehicle


def in_room(world):
    order = world.contact()
    room = world.room()
    isolation.arrive(
        person=order.person, kind=StayKind.ROOM, place=room.place, at=minutes(-120),
        by=factories.account(area_code="13"), now=minutes(-120),
    )  # fmt: skip
    return order.person, room


def carry(world, vehicle, request, start):
    """Approve a request, send a trip, and let the crew tell of it."""
    transport.approve(request=request, by=world.dispatcher, now=NOW)
    request.refresh_from_db()
    trip = world.trip(vehicle, [request], start=start, end=start + 60)
    leg = TransferLeg.objects.get(trip=trip)
    world.tell(
        world.act(trip, BOARDED, start + 10, leg=leg), world.act(trip, ARRIVED, start + 30, leg=leg),
        world.act(trip, TripActKind.DISINFECTED, start + 50), now=minutes(start + 60),
    )  # fmt: skip
    request.refresh_from_db()
    return request


def at_care(world, vehicle, person):
    asked = transport.ask(
        outbreak=world.outbreak, person=person, kind=TransferKind.CARE, to_place=world.hospital, reason="透析",
        by=world.coordinator, now=NOW,
    )  # fmt: skip
    return carry(world, vehicle, asked, 10)


def back(world, went, at=120, **facts):
    return transport.bring_back(request=went, reason=WHY, by=world.coordinator, now=minutes(at), **facts)


def listed(world, at):
    return [one.number for one in transport.at_care(world.outbreak, "", as_of=minutes(at))]


class TestFromARoom:
    def test_the_ledger_follows_both_ways(self, world, vehicle):
        person, room = in_room(world)
        went = at_care(world, vehicle, person)
        asked = back(world, went)
        assert (asked.kind, asked.to_place, asked.from_place) == (TransferKind.CARE, room.place, world.hospital)
        carry(world, vehicle, asked, 130)
        name = room.place.name
        assert world.where(person)[1:] == [
            ("room", name, -120, 20), ("vehicle", "冀A00001", 20, 40), ("bed", "定点医院", 40, 140),
            ("vehicle", "冀A00001", 140, 160), ("room", name, 160, None),
        ]  # fmt: skip
        assert RoomPlacement.objects.get(person=person).state == PlacementState.ARRIVED

    def test_the_room_is_kept_while_the_way_back_is_open_and_let_go_with_it(self, world, vehicle):
        person, room = in_room(world)
        asked = back(world, at_care(world, vehicle, person))
        with pytest.raises(placements.RoomKept):
            placements.keep(order=world.contact(), room=room, reason="临时", by=world.coordinator, now=minutes(121))
        assert placements.lapse(outbreak=world.outbreak, now=minutes(122)) == 0
        world.advance(minutes(122))
        assert TransferRequest.objects.filter(person=person, state=TransferState.ASKED).count() == 1
        transport.cancel(request=asked, reason="留院观察", by=world.dispatcher, now=minutes(123))
        assert placements.lapse(outbreak=world.outbreak, now=minutes(124)) == 1
        world.advance(minutes(125))
        assert not TransferRequest.objects.filter(person=person, state=TransferState.ASKED).exists()

    def test_another_room_is_chosen_where_theirs_was_given_away(self, world, vehicle):
        person, room = in_room(world)
        went = at_care(world, vehicle, person)
        placements.keep(order=world.contact(), room=room, reason="临时", by=world.coordinator, now=minutes(100))
        with pytest.raises(placements.RoomKept):
            back(world, went)
        other = world.room("302")
        assert back(world, went, room=other).to_place == other.place

    def test_home_once_the_order_is_over(self, world, vehicle):
        person, _ = in_room(world)
        went = at_care(world, vehicle, person)
        IsolationOrder.objects.filter(person=person).update(state=OrderState.ENDED, ended_at=minutes(100))
        carry(world, vehicle, back(world, went), 130)
        assert [one[0] for one in world.where(person)][-2:] == ["vehicle", "home"]


class TestFromHome:
    def test_back_home_without_a_place_to_be_said(self, world, vehicle):
        order = world.contact(world.resident(household=world.household()))
        IsolationOrder.objects.filter(pk=order.pk).update(kind=OrderKind.HOME)
        carry(world, vehicle, back(world, at_care(world, vehicle, order.person)), 130)
        home = order.person.household.place.name
        assert world.where(order.person)[-1] == ("home", home, 160, None)
        assert Stay.objects.get(person=order.person, period__endswith=None).place == order.person.household.place

    def test_who_is_to_be_in_a_site_and_left_no_room_needs_one_chosen(self, world, vehicle):
        order = world.contact()
        went = at_care(world, vehicle, order.person)
        with pytest.raises(transport.NoRoomLeft):
            back(world, went)
        room = world.room()
        assert back(world, went, room=room).to_place == room.place

    def test_ends_when_somebody_else_saw_them_at_home(self, world, vehicle):
        person = world.resident()
        asked = back(world, at_care(world, vehicle, person))
        isolation.arrive(
            person=person, kind=StayKind.HOME, place=None, at=minutes(130), by=factories.account(area_code="13"),
            now=minutes(130),
        )  # fmt: skip
        world.advance(minutes(131))
        asked.refresh_from_db()
        assert asked.state == TransferState.CANCELLED


class TestWhoIsAtCare:
    def test_is_listed_from_arriving_until_the_way_back_is_asked_for(self, world, vehicle):
        person, _ = in_room(world)
        went = at_care(world, vehicle, person)
        assert (listed(world, 30), listed(world, 80)) == ([], [went.number])
        back(world, went)
        assert (listed(world, 119), listed(world, 121)) == ([went.number], [])

    def test_is_nobody_who_is_elsewhere_by_the_ledger(self, world, vehicle):
        person, _ = in_room(world)
        went = at_care(world, vehicle, person)
        isolation.arrive(
            person=person, kind=StayKind.HOME, place=None, at=minutes(90), by=factories.account(area_code="13"),
            now=minutes(90),
        )  # fmt: skip
        assert listed(world, 95) == []
        with pytest.raises(transport.NotAtCare):
            back(world, went)

    def test_is_brought_back_once_and_by_whoever_may(self, world, vehicle):
        person, _ = in_room(world)
        went = at_care(world, vehicle, person)
        with pytest.raises(NotYours):
            transport.bring_back(request=went, reason=WHY, by=factories.account(area_code="1302"), now=minutes(120))
        with pytest.raises(transport.TransferReasonMissing):
            transport.bring_back(request=went, reason=" ", by=world.coordinator, now=minutes(120))
        back(world, went)
        with pytest.raises(transport.TransferOpen):
            back(world, went, at=121)
