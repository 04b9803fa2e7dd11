"""The outlook of an outbreak: how many really, how fast, how late, what next, until when; and as a workbook."""

from dataclasses import asdict
from datetime import date

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from sizao.errors import SizaoError
from sizao.records import access
from sizao.response.reports import outlook
from sizao.response.reports.outlook import Outlook
from sizao.response.reports.outlook_said import TooFew
from sizao.terms import CountedBy, Delay, Right
from sizao.web import outlook_sentences, outlook_sheets, shell, spreadsheet


class NoSuchPart(SizaoError):
    code = "outlook.part.not_found"
    message = "The outlook has no part called “{part}”. Its parts are: {parts}."


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Answer: how many are there really, how fast does it spread, what comes next, when is it over?"""
    read, chosen = _read(request), shell.chosen(request)
    called = chosen.outbreak.name if (get_language() or "zh").startswith("zh") else chosen.outbreak.name_en
    shown = {
        "outlook": read,
        "said": outlook_sentences.sentences(read),
        "delays": [(told, outlook_sentences.delay(told)) for told in read.delays],
        "is_drawn": {part: _is_told(read, part) for part in outlook_sheets.PARTS},
        "by_onset": read.reproduction.basis is CountedBy.ONSET,
        # Under each exported chart: what it is of, and as of when.
        "source": gettext("%(outbreak)s · area %(area)s · as known on %(day)s · model results · sizao")
        % {"outbreak": called, "area": chosen.area_code, "day": chosen.day},
        "iso": chosen.day.isoformat(),
        "drawing": _drawing(read),
        "words": _words(read),
    }
    return render(request, "web/outlook.html", shown)


@require_safe
def export(request: HttpRequest) -> FileResponse:
    """Give the numbers behind the charts as a workbook: of one part, or of all."""
    part = request.GET.get("part", "")
    if part and part not in outlook_sheets.PARTS:
        raise NoSuchPart(part=part[:40], parts=", ".join(outlook_sheets.PARTS))
    read, chosen = _read(request), shell.chosen(request)
    sheets = outlook_sheets.sheets(read, [part] if part else list(outlook_sheets.PARTS))
    origin = outlook_sheets.origin(read, chosen.outbreak, chosen.area_code, request)
    return spreadsheet.send(f"sizao-outlook-{part or 'all'}-{chosen.day}.xlsx", [*sheets, origin])


def _read(request: HttpRequest) -> Outlook:
    chosen = shell.chosen(request)
    access.require(request.user, Right.SITUATION_READ)
    return outlook.read(chosen.outbreak, chosen.area_code, day=chosen.day, as_of=chosen.as_of)


def _is_told(read: Outlook, part: str) -> bool:
    """Whether there is anything to draw."""
    if part == "reproduction":
        return any(value is not None for value in read.reproduction.median)
    if part == "delays":
        return any(told.n for told in read.delays)
    return not isinstance(getattr(read, part), TooFew)


def _drawing(read: Outlook) -> dict[str, object]:
    """What the charts are drawn from: plain lists, days as text; a part that cannot be told is null."""
    onset = next(told for told in read.delays if told.kind is Delay.ONSET_TO_FOUND)
    parts = {part: _plain(asdict(getattr(read, part))) for part in ("curve", "reproduction", "forecast", "ending")}
    told: dict[str, object] = {part: parts[part] if _is_told(read, part) else None for part in parts}
    return told | {"delays": _plain(asdict(onset)) if onset.n else None, "found": _plain(asdict(read.found))}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _words(read: Outlook) -> dict[str, str]:
    """The words that the charts show."""
    language = get_language() or "zh"
    return {
        "known": gettext("Onset known"),
        "placed": gettext("Onset not known, placed by model"),
        "nowcast": gettext("Really fallen ill (nowcast, model)"),
        "band": gettext("95 % band"),
        "half": gettext("50 % band"),
        "cases": gettext("Cases"),
        "rt": gettext("Reproduction number Rt"),
        "one": gettext("1: each case replaces itself"),
        "cohort": gettext("By cohort (Wallinga–Teunis)"),
        "found": gettext("Found, counted"),
        "forecast": gettext("Forecast (model)"),
        "naive": gettext("Last week carried on (naive)"),
        "counted": gettext("Counted"),
        "fitted": gettext("Fitted (model)"),
        "chance": gettext("Chance that nobody else is found later"),
        "delay": Delay.ONSET_TO_FOUND.label(language),
        "basis": read.reproduction.basis.label(language),
    }
