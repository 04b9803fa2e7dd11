"""Official area codes and the many ways in which their names are written."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sizao.terms import AREA_DIGITS

CODE_LENGTHS = tuple(sorted(AREA_DIGITS.values()))

_COMMITTEE = re.compile(r"(?:村民|居民|村|居)委员?会$")
_TOWNSHIP_TAIL = re.compile(r"(?:地区)?(?:街道)?办事处$|街道$")
_VILLAGE_TAIL = re.compile(r"(?:社区|行政村|村|居)$")
_COMPOUND_TAIL = re.compile(r"(?:住宅)?小区$")
_PEOPLES = re.compile(r"(?:蒙古|回|满|朝鲜|鄂温克|达斡尔|各)族.*(?=[区县乡]$)")
_ZONES = {
    "高新技术产业开发区": ("高新技术产业开发区", "高新技术开发区", "高新区"),
    "经济技术开发区": ("经济技术开发区", "经济开发区", "经开区"),
    "经济开发区": ("经济开发区", "经开区"),
}


def plain(text: str) -> str:
    """Drop spaces and bring brackets and middle dots to one form."""
    text = re.sub(r"\s+", "", text)
    return text.translate(str.maketrans("()•,;", "（）·，；"))


def short_name(official: str) -> str:
    """
    Shorten the register's name of a village or community to the name people use.

    小果庄村民委员会 becomes 小果庄村, 杨马村村民委员会 becomes 杨马村, 棉一东社区居民委员会 becomes
    棉一东社区. A name without such an ending comes back unchanged.
    """
    match = _COMMITTEE.search(official)
    if match is None:
        return official
    base = official[: match.start()]
    if match.group().startswith("村"):
        return base if base.endswith("村") else base + "村"
    return base if base.endswith(("社区", "村")) else base + "居委会"


def village_key(name: str) -> str:
    """Reduce a village or community name to what all its spellings share."""
    name = plain(name)
    match = _COMMITTEE.search(name)
    base = name[: match.start()] if match else name
    shorter = _VILLAGE_TAIL.sub("", base)
    return shorter if len(shorter) > 1 else base


def township_key(name: str) -> str:
    """Reduce a township's name: 凤岗街道办事处 and 凤岗街道 are one."""
    name = plain(name)
    return _TOWNSHIP_TAIL.sub("", name) + ("街道" if _TOWNSHIP_TAIL.search(name) else "")


def compound_key(name: str) -> str:
    """Reduce the name of a residential compound: 天一合院 and 天一合院小区 are one."""
    name = plain(name)
    shorter = _COMPOUND_TAIL.sub("", name)
    return shorter if len(shorter) > 1 else name


def county_spellings(official: str) -> tuple[str, ...]:
    """Give the ways in which notices write a county, the longest first."""
    spellings = {official, _PEOPLES.sub("", official)}
    for ending, others in _ZONES.items():
        if official.endswith(ending):
            spellings |= set(others)
    return tuple(sorted(spellings, key=lambda name: (-len(name), name)))


@dataclass(frozen=True)
class Register:
    """Official names by code, with the look-ups that texts need."""

    names: Mapping[str, str]
    _children: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        for code in sorted(self.names):
            children[parent(code)].append(code)
        object.__setattr__(self, "_children", {code: tuple(codes) for code, codes in children.items()})

    def children(self, code: str) -> tuple[str, ...]:
        """List the codes one level below `code`."""
        return self._children.get(code, ())

    @cached_property
    def _villages(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, name in self.names.items():
            if len(code) == 12:
                found[code[:6], village_key(name)].append(code)
        return {key: tuple(sorted(codes)) for key, codes in found.items()}

    def villages(self, within: str, name: str) -> tuple[str, ...]:
        """Find the villages of that name inside a county (6 digits) or township (9 digits)."""
        codes = self._villages.get((within[:6], village_key(name)), ())
        return tuple(code for code in codes if code.startswith(within))

    @cached_property
    def _county_names(self) -> Mapping[str, Mapping[str, str]]:
        return {code: self._spelt(code) for code in self.names if len(code) in (2, 4)}

    def _spelt(self, within: str) -> Mapping[str, str]:
        codes = [code for code in self.names if len(code) == 6 and code.startswith(within)]
        spelt = [(spelling, code) for code in codes for spelling in county_spellings(self.names[code])]
        uses = Counter(spelling for spelling, _ in spelt)
        return {spelling: code for spelling, code in spelt if uses[spelling] == 1}

    def county_names(self, within: str | None) -> Mapping[str, str]:
        """Give the counties of a city or province by each spelling that means only one of them."""
        return self._county_names.get(within[:4], {}) if within else {}

    def townships(self, county: str, name: str) -> tuple[str, ...]:
        """Find the townships of that name inside a county."""
        key = township_key(name)
        return tuple(code for code in self.children(county) if township_key(self.names[code]) == key)


def parent(code: str) -> str:
    """Give the code of the area one level up; a province's is the empty string."""
    shorter = [length for length in CODE_LENGTHS if length < len(code)]
    return code[: shorter[-1]] if shorter else ""


def covers(code: str, other: str) -> bool:
    """Say whether the area `code` holds the area `other` (or is it)."""
    return bool(code) and other.startswith(code)


def longest_prefix(text: str, options: Iterable[str]) -> str:
    """Give the longest of `options` with which the text begins, or the empty string."""
    return max((option for option in options if option and text.startswith(option)), key=len, default="")
