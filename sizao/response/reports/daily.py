"""
The daily report: figures of one area for one civil day, 00:00 to 24:00, counted from rows.

County, city and province are counted from the same rows, so they agree by construction. A stock is
yesterday's plus what came less what went. What no row can tell is None, never zero.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Case, CaseChange, ContactChange, DailyReport, Outbreak, Test
from sizao.response.tasks.reporting import REPORTING_LEVELS, last_ended_day
from sizao.terms import AREA_DIGITS, CaseStatus, ContactState, Figure, Right, TestResult

# Nothing in the records says who left hospital or died, so neither these nor what follows from them is known.
NOT_RECORDED = (Figure.DISCHARGED, Figure.DIED, Figure.PRESENT)
COUNTED = tuple(figure for figure in Figure if figure not in NOT_RECORDED)
# What must be nothing for the report to say "nothing happened".
HAPPENED = (Figure.NEW_CONFIRMED, Figure.NEW_ASYMPTOMATIC, Figure.NEW_POSITIVE, Figure.CONTACTS_NEW)
_DIGITS = tuple(AREA_DIGITS[level] for level in REPORTING_LEVELS)
_COUNTY = max(_DIGITS)

Figures = dict[str, int | None]


class AlreadySubmitted(SizaoError):
    code = "report.already_submitted"
    message = "The report of {area} for {date} was submitted by {username}. A correction belongs in a later report."


@dataclass(frozen=True, slots=True)
class Day:
    """A civil day as a span of moments: from its 00:00 until, and without, its 24:00."""

    date: date
    start_at: datetime
    end_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment falls on this day."""
        return self.start_at <= moment < self.end_at


def day_of(day: date) -> Day:
    """Give the span of a civil day in the zone of the jurisdiction."""
    zone = timezone.get_current_timezone()
    start, end = (datetime.combine(one, time(), tzinfo=zone) for one in (day, day + timedelta(days=1)))
    return Day(day, start, end)


def figures(outbreak: Outbreak, day: Day) -> Mapping[str, Figures]:
    """
    Count all figures of a day for every area that has any, by area code.

    An area that is missing has nothing: use `zeros()`. `Figure.WITHOUT_COUNTY` says how many cases are
    counted at a higher level only, because their county is not known.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for area_code, figure in (*_of_cases(outbreak, day), *_of_contacts(outbreak, day), *_of_tests(outbreak, day)):
        for digits in _DIGITS:
            if digits <= len(area_code):
                counts[area_code[:digits]][figure] += 1
    return {code: zeros() | dict(found) for code, found in counts.items()}


def zeros() -> Figures:
    """Give the figures of an area in which nothing is recorded."""
    return {str(figure): 0 for figure in COUNTED} | {str(figure): None for figure in NOT_RECORDED}


# --- Counting ----------------------------------------------------------------------------------

Counting = Iterator[tuple[str, Figure]]  # area code and the figure that one row adds one to


def _of_cases(outbreak: Outbreak, day: Day) -> Counting:
    changes = CaseChange.objects.filter(case__outbreak=outbreak, at__lt=day.end_at).order_by("case_id", "at", "id")
    known = set(
        Case.objects.filter(outbreak=outbreak, onset_date__isnull=False, investigated_at__lt=day.end_at)
        .values_list("pk", flat=True)
    )  # fmt: skip
    rows = changes.values_list("case_id", "case__area_code", "status", "at").iterator(chunk_size=5000)
    for case_id, history in groupby(rows, key=itemgetter(0)):
        was = None
        for _, area_code, status, at in history:
            if day.holds(at):
                yield from ((area_code, figure) for figure in _case_moved(was, status))
            was = status
        yield from ((area_code, figure) for figure in _case_stands(was, onset_known=case_id in known))
        if len(area_code) < _COUNTY and was != CaseStatus.DISCARDED:
            yield area_code, Figure.WITHOUT_COUNTY


def _case_moved(was: str | None, status: str) -> Iterator[Figure]:
    if status == was:
        return
    if status == CaseStatus.CONFIRMED:
        yield Figure.NEW_CONFIRMED
        if was == CaseStatus.ASYMPTOMATIC:
            yield Figure.CONVERTED
    elif status == CaseStatus.ASYMPTOMATIC:
        yield Figure.NEW_ASYMPTOMATIC
    elif status == CaseStatus.DISCARDED and was in _DISCARDED:
        yield _DISCARDED[was]
    elif status == CaseStatus.POSITIVE:
        yield Figure.NEW_POSITIVE


_DISCARDED: dict[str | None, Figure] = {
    CaseStatus.CONFIRMED: Figure.CONFIRMED_DISCARDED,
    CaseStatus.ASYMPTOMATIC: Figure.ASYMPTOMATIC_DISCARDED,
}
_STANDING: dict[str | None, Figure] = {
    CaseStatus.CONFIRMED: Figure.CONFIRMED,
    CaseStatus.ASYMPTOMATIC: Figure.ASYMPTOMATIC,
    CaseStatus.POSITIVE: Figure.POSITIVE_WAITING,
    CaseStatus.SUSPECTED: Figure.POSITIVE_WAITING,
}


def _case_stands(status: str | None, *, onset_known: bool) -> Iterator[Figure]:
    if status in _STANDING:
        yield _STANDING[status]
    if status == CaseStatus.CONFIRMED and not onset_known:
        yield Figure.ONSET_UNKNOWN


_CONTACT_MOVED: dict[str, Figure] = {
    ContactState.PLACED: Figure.CONTACTS_PLACED,
    ContactState.RELEASED: Figure.CONTACTS_RELEASED,
    ContactState.BECAME_CASE: Figure.CONTACTS_POSITIVE,
    ContactState.EXCLUDED: Figure.CONTACTS_EXCLUDED,
}
_CONTACT_STANDS: dict[str | None, Figure] = {
    ContactState.FOUND: Figure.CONTACTS_WAITING,
    ContactState.PLACED: Figure.CONTACTS_OBSERVED,
}


def _of_contacts(outbreak: Outbreak, day: Day) -> Counting:
    changes = ContactChange.objects.filter(contact__outbreak=outbreak, at__lt=day.end_at)
    rows = changes.order_by("contact_id", "at", "id").values_list("contact_id", "contact__area_code", "state", "at")
    for _, history in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0)):
        was = None
        for _, area_code, state, at in history:
            if day.holds(at):
                # Found again after an exclusion is not found for the first time.
                moved = Figure.CONTACTS_NEW if was is None else _CONTACT_MOVED.get(state)
                if moved:
                    yield area_code, moved
            was = state
        yield area_code, Figure.CONTACTS
        if was in _CONTACT_STANDS:
            yield area_code, _CONTACT_STANDS[was]


def _of_tests(outbreak: Outbreak, day: Day) -> Counting:
    tests = Test.objects.filter(outbreak=outbreak, recorded_at__gte=day.start_at, recorded_at__lt=day.end_at)
    for area_code, result in tests.values_list("area_code", "result"):
        yield area_code, Figure.TESTS_RECORDED
        if result == TestResult.POSITIVE:
            yield area_code, Figure.TESTS_POSITIVE


# --- Drafting and submitting -------------------------------------------------------------------


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Draft the report of each area for each day that is over and lacks one; return how many were drafted."""
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    last = last_ended_day(outbreak, now)
    codes = reporting_areas(outbreak)
    done = dict(DailyReport.objects.filter(outbreak=outbreak).values_list("date").annotate(Count("id")))
    days = (outbreak.first_date + timedelta(days=n) for n in range((last - outbreak.first_date).days + 1))
    return sum(_draft(outbreak, day, codes, now) for day in days if done.get(day, 0) < len(codes))


def reporting_areas(outbreak: Outbreak) -> list[str]:
    """List the codes of the areas that report: province, cities and counties of the outbreak."""
    areas = Area.objects.within(outbreak.area_code).filter(level__in=REPORTING_LEVELS)
    return list(areas.order_by("code").values_list("code", flat=True))


def _draft(outbreak: Outbreak, day: date, codes: Iterable[str], now: datetime) -> int:
    counted = figures(outbreak, day_of(day))
    known = set(DailyReport.objects.filter(outbreak=outbreak, date=day).values_list("area_code", flat=True))
    drafts = [_report(outbreak, code, day, counted.get(code) or zeros(), now) for code in codes if code not in known]
    DailyReport.objects.bulk_create(drafts, batch_size=500)
    journal.write_many([journal.line("report.drafted", one, by=None, at=now, date=str(day)) for one in drafts])
    return len(drafts)


def _report(outbreak: Outbreak, code: str, day: date, found: Figures, now: datetime) -> DailyReport:
    return DailyReport(
        outbreak=outbreak,
        area_code=code,
        date=day,
        figures=found,
        is_zero=not any(found[figure] for figure in HAPPENED),
        drafted_at=now,
        source_key=f"report:{outbreak.pk}:{code}:{day}",
    )


@transaction.atomic
def submit(*, report: DailyReport, by: Account, now: datetime) -> DailyReport:
    """
    Submit a drafted report in a reporter's own name; zero is then a statement somebody made.

    Raise the door's refusal where the reporter lacks the right or the area, and AlreadySubmitted.
    """
    report = DailyReport.objects.select_for_update(of=["self"]).select_related("submitted_by").get(pk=report.pk)
    access.require(by, Right.REPORT_SUBMIT, area_code=report.area_code)
    if report.submitted_by is not None:
        raise AlreadySubmitted(area=report.area_code, date=report.date, username=report.submitted_by.username)
    report.submitted_at, report.submitted_by = now, by
    report.save(update_fields=["submitted_at", "submitted_by"])
    journal.write("report.submitted", report, by=by, at=now, date=str(report.date), is_zero=report.is_zero)
    return report
