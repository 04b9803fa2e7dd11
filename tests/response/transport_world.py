"""A county with vehicles, crews, a site with rooms and people who have to be carried there."""

from datetime import UTC, date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import (
    Case,
    Contact,
    Household,
    IsolationOrder,
    IsolationRoom,
    IsolationSite,
    RoomPlacement,
    Stay,
    TransferOddity,
    TransferRequest,
    TransferTrip,
)
from sizao.response import transport
from sizao.terms import (
    CaseStatus,
    ContactKind,
    ContactState,
    OrderKind,
    OrderState,
    OutbreakKind,
    PlaceKind,
    PlacementState,
    Role,
    SiteState,
    StayKind,
    TransferKind,
    TripActKind,
)
from tests import factories

NOW = datetime(2022, 7, 10, 2, 0, tzinfo=UTC)  # ten in the morning there; edition 9
COUNTY = "130109"


def minutes(n):
    return NOW + timedelta(minutes=n)


class TransportWorld:
    def __init__(self, *, kind=OutbreakKind.DRILL):
        self.outbreak = factories.outbreak(kind=kind, first_date=date(2022, 7, 1), opened_at=NOW - timedelta(days=9))
        self.dispatcher = factories.account(role=Role.DISPATCHER, area_code=COUNTY)
        self.coordinator = factories.account(role=Role.ISOLATION_COORDINATOR, area_code=COUNTY)
        self.driver = factories.account(role=Role.CREW, area_code=COUNTY)
        place = factories.place(kind=PlaceKind.ISOLATION_SITE, name="汉庭隔离点", area_code=COUNTY)
        self.site = IsolationSite.objects.create(
            place=place, area_code=COUNTY, state=SiteState.IN_USE, registered_at=NOW, registered_by="test",
            source_key=f"site:{place.pk}",
        )  # fmt: skip
        self.hospital = factories.place(kind=PlaceKind.HOSPITAL, name="定点医院", area_code=COUNTY)

    def vehicle(self, plate="冀A00001", kind="car", **facts):
        told = {"seats": "4", "cab_separated": "yes", "latitude": "38.02", "longitude": "114.85"} | facts
        entry = transport.VehicleEntry(plate=plate, kind=kind, area_code=COUNTY, **told)
        return transport.register_vehicles(entries=[entry], by=self.dispatcher, now=NOW)[0]

    def on_shift(self, vehicle, *, driver=None, hours=8):
        return transport.start_shift(
            vehicle=vehicle, starts_at=minutes(-60), ends_at=minutes(60 * hours), driver=driver or self.driver,
            by=self.dispatcher, now=NOW,
        )  # fmt: skip

    def room(self, number="301", beds=1):
        place = factories.place(
            kind=PlaceKind.ISOLATION_SITE, name=f"汉庭 {number}", area_code=COUNTY, parent=self.site.place,
            single_household=True, capacity=beds, latitude=38.03, longitude=114.87,
        )  # fmt: skip
        return IsolationRoom.objects.create(
            site=self.site, place=place, number=number, beds=beds, source_key=f"room:{place.pk}"
        )

    def household(self):
        home = factories.place(
            kind=PlaceKind.HOME, name="家", area_code=factories.VILLAGE, latitude=38.0, longitude=114.8
        )
        return Household.objects.create(area_code=factories.VILLAGE, place=home, source_key=f"household:{home.pk}")

    def resident(self, *, household=None, **facts):
        person = factories.person(household=household, **facts)
        Stay.objects.create(
            person=person, kind=StayKind.HOME, place=household.place if household else None,
            area_code=person.area_code, period=DateTimeTZRange(NOW - timedelta(days=30), None, "[)"),
            party=household.pk if household else -person.pk, recorded_at=NOW - timedelta(days=30),
            source_key=f"home:{person.pk}",
        )  # fmt: skip
        return person

    def contact(self, person=None, *, issued=True, **facts):
        person = person or self.resident(**facts)
        index = factories.case(within=self.outbreak, opened_at=NOW - timedelta(hours=9))
        Stay.objects.create(  # the index case is in hospital already
            person=index.person, kind=StayKind.BED, place=self.hospital, area_code=COUNTY,
            period=DateTimeTZRange(NOW - timedelta(hours=8), None, "[)"), party=-index.person.pk,
            recorded_at=NOW - timedelta(hours=8), source_key=f"bed:{index.person.pk}",
        )  # fmt: skip
        contact = Contact.objects.create(
            outbreak=self.outbreak, person=person, kind=ContactKind.CLOSE, state=ContactState.FOUND,
            area_code=person.area_code, found_at=NOW - timedelta(hours=3), index_case=index, source="test",
            source_key=f"contact:{person.pk}", last_exposure_date=date(2022, 7, 9),
        )  # fmt: skip
        issued_by = {"issued_at": NOW - timedelta(hours=1), "issued_by": self.coordinator} if issued else {}
        return IsolationOrder.objects.create(
            outbreak=self.outbreak, person=person, contact=contact, kind=OrderKind.CENTRAL,
            state=OrderState.ISSUED if issued else OrderState.PROPOSED, area_code=person.area_code,
            starts_date=date(2022, 7, 10), ends_date=date(2022, 7, 16), proposed_at=NOW - timedelta(hours=2),
            source_key=f"order:{person.pk}", **issued_by,
        )  # fmt: skip

    def placed(self, order, room=None):
        room = room or self.room(f"4{order.pk}"[:18])
        return RoomPlacement.objects.create(
            outbreak=self.outbreak, person=order.person, order=order, room=room, site=self.site,
            state=PlacementState.ACCEPTED, party=order.person.household_id or -order.person.pk, proposed_at=NOW,
            decided_at=NOW, decided_by=self.coordinator, source_key=f"placement:{order.pk}:{room.pk}",
        )  # fmt: skip

    def case(self, **facts):
        person = self.resident(**facts)
        return Case.objects.create(
            outbreak=self.outbreak, person=person, number=f"C-{person.number}", status=CaseStatus.CONFIRMED,
            area_code=person.area_code, opened_at=NOW - timedelta(hours=1),
        )  # fmt: skip

    def advance(self, now=NOW):
        return transport.advance(outbreak=self.outbreak, now=now)

    def approved(self, n=1, **facts):
        """Give requests of contacts with rooms, approved."""
        for _ in range(n):
            self.placed(self.contact(**facts))
        self.advance()
        asked = list(
            TransferRequest.objects.filter(outbreak=self.outbreak, state="asked", kind="contact").order_by("pk")
        )
        transport.approve_many(requests=asked, by=self.dispatcher, now=NOW)
        return [TransferRequest.objects.get(pk=one.pk) for one in asked]

    def case_request(self):
        case = self.case()
        self.advance()
        request = TransferRequest.objects.get(person=case.person, kind=TransferKind.CASE)
        transport.say_destination(request=request, place=self.hospital, by=self.dispatcher, now=NOW)
        return transport.approve(request=request, by=self.dispatcher, now=NOW)

    def trip(self, vehicle, requests, *, start=10, end=90, **facts):
        rides = [transport.Ride(one, minutes(start + 10), minutes(end - 30)) for one in requests]
        return transport.make_trip(
            outbreak=self.outbreak, vehicle=vehicle, rides=rides, start=minutes(start), end=minutes(end),
            by=self.dispatcher, now=NOW, **facts,
        )  # fmt: skip

    def act(self, trip, kind, at, *, leg=None, key=None, **facts):
        if kind == TripActKind.BOARDED:
            facts = {"identity_checked": True} | facts
        if kind == TripActKind.HANDED_OVER:
            facts = {"receiver": "前台 李"} | facts
        key = key or f"{trip.pk}:{leg.pk if leg else 0}:{kind}:{at}"
        return transport.ActSent(key, trip.pk, kind, minutes(at), leg=leg.pk if leg else None, **facts)

    def tell(self, *acts, now=None, by=None, **facts):
        return transport.record_acts(
            outbreak=self.outbreak, acts=acts, by=by or self.driver, now=now or minutes(600), **facts
        )

    def where(self, person):
        """Give the ledger of a person: kind, place, from and until in minutes."""
        return [
            (
                one.kind,
                one.place.name if one.place else "",
                *(_minute(end) for end in (one.period.lower, one.period.upper)),
            )
            for one in Stay.objects.filter(person=person).select_related("place").order_by("period")
        ]

    def state(self):
        """Read all that follows from acts: trips, legs, requests, stays, what is odd."""
        trips = TransferTrip.objects.filter(outbreak=self.outbreak).order_by("pk")
        requests = TransferRequest.objects.filter(outbreak=self.outbreak).order_by("pk")
        odd = TransferOddity.objects.filter(outbreak=self.outbreak, settled_at=None)
        return {
            "trips": list(trips.values_list("pk", "state", "set_out_at", "disinfected_at", "returned_at")),
            "vehicles": list(trips.values_list("vehicle__state", "vehicle__disinfected_at")),
            "legs": list(trips.order_by("legs__pk").values_list(
                "legs", "legs__at_door_at", "legs__boarded_at", "legs__not_boarded_at", "legs__not_boarded_reason",
                "legs__arrived_at", "legs__handed_over_at", "legs__receiver", "legs__ended_at",
            )),
            "requests": list(requests.values_list("number", "state", "ended_at")),
            "stays": [(one.person_id, self.where(one.person)) for one in requests],
            "odd": sorted(odd.values_list("kind", "trip", "leg")),
        }  # fmt: skip


def _minute(moment):
    return None if moment is None else round((moment - NOW).total_seconds() / 60)
