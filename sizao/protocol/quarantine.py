"""
The stages that a contact goes through by an edition: central site, home, monitoring, each with its days.

Days already passed count: every stage runs from day zero, so that a contact found late serves only what
is left, and one found after a whole stage goes straight to the next.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sizao.protocol import basis
from sizao.protocol.days import Sum, numbered_dates, period_end
from sizao.protocol.rules.rules import Rules
from sizao.terms import ContactKind, OrderKind

# The name that the editions give to the exception for children.
CHILDREN_GROUP = "age_14_or_under"
# All that decides about a contact; where one of these still waits for confirmation, nothing is proposed.
KEYS = (
    "contacts.close.enabled",
    "contacts.close.central_days",
    "contacts.close.central_test_days",
    "contacts.close.home_isolation_days",
    "contacts.close.home_monitoring_days",
    "contacts.close.home_test_days",
    "contacts.close.home_exempt_groups",
    "contacts.close.child_age_up_to_years",
    "contacts.secondary.enabled",
    "contacts.secondary.place",
    "contacts.secondary.days",
    "contacts.secondary.test_days",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: what is asked, its first and last day, its test days, and the values it came from."""

    kind: OrderKind
    first_date: date
    end: Sum[date]
    tests: tuple[Sum[date], ...]
    basis: tuple[dict[str, Any], ...]

    @property
    def last_date(self) -> date:
        return self.end.result


def stages(rules: Rules, kind: ContactKind, day_zero: date, *, age_years: int | None = None) -> tuple[Stage, ...]:
    """
    Say the stages for a contact of this kind whose last exposure was on `day_zero`.

    Empty when the edition asks nothing of such contacts. A child within the edition's exception serves
    the central days at home. `age_years` is None where it is not known: then no exception is taken.
    """
    if kind == ContactKind.CLOSE and rules.need("contacts.close.enabled").flag:
        return _of_close(rules, day_zero, age_years)
    if kind == ContactKind.SECONDARY and rules.need("contacts.secondary.enabled").flag:
        place = rules.need("contacts.secondary.place")
        asked = OrderKind.CENTRAL if place.text == "central" else OrderKind.HOME
        keys = "contacts.secondary.days", "contacts.secondary.test_days"
        found = _stage(rules, asked, keys, day_zero, (basis.entry(place, gives="kind"),))
        return (found,) if found else ()
    return ()


def _of_close(rules: Rules, day_zero: date, age_years: int | None) -> tuple[Stage, ...]:
    first, why = _first_place(rules, age_years)
    steps = (
        (first, ("contacts.close.central_days", "contacts.close.central_test_days"), why),
        (OrderKind.HOME, ("contacts.close.home_isolation_days", "contacts.close.home_test_days"), ()),
        (OrderKind.MONITORING, ("contacts.close.home_monitoring_days", "contacts.close.home_test_days"), ()),
    )
    found: list[Stage] = []
    start = day_zero
    for asked, keys, more in steps:
        stage = _stage(rules, asked, keys, start, more)
        if stage is not None:
            found.append(stage)
            start = stage.last_date
    return tuple(found)


def _stage(
    rules: Rules, asked: OrderKind, keys: tuple[str, str], day_zero: date, more: tuple[dict[str, Any], ...]
) -> Stage | None:
    days_key, tests_key = keys
    days = rules.need(days_key)
    end = period_end(day_zero, days)
    if end.is_empty:
        return None
    cited = [basis.entry(days, end, gives="ends_date"), *more]
    tests: tuple[Sum[date], ...] = ()
    if rules.says(tests_key):
        value = rules.need(tests_key)
        tests = tuple(test for test in numbered_dates(day_zero, value) if test.result <= end.result)
        cited += [basis.entry(value, test, gives="test_date") for test in tests]
    return Stage(asked, day_zero + timedelta(days=1), end, tests, tuple(cited))


def _first_place(rules: Rules, age_years: int | None) -> tuple[OrderKind, tuple[dict[str, Any], ...]]:
    """Say whether the central days may be served at home, and by which values."""
    if age_years is None or not rules.says("contacts.close.home_exempt_groups"):
        return OrderKind.CENTRAL, ()
    groups, limit = rules.need("contacts.close.home_exempt_groups"), rules.need("contacts.close.child_age_up_to_years")
    if CHILDREN_GROUP not in groups.texts or age_years > limit.whole:
        return OrderKind.CENTRAL, ()
    return OrderKind.HOME, (basis.entry(groups, gives="kind"), basis.entry(limit, gives="kind"))


def age_on(birth_date: date | None, day: date) -> int | None:
    """Say somebody's age in whole years on a day; None when the birth date is not known."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
