"""What a page reads of questions to the simulated city: the questions of an area, and what came since one was asked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from sizao.records.models import Outbreak, WhatIf
from sizao.response.reports.outlook_rows import gather


@dataclass(frozen=True, slots=True)
class Came:
    """Cases counted on each day since a question was asked, up to the day that is looked at."""

    days: tuple[date, ...]
    found: tuple[int, ...]

    @property
    def total(self) -> int:
        """Count them all."""
        return sum(self.found)


def asked_by(outbreak: Outbreak, area_code: str, *, day: date) -> QuerySet[WhatIf]:
    """Give the questions of an area that start from a day or an earlier one, the latest first."""
    found = WhatIf.objects.filter(outbreak=outbreak, area_code__startswith=area_code, date__lte=day)
    return found.order_by("-date", "-pk").defer("situation", "answer")


def came_since(question: WhatIf, *, day: date, as_of: datetime) -> Came:
    """Count what came after the day a question starts from, by what was known at `as_of`; as far as it looked ahead."""
    last = min(day, question.date + timedelta(days=question.settings["days"]))
    if last <= question.date:
        return Came((), ())
    counts = gather(question.outbreak, question.area_code, day=day, as_of=as_of).found_by_day()
    days = tuple(question.date + timedelta(days=n + 1) for n in range((last - question.date).days))
    return Came(days, tuple(counts.get(one, 0) for one in days))
