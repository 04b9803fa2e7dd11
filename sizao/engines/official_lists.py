"""
From an official notice's text to single areas: who is listed, inside which county.

A notice counts its areas, so the count checks the reading: see `miscounted`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sizao.engines.area_names import Register, longest_prefix, plain

_OPEN, _CLOSE, _BREAKS = "（", "）", "、，；。"
# 十二化建小区16、17号楼 is one area: a piece that begins with a number goes on with the one before.
_NUMBER_GOES_ON = re.compile(r"^\d+[、\d]*(?:号楼|号|栋|楼|单元|院)")
# "A路以西、B路以南合围地区" is one area, bounded by roads.
_BOUND_GOES_ON = re.compile(r"以[东西南北]侧?$")
_EXCEPT = re.compile(r"（(?P<inner>.*)）$")
_EXCEPT_WORDS = re.compile(r"^除了?|(?:以外|之外|除外|外)?的?(?:其他|其它|县域|全域)*(?:地区|区域|范围)?$")
# Zones that run themselves like a county but stand in no register.
_OTHER_ZONE = re.compile(r"^[^、，；（]{1,8}?(?:开发区|示范区|教育园区|管理区)")


@dataclass(frozen=True)
class Notice:
    """One level of one place's list on one day, as published."""

    published_date: date
    level: str
    place: str
    text: str
    n_areas: int | None


@dataclass(frozen=True)
class Listed:
    """
    One area of a notice.

    `name` is the area's own name below its county; empty when the county itself is listed.
    `exceptions` are the parts that the notice leaves out. An unknown county is None.
    """

    published_date: date
    level: str
    city_code: str | None
    county_code: str | None
    county_text: str
    name: str
    exceptions: tuple[str, ...] = ()


def split(text: str) -> tuple[str, ...]:
    """Split a list of areas at its marks, leaving brackets and runs of house numbers whole."""
    pieces: list[str] = []
    for piece in _outside_brackets(plain(text)):
        if pieces and _goes_on(pieces[-1], piece):
            pieces[-1] += "、" + piece
        else:
            pieces.append(piece)
    return tuple(pieces)


def _goes_on(before: str, piece: str) -> bool:
    return bool(_BOUND_GOES_ON.search(before) or (before[-1:].isdigit() and _NUMBER_GOES_ON.match(piece)))


def _outside_brackets(text: str) -> list[str]:
    pieces, depth = [""], 0
    for char in text:
        depth = max(0, depth + (char == _OPEN) - (char == _CLOSE))
        if depth == 0 and char in _BREAKS:
            pieces.append("")
        else:
            pieces[-1] += char
    return [piece for piece in pieces if piece]


def read(notice: Notice, register: Register) -> tuple[Listed, ...]:
    """Read a notice into areas; a county named once holds for the areas after it."""
    top = _place_code(notice.place, register)
    city = top if top and len(top) == 4 else (top[:4] if top and len(top) == 6 else None)
    county = top if top and len(top) == 6 else None
    county_text = register.names.get(county or "", "")
    listed = []
    for piece in split(notice.text):
        rest = piece
        found_city, rest = _leading_city(rest, top, register)
        if found_city:
            city, county, county_text = found_city, None, ""
        found, text, rest = _leading_county(rest, city or top, register)
        if text:
            county, county_text = found, text
        name, exceptions = _without_exceptions(rest)
        listed.append(Listed(notice.published_date, notice.level, city, county, county_text, name, exceptions))
    return tuple(listed)


def miscounted(notices: Iterable[Notice], register: Register) -> tuple[tuple[Notice, int], ...]:
    """Give the notices whose own count differs from the number of areas read, with that number."""
    counts = [(notice, len(read(notice, register))) for notice in notices if notice.n_areas is not None]
    return tuple((notice, n_read) for notice, n_read in counts if n_read != notice.n_areas)


def _place_code(place: str, register: Register) -> str | None:
    place = plain(place)
    province = next((code for code in register.children("") if place.startswith(_stem(register.names[code]))), None)
    if province is None:
        return None
    name = register.names[province]
    rest = place.removeprefix(name if place.startswith(name) else _stem(name))
    if not rest:
        return province
    cities = register.children(province)
    counties = [county for code in cities for county in register.children(code)]
    for code in (*cities, *counties):
        if rest in (register.names[code], _stem(register.names[code])):
            return code
    return province  # 雄安新区, say: no division, but its counties are known in the province


def _stem(name: str) -> str:
    """河北省 is also written 河北, 郑州市 also 郑州."""
    return name[:-1] if name[-1:] in "省市" and len(name) > 2 else name


def _leading_city(text: str, top: str | None, register: Register) -> tuple[str | None, str]:
    cities = register.children(top[:2]) if top else ()
    full = {register.names[code]: code for code in cities}
    if name := longest_prefix(text, full):
        return full[name], text.removeprefix(name)
    if top is None or len(top) > 2:
        return None, text
    # A province's list may shorten the city (驻马店遂平县); believed only if a county follows.
    for code in cities:
        rest = text.removeprefix(_stem(register.names[code]))
        if rest != text and _leading_county(rest, code, register)[1]:
            return code, rest
    return None, text


def _leading_county(text: str, within: str | None, register: Register) -> tuple[str | None, str, str]:
    """Give the county's code, its words in the text, and the rest of the text."""
    spelt = register.county_names(within)
    if name := longest_prefix(text, spelt):
        return spelt[name], name, text.removeprefix(name)
    if zone := _OTHER_ZONE.match(text):
        return None, zone.group(), text[zone.end() :]
    return None, "", text


def _without_exceptions(text: str) -> tuple[str, tuple[str, ...]]:
    match = _EXCEPT.search(text)
    if match is None or not re.search("除|以外|之外", match["inner"]):
        return text, ()
    base = text[: match.start()]
    inner = _EXCEPT_WORDS.sub("", match["inner"])
    return ("" if base == "全域" else base), split(inner)


def notice_days(notices: Sequence[Notice]) -> tuple[date, ...]:
    """List the days on which anything was published: the days on which an absence means something."""
    return tuple(sorted({notice.published_date for notice in notices}))
