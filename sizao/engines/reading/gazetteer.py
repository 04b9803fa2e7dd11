# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""
Names of official areas, and where they stand in a text.

Built from a village register (12-digit codes) and the names of provinces, cities, counties and
townships. All names live in one dictionary keyed by the name, with an index of the first two
characters, so that a report is scanned once, whatever the number of villages.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# 小果庄村民委员会, 杨马村村民委员会, 棉一东社区居民委员会: what is left is the name people use.
_COMMITTEE = re.compile(
    r"(?:村民|社区居民|居民|社区家属|家属|农场|林场)?(?:委员会|委会)$|(?:社区)?(?:居委会|居民委会|民委会|村委会)$"
)
_COUNTY_MARK = re.compile(r"(?:自治县|自治旗|特区|林区|矿区|新区|[市县区旗])$")
_CITY_MARK = re.compile(r"(?:市|地区|盟|(?:\w{1,4}族)*自治州)$")
_PROVINCE_MARK = re.compile(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$")
_NOT_A_NAME = re.compile(r"^(?:市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$")
# A bare village name (小果庄) is trusted only if it ends as villages do.
_VILLAGE_END = tuple("庄屯寨营堡沟岭坡洼峪台湾楼岗圪坨疃碾")
# Before a village name stands an area, a preposition or nothing; else it is the tail of a longer name.
_BEFORE_NAME = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|[到去在往至从回赴经于由抵住是及和与系位近为自归过来达送运访邻本某的是同至系返入户人])$"
)


_STREET_OR_ESTATE = re.compile(
    r"[东西南北中]?(?:路|街|大街|大道|小区|家园|花园|苑|院区|大厦|国际|广场|公寓|巷|胡同|门|桥|北门|嘉园)"
)


# Stems of counties that are words of every day too: 国贸商城 is no county, 友谊宾馆 and 富裕小区 are not either.
_EVERYDAY = frozenset(
    ["商城", "富裕", "友谊", "平安", "东方", "永和", "永福", "永安", "福安", "和平", "共和", "大方", "吉利", "仁和"]
)


@dataclass(frozen=True)
class Mention:
    """A name of an area in a text, with every code that bears this name."""

    start: int
    end: int
    codes: tuple[str, ...]

    @property
    def digits(self) -> int:
        """Length of the codes: 2 province, 4 city, 6 county, 9 township, 12 village."""
        return len(self.codes[0])


class Gazetteer:
    """Finds names of areas in text."""

    def __init__(
        self, villages: Mapping[str, str], divisions: Mapping[str, str], former: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Index `villages` (12-digit code → name), `divisions` (2 to 9 digits → name) and `former` names."""
        self.provinces = frozenset(code[:2] for code in villages)
        self._areas: dict[str, list[str]] = defaultdict(list)
        self._villages: dict[str, list[str]] = defaultdict(list)
        self._bare: dict[str, list[str]] = defaultdict(list)  # 小慈邑: only after a county or township
        self._far: dict[str, list[str]] = defaultdict(list)  # 神木: only after its province or city
        lasting = [(code, name) for code, name in former if len(name) >= 3]
        for code, name in [*divisions.items(), *lasting]:
            if len(code) == 6 and len(stem := _COUNTY_MARK.sub("", name)) >= 2 and not _NOT_A_NAME.match(name):
                self._far[stem].append(code)
            for form in _division_forms(code, name, at_home=code[:2] in self.provinces):
                if code not in self._areas[form]:
                    self._areas[form].append(code)
        self._drop_doubtful_stems()
        for code, name in villages.items():
            for form in village_forms(name):
                self._villages[form].append(code)
                if (bare := form.removesuffix("村")) != form and len(bare) >= 2:
                    self._bare[bare].append(code)
        self._lengths = _lengths_by_head((self._areas, self._villages, self._bare, self._far))

    def find(self, text: str) -> list[Mention]:
        """Find the names of areas in plain text, longest first, left to right."""
        found: list[Mention] = []
        position = 0
        while position < len(text) - 1:
            mention = self._at(text, position, found)
            if mention:
                found.append(mention)
            position = mention.end if mention else position + 1
        return found

    def codes(self, name: str) -> tuple[str, ...]:
        """Every village of this name."""
        return tuple(self._villages.get(name, ()))

    def _at(self, text: str, position: int, found: list[Mention]) -> Mention | None:
        for length in self._lengths.get(text[position : position + 2], ()):
            name = text[position : position + length]
            if len(name) < length:
                continue
            if name in self._areas and not _runs_on(text, position + length, name):
                return self._area(text, position, name)
            if name in self._villages and self._stands_alone(text, position, found, name):
                return Mention(position, position + length, tuple(self._villages[name]))
            if found and found[-1].end == position and (codes := self._inside(name, found[-1], text)):
                return Mention(position, position + length, codes)
        return None

    def _inside(self, name: str, leader: Mention, text: str) -> tuple[str, ...]:
        """Codes of a short name that counts only right after the area it lies in."""
        if text.startswith(("镇", "乡", "街", "路", "中学", "医院", "卫生院", "市"), leader.end + len(name)):
            return ()  # named after the place, and not in it
        table = self._far if leader.digits <= 4 else self._bare
        return tuple(c for c in table.get(name, ()) if c.startswith(leader.codes))

    def _area(self, text: str, position: int, name: str) -> Mention:
        end = position + len(name)
        codes = self._areas[name]
        # 藁城市 is 藁城区 today: an old mark after the stem belongs to the name.
        if len(codes[0]) in (4, 6) and text[end : end + 1] in ("市", "县", "区") and name[-1] not in "市县区":
            end += 1
        shortest = min(map(len, codes))
        longest = max(map(len, codes))
        level = longest if longest <= 6 and text[end - 1] in "县区" else shortest
        return Mention(position, end, tuple(c for c in codes if len(c) == level))

    def _stands_alone(self, text: str, position: int, found: list[Mention], name: str) -> bool:
        touching = bool(found) and found[-1].end == position
        if not touching and not _BEFORE_NAME.search(text[:position][-1:]):
            return False
        tail = text[position + len(name) : position + len(name) + 2]
        if name.endswith(("村", "社区")):
            return not tail.startswith(("镇", "乡", "街道", "委", "站"))
        return not tail.startswith(("路", "街", "大", "镇", "乡", "小区", "酒", "饭", "公园", "广场", "市", "县", "区"))

    def _drop_doubtful_stems(self) -> None:
        # 藁城 means one county. A stem that several counties share says nothing.
        doubtful = [
            form
            for form, codes in self._areas.items()
            if len(codes) > 1 and not _COUNTY_MARK.search(form) and all(len(c) == 6 for c in codes)
        ]
        for form in doubtful:
            del self._areas[form]


def village_forms(name: str) -> set[str]:
    """The ways in which people write the village of an official name."""
    bare = _COMMITTEE.sub("", name)
    bare = bare.removesuffix("社区") if bare.endswith("村社区") else bare
    if not bare:
        return {name}
    if bare.endswith(("社区", "生活区", "管理区", "农场", "林场", "队", "连")):
        stem = bare.removesuffix("社区")
        return {bare, stem + "村"} if stem.endswith(_VILLAGE_END) else {bare}
    if bare.endswith("村"):
        return {bare, bare + "村"} if len(bare) == 2 else {bare}
    forms = {bare + "村"} if "居" not in name else {bare + "社区", bare + "村"}
    if len(bare) >= 3 and bare.endswith(_VILLAGE_END):
        forms.add(bare)
    return forms


def _division_forms(code: str, name: str, *, at_home: bool) -> set[str]:
    if _NOT_A_NAME.match(name):
        return set()
    if len(code) == 6 and (name.endswith("区") or not at_home):
        # 长安, 和平 or 新华 may mean anything, and so may the stem of a far county (平安, 东方).
        return {name}
    mark = {2: _PROVINCE_MARK, 4: _CITY_MARK, 6: _COUNTY_MARK}.get(len(code))
    if mark is None:
        return {name}
    stem = mark.sub("", name)
    return {name, stem} if len(stem) >= 2 and stem not in _EVERYDAY else {name}


def _runs_on(text: str, end: int, name: str) -> bool:
    # 北京路, 南京西路, 和平大街 name streets, not cities.
    return name[-1] not in "市县区省镇乡旗盟州道" and bool(_STREET_OR_ESTATE.match(text, end))


def _lengths_by_head(tables: Iterable[Mapping[str, list[str]]]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = defaultdict(set)
    for table in tables:
        for name in table:
            lengths[name[:2]].add(len(name))
    return {head: tuple(sorted(all_, reverse=True)) for head, all_ in lengths.items()}
