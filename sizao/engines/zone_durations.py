"""
How long official risk areas really stood, against the days that the edition of their first day asked for.

An area stands from the first day it is listed to the last, both counted. n days without a new infection end with
day n after day 0, so an area with nothing new stands n or n + 1 listed days, as the list comes out in the morning or
in the evening: both are called kept. A list that was taken over under another spelling goes on.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

from sizao.engines.area_names import compound_key
from sizao.terms import ZoneLevel


class Verdict(StrEnum):
    """How an area's days stand to the rule."""

    SHORTER = "shorter"
    KEPT = "kept"
    LONGER = "longer"
    NO_RULE = "no_rule"  # the edition knows no such level, or sets no days for it
    CUT = "cut"  # listed on the first or last day of the collection: nobody knows how long
    ACROSS = "across"  # the edition changed while it stood


@dataclass(frozen=True, slots=True)
class Listed:
    """An area on one level of the official lists, from a first to a last day; `place` is what holds it."""

    place: str
    name: str
    unit: str
    level: ZoneLevel
    first_date: date
    last_date: date

    @property
    def days(self) -> int:
        """Listed days, the first and the last among them."""
        return (self.last_date - self.first_date).days + 1


@dataclass(frozen=True, slots=True)
class EditionDays:
    """The days an edition asks for, by level; `step_down` those on the middle level after the strict one."""

    edition: str
    first_date: date
    days: dict[ZoneLevel, int]
    step_down: int | None


@dataclass(frozen=True, slots=True)
class Stood:
    """One area with the edition of its first day, the days asked for, and how it stood to them."""

    listed: Listed
    edition: str
    rule_days: int | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """Areas of one edition, level and unit: how many, of how many the days are known, and what they came to."""

    edition: str
    level: ZoneLevel
    unit: str
    rule_days: int | None
    n: int
    n_judged: int
    shorter: int
    kept: int
    longer: int
    cut: int
    across: int
    median_days: float | None


def joined(listed: Iterable[Listed]) -> list[Listed]:
    """Join intervals of one area on one level that follow each other without a free day."""
    groups: dict[tuple[str, str, str], list[Listed]] = defaultdict(list)
    for one in listed:
        groups[one.place, compound_key(one.name), str(one.level)].append(one)
    found: list[Listed] = []
    for mine in groups.values():
        mine.sort(key=lambda one: (one.first_date, one.last_date))
        run = mine[0]
        for one in mine[1:]:
            if one.first_date <= run.last_date + timedelta(days=1):
                run = replace(run, last_date=max(run.last_date, one.last_date))
            else:
                found.append(run)
                run = one
        found.append(run)
    return sorted(found, key=lambda one: (one.first_date, one.place, one.name, one.level))


def judged(listed: Sequence[Listed], editions: Sequence[EditionDays]) -> list[Stood]:
    """Set each area beside the rule; a middle level right after the strict one has the days of stepping down."""
    if not listed:
        return []
    first, last = min(one.first_date for one in listed), max(one.last_date for one in listed)
    strict_ends = {(one.place, compound_key(one.name), one.last_date) for one in listed if one.level == ZoneLevel.HIGH}
    found = []
    for one in listed:
        rule = _in_force(editions, one.first_date)
        key = (one.place, compound_key(one.name))
        stepped = one.level == ZoneLevel.MEDIUM and any(
            (*key, one.first_date - timedelta(days=back)) in strict_ends for back in (0, 1)
        )
        days = rule.step_down if stepped and rule.step_down else rule.days.get(one.level)
        verdict = _verdict(one, days, rule, _in_force(editions, one.last_date), first, last)
        found.append(Stood(one, rule.edition, days, verdict))
    return found


def _in_force(editions: Sequence[EditionDays], day: date) -> EditionDays:
    return max((one for one in editions if one.first_date <= day), key=lambda one: one.first_date)


def _verdict(
    one: Listed, days: int | None, rule: EditionDays, then: EditionDays, first: date, last: date
) -> Verdict:  # fmt: skip
    if one.first_date == first or one.last_date == last:
        return Verdict.CUT
    if rule.edition != then.edition:
        return Verdict.ACROSS
    if days is None:
        return Verdict.NO_RULE
    if one.days < days:
        return Verdict.SHORTER
    return Verdict.KEPT if one.days <= days + 1 else Verdict.LONGER


def grouped(stood: Iterable[Stood], *, by_unit: bool) -> list[Group]:
    """Count the verdicts by edition, level and days asked for, and by unit where asked."""
    groups: dict[tuple[str, str, int | None, str], list[Stood]] = defaultdict(list)
    for one in stood:
        groups[one.edition, one.listed.level, one.rule_days, one.listed.unit if by_unit else "all"].append(one)
    return [_group(key[3], mine) for key, mine in sorted(groups.items(), key=lambda pair: str(pair[0]))]


def _group(unit: str, mine: list[Stood]) -> Group:
    one = mine[0]
    count = {verdict: sum(other.verdict == verdict for other in mine) for verdict in Verdict}
    known = [other.listed.days for other in mine if other.verdict not in (Verdict.CUT, Verdict.ACROSS)]
    return Group(
        edition=one.edition,
        level=one.listed.level,
        unit=unit,
        rule_days=one.rule_days,
        n=len(mine),
        n_judged=count[Verdict.SHORTER] + count[Verdict.KEPT] + count[Verdict.LONGER],
        shorter=count[Verdict.SHORTER],
        kept=count[Verdict.KEPT],
        longer=count[Verdict.LONGER],
        cut=count[Verdict.CUT],
        across=count[Verdict.ACROSS],
        median_days=median(known) if known else None,
    )
