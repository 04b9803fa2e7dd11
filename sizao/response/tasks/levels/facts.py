"""What the conditions of a level count, for all areas at once and as it was known at a moment."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from sizao.adapters.adjoining_areas import beside
from sizao.protocol.response_levels import LevelRules
from sizao.records.models import CaseChange, OfficialArea, Outbreak, Zone
from sizao.response import signals
from sizao.response.tasks.levels.standing import Levels, belonging
from sizao.terms import (
    AREA_DIGITS,
    LEVEL_OF_DIGITS,
    AlertState,
    AreaLevel,
    CaseStatus,
    LevelFact,
    OutbreakKind,
    ResponseLevel,
    ZoneLevel,
)

# The levels of area that have an authority which decides on a level.
DECIDING = (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.COUNTY)
DIGITS = tuple(AREA_DIGITS[level] for level in DECIDING)
_PART = {AREA_DIGITS[AreaLevel.PROVINCE]: AREA_DIGITS[AreaLevel.CITY], AREA_DIGITS[AreaLevel.CITY]: DIGITS[-1]}
_FOUND = (CaseStatus.CONFIRMED, CaseStatus.ASYMPTOMATIC)
_WAITING = (CaseStatus.POSITIVE, CaseStatus.SUSPECTED)
_OPEN = (AlertState.OPEN, AlertState.VERIFYING)
_TRUE = (AlertState.CONFIRMED, AlertState.ESCALATED)


@dataclass(slots=True)
class Facts:
    """
    What was counted by area code, for every area that has something; `watched` are areas with streams.

    `case_dates` has the day on which each case was first classified. An area that is missing has none of a thing.
    """

    day: date
    first_date: date | None
    case_dates: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[LevelFact, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    watched: set[str] = field(default_factory=set)

    def areas(self) -> set[str]:
        """List the areas of which anything is known."""
        return set(self.case_dates) | {code for one in self.counts.values() for code in one}

    def count(self, area_code: str, fact: LevelFact, days: int, since: date | None) -> int | None:
        """
        Say what a fact comes to in an area; None where it is not known.

        `since` is the day on which the area came to its level, from which days without a case are counted where there
        never was one.
        """
        match fact:
            case LevelFact.CASES:
                return self._recent(area_code, days)
            case LevelFact.PARTS_WITH_CASES:
                return self._parts(area_code, days)
            case LevelFact.DAYS_WITHOUT_CASE:
                return self._without(area_code, since)
            case LevelFact.ALERTS_OPEN | LevelFact.ALERTS_CONFIRMED:
                found = self.counts[fact][area_code]
                return found if found or self._is_watched(area_code) else None
            case LevelFact.NEIGHBOURS_IN_EMERGENCY if beside(area_code) is None:
                return None
        return self.counts[fact][area_code]

    def _recent(self, area_code: str, days: int) -> int:
        return sum((self.day - day).days < days for day in self.case_dates.get(area_code, ()))

    def _parts(self, area_code: str, days: int) -> int:
        digits = _PART.get(len(area_code), 0)
        parts = [code for code in self.case_dates if len(code) == digits and code.startswith(area_code)]
        return sum(self._recent(code, days) > 0 for code in parts)

    def _without(self, area_code: str, since: date | None) -> int | None:
        last = max(self.case_dates.get(area_code, ()), default=since or self.first_date)
        return None if last is None else (self.day - last).days

    def _is_watched(self, area_code: str) -> bool:
        return any(one.startswith(area_code) or area_code.startswith(one) for one in self.watched)


def facts_at(outbreak: Outbreak | None, as_of: datetime, within: str) -> Facts:
    """Count what is known of cases, alerts and zones in an area and its parts; neighbours are added by `spread`."""
    day = timezone.localtime(as_of).date()
    own = belonging(outbreak)
    found = Facts(day, own.first_date if own else None)
    mine = Q(outbreak=own) if own else Q(outbreak__kind=OutbreakKind.REAL)
    _cases(found, mine, as_of, within)
    _alerts(found, own, as_of, within)
    _zones(found, mine, as_of, within)
    if own is not None and own.kind == OutbreakKind.REPLAY:
        _official(found, own, within)
    return found


def spread(found: Facts, levels: Levels, asking: Iterable[str]) -> None:
    """
    Count neighbours and parts in emergency, by decision; `asking` are areas whose own conditions ask for one.

    Those are counted too: what is met next door does not wait for a signature next door.
    """
    standing = {code for code in levels.above_routine() if levels.standing(code).level == ResponseLevel.EMERGENCY}
    for code in standing | set(asking):
        for other in beside(code) or ():
            found.counts[LevelFact.NEIGHBOURS_IN_EMERGENCY][other] += 1
        for digits, part in _PART.items():
            if len(code) == part:
                found.counts[LevelFact.PARTS_IN_EMERGENCY][code[:digits]] += 1


def counts_of(found: Facts, rules: LevelRules, area_code: str, since: date | None) -> dict:
    """Give every count that some condition asks for, of one area."""
    return {
        (fact, days): found.count(area_code, fact, days, since)
        for fact in LevelFact
        for days in rules.days_counted(fact)
    }


def _cases(found: Facts, mine: Q, as_of: datetime, within: str) -> None:
    changes = CaseChange.objects.filter(_of_case(mine), case__area_code__startswith=within, at__lte=as_of)
    latest = changes.order_by("case_id", "-at", "-pk").distinct("case_id").values_list("case__area_code", "status")
    for area_code, status in latest:
        if status in _WAITING:
            _add(found.counts[LevelFact.CASES_WAITING], area_code)
    discarded = CaseChange.objects.filter(
        case=OuterRef("case"), status=CaseStatus.DISCARDED, at__lte=as_of, at__gte=OuterRef("at")
    )
    standing = changes.filter(~Exists(discarded), status__in=_FOUND)
    first = standing.values("case_id", "case__area_code").annotate(first_at=Min("at"))
    for area_code, first_at in first.values_list("case__area_code", "first_at"):
        for code in _held_by(area_code):
            found.case_dates[code].append(timezone.localtime(first_at).date())


def _of_case(mine: Q) -> Q:
    return Q(**{f"case__{name}": value for name, value in mine.children})


def _alerts(found: Facts, own: Outbreak | None, as_of: datetime, within: str) -> None:
    streams = signals.streams_of(own).filter(area_code__startswith=within)
    found.watched = set(streams.order_by().values_list("area_code", flat=True).distinct())
    for one in signals.alerts_at(own, within, as_of=as_of, states=[*_OPEN, *_TRUE]):
        if one.is_generated and own is not None and own.kind == OutbreakKind.REPLAY:
            continue  # beside what truly happened, nobody is alarmed by what a model made up
        fact = LevelFact.ALERTS_OPEN if one.state in _OPEN else LevelFact.ALERTS_CONFIRMED
        _add(found.counts[fact], one.area_code)


def _zones(found: Facts, mine: Q, as_of: datetime, within: str) -> None:
    zones = Zone.objects.filter(mine, area_code__startswith=within, published_at__lte=as_of)
    zones = zones.exclude(lifted_at__lte=as_of).exclude(level=ZoneLevel.LOW)
    for area_code in zones.values_list("area_code", flat=True):
        _add(found.counts[LevelFact.ZONES_PUBLISHED], area_code)


def _official(found: Facts, own: Outbreak, within: str) -> None:
    """Count what the authority itself listed on a day that is replayed."""
    listed = OfficialArea.objects.filter(
        outbreak=own, area_code__startswith=within, first_date__lte=found.day, last_date__gte=found.day
    ).exclude(level=ZoneLevel.LOW)
    for area_code in listed.values_list("area_code", flat=True):
        _add(found.counts[LevelFact.ZONES_PUBLISHED], area_code)


def _add(counter: Counter[str], area_code: str) -> None:
    counter.update(_held_by(area_code))


def _held_by(area_code: str) -> list[str]:
    return [area_code[:digits] for digits in DIGITS if digits <= len(area_code)]


def level_of(area_code: str) -> AreaLevel:
    """Name the level of an area code."""
    return LEVEL_OF_DIGITS[len(area_code)]


def since_of(levels: Levels, area_code: str) -> date | None:
    """Say the day on which an area came to the level it stands at by its own decision."""
    own = levels.latest.get(area_code)
    return timezone.localtime(own.starts_at).date() if own else None
