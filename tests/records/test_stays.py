"""The location ledger: the database itself refuses what cannot be."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import Stay
from sizao.terms import PlaceKind, StayKind
from tests import factories

pytestmark = pytest.mark.django_db
MORNING = datetime(2021, 1, 10, 8, 0, tzinfo=UTC)


def stay(person, place, *, hours=(0, 10), party=None, single_room=False):
    start, end = (MORNING + timedelta(hours=hour) for hour in hours)
    return Stay.objects.create(
        person=person,
        kind=StayKind.ROOM,
        place=place,
        area_code=place.area_code,
        period=DateTimeTZRange(start, end, "[)"),
        party=party if party is not None else -person.pk,
        single_room=single_room,
        recorded_at=start,
        source_key=f"{person.pk}:{start}:{place.pk}",
    )


class TestOneStayAtATime:
    def test_refuses_a_person_in_two_places(self, room):
        someone = factories.person()
        stay(someone, room)
        with pytest.raises(IntegrityError, match="stay_one_at_a_time"):
            stay(someone, factories.place(), hours=(9, 12))

    def test_arriving_may_follow_departure_at_the_same_moment(self, room):
        someone = factories.person()
        stay(someone, room, hours=(0, 4))
        stay(someone, factories.place(), hours=(4, 8))
        assert someone.stays.count() == 2


class TestSingleRooms:
    def test_refuses_two_strangers_in_one_single_room(self, room):
        stay(factories.person(), room, single_room=True)
        with pytest.raises(IntegrityError, match="stay_one_household_per_single_room"):
            stay(factories.person(), room, single_room=True)

    def test_lets_one_household_share_a_single_room(self, room):
        stay(factories.person(), room, party=77, single_room=True)
        stay(factories.person(), room, party=77, single_room=True)
        assert room.stays.count() == 2

    def test_lets_the_next_stranger_in_after_the_first_left(self, room):
        stay(factories.person(), room, hours=(0, 4), single_room=True)
        stay(factories.person(), room, hours=(4, 8), single_room=True)
        assert room.stays.count() == 2


@pytest.fixture
def room():
    return factories.place(kind=PlaceKind.ISOLATION_SITE, name="101")
