"""
Daily reports in a drill: submitted by the reporter of each area, approved or returned by the level above, corrected.

What nobody submits stays missing, as in life; whose rows tell something else later is corrected.
"""

from collections.abc import Iterator
from datetime import datetime

from sizao.drill.rehearsal.command.acts import Waiting, delay, happens, officer
from sizao.drill.rehearsal.office import Office
from sizao.records.models import DailyReport
from sizao.response.reports import daily_acts
from sizao.terms import AREA_DIGITS, Role

WRONG, MENDED, MORE_KNOWN = "演练：数据核对后请重报", "演练：按要求核对后重报", "演练：补录后更正"


def waiting(office: Office, now: datetime) -> Iterator[Waiting]:
    """Give what waits of the daily reports of a drill, with its moment."""
    rows = DailyReport.objects.filter(outbreak=office.outbreak, drafted_at__lte=now).of_areas().standing()
    for report in rows.filter(submitted_at=None).order_by("date", "area_code"):
        if not happens(office, f"{_key(report)}: never", office.rehearsal.command.unreported):
            yield _to_submit(office, report)
    for report in rows.waiting_for_approval().order_by("date", "area_code"):
        yield _to_decide(office, report)
    for report in rows.filter(returned_at__isnull=False).order_by("date", "area_code"):
        yield _to_correct(office, report, report.returned_at, MENDED)
    differing = rows.filter(differs_at__isnull=False, submitted_at__isnull=False, returned_at=None)
    for report in differing.order_by("date", "area_code"):
        yield _to_correct(office, report, report.differs_at, MORE_KNOWN)


def _to_submit(office: Office, report: DailyReport) -> Waiting:
    key = f"{_key(report)}:submitted"

    def submit(at: datetime) -> None:
        daily_acts.submit(report=report, by=_reporter(office, report, at), now=at)

    at = report.drafted_at + delay(office, key, office.rehearsal.command.reporting_hours)
    return Waiting(key, "submit_reports", Role.REPORTER, at, submit)


def _to_decide(office: Office, report: DailyReport) -> Waiting:
    key, command = f"{_key(report)}:decided", office.rehearsal.command
    is_returned = report.version == 1 and happens(office, f"{key}: returned", command.returned)

    def decide(at: datetime) -> None:
        by = officer(office, Role.COMMANDER, _above(report.area_code), at)
        if is_returned:
            daily_acts.send_back(report=report, reason=WRONG, by=by, now=at)
        else:
            daily_acts.approve(report=report, by=by, now=at)

    at = report.submitted_at + delay(office, key, command.approving_hours)
    return Waiting(key, "decide_on_reports", Role.COMMANDER, at, decide)


def _to_correct(office: Office, report: DailyReport, since: datetime, reason: str) -> Waiting:
    key = f"{_key(report)}:corrected"

    def correct(at: datetime) -> None:
        daily_acts.correct(report=report, reason=reason, by=_reporter(office, report, at), now=at)

    at = since + delay(office, key, office.rehearsal.command.reporting_hours)
    return Waiting(key, "correct_reports", Role.REPORTER, at, correct)


def _reporter(office: Office, report: DailyReport, at: datetime):  # noqa: ANN202 — an account of the register
    return officer(office, Role.REPORTER, report.area_code, at)


def _above(area_code: str) -> str:
    """Give the area that approves the reports of one; a province has nobody above in a drill."""
    above = [digits for digits in AREA_DIGITS.values() if digits < len(area_code)]
    return area_code[: max(above, default=len(area_code))]


def _key(report: DailyReport) -> str:
    return f"report:{report.area_code}:{report.date}:{report.version}"
