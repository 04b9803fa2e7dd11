"""Our numbers of each day beside what the authority published then, with why they differ."""

from dataclasses import dataclass
from datetime import date, datetime

from sizao.adapters import outbreak_files
from sizao.records.models import Outbreak
from sizao.response.reports import daily
from sizao.terms import Figure

_PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Beside:
    """One day: new confirmed cases by our rows, as published, and both so far; None where nothing was published."""

    day: date
    ours: int
    published: int | None
    ours_so_far: int
    published_so_far: int | None

    @property
    def difference(self) -> int | None:
        """Ours less theirs; None where nothing was published."""
        return None if self.published is None else self.ours - self.published


def published_beside(outbreak: Outbreak, area_code: str, *, until: date, as_of: datetime) -> list[Beside]:
    """
    Put new confirmed cases of each day beside the published series, the latest day first.

    The series is of the whole province: for a part of it there is none. A day without a published figure breaks the
    published sum.
    """
    series = outbreak_files.official_new_confirmed(outbreak.slug) if len(area_code) <= _PROVINCE_DIGITS else {}
    found, ours_so_far, theirs = [], 0, 0
    complete = bool(series)
    for counted in daily.by_day(outbreak, outbreak.first_date, until, as_of=as_of):
        ours = counted.of(area_code)[Figure.NEW_CONFIRMED] or 0
        published = series.get(counted.day)
        ours_so_far += ours
        theirs += published or 0
        complete = complete and published is not None
        found.append(Beside(counted.day, ours, published, ours_so_far, theirs if complete else None))
    return found[::-1]
