"""Reports in, readings out: one alone, or a batch in which neighbours help each other."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sizao.engines.reading.calendar import Calendar, first_date, has_year
from sizao.engines.reading.events import Reading
from sizao.engines.reading.gazetteer import Gazetteer
from sizao.engines.reading.page import open_page
from sizao.engines.reading.places import COUNTY, left_open
from sizao.engines.reading.reader import Reader
from sizao.engines.reading.text import plain

NEIGHBOURS = 8  # reports on either side that were published together
AGREED = 2  # neighbours that must name a county before it settles a name


@dataclass(frozen=True)
class Report:
    """A report to be read. `year`, when known, is the year of its first date."""

    report_id: str
    text: str
    year: int | None = None


def read(report: Report, gazetteer: Gazetteer, around: Sequence[str] = (), near: date | None = None) -> Reading:
    """
    Read one report into events and unread stretches.

    `around` are codes of counties that neighbouring reports name, and `near` is a day near which
    its dates lie when it writes no year at all. Never raises, whatever the text.
    """
    page = open_page(report.text, gazetteer, around)
    start = first_date(page.written, report.year) or near
    events, unread = Reader(page, Calendar(start)).read()
    return Reading(
        report_id=report.report_id,
        events=tuple(events),
        unread=tuple(unread),
        home_area_code=page.home,
        named_areas=tuple(n.codes[0] for n in page.located if n.settled and n.digits >= COUNTY),
        left_open=start is None or left_open(page.located),
    )


def read_all(
    reports: Sequence[Report], gazetteer: Gazetteer, tick: Callable[[int], object] | None = None
) -> list[Reading]:
    """
    Read reports that were published together, in their order.

    What one report leaves open (which of several villages of one name, which year) is taken from
    its neighbours where they agree. `tick` is told of each report that is done.
    """
    first = []
    for report in reports:
        first.append(read(report, gazetteer))
        if tick:
            tick(1)
    return [
        _reread(reports[i], _beside(first, i), gazetteer) if reading.left_open else reading
        for i, reading in enumerate(first)
    ]


def _beside(readings: Sequence[Reading], i: int) -> list[Reading]:
    """The neighbours of a reading, nearest first."""
    near = [j for step in range(1, NEIGHBOURS + 1) for j in (i - step, i + step)]
    return [readings[j] for j in near if 0 <= j < len(readings)]


def _reread(report: Report, beside: Sequence[Reading], gazetteer: Gazetteer) -> Reading:
    votes = Counter(county for r in beside for county in {code[:COUNTY] for code in r.named_areas})
    around = [county for county, count in votes.items() if count >= AGREED]
    near = None
    if report.year is None and not has_year(plain(report.text)):
        near = next((e.date_from for r in beside for e in r.events if e.date_from), None)
    return read(report, gazetteer, around, near)
