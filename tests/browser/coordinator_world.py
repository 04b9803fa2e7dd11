"""
A county of its own with 300 people under issued orders and 5 sites, written into the served installation.

Its only day lies under edition 9: the loop of the installation carries a replay to its last day, and ends what is over.
"""

from datetime import UTC, date, datetime, timedelta

from sizao.records.models import (
    Account,
    Contact,
    Household,
    IsolationOrder,
    IsolationRoom,
    Outbreak,
    Person,
    SiteCheck,
)
from sizao.response.isolation import rooms, sites
from sizao.terms import ContactKind, ContactState, OrderKind, OrderState, OutbreakKind, SiteState

N_PEOPLE, N_SITES, PER_FLOOR, FLOORS = 300, 5, 22, 3
COUNTY, SLUG = "130402", "coordinator"
FOUND_AT = datetime(2022, 8, 10, 1, 0, tzinfo=UTC)
DAY = date(2022, 8, 10)


def fill():
    """Write it; called inside the installation."""
    by = Account.objects.get(username="isolation_coordinator")
    outbreak = Outbreak.objects.create(
        slug=SLUG, name="协调员演示", name_en="Coordinator", disease="covid-19", kind=OutbreakKind.REPLAY,
        area_code="1304", first_date=DAY - timedelta(days=1), last_date=DAY,
        opened_at=FOUND_AT.replace(year=2020, month=12, day=1),  # others find theirs as the latest
    )  # fmt: skip
    for number in range(1, N_SITES + 1):
        _site(number, by)
    people = Person.objects.bulk_create([_person(number) for number in range(N_PEOPLE)])
    _order_all(people, outbreak, by)


def _site(number, by):
    before = FOUND_AT - timedelta(days=1)
    entry = sites.SiteEntry(name=f"丛台隔离点{number}", area_code=COUNTY, latitude=36.6 + number / 50, longitude=114.5)
    site = sites.register_site(entry=entry, by=by, now=before)
    plan = rooms.RoomRange(first_floor=3, n_floors=FLOORS, per_floor=PER_FLOOR)
    rooms.add_rooms(site=site, entries=plan.entries(), by=by, now=before)
    IsolationRoom.objects.filter(site=site, position=1).update(is_family=True)
    SiteCheck.objects.create(
        site=site, checked_at=before, recorded_at=before, checked_by=by, signed_as="王明", items={}, passed=True,
        source_key=f"{SLUG}:{number}",
    )  # fmt: skip
    sites.move_site(site=site, state=SiteState.READY, by=by, now=before)


def _person(number):
    return Person(
        number=f"H-{number:04}", name=f"张{'甲乙丙丁'[number % 4]}{'春夏秋冬'[number // 4 % 4]}",
        area_code=f"{COUNTY}002001", registered_at=FOUND_AT, birth_date=date(1940 + number % 60, 5, 1),
        household=_household(number), is_generated=True, source_key=f"{SLUG}:person:{number}",
    )  # fmt: skip


def _household(number):
    key = f"{SLUG}:household:{number // 3}"
    return Household.objects.get_or_create(source_key=key, defaults={"area_code": f"{COUNTY}002001"})[0]


def _order_all(people, outbreak, by):
    contacts = Contact.objects.bulk_create(
        [
            Contact(
                outbreak=outbreak, person=one, kind=ContactKind.CLOSE, state=ContactState.FOUND,
                area_code=one.area_code, last_exposure_date=DAY - timedelta(days=1),
                found_at=FOUND_AT + timedelta(seconds=rank), source=SLUG, source_key=f"{SLUG}:contact:{rank}",
            )
            for rank, one in enumerate(people)
        ]
    )  # fmt: skip
    IsolationOrder.objects.bulk_create(
        [
            IsolationOrder(
                outbreak=outbreak, person=one.person, contact=one, kind=OrderKind.CENTRAL, state=OrderState.ISSUED,
                area_code=one.area_code, starts_date=DAY, ends_date=DAY + timedelta(days=6), proposed_at=one.found_at,
                issued_at=one.found_at, issued_by=by,
                reason={"contact_kind": "close", "day_zero": str(DAY), "counted_from": "last_exposure"},
                source_key=f"{SLUG}:order:{rank}",
            )
            for rank, one in enumerate(contacts)
        ]
    )  # fmt: skip
