"""
The places that published reports name, as entries of the register, and those that wait to be matched.

Which mentions are one venue is worked out over all reports at once (`engines.venues`), so that the answer
is the same on whichever day a replay goes on. A venue whose area no mention tells stands in the home county
of the person who names it first. Homes, isolation sites and whole towns are no places of the register.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sizao.drill.feed import Fact
from sizao.drill.scenario import Told
from sizao.engines.venues import Mention, Venue, group_venues
from sizao.response.register import PlaceEntry
from sizao.terms import AREA_DIGITS, AreaLevel, PlaceKind, VenueMatch

_VILLAGE, _COUNTY = AREA_DIGITS[AreaLevel.VILLAGE], AREA_DIGITS[AreaLevel.COUNTY]
_OWN_VILLAGE = re.compile(r"^(?:本|居|在|自己|自家)?村(?:里|内|中|的)?")
_NO_PLACE = {PlaceKind.HOME, PlaceKind.ISOLATION_SITE, PlaceKind.TOWN}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an event was: a registered place, or a text that waits, or neither; and the area, as far as known."""

    entry: PlaceEntry | None
    area_code: str
    waits: bool = False


def placements(
    slug: str, facts: Sequence[Fact], homes: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, Placed]:
    """
    Say for each fact, by its key, where it was.

    `homes` are the areas in which people live, by report; `names` the names of areas, by code.
    """
    placed: dict[str, Placed] = {}
    venues: list[Fact] = []
    for fact in facts:
        home = homes[fact.report_id]
        if _is_venue(fact.told):
            venues.append(fact)
        else:
            placed[fact.key] = _area_only(fact.told, home, names)
    return placed | dict(_grouped(slug, venues, homes, names))


def _is_venue(told: Told) -> bool:
    text = told.place_text
    if not text or told.place_kind in _NO_PLACE or told.place_kind == PlaceKind.VILLAGE:
        return False
    return not _OWN_VILLAGE.fullmatch(text)


def _area_only(told: Told, home: str, names: Mapping[str, str]) -> Placed:
    text = told.place_text or ""
    at_home = not text or told.place_kind == PlaceKind.HOME or _OWN_VILLAGE.match(text)
    here = told.area_code or (home if at_home else home[:_COUNTY])
    is_village = bool(text) and told.place_kind not in _NO_PLACE
    if is_village and len(here) == _VILLAGE:
        return Placed(PlaceEntry(f"area:{here}", PlaceKind.VILLAGE, names.get(here, text), here), here)
    return Placed(None, here, waits=is_village and not _OWN_VILLAGE.fullmatch(text))


def _grouped(
    slug: str, facts: Sequence[Fact], homes: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[tuple[str, Placed]]:
    mentions = [
        Mention(
            text=fact.told.place_text or "",
            place_kind=fact.told.place_kind or PlaceKind.PUBLIC_PLACE,
            event_kind=fact.told.kind,
            area_code=_told_area(fact.told, homes[fact.report_id]),
            day=fact.day.toordinal(),
        )
        for fact in facts
    ]
    found = group_venues(mentions, names)
    entries: dict[int, PlaceEntry] = {}
    for fact, joined in zip(facts, found.joined, strict=True):
        venue = found.venues[joined.venue]
        here = venue.area_code or fact.told.area_code or homes[fact.report_id][:_COUNTY]
        if joined.reason == VenueMatch.VAGUE and venue.n_mentions == 1:
            yield fact.key, Placed(None, here)  # "a restaurant": nobody can be found by it
            continue
        entry = entries.setdefault(joined.venue, _entry(slug, joined.venue, venue, here))
        yield fact.key, Placed(entry, entry.area_code)


def _told_area(told: Told, home: str) -> str | None:
    if told.area_code or not _OWN_VILLAGE.match(told.place_text or ""):
        return told.area_code if len(told.area_code or "") >= _COUNTY else None
    return home


def _entry(slug: str, number: int, venue: Venue, area_code: str) -> PlaceEntry:
    return PlaceEntry(f"venue:{slug}:{number}", PlaceKind(venue.place_kind), venue.name[:200], area_code)
