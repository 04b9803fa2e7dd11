"""
Thirty-two connections put people into the same rooms and vehicles: nobody twice, nothing lost, no deadlock told.

`SIZAO_LEDGER_SECONDS=60` runs it for a minute.
"""

import itertools
import os
import random
import sys
import threading
import time
from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.utils import load_backend

from sizao.errors import SizaoError
from sizao.records.models import Household, Place, Stay
from sizao.response import isolation
from sizao.terms import PlaceKind, StayKind
from tests import factories
from tests.response.isolation_world import COUNTY, NOW, coordinator, site
from tests.response.test_ledger_in_any_order import holds_together

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS, PEOPLE = 32, 40
SECONDS = float(os.environ.get("SIZAO_LEDGER_SECONDS", "8"))

TWO_HOUSEHOLDS = """
SELECT count(*) FROM records_stay one JOIN records_stay other
ON one.place_id = other.place_id AND one.id < other.id AND one.period && other.period AND one.party <> other.party
JOIN records_place place ON place.id = one.place_id WHERE place.single_household
"""
TOO_MANY = """
SELECT count(*) FROM records_stay one JOIN records_place place ON place.id = one.place_id
WHERE place.capacity < (
    SELECT count(*) FROM records_stay other
    WHERE other.place_id = one.place_id AND other.period @> lower(one.period)
)
"""
TWICE = """
SELECT count(*) FROM records_stay one JOIN records_stay other
ON one.person_id = other.person_id AND one.id < other.id AND one.period && other.period
"""


class World:
    """Households of two and people alone; few rooms, a family room, a bed for two and a car, so that they collide."""

    def __init__(self):
        self.by = coordinator()
        households = [
            Household.objects.create(area_code=factories.VILLAGE, source_key=f"h{one}") for one in range(PEOPLE // 4)
        ]
        self.people = [
            factories.person(household=households[one // 2] if one < PEOPLE // 2 else None) for one in range(PEOPLE)
        ]
        made = site(self.by, n_rooms=6)
        rooms = list(Place.objects.filter(isolation_room__site=made).order_by("pk"))
        Place.objects.filter(pk__in=[one.pk for one in rooms[:2]]).update(capacity=2)
        cars = [
            factories.place(kind=PlaceKind.VEHICLE, capacity=seats, single_household=alone, area_code=COUNTY)
            for seats, alone in ((1, True), (2, True), (3, False))
        ]
        bed = factories.place(kind=PlaceKind.HOSPITAL, capacity=2, area_code=COUNTY)
        self.spots = [*((StayKind.ROOM, one) for one in rooms), *((StayKind.VEHICLE, one) for one in cars)]
        self.spots += [(StayKind.BED, bed), (StayKind.HOME, None), (StayKind.OUTSIDE, None)]
        self.moments = itertools.count(1)
        self.kept, self.refused, self.faults = [], [], []

    def work(self, seed, started):
        """Move anybody anywhere until the time is over, over a connection of one's own."""
        dice = random.Random(seed)
        a_connection_of_its_own()
        try:
            started.wait(60)
            ends = time.monotonic() + SECONDS
            while time.monotonic() < ends:
                self.move(dice)
        except Exception as fault:  # noqa: BLE001 — told by the test
            self.faults.append(fault)
        finally:
            connection.close()

    def move(self, dice):
        person, (kind, place) = dice.choice(self.people), dice.choice(self.spots)
        at = NOW + timedelta(seconds=next(self.moments))
        try:
            stay = isolation.arrive(person=person, kind=kind, place=place, at=at, by=self.by, now=NOW)
        except SizaoError as refusal:
            self.refused.append(refusal.code)
        else:
            self.kept.append((stay.pk, person.pk, place and place.pk, at))


def a_connection_of_its_own():
    """Connect past the pool of the web, which holds fewer."""
    told = deepcopy(connections.settings["default"])
    told["OPTIONS"] = told.get("OPTIONS", {}) | {"pool": False}
    told["NAME"] = connections.settings["default"]["NAME"]
    connections["default"] = load_backend(told["ENGINE"]).DatabaseWrapper(told, "default")
    connection.ensure_connection()


def counted(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def test_no_double_occupancy_no_lost_stay_no_deadlock():
    world, started = World(), threading.Barrier(CONNECTIONS)
    workers = [threading.Thread(target=world.work, args=(seed, started)) for seed in range(CONNECTIONS)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert world.faults == []
    sys.stderr.write(f"{len(world.kept)} moves kept, {len(world.refused)} refused\n")
    there = set(Stay.objects.values_list("pk", "person", "place", "period__startswith"))
    assert world.kept
    assert set(world.kept) == there
    assert [counted(question) for question in (TWO_HOUSEHOLDS, TOO_MANY, TWICE)] == [0, 0, 0]
    for person in world.people:
        holds_together(person)
