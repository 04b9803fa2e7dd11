"""What crews tell, in the ledger: in the vehicle from boarding, there from arriving, in two places or in none never."""

import pytest

from sizao.records import access
from sizao.records.models import Contact, Event, TransferLeg, TransferOddity, TransferRequest, TransferTrip
from sizao.response import isolation, transport
from sizao.response.transport import clocks, crew
from sizao.terms import (
    ContactState,
    CrewAnswer,
    LateStep,
    NotBoarded,
    Role,
    StayKind,
    TransferKind,
    TransferOddityKind,
    TransferState,
    TripActKind,
    TripState,
    VehicleState,
)
from tests import factories
from tests.response.transport_world import COUNTY, NOW, TransportWorld, minutes

pytestmark = pytest.mark.django_db
SET_OUT, AT_DOOR, BOARDED, NOT_BOARDED, ARRIVED, HANDED_OVER, DISINFECTED, RETURNED = TripActKind


@pytest.fixture
def world(noise):
    return TransportWorld()


@pytest.fixture
def ride(world):
    """One vehicle, one trip, one person."""
    vehicle = world.vehicle()
    world.on_shift(vehicle)
    [request] = world.approved()
    trip = world.trip(vehicle, [request])
    return trip, TransferLeg.objects.get(trip=trip), request


def odd(world):
    return set(TransferOddity.objects.filter(outbreak=world.outbreak, settled_at=None).values_list("kind", flat=True))


class TestAWholeRide:
    def test_ends_in_the_room_with_all_closed(self, world, ride):
        trip, leg, request = ride
        world.tell(
            world.act(trip, SET_OUT, 10), world.act(trip, AT_DOOR, 20, leg=leg), world.act(trip, BOARDED, 25, leg=leg),
            world.act(trip, ARRIVED, 60, leg=leg), world.act(trip, HANDED_OVER, 65, leg=leg),
            world.act(trip, DISINFECTED, 80), world.act(trip, RETURNED, 100),
        )  # fmt: skip
        name = request.to_place.name
        assert [one[:2] for one in world.where(request.person)] == [
            ("home", ""),
            ("vehicle", "冀A00001"),
            ("room", name),
        ]
        assert [one[3] for one in world.where(request.person)] == [25, 60, None]
        request.refresh_from_db()
        assert (request.state, request.ended_at) == (TransferState.DONE, minutes(60))
        trip = TransferTrip.objects.get()
        assert (trip.state, trip.vehicle.state) == (TripState.CLOSED, VehicleState.FREE)
        assert trip.vehicle.disinfected_at == minutes(80)
        assert Contact.objects.get(person=request.person).state == ContactState.PLACED
        request.placement.refresh_from_db()
        assert request.placement.state == "arrived"
        assert TransferLeg.objects.get().receiver == "前台 李"
        assert odd(world) == set()

    def test_lies_in_the_journal(self, world, ride):
        trip, leg, request = ride
        world.tell(world.act(trip, BOARDED, 25, leg=leg), world.act(trip, ARRIVED, 60, leg=leg))
        verbs = Event.objects.filter(person_id=request.person_id, verb__startswith="transfer.").values_list(
            "verb", flat=True
        )
        assert {"transfer.boarded", "transfer.arrived"} <= set(verbs)

    def test_home_ends_at_home(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        person = world.resident()
        isolation.arrive(
            person=person, kind=StayKind.ROOM, place=world.room().place, at=minutes(-600),
            by=factories.account(area_code="13"), now=minutes(-600),
        )  # fmt: skip
        asked = transport.ask(
            outbreak=world.outbreak, person=person, kind=TransferKind.HOME, reason="解除", by=world.coordinator, now=NOW
        )
        transport.approve(request=asked, by=world.dispatcher, now=NOW)
        asked.refresh_from_db()
        trip = world.trip(vehicle, [asked])
        leg = TransferLeg.objects.get()
        world.tell(world.act(trip, BOARDED, 20, leg=leg), world.act(trip, ARRIVED, 40, leg=leg))
        assert [one[0] for one in world.where(person)] == ["home", "room", "vehicle", "home"]


class TestAnAct:
    def test_sent_again_changes_nothing(self, world, ride):
        trip, leg, _ = ride
        act = world.act(trip, BOARDED, 25, leg=leg)
        assert world.tell(act)[0].answer == CrewAnswer.TAKEN
        before = world.state()
        assert world.tell(act, act)[1].answer == CrewAnswer.REPEATED
        assert world.state() == before

    def test_on_a_trip_of_another_crew_waits_for_a_person(self, world, ride):
        trip, leg, request = ride
        other = factories.account(role=Role.CREW, area_code=COUNTY)
        [told] = world.tell(world.act(trip, BOARDED, 25, leg=leg), by=other)
        assert (told.answer, told.oddities) == (CrewAnswer.QUEUED, (TransferOddityKind.UNKNOWN_TRIP,))
        assert [one[0] for one in world.where(request.person)] == ["home"]
        found = TransferOddity.objects.get()
        assert "boarded" in found.sent
        transport.settle_oddity(
            outbreak=world.outbreak, number=found.pk, outcome="替班，已补录", by=world.dispatcher, now=minutes(30)
        )
        found.refresh_from_db()
        assert (found.sent, found.settled_by) == (None, world.dispatcher.username)

    @pytest.mark.parametrize(
        ("kind", "facts"),
        [
            (BOARDED, {"identity_checked": False}),
            (BOARDED, {"temperature_c": 60.0}),
            (NOT_BOARDED, {}),
            (HANDED_OVER, {"receiver": " "}),
        ],
    )
    def test_that_lacks_something_is_refused_with_what_to_correct(self, world, ride, kind, facts):
        trip, leg, _ = ride
        [told] = world.tell(world.act(trip, kind, 25, leg=leg, **facts))
        assert told.answer == CrewAnswer.REFUSED
        assert told.why.endswith(".")

    def test_about_nobody_is_refused(self, world, ride):
        [told] = world.tell(world.act(ride[0], BOARDED, 25))
        assert told.answer == CrewAnswer.REFUSED

    def test_is_set_right_by_what_the_phone_is_off(self, world, ride):
        trip, leg, _ = ride
        sent_at = minutes(600 + 7)  # seven minutes fast
        world.tell(world.act(trip, BOARDED, 32, leg=leg), sent_at=sent_at)
        assert TransferLeg.objects.get().boarded_at == minutes(25)

    def test_needs_the_right(self, world, ride):
        with pytest.raises(access.NotAllowed):
            world.tell(world.act(ride[0], SET_OUT, 10), by=world.coordinator)

    def test_more_than_a_request_holds_are_refused(self, world, ride):
        with pytest.raises(transport.TooManyTripActs):
            world.tell(*[world.act(ride[0], SET_OUT, n) for n in range(201)])


class TestNotPickedUp:
    def test_waits_for_a_vehicle_again_and_stays_where_they_are(self, world, ride):
        trip, leg, request = ride
        world.tell(world.act(trip, NOT_BOARDED, 25, leg=leg, reason=NotBoarded.NOBODY_THERE))
        request.refresh_from_db()
        assert request.state == TransferState.APPROVED
        assert [one[0] for one in world.where(request.person)] == ["home"]
        trip.refresh_from_db()
        assert trip.state == TripState.UNDER_WAY
        world.tell(world.act(trip, RETURNED, 50))
        trip.refresh_from_db()
        assert trip.state == TripState.CLOSED  # nobody was in it, so there is nothing to disinfect

    def test_and_boarded_later_is_a_ride(self, world, ride):
        trip, leg, request = ride
        world.tell(world.act(trip, BOARDED, 40, leg=leg))
        world.tell(world.act(trip, NOT_BOARDED, 25, leg=leg, reason=NotBoarded.NOBODY_THERE))
        request.refresh_from_db()
        assert request.state == TransferState.ON_WAY


class TestLateWords:
    def test_are_put_into_the_past_by_their_own_moment(self, world, ride):
        trip, leg, request = ride
        officer = factories.account(area_code="13")
        isolation.arrive(
            person=request.person, kind=StayKind.ROOM, place=request.to_place, at=minutes(65), by=officer,
            now=minutes(65),
        )  # fmt: skip
        world.tell(world.act(trip, BOARDED, 25, leg=leg), world.act(trip, ARRIVED, 70, leg=leg))
        assert [(one[0], one[2], one[3]) for one in world.where(request.person)][1:] == [
            ("vehicle", 25, 65), ("room", 65, None),
        ]  # fmt: skip
        assert odd(world) == set()

    def test_that_contradict_another_place_wait_for_a_person(self, world, ride):
        trip, leg, request = ride
        officer = factories.account(area_code="13")
        isolation.arrive(
            person=request.person, kind=StayKind.BED, place=world.hospital, at=minutes(40), by=officer, now=minutes(40)
        )
        world.tell(world.act(trip, BOARDED, 25, leg=leg), world.act(trip, ARRIVED, 60, leg=leg))
        assert [one[0] for one in world.where(request.person)] == ["home", "vehicle", "bed"]
        assert odd(world) == {"elsewhere"}

    def test_of_arriving_alone_leave_the_boarding_open(self, world, ride):
        trip, leg, request = ride
        world.tell(world.act(trip, ARRIVED, 60, leg=leg))
        assert [(one[0], one[2]) for one in world.where(request.person)][1:] == [("room", 60)]
        assert odd(world) == {"boarding_unknown"}
        world.tell(world.act(trip, BOARDED, 25, leg=leg))
        assert [one[0] for one in world.where(request.person)] == ["home", "vehicle", "room"]
        assert odd(world) == set()  # settled by what came later

    def test_of_arriving_before_boarding_are_not_believed(self, world, ride):
        trip, leg, request = ride
        world.tell(world.act(trip, BOARDED, 25, leg=leg), world.act(trip, ARRIVED, 15, leg=leg))
        assert [one[0] for one in world.where(request.person)] == ["home", "vehicle"]
        assert odd(world) == {"arrived_before"}


class TestVehicle:
    def test_holds_one_household_whatever_is_told(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        one, other = world.approved(2)
        first = world.trip(vehicle, [one], start=10, end=60)
        second = world.trip(vehicle, [other], start=60, end=120)
        legs = {leg.trip_id: leg for leg in TransferLeg.objects.all()}
        world.tell(world.act(second, BOARDED, 30, leg=legs[second.pk]))
        world.tell(world.act(first, BOARDED, 20, leg=legs[first.pk]), world.act(first, ARRIVED, 50, leg=legs[first.pk]))
        assert [row[0] for row in world.where(one.person)] == ["home", "vehicle", "room"]
        assert [row[0] for row in world.where(other.person)] == ["home"]
        assert odd(world) == {"vehicle_taken", "not_disinfected"}

    def test_is_disinfected_before_the_next_trip(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        one, other = world.approved(2)
        first = world.trip(vehicle, [one], start=10, end=60)
        second = world.trip(vehicle, [other], start=60, end=120)
        leg = TransferLeg.objects.get(trip=first)
        world.tell(
            world.act(first, BOARDED, 20, leg=leg), world.act(first, ARRIVED, 40, leg=leg),
            world.act(second, SET_OUT, 61),
        )  # fmt: skip
        assert odd(world) == {"not_disinfected"}
        world.tell(world.act(first, DISINFECTED, 55))
        assert odd(world) == set()

    def test_carries_nobody_twice(self, world):
        car, van = world.vehicle(), world.vehicle("冀A00002")
        for vehicle in (car, van):
            world.on_shift(vehicle, driver=factories.account(role=Role.CREW, area_code=COUNTY))
        [request] = world.approved()
        former = world.trip(car, [request])
        leg = TransferLeg.objects.get()
        transport.take_off(request=request, reason="换车", by=world.dispatcher, now=minutes(1))
        trip = world.trip(van, [request])
        again = TransferLeg.objects.get(trip=trip)
        world.tell(world.act(trip, BOARDED, 30, leg=again), by=world.dispatcher)
        world.tell(world.act(former, BOARDED, 25, leg=leg), by=world.dispatcher)
        assert [(row[0], row[1]) for row in world.where(request.person)] == [("home", ""), ("vehicle", car.plate)]
        assert odd(world) == {"in_two_vehicles", "cancelled"}


class TestCrewList:
    def test_shows_what_carrying_takes_and_nothing_after_the_shift(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        [request] = world.approved(name="王小明", phone="13800000000", address="小果庄村3号")
        world.trip(vehicle, [request])
        found = transport.read_list(outbreak=world.outbreak, by=world.driver, now=NOW)
        [door] = found.trips[0].doors
        assert (door.name, door.phone, door.door) == ("王小明", "13800000000", "小果庄村3号")
        assert Event.objects.filter(verb="person.read", person_id=request.person_id).count() == 1
        assert transport.read_list(outbreak=world.outbreak, by=world.driver, now=minutes(481)) is None

    def test_forgets_who_is_out_of_the_vehicle(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        [request] = world.approved(name="王小明", phone="13800000000")
        trip = world.trip(vehicle, [request])
        leg = TransferLeg.objects.get()
        world.tell(world.act(trip, BOARDED, 20, leg=leg), world.act(trip, ARRIVED, 40, leg=leg))
        [door] = transport.read_list(outbreak=world.outbreak, by=world.driver, now=minutes(45)).trips[0].doors
        assert (door.name, door.phone) == ("王**", "")

    def test_is_for_its_crew(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        other = factories.account(role=Role.CREW, area_code=COUNTY)
        assert transport.read_list(outbreak=world.outbreak, by=other, now=NOW, vehicle=vehicle) is None
        assert transport.read_list(outbreak=world.outbreak, by=world.dispatcher, now=NOW, vehicle=vehicle) is not None
        with pytest.raises(access.NotAllowed):
            crew.shifts_of(world.coordinator, NOW)


class TestClocks:
    def test_name_the_step_in_which_the_time_was_lost(self, world, ride):
        trip, leg, request = ride
        TransferRequest.objects.update(due_at=minutes(30))
        world.tell(
            world.act(trip, SET_OUT, 11), world.act(trip, BOARDED, 15, leg=leg), world.act(trip, ARRIVED, 90, leg=leg)
        )
        request.refresh_from_db()
        [timed] = clocks.timed([request], minutes(600))
        assert (timed.is_late, timed.late_by.seconds, timed.step) == (True, 3600, LateStep.DRIVE)
        [kept] = clocks.kept([timed])
        assert (kept.area_code, kept.with_clock, kept.in_time, kept.share) == (COUNTY, 1, 0, 0.0)

    def test_know_only_what_had_happened(self, world, ride):
        trip, leg, request = ride
        TransferRequest.objects.update(due_at=minutes(30))
        world.tell(world.act(trip, BOARDED, 15, leg=leg), world.act(trip, ARRIVED, 90, leg=leg))
        request.refresh_from_db()
        [timed] = clocks.timed([request], minutes(20))
        assert (timed.is_late, timed.steps.arrived_at) == (False, None)
