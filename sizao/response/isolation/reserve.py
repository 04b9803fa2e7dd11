"""How many rooms each county has for how many people, and which fall short of what the edition asks for."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import Count

from sizao.protocol import basis
from sizao.records.models import Area, IsolationRoom, Outbreak
from sizao.response import outbreaks
from sizao.response.clocks import AWAITS
from sizao.terms import AREA_DIGITS, AreaLevel, SiteState

ROOMS = "isolation_site.rooms_per_10k_people"
COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
PER = 10_000


@dataclass(frozen=True, slots=True)
class CountyReserve:
    """
    The rooms of a county: those registered and those made up (`generated`, which never count towards the reserve).

    `population` is None where the register does not know it; then nothing can be said of the level.
    """

    area_code: str
    name: str
    population: int | None
    source: str | None
    rooms: int
    generated: int
    wanted: int | None

    @property
    def per_10k(self) -> float | None:
        return self.rooms * PER / self.population if self.population else None

    @property
    def short(self) -> int | None:
        """Say how many rooms lack; 0 where enough, None where nothing is asked for or the population is not known."""
        return None if self.wanted is None else max(0, self.wanted - self.rooms)


@dataclass(frozen=True, slots=True)
class Reserve:
    """The reserve of an area, county by county, worst first; `level` None where the edition sets none."""

    counties: tuple[CountyReserve, ...]
    level: int | None
    awaits: bool
    entries: tuple[dict[str, Any], ...]

    @property
    def short(self) -> tuple[CountyReserve, ...]:
        return tuple(one for one in self.counties if one.short)


def reserve(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> Reserve:
    """
    Compare the rooms of each county of an area with what the edition, or a local annex, asks for.

    All rooms in service of sites that are not closed count, in whatever state: a reserve is what could be used. A level
    that waits for confirmation is shown and judged by, and says so; it decides about nobody.
    """
    value = outbreaks.rules_at(outbreak, as_of).value(ROOMS)
    level = value.whole if value.value is not None else None
    rooms, generated = _counted(area_code, as_of)
    found = Area.objects.filter(level=AreaLevel.COUNTY, code__startswith=area_code[:COUNTY])
    counties = [
        CountyReserve(
            area_code=one.code,
            name=one.name,
            population=one.population,
            source=one.population_source,
            rooms=rooms[one.code],
            generated=generated[one.code],
            wanted=None if level is None or one.population is None else ceil(one.population * level / PER),
        )
        for one in found
    ]
    counties.sort(key=lambda one: (-(one.short or 0), one.per_10k is None, one.per_10k or 0, one.area_code))
    awaits = outbreaks.rules_at(outbreak, as_of).awaits_confirmation(value)
    entries = (basis.entry(value, gives=AWAITS if awaits else "reserve"),) if level is not None else ()
    return Reserve(tuple(counties), level, awaits, entries)


def _counted(area_code: str, as_of: datetime) -> tuple[Counter[str], Counter[str]]:
    found = IsolationRoom.objects.filter(
        site__area_code__startswith=area_code, site__registered_at__lte=as_of, out_of_service_reason=""
    ).exclude(site__state=SiteState.CLOSED)
    rooms, generated = Counter[str](), Counter[str]()
    for row in found.values("site__area_code", "is_generated").annotate(n=Count("pk")).order_by():
        (generated if row["is_generated"] else rooms)[row["site__area_code"][:COUNTY]] += row["n"]
    return rooms, generated
