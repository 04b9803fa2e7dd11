"""Acts on boxes in any order and any number of times: what stands in the end is the same."""

import random
from datetime import timedelta

import pytest
from django.db import transaction

from sizao.records.models import Laboratory, SampleBox
from sizao.response.testing import chain
from sizao.terms import HandOverKind
from tests.response.chain_world import ChainWorld
from tests.response.testing_world import NOW

pytestmark = pytest.mark.django_db
LATEST = NOW + timedelta(hours=12)
TUBES = 5


class TestAnyOrder:
    def test_gives_one_state(self, noise):
        world = ChainWorld(boxes=3)
        codes = world.filled(TUBES)
        for seed in range(4):
            dice = random.Random(seed)
            acts = some_acts(world, codes, dice)
            wanted = outcome(world, sorted(acts, key=lambda one: one[0]))
            for _ in range(2):
                mixed = acts + dice.sample(acts, len(acts) // 2)
                dice.shuffle(mixed)
                assert outcome(world, mixed) == wanted, f"seed {seed}"


def some_acts(world, codes, dice):
    """Make up acts that contradict each other: tubes in several boxes, boxes closed and received twice."""

    def moment():
        return NOW + timedelta(minutes=dice.randrange(0, 600))

    def box():
        return dice.choice(world.boxes)

    sent = [world.put(f"p{n}", box(), dice.choice(codes), at=moment()) for n in range(9)]
    sent += [world.closed(f"c{n}", box(), at=moment(), site=dice.choice((None, world.site.pk))) for n in range(4)]
    sent += [world.handed(f"h{n}", box(), dice.choice(CARRYING), at=moment()) for n in range(4)]
    acts = [(one.happened_at, lambda one=one: world.act(one, now=LATEST)) for one in sent]
    for n in range(4):
        facts = {"tubes": dice.sample(codes, 2), "laboratory": dice.choice(list(Laboratory.objects.order_by("pk")))}
        acts.append(receipt(world, box() if n < 3 else None, moment(), f"r{n}", facts))
    return acts


CARRYING = (HandOverKind.PICKED_UP, HandOverKind.PASSED_ON, HandOverKind.DELIVERED, HandOverKind.RETURNED)


def receipt(world, box, at, key, facts):
    def act():
        if box is None:
            chain.receive_tubes(by=world.technician, now=at, **facts)
        else:
            held = SampleBox.objects.get(pk=box.pk)
            chain.receive_box(box=held, by=world.technician, now=at, source_key=key, **facts)

    return at, act


def outcome(world, acts):
    """Do acts in this order, read what stands, and take all of it back."""
    with transaction.atomic():
        before = transaction.savepoint()
        for _, act in acts:
            act()
        chain.advance(outbreak=world.outbreak, now=LATEST)
        state = settled(world)
        transaction.savepoint_rollback(before)
    return state


def settled(world):
    """Read what stands; which of two laboratories told of a tube second is a matter of who came first."""
    state = world.state()
    state["odd"] = [one for one in state["odd"] if "two_laboratories" not in one]
    return state
