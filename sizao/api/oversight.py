"""Oversight: scorecards of an area, the rows behind a number, and findings."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import AskedList, account, outbreak
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import Finding
from sizao.response.oversight import findings, rows, scorecards
from sizao.response.oversight.scorecards import Scope, Score
from sizao.terms import ClockState, FindingSource, FindingState, Gravity, Right, Stage

router = Router(tags=["oversight"])


class AskedScore(AskedList):
    """Which days and which outbreak a scorecard is about; without an outbreak, all rows of the area."""

    days: int = Field(7, ge=1, le=92, description="Civil days up to the moment.")
    outbreak: str | None = Field(None, max_length=60, description="Only rows of this outbreak.")

    def scope(self, request: HttpRequest) -> Scope:
        """Say what is asked for; refuse an area outside the jurisdiction."""
        area = self.area_code(account(request), Right.SITUATION_READ)
        within = outbreak(request, self.outbreak, to=Right.SITUATION_READ) if self.outbreak else None
        whole = Scope(area, date.min, self.moment(request), within.pk if within else None)
        first = whole.day - timedelta(days=self.days - 1)
        return Scope(area, first, whole.as_of, whole.outbreak_id)


class ScoreOut(Schema):
    """Clocks that ran out, how many were kept, late now, without a clock; delays of those not kept, in seconds."""

    clocks: int
    kept: int
    late_now: int
    unknown: int
    share: float | None
    median_delay_seconds: float | None
    worst_delay_seconds: float | None
    is_few: bool


class MeasureOut(Schema):
    measure: str
    stage: Stage
    score: ScoreOut


class AreaScoreOut(Schema):
    area_code: str
    score: ScoreOut


class ScoreBoardOut(Schema):
    """A scorecard: the whole, each measure, each area below."""

    area_code: str
    first_date: date
    as_of: datetime
    total: ScoreOut
    measures: list[MeasureOut]
    areas: list[AreaScoreOut]


class ClockRowOut(Schema):
    """One clock. `label` is a number or a name of an area, never a person's."""

    id: int
    area_code: str
    label: str
    started_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    state: ClockState
    late_by_seconds: float | None
    basis: list[dict[str, Any]]


class FindingOut(Schema):
    """A finding as it stood at the moment asked for; who answers for it in person is read on the screen."""

    number: str
    area_code: str
    stage: Stage
    item: str
    what: str
    severity: Gravity
    source: FindingSource
    state: FindingState
    territory: str
    department: str
    unit: str
    found_at: datetime
    due_at: datetime | None
    returns: int
    repeats: str | None


@router.get("/oversight/scorecard", response=answers(ScoreBoardOut))
def scorecard(request: HttpRequest, asked: Query[AskedScore]) -> Any:
    """Score how clocks were kept in an area and in those below it."""
    scope = asked.scope(request)
    made = scorecards.board(scope)
    return ScoreBoardOut(
        area_code=scope.area_code,
        first_date=scope.first_date,
        as_of=scope.as_of,
        total=_score(made.total),
        measures=[
            MeasureOut(measure=one.measure.key, stage=one.measure.stage, score=_score(one.score)) for one in made.lines
        ],
        areas=[AreaScoreOut(area_code=code, score=_score(score)) for code, score in made.areas.items()],
    )


@router.get("/oversight/measures/{measure}/rows", response=answers(PageOf[ClockRowOut]))
def measure_rows(request: HttpRequest, measure: str, asked: Query[AskedScore], state: ClockState | None = None) -> Any:
    """List the rows that a number of a scorecard counts, the longest waiting first."""
    scope = asked.scope(request)
    found = rows.rows(scope, rows.called(measure), state, after=asked.key())
    return {"rows": [_row(one) for one in found.rows], "next": str(found.older) if found.older else None}


@router.get("/findings", response=answers(PageOf[FindingOut]))
def list_findings(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """List the findings of the jurisdiction as they stood at the moment asked for."""
    access.require(account(request), Right.SITUATION_READ)
    area = asked.area_code(account(request), Right.SITUATION_READ)
    known = findings.known_at(area, asked.moment(request)).select_related("repeats")
    found = keyset.page(known, moment="found_at", older_than=asked.key(), size=asked.size)
    return page(found, _finding)


def _score(one: Score) -> ScoreOut:
    return ScoreOut(
        clocks=one.clocks, kept=one.kept, late_now=one.late_now, unknown=one.unknown, share=one.share,
        median_delay_seconds=_seconds(one.median), worst_delay_seconds=_seconds(one.worst), is_few=one.is_few,
    )  # fmt: skip


def _seconds(value: timedelta | None) -> float | None:
    return None if value is None else value.total_seconds()


def _row(one: rows.ClockRow) -> ClockRowOut:
    return ClockRowOut(
        id=one.id, area_code=one.area_code, label=one.label, started_at=one.started_at, due_at=one.due_at,
        done_at=one.done_at, state=one.state, late_by_seconds=_seconds(one.late_by), basis=one.basis,
    )  # fmt: skip


def _finding(one: Finding) -> FindingOut:
    return FindingOut(
        number=one.number, area_code=one.area_code, stage=one.stage, item=one.item, what=one.what,
        severity=one.severity, source=one.source, state=one.stood, territory=one.territory,  # type: ignore[attr-defined]
        department=one.department, unit=one.unit, found_at=one.found_at, due_at=one.due_at, returns=one.returns,
        repeats=one.repeats.number if one.repeats else None,
    )  # fmt: skip
