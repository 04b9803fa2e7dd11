"""Arriving somewhere ends the stay before it; what cannot be is refused with the reason."""

from datetime import UTC, datetime, timedelta

import pytest

from sizao.records import access
from sizao.records.models import Contact, ContactChange, Stay
from sizao.response import isolation
from sizao.terms import ContactKind, ContactState, Role, StayKind
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)


def days_later(days):
    return NOW + timedelta(days=days)


class TestArrive:
    def test_places_a_found_contact_and_ends_the_stay_before(self, contact, room, officer):
        home = stay_of(contact.person, days_later(-3), kind=StayKind.HOME)
        isolation.arrive(person=contact.person, kind=StayKind.ROOM, place=room, at=NOW, by=officer, now=NOW)
        contact.refresh_from_db()
        home.refresh_from_db()
        assert contact.state == ContactState.PLACED
        assert home.period.upper == NOW
        assert ContactChange.objects.filter(state=ContactState.PLACED).count() == 1

    def test_refuses_to_arrive_where_they_are(self, room, officer):
        someone = factories.person()
        isolation.arrive(person=someone, kind=StayKind.ROOM, place=room, at=NOW, by=officer, now=NOW)
        with pytest.raises(isolation.AlreadyThere, match=someone.number):
            isolation.arrive(person=someone, kind=StayKind.ROOM, place=room, at=days_later(1), by=officer, now=NOW)

    def test_refuses_a_time_before_the_present_stay(self, room, officer):
        someone = factories.person()
        stay_of(someone, NOW)
        with pytest.raises(isolation.TwoPlacesAtOnce, match="Check the time"):
            isolation.arrive(person=someone, kind=StayKind.ROOM, place=room, at=days_later(-1), by=officer, now=NOW)

    def test_refuses_a_time_inside_a_stay_that_ended(self, room, officer):
        someone = factories.person()
        stay_of(someone, days_later(-5), until=days_later(-2))
        with pytest.raises(isolation.TwoPlacesAtOnce):
            isolation.arrive(person=someone, kind=StayKind.ROOM, place=room, at=days_later(-3), by=officer, now=NOW)

    def test_refuses_a_stranger_in_a_single_room(self, room, officer):
        room.single_household = True
        room.save()
        isolation.arrive(person=factories.person(), kind=StayKind.ROOM, place=room, at=NOW, by=officer, now=NOW)
        stranger = factories.person()
        with pytest.raises(isolation.RoomTaken, match="another household"):
            isolation.arrive(person=stranger, kind=StayKind.ROOM, place=room, at=NOW, by=officer, now=NOW)
        assert not stranger.stays.exists()

    def test_departing_leads_into_a_vehicle_or_outside(self, room, officer):
        someone = factories.person()
        isolation.arrive(person=someone, kind=StayKind.ROOM, place=room, at=NOW, by=officer, now=NOW)
        van = factories.place(name="转运车 1")
        isolation.depart(person=someone, vehicle=van, at=days_later(1), by=officer, now=days_later(1))
        isolation.depart(person=someone, at=days_later(2), by=officer, now=days_later(2))
        assert list(someone.stays.order_by("period").values_list("kind", flat=True)) == ["room", "vehicle", "outside"]

    def test_refuses_an_officer_of_another_area(self, room):
        elsewhere = factories.account(area_code="1305")
        with pytest.raises(access.NotYours):
            isolation.arrive(person=factories.person(), kind=StayKind.ROOM, place=room, at=NOW, by=elsewhere, now=NOW)


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def contact(db):
    person = factories.person()
    return Contact.objects.create(
        outbreak=factories.outbreak(), person=person, kind=ContactKind.CLOSE, state=ContactState.FOUND,
        area_code=person.area_code, found_at=days_later(-1), source="test", source_key="contact",
    )  # fmt: skip


@pytest.fixture
def officer(db):
    return factories.account(role=Role.ISOLATION_COORDINATOR, area_code="1301")


@pytest.fixture
def room(db):
    return factories.place(name="101")


def stay_of(person, start, *, until=None, kind=StayKind.ROOM):
    return Stay.objects.create(
        person=person, kind=kind, area_code=person.area_code, period=(start, until), party=-person.pk,
        recorded_at=start, source_key=f"stay:{person.pk}:{start}",
    )  # fmt: skip
