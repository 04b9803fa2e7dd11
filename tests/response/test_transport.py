"""Requests, vehicles, shifts and trips: who may do what when, and what each refusal says."""

from datetime import timedelta

import pytest

from sizao.records import access
from sizao.records.models import (
    Case,
    CaseFact,
    CommunityHandOver,
    Event,
    Observation,
    RoomPlacement,
    Task,
    TransferLeg,
    TransferRequest,
)
from sizao.response import isolation, outbreaks, tasks, transport
from sizao.terms import (
    CaseFactKind,
    CaseStatus,
    NeedKind,
    OutbreakKind,
    PlacementState,
    Role,
    StayKind,
    TaskKind,
    TransferKind,
    TransferState,
    TripActKind,
    VehicleState,
)
from tests import factories
from tests.response.transport_world import COUNTY, NOW, TransportWorld, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return TransportWorld()


@pytest.fixture
def stranger(world):
    return factories.account(role=Role.DISPATCHER, area_code="130102")


class TestVehicles:
    def test_hold_one_household_by_the_ledger_but_for_buses(self, world):
        car, bus = world.vehicle(), world.vehicle("冀A00002", "bus", seats="40")
        assert (car.place.single_household, car.place.capacity) == (True, 4)
        assert (bus.place.single_household, bus.place.capacity) == (False, 40)

    def test_of_a_list_are_kept_all_or_none(self, world):
        good = transport.VehicleEntry("冀A1", "car", COUNTY, "4")
        bad = transport.VehicleEntry("冀A1", "lorry", "99", "0", latitude="91", cab_separated="perhaps")
        with pytest.raises(transport.VehiclesRefused) as refused:
            transport.register_vehicles(entries=[good, bad], by=world.dispatcher, now=NOW)
        fields = {(one["row"], one["field"]) for one in refused.value.facts["errors"]}
        assert fields == {
            (2, name) for name in ("plate", "kind", "area_code", "seats", "cab_separated", "latitude", "longitude")
        }
        assert not world.dispatcher.crew_shifts.exists()
        assert not transport.register_vehicles(entries=[good], by=world.dispatcher, now=NOW, dry_run=True)

    def test_told_again_are_brought_up_to_date(self, world):
        first, again = world.vehicle(seats="4"), world.vehicle(seats="6")
        assert first.pk == again.pk
        again.place.refresh_from_db()
        assert (again.seats, again.place.capacity) == (6, 6)

    def test_of_another_area_cannot_be_taken_over(self, world, stranger):
        world.vehicle()
        entry = transport.VehicleEntry("冀A00001", "car", "130102", "4")
        with pytest.raises(transport.VehiclesRefused, match="another area"):
            transport.register_vehicles(entries=[entry], by=stranger, now=NOW)

    def test_are_out_of_service_with_a_reason_and_not_on_a_trip(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        with pytest.raises(transport.VehicleReasonMissing):
            transport.take_out(vehicle=vehicle, reason=" ", by=world.dispatcher, now=NOW)
        trip = world.trip(vehicle, world.approved())
        with pytest.raises(transport.VehicleBusy, match=vehicle.plate):
            transport.take_out(vehicle=vehicle, reason="维修", by=world.dispatcher, now=NOW)
        transport.cancel_trip(trip=trip, reason="维修", by=world.dispatcher, now=NOW)
        transport.take_out(vehicle=vehicle, reason="维修", by=world.dispatcher, now=NOW)
        with pytest.raises(transport.VehicleUnfit, match="维修"):
            world.trip(vehicle, list(TransferRequest.objects.filter(state="approved")))
        assert transport.put_back(vehicle=vehicle, by=world.dispatcher, now=NOW).state == VehicleState.FREE
        with pytest.raises(transport.VehicleInService):
            transport.put_back(vehicle=vehicle, by=world.dispatcher, now=NOW)

    def test_need_the_right_and_the_area(self, world, stranger):
        with pytest.raises(access.NotAllowed):
            transport.register_vehicles(entries=[], by=world.driver, now=NOW)
        with pytest.raises(access.NotYours):
            transport.take_out(vehicle=world.vehicle(), reason="x", by=stranger, now=NOW)


class TestShifts:
    def test_of_one_vehicle_or_one_driver_do_not_overlap(self, world):
        first, second = world.vehicle(), world.vehicle("冀A00002")
        world.on_shift(first)
        with pytest.raises(transport.ShiftTwice, match=first.plate):
            world.on_shift(first, driver=factories.account(role=Role.CREW, area_code=COUNTY))
        with pytest.raises(transport.ShiftTwice, match=world.driver.display_name):
            world.on_shift(second)

    def test_take_a_driver_who_may_carry(self, world):
        with pytest.raises(transport.NoDriver):
            world.on_shift(world.vehicle(), driver=world.coordinator)

    def test_last_at_most_a_day(self, world):
        with pytest.raises(transport.ShiftUnreadable):
            world.on_shift(world.vehicle(), hours=30)

    def test_end_early_once_their_trips_are_over(self, world):
        vehicle = world.vehicle()
        shift = world.on_shift(vehicle)
        world.trip(vehicle, world.approved())
        with pytest.raises(transport.ShiftHasTrips):
            transport.end_shift(shift=shift, at=minutes(5), by=world.dispatcher, now=NOW)


class TestReserve:
    def test_says_which_county_falls_short_and_by_how_many(self, world):
        factories.area("130109", "藁城区")
        factories.area("130102", "长安区")
        world.vehicle("冀A1", "bus", seats="40")
        found = transport.reserve(
            rules=outbreaks.rules_at(world.outbreak, NOW), by=factories.account(area_code="1301"), area_code="1301",
            as_of=NOW,
        )  # fmt: skip
        short = {one.area_code: (one.buses, one.buses_short, one.drivers_short) for one in found.counties}
        # Two may carry people in the county: the dispatcher and the driver.
        assert short == {"130109": (1, 9, 18), "130102": (0, 10, 20)}
        assert found.unset == ()

    def test_gives_no_verdict_where_the_edition_sets_no_number(self, world):
        world.outbreak.first_date = NOW.date()
        rules = outbreaks.rules_at(world.outbreak, NOW + timedelta(days=200))
        world.vehicle("冀A1", "bus", seats="40")
        found = transport.reserve(rules=rules, by=world.dispatcher, area_code=COUNTY, as_of=NOW)
        assert [one.buses_short for one in found.counties] == [None]
        assert "transport.buses_per_county_at_least" in found.unset


class TestAskedByRule:
    def test_for_accepted_rooms_of_people_who_are_not_there(self, world):
        order = world.contact()
        placement = world.placed(order)
        assert world.advance() == 1
        request = TransferRequest.objects.get()
        assert (request.kind, request.to_place, request.placement) == (
            TransferKind.CONTACT,
            placement.room.place,
            placement,
        )
        assert request.due_at == order.contact.found_at + timedelta(hours=8)
        assert request.basis[0]["key"] == "contacts.close.transfer_hours"
        assert world.advance() == 0

    def test_as_a_case_where_a_fever_was_seen(self, world):
        order = world.contact()
        world.placed(order)
        Observation.objects.create(
            outbreak=world.outbreak, person=order.person, area_code=COUNTY, session="morning", observed_at=minutes(-30),
            recorded_at=minutes(-30), recorded_by="test", temperature_c=38.2, source_key="seen",
        )  # fmt: skip
        world.advance()
        assert TransferRequest.objects.get().kind == TransferKind.FEVER

    def test_for_cases_who_are_in_no_bed_and_never_in_a_replay(self, world):
        case = world.case()
        world.advance()
        request = TransferRequest.objects.get()
        assert (request.person, request.kind, request.to_place) == (case.person, TransferKind.CASE, None)
        assert request.due_at == case.opened_at + timedelta(hours=2)
        past = TransportWorld(kind=OutbreakKind.REPLAY)
        past.case()
        assert past.advance() == 0

    def test_without_a_clock_while_its_value_waits_for_confirmation(self):
        world = TransportWorld(kind=OutbreakKind.REAL)
        world.case()
        world.advance()
        request = TransferRequest.objects.get()
        assert request.due_at is None
        assert [one["gives"] for one in request.basis] == ["awaits_confirmation"]

    def test_for_people_handed_over_to_their_community(self, world):
        order = world.contact()
        room = world.room()
        officer = factories.account(area_code="13")
        isolation.arrive(person=order.person, kind=StayKind.ROOM, place=room.place, at=NOW, by=officer, now=NOW)
        CommunityHandOver.objects.create(
            outbreak=world.outbreak, person=order.person, order=order, site=world.site, area_code=factories.VILLAGE,
            told_at=minutes(1), told_by="test", source_key="hand over",
        )  # fmt: skip
        assert world.advance(minutes(2)) == 1
        request = TransferRequest.objects.get()
        assert (request.kind, request.to_place, request.from_place) == (TransferKind.HOME, None, room.place)

    def test_follows_a_room_that_was_changed_and_ends_when_it_lapses(self, world):
        order = world.contact()
        first = world.placed(order)
        world.advance()
        RoomPlacement.objects.filter(pk=first.pk).update(state=PlacementState.CHANGED)
        second = world.placed(order, world.room("302"))
        assert world.advance() == 1
        assert TransferRequest.objects.get().to_place == second.room.place
        RoomPlacement.objects.filter(pk=second.pk).update(state=PlacementState.LAPSED)
        assert world.advance() == 1
        assert TransferRequest.objects.get().state == TransferState.CANCELLED

    def test_ends_when_a_case_is_discarded(self, world):
        case = world.case()
        world.advance()
        Case.objects.filter(pk=case.pk).update(status=CaseStatus.DISCARDED)
        assert world.advance() == 1
        assert TransferRequest.objects.get().state == TransferState.CANCELLED

    def test_ends_with_death_and_none_is_asked_for_the_dead(self, world):
        case = world.case()
        world.advance()
        CaseFact.objects.create(
            case=case, kind=CaseFactKind.DIED, happened_at=NOW, recorded_at=NOW, area_code=case.area_code, by="test"
        )
        assert world.advance(minutes(2)) == 1
        assert TransferRequest.objects.get().state == TransferState.CANCELLED
        assert world.advance(minutes(3)) == 0


class TestAskedByHand:
    def test_takes_a_reason_and_one_open_at_a_time(self, world):
        person = world.resident()
        facts = {"outbreak": world.outbreak, "person": person, "to_place": world.hospital, "now": NOW}
        with pytest.raises(transport.TransferReasonMissing):
            transport.ask(kind=TransferKind.CARE, reason="", by=world.coordinator, **facts)
        made = transport.ask(kind=TransferKind.CARE, reason="透析", by=world.coordinator, **facts)
        assert made.state == TransferState.ASKED
        with pytest.raises(transport.TransferOpen, match=made.number):
            transport.ask(kind=TransferKind.CARE, reason="透析", by=world.coordinator, **facts)

    def test_takes_the_right_the_area_and_a_case_for_a_case(self, world, stranger):
        facts = {"outbreak": world.outbreak, "person": world.resident(), "reason": "x", "now": NOW}
        with pytest.raises(access.NotAllowed):
            transport.ask(kind=TransferKind.CARE, by=world.driver, **facts)
        with pytest.raises(access.NotYours):
            transport.ask(kind=TransferKind.CARE, by=stranger, **facts)
        with pytest.raises(transport.NoCase):
            transport.ask(kind=TransferKind.CASE, by=world.coordinator, **facts)


class TestApproval:
    def test_needs_an_issued_order_or_a_word_of_consent(self, world):
        world.placed(world.contact(issued=False))
        world.advance()
        request = TransferRequest.objects.get()
        with pytest.raises(transport.NoBasis, match=request.number):
            transport.approve(request=request, by=world.dispatcher, now=NOW)
        approved = transport.approve(request=request, by=world.dispatcher, now=NOW, consent="本人电话同意，张大夫记录")
        assert (approved.state, approved.approved_by) == (TransferState.APPROVED, world.dispatcher)
        assert "张大夫" in approved.reason

    def test_of_many_leaves_out_what_needs_a_look(self, world):
        for issued in (True, True, False):
            world.placed(world.contact(issued=issued))
        world.case()
        world.advance()
        asked = TransferRequest.objects.filter(state="asked")
        approved, refused = transport.approve_many(requests=asked, by=world.dispatcher, now=NOW)
        assert len(approved) == 2
        assert {type(one) for one in refused} == {transport.NoBasis, transport.NotForMany}
        assert Event.objects.filter(verb="transfer.approved").count() == 2

    def test_of_a_case_needs_a_destination(self, world):
        world.case()
        world.advance()
        request = TransferRequest.objects.get()
        with pytest.raises(transport.DestinationMissing):
            transport.approve(request=request, by=world.dispatcher, now=NOW)

    def test_or_refusal_is_for_whoever_holds_the_right_there(self, world, stranger):
        world.placed(world.contact())
        world.advance()
        request = TransferRequest.objects.get()
        with pytest.raises(access.NotYours):
            transport.approve(request=request, by=stranger, now=NOW)
        with pytest.raises(access.NotAllowed):
            transport.refuse(request=request, reason="x", by=world.driver, now=NOW)
        with pytest.raises(transport.TransferReasonMissing):
            transport.refuse(request=request, reason="", by=world.dispatcher, now=NOW)
        transport.refuse(request=request, reason="无需转运", by=world.dispatcher, now=NOW)
        with pytest.raises(transport.TransferCannotMove):
            transport.approve(request=request, by=world.dispatcher, now=NOW)
        assert world.advance() == 0  # what was refused is not asked for again on the same ground


class TestTrips:
    def test_carry_one_household(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        household = world.household()
        for _ in range(2):
            world.placed(world.contact(household=household))
        world.approved()
        together = list(TransferRequest.objects.filter(party=household.pk))
        alone = TransferRequest.objects.exclude(party=household.pk).get()
        with pytest.raises(transport.OneHousehold):
            world.trip(vehicle, [*together, alone])
        trip = world.trip(vehicle, together)
        assert [leg.request for leg in trip.legs.order_by("rank")] == together
        assert set(TransferRequest.objects.filter(party=household.pk).values_list("state", flat=True)) == {"planned"}

    def test_carry_a_case_in_a_separated_cab_and_by_preference_under_negative_pressure(self, world):
        open_cab = world.vehicle("冀A1", cab_separated="no")
        car, ambulance = world.vehicle("冀A2"), world.vehicle("冀A3", "negative_pressure")
        for vehicle in (open_cab, car, ambulance):
            world.on_shift(vehicle, driver=factories.account(role=Role.CREW, area_code=COUNTY))
        request = world.case_request()
        with pytest.raises(transport.CabNotSeparated):
            world.trip(open_cab, [request], overrule="无车")
        with pytest.raises(transport.WantsNegativePressure, match=request.number):
            world.trip(car, [request])
        trip = world.trip(car, [request], overrule="负压车全部在途")
        assert trip.overrule_reason == "负压车全部在途"
        transport.cancel_trip(trip=trip, reason="负压车回来了", by=world.dispatcher, now=NOW)
        request.refresh_from_db()
        assert world.trip(ambulance, [request]).overrule_reason == ""

    def test_have_seats_and_places_to_lie_enough(self, world):
        vehicle = world.vehicle(seats="1")
        world.on_shift(vehicle)
        [request] = world.approved()
        request.needs = [str(NeedKind.STRETCHER)]
        request.save()
        with pytest.raises(transport.VehicleFull):
            world.trip(vehicle, [request])

    def test_lie_in_a_shift_and_not_over_each_other(self, world):
        vehicle = world.vehicle()
        first, second = world.approved(2)
        with pytest.raises(transport.NoCrew):
            world.trip(vehicle, [first])
        world.on_shift(vehicle)
        world.trip(vehicle, [first])
        with pytest.raises(transport.TripsOverlap):
            world.trip(vehicle, [second], start=60, end=120)
        with pytest.raises(transport.TripUnreadable):
            world.trip(vehicle, [second], start=120, end=100)
        with pytest.raises(transport.NobodyToCarry):
            world.trip(vehicle, [], start=120, end=180)

    def test_take_only_who_was_approved_and_is_on_no_other(self, world):
        first, second = world.vehicle(), world.vehicle("冀A00002")
        for vehicle in (first, second):
            world.on_shift(vehicle, driver=factories.account(role=Role.CREW, area_code=COUNTY))
        [request] = world.approved()
        world.trip(first, [request])
        with pytest.raises(transport.AlreadyPlanned):
            world.trip(second, [request])
        world.placed(world.contact())
        world.advance()
        with pytest.raises(transport.NotApproved):
            world.trip(second, [TransferRequest.objects.get(state="asked")])

    def test_are_changed_by_hand_with_a_reason_until_they_set_out(self, world):
        first, second = world.vehicle(), world.vehicle("冀A00002")
        for vehicle in (first, second):
            world.on_shift(vehicle, driver=factories.account(role=Role.CREW, area_code=COUNTY))
        one, other = world.approved(2)
        trip = world.trip(first, [one])
        empty = world.trip(second, [other])
        transport.take_off(request=other, reason="改派", by=world.dispatcher, now=NOW)
        assert TransferRequest.objects.get(pk=other.pk).state == TransferState.APPROVED
        with pytest.raises(transport.TripUnderWay):  # with nobody on it, it is cancelled
            transport.move_to(request=one, trip=empty, reason="近", by=world.dispatcher, now=NOW)
        with pytest.raises(transport.OneHousehold):
            transport.move_to(request=other, trip=trip, reason="近", by=world.dispatcher, now=NOW)
        with pytest.raises(transport.TransferReasonMissing):
            transport.take_off(request=one, reason="", by=world.dispatcher, now=NOW)
        world.tell(world.act(trip, TripActKind.SET_OUT, 10), by=world.dispatcher)
        with pytest.raises(transport.TripUnderWay, match=first.plate):
            transport.cancel_trip(trip=trip, reason="x", by=world.dispatcher, now=NOW)
        with pytest.raises(transport.TripUnderWay):
            transport.take_off(request=one, reason="x", by=world.dispatcher, now=NOW)

    def test_are_for_dispatchers_of_the_area(self, world, stranger):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        trip = world.trip(vehicle, world.approved())
        with pytest.raises(access.NotYours):
            transport.cancel_trip(trip=trip, reason="x", by=stranger, now=NOW)
        with pytest.raises(access.NotAllowed):
            transport.cancel_trip(trip=trip, reason="x", by=world.driver, now=NOW)


class TestTasks:
    def test_are_asked_and_closed(self, world):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        world.placed(world.contact())
        world.advance()
        assert asked(world, NOW) == {TaskKind.APPROVE_TRANSFER}
        request = TransferRequest.objects.get()
        transport.approve(request=request, by=world.dispatcher, now=NOW)
        trip = world.trip(vehicle, [request], start=10, end=90)
        assert asked(world, NOW) == set()
        leg = TransferLeg.objects.get()
        world.tell(world.act(trip, TripActKind.SET_OUT, 10), world.act(trip, TripActKind.BOARDED, 20, leg=leg))
        assert asked(world, minutes(149)) == set()
        assert asked(world, minutes(151)) == {TaskKind.FIND_TRANSFER}  # planned until 90, and an hour
        world.tell(world.act(trip, TripActKind.ARRIVED, 60, leg=leg))
        assert asked(world, minutes(152)) == {TaskKind.DISINFECT_VEHICLE}
        world.tell(world.act(trip, TripActKind.DISINFECTED, 80))
        assert asked(world, minutes(153)) == set()


def asked(world, now):
    kinds = (TaskKind.APPROVE_TRANSFER, TaskKind.DISINFECT_VEHICLE, TaskKind.FIND_TRANSFER)
    tasks.advance(outbreak=world.outbreak, now=now)
    left = Task.objects.filter(outbreak=world.outbreak, kind__in=kinds, state="open")
    return {TaskKind(kind) for kind in left.values_list("kind", flat=True)}
