"""Daily reports: counted from rows, zero included, submitted by somebody, approved or returned by the level above."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from sizao.adapters import dhis2
from sizao.adapters.dhis2 import Fault
from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import answers
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import DailyReport
from sizao.response.reports import daily_acts, figure_files, owing
from sizao.terms import ReportState, Right, Standing

router = Router(tags=["reports"])
MOST_NAMED = 50  # in a header


class NoMapping(SizaoError):
    code = "data_value_set.no_mapping"
    message = "This installation has no mapping to DHIS2. Name its file in SIZAO_DHIS2_MAPPING."


class ValuesUnusable(SizaoError):
    code = "data_value_set.unreadable"
    message = "{n} fields cannot be used. The first: value {at}, {field} is “{given}”; it should be {should}."


class ReportOut(Schema):
    """
    The standing version of the figures of one area; a figure that is not known is null.

    Flows are of the days from `first_date` to `date` (of a daily report the same day), stocks of the end of `date`.
    `signature` is the hash over who stated what and when; `differs_at` says when rows were found to tell otherwise.
    """

    id: int
    area_code: str
    first_date: date
    date: date
    version: int
    state: ReportState
    figures: dict[str, Any]
    is_zero: bool
    drafted_at: datetime
    submitted_at: datetime | None
    submitted_by: str | None
    signature: str | None
    return_reason: str | None
    correction_reason: str | None
    differs_at: datetime | None


class ReportReason(Schema):
    """Why a report is returned or corrected."""

    reason: str = Field(max_length=300)


class OwedOut(Schema):
    """A report that is owed with a day, by an area or by a unit: from which day on it counts, and how it stands."""

    area_code: str
    name: str
    unit: int | None
    first_date: date
    standing: Standing
    due_at: datetime | None
    said_by: str


class DataValue(Schema):
    """A value of a data value set, as DHIS2 writes it."""

    dataElement: str  # noqa: N815 — the names are DHIS2's
    period: str
    orgUnit: str  # noqa: N815
    value: str
    categoryOptionCombo: str | None = None  # noqa: N815
    attributeOptionCombo: str | None = None  # noqa: N815


class DataValueSet(Schema):
    """A data value set of DHIS2. Left out is what is not known, not mapped, or of days that are no day and no week."""

    dataSet: str  # noqa: N815
    dataValues: list[DataValue] = Field(max_length=5000)  # noqa: N815


class ReportTakenIn(Schema):
    """How many reports of units were taken in."""

    reports: int


@router.get("/outbreaks/{slug}/daily-reports", response=answers(list[ReportOut]))
def list_reports(request: HttpRequest, slug: str, asked: Query[AskedList], on: date | None = None) -> Any:
    """List the reports that end with a day, for the areas of the jurisdiction; without `on`, with the latest known."""
    within = outbreak(request, slug, to=Right.REPORT_READ)
    as_of = asked.moment(request)
    area_code = asked.area_code(account(request), Right.REPORT_READ)
    known = DailyReport.objects.filter(outbreak=within, area_code__startswith=area_code).of_areas().standing_at(as_of)
    day = on or known.order_by("-date").values_list("date", flat=True).first()
    rows = known.filter(date=day).select_related("submitted_by").order_by("area_code")
    return [_report(row, as_of) for row in rows]


@router.get("/reports-owed", response=answers(list[OwedOut]))
def list_owed(request: HttpRequest, asked: Query[AskedList], on: date | None = None) -> Any:
    """List the reports of units that are owed about a day, and how each stands; without `on`, about yesterday."""
    area_code = asked.area_code(account(request), Right.REPORT_READ)
    as_of = asked.moment(request)
    day = on or timezone.localtime(as_of).date() - timedelta(days=1)
    found = owing.owed(area_code, day, as_of=as_of, outbreak=None)
    return [OwedOut(**{name: getattr(one, name) for name in OwedOut.model_fields}) for one in found]


@router.post("/daily-reports/{number}/submit", response=answers(ReportOut))
def submit(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Submit a drafted report in the name of the token's account; zero is then a statement somebody made."""
    found, at = _fetch(request, number, Right.REPORT_SUBMIT, asked)
    return _report(daily_acts.submit(report=found, by=account(request), now=at), at)


@router.post("/daily-reports/{number}/approve", response=answers(ReportOut))
def approve_report(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Approve a submitted report of the level below in the name of the token's account."""
    found, at = _fetch(request, number, Right.REPORT_APPROVE, asked)
    return _report(daily_acts.approve(report=found, by=account(request), now=at), at)


@router.post("/daily-reports/{number}/return", response=answers(ReportOut))
def return_report(request: HttpRequest, number: int, asked: Query[Asked], why: ReportReason) -> Any:
    """Return a submitted report to its reporter, with the reason."""
    found, at = _fetch(request, number, Right.REPORT_APPROVE, asked)
    return _report(daily_acts.send_back(report=found, reason=why.reason, by=account(request), now=at), at)


@router.post("/daily-reports/{number}/correct", response=answers(ReportOut))
def correct_report(request: HttpRequest, number: int, asked: Query[Asked], why: ReportReason) -> Any:
    """Make and submit a new version from the rows as known now; the version before is kept."""
    found, at = _fetch(request, number, Right.REPORT_SUBMIT, asked)
    return _report(daily_acts.correct(report=found, reason=why.reason, by=account(request), now=at), at)


@router.get("/outbreaks/{slug}/data-value-set", response=answers(DataValueSet), exclude_none=True)
def data_value_set(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[AskedList], on: date | None = None
) -> Any:
    """
    Give what was submitted of the days until one as a data value set of DHIS2; without `on`, until yesterday.

    Units whose report is of days that DHIS2 has no name for are counted and named in the header `Left-Out`.
    """
    within = outbreak(request, slug, to=Right.REPORT_READ)
    area_code = asked.area_code(account(request), Right.REPORT_READ)
    as_of = asked.moment(request)
    day = on or timezone.localtime(as_of).date() - timedelta(days=1)
    values = figure_files.values_of(within, area_code, day, day, as_of=as_of)
    told, left_out = dhis2.value_set(_mapping(), values)
    if days := left_out.unnamed:
        response["Left-Out"] = f"{len(days)}: {', '.join(days[:MOST_NAMED])}"
    return told


@router.post("/data-value-sets", response=answers(ReportTakenIn))
def take_values_in(request: HttpRequest, given: DataValueSet) -> Any:
    """Take a data value set in as reports of units in the name of the token's account; sent again, nothing changes."""
    by = account(request)
    access.require(by, Right.REPORT_SUBMIT)
    values, faults = dhis2.read_value_set(_mapping(), given.model_dump_json(exclude_none=True).encode())
    if faults:
        raise unusable(faults)
    return ReportTakenIn(reports=figure_files.take_in(values=values, by=by, now=now(request)))


def unusable(faults: list[Fault]) -> ValuesUnusable:
    """Tell how many fields are wrong, and the first."""
    first = faults[0]
    return ValuesUnusable(n=len(faults), at=first.at, field=first.field, given=first.given, should=first.should)


def _mapping() -> dhis2.Mapped:
    if not settings.DHIS2_MAPPING:
        raise NoMapping
    return dhis2.read_mapping(Path(settings.DHIS2_MAPPING))


def _fetch(request: HttpRequest, number: int, right: Right, asked: Asked) -> tuple[DailyReport, datetime]:
    rows = DailyReport.objects.select_related("submitted_by", "outbreak")
    found: DailyReport = access.row(rows, what="report", to=right, by=account(request), pk=number)
    return found, act_at(request, found.outbreak, asked) if found.outbreak else now(request)


def _report(row: DailyReport, as_of: datetime) -> ReportOut:
    submitted = row.submitted_at is not None and row.submitted_at <= as_of
    returned = row.returned_at is not None and row.returned_at <= as_of
    return ReportOut(
        id=row.pk,
        area_code=row.area_code,
        first_date=row.first_date,
        date=row.date,
        version=row.version,
        state=row.state_at(as_of),
        figures=row.figures,
        is_zero=row.is_zero,
        drafted_at=row.drafted_at,
        submitted_at=row.submitted_at if submitted else None,
        submitted_by=row.submitted_by.username if submitted and row.submitted_by else None,
        signature=row.signature if submitted and row.signature else None,
        return_reason=row.return_reason if returned else None,
        correction_reason=row.correction_reason or None,
        differs_at=row.differs_at if row.differs_at and row.differs_at <= as_of else None,
    )
