"""
Which official area a name in a report means.

Names repeat: a province has dozens of 李家庄村. A name is settled by the names that touch it
(藁城区增村镇小果庄村), else by the areas that the report names elsewhere, nearest first, else by
those that neighbouring reports name. What stays open between several villages stays None.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sizao.engines.reading.gazetteer import Gazetteer, Mention

VILLAGE, TOWNSHIP, COUNTY, CITY = 12, 9, 6, 4

_LIVES_BEFORE = re.compile(r"(?:现住|家住|居住[于在地]?|常住|住址|籍贯|户籍|系|住[在于])[^，。]{0,12}$")
_STAYS_AFTER = re.compile(
    r"^(?:\d+组)?(?:人(?![民员工家])|村民|家中|家里|自家|老家|居家|居住|无外出|未外出|活动[无未])"
)
_BACK_BEFORE = re.compile(r"(?:返回|回到|回|返)[^，。]{0,12}$")


_OWN = re.compile("本村|居村|在村|村里|村内")


@dataclass(frozen=True)
class Located:
    """A name in the text with the codes that it may still mean; `settled` when that is one."""

    start: int
    end: int
    codes: tuple[str, ...]
    alone: bool  # no other area name touches it from the left

    @property
    def settled(self) -> bool:
        """Whether the name means one area."""
        return len(self.codes) == 1

    @property
    def digits(self) -> int:
        """Length of the codes."""
        return len(self.codes[0])


def locate(text: str, gazetteer: Gazetteer, around: Sequence[str] = ()) -> list[Located]:
    """Find and settle the area names of plain text; `around` are codes that neighbours name."""
    found = _chained(gazetteer.find(text), gazetteer.provinces)
    named = [n for n in found if n.settled and not _doubtful(n)]
    found = [n if n in named else _by_context(n, named) for n in found]
    named = [n for n in found if n.settled and not _doubtful(n)]
    found = [n if n in named else _by_context(n, named) for n in found]
    return [_by_neighbours(n, around) for n in found]


def area_code(inside: Iterable[Located]) -> str | None:
    """The smallest settled area among the names of one place: a village, else its county."""
    codes = [n.codes[0] for n in inside if n.settled and n.digits >= COUNTY and not _doubtful(n)]
    counties = [c for n in inside if not n.settled if (c := _one_county(n))]
    best = max(codes, key=len, default=None) or (counties[0] if counties else None)
    if best is None:
        return None
    return best if len(best) == VILLAGE else best[:COUNTY]


def left_open(located: Iterable[Located]) -> bool:
    """Whether a name may still mean one of several areas."""
    return any(not name.settled or _doubtful(name) for name in located)


def home_village(text: str, located: Iterable[Located]) -> str | None:
    """The village where the case lives, when the report says so."""
    votes: dict[str, int] = {}
    for name in located:
        if name.settled and name.digits == VILLAGE and not _doubtful(name) and (vote := _lives_there(text, name)):
            votes[name.codes[0]] = max(votes.get(name.codes[0], 0), vote)
    best = max(votes.values(), default=0)
    winners = [code for code, vote in votes.items() if vote == best]
    return winners[0] if len(winners) == 1 else None


def _lives_there(text: str, name: Located) -> int:
    before, after = text[max(0, name.start - 18) : name.start], text[name.end : name.end + 8]
    if _LIVES_BEFORE.search(before):
        return 3
    if _STAYS_AFTER.match(after):
        return 2
    back = _BACK_BEFORE.search(before) and re.match(r"[，。；\s]|$|后|家", after)
    return 1 if back and _OWN.search(text) else 0


def _chained(mentions: Sequence[Mention], provinces: frozenset[str]) -> list[Located]:
    found: list[Located] = []
    for mention in mentions:
        leader = found[-1] if found and found[-1].end == mention.start else None
        codes = _within(mention.codes, leader.codes) if leader else mention.codes
        if leader and not codes and mention.digits <= COUNTY:
            leader, codes = None, mention.codes  # 原平市宁武县: two counties one after the other
        if leader and not codes:
            # 小果庄村 is not in the county named before it: an unknown place of that name there.
            continue
        if leader is None and len(codes) > 1:
            codes = tuple(c for c in codes if c[:2] in provinces) or codes
        found.append(Located(mention.start, mention.end, codes, alone=leader is None))
        if leader:
            narrowed = tuple(c for c in leader.codes if any(code.startswith(c) for code in codes))
            found[-2] = replace(leader, codes=narrowed or leader.codes)
    return found


def _within(codes: Iterable[str], leaders: Iterable[str]) -> tuple[str, ...]:
    prefixes = tuple(leaders)
    return tuple(c for c in codes if c.startswith(prefixes))


def _doubtful(name: Located) -> bool:
    # 东村 or 新村 standing alone may be any village, known to the register or not.
    return name.alone and name.digits == VILLAGE and name.end - name.start < 4


def _by_context(name: Located, named: Sequence[Located]) -> Located:
    near = sorted(named, key=lambda other: abs(other.start - name.start))
    for digits in (TOWNSHIP, COUNTY, CITY):
        for other in near:
            code = other.codes[0]
            if len(code) < digits:
                continue
            inside = tuple(c for c in name.codes if c[:digits] == code[:digits] and len(c) > min(len(code), digits) - 1)
            if len(inside) == 1:
                return replace(name, codes=inside, alone=False)
            # The nearest area that knows the name decides, even if it knows it twice.
            name = replace(name, codes=inside) if inside else name
    return name


def _by_neighbours(name: Located, around: Sequence[str]) -> Located:
    if name.settled and not _doubtful(name):
        return name
    inside = tuple(c for c in name.codes if c[:COUNTY] in around)
    return replace(name, codes=inside, alone=False) if len(inside) == 1 else name


def _one_county(name: Located) -> str | None:
    counties = {c[:COUNTY] for c in name.codes if len(c) >= COUNTY}
    return counties.pop() if len(counties) == 1 and not _doubtful(name) else None
