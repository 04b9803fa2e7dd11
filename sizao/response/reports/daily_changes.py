"""
Why a figure is not what it was in the report before: each change split by what happened to which rows.

For a stock the causes add up to the difference exactly. What was entered late for the days before, after the report
before was drafted, is a cause of its own, so that the two reports always explain each other.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sizao.engines import daily_figures as engine
from sizao.engines.daily_figures import ELSEWHERE, NOWHERE, Moves, Scheme
from sizao.records.models import DailyReport, Outbreak
from sizao.response.reports import daily, daily_rows
from sizao.response.reports.daily_rows import Span
from sizao.terms import CaseFactKind, CaseStatus, ContactState, Figure, FigureCause

SCHEMES = (engine.CASES, engine.CONTACTS)
STOCKS = tuple(figure for scheme in SCHEMES for figure in scheme.stocks)
FLOWS = tuple(figure for scheme in SCHEMES for figure in scheme.flows)
_BY_NOW: dict[str, FigureCause] = {
    ELSEWHERE: FigureCause.MOVED_OUT,
    CaseStatus.DISCARDED: FigureCause.DISCARDED,
    CaseFactKind.DISCHARGED: FigureCause.DISCHARGED,
    CaseFactKind.DIED: FigureCause.DIED,
    CaseFactKind.RELEASED: FigureCause.RELEASED,
    ContactState.EXCLUDED: FigureCause.DISCARDED,
    ContactState.PLACED: FigureCause.PLACED,
    ContactState.BECAME_CASE: FigureCause.RECLASSIFIED,
}
_BY_WAS: dict[str, FigureCause] = {
    CaseStatus.DISCARDED: FigureCause.FOUND_AGAIN,
    ContactState.EXCLUDED: FigureCause.FOUND_AGAIN,
    ContactState.RELEASED: FigureCause.FOUND_AGAIN,
}


@dataclass(frozen=True, slots=True)
class Because:
    """One cause of a change: by how much, and the numbers of the cases or people; none where rows are not named."""

    cause: FigureCause
    change: int
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """
    A figure of the period before and of this one with its causes. `before` is as reported; None where not known.

    For a stock the causes add up to now less before; for a flow they add up to now.
    """

    figure: Figure
    before: int | None
    now: int | None
    causes: tuple[Because, ...]

    @property
    def difference(self) -> int | None:
        return None if self.now is None or self.before is None else self.now - self.before


def explained(
    outbreak: Outbreak, area_code: str, report: DailyReport | None, span: Span
) -> tuple[list[Change], daily.Figures]:
    """
    Explain each figure of an area's period that is not as before, or that counts what happened; give them all too.

    All is counted as known at the moment of the span; `report` is that of the period before, which the figures are
    compared with where there is one. Where there is none, they are compared with as many days before, counted now.
    """
    begins = report.first_date if report is not None else max(outbreak.first_date, span.first - span.length)
    begins = min(begins, span.first - timedelta(days=1))
    days = daily.by_day(outbreak, begins, span.last, as_of=span.as_of, within=area_code)
    recounted, found = (daily.over(part, area_code) for part in (days[: -span.n_days], days[-span.n_days :]))
    before = dict(report.figures) if report is not None else recounted
    causes = _causes(outbreak, area_code, span)
    changes = []
    for figure in (*FLOWS, *STOCKS):
        told = list(causes.get(figure, {}).values())
        was, counted, now = before.get(figure), recounted.get(figure), found.get(figure)
        if figure in STOCKS and was is not None and counted is not None and was != counted:
            told.append(Because(FigureCause.LATE, counted - was, ()))
        if now is not None and (told or now != was):
            changes.append(Change(figure, was, now, tuple(told)))
    return changes, found


def _causes(outbreak: Outbreak, area_code: str, span: Span) -> dict[Figure, dict[FigureCause, Because]]:
    found: dict[Figure, dict[FigureCause, Because]] = defaultdict(dict)
    for scheme, number, move in _moving(outbreak, area_code, span):
        for figure, change in scheme.effects(move.was, move.now).items():
            cause = cause_of(move)
            so_far = found[figure].get(cause, Because(cause, 0, ()))
            # A case may move twice within a period: it is named once.
            numbers = so_far.numbers if number in so_far.numbers else (*so_far.numbers, number)
            found[figure][cause] = Because(cause, so_far.change + change, numbers)
    return found


def _moving(outbreak: Outbreak, area_code: str, span: Span) -> Iterator[tuple[Scheme, str, Moves]]:
    for number, moves in daily_rows.cases_moving(outbreak, area_code, span):
        yield from ((engine.CASES, number, move) for move in moves)
    for number, moves in daily_rows.contacts_moving(outbreak, area_code, span):
        yield from ((engine.CONTACTS, number, move) for move in moves)


def cause_of(move: Moves) -> FigureCause:
    """Say in one word why a row moved: by where it went, else by where it came from."""
    if move.was == NOWHERE:
        return FigureCause.NEW
    if move.was == ELSEWHERE:
        return FigureCause.MOVED_IN
    if cause := _BY_NOW.get(move.now):
        return cause
    return _BY_WAS.get(move.was, FigureCause.RECLASSIFIED)
