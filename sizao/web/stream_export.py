"""A stream as a workbook or as a plain table that `sizao detect` reads: counts only, no people."""

import csv
import io
from collections.abc import Iterator

import numpy as np
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.records.models import Stream
from sizao.response.reports.standing_streams import Course
from sizao.terms import Right
from sizao.web import officers, shell, spreadsheet, stream_page


@require_GET
def stream_export(request: HttpRequest, stream_id: int) -> HttpResponseBase:
    """Give all that was known of a stream at the chosen day: as xlsx, or as CSV with `form=csv`."""
    found = stream_page.fetched(request, stream_id, to=Right.SITUATION_READ)
    course = stream_page.course_of(request, found, "all")
    if request.GET.get("form") == "csv":
        return _csv(found, course)
    sheets = [
        Sheet(gettext("Counts"), _heads(course), _rows(course)),
        Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), _origin(request, found, course)),
    ]
    return spreadsheet.send(f"sizao-stream-{found.pk}.xlsx", sheets)


def _heads(course: Course) -> list[str]:
    heads = [
        gettext("Date"), gettext("Count"), gettext("Out of"), gettext("First said"), gettext("First heard"),
        gettext("Last heard"), gettext("Late"),
    ]  # fmt: skip
    for judged in course.judged:
        columns = (gettext("expected"), gettext("upper bound"), gettext("statistic"), gettext("p"), gettext("alarm"))
        heads += [f"{judged.method}: {column}" for column in columns]
    return heads


def _rows(course: Course) -> Iterator[list[Cell]]:
    for n, day in enumerate(course.dates):
        row: list[Cell] = [day]
        if one := course.heard[n]:
            row += [one.count, one.denominator, one.first_count]
            row += [timezone.localtime(one.first_heard_at), timezone.localtime(one.heard_at), int(one.is_late)]
        else:
            row += [None] * 6
        for judged in course.judged:
            row += [
                _number(values[n]) for values in (judged.expected, judged.upperbound, judged.statistic, judged.p_value)
            ]
            row.append(int(judged.alarm[n]) if judged.judged[n] else None)
        yield row


def _origin(request: HttpRequest, found: Stream, course: Course) -> list[tuple[str, Cell]]:
    chosen = shell.chosen(request)
    rows: list[tuple[str, Cell]] = [
        (gettext("Stream"), found.name),
        (gettext("Key"), found.source_key),
        (gettext("Area"), found.area_code),
        (gettext("Source"), found.source),
        (gettext("Generated"), gettext("yes, made by a model, not counted") if found.is_generated else gettext("no")),
        (gettext("Outbreak"), chosen.outbreak.slug),
        (gettext("Known at the end of"), chosen.day.isoformat()),
        (gettext("Taken by"), officers.taken_by(request)),
        (gettext("Taken at"), f"{timezone.localtime(request.now):%Y-%m-%d %H:%M}"),
    ]
    return rows + [
        (judged.method, f"{entry['value']} ({entry['origin']}, {entry['key']}, {entry['status']})")
        for judged in course.judged
        for entry in judged.basis
    ]


def _csv(found: Stream, course: Course) -> HttpResponse:
    """Write the columns that `sizao detect` reads; a day that nobody counted has an empty count."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    has_population = bool(np.isfinite(course.denominators).any())
    writer.writerow(["series", "index", "date", "count"] + ["population"] * has_population)
    for n, day in enumerate(course.dates):
        numbers = [course.counts[n], course.denominators[n]][: 1 + has_population]
        writer.writerow([found.source_key, n + 1, day.isoformat(), *(_text(number) for number in numbers)])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sizao-stream-{found.pk}.csv"'
    return answer


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _text(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.0f}"
