"""
Count days and hours, and show each sum.

Day 0 is the day of the last exposure (or of leaving a risk area); day n ends at 24:00. The sources do
not say at what hour a day ends; this is the natural choice, written down here and nowhere else. Days run
by civil date, hours from an instant, and neither is ever turned into the other.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Generic, TypeVar

from sizao.errors import SizaoError
from sizao.protocol.values import Value

Moment = TypeVar("Moment", date, datetime)


class WrongUnit(SizaoError):
    """Hours were counted as days, or something as neither."""

    code = "protocol.wrong_unit"
    message = "{key} is in {unit}, so it cannot be counted in {wanted}. Ask for a key that is."


class BeyondTheCalendar(SizaoError):
    """A sum runs past the last date there is."""

    code = "protocol.beyond_the_calendar"
    message = "{start} + {amount} {unit} ({key}) runs past the calendar. Check the start."


@dataclass(frozen=True, slots=True)
class Sum(Generic[Moment]):
    """A derived date or moment with all that it was made from."""

    start: Moment
    amount: int
    unit: str
    result: Moment
    edition: str
    key: str

    @property
    def is_empty(self) -> bool:
        """Tell whether the rule says zero: there is no such period at all."""
        return self.amount == 0

    def ends_at(self, zone: tzinfo) -> datetime:
        """Say the instant at which the last day is over: 24:00 of the result, in the zone of the place."""
        if isinstance(self.result, datetime):
            return self.result
        return datetime.combine(self.result + timedelta(days=1), time(), tzinfo=zone)

    def told(self, language: str, zone: tzinfo | None = None, cited: str = "") -> str:
        """
        Tell the sum in one sentence, in `zh` or `en`.

        With a `zone`, moments are told by its clocks; without one, as they are, with their offset. `cited` names the
        value for a reader; without it edition and key stand there as they are written.
        """
        zh = language.startswith("zh")
        start, result = _written(self.start, zone), _written(self.result, zone)
        unit = _UNIT_ZH[self.unit] if zh else _counted(self.unit, self.amount)
        if self.unit == _DAY_NUMBER:
            total = f"{start} 起第 {self.amount} 天 = {result}" if zh else f"Day {self.amount} from {start} = {result}"
        else:
            total = f"{start} + {self.amount} {unit} = {result}"
        if self.unit == _DAYS:
            total += " 24:00 止" if zh else ", until 24:00"
        by = cited or (f"{self.edition}，{self.key}" if zh else f"{self.edition}, {self.key}")
        return f"{total}（{by}）" if zh else f"{total} ({by})."


_DAYS, _HOURS, _DAY_NUMBER = "days", "hours", "day number"
_UNIT_ZH = {_DAYS: "天", _HOURS: "小时", _DAY_NUMBER: "天"}


def period_end(day_zero: date, days: Value) -> Sum[date]:
    """
    Say the last day of a period of days; it ends at 24:00 of that day.

    A period of zero days ends on day zero and `is_empty`: there is nothing to serve.
    """
    _expect(days, _DAYS)
    return _sum(day_zero, days.whole, _DAYS, days)


def numbered_dates(day_zero: date, days: Value) -> tuple[Sum[date], ...]:
    """Say the dates of numbered days, such as test days: day n is n days after day zero."""
    if isinstance(days.value, tuple):
        _expect(days, _DAYS)
        return tuple(_sum(day_zero, number, _DAY_NUMBER, days) for number in days.numbers)
    _expect(days, _DAY_NUMBER)
    return (_sum(day_zero, days.whole, _DAY_NUMBER, days),)


def deadline(start: datetime, hours: Value) -> Sum[datetime]:
    """Say the instant by which something is due, counted from an instant with a zone."""
    _expect(hours, _HOURS)
    if start.tzinfo is None:
        raise TypeError("A deadline runs from an instant: pass a moment with a zone.")
    amount = hours.whole
    try:
        # In UTC, because adding to a local time would skip or repeat the hour in which clocks change.
        due = (start.astimezone(UTC) + timedelta(hours=amount)).astimezone(start.tzinfo)
    except OverflowError:
        raise BeyondTheCalendar(start=start, amount=amount, unit=_HOURS, key=hours.key) from None
    return Sum(start, amount, _HOURS, due, hours.origin, hours.key)


def _expect(value: Value, unit: str) -> None:
    if value.unit != unit:
        raise WrongUnit(key=value.key, unit=value.unit or "no unit", wanted=unit)


def _sum(start: date, amount: int, unit: str, value: Value) -> Sum[date]:
    if isinstance(start, datetime):
        raise TypeError("Days are counted from a civil date, not from a moment: pass a date.")
    try:
        return Sum(start, amount, unit, start + timedelta(days=amount), value.origin, value.key)
    except OverflowError:
        raise BeyondTheCalendar(start=start, amount=amount, unit=unit, key=value.key) from None


def _written(moment: date, zone: tzinfo | None) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if zone is None:
        return moment.isoformat(sep=" ", timespec="minutes")
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _counted(unit: str, amount: int) -> str:
    return unit.removesuffix("s") if amount == 1 else unit
