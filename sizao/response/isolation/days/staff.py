"""
Who works in a site: inside its closed loop from one day to another, tested as the edition asks, watched after leaving.

They are never counted among the people in isolation: they have no stay in a room and no order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.days import period_end
from sizao.records import access, journal
from sizao.records.models import Account, IsolationSite, Outbreak, SiteStaff, StaffTest
from sizao.response import outbreaks
from sizao.terms import Right

EVERY = "testing.occupational.high_risk_interval_days"
AFTER = "testing.occupational.after_loop_days"


class StaffInALoop(SizaoError):
    code = "staff.in_a_loop"
    message = "{number} is in a closed loop on these days already. Let them leave that one first."


class StaffUnreadable(SizaoError):
    code = "staff.unreadable"
    message = "Give the staff number and the duty."


class LastTestMissing(SizaoError):
    code = "staff.last_test_missing"
    message = "{number} has no negative test since {since}. Take one and wait for its result; then they may leave."


class StaffPositive(SizaoError):
    code = "staff.positive"
    message = "The last test of {number} is positive. They do not leave as staff: report them as a case."


class LeftAlready(SizaoError):
    code = "staff.left_already"
    message = "{number} left the loop on {day}. Nothing was changed."


class LeavesBeforeComing(SizaoError):
    code = "staff.leaves_before_coming"
    message = "{number} came on {starts}, so cannot leave on {day}. Check the day."


@dataclass(frozen=True, slots=True)
class StaffLine:
    """Somebody inside a loop: their latest test, since when one is due, and whether that day has passed."""

    staff: SiteStaff
    latest: StaffTest | None
    due_date: date | None
    is_missed: bool


@transaction.atomic
def enter_staff(
    *,
    site: IsolationSite,
    number: str,
    duty: str,
    starts_date: date,
    by: Account,
    now: datetime,
    name: str = "",
    phone: str = "",
) -> SiteStaff:
    """Record that somebody enters a site's closed loop. Raise StaffUnreadable, StaffInALoop or the door's refusal."""
    access.require(by, Right.SITE_MANAGE, area_code=site.area_code)
    number, duty = number.strip()[:40], duty.strip()[:60]
    if not number or not duty:
        raise StaffUnreadable
    staff = SiteStaff(
        site=site,
        number=number,
        duty=duty,
        name=name.strip()[:60] or None,
        phone=phone.strip()[:40] or None,
        starts_date=starts_date,
        recorded_at=now,
        recorded_by=by.username,
        source_key=f"staff:{site.pk}:{number}:{starts_date}",
    )
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
    except IntegrityError as clash:
        raise StaffInALoop(number=number) from clash
    journal.write("staff.entered", staff, by=by, at=now)
    return staff


@transaction.atomic
def record_staff_test(
    *, staff: SiteStaff, taken_at: datetime, is_positive: bool | None, by: Account, now: datetime
) -> StaffTest:
    """
    Record a test of somebody in a loop, or the result of one that is on record; a result that stands is kept.

    `is_positive` None: not known yet. Raise the door's refusal.
    """
    access.require(by, Right.SITE_WORK, area_code=staff.site.area_code)
    test, is_new = StaffTest.objects.get_or_create(
        source_key=f"staff-test:{staff.pk}:{taken_at.isoformat()}",
        defaults={
            "staff": staff,
            "taken_at": taken_at,
            "is_positive": is_positive,
            "result_at": None if is_positive is None else now,
            "recorded_by": by.username,
        },
    )
    if not is_new and test.is_positive is None and is_positive is not None:
        test.is_positive, test.result_at = is_positive, now
        test.save(update_fields=["is_positive", "result_at"])
    journal.write("staff.tested", test, by=by, at=now, new=is_new)
    return test


@transaction.atomic
def leave_loop(*, staff: SiteStaff, last_date: date, outbreak: Outbreak, by: Account, now: datetime) -> SiteStaff:
    """
    Record that somebody leaves the loop after their last day; the days they are watched follow from the edition.

    Nobody leaves with a missing or positive last test. Raise LastTestMissing, StaffPositive, LeftAlready,
    LeavesBeforeComing or the door's refusal.
    """
    staff = SiteStaff.objects.select_for_update(of=["self"]).select_related("site").get(pk=staff.pk)
    access.require(by, Right.SITE_MANAGE, area_code=staff.site.area_code)
    if staff.ends_date is not None:
        raise LeftAlready(number=staff.number, day=staff.ends_date)
    if last_date < staff.starts_date:
        raise LeavesBeforeComing(number=staff.number, starts=staff.starts_date, day=last_date)
    rules = outbreaks.rules_at(outbreak, now)
    since = last_date - timedelta(days=every(rules) or 1)
    latest = _latest([staff.pk], as_of=now).get(staff.pk)
    if latest is not None and latest.is_positive:
        raise StaffPositive(number=staff.number)
    if latest is None or latest.is_positive is None or outbreak.day_of(latest.taken_at) < since:
        raise LastTestMissing(number=staff.number, since=since)
    staff.ends_date = last_date
    staff.watched_until, cited = watched_until(rules, last_date)
    staff.save(update_fields=["ends_date", "watched_until"])
    journal.write("staff.left", staff, by=by, at=now, basis=cited)
    return staff


def every(rules: Rules) -> int | None:
    """Say every how many days somebody in a loop is tested; None where the edition sets none."""
    value = rules.value(EVERY)
    return value.whole if value.value is not None and value.whole > 0 else None


def watched_until(rules: Rules, last_date: date) -> tuple[date | None, list[dict[str, Any]]]:
    """Say until when somebody is watched after their last day in a loop, with the sum; None where nothing is set."""
    if not rules.says(AFTER):
        return None, []
    total = period_end(last_date, rules.value(AFTER))
    return total.result, [basis.entry(rules.value(AFTER), total, gives="watched_until")]


def staff_of(site: IsolationSite, *, day: date, rules: Rules, as_of: datetime) -> list[StaffLine]:
    """Give who is inside a site's loop on a day, who missed a test first."""
    inside = list(in_loop(site, day).filter(recorded_at__lte=as_of).order_by("number"))
    latest = _latest([one.pk for one in inside], as_of=as_of)
    lines = [_line(one, latest.get(one.pk), day, every(rules)) for one in inside]
    return sorted(lines, key=lambda line: (not line.is_missed, line.staff.number))


def watched(site: IsolationSite, *, day: date) -> QuerySet[SiteStaff]:
    """Give who left a site's loop and is still watched on a day."""
    return SiteStaff.objects.filter(site=site, ends_date__lt=day, watched_until__gte=day).order_by("watched_until")


def in_loop(site: IsolationSite, day: date) -> QuerySet[SiteStaff]:
    """Give who is inside a site's loop on a day."""
    return SiteStaff.objects.filter(Q(ends_date=None) | Q(ends_date__gte=day), site=site, starts_date__lte=day)


def _latest(staff: list[int], *, as_of: datetime) -> Mapping[int, StaffTest]:
    tests = StaffTest.objects.filter(staff__in=staff, taken_at__lte=as_of).order_by("taken_at", "pk")
    return {one.staff_id: one for one in tests}


def _line(staff: SiteStaff, latest: StaffTest | None, day: date, interval: int | None) -> StaffLine:
    if interval is None:
        return StaffLine(staff, latest, None, is_missed=False)
    due = staff.starts_date
    if latest is not None:
        due = max(due, timezone.localtime(latest.taken_at).date() + timedelta(days=interval))
    return StaffLine(staff, latest, due, is_missed=due < day)
