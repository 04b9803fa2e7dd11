"""From the words for a venue to its name: without its area, its road, and what every such place is called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sizao.engines.area_names import parent, plain, short_name
from sizao.terms import PlaceKind

_LEAD = re.compile(r"^(?:位于|去往|于|至|在|到|去|往|前往|返回)")
_OWN_VILLAGE = re.compile(r"^(?:本|同|自己|我)?村(?:[东西南北]口?|里|内|口|中)?(?:的|边)?|^本村")
_BESIDE = re.compile(r"(?:附近|旁边|对面|隔壁|对过|斜对面|旁|处)的?")
_ROAD = re.compile(r"^.{1,7}?(?:大街|大道|国道|街道|[路街道])(?![上边口店])(?:与.{1,7}?(?:[路街道]|大街)交[叉汇]口)?")
_SOME = re.compile(r"^(?:附近|旁边|对面)?(?:的|某家?|一家|多家|两家|几家|该|内|里|院内)*")
_TAIL = re.compile(r"(?:门口|门前|内|里|处|上班|就餐|家庭|一楼|二楼|大厅)$")
# What every such place is called: dropped from the end of a name (好运来饭店, 好运来酒店) …
_TYPE = re.compile(
    r"(?:大?(?:饭店|酒店)|餐厅|餐馆|饭馆|饭庄|宾馆|饭铺|小吃[店铺]?|面馆|快餐店?|早餐店?|诊所|门诊部?|药[店房]|大药房|"
    r"超市|便利店|商[店场城]|商厦|门市|小?卖部|小卖铺|购物广场|理发店|美甲店|小区|公司|加油站|收购[点站]|快递[点站])$"
)
# … or, when nothing else is said, no name at all.
_NAMELESS = re.compile(
    r"^(?:.{0,2}[店厂场院馆班所室房铺园行校学部]|.{0,2}(?:市场|市区|单位|工地|宿舍|学校|小学|中学|幼儿园|检查点|门诊)|"
    r"医院|集市|集|站|车站|公交站|地铁站|汽车站|火车站|停车场|广场|公园|街边|路边|市区|县城|朋友聚会)$"
)
# One of them in an area is named by the area alone: 小果庄村小学, 藁城区人民医院.
_ONE_IN_A_VILLAGE = re.compile(r"^(?:村委会|村民委员会|卫生[室所院]|中心小学|小学|集市|集|客运站|公交站|车站)$")
_ONE_IN_A_COUNTY = re.compile(r"^(?:医院|人民医院|中医院|中医医院|妇幼保健院|人民政府|汽车站|客运站|火车站|疾控中心)$")
_NUMBERS = re.compile(r"[\d一二三四五六七八九十东西南北]+")

FAMILIES: Mapping[str, str] = {
    PlaceKind.RESTAURANT: "table", PlaceKind.BANQUET: "table", PlaceKind.HOTEL: "table",
    PlaceKind.CLINIC: "care", PlaceKind.HOSPITAL: "care", PlaceKind.PHARMACY: "care",
    PlaceKind.MARKET: "trade", PlaceKind.SUPERMARKET: "trade", PlaceKind.MALL: "trade",
    PlaceKind.SHOP: "trade", PlaceKind.SERVICE: "trade",
    PlaceKind.WORKPLACE: "work", PlaceKind.FACTORY: "work", PlaceKind.GOVERNMENT: "work",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VenueName:
    """
    What a mention says of a venue.

    `core` is its own name, empty when it has none (某饭店). `kind_word` is what such places are called.
    `road` is the street or landmark it is near. `numbers` are the ordinals and directions in the name,
    which tell 第一医院 from 第三医院.
    """

    core: str
    kind_word: str
    road: str
    numbers: tuple[str, ...]


def parse(text: str, area_code: str | None, names: Mapping[str, str]) -> VenueName:
    """Take a mention apart. `names` holds the official names of the codes, to strip the area's own."""
    rest = _LEAD.sub("", plain(text))
    rest = _without_areas(rest, area_code, names)
    rest = _OWN_VILLAGE.sub("", rest) or rest
    road, rest = _split_road(rest)
    rest = _TAIL.sub("", _SOME.sub("", rest))
    rest = _without_areas(rest, area_code, names)
    core, kind_word = _split_kind(rest, area_code)
    return VenueName(core, kind_word, road, tuple(_NUMBERS.findall(core)))


def family(place_kind: str) -> str:
    """Group kinds that writers mix up: a wedding hall is a restaurant is a hotel."""
    return FAMILIES.get(place_kind, place_kind)


def _without_areas(text: str, area_code: str | None, names: Mapping[str, str]) -> str:
    """Strip the names of the area and of what holds it, in any order and with old endings (藁城市)."""
    stems = _stems(area_code, names)
    while stem := next((stem for stem in stems if text.startswith(stem) and len(text) > len(stem)), None):
        text = re.sub(r"^[省市区县镇乡村](?=.)", "", text.removeprefix(stem))
    return text


def _stems(area_code: str | None, names: Mapping[str, str]) -> list[str]:
    stems = []
    code = area_code or ""
    while code:
        name = short_name(names.get(code, ""))
        stem = re.sub(r"(?:街道|社区|[省市区县镇乡村])$", "", name)
        stems.append(stem if len(stem) > 1 else name)
        code = parent(code)
    return sorted((stem for stem in stems if stem), key=len, reverse=True)


def _split_road(text: str) -> tuple[str, str]:
    beside = _BESIDE.search(text)
    if beside and beside.start():
        before, after = text[: beside.start()], text[beside.end() :]
        return (before, after) if after else ("", before)
    road = _ROAD.match(text)
    return (road.group(), text[road.end() :]) if road and road.end() < len(text) else ("", text)


def _split_kind(text: str, area_code: str | None) -> tuple[str, str]:
    digits = len(area_code or "")
    if (digits == 12 and _ONE_IN_A_VILLAGE.match(text)) or (digits >= 6 and _ONE_IN_A_COUNTY.match(text)):
        return text, ""
    if "某" in text or _NAMELESS.match(text):
        return "", text
    match = _TYPE.search(text)
    if match is None:
        return text, ""
    return text[: match.start()], match.group()
