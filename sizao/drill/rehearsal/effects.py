"""
What officers decided, carried into the city: from the records alone, as they stood when a day began.

The effects of a day follow from the database at its first moment, so that a drill that was stopped can be lived
through again up to that day without sending anything. A stage adds what its orders do to EFFECTS.
"""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from sizao.drill.rehearsal.city_life import CityLife
from sizao.engines.simulation import orders
from sizao.records.models import IsolationOrder, Outbreak, Stay, Zone
from sizao.terms import OrderKind, StayKind, ZoneLevel

Effect = Callable[[CityLife, Outbreak, int, datetime], None]


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


def close_areas(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """In a high-risk area nobody leaves home; in a medium-risk one venues are shut."""
    zones = Zone.objects.filter(outbreak=outbreak, published_at__lt=at).exclude(lifted_at__lt=at)
    for code, level in zones.order_by("pk").values_list("area_code", "level"):
        bits = {ZoneLevel.HIGH: orders.AREA_CLOSED, ZoneLevel.MEDIUM: orders.VENUES_CLOSED}.get(ZoneLevel(level))
        if bits:
            life.order_area(code, day, bits)


def test_everybody(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Hold a testing round where and when the scenario says, counted from the first case."""
    habits = life.rehearsal.habits
    first = outbreak.cases.standing().filter(opened_at__lt=at).order_by("opened_at").first()
    if first is None or not habits.round_every_days:
        return
    since = (outbreak.day_of(at) - outbreak.day_of(first.opened_at)).days
    if 0 < since <= habits.round_days and (since - 1) % habits.round_every_days == 0:
        life.order_area(life.rehearsal.area_code, day, orders.TESTING_ROUND)


def close_everything(life: CityLife, outbreak: Outbreak, day: int, at: datetime) -> None:
    """Close the whole area of the drill from so many cases on, where the scenario says so."""
    most = life.rehearsal.habits.closes_area_at_cases
    if most and outbreak.cases.standing().filter(opened_at__lt=at).count() >= most:
        life.order_area(life.rehearsal.area_code, day, orders.AREA_CLOSED)


def _people(life: CityLife, rows) -> np.ndarray:  # noqa: ANN001 — rows with a person
    numbers = rows.order_by("person__number").values_list("person__number", flat=True).distinct()
    return np.array([life.person(one) for one in numbers if life.is_mine(one)], np.int64)


EFFECTS: dict[str, Effect] = {
    "hold_in_rooms_and_beds": hold_in_rooms_and_beds,
    "hold_at_home": hold_at_home,
    "close_areas": close_areas,
    "test_everybody": test_everybody,
    "close_everything": close_everything,
}
