"""How ready areas stand: from the decisions of their own authority, and from what higher levels ordered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.protocol.response_levels import Switch
from sizao.records.models import LevelDecision, Outbreak
from sizao.terms import LEVEL_OF_DIGITS, LevelReach, ResponseLevel


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How ready an area stands: the highest of its own level and of what was ordered for all areas within a higher one.

    `own` and `ordered` are the decisions these follow from, None where there is none. `commanded_by` is the decision by
    which a higher level decides here (提级指挥).
    """

    area_code: str
    level: ResponseLevel
    own: LevelDecision | None
    ordered: LevelDecision | None
    commanded_by: LevelDecision | None

    @property
    def decision(self) -> LevelDecision | None:
        """The decision that the level follows from."""
        return self.ordered if self.ordered is not None and self.ordered.level == self.level else self.own

    @property
    def switch(self) -> Switch:
        """What the level switches."""
        return shipped_level_rules().switches[self.level]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often areas report at a level, and by which hour of the day after the period."""

    level: ResponseLevel
    every_days: int
    due_hour: int

    def due_at(self, last_date: date) -> datetime:
        """Say by when the report of a period is due that ended with this day."""
        return timezone.make_aware(datetime.combine(last_date + timedelta(days=1), time(self.due_hour)))

    def ends_period(self, day: date) -> bool:
        """Tell whether a period ends with this day: each one, or the Sundays of a weekly rhythm."""
        return day.isocalendar().weekday % self.every_days == 0 if self.every_days <= _WEEK else day.day == 1


@dataclass(frozen=True, slots=True)
class Required:
    """Which kinds of team stand ready at a level, and within how many hours."""

    level: ResponseLevel
    teams: tuple[str, ...]
    ready_hours: int


_WEEK = 7


class Rhythms:
    """By which rhythm areas reported on each day, read once for many areas and days."""

    def __init__(self, outbreak: Outbreak | None, as_of: datetime) -> None:
        rows = LevelDecision.objects.filter(outbreak=belonging(outbreak), decided_at__lte=as_of)
        self._decided = list(rows.order_by("starts_at", "pk"))
        self._levels: dict[date, Levels] = {}

    def of(self, area_code: str, day: date) -> Rhythm | None:
        """Say the rhythm of an area's level at the end of a day; None where nobody has decided on a level there."""
        if not self._decided:
            return None
        if day not in self._levels:
            over_at = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
            # The later decision of an area takes the place of the one before.
            self._levels[day] = Levels({one.area_code: one for one in self._decided if one.starts_at < over_at})
        found = self._levels[day].standing(area_code)
        if found.decision is None:
            return None
        return Rhythm(found.level, found.switch.report_every_days, found.switch.report_due_hour)


def belonging(outbreak: Outbreak | None) -> Outbreak | None:
    """Say whose levels count: those of a rehearsal are its own; in real life levels belong to areas, not outbreaks."""
    return None if outbreak is None or outbreak.acts_on_people else outbreak


class Levels:
    """The decisions that stand at a moment, read once for many areas."""

    def __init__(self, latest: Mapping[str, LevelDecision]) -> None:
        self.latest = latest

    @classmethod
    def at(cls, as_of: datetime, outbreak: Outbreak | None = None) -> "Levels":
        """Read the latest decision of each area that had begun by a moment."""
        rows = LevelDecision.objects.filter(
            outbreak=belonging(outbreak), decided_at__lte=as_of, starts_at__lte=as_of
        ).select_related("decided_by")
        rows = rows.order_by("area_code", "-starts_at", "-pk").distinct("area_code")
        return cls({one.area_code: one for one in rows})

    def standing(self, area_code: str) -> Standing:
        """Say how an area of any level stands."""
        own = self.latest.get(area_code)
        above = [one for one in self._above(area_code) if one.reach == LevelReach.BELOW]
        ordered = max(above, key=_height, default=None)
        level = max((_height(one) for one in (own, ordered) if one is not None), default=0)
        commanding = [one for one in above if one.takes_command]
        if own is not None and own.takes_command and own.ordered_by != area_code:
            commanding.append(own)
        return Standing(
            area_code=area_code,
            level=list(ResponseLevel)[level],
            own=own,
            ordered=ordered,
            commanded_by=min(commanding, key=lambda one: len(one.ordered_by), default=None),
        )

    def above_routine(self) -> list[str]:
        """List the areas whose own decision keeps them above routine."""
        return sorted(code for code, one in self.latest.items() if one.level != ResponseLevel.ROUTINE)

    def _above(self, area_code: str) -> Iterable[LevelDecision]:
        codes = [area_code[:digits] for digits in LEVEL_OF_DIGITS if digits < len(area_code)]
        return [self.latest[code] for code in codes if code in self.latest]


def standing(area_code: str, as_of: datetime, outbreak: Outbreak | None = None) -> Standing:
    """Say how one area stands at a moment; `outbreak` where it is rehearsed, whose levels are its own."""
    return Levels.at(as_of, outbreak).standing(area_code)


def rhythm(area_code: str, as_of: datetime, outbreak: Outbreak | None = None) -> Rhythm:
    """Say how often an area reports at a moment, and by when: what its level switches."""
    found = standing(area_code, as_of, outbreak).switch
    return Rhythm(found.level, found.report_every_days, found.report_due_hour)


def required(area_code: str, as_of: datetime, outbreak: Outbreak | None = None) -> Required:
    """Say which kinds of team (keys of the list of kinds) stand ready in an area at a moment."""
    found = standing(area_code, as_of, outbreak).switch
    return Required(found.level, found.teams, found.ready_hours)


def leads(area_code: str, as_of: datetime, outbreak: Outbreak | None = None) -> tuple[str, ...]:
    """Name the pages that somebody of an area is led to first."""
    return standing(area_code, as_of, outbreak).switch.leads


def _height(one: LevelDecision) -> int:
    return ResponseLevel(one.level).rank  # type: ignore[call-arg]
