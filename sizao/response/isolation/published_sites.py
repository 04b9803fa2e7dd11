"""Sites from published lists, which name province, city and county; and rooms made up where none are published."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from sizao.engines.area_names import county_spellings, plain
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Area, IsolationSite
from sizao.response.isolation import rooms, sites
from sizao.response.isolation.rooms import RoomRange
from sizao.response.isolation.sites import SiteEntry
from sizao.terms import LEVEL_OF_DIGITS, AreaLevel, Right

Row = Mapping[str, str]
COLUMNS = ("province", "city", "district", "name")
_LEVELS = (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.COUNTY)


class RoomsOutOfBounds(SizaoError):
    code = "isolation.rooms_out_of_bounds"
    message = "Rooms of a site cannot run from {fewest} to {most}. Give two numbers from 1 to {limit}, the lower first."


@dataclass(frozen=True, slots=True)
class Published:
    """What a published list brought; `elsewhere` names rows whose area is unknown here or outside the jurisdiction."""

    made: int
    known: int
    elsewhere: tuple[tuple[int, str], ...]


@transaction.atomic
def take_published(*, rows: Sequence[Row], source: str, by: Account, now: datetime, dry_run: bool = False) -> Published:
    """
    Register the sites of a published list in reserve, each in the smallest area of the register that it names.

    A county that is empty or unknown leaves the city. No capacity is taken over: what such lists call rooms are no
    rooms for isolation; a number above zero is kept as a note. Raise the door's refusal.
    """
    access.require(by, Right.SITE_MANAGE)
    areas = _areas()
    entries: dict[str, SiteEntry] = {}
    elsewhere = []
    for number, row in enumerate(rows, start=1):
        code = _area_of(row, areas)
        if len(code) < 4 or not access.covers(by, code) or not row["name"].strip():  # noqa: PLR2004 — at least a city
            elsewhere.append((number, row["name"].strip()))
            continue
        entry = SiteEntry(name=row["name"].strip()[:100], area_code=code, note=_note(row), source=source[:200])
        entries.setdefault(entry.key, entry)
    made = sites.register_sites(entries=list(entries.values()), by=by, now=now)
    if dry_run:
        transaction.set_rollback(True)
    return Published(len(made), len(rows) - len(elsewhere) - len(made), tuple(elsewhere))


@transaction.atomic
def generate_rooms(*, area_code: str, fewest: int, most: int, seed: int, by: Account, now: datetime) -> tuple[int, int]:
    """
    Make up rooms for each site of an area that has none, `fewest` to `most` of them; return how many sites and rooms.

    The same seed makes the same rooms for a site, whichever other sites there are. All are marked as generated, on each
    page and in each file. One room in twenty is accessible, one in ten is a family room with three beds and a carer's:
    shares that nobody published, chosen so that each need can be met. Raise RoomsOutOfBounds or the door's refusal.
    """
    access.require(by, Right.SITE_MANAGE, area_code=area_code)
    if not 1 <= fewest <= most <= rooms.MOST_ROOMS:
        raise RoomsOutOfBounds(fewest=fewest, most=most, limit=rooms.MOST_ROOMS)
    bare = IsolationSite.objects.filter(area_code__startswith=area_code, rooms=None).select_related("place")
    n_sites = n_rooms = 0
    for site in bare.order_by("pk"):
        dice = np.random.default_rng([seed, *site.source_key.encode()])
        entries = _made_up(int(dice.integers(fewest, most + 1)))
        rooms.add_rooms(site=site, entries=entries, by=by, now=now, is_generated=True)
        site.is_generated = True
        site.save(update_fields=["is_generated"])
        n_sites, n_rooms = n_sites + 1, n_rooms + len(entries)
    return n_sites, n_rooms


PER_FLOOR, ACCESSIBLE_EACH, FAMILY_EACH, FAMILY_BEDS = 20, 20, 10, 3


def _made_up(count: int) -> list[rooms.RoomEntry]:
    floors = -(-count // PER_FLOOR)
    plain = RoomRange(first_floor=3, n_floors=floors, per_floor=PER_FLOOR).entries()[:count]
    return [_furnished(one, rank) for rank, one in enumerate(plain)]


def _furnished(one: rooms.RoomEntry, rank: int) -> rooms.RoomEntry:
    is_family = rank % FAMILY_EACH == FAMILY_EACH - 1
    return rooms.RoomEntry(
        number=one.number,
        floor=one.floor,
        position=one.position,
        opposite=one.opposite,
        beds=FAMILY_BEDS if is_family else 1,
        is_accessible=rank % ACCESSIBLE_EACH == 0,
        is_family=is_family,
        has_carer_bed=is_family,
    )


def _areas() -> dict[tuple[str, str], str]:
    """Give codes of provinces, cities and counties by the code of what holds them and either of their names."""
    found: dict[tuple[str, str], str] = {}
    doubtful = defaultdict(set)
    for code, name, short in Area.objects.filter(level__in=_LEVELS).values_list("code", "name", "short_name"):
        above = next((code[:digits] for digits in sorted(LEVEL_OF_DIGITS, reverse=True) if digits < len(code)), "")
        for spelled in {short, *county_spellings(name), _bare(name)}:
            doubtful[above, plain(spelled)].add(code)
    for key, codes in doubtful.items():
        if len(codes) == 1:
            found[key] = next(iter(codes))
    return found


def _bare(name: str) -> str:
    """Leave out what kind of area it is, where two characters are left to tell it by: 湖北省 becomes 湖北."""
    return name[:-1] if len(name) > 2 and name[-1] in "省市区县" else name  # noqa: PLR2004


def _area_of(row: Row, areas: Mapping[tuple[str, str], str]) -> str:
    code = ""
    city, _, county = row["city"].partition("-")
    for text in (row["province"], city, row["district"] or county):
        step = areas.get((code, plain(text)))
        if step is None:
            return code
        code = step
    return code


def _note(row: Row) -> str:
    told = [row.get("address", "").strip()]
    told += [
        f"{name}={row[name].strip()}" for name in ("max_rooms", "max_guests") if row.get(name, "0") not in ("", "0")
    ]
    return "; ".join(part for part in told if part)[:300]
