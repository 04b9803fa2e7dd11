"""
How the command of a drill did its work, from the records alone: receipts, reports, requests, levels, teams, outcomes.

Each stage is scored where it left anything on record. A thing counts as in time or not once its time is over, or once
it is done; None where there was nothing to count.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from statistics import median

from sizao.drill.rehearsal.command.shares import Told, hours, in_time, share
from sizao.protocol.escalation import shipped_escalation
from sizao.records.models import (
    CallAnswer,
    CaseFact,
    CooperationPerson,
    CooperationRequest,
    DailyReport,
    DirectiveAct,
    DirectivePart,
    FactKeeping,
    LevelDecision,
    LevelProposal,
    Outbreak,
)
from sizao.response import outbreaks
from sizao.response.oversight import scorecards
from sizao.response.reports import daily, deadlines
from sizao.response.tasks.report_periods import Periods
from sizao.response.tasks.teams import calls
from sizao.terms import CaseFactKind, DirectiveActKind, LevelProposalState, PartState, Stage, Urgency


def told(outbreak: Outbreak, until: datetime) -> list[Told]:
    """Say what the command of a drill came to by a moment."""
    return [one for stage in STAGES for one in stage(outbreak, until)]


def clocks_by_stage(outbreak: Outbreak, until: datetime) -> list[Told]:
    """Say, for each stage, what share of its clocks was kept, as the scorecards of the platform count them."""
    scope = scorecards.Scope(outbreak.area_code, outbreak.first_date, until - timedelta(seconds=1), outbreak.pk)
    stages: dict[Stage, scorecards.Score] = {}
    for line in scorecards.board(scope).lines:
        stages.setdefault(line.measure.stage, scorecards.Score()).add(line.score)
    return [
        (f"clocks_{stage}", f"时限按时率（{stage.zh}）", f"Clocks kept: {stage.en}", stages[stage].share, "share")
        for stage in Stage
        if stage in stages and stages[stage].clocks
    ]


def _directives(outbreak: Outbreak, until: datetime) -> Iterator[Told]:
    rows = DirectivePart.objects.filter(directive__outbreak=outbreak, issued_at__lt=until)
    parts = list(rows.select_related("directive"))
    if not parts:
        return
    table = shipped_escalation()
    receipt = {one: timedelta(hours=table.receipt(one).number) for one in Urgency}
    receipts = [
        (min(one.issued_at + receipt[Urgency(one.directive.urgency)], one.due_at), one.received_at) for one in parts
    ]
    acts = DirectiveAct.objects.filter(part__in=rows, happened_at__lt=until)
    yield "directive_parts", "下达指令（件次）", "Directives, counted in each area", float(len(parts)), ""
    yield "receipts_in_time", "按时签收比例", "Share of receipts in time", in_time(receipts, until), "share"
    waited = [hours(one.issued_at, one.received_at) for one in parts if one.received_at and one.received_at < until]
    yield "hours_to_receipt", "签收用时（中位数）", "Median hours to a receipt", _median(waited), "h"
    done = in_time(((one.due_at, one.closed_at) for one in parts), until)
    yield "directives_in_time", "按时办结比例", "Share of directives done in time", done, "share"
    accepted = sum(one.state == PartState.ACCEPTED for one in parts)
    yield "directives_accepted", "审核通过（件次）", "Accepted by the level above", float(accepted), ""
    returned = acts.filter(kind=DirectiveActKind.RETURNED).count()
    yield "directives_returned", "退回重办（件次）", "Returned by the level above", float(returned), ""


def _reports(outbreak: Outbreak, until: datetime) -> Iterator[Told]:
    rows = list(DailyReport.objects.filter(outbreak=outbreak, drafted_at__lt=until).of_areas().order_by("version"))
    if not rows:
        return
    before = until - timedelta(seconds=1)
    rules, periods = outbreaks.rules_at(outbreak, before), Periods(outbreak, before)
    areas, days = daily.reporting_areas(outbreak), sorted({one.date for one in rows})
    periods.read(days)
    first = {(one.area_code, one.date): one.submitted_at for one in reversed(rows)}
    owed = [
        (due, first.get((code, day)))
        for day in days
        for code in areas
        if periods.owes(code, day)
        and (due := deadlines.of_area(rules, day, periods.rhythm(code, day)).due_at) is not None
        and due <= until
    ]
    late = sum(done is not None and due < done < until for due, done in owed)
    missing = sum(done is None or done >= until for _, done in owed)
    yield "reports_owed", "应报日报告", "Daily reports owed", float(len(owed)), ""
    yield "reports_in_time", "按时报告比例", "Share of reports in time", in_time(owed, until), "share"
    yield "reports_late", "迟报", "Reports late", float(late), ""
    yield "reports_missing", "漏报", "Reports missing", float(missing), ""
    returned = sum(one.returned_at is not None and one.returned_at < until for one in rows)
    yield "reports_returned", "退回重报", "Reports returned", float(returned), ""
    yield "reports_corrected", "更正报告", "Reports corrected", float(sum(one.version > 1 for one in rows)), ""


def _requests(outbreak: Outbreak, until: datetime) -> Iterator[Told]:
    rows = CooperationRequest.objects.filter(outbreak=outbreak, is_incoming=False, sent_at__lt=until)
    sent = list(rows)
    if not sent:
        return
    people = CooperationPerson.objects.filter(request__in=rows)
    yield "requests_sent", "发出协查函", "Requests to other authorities", float(len(sent)), ""
    yield "requests_people", "协查人数", "People asked about", float(people.count()), ""
    started = ((one.send_by, one.sent_at) for one in sent)
    yield "requests_sent_in_time", "按时发出比例", "Share of requests sent in time", in_time(started, until), "share"
    answered = in_time(((one.due_at, one.answered_at) for one in sent), until)
    yield "requests_in_time", "按时反馈比例", "Share of requests answered in time", answered, "share"
    waited = [hours(one.sent_at, one.answered_at) for one in sent if one.answered_at and one.answered_at < until]
    yield "hours_to_answer", "反馈用时（中位数）", "Median hours to an answer", _median(waited), "h"


def _levels(outbreak: Outbreak, until: datetime) -> Iterator[Told]:
    proposed = LevelProposal.objects.filter(outbreak=outbreak, proposed_at__lt=until)
    if not proposed.exists():
        return
    made = LevelDecision.objects.filter(outbreak=outbreak, decided_at__lt=until)
    waited = [
        hours(start, end)
        for start, end in proposed.filter(state=LevelProposalState.DECIDED, settled_at__lt=until).values_list(
            "proposed_at", "settled_at"
        )
    ]
    yield "level_decisions", "响应级别决定", "Decisions on the response level", float(made.count()), ""
    yield "hours_to_level", "建议至决定用时（中位数）", "Median hours from proposal to decision", _median(waited), "h"


def _teams(outbreak: Outbreak, until: datetime) -> Iterator[Told]:
    rows = CallAnswer.objects.filter(area_code__startswith=outbreak.area_code, called_at__lt=until)
    found = calls.measured(rows.select_related("team"), as_of=until)
    if not found.called:
        return
    yield "teams_called", "调集队伍", "Teams called out", float(found.called), ""
    ready = share(found.in_time, found.called)
    yield "teams_in_time", "按时集结比例", "Share of teams ready in time", ready, "share"
    yield "hours_to_ready", "集结用时（中位数）", "Median hours until ready", found.median_hours, "h"


def _outcomes(outbreak: Outbreak, until: datetime) -> Iterator[Told]:
    if not FactKeeping.objects.filter(outbreak=outbreak, recorded_at__lt=until).exists():
        return
    entered = CaseFact.objects.filter(case__outbreak=outbreak, recorded_at__lt=until, withdrawn_at=None)
    for kind in (CaseFactKind.SEVERE, CaseFactKind.DISCHARGED, CaseFactKind.RELEASED, CaseFactKind.DIED):
        yield f"outcome_{kind}", kind.zh, kind.en, float(entered.filter(kind=kind).count()), ""


STAGES: tuple[Callable[[Outbreak, datetime], Iterator[Told]], ...] = (
    _directives, _reports, _requests, _levels, _teams, _outcomes,
)  # fmt: skip


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None
