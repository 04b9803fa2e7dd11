"""Set proposed areas beside the official list: what was found, how much earlier or later, and what was not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sizao.terms import AREA_DIGITS, AreaLevel, AreaPart, ZoneMatch

COUNTY_DIGITS = AREA_DIGITS[AreaLevel.COUNTY]
# From the closest match to none.
_NEAREST = (ZoneMatch.SAME, ZoneMatch.WIDER, ZoneMatch.PART, ZoneMatch.NEARBY)
_PARTS = {str(part) for part in AreaPart}
_DIGITS = {str(level): digits for level, digits in AREA_DIGITS.items()}


class Zoned(Protocol):
    """An area on one level for an unbroken time; an open end is None."""

    @property
    def area_code(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def first_date(self) -> date: ...
    @property
    def last_date(self) -> date | None: ...


class Official(Zoned, Protocol):
    """An area of the official list; `unit` is an AreaLevel or an AreaPart."""

    @property
    def unit(self) -> str: ...


@dataclass(frozen=True, slots=True)
class OfficialRow:
    """
    An official area and the proposal that stands nearest to it.

    `days_before` is how many days the proposal came before the list (negative: after).
    """

    official: Official
    match: ZoneMatch
    proposed: Zoned | None
    days_before: int | None
    same_level: bool | None


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """A proposed area and the official one that stands nearest to it; `WIDER` means it lies inside."""

    proposed: Zoned
    match: ZoneMatch
    official: Official | None
    days_before: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides, so that neither what was missed nor what was too much is hidden."""

    official: tuple[OfficialRow, ...]
    proposed: tuple[ProposedRow, ...]

    def never_official(self) -> tuple[ProposedRow, ...]:
        """List the proposed areas that no official area matches or holds."""
        return tuple(row for row in self.proposed if row.match not in (ZoneMatch.SAME, ZoneMatch.WIDER))


def compare(proposed: Sequence[Zoned], official: Sequence[Official]) -> Comparison:
    """
    Match areas that overlap in time: the same area, one inside the other, or one of the same county.

    A compound has no code of its own: that a proposal names its community cannot be known, so a proposal
    below the area that holds it counts as NEARBY only.
    """
    return Comparison(
        tuple(_official_row(area, proposed) for area in official),
        tuple(_proposed_row(area, official) for area in proposed),
    )


def _official_row(area: Official, proposed: Iterable[Zoned]) -> OfficialRow:
    found = [(relation, p) for p in proposed if _overlap(area, p) and (relation := _seen_from_official(area, p))]
    if not found:
        return OfficialRow(area, ZoneMatch.NONE, None, None, None)
    relation, best = min(
        found, key=lambda pair: (_NEAREST.index(pair[0]), pair[1].level != area.level, pair[1].first_date)
    )
    return OfficialRow(area, relation, best, (area.first_date - best.first_date).days, best.level == area.level)


def _proposed_row(area: Zoned, official: Iterable[Official]) -> ProposedRow:
    found = [(relation, o) for o in official if _overlap(area, o) and (relation := _seen_from_proposal(area, o))]
    if not found:
        return ProposedRow(area, ZoneMatch.NONE, None, None)
    relation, best = min(
        found, key=lambda pair: (_NEAREST.index(pair[0]), pair[1].level != area.level, pair[1].first_date)
    )
    return ProposedRow(area, relation, best, (best.first_date - area.first_date).days)


def _overlap(one: Zoned, other: Zoned) -> bool:
    starts, ends = max(one.first_date, other.first_date), (one.last_date, other.last_date)
    return all(end is None or starts <= end for end in ends)


def _seen_from_official(official: Official, proposed: Zoned) -> ZoneMatch | None:
    relation = _seen_from_proposal(proposed, official)
    swapped = {ZoneMatch.WIDER: ZoneMatch.PART, ZoneMatch.PART: ZoneMatch.WIDER}
    return swapped.get(relation, relation) if relation else None


def _seen_from_proposal(proposed: Zoned, official: Official) -> ZoneMatch | None:
    mine, theirs = proposed.area_code, official.area_code
    # An uncoded part stands under its holder's code, but is smaller than it.
    if official.unit in _PARTS or len(theirs) < _DIGITS[official.unit]:
        if theirs.startswith(mine):
            return ZoneMatch.PART
        return _nearby(mine, theirs)
    if mine == theirs:
        return ZoneMatch.SAME
    if mine.startswith(theirs):
        return ZoneMatch.WIDER
    return ZoneMatch.PART if theirs.startswith(mine) else None


def _nearby(mine: str, theirs: str) -> ZoneMatch | None:
    return ZoneMatch.NEARBY if mine[:COUNTY_DIGITS] == theirs[:COUNTY_DIGITS] else None
