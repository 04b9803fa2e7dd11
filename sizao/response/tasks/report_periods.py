"""
Which days an area reports together: a period ends with a day that is owed, and begins after the one before.

What a report that stands holds is its own for good, whatever is decided later: no day is lost by a change of the
rhythm, and none is told twice.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sizao.records.models import DailyReport, Outbreak
from sizao.response.tasks.levels.standing import Rhythm, Rhythms

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Consecutive civil days that one report holds; of a daily report the first is the last."""

    first_date: date
    last_date: date

    @property
    def n_days(self) -> int:
        return (self.last_date - self.first_date).days + 1

    @property
    def is_day(self) -> bool:
        return self.first_date == self.last_date

    def __str__(self) -> str:
        return str(self.last_date) if self.is_day else f"{self.first_date}–{self.last_date}"

    def days(self) -> list[date]:
        """List the days in order."""
        return [self.first_date + n * _DAY for n in range(self.n_days)]


class Periods:
    """The periods of the areas of an outbreak as known at a moment, read once for many areas and days."""

    def __init__(self, outbreak: Outbreak, as_of: datetime, within: str = "") -> None:
        self.outbreak, self.as_of, self.within = outbreak, as_of, within
        self._rhythms = Rhythms(outbreak, as_of)
        self._last_date = last_day(outbreak, as_of)
        self._held: dict[date, dict[str, Period]] = {}

    def rhythm(self, area_code: str, day: date) -> Rhythm | None:
        """Say the rhythm of an area's level at the end of a day; None where nobody has decided on a level there."""
        return self._rhythms.of(area_code, day)

    def read(self, days: list[date]) -> None:
        """Read what the reports of days hold, all at once."""
        if not days:
            return
        self._held |= {day: {} for day in days}
        for code, period in self._rows(min(days), max(days)):
            for day in period.days():
                if day in self._held:
                    self._held[day][code] = period

    def held(self, area_code: str, day: date) -> Period | None:
        """Say which period of a standing report of an area holds a day."""
        if day not in self._held:
            self.read([day])
        return self._held[day].get(area_code)

    def owes(self, area_code: str, day: date) -> bool:
        """Tell whether an area owes a report that ends with this day: one that stands, else by its rhythm."""
        if (period := self.held(area_code, day)) is not None:
            return period.last_date == day
        # The last day of an outbreak ends a period too, or its last days would stand in no report.
        return day == self._last_date or by_rhythm(self.rhythm(area_code, day), day)

    def ending(self, area_code: str, day: date) -> Period:
        """Give the period that ends, or would end, with a day."""
        if (period := self.held(area_code, day)) is not None and period.last_date == day:
            return period
        first = day
        while first > self.outbreak.first_date and not self.owes(area_code, first - _DAY):
            first -= _DAY
        return Period(first, day)

    def holding(self, area_code: str, day: date) -> Period:
        """Give the period in which a day stands or, by the rhythm as known, will stand."""
        if (period := self.held(area_code, day)) is not None:
            return period
        last = day
        while not self.owes(area_code, last):
            last += _DAY
        return self.ending(area_code, last)

    def _rows(self, first: date, last: date) -> list[tuple[str, Period]]:
        rows = DailyReport.objects.filter(outbreak=self.outbreak, area_code__startswith=self.within).of_areas()
        rows = rows.standing_at(self.as_of).holding(first, last)
        return [(code, Period(*days)) for code, *days in rows.values_list("area_code", "first_date", "date")]


def by_rhythm(rhythm: Rhythm | None, day: date) -> bool:
    """Tell whether a period ends with a day: each day, or by the rhythm of the level the last of its week."""
    return rhythm is None or rhythm.ends_period(day)


def last_day(outbreak: Outbreak, as_of: datetime) -> date | None:
    """Say the last day of an outbreak, None while nobody knows it."""
    closed = outbreak.closed_at if outbreak.closed_at and outbreak.closed_at <= as_of else None
    return min((day for day in (outbreak.last_date, closed and outbreak.day_of(closed)) if day), default=None)
