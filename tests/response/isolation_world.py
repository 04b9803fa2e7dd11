"""A county with an isolation site, people under orders, and who acts on them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from sizao.records.models import Contact, Household, IsolationOrder, SiteCheck
from sizao.response.isolation import rooms, sites
from sizao.terms import ContactKind, ContactState, OrderKind, OrderState, Role, SiteState
from tests import factories

NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
COUNTY = "130109"
_serial = count(1)


def coordinator(area_code="1301", **facts):
    return factories.account(role=Role.ISOLATION_COORDINATOR, area_code=area_code, **facts)


def site(by, *, name=None, n_rooms=3, floors=1, state=SiteState.READY, area_code=COUNTY, beds=1, **facts):
    """Register a site with rooms, 101 and on, checked and in the state asked for."""
    factories.area(code=area_code, name="藁城区")
    entry = sites.SiteEntry(name=name or f"隔离点 {next(_serial)}", area_code=area_code, **facts)
    made = sites.register_site(entry=entry, by=by, now=NOW - timedelta(days=3))
    if n_rooms:
        plan = rooms.RoomRange(first_floor=1, n_floors=floors, per_floor=n_rooms, beds=beds)
        rooms.add_rooms(site=made, entries=plan.entries(), by=by, now=NOW - timedelta(days=3))
    if state != SiteState.RESERVE:
        passed(made, by)
        made = sites.move_site(site=made, state=SiteState.READY, by=by, now=NOW - timedelta(days=2))
    return made if state in (SiteState.RESERVE, SiteState.READY) else sites.move_site(
        site=made, state=state, by=by, now=NOW - timedelta(days=1), reason="test"
    )  # fmt: skip


def passed(made, by, *, passed=True, at=NOW - timedelta(days=2)):
    return SiteCheck.objects.create(
        site=made, checked_at=at, recorded_at=at, checked_by=by, signed_as="王", items={}, passed=passed,
        source_key=f"check:{next(_serial)}",
    )  # fmt: skip


def order(
    outbreak, *, person=None, state=OrderState.PROPOSED, found_at=NOW - timedelta(hours=2), kind=OrderKind.CENTRAL
):
    """Make a contact with an order of central isolation from today on."""
    person = person or factories.person(area_code=factories.VILLAGE)
    contact = Contact.objects.create(
        outbreak=outbreak, person=person, kind=ContactKind.CLOSE, state=ContactState.FOUND,
        area_code=person.area_code, found_at=found_at, source="test", source_key=f"contact:{next(_serial)}",
    )  # fmt: skip
    issued = {}
    if state == OrderState.ISSUED:
        issued = {"issued_at": NOW, "issued_by": factories.account()}
    return IsolationOrder.objects.create(
        outbreak=outbreak, person=person, contact=contact, kind=kind, state=state, area_code=person.area_code,
        starts_date=date(2021, 1, 10), ends_date=date(2021, 1, 17), proposed_at=found_at,
        source_key=f"order:{next(_serial)}", **issued,
    )  # fmt: skip


def household(n, *, births=()):
    """Make people of one household; `births` gives the birth dates of the first ones."""
    home = Household.objects.create(area_code=factories.VILLAGE, source_key=f"household:{next(_serial)}")
    given = [*births, *[None] * (n - len(births))]
    return [factories.person(household=home, birth_date=born) for born in given]
