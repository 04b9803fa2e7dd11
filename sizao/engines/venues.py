"""
Group the mentions of venues: one hall, written in several ways, is one venue.

Named venues are grouped first where their area is known, then those without an area if only one venue
fits. A mention without a name (某饭店) joins only the one venue on its road that was visited the same day
for the same purpose. Two counties are never joined, and what fits several venues stays apart.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from sizao.engines.area_names import plain
from sizao.engines.venue_names import VenueName, family, parse
from sizao.terms import AREA_DIGITS, AreaLevel, PlaceKind, VenueMatch

# Similarity of names, 0 to 100 (rapidfuzz), from which on two names are one.
SIMILAR = 88.0
# A longer name that begins with a shorter one is a part of it (人民医院心内科), from this length and with no
# more than this behind it; one that ends with it may be another (梅花镇卫生院), so that takes more.
BEGINS_CHARACTERS, BEHIND_CHARACTERS, ENDS_CHARACTERS = 3, 5, 4
# A shorter name is not enough to find a venue in a county that the mention does not name (北国, 联通).
NAMED_CHARACTERS = 3
_AREAS = (PlaceKind.VILLAGE, PlaceKind.TOWN)


@dataclass(frozen=True, slots=True)
class Mention:
    """One report's words for a place. `area_code` of 6 to 12 digits, or None; `day` any count of days."""

    text: str
    place_kind: str
    event_kind: str
    area_code: str | None
    day: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The venue of a mention, why it belongs there, and how similar the name is (0 to 100)."""

    venue: int
    reason: VenueMatch
    score: float


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue under the name most used for it; `area_code` is the finest that a mention gave."""

    name: str
    area_code: str | None
    place_kind: str
    n_mentions: int


@dataclass(frozen=True, slots=True)
class Venues:
    """For each mention its venue, and the venues by number."""

    joined: tuple[Joined, ...]
    venues: tuple[Venue, ...]


@dataclass
class _Group:
    """A venue while it grows. Its first name represents it, so that a chain of likenesses cannot form."""

    core: str
    numbers: tuple[str, ...]
    family: str
    area_code: str | None
    members: list[int] = field(default_factory=list)


def group_venues(mentions: Sequence[Mention], names: Mapping[str, str]) -> Venues:
    """
    Group mentions into venues. `names` are the official names of area codes.

    The result depends neither on dice nor on the order of the mentions, but for the numbers of the venues.
    """
    parsed = [_parse(mention, names) for mention in mentions]
    work = _Work(mentions, parsed)
    work.join_named()
    work.join_nameless()
    return work.result()


def _parse(mention: Mention, names: Mapping[str, str]) -> VenueName:
    if mention.place_kind in _AREAS:
        # A village is itself, however it is written; nothing is like it.
        code = mention.area_code or ""
        own = code if len(code) == AREA_DIGITS[AreaLevel.VILLAGE] else plain(mention.text)
        return VenueName(own, "", "", (own,))
    return parse(mention.text, mention.area_code, names)


class _Work:
    def __init__(self, mentions: Sequence[Mention], parsed: Sequence[VenueName]) -> None:
        self.mentions, self.parsed = mentions, parsed
        self.groups: list[_Group] = []
        self.by_core: dict[str, list[int]] = defaultdict(list)
        self.by_family: dict[str, list[int]] = defaultdict(list)
        self.joined: dict[int, Joined] = {}

    def join_named(self) -> None:
        """Names with the finest area first, the most used first: they become the representatives."""
        named = [at for at, name in enumerate(self.parsed) if name.core]
        uses = Counter(self._key(at) for at in named)
        alike: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for at in named:
            alike[self._key(at)].append(at)
        for key in sorted(alike, key=lambda key: (-len(key[1]), -uses[key], key)):
            self._place(alike[key])

    def _key(self, at: int) -> tuple[str, str, str]:
        mention = self.mentions[at]
        return self.parsed[at].core, mention.area_code or "", family(mention.place_kind)

    def _place(self, members: list[int]) -> None:
        """Join mentions of one name, area and family to the one venue that fits, or open a new one."""
        scores = self._candidates(members[0])
        best = max(scores.values(), default=0.0)
        fitting = sorted(group for group, score in scores.items() if score == best)
        if len(fitting) == 1:
            self._join(members, fitting[0], _reason(best), best)
        elif not fitting:
            self._open(members, VenueMatch.FIRST)
        else:
            # One name that fits several venues: the mentions of one day and purpose may still be one.
            by_day: dict[tuple[int, str], list[int]] = defaultdict(list)
            for at in members:
                by_day[self.mentions[at].day, self.mentions[at].event_kind].append(at)
            for _, same_day in sorted(by_day.items()):
                self._open(same_day, VenueMatch.AMBIGUOUS, findable=False)

    def _candidates(self, at: int) -> dict[int, float]:
        name, mention = self.parsed[at], self.mentions[at]
        near = {*self.by_core[name.core], *self.by_family[family(mention.place_kind)]}
        scores = {
            number: _likeness(name, self.groups[number])
            for number in near
            if _compatible(mention.area_code, self.groups[number].area_code)
        }
        found = {number: score for number, score in scores.items() if score >= SIMILAR}
        if mention.area_code is None and len(name.core) < NAMED_CHARACTERS:
            return {number: score for number, score in found.items() if self.groups[number].area_code is None}
        return found

    def join_nameless(self) -> None:
        """Join mentions without a name to the one venue of the same road, day and purpose."""
        on_day: dict[tuple[str, int, str], set[int]] = defaultdict(set)
        for at, joined in self.joined.items():
            if road := self.parsed[at].road:
                on_day[road, self.mentions[at].day, self.mentions[at].event_kind].add(joined.venue)
        wanted: dict[int | None, list[int]] = defaultdict(list)
        for at in [at for at, name in enumerate(self.parsed) if not name.core]:
            wanted[self._only_one_there(at, on_day)].append(at)
        left = wanted.pop(None, [])
        for number, members in wanted.items():
            # A venue whose area nobody gave may be wanted from two counties; then it is neither's.
            if number is not None and _in_one_place([self.mentions[at].area_code for at in members]):
                self._join(members, number, VenueMatch.SAME_DAY, 0.0)
            else:
                left += members
        vague: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for at in sorted(left):
            vague[self._vague_key(at)].append(at)
        for _, members in sorted(vague.items(), key=lambda item: item[1]):
            self._open(members, VenueMatch.VAGUE, findable=False)

    def _only_one_there(self, at: int, on_day: Mapping[tuple[str, int, str], set[int]]) -> int | None:
        name, mention = self.parsed[at], self.mentions[at]
        there = [
            number
            for number in on_day.get((name.road, mention.day, mention.event_kind), ())
            if _compatible(mention.area_code, self.groups[number].area_code)
        ]
        return there[0] if name.road and len(there) == 1 else None

    def _vague_key(self, at: int) -> tuple[object, ...]:
        """Nameless mentions are one only by road or village, day, purpose and family; else each alone."""
        name, mention = self.parsed[at], self.mentions[at]
        if name.road or len(mention.area_code or "") == 12:
            return name.road, mention.area_code, family(mention.place_kind), mention.day, mention.event_kind
        return (at,)

    def _open(self, members: list[int], reason: VenueMatch, *, findable: bool = True) -> None:
        name, mention = self.parsed[members[0]], self.mentions[members[0]]
        number = len(self.groups)
        self.groups.append(_Group(name.core, name.numbers, family(mention.place_kind), mention.area_code))
        if findable:
            self.by_core[name.core].append(number)
            self.by_family[family(mention.place_kind)].append(number)
        self._join(members, number, reason, 100.0)

    def _join(self, members: list[int], number: int, reason: VenueMatch, score: float) -> None:
        group = self.groups[number]
        for at in members:
            repeats = reason == VenueMatch.FIRST and bool(group.members)
            group.members.append(at)
            self.joined[at] = Joined(number, VenueMatch.SAME_NAME if repeats else reason, score)

    def result(self) -> Venues:
        return Venues(
            tuple(self.joined[at] for at in range(len(self.mentions))),
            tuple(self._venue(group) for group in self.groups),
        )

    def _venue(self, group: _Group) -> Venue:
        mine = [self.mentions[at] for at in sorted(group.members)]
        texts, kinds = Counter(m.text for m in mine), Counter(m.place_kind for m in mine)
        name = max(texts, key=lambda text: (texts[text], len(text), text))
        kind = max(kinds, key=lambda kind: (kinds[kind], kind))
        return Venue(name, group.area_code, kind, len(mine))


def _reason(score: float) -> VenueMatch:
    return VenueMatch.SAME_NAME if score == 100 else VenueMatch.SIMILAR


def _compatible(one: str | None, other: str | None) -> bool:
    """An unknown area fits any; two known ones only if one lies inside the other."""
    return one is None or other is None or one.startswith(other) or other.startswith(one)


def _in_one_place(areas: Sequence[str | None]) -> bool:
    known = sorted({area for area in areas if area}, key=len)
    return all(_compatible(one, known[-1]) for one in known)


def _likeness(name: VenueName, group: _Group) -> float:
    if name.core == group.core:
        return 100.0
    if name.numbers != group.numbers:
        return 0.0
    # Just below equal, so that a venue of the very name is preferred to one that contains it.
    return 99.0 if _contained(name.core, group.core) else float(fuzz.ratio(name.core, group.core))


def _contained(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if long.startswith(short):
        return len(short) >= BEGINS_CHARACTERS and len(long) - len(short) <= BEHIND_CHARACTERS
    return long.endswith(short) and len(short) >= ENDS_CHARACTERS
