"""Figures as files: out as workbook, CSV or data value set; back in to be compared, cell by cell."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.adapters import dhis2
from sizao.adapters.spreadsheets import Sheet
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.response.reports import figure_files
from sizao.response.reports.figure_files import FIGURE_COLUMNS, FIGURE_KEYS
from sizao.terms import Right
from sizao.web import daily_reports, refusals, shell, spreadsheet, uploaded
from sizao.web.orders import read_day

MOST_DAYS = 62


class NoFile(SizaoError):
    code = "reports.file.unreadable"
    message = "Choose a file with figures: a workbook (xlsx) or CSV."


class TooManyDays(SizaoError):
    code = "reports.days.unreadable"
    message = "Take at most {most} days at once, from {first} on."


class NoMapping(SizaoError):
    code = "reports.no_mapping"
    message = "This installation has no mapping to DHIS2. Name its file in SIZAO_DHIS2_MAPPING."


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Answer: how do figures leave, and does a file that came back tell the same?"""
    access.require(request.user, Right.REPORT_READ)
    chosen = shell.chosen(request)
    day = daily_reports.day_of(request, chosen)
    shown: dict[str, object] = {"date": day, "most_days": MOST_DAYS, "has_mapping": bool(settings.DHIS2_MAPPING)}
    if request.method == "POST":
        try:
            shown["compared"] = _compared(request, chosen)
        except SizaoError as refusal:
            shown["refused"] = refusals.sentence(refusal)
    return render(request, "web/reports_files.html", shown)


def _compared(request: HttpRequest, chosen: shell.Chosen) -> figure_files.Comparison:
    columns = {one.code: (one.zh, one.en) for one in FIGURE_COLUMNS}
    upload = uploaded.read(request, "file", columns=columns, needs=FIGURE_KEYS, missing=NoFile)
    days = sorted(one for row in upload.rows if (one := _day(row["date"])) is not None)
    first, last = (days[0], days[-1]) if days else (chosen.day, chosen.day)
    present = figure_files.figure_rows(chosen.outbreak, chosen.area_code, first, last, as_of=chosen.as_of)
    return figure_files.compare(
        [figure_files.figure_read(row) for row in upload.rows], upload.lines, list(present),
        columns=FIGURE_COLUMNS, keys=FIGURE_KEYS,
    )  # fmt: skip


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None


@require_GET
def figures(request: HttpRequest) -> FileResponse | HttpResponse:
    """Send figures of some days: a workbook, or CSV with the codes as headings."""
    access.require(request.user, Right.REPORT_READ)
    chosen = shell.chosen(request)
    first, last = _days(request, chosen)
    rows = list(figure_files.figure_rows(chosen.outbreak, chosen.area_code, first, last, as_of=chosen.as_of))
    journal.write("reports.exported", chosen.outbreak, by=request.user, at=request.now, rows=len(rows))
    cells = [[row[one.code] for one in FIGURE_COLUMNS] for row in rows]
    if request.GET.get("as") == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([one.code for one in FIGURE_COLUMNS])
        writer.writerows(cells)
        return _sent(out.getvalue().encode("utf-8-sig"), f"sizao-figures-{first}-{last}.csv", "text/csv; charset=utf-8")
    heads = [one.head(get_language() or "zh") for one in FIGURE_COLUMNS]
    return spreadsheet.send(f"sizao-figures-{first}-{last}.xlsx", [Sheet(gettext("Figures"), heads, cells)])


@require_GET
def data_value_set(request: HttpRequest) -> HttpResponse:
    """Send the submitted figures of some days as a data value set of DHIS2; first tell what cannot stand in it."""
    access.require(request.user, Right.REPORT_READ)
    chosen = shell.chosen(request)
    if not settings.DHIS2_MAPPING:
        raise NoMapping
    mapped = dhis2.read_mapping(Path(settings.DHIS2_MAPPING))
    first, last = _days(request, chosen)
    values = figure_files.values_of(chosen.outbreak, chosen.area_code, first, last, as_of=chosen.as_of)
    told, left_out = dhis2.value_set(mapped, values)
    if left_out.unnamed and "without" not in request.GET:
        without = {**request.GET.dict(), "without": "1"}
        shown = {"date": last, "has_mapping": True, "left_out": left_out.unnamed, "without": urlencode(without)}
        return render(request, "web/reports_files.html", shown)
    journal.write("reports.exported", chosen.outbreak, by=request.user, at=request.now, rows=len(told["dataValues"]))
    return _sent(json.dumps(told, indent=1).encode(), f"sizao-values-{first}-{last}.json", "application/json")


def _days(request: HttpRequest, chosen: shell.Chosen) -> tuple[date, date]:
    last = daily_reports.day_of(request, chosen)
    first = read_day(request.GET.get("from", "")) or last
    if not 0 <= (last - first).days < MOST_DAYS:
        raise TooManyDays(most=MOST_DAYS, first=first)
    return first, last


def _sent(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
