"""Who went out to care through a gate, and came back: the ledger follows, in whatever order the gates' phones tell."""

import random
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records.models import Stay
from sizao.response import isolation, transport, zoning
from sizao.terms import PassOutcome, PassReason, PassWay, PlaceKind, Role, StayKind, TripActKind, Whereabouts
from tests import factories
from tests.response import zone_world
from tests.response.transport_world import TransportWorld, minutes
from tests.response.zone_world import HOUR, NOW, VILLAGE

pytestmark = pytest.mark.django_db
OUT, IN = PassWay.OUT, PassWay.IN
HOME, OUTSIDE, BED, VEHICLE, ROOM = (
    StayKind.HOME, StayKind.OUTSIDE, StayKind.BED, StayKind.VEHICLE, StayKind.ROOM,
)  # fmt: skip
MINUTE = timedelta(minutes=1)
# What others said of where somebody was, by the minute: nothing, home, taken to hospital and left there, to a room.
SAID_BY_OTHERS = (
    (), ((-600, HOME),), ((-600, HOME), (-100, VEHICLE), (-80, BED)), ((-600, HOME), (-100, BED), (-40, HOME)),
    ((-60, HOME),), ((-600, HOME), (-100, VEHICLE), (-80, ROOM)), ((-600, OUTSIDE), (-90, HOME)),
)  # fmt: skip
PASSAGES = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from([OUT, IN]), st.integers(-120, 0), st.sampled_from(list(PassReason)),
        st.booleans(),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def told(gate, person, way, at, *, reason=PassReason.MEDICAL, outcome=PassOutcome.PASSED, key=None):
    return zoning.PassedSent(
        source_key=key or f"{person.pk}:{way}:{at.isoformat()}", happened_at=at, gate=gate.pk, way=way, reason=reason,
        outcome=outcome, person=person.number,
    )  # fmt: skip


def ledger(person, since=NOW):
    """Give the stays of a person: kind, from and until in minutes."""
    stays = Stay.objects.filter(person=person).order_by("period")
    return [(one.kind, *(_minute(end, since) for end in (one.period.lower, one.period.upper))) for one in stays]


def _minute(moment, since):
    return None if moment is None else round((moment - since) / MINUTE)


class TestOutAndBack:
    def test_is_outside_and_then_at_home_again(self, gate, worker, person):
        zone_world.stay(person, since=NOW - 10 * HOUR)
        zoning.record(zone=gate.zone, acts=[told(gate, person, OUT, NOW - 2 * HOUR)], by=worker, now=NOW - 2 * HOUR)
        assert zoning.summary(gate.zone, by=worker, as_of=NOW).by_place[Whereabouts.OUTSIDE] == 1
        zoning.record(zone=gate.zone, acts=[told(gate, person, IN, NOW)], by=worker, now=NOW)
        assert ledger(person) == [("home", -600, -120), ("outside", -120, 0), ("home", 0, None)]

    def test_of_whom_nobody_knew_where_they_were_it_is_known_from_then_on(self, gate, worker, person):
        zoning.record(zone=gate.zone, acts=[told(gate, person, OUT, NOW - HOUR)], by=worker, now=NOW)
        assert ledger(person) == [("outside", -60, None)]

    def test_the_hospital_that_took_them_is_left_by_coming_in(self, gate, worker, person):
        zone_world.stay(person, since=NOW - 10 * HOUR)
        hospital = factories.place(kind=PlaceKind.HOSPITAL, area_code="130109", capacity=1)
        zoning.record(zone=gate.zone, acts=[told(gate, person, OUT, NOW - 3 * HOUR)], by=worker, now=NOW - 3 * HOUR)
        nurse = factories.account(role=Role.ISOLATION_COORDINATOR, area_code="13")
        isolation.arrive(person=person, kind=BED, place=hospital, at=NOW - 2 * HOUR, by=nurse, now=NOW - 2 * HOUR)
        zoning.record(zone=gate.zone, acts=[told(gate, person, IN, NOW - HOUR)], by=worker, now=NOW)
        assert ledger(person) == [
            ("home", -600, -180), ("outside", -180, -120), ("bed", -120, -60), ("home", -60, None),
        ]  # fmt: skip

    def test_who_was_turned_back_or_only_visits_has_not_moved(self, gate, worker, person):
        zone_world.stay(person)
        visitor = factories.person(area_code=f"{VILLAGE[:-1]}9")
        zone_world.stay(visitor)
        acts = [
            told(gate, person, OUT, NOW, reason=PassReason.OTHER, outcome=PassOutcome.REFUSED),
            told(gate, visitor, IN, NOW - HOUR),
            told(gate, visitor, OUT, NOW),
        ]
        zoning.record(zone=gate.zone, acts=acts, by=zone_world.officer(), now=NOW)
        assert [len(ledger(one)) for one in (person, visitor)] == [1, 1]

    def test_a_home_that_takes_no_more_leaves_them_at_home_without_its_door(self, gate, worker):
        place = factories.place(kind=PlaceKind.HOME, capacity=1, area_code=VILLAGE)
        _, (person, other) = zone_world.home("甲", "乙", place=place)
        zone_world.stay(person, OUTSIDE)
        stay = zone_world.stay(other)
        Stay.objects.filter(pk=stay.pk).update(place=place)
        zoning.record(zone=gate.zone, acts=[told(gate, person, IN, NOW)], by=worker, now=NOW)
        assert Stay.objects.get(person=person, period__endswith=None).kind == HOME
        assert Stay.objects.filter(place=place).count() == 1


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    said=st.tuples(st.sampled_from(SAID_BY_OTHERS), st.sampled_from(SAID_BY_OTHERS)), passages=PASSAGES,
    dice=st.randoms(use_true_random=False),
)  # fmt: skip
def test_any_order_gives_the_ledger_that_a_reader_would_write(gate, worker, said, passages, dice):
    with transaction.atomic():
        people = zone_world.home("甲", "乙", key=str(dice.random()))[1]
        for person, stays in zip(people, said, strict=True):
            as_others_said(person, stays)
        acts = [
            told(gate, people[who], way, NOW + minute * MINUTE, reason=reason, key=f"{n}",
                 outcome=PassOutcome.PASSED if passed or (way, reason) == (OUT, PassReason.MEDICAL)
                 else PassOutcome.REFUSED)
            for n, (who, way, minute, reason, passed) in enumerate(passages)
        ]  # fmt: skip
        shuffled = [*acts, *dice.sample(acts, len(acts) // 2)]
        dice.shuffle(shuffled)
        cut = dice.randrange(len(shuffled) + 1)
        for part in (shuffled[:cut], shuffled[cut:]):
            zoning.record(zone=gate.zone, acts=part, by=worker, now=NOW)
        for who, (person, stays) in enumerate(zip(people, said, strict=True)):
            let_through = [one for one in acts if one.person == people[who].number and one.outcome == "passed"]
            found = ledger(person)
            assert [end for *_, end in found[:-1]] == [begin for _, begin, _ in found[1:]]
            assert [end for *_, end in found[-1:]] in ([], [None])
            assert [one[:2] for one in found] == read_by_hand(stays, let_through)
        transaction.set_rollback(True)


def as_others_said(person, stays):
    for n, (since, kind) in enumerate(stays):
        until = NOW + stays[n + 1][0] * MINUTE if n + 1 < len(stays) else None
        zone_world.stay(person, kind, since=NOW + since * MINUTE, until=until)


def read_by_hand(stays, passages):
    """Walk from minute to minute: what others said begins when they say, a gate moves who is at home, or out."""
    begins = dict(stays)
    at_gate = sorted(passages, key=lambda one: (one.happened_at, one.way, one.source_key))
    where, found = None, []
    for minute in range(-600, 1):
        if minute in begins:
            where = begins[minute]
            found.append((where, minute))
            continue
        for one in at_gate:
            if _minute(one.happened_at, NOW) != minute or (found and found[-1][1] == minute):
                continue
            goes = one.way == OUT and where in (None, HOME)
            comes = one.way == IN and where in (None, OUTSIDE, BED)
            if goes or comes:
                where = OUTSIDE if goes else HOME
                found.append((where, minute))
    return found


class TestBesideACrew:
    """A gate sees the vehicle drive out that a crew tells of: the crew knows more, whoever tells first."""

    def test_any_order_gives_what_the_crew_says_and_the_gate_after_it(self, noise):
        world = TransportWorld()
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        person = world.resident()
        asked = transport.ask(
            outbreak=world.outbreak, person=person, kind="care", to_place=world.hospital, reason="透析",
            by=world.coordinator, now=minutes(0),
        )  # fmt: skip
        transport.approve(request=asked, by=world.dispatcher, now=minutes(0))
        asked.refresh_from_db()
        trip = world.trip(vehicle, [asked], start=0, end=60)
        leg = trip.legs.get()
        zone = zone_world.zone(world.outbreak, published_at=minutes(-60))
        gate, worker = zone_world.gate(zone), zone_world.worker()
        boarded, arrived = (
            world.act(trip, kind, at, leg=leg)
            for kind, at in ((TripActKind.BOARDED, 10), (TripActKind.ARRIVED, 40))
        )  # fmt: skip
        acts = [
            lambda: zoning.record(zone=zone, acts=[told(gate, person, OUT, minutes(15))], by=worker, now=minutes(200)),
            lambda: zoning.record(zone=zone, acts=[told(gate, person, IN, minutes(90))], by=worker, now=minutes(200)),
            lambda: world.tell(boarded, now=minutes(200)),
            lambda: world.tell(arrived, now=minutes(200)),
        ]
        seen = set()
        for order in permutations(acts):
            with transaction.atomic():
                before = transaction.savepoint()
                for act in order:
                    act()
                seen.add((*ledger(person, minutes(0))[1:], *world.state()["odd"]))
                transaction.savepoint_rollback(before)
        assert seen == {(("vehicle", 10, 40), ("bed", 40, 90), ("home", 90, None))}

    def test_of_any_rides_and_passages_everybody_is_in_one_place(self, noise):
        world = TransportWorld()
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        requests = world.approved(3)
        trips = [
            world.trip(vehicle, [one], start=10 + 100 * n, end=90 + 100 * n) for n, one in enumerate(requests)
        ]  # fmt: skip
        legs = [trip.legs.get() for trip in trips]
        zone = zone_world.zone(world.outbreak, published_at=minutes(-60))
        gate, worker = zone_world.gate(zone), zone_world.worker()
        for seed in range(12):
            dice = random.Random(seed)
            acts = []
            for n in range(8):
                leg = dice.choice(legs)
                kind = dice.choice((TripActKind.BOARDED, TripActKind.ARRIVED))
                acts.append(world.act(leg.trip, kind, dice.randrange(0, 300), leg=leg, key=f"l{n}"))
                person = dice.choice(requests).person
                acts.append(told(gate, person, dice.choice((OUT, IN)), minutes(dice.randrange(0, 300)), key=f"g{n}"))
            outcomes = []
            for _ in range(3):
                dice.shuffle(acts)
                with transaction.atomic():
                    before = transaction.savepoint()
                    for act in acts:
                        if isinstance(act, zoning.PassedSent):
                            zoning.record(zone=zone, acts=[act], by=worker, now=minutes(600))
                        else:
                            world.tell(act, by=world.dispatcher)
                    outcomes.append(world.state())
                    for request in requests:
                        stays = ledger(request.person)
                        assert [end for *_, end in stays] == [*(begin for _, begin, _ in stays[1:]), None]
                    transaction.savepoint_rollback(before)
            assert outcomes[1:] == outcomes[:-1], f"seed {seed}"


@pytest.fixture
def gate():
    return zone_world.gate(zone_world.zone(factories.outbreak(area_code="13", kind="drill")))


@pytest.fixture
def worker():
    return zone_world.worker()


@pytest.fixture
def person():
    return zone_world.home("李某")[1][0]
