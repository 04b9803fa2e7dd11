"""
One finding for one thing: what falls behind in several areas is proposed for the area above, not area by area.

A supervisor who reads that reports are missing in nine counties of a city reads one line, and opens it for the nine.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sizao.protocol.oversight import Lines
from sizao.response.oversight.measures import Measure
from sizao.response.oversight.scorecards import Score
from sizao.terms import AREA_DIGITS, AreaLevel

Scored = Sequence[tuple[str, Measure, Score]]  # of each county and measure
_ABOVE = (AREA_DIGITS[AreaLevel.CITY], AREA_DIGITS[AreaLevel.PROVINCE])
MOST_NAMED = 12


@dataclass(slots=True)
class Group:
    """Areas that fall behind with one measure, as one; what was said of each, by area."""

    area_code: str
    measure: Measure
    said: dict[str, dict[str, object]] = field(default_factory=dict)


def gathered(
    found: Sequence[Group], proposed: Collection[tuple[str, str]], *, within: str, fewest: int
) -> list[Group]:  # fmt: skip
    """
    Put groups of one area each together where `fewest` and more lie in one area above, up to the area `within`.

    `proposed` are the areas and measures of proposals that wait already: they count, and are put together with the
    others.
    """
    groups = list(found)
    for digits in _ABOVE:
        if digits >= len(within):
            groups = _once(groups, proposed, digits, fewest)
    return groups


def _once(
    groups: Sequence[Group], proposed: Collection[tuple[str, str]], digits: int, fewest: int
) -> list[Group]:  # fmt: skip
    by_parent: dict[tuple[str, str], list[Group]] = {}
    for one in groups:
        by_parent.setdefault((one.area_code[:digits], one.measure.key), []).append(one)
    made = []
    for (parent, key), some in by_parent.items():
        # Cities are counted with cities: one county of another city does not make a thing of the province.
        level = min(size for size in AREA_DIGITS.values() if size > digits)
        here = {one.area_code for one in some if len(one.area_code) == level}
        waiting = {area for area, item in proposed if item == key and area.startswith(parent) and len(area) == level}
        if here and len(here | waiting) >= fewest:
            said = {area: told for one in some for area, told in one.said.items()}
            made.append(Group(parent, some[0].measure, said))
        else:
            made += some
    return made


def is_behind(score: Score, lines: Lines) -> bool:
    """Tell whether an area is behind with a measure: below the line, or several late now."""
    return below_line(score, lines) or score.late_now >= lines.missed


def below_line(score: Score, lines: Lines) -> bool:
    """Tell whether an area keeps too few of its clocks; of too few clocks nothing is said."""
    return score.clocks >= lines.fewest and score.share is not None and score.share < lines.share_kept


def counted(scored: Scored, area_code: str, measure: str, lines: Lines) -> dict[str, object]:
    """Count what a proposal rests on now: its areas that are behind, most late first, and their clocks together."""
    mine = [(area, score) for area, one, score in scored if one.key == measure and area.startswith(area_code)]
    behind = sorted((one for one in mine if is_behind(one[1], lines)), key=_worst)
    total = Score()
    for _, score in behind:
        total.add(score)
    return {
        "clocks": total.clocks, "kept": total.kept, "late_now": total.late_now, "n_areas": len(behind),
        "areas": [area for area, _ in behind[:MOST_NAMED]],
    }  # fmt: skip


def _worst(one: tuple[str, Score]) -> tuple[int, int, str]:
    area, score = one
    return -score.late_now, score.kept - score.clocks, area


def rule_of(group: Group) -> Mapping[str, object]:
    """Say by which rule a group is proposed; several clocks missed weigh more than a share below the line."""
    missed = [one for one in group.said.values() if one["rule"] == "missed"]
    if missed:
        return missed[0] | {"missed": sum(int(str(one["missed"])) for one in missed)}
    return next(iter(group.said.values()))
