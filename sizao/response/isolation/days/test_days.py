"""Test days of people in a site: who is due, who was swabbed, what is known, what is overdue."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from sizao.records.models import IsolationOrder, IsolationSite, RosterEntry, Swab, Test, TestingRound
from sizao.response.isolation.days.inside import Inside, people_in
from sizao.terms import TestResult

KEPT = timedelta(days=30)  # swabs of rounds planned longer ago are of no order that still runs


@dataclass(frozen=True, slots=True)
class TestDay:
    """One test day of an order: when a swab was taken for it, and its result as far as known."""

    __test__ = False

    date: date
    taken_date: date | None = None
    result: TestResult | None = None

    @property
    def is_open(self) -> bool:
        return self.taken_date is None


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody to be swabbed in a site: singly, never pooled with strangers. Since when they are due."""

    inside: Inside
    since: date


def of_orders(orders: Iterable[IsolationOrder], *, as_of: datetime) -> Mapping[int, tuple[TestDay, ...]]:
    """
    Give the test days of orders (by id) from their first day on, with what was known of them at a moment.

    A swab serves the latest test day that is not after it. Days before an order began were nobody's to keep.
    """
    orders = list(orders)
    if not orders:
        return {}
    first = min(one.starts_date for one in orders)
    taken = _taken([one.person_id for one in orders], first, as_of=as_of)
    return {one.pk: _days(one, taken.get(one.person_id, {})) for one in orders}


def due(site: IsolationSite, day: date, *, as_of: datetime) -> list[Due]:
    """Give who is to be swabbed on a day: whose test day it is, or an earlier one is open, the longest due first."""
    inside = {one.order.pk: one for one in people_in(site, as_of=as_of) if one.order is not None}
    known = of_orders([one.order for one in inside.values() if one.order], as_of=as_of)
    found = []
    for pk, one in inside.items():
        open_days = [test.date for test in known[pk] if test.is_open and test.date <= day]
        served = [test.date for test in known[pk] if not test.is_open]
        # A later swab says more than the one that was missed before it.
        waits = [test for test in open_days if not served or test > max(served)]
        if waits:
            found.append(Due(one, min(waits)))
    return sorted(found, key=lambda one: one.since)


def positive(tests: Iterable[TestDay]) -> bool:
    """Tell whether one of some tests was positive."""
    return any(test.result == TestResult.POSITIVE for test in tests)


def _days(order: IsolationOrder, taken: Mapping[date, TestResult | None]) -> tuple[TestDay, ...]:
    dates = sorted(day for day in order.test_dates if order.starts_date <= day <= order.ends_date)
    found = []
    for place, day in enumerate(dates):
        until = dates[place + 1] if place + 1 < len(dates) else date.max
        serving = [one for one in taken if day <= one < until]
        found.append(_served(day, serving, taken))
    return tuple(found)


def _served(day: date, serving: list[date], taken: Mapping[date, TestResult | None]) -> TestDay:
    if not serving:
        return TestDay(day)
    positive_on = [one for one in serving if taken[one] == TestResult.POSITIVE]
    known = [one for one in serving if taken[one] is not None]
    which = min(positive_on or known or serving)
    return TestDay(day, which, taken[which])


def _taken(people: list[int], first: date, *, as_of: datetime) -> dict[int, dict[date, TestResult | None]]:
    """Give by person the days on which a swab was taken, with its result; a positive one stands for its day."""
    found: dict[int, dict[date, TestResult | None]] = defaultdict(dict)
    for person, day in _swabbed(people, first, as_of=as_of):
        found[person].setdefault(day, None)
    today = timezone.localtime(as_of).date()
    tests = Test.objects.filter(person__in=people, taken_date__gte=first, recorded_at__lte=as_of)
    for test in tests.order_by("recorded_at", "pk"):
        known = test.result is not None and (test.resulted_date is None or test.resulted_date <= today)
        result = TestResult(test.result) if known else None
        before = found[test.person_id].get(test.taken_date)
        if before != TestResult.POSITIVE and (result is not None or before is None):
            found[test.person_id][test.taken_date] = result
    return found


def _swabbed(people: list[int], first: date, *, as_of: datetime) -> Iterable[tuple[int, date]]:
    """Give person and day of swabs in testing rounds, whose results may not be there yet."""
    rounds = TestingRound.objects.filter(archived_at=None, planned_at__lte=as_of, planned_at__gte=as_of - KEPT)
    ids = list(rounds.values_list("pk", flat=True))
    if not ids:
        return []
    entries = RosterEntry.objects.filter(Q(person__in=people), round__in=ids)
    of = {(one_round, number): person for one_round, number, person in entries.values_list(
        "round_id", "number", "person_id"
    )}  # fmt: skip
    if not of:
        return []
    swabs = Swab.objects.filter(
        round__in={one for one, _ in of}, entry__in={number for _, number in of}, recorded_at__lte=as_of
    )
    taken = [
        (of[one_round, entry], timezone.localtime(at).date())
        for one_round, entry, at in swabs.values_list("round_id", "entry", "taken_at")
        if (one_round, entry) in of
    ]
    return [(person, day) for person, day in taken if day >= first]
