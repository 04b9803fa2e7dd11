"""Any sequence of moves, in any order and with any moment: each person in exactly one place since they are known."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.errors import SizaoError
from sizao.records.models import Household, Person, Place, Stay
from sizao.response import isolation
from sizao.terms import PlaceKind, StayKind
from tests import factories
from tests.response.isolation_world import COUNTY, NOW, coordinator, site

pytestmark = pytest.mark.django_db
PEOPLE, PLACES = 4, 7
MOVES = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PLACES - 1), st.integers(-30, 90)), min_size=1, max_size=25
)


class World:
    """Two of one household and two strangers; two single rooms, a family room, a vehicle, a bed, home, outside."""

    def __init__(self):
        self.by = coordinator()
        household = Household.objects.create(area_code=factories.VILLAGE)
        self.people = [factories.person(household=household if one < 2 else None) for one in range(PEOPLE)]
        made = site(self.by, n_rooms=3)
        single, other, family = Place.objects.filter(isolation_room__site=made).order_by("pk")
        Place.objects.filter(pk=family.pk).update(capacity=2)
        vehicle = factories.place(kind=PlaceKind.VEHICLE, capacity=2, single_household=True, area_code=COUNTY)
        bed = factories.place(kind=PlaceKind.HOSPITAL, capacity=1, area_code=COUNTY)
        self.spots = [
            (StayKind.ROOM, single), (StayKind.ROOM, other), (StayKind.ROOM, family), (StayKind.BED, bed),
            (StayKind.HOME, None), (StayKind.OUTSIDE, None), (StayKind.VEHICLE, vehicle),
        ]  # fmt: skip
        assert len(self.spots) == PLACES

    def move(self, who, where, at):
        """Board, get out, or arrive, as an officer at a door would."""
        person, (kind, place) = self.people[who], self.spots[where]
        if kind in (StayKind.VEHICLE, StayKind.OUTSIDE):
            return isolation.depart(person=person, vehicle=place, at=at, by=self.by, now=NOW)
        return isolation.arrive(person=person, kind=kind, place=place, at=at, by=self.by, now=NOW)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_nobody_is_ever_in_two_places_or_in_none(db, moves):
    with transaction.atomic():
        world, kept = World(), []
        for who, where, minute in moves:
            with suppress(SizaoError):
                kept.append(world.move(who, where, NOW + timedelta(minutes=minute)))
        for person in world.people:
            holds_together(person)
        for place in Place.objects.filter(capacity__isnull=False):
            holds_no_more(place)
        assert Stay.objects.filter(pk__in=[stay.pk for stay in kept]).count() == len(kept)
        transaction.set_rollback(True)


def holds_together(person: Person) -> None:
    """No gap, no overlap, and the last stay goes on."""
    periods = [stay.period for stay in Stay.objects.filter(person=person).order_by("period")]
    assert [one.upper for one in periods[:-1]] == [one.lower for one in periods[1:]]
    assert all(one.upper is None for one in periods[-1:])


def holds_no_more(place: Place) -> None:
    """At the begin of each stay there are no more people than beds or seats, and of one household where asked."""
    stays = list(Stay.objects.filter(place=place))
    for stay in stays:
        there = [one for one in stays if stay.period.lower in one.period]
        assert len(there) <= place.capacity
        assert len({one.party for one in there}) == 1 or not place.single_household
