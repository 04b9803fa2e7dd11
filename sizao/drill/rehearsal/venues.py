"""What the places of the simulated city are called, and of what kind they are; names are made up and say so."""

from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.occasions import is_occasion, number_of
from sizao.engines.simulation.slots import SLOTS
from sizao.engines.simulation.world import FIRST_SLOT, GROUP, HOME, place_parts
from sizao.response.register import PlaceEntry
from sizao.terms import EventKind, PlaceKind

# By the name of the slot. A slot that is not named here is some public place.
_KINDS = {
    "morning market": PlaceKind.MARKET,
    "way out": PlaceKind.VEHICLE,
    "way home": PlaceKind.VEHICLE,
    "forenoon leisure": PlaceKind.LEISURE,
    "meal at noon": PlaceKind.RESTAURANT,
    "shop": PlaceKind.SUPERMARKET,
    "meal with the household": PlaceKind.BANQUET,
    "evening with neighbours": PlaceKind.HOME,
}
_EVENTS = {
    PlaceKind.MARKET: EventKind.SHOPPING,
    PlaceKind.SUPERMARKET: EventKind.SHOPPING,
    PlaceKind.VEHICLE: EventKind.TRAVEL,
    PlaceKind.RESTAURANT: EventKind.MEAL,
    PlaceKind.BANQUET: EventKind.GATHERING,
    PlaceKind.WORSHIP: EventKind.GATHERING,
    PlaceKind.WORKPLACE: EventKind.WORK,
    PlaceKind.HOME: EventKind.HOME,
}


def place_code(life: CityLife, place: int) -> str:
    """Give the code under which the sources of a drill tell of a place."""
    return f"drill:{life.rehearsal.slug}:{place}"


def place_of_code(code: str) -> int:
    """Give the place that `place_code` named."""
    return int(code.rpartition(":")[2])


def place_entry(life: CityLife, place: int) -> PlaceEntry:
    """Describe a place of the simulated city for the register."""
    if is_occasion(place):
        told = life.rehearsal.occasions[number_of(place)]
        return PlaceEntry(place_code(life, place), told.place_kind, f"演练{told.name}", told.area)
    kind = place_kind(place)
    area = life.area_of(place)
    return PlaceEntry(place_code(life, place), kind, f"演练{kind.zh}{place % 100_000:05}", area)


def place_kind(place: int) -> PlaceKind:
    """Say of what kind a place is that everybody has."""
    kind, _, _ = (int(part) for part in place_parts(place))  # type: ignore[arg-type]
    if kind == HOME:
        return PlaceKind.HOME
    if kind == GROUP:
        return PlaceKind.WORKPLACE
    ordered = sorted(SLOTS, key=lambda slot: slot.opens)
    return _KINDS.get(ordered[kind - FIRST_SLOT].name, PlaceKind.PUBLIC_PLACE)


def event_kind(kind: PlaceKind) -> EventKind:
    """Say what people do at a place of a kind."""
    return _EVENTS.get(kind, EventKind.OTHER_VISIT)
