"""
What officers decided, carried into the city: from the records alone, as they stood when a day began.

The effects of a day follow from the database at its first moment, so that a drill that was stopped can be lived
through again up to that day without sending anything. A stage adds what its orders do to EFFECTS.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import numpy as np

from sizao.drill.rehearsal import parts, round_effects
from sizao.drill.rehearsal.city_life import MOVED, CityLife
from sizao.drill.rehearsal.parts import Measure
from sizao.drill.rehearsal.round_people import go_through_the_stage
from sizao.engines.simulation import orders
from sizao.records.models import CaseFact, IsolationOrder, Outbreak, Person, Stay, Zone
from sizao.terms import CaseFactKind, OrderKind, StayKind, ZoneLevel

Effect = Callable[[CityLife, Outbreak, int, datetime], None]

_BITS = {
    parts.TESTING_ROUND: orders.TESTING_ROUND,
    parts.AREA_CLOSED: orders.AREA_CLOSED,
    parts.VENUES_CLOSED: orders.VENUES_CLOSED,
    parts.TRAVEL_BANNED: orders.TRAVEL_BANNED,
}


def carry(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Put into force for one day what stands at its first moment."""
    for effect in EFFECTS.values():
        effect(life, outbreak, day, at)


def hold_in_rooms_and_beds(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Who is in an isolation room or a hospital bed meets nobody."""
    there = Stay.objects.filter(kind__in=(StayKind.ROOM, StayKind.BED), recorded_at__lt=at, period__contains=at)
    life.hold(_people(life, there), day, orders.ISOLATION)


def hold_at_home(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Who is under an order of home isolation meets the household only."""
    today = outbreak.day_of(at)
    held = IsolationOrder.objects.filter(
        outbreak=outbreak, kind__in=(OrderKind.HOME, OrderKind.CENTRAL), issued_at__lt=at, starts_date__lte=today,
        ends_date__gte=today,
    ).exclude(ended_at__lt=at)  # fmt: skip
    life.hold(_people(life, held), day, orders.HOME_ISOLATION)


def keep_the_dead(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Who died meets nobody; as far as it is entered."""
    died = CaseFact.objects.filter(case__outbreak=outbreak, kind=CaseFactKind.DIED, recorded_at__lt=at)
    died = died.exclude(withdrawn_at__lt=at).values("case__person")
    life.hold(_people_of(life, Person.objects.filter(pk__in=died)), day, orders.ISOLATION)


def close_areas(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """In a high-risk area nobody leaves home; in a medium-risk one venues are shut."""
    zones = Zone.objects.filter(outbreak=outbreak, published_at__lt=at).exclude(lifted_at__lt=at)
    for code, level in zones.order_by("pk").values_list("area_code", "level"):
        bits = {ZoneLevel.HIGH: orders.AREA_CLOSED, ZoneLevel.MEDIUM: orders.VENUES_CLOSED}.get(ZoneLevel(level))
        if bits:
            life.order_area(code, day, bits)


def take_measures(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Do what the scenario orders by rule, counted from the first case."""
    known = outbreak.cases.standing().filter(opened_at__lt=at).order_by("opened_at", "pk")
    villages = list(known.values_list("area_code", flat=True))
    if not villages:
        return
    since = day - life.day_of(known[0].opened_at)
    for measure in life.rehearsal.measures:
        turn = turn_of(measure, since)
        if measure.kind == parts.TESTING_ROUND and go_through_the_stage(life.rehearsal):
            continue  # the coordinator opens it: see `round_officers`
        if turn is not None and len(villages) >= measure.from_cases:
            _take(life, measure, turn, Counter(villages), day)


def turn_of(measure: Measure, since: int) -> int | None:
    """Say which day of its turn a measure is on, so many days after the first case; None where it is not in force."""
    days = since - measure.after_days
    if days < 0 or (measure.times and measure.every_days and days >= measure.times * measure.every_days):
        return None
    turn = days % measure.every_days if measure.every_days else days
    return turn if turn < measure.for_days or not measure.for_days else None


def areas_of(life: CityLife, measure: Measure, turn: int, cases: Counter[str]) -> list[str]:
    """Say in which areas a measure is in force on a day of its turn; `cases` are those known, by village."""
    codes = [measure.area]
    if measure.where_cases:
        codes = [
            code for code, n in sorted(cases.items()) if n >= measure.where_cases and code.startswith(measure.area)
        ]
    elif measure.kind == parts.TESTING_ROUND and measure.for_days > 1:
        within = life.within(measure.area)[turn :: measure.for_days]
        codes = [life.codes[int(one)] for one in within]
    return codes


def _take(life: CityLife, measure: Measure, turn: int, cases: Counter[str], day: int) -> None:
    for code in areas_of(life, measure, turn, cases):
        if measure.kind == parts.MOVED_TO_ROOMS:
            moved = [life.residents_of(int(one)) for one in life.within(code)]
            life.hold(np.concatenate([np.zeros(0, np.int64), *moved]), day, orders.ISOLATION | MOVED)
        else:
            life.order_area(code, day, _BITS[measure.kind])


def gather(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Hold the gatherings of the day, as long as no case is known."""
    if not outbreak.cases.standing().filter(opened_at__lt=at).exists():
        life.gather(day)


def _people(life: CityLife, rows) -> np.ndarray:  # noqa: ANN001 — rows with a person
    return _people_of(life, Person.objects.filter(pk__in=rows.values("person")))


def _people_of(life: CityLife, people) -> np.ndarray:  # noqa: ANN001 — a query of people
    numbers = people.order_by("number").values_list("number", flat=True)
    return np.array([life.person(one) for one in numbers if life.is_mine(one)], np.int64)


# Gatherings come last, so that nobody goes who is kept from it.
EFFECTS: dict[str, Effect] = {
    "hold_in_rooms_and_beds": hold_in_rooms_and_beds,
    "hold_at_home": hold_at_home,
    "keep_the_dead": keep_the_dead,
    "close_areas": close_areas,
    "take_measures": take_measures,
    "hold_rounds": round_effects.hold_rounds,
    "keep_pools": round_effects.keep_pools,
    "gather": gather,
}
