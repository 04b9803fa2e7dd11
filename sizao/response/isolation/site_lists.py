"""Sites and rooms from a list, a row a site or a row a room: each faulty cell is told, and it can be rehearsed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records.models import Account, Area, IsolationSite
from sizao.response.isolation import rooms, sites
from sizao.response.isolation.rooms import RoomEntry, RoomRange
from sizao.response.isolation.sites import SiteEntry

Row = Mapping[str, str]
MOST_FAULTS = 200
YES = frozenset({"1", "是", "有", "y", "yes", "true", "√"})
NO = frozenset({"", "0", "否", "无", "n", "no", "false"})


class SitesRefused(SizaoError):
    code = "isolation.sites.unreadable"
    message = "{count} cells of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


class RoomsRefused(SizaoError):
    code = "isolation.rooms.unreadable"
    message = "{count} cells of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


@dataclass(frozen=True, slots=True)
class Taken:
    """What a list brought: new sites, the rooms added with them, and sites that were known and stay as they are."""

    sites: int
    rooms: int
    known: int


class _Cells:
    """The cells of a row, read one by one; what is wrong is kept."""

    def __init__(self, number: int, row: Row) -> None:
        self.number, self.row = number, row
        self.wrong: list[dict[str, object]] = []

    def refuse(self, field: str, reason: str) -> None:
        self.wrong.append({"row": self.number, "field": field, "reason": reason})

    def text(self, field: str) -> str:
        return self.row.get(field, "").strip()

    def whole(self, field: str, default: int | None) -> Any:
        given = self.text(field)
        if not given:
            return default
        try:
            return int(given)
        except ValueError:
            self.refuse(field, "is no whole number")
            return default

    def degrees(self, field: str) -> float | None:
        given = self.text(field)
        try:
            value = float(given) if given else None
        except ValueError:
            value = float("nan")
        if value is not None and not isfinite(value):
            self.refuse(field, "is no number")
            return None
        return value

    def yes(self, field: str, *, default: bool = False) -> bool:
        given = self.text(field).lower()
        if field not in self.row or (not given and default):
            return default
        if given not in YES | NO:
            self.refuse(field, "is neither yes nor no")
        return given in YES


@transaction.atomic
def take_sites(*, rows: Sequence[Row], source: str, by: Account, now: datetime, dry_run: bool = False) -> Taken:
    """
    Register the sites of a list in reserve, with their rooms where floors and rooms a floor are told.

    Columns: name, area_code, latitude, longitude, phone, in_closed_loop, note, first_floor, floors, rooms_per_floor,
    beds. A site that is registered stays as it is. With `dry_run` nothing is kept. Raise SitesRefused with all cells at
    fault, or the door's refusal.
    """
    cells = [_Cells(number, row) for number, row in enumerate(rows, start=1)]
    read = [(_site(one, source), _range(one)) for one in cells]
    _refuse_unknown_areas(cells, by)
    _refuse_twice(cells, [entry.key for entry, _ in read], "name")
    _refuse(cells, SitesRefused)
    made = {one.source_key: one for one in sites.register_sites(entries=[entry for entry, _ in read], by=by, now=now)}
    n_rooms = 0
    for entry, plan in read:
        if plan is not None and entry.key in made:
            n_rooms += len(rooms.add_rooms(site=made[entry.key], entries=plan.entries(), by=by, now=now))
    taken = Taken(len(made), n_rooms, len(read) - len(made))
    if dry_run:
        transaction.set_rollback(True)
    return taken


@transaction.atomic
def take_rooms(*, site: IsolationSite, rows: Sequence[Row], by: Account, now: datetime, dry_run: bool = False) -> Taken:
    """
    Add the rooms of a list to a site; with `dry_run` nothing is kept.

    Columns: number, building, floor, position, opposite, beds, is_accessible, is_family, has_carer_bed. Raise
    RoomsRefused with all cells at fault, or what `rooms.add_rooms` raises.
    """
    cells = [_Cells(number, row) for number, row in enumerate(rows, start=1)]
    read = [_room(one) for one in cells]
    known = {f"{building}\0{number}" for building, number in site.rooms.values_list("building", "number")}
    keys = [f"{one.building}\0{one.number}" for one in read]
    for one, key in zip(cells, keys, strict=True):
        if key in known:
            one.refuse("number", "is a room of this site already")
    _refuse_twice(cells, keys, "number")
    _refuse(cells, RoomsRefused)
    made = rooms.add_rooms(site=site, entries=read, by=by, now=now)
    if dry_run:
        transaction.set_rollback(True)
    return Taken(0, len(made), 0)


def _site(cells: _Cells, source: str) -> SiteEntry:
    entry = SiteEntry(
        name=cells.text("name"),
        area_code=cells.text("area_code"),
        latitude=cells.degrees("latitude"),
        longitude=cells.degrees("longitude"),
        phone=cells.text("phone"),
        in_closed_loop=cells.yes("in_closed_loop", default=True),
        note=cells.text("note"),
        source=source[:200],
    )
    if fault := sites.fault_of(entry):
        cells.refuse(*fault)
    return entry


def _range(cells: _Cells) -> RoomRange | None:
    floors, per_floor = cells.whole("floors", None), cells.whole("rooms_per_floor", None)
    if floors is None and per_floor is None:
        return None
    if floors is None or per_floor is None:
        cells.refuse("rooms_per_floor" if per_floor is None else "floors", "is missing: floors and rooms go together")
        return None
    first, beds = cells.whole("first_floor", 1), cells.whole("beds", 1)
    fits = floors > 0 and per_floor > 0 and floors * per_floor <= rooms.MOST_ROOMS
    if not fits or first not in rooms.FLOORS or first + floors - 1 not in rooms.FLOORS:
        cells.refuse("floors", f"and rooms a floor do not make 1 to {rooms.MOST_ROOMS} rooms")
        return None
    if not 1 <= beds <= rooms.MOST_BEDS:
        cells.refuse("beds", f"is no number from 1 to {rooms.MOST_BEDS}")
        return None
    return RoomRange(first_floor=first, n_floors=floors, per_floor=per_floor, beds=beds)


def _room(cells: _Cells) -> RoomEntry:
    entry = RoomEntry(
        number=cells.text("number"),
        building=cells.text("building"),
        floor=cells.whole("floor", 1),
        position=cells.whole("position", None),
        opposite=cells.yes("opposite"),
        beds=cells.whole("beds", 1),
        is_accessible=cells.yes("is_accessible"),
        is_family=cells.yes("is_family"),
        has_carer_bed=cells.yes("has_carer_bed"),
    )
    if not cells.wrong and (fault := rooms.fault_of(entry)):
        cells.refuse("number", fault)
    return entry


def _refuse_unknown_areas(cells: Sequence[_Cells], by: Account) -> None:
    codes = {one.text("area_code") for one in cells}
    known = set(Area.objects.filter(code__in=codes).values_list("code", flat=True))
    for one in cells:
        code = one.text("area_code")
        if code not in known:
            one.refuse("area_code", "is no area of the register")
        elif not code.startswith(by.area_code):
            one.refuse("area_code", "lies outside your jurisdiction")


def _refuse_twice(cells: Sequence[_Cells], keys: Sequence[str], field: str) -> None:
    seen: dict[str, int] = {}
    for one, key in zip(cells, keys, strict=True):
        if key in seen:
            one.refuse(field, f"stands in row {seen[key]} too")
        seen.setdefault(key, one.number)


def _refuse(cells: Sequence[_Cells], refusal: type[SizaoError]) -> None:
    faults = [fault for one in cells for fault in one.wrong]
    if faults:
        first = f"row {faults[0]['row']}, {faults[0]['field']}: {faults[0]['reason']}"
        raise refusal(count=len(faults), rows=len(cells), first=first, errors=faults[:MOST_FAULTS])
