"""For development: put on each case the text of its report that no event was read from. Texts do not ship."""

from collections.abc import Sequence
from datetime import datetime

from sizao.drill.scenario import Scenario
from sizao.engines.reading import Gazetteer, Report, read_all
from sizao.records.models import Case
from sizao.response import cases, outbreaks
from sizao.terms import AREA_DIGITS, AreaLevel


def note(scenario: Scenario, reports: Sequence[Report], *, now: datetime) -> int:
    """
    Read the texts of a scenario's reports and put what stays unread on the cases; return how many changed.

    Raise NoSuchOutbreak while the scenario is not replayed.
    """
    outbreak = outbreaks.called(scenario.slug)
    by_number = {case.number: case for case in Case.objects.filter(outbreak=outbreak)}
    texts = {report.report_id: report.text for report in reports}
    readings = read_all(list(reports), _gazetteer(scenario))
    unread = {
        by_number[one.report_id]: [texts[one.report_id][start:end] for start, end in one.unread]
        for one in readings
        if one.report_id in by_number
    }
    return cases.note_unread(unread=unread, by=None, now=now)


def _gazetteer(scenario: Scenario) -> Gazetteer:
    entries = {entry.code: entry.name for entry in scenario.areas()}
    digits = AREA_DIGITS[AreaLevel.VILLAGE]
    villages = {code: name for code, name in entries.items() if len(code) == digits}
    return Gazetteer(villages, {code: name for code, name in entries.items() if len(code) < digits})
