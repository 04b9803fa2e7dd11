"""The epidemic curve: cases by the day they fell ill and by the day they were reported."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sizao.response.reports.known_cases import KnownCases
from sizao.terms import CaseStatus

DAYS_BEFORE_FIRST_REPORT = 14  # illness starts before the first report; one incubation period is shown


@dataclass(frozen=True, slots=True)
class Curve:
    """
    Counts per civil day, all lists as long as `days`; None on days that had not come yet.

    Confirmed cases without a known onset stand in `onset_unknown` on the day they were reported, and
    `n_earlier_onsets` fell ill before the first day shown. `official` is what the authority announced,
    None where no figure was published.
    """

    days: tuple[date, ...]
    onset_known: tuple[int | None, ...]
    onset_unknown: tuple[int | None, ...]
    confirmed: tuple[int | None, ...]
    asymptomatic: tuple[int | None, ...]
    official: tuple[int | None, ...]
    n_earlier_onsets: int


def curve(
    cases: Iterable[KnownCases], official: Mapping[date, int], *, first_date: date, day: date, last_date: date
) -> Curve:
    """Count the cases known on `day` into a curve from before `first_date` to `last_date`."""
    start = first_date - timedelta(days=DAYS_BEFORE_FIRST_REPORT)
    days = tuple(start + timedelta(days=n) for n in range((last_date - start).days + 1))
    onsets: Counter[date] = Counter()
    unknown: Counter[date] = Counter()
    reported: dict[CaseStatus, Counter[date]] = {CaseStatus.CONFIRMED: Counter(), CaseStatus.ASYMPTOMATIC: Counter()}
    for group in cases:
        if group.status in reported:
            reported[group.status][group.status_date] += group.count
        if group.status is CaseStatus.CONFIRMED and group.onset_date is not None:
            onsets[group.onset_date] += group.count
        elif group.status is CaseStatus.CONFIRMED:
            unknown[group.status_date] += group.count

    def spread(counts: Mapping[date, int]) -> tuple[int | None, ...]:
        return tuple(counts.get(one, 0) if one <= day else None for one in days)

    return Curve(
        days=days,
        onset_known=spread(onsets),
        onset_unknown=spread(unknown),
        confirmed=spread(reported[CaseStatus.CONFIRMED]),
        asymptomatic=spread(reported[CaseStatus.ASYMPTOMATIC]),
        official=tuple(official.get(one) if one <= day else None for one in days),
        n_earlier_onsets=sum(count for onset, count in onsets.items() if onset < start),
    )
