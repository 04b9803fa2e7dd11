"""The cases of an outbreak as they were known at a moment, one small value each, for counting."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sizao.records.models import Case, CaseChange, Outbreak
from sizao.terms import CaseStatus

COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class KnownCase:
    """
    One case at a moment.

    `status_date` is the civil day on which it took its present status; `onset_date` is None when it was
    not yet investigated, when the report names none, and when there are no symptoms.
    """

    area_code: str
    status: CaseStatus
    status_date: date
    onset_date: date | None

    @property
    def county_code(self) -> str:
        """The county it is counted in; empty when only a larger area is known."""
        return self.area_code[:COUNTY_DIGITS] if len(self.area_code) >= COUNTY_DIGITS else ""


def known_cases(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> list[KnownCase]:
    """Read the standing cases of an area as they were known at `as_of`; discarded ones are left out."""
    history = _histories(outbreak, area_code, as_of)
    rows = Case.objects.filter(outbreak=outbreak, area_code__startswith=area_code, opened_at__lte=as_of)
    columns = ("id", "area_code", "onset_date", "investigated_at")
    return list(_known(rows.values_list(*columns), history, outbreak, as_of))


def _histories(outbreak: Outbreak, area_code: str, as_of: datetime) -> dict[int, list[tuple[str, datetime]]]:
    moves = CaseChange.objects.filter(
        case__outbreak=outbreak, case__area_code__startswith=area_code, at__lte=as_of
    ).order_by("at", "id")
    history: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for case_id, status, at in moves.values_list("case_id", "status", "at"):
        # A second change to the same status does not begin it anew.
        if not history[case_id] or history[case_id][-1][0] != status:
            history[case_id].append((status, at))
    return history


def _known(
    rows: Iterator[tuple[int, str, date | None, datetime | None]],
    history: dict[int, list[tuple[str, datetime]]],
    outbreak: Outbreak,
    as_of: datetime,
) -> Iterator[KnownCase]:
    for case_id, code, onset, investigated_at in rows:
        if case_id not in history:
            continue
        status, since = history[case_id][-1]
        if status == CaseStatus.DISCARDED:
            continue
        investigated = investigated_at is not None and investigated_at <= as_of
        yield KnownCase(code, CaseStatus(status), outbreak.day_of(since), onset if investigated else None)
