"""What crews tell, in any order and any number of times: what stands in the end is the same, and nobody is in none."""

import random

import pytest
from django.db import transaction

from sizao.records.models import Stay, TransferLeg
from sizao.response import transport
from sizao.terms import NotBoarded, Role, TripActKind
from tests import factories
from tests.response.transport_world import TransportWorld, minutes

pytestmark = pytest.mark.django_db
DOOR = (TripActKind.AT_DOOR, TripActKind.BOARDED, TripActKind.NOT_BOARDED, TripActKind.ARRIVED, TripActKind.HANDED_OVER)


class TestAnyOrder:
    def test_gives_one_state_and_leaves_everybody_in_one_place(self, noise):
        world, legs = two_vehicles()
        for seed in range(6):
            dice = random.Random(seed)
            acts = some_acts(world, legs, dice)
            wanted = outcome(world, sorted(acts, key=lambda one: one.happened_at))
            for _ in range(2):
                mixed = acts + dice.sample(acts, len(acts) // 2)
                dice.shuffle(mixed)
                assert outcome(world, mixed) == wanted, f"seed {seed}"


def two_vehicles():
    """Two vehicles, three trips, four strangers; one of them is on the trips of both vehicles."""
    world = TransportWorld()
    first, second = world.vehicle("冀A00001"), world.vehicle("冀A00002")
    world.on_shift(first)

    world.on_shift(second, driver=factories.account(role=Role.CREW, area_code="130109"))
    requests = world.approved(4)
    trips = [
        world.trip(first, requests[:1], start=10, end=90),
        world.trip(first, requests[1:2], start=100, end=180),
        world.trip(second, requests[2:3], start=10, end=90),
    ]

    moved = world.trip(second, requests[3:], start=100, end=180)
    transport.take_off(request=requests[3], reason="换车", by=world.dispatcher, now=minutes(1))
    again = world.trip(first, requests[3:], start=200, end=280)
    legs = list(TransferLeg.objects.filter(trip__in=[*trips, moved, again]).order_by("pk"))
    return world, legs


def some_acts(world, legs, dice):
    """Make up acts that contradict each other: boarded twice, arrived before, in two vehicles at once."""
    acts = []
    for n in range(14):
        leg, kind = dice.choice(legs), dice.choice(DOOR)
        facts = {"reason": NotBoarded.REFUSED} if kind == TripActKind.NOT_BOARDED else {}
        acts.append(world.act(leg.trip, kind, dice.randrange(0, 300), leg=leg, key=f"l{n}", **facts))
    for n in range(6):
        kind = dice.choice((TripActKind.SET_OUT, TripActKind.DISINFECTED, TripActKind.RETURNED))
        acts.append(world.act(dice.choice(legs).trip, kind, dice.randrange(0, 300), key=f"t{n}"))
    return acts


def outcome(world, acts):
    """Tell acts in this order, one request for each, read what stands, and take all of it back."""
    with transaction.atomic():
        before = transaction.savepoint()
        for act in acts:
            [told] = world.tell(act, by=world.dispatcher)
            assert told.answer in ("taken", "repeated")
        state = world.state()
        everybody_is_in_one_place()
        transaction.savepoint_rollback(before)
    return state


def everybody_is_in_one_place():
    """Each stay ends where the next begins; the database itself refuses two at once."""
    for person in Stay.objects.values_list("person", flat=True).distinct():
        stays = list(Stay.objects.filter(person=person).order_by("period"))
        assert all(one.period.upper == after.period.lower for one, after in zip(stays, stays[1:], strict=False))
        assert stays[-1].period.upper is None
