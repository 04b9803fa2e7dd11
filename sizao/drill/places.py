"""The places that published reports name, as entries of the register, and those that wait to be matched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sizao.drill.scenario import Told
from sizao.response.register import PlaceEntry
from sizao.terms import AREA_DIGITS, AreaLevel, PlaceKind

_VILLAGE, _COUNTY = AREA_DIGITS[AreaLevel.VILLAGE], AREA_DIGITS[AreaLevel.COUNTY]
_OWN_VILLAGE = re.compile(r"^(?:本|居|在|自己|自家)?村(?:里|内|中|的)?")
_AREA_BEFORE = re.compile(r"^(?:[一-龥]{1,6}?(?:省|市|自治区|区|县|镇|乡|街道|办事处|村))(?=[一-龥A-Za-z0-9])")
# Words that say what sort of place it was, not which.
_BARE = frozenset(
    "家 家中 单位 公司 学校 小区 附近 医院 药店 药房 超市 饭店 宿舍 工地 商店 商场 市场 集市 门市 门口 居 村 诊所 卫生室"
    " 卫生所 幼儿园 小学 中学 工厂 厂 厂里 店 店里 门店 餐馆 饭馆 理发店 加油站 路边 街上 市区 县城 城里 公园 广场"
    " 公交站 车站 火车站 服务区 收费站 高速 高速口 大集 政府 村委会 大队 快递点 小卖部 便利店 食堂 办公室 仓库 地里 老家"
    " 亲戚家 亲属家 朋友家 邻居家 同事家 某单位 某公司 厂区".split()
)
_PRIVATE = {PlaceKind.HOME, PlaceKind.ISOLATION_SITE}
_TOO_WIDE = {PlaceKind.TOWN}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an event was: a registered place, or a text that waits, or neither; and the area, as far as known."""

    entry: PlaceEntry | None
    area_code: str
    waits: bool = False


def place(told: Told, home: str, names: Mapping[str, str]) -> Placed:
    """Say which place an event was at; `home` is the area the person lives in, `names` those of the areas."""
    text = (told.place_text or "").strip()
    here = _area(told, text, home)
    if not text or told.place_kind in _PRIVATE or told.place_kind in _TOO_WIDE:
        return Placed(None, here)
    if told.place_kind == PlaceKind.VILLAGE or _OWN_VILLAGE.fullmatch(text):
        return _village(text, here, names)
    return _venue(told, text, here)


def _area(told: Told, text: str, home: str) -> str:
    if told.area_code:
        return told.area_code
    own = not text or told.place_kind == PlaceKind.HOME or _OWN_VILLAGE.match(text)
    return home if own else home[:_COUNTY]


def _village(text: str, here: str, names: Mapping[str, str]) -> Placed:
    if len(here) == _VILLAGE:
        return Placed(PlaceEntry(f"area:{here}", PlaceKind.VILLAGE, names.get(here, text), here), here)
    return Placed(None, here, waits=not _OWN_VILLAGE.fullmatch(text))


def _venue(told: Told, text: str, here: str) -> Placed:
    core = core_name(text)
    kind = told.place_kind or PlaceKind.PUBLIC_PLACE
    if core in _BARE or len(core) < 2:
        # "The clinic" of a village is one place; "the clinic" of a county is any.
        if len(here) != _VILLAGE:
            return Placed(None, here)
        return Placed(PlaceEntry(f"venue:{here}:{core}", kind, core, here), here)
    return Placed(PlaceEntry(f"venue:{here[:_COUNTY]}:{core}", kind, text[:200], here), here)


def core_name(text: str) -> str:
    """Drop the areas that stand before a name: 藁城区南桥寨村好运来饭店 becomes 好运来饭店."""
    core = _OWN_VILLAGE.sub("", text) or text
    while (match := _AREA_BEFORE.match(core)) and len(core) - match.end() >= 2:
        core = core[match.end() :]
    return core
