"""Who rides together: a household, or those who may share; and which vehicles can take them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.vehicles_inputs import NO_PLACE, NO_STRAIN, Requests, TransferQuestion, Vehicles
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.terms import TransferKind

# Those who may share ride together only where their deadlines lie this near.
TOGETHER_MINUTES = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """
    Requests carried by one vehicle on one trip, with the stops in their order: all doors, then all hand-overs.

    `doors` and `hand_overs` are places with the requests that board or leave there.
    """

    rows: tuple[int, ...]
    doors: tuple[tuple[int, tuple[int, ...]], ...]
    hand_overs: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a load asks of a vehicle."""

    seats: int
    stretchers: int
    wheelchairs: int
    negative_pressure: bool
    bus: bool


def ask_of(requests: Requests, rows: tuple[int, ...]) -> Ask:
    """Add up what people need; contacts of several households ride in a bus only."""
    chosen = list(rows)
    parties = len(set(requests.party[chosen].tolist()))
    contacts = any(requests.kind[row] is TransferKind.CONTACT for row in rows)
    stretchers, wheelchairs = int(requests.stretcher[chosen].sum()), int(requests.wheelchair[chosen].sum())
    return Ask(
        len(chosen) - stretchers - wheelchairs, stretchers, wheelchairs,
        bool(requests.negative_pressure[chosen].any()), contacts and parties > 1,
    )  # fmt: skip


def fits(vehicles: Vehicles, ask: Ask) -> Bools:
    """Mark the vehicles that can take a load; a wheelchair or stretcher never takes an ordinary seat."""
    found: Bools = (vehicles.seats >= ask.seats) & (vehicles.stretchers >= ask.stretchers)
    found &= vehicles.wheelchairs >= ask.wheelchairs
    if ask.negative_pressure:
        found &= vehicles.negative_pressure
    if ask.bus:
        found &= vehicles.bus
    return found


def loads_of(asked: TransferQuestion) -> list[Load]:
    """
    Put requests into loads: by household, from one place at a time, and then those who may share.

    A household whose people go from or to several places, or do not fit into any vehicle together, rides in several
    loads. Requests without a place are in none.
    """
    requests = asked.requests
    known = (requests.pick_up != NO_PLACE) & (requests.drop != NO_PLACE)
    households: dict[tuple[int, int, str, int], list[int]] = {}
    for row in np.flatnonzero(known).tolist():
        key = (
            int(requests.party[row]),
            int(requests.pick_up[row]),
            _company(requests, row),
            row * _alone(requests, row),
        )
        households.setdefault(key, []).append(row)
    loads = [one for rows in households.values() for one in _in_vehicles(asked, rows)]
    return _shared(asked, loads)


def _company(requests: Requests, row: int) -> str:
    """Cases and feverish contacts of a household do not ride with its contacts."""
    kind = requests.kind[row]
    return "case" if kind in (TransferKind.CASE, TransferKind.FEVER) else str(kind)


def _alone(requests: Requests, row: int) -> int:
    return int(requests.kind[row] is TransferKind.FEVER)


def _in_vehicles(asked: TransferQuestion, rows: list[int]) -> Iterator[tuple[int, ...]]:
    """Split a household over as many vehicles as it takes."""
    load: tuple[int, ...] = ()
    for row in rows:
        longer = (*load, row)
        if load and not fits(asked.vehicles, ask_of(asked.requests, longer)).any():
            yield load
            longer = (row,)
        load = longer
    yield load


def _shared(asked: TransferQuestion, loads: list[tuple[int, ...]]) -> list[Load]:
    """Join loads that may share: the most urgent first takes those whose detour costs least, as long as they fit."""
    requests = asked.requests
    due = np.where(np.isnan(requests.due), np.inf, requests.due)
    order = sorted(range(len(loads)), key=lambda one: (due[list(loads[one])].min(), loads[one]))
    groups: dict[tuple[str, int], list[int]] = {}
    for one in order:
        groups.setdefault(_sharing_key(asked, loads[one], one), []).append(one)
    found: list[Load] = []
    for key, members in sorted(groups.items()):
        waiting = [loads[one] for one in members]
        while waiting:
            load = waiting.pop(0)
            while key[0] and (nearest := _nearest(asked, load, waiting)) is not None:
                load += waiting.pop(nearest)
            found.append(_routed(asked, load))
    return found


def _sharing_key(asked: TransferQuestion, rows: tuple[int, ...], rank: int) -> tuple[str, int]:
    """Name those among whom a load may share; an empty name shares with nobody."""
    requests, sharing = asked.requests, asked.sharing
    kinds, strains = {requests.kind[row] for row in rows}, {int(requests.strain[row]) for row in rows}
    if kinds == {TransferKind.HOME} and sharing.released:
        return "home", 0
    if kinds == {TransferKind.CONTACT} and sharing.contacts_in_buses:
        return "contact", 0
    if kinds == {TransferKind.CASE} and sharing.cases_of_one_strain and len(strains) == 1 and NO_STRAIN not in strains:
        return "strain", strains.pop()
    return "", rank


def shares(asked: TransferQuestion, rows: tuple[int, ...]) -> bool:
    """Tell whether others could ride with these."""
    return bool(_sharing_key(asked, rows, 0)[0])


def _nearest(asked: TransferQuestion, load: tuple[int, ...], waiting: list[tuple[int, ...]]) -> int | None:
    """Find the load to join whose ride together is shorter than two rides by most; None where none is."""
    alone = _minutes(asked, _routed(asked, load))
    best, saved = None, 0.0
    for rank, other in enumerate(waiting):
        if not _may_wait(asked.requests, load, other):
            continue
        both = load + other
        if not fits(asked.vehicles, ask_of(asked.requests, both)).any():
            continue
        less = alone + _minutes(asked, _routed(asked, other)) - _minutes(asked, _routed(asked, both))
        if less > saved + 1e-9:
            best, saved = rank, less
    return best


def _may_wait(requests: Requests, load: tuple[int, ...], other: tuple[int, ...]) -> bool:
    one, two = (np.nan_to_num(requests.due[list(rows)], nan=np.inf).min() for rows in (load, other))
    return bool(one == two or abs(one - two) <= TOGETHER_MINUTES)


def _minutes(asked: TransferQuestion, load: Load) -> float:
    """Give the minutes from the first door until the vehicle is disinfected."""
    service, places = asked.service, [place for place, _ in (*load.doors, *load.hand_overs)]
    road = sum(asked.minutes[here, there] for here, there in zip(places, places[1:], strict=False))
    return float(road) + service.door * len(load.doors) + service.arrival * len(load.hand_overs) + service.disinfection


def _routed(asked: TransferQuestion, rows: tuple[int, ...]) -> Load:
    """Visit the doors from the one farthest from where people go, each time the next nearest; then the hand-overs."""
    requests = asked.requests
    doors, drops = _by_place(rows, requests.pick_up), _by_place(rows, requests.drop)
    far = max(doors, key=lambda place: (min(asked.minutes[place, drop] for drop in drops), -place))
    visited = _chain(asked.minutes, far, doors)
    handed = _chain(asked.minutes, min(drops, key=lambda drop: (asked.minutes[visited[-1], drop], drop)), drops)
    return Load(
        rows, tuple((place, doors[place]) for place in visited), tuple((place, drops[place]) for place in handed)
    )


def _by_place(rows: tuple[int, ...], places: Ints) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for row in rows:
        place = int(places[row])
        found[place] = (*found.get(place, ()), row)
    return found


def _chain(minutes: Floats, first: int, places: dict[int, tuple[int, ...]]) -> list[int]:
    left, chain = sorted(set(places) - {first}), [first]
    while left:
        chain.append(min(left, key=lambda place: (minutes[chain[-1], place], place)))
        left.remove(chain[-1])
    return chain
