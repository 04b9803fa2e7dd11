"""
One run of the allocation: all who wait and all rooms that may take somebody go to the engine; its answer is kept.

What it proposes touches nobody until a named person accepts it. Working out takes seconds for a city, so nothing is
locked meanwhile; whatever somebody else did in between is refused by the database, and told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from math import isnan
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction

from sizao.engines.planning import rooms as engine
from sizao.engines.planning.rooms_inputs import NO_ROOM, Allocation, RoomCosts, Rooms, RoomSites, RoomTravel, Waiting
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    IsolationOrder,
    IsolationRoom,
    IsolationSite,
    Outbreak,
    RoomAllocation,
    RoomPlacement,
    Stay,
)
from sizao.response import outbreaks
from sizao.response.isolation import occupancy, placements, sites, waiting
from sizao.response.isolation.occupancy import Standing
from sizao.response.isolation.waiting import Waiter
from sizao.terms import AREA_DIGITS, AreaLevel, PlacementState, Right, RoomStatus, StayKind

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
COSTS, TRAVEL = RoomCosts(), RoomTravel()
_OFFERED = (RoomStatus.FREE, RoomStatus.OCCUPIED, RoomStatus.KEPT, RoomStatus.PROPOSED)
_AT_ONCE = 500


class NobodyWaits(SizaoError):
    code = "allocation.nobody_waits"
    message = (
        "Nobody in your area waits for a room without one proposed. Decide on what is proposed, or look again later."
    )


class NoRooms(SizaoError):
    code = "allocation.no_rooms"
    message = "No site of your area is ready to take people. Check one and make it ready, or ask the authority above."


def propose(*, outbreak: Outbreak, area_code: str, by: Account, now: datetime) -> RoomAllocation:
    """
    Propose a room for everybody of an area who waits for one, and keep the proposal with its reasons.

    Sites of the account's own jurisdiction are looked at, near ones first. Raise NobodyWaits, NoRooms, OutbreakClosed
    or the door's refusal.
    """
    access.require(by, Right.ROOM_ALLOCATE, area_code=area_code)
    outbreaks.require_open(outbreak)
    orders = list(waiting.orders(outbreak, area_code, as_of=now))
    if not orders:
        raise NobodyWaits
    found = waiting.waiters(orders, outbreak, as_of=now)
    usable = list(sites.within(by.area_code, now).filter(state__in=sites.USABLE).order_by("pk"))
    rooms, standing = _rooms(usable, outbreak, now)
    if not rooms:
        raise NoRooms
    answer = engine.allocate(
        _waiting(found, now), _sites(usable), _room_arrays(rooms, standing, usable), costs=COSTS, travel=TRAVEL
    )
    return _keep(answer, found, rooms, outbreak=outbreak, area_code=area_code, by=by, now=now)


@transaction.atomic
def withdraw(*, outbreak: Outbreak, area_code: str, by: Account, now: datetime) -> int:
    """Let go all rooms of an area that are proposed and not yet accepted, so that they can be proposed anew."""
    access.require(by, Right.ROOM_ALLOCATE, area_code=area_code)
    found = RoomPlacement.objects.filter(
        outbreak=outbreak, order__area_code__startswith=area_code, state=PlacementState.PROPOSED
    )
    gone = list(found.select_for_update(of=["self"]).order_by("pk"))
    placements.write_all(gone, state=PlacementState.LAPSED, ended_at=now)
    journal.write_many([journal.line("room.lapsed", one, by=by, at=now, site=one.site_id) for one in gone])
    return len(gone)


# --- The question ------------------------------------------------------------------------------


def _rooms(
    usable: Sequence[IsolationSite], outbreak: Outbreak, now: datetime
) -> tuple[list[IsolationRoom], dict[int, Standing]]:
    standing = occupancy.of_rooms([one.pk for one in usable], as_of=now, outbreak=outbreak)
    offered = {key for key, one in standing.items() if one.status in _OFFERED}
    found = IsolationRoom.objects.filter(site__in=usable).select_related("place").order_by("pk")
    return [one for one in found if one.pk in offered], standing


def _degrees(longitude: float | None, latitude: float | None) -> tuple[float, float]:
    return (np.nan, np.nan) if longitude is None or latitude is None else (longitude, latitude)


def _county(area_code: str) -> int:
    return int(area_code[:COUNTY] or 0)


def _waiting(found: Sequence[Waiter], now: datetime) -> Waiting:
    def flags(name: str) -> np.ndarray:
        return np.array([getattr(one, name) for one in found], dtype=bool)

    hours = [np.nan if one.due_at is None else (one.due_at - now).total_seconds() / 3600 for one in found]
    return Waiting(
        party=np.array([one.party for one in found], dtype=np.int64),
        due_hours=np.array(hours, dtype=float),
        at=np.array([_degrees(one.longitude, one.latitude) for one in found], dtype=float).reshape(-1, 2),
        area=np.array([_county(one.order.area_code) for one in found], dtype=np.int64),
        cluster=np.array([one.cluster for one in found], dtype=np.int64),
        cared_for=flags("is_child"),
        carer=flags("may_care"),
        accessible=flags("accessible"),
        family=flags("family"),
        carer_bed=flags("carer_bed"),
        staff=np.zeros(len(found), dtype=bool),
    )


def _sites(usable: Sequence[IsolationSite]) -> RoomSites:
    at = [_degrees(one.place.longitude, one.place.latitude) for one in usable]
    return RoomSites(
        at=np.array(at, dtype=float).reshape(-1, 2),
        area=np.array([_county(one.area_code) for one in usable], dtype=np.int64),
        staff=np.zeros(len(usable), dtype=bool),
    )


def _room_arrays(
    rooms: Sequence[IsolationRoom], standing: dict[int, Standing], usable: Sequence[IsolationSite]
) -> Rooms:
    row_of = {one.pk: row for row, one in enumerate(usable)}
    buildings: dict[tuple[int, str], int] = {}
    stands = [standing[one.pk] for one in rooms]

    def whole(values: list[int]) -> np.ndarray:
        return np.array(values, dtype=np.int64)

    return Rooms(
        site=whole([row_of[one.site_id] for one in rooms]),
        building=whole([buildings.setdefault((one.site_id, one.building), len(buildings)) for one in rooms]),
        floor=whole([one.floor for one in rooms]),
        beds=whole([one.beds for one in rooms]),
        accessible=np.array([one.is_accessible for one in rooms], dtype=bool),
        family=np.array([one.is_family for one in rooms], dtype=bool),
        carer_bed=np.array([one.has_carer_bed for one in rooms], dtype=bool),
        people=whole([one.people for one in stands]),
        party=whole([one.party for one in stands]),
        cluster=whole([one.cluster for one in stands]),
    )


# --- The answer --------------------------------------------------------------------------------


@transaction.atomic
def _keep(
    answer: Allocation, found: Sequence[Waiter], rooms: Sequence[IsolationRoom], *, outbreak: Outbreak,
    area_code: str, by: Account, now: datetime,
) -> RoomAllocation:  # fmt: skip
    rules = outbreaks.rules_at(outbreak, now)
    left = Counter(str(answer.reasons[row][0]) for row in np.flatnonzero(answer.room == NO_ROOM).tolist())
    run = RoomAllocation.objects.create(
        outbreak=outbreak, area_code=area_code, made_at=now, made_by=by, n_waiting=len(found), n_placed=0,
        value=answer.value, bound=answer.bound, shortages=[_plain(asdict(one)) for one in answer.shortages],
        settings={"costs": asdict(COSTS), "travel": asdict(TRAVEL), "left": dict(left)},
        basis=list(waiting.due(rules, now).entries),
    )  # fmt: skip
    chosen = [(row, rooms[room]) for row, room in enumerate(answer.room.tolist()) if room != NO_ROOM]
    held = _held(chosen, found, now)
    fresh = [_placement(run, found[row], room, answer, row, now) for row, room in chosen if row in held]
    kept = _saved(sorted(fresh, key=lambda one: (one.room.place_id, one.person_id)))
    run.n_placed = len(kept)
    if len(kept) < len(chosen):
        run.settings["left"]["taken_meanwhile"] = len(chosen) - len(kept)
    run.save(update_fields=["n_placed", "settings"])
    journal.write("rooms.proposed", run, by=by, at=now, waiting=run.n_waiting, placed=run.n_placed)
    journal.write_many([journal.line("room.proposed", one, by=by, at=now, site=one.site_id) for one in kept])
    return run


def _plain(shortage: dict[str, Any]) -> dict[str, Any]:
    return shortage | {"needs": [str(need) for need in shortage["needs"]]}


def _held(chosen: Sequence[tuple[int, IsolationRoom]], found: Sequence[Waiter], now: datetime) -> set[int]:
    """Lock people and rooms; keep the rows of those who still wait: nobody moved them, nobody ended their order."""
    people = {row: found[row].order.person_id for row, _ in chosen}
    placements.held(people.values(), [room.pk for _, room in chosen])
    there = Stay.objects.current(now).filter(person__in=people.values(), kind__in=(StayKind.ROOM, StayKind.BED))
    gone = set(there.values_list("person", flat=True))
    orders = [found[row].order.pk for row, _ in chosen]
    standing = set(
        IsolationOrder.objects.filter(pk__in=orders, state__in=placements.OPEN_ORDERS).values_list("pk", flat=True)
    )
    return {row for row, person in people.items() if person not in gone and found[row].order.pk in standing}


def _placement(
    run: RoomAllocation, one: Waiter, room: IsolationRoom, answer: Allocation, row: int, now: datetime
) -> RoomPlacement:
    hours = float(answer.hours[row])
    return RoomPlacement(
        allocation=run,
        outbreak_id=run.outbreak_id,
        person=one.person,
        order=one.order,
        room=room,
        site_id=room.site_id,
        state=PlacementState.PROPOSED,
        party=one.party,
        single_room=room.place.single_household,
        reasons=[str(reason) for reason in answer.reasons[row]]
        + ([] if isnan(hours) else [{"hours": round(hours, 2)}]),
        proposed_at=now,
        due_at=one.due_at,
        source_key=f"placement:{one.person.pk}:{room.pk}:{now.isoformat()}",
    )


def _saved(fresh: Sequence[RoomPlacement]) -> list[RoomPlacement]:
    """Write placements some at a time; where one of them clashes with what others did meanwhile, one by one."""
    kept: list[RoomPlacement] = []
    for start in range(0, len(fresh), _AT_ONCE):
        batch = fresh[start : start + _AT_ONCE]
        try:
            with transaction.atomic():
                kept += RoomPlacement.objects.bulk_create(batch)
        except IntegrityError:
            kept += [one for one in batch if _is_saved(one)]
    return kept


def _is_saved(one: RoomPlacement) -> bool:
    one.pk = None
    try:
        placements.save(one)
    except SizaoError:
        return False
    return True
