"""A site of two floors with rooms on both sides of a corridor, people in them under orders, and who works there."""

from datetime import UTC, date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import Contact, IsolationOrder, IsolationRoom, IsolationSite, Stay
from sizao.terms import (
    ContactKind,
    ContactState,
    OrderKind,
    OrderState,
    OutbreakKind,
    PlaceKind,
    Role,
    SiteState,
    StayKind,
)
from tests import factories

COUNTY, ELSEWHERE = "130109", "130581"
NOW = datetime(2022, 9, 10, 1, 0, tzinfo=UTC)  # nine in the morning of the 10th where it happens, under edition 9
TODAY = date(2022, 9, 10)
ARRIVED = datetime(2022, 9, 6, 2, 0, tzinfo=UTC)


def hours(count):
    return timedelta(hours=count)


class World:
    """Eight rooms: 101 to 104 and 201 to 204, even numbers across the corridor; a drill, so that all values decide."""

    def __init__(self, *, kind=OutbreakKind.DRILL, people=4):
        factories.area(COUNTY, "藁城区")
        factories.area()
        self.outbreak = factories.outbreak(kind=kind, area_code="13", first_date=date(2022, 9, 1), slug="here")
        self.coordinator = factories.account(role=Role.ISOLATION_COORDINATOR, area_code=COUNTY)
        self.worker = factories.account(role=Role.SITE_WORKER, area_code=COUNTY)
        self.grid_worker = factories.account(role=Role.GRID_WORKER, area_code=factories.VILLAGE)
        self.stranger = factories.account(role=Role.ISOLATION_COORDINATOR, area_code=ELSEWHERE)
        self.index_case = factories.case(within=self.outbreak)
        self.site = self.make_site()
        self.rooms = {one.number: one for one in self.make_rooms()}
        numbers = ("101", "102", "103", "201")
        self.people = [self.lodge(number) for number in numbers[:people]]

    def make_site(self, name="瑞景酒店", area_code=COUNTY):
        place = factories.place(kind=PlaceKind.HOTEL, name=name, area_code=area_code)
        return IsolationSite.objects.create(
            place=place, area_code=area_code, state=SiteState.IN_USE, registered_at=ARRIVED, registered_by="test",
            source_key=f"test:{name}:{area_code}",
        )  # fmt: skip

    def make_rooms(self):
        for floor in (1, 2):
            for number in range(1, 5):
                place = factories.place(
                    kind=PlaceKind.HOTEL, name=f"{floor}0{number}", area_code=COUNTY, parent=self.site.place,
                    single_household=True,
                )  # fmt: skip
                yield IsolationRoom.objects.create(
                    site=self.site, place=place, building="A", floor=floor, number=f"{floor}0{number}",
                    position=(number + 1) // 2, opposite=number % 2 == 0,
                    source_key=f"test:{self.site.pk}:{floor}0{number}",
                )  # fmt: skip

    def lodge(self, number, *, since=ARRIVED, until=None, ends=date(2022, 9, 13), single_room=True, **order):
        person = factories.person()
        room = self.rooms[number]
        Stay.objects.create(
            person=person, kind=StayKind.ROOM, place=room.place, area_code=COUNTY, party=-person.pk,
            single_room=single_room, period=DateTimeTZRange(since, until, "[)"), recorded_at=since,
            source_key=f"test:stay:{person.pk}",
        )  # fmt: skip
        if ends:
            self.order(person, ends=ends, **order)
        return person

    def order(self, person, *, ends=date(2022, 9, 13), starts=date(2022, 9, 7), tests=(7, 8, 9, 11, 13), **facts):
        contact = Contact.objects.create(
            outbreak=self.outbreak, person=person, kind=facts.pop("contact_kind", ContactKind.CLOSE), source="test",
            state=ContactState.PLACED, index_case=self.index_case, area_code=person.area_code, found_at=ARRIVED,
            last_exposure_date=date(2022, 9, 6), placed_at=ARRIVED, source_key=f"test:contact:{person.pk}",
        )  # fmt: skip
        defaults = {
            "outbreak": self.outbreak, "person": person, "contact": contact, "kind": OrderKind.CENTRAL,
            "state": OrderState.ISSUED, "area_code": COUNTY, "starts_date": starts, "ends_date": ends,
            "test_dates": [date(2022, 9, day) for day in tests], "proposed_at": ARRIVED, "issued_at": ARRIVED,
            "issued_by": self.coordinator, "source_key": f"test:order:{person.pk}",
            "reason": {"contact_kind": "close", "day_zero": "2022-09-06", "counted_from": "last_exposure"},
        }  # fmt: skip
        return IsolationOrder.objects.create(**defaults | facts)
