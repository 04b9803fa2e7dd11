"""What people do with a report: submit, approve, return, correct. The signature says who stated which figures when."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, DailyReport
from sizao.response.reports import daily
from sizao.response.tasks.report_periods import Period
from sizao.terms import REPORT_MOVES, ReportState, Right


class AlreadySubmitted(SizaoError):
    code = "report.already_submitted"
    message = "The report of {area} for {date} was submitted by {username}. To change it, correct it: a new version."


class CannotMove(SizaoError):
    code = "report.cannot_move"
    message = "The report of {area} for {date}, version {version}, is {was} and cannot become {state}. Reload the page."


class ReasonMissing(SizaoError):
    code = "report.reason_missing"
    message = "Say why: who reads the two versions later, or must correct the report, needs the reason."


class OwnReport(SizaoError):
    code = "report.own"
    message = "You submitted this report yourself. Somebody else of the level above approves it."


class NotTheLevelAbove(SizaoError):
    code = "report.not_the_level_above"
    message = "The report of {area} is approved by the level above it. Your jurisdiction is {yours}."


class NothingToCorrect(SizaoError):
    code = "report.nothing_to_correct"
    message = "The rows tell the same figures as the report of {area} for {date}. Correct the rows first."


class FiguresMissing(SizaoError):
    code = "report.figures_missing"
    message = "{unit} states its figures itself. Give them with the correction."


@transaction.atomic
def submit(*, report: DailyReport, by: Account, now: datetime) -> DailyReport:
    """
    Submit a drafted report in a reporter's own name; zero is then a statement somebody made.

    Raise the door's refusal where the reporter lacks the right or the area, and AlreadySubmitted.
    """
    return submit_many(reports=[report], by={report.area_code: by}, now=now)[0]


@transaction.atomic
def submit_many(
    *, reports: Sequence[DailyReport], by: Mapping[str, Account], now: datetime
) -> list[DailyReport]:  # fmt: skip
    """Submit several drafts, each in the name of the reporter of its area (`by` its code), all or none; as `submit`."""
    submitted = _locked_many(reports)
    for one in submitted:
        reporter = by[one.area_code]
        access.require(reporter, Right.REPORT_SUBMIT, area_code=one.area_code)
        if one.submitted_by is not None:
            raise AlreadySubmitted(area=one.area_code, date=_days(one), username=one.submitted_by.username)
        one.submitted_at, one.submitted_by = now, reporter
        one.signature = signature(one)
    DailyReport.objects.bulk_update(submitted, ["submitted_at", "submitted_by", "signature"], batch_size=500)
    journal.write_many(
        [
            journal.line(
                "report.submitted", one, by=one.submitted_by, at=now, **daily.said_of(one), is_zero=one.is_zero,
                version=one.version, signature=one.signature,
            )
            for one in submitted
        ]
    )  # fmt: skip
    return submitted


@transaction.atomic
def recount(*, report: DailyReport, by: Account, now: datetime) -> DailyReport:
    """Count the figures of a draft again, as known now; what was submitted is corrected instead."""
    report = _locked(report)
    access.require(by, Right.REPORT_SUBMIT, area_code=report.area_code)
    if report.submitted_by is not None or report.outbreak is None:
        username = report.submitted_by.username if report.submitted_by else "—"
        raise AlreadySubmitted(area=report.area_code, date=_days(report), username=username)
    days = daily.by_day(report.outbreak, report.first_date, report.date, as_of=now)
    new = daily.draft_of(report.outbreak, report.area_code, days, now=now, due_at=report.due_at)
    report.figures, report.own, report.is_zero, report.drafted_at = new.figures, new.own, new.is_zero, now
    report.save(update_fields=["figures", "own", "is_zero", "drafted_at"])
    journal.write("report.recounted", report, by=by, at=now, date=str(report.date))
    return report


def signature(report: DailyReport) -> str:
    """Work out the hash over who stated which figures, of what, when: SHA-256 of a canonical text, 64 digits."""
    submitted_at = report.submitted_at
    stated = {
        "outbreak": report.outbreak.slug if report.outbreak else None,
        "unit": report.unit.source_key if report.unit else None,
        "area": report.area_code,
        **daily.said_of(report),
        "version": report.version,
        "figures": report.figures,
        "zero": report.is_zero,
        "by": report.submitted_by.username if report.submitted_by else None,
        "at": submitted_at.astimezone(daily.day_of(report.date).start_at.tzinfo).isoformat() if submitted_at else None,
    }
    text = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def signature_holds(report: DailyReport) -> bool | None:
    """Tell whether the figures are still those that were signed; None for reports of before signatures."""
    return None if not report.signature else report.signature == signature(report)


@transaction.atomic
def approve(*, report: DailyReport, by: Account, now: datetime) -> DailyReport:
    """Approve a submitted report of the level below. Raise CannotMove, OwnReport or NotTheLevelAbove."""
    return approve_many(reports=[report], by=by, now=now)[0]


@transaction.atomic
def approve_many(*, reports: Sequence[DailyReport], by: Account, now: datetime) -> list[DailyReport]:
    """Approve several submitted reports of the level below, all or none. Raise as `approve`."""
    approved = _locked_many(reports)
    for one in approved:
        _may_judge(one, by)
        _move(one, ReportState.APPROVED, now)
        one.approved_at, one.approved_by = now, by.username
    DailyReport.objects.bulk_update(approved, ["approved_at", "approved_by"], batch_size=500)
    journal.write_many(
        [
            journal.line("report.approved", one, by=by, at=now, date=str(one.date), version=one.version)
            for one in approved
        ]
    )
    return approved


@transaction.atomic
def send_back(*, report: DailyReport, reason: str, by: Account, now: datetime) -> DailyReport:
    """Return a submitted report to its reporter with the reason; a corrected version is then owed."""
    report = _locked(report)
    _may_judge(report, by)
    reason = _stated(reason)
    _move(report, ReportState.RETURNED, now)
    report.returned_at, report.returned_by, report.return_reason = now, by.username, reason
    report.save(update_fields=["returned_at", "returned_by", "return_reason"])
    journal.write(
        "report.returned", report, by=by, at=now, date=str(report.date), version=report.version, reason=reason
    )
    return report


@transaction.atomic
def correct(
    *, report: DailyReport, reason: str, by: Account, now: datetime, figures: Mapping[str, int | None] | None = None
) -> DailyReport:
    """
    Make a new version of a submitted report and submit it; the old one stays as it was signed.

    An area's figures are counted again from the rows as known now; a unit gives its own in `figures`. Raise
    NothingToCorrect where the rows tell the same, unless the report was returned, ReasonMissing or CannotMove.
    """
    old = _locked(report)
    access.require(by, Right.REPORT_SUBMIT, area_code=old.area_code)
    reason = _stated(reason)
    _move(old, ReportState.CORRECTED, now)
    new = _next_version(old, figures, reason, now)
    if new.figures == old.figures and old.returned_at is None:
        raise NothingToCorrect(area=old.area_code, date=_days(old))
    old.corrected_at = now
    old.save(update_fields=["corrected_at"])
    new.save()
    changed = {name: list(pair) for name, pair in daily.differences(old.figures, new.figures).items()}
    journal.write(
        "report.corrected", new, by=by, at=now, date=str(new.date), version=new.version, reason=reason, changed=changed
    )
    return submit(report=new, by=by, now=now)


def _next_version(
    old: DailyReport, figures: Mapping[str, int | None] | None, reason: str, now: datetime
) -> DailyReport:
    if old.unit is None and old.outbreak is not None:
        days = daily.by_day(old.outbreak, old.first_date, old.date, as_of=now)
        return daily.draft_of(
            old.outbreak, old.area_code, days, now=now, due_at=old.due_at, version=old.version + 1, reason=reason
        )
    if old.unit is None or figures is None:
        raise FiguresMissing(unit=old.unit.name if old.unit else old.area_code)
    return DailyReport(
        outbreak=old.outbreak, unit=old.unit, area_code=old.area_code, first_date=old.first_date, date=old.date,
        version=old.version + 1, figures=dict(figures), is_zero=not any(figures.values()), drafted_at=now,
        due_at=old.due_at, correction_reason=reason,
        source_key=f"report:unit:{old.unit.pk}:{old.date}:{old.version + 1}",
    )  # fmt: skip


def _locked(report: DailyReport) -> DailyReport:
    return _locked_many([report])[0]


def _locked_many(reports: Sequence[DailyReport]) -> list[DailyReport]:
    rows = DailyReport.objects.select_for_update(of=["self"]).select_related("submitted_by", "outbreak", "unit")
    held = {one.pk: one for one in rows.filter(pk__in=[one.pk for one in reports]).order_by("pk")}
    return [held[one.pk] for one in reports]


def _days(report: DailyReport) -> Period:
    return Period(report.first_date, report.date)


def _stated(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:300]


def _move(report: DailyReport, to: ReportState, now: datetime) -> None:
    was = report.state_at(now)
    if to not in REPORT_MOVES[was]:
        raise CannotMove(area=report.area_code, date=_days(report), version=report.version, was=was, state=to)


def _may_judge(report: DailyReport, by: Account) -> None:
    """A level above judges; the highest level, and a unit's own county, have nobody nearer than themselves."""
    access.require(by, Right.REPORT_APPROVE, area_code=report.area_code)
    highest = report.outbreak is not None and report.area_code == report.outbreak.area_code
    if report.unit is None and not highest and len(by.area_code) >= len(report.area_code):
        raise NotTheLevelAbove(area=report.area_code, yours=by.area_code)
    if report.submitted_by_id == by.pk:
        raise OwnReport
