"""The situation: one picture of a day, and the same picture in parts while the day moves."""

from dataclasses import asdict

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from sizao.adapters.spreadsheets import Sheet
from sizao.records import access
from sizao.response.reports import situation
from sizao.terms import Right
from sizao.web import boundaries as drawn_on
from sizao.web import levels, shell, spreadsheet


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Answer: how do things stand, and what must be done now? Without an outbreak, lead to what the level asks for."""
    access.require(request.user, Right.SITUATION_READ)
    try:
        shell.chosen(request)
    except shell.NoOutbreak:
        start = None if request.GET.get("outbreak") else levels.start_of(request.user, request.now)
        if start is None:
            raise
        return redirect(start)
    return render(request, "web/situation/page.html", _picture(request))


@require_safe
def parts(request: HttpRequest) -> HttpResponse:
    """Give the same picture without its frame, for the day slider."""
    return render(request, "web/situation/parts.html", _picture(request))


@require_safe
@cache_control(private=True, max_age=3600)
def boundaries(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the boundaries that ship with an outbreak."""
    outbreak = access.outbreak(slug, to=Right.SITUATION_READ, by=request.user)
    found = drawn_on.of(outbreak)
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="application/geo+json")


@require_safe
def curve_export(request: HttpRequest) -> FileResponse:
    """Give the counts behind the epidemic curve as a workbook; a day to come is an empty cell."""
    read, chosen = _read(request), shell.chosen(request)
    words, curve = _words(), read.curve
    kept = ("onset_known", "onset_unknown", "confirmed", "asymptomatic", "official")
    rows = list(zip(curve.days, *(getattr(curve, name) for name in kept), strict=True))
    sheet = Sheet(gettext("Epidemic curve"), (gettext("Day"), *(words[name] for name in kept)), rows)
    origin = (
        (gettext("Outbreak"), chosen.outbreak.slug),
        (gettext("Area"), chosen.area_code),
        (gettext("Known at the end of"), chosen.day),
        (gettext("Taken at"), f"{timezone.localtime(request.now):%Y-%m-%d %H:%M}"),
    )
    told = Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), origin)
    return spreadsheet.send(f"sizao-curve-{chosen.day}.xlsx", [sheet, told])


def _read(request: HttpRequest) -> situation.Situation:
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    return situation.read(
        chosen.outbreak, chosen.area_code, day=chosen.day, last_date=chosen.last_date, as_of=chosen.as_of
    )


def _picture(request: HttpRequest) -> dict[str, object]:
    read, chosen = _read(request), shell.chosen(request)
    return {
        "situation": read,
        "drawing": _drawing(read),
        "words": _words(),
        "has_map": drawn_on.of(chosen.outbreak) is not None,
        "map_remark": drawn_on.remark(chosen.outbreak),
        "may_list": access.may(request.user, Right.PERSON_LIST),
        "may_issue": access.may(request.user, Right.ORDER_ISSUE),
        "may_work": access.may(request.user, Right.TASK_WORK),
    }


def _drawing(read: situation.Situation) -> dict[str, object]:
    """What the map and the curve are drawn from: plain lists, days as text."""
    curve = asdict(read.curve)
    curve["days"] = [day.isoformat() for day in read.curve.days]
    return {"curve": curve, "counties": [asdict(county) for county in read.counties]}


def _words() -> dict[str, str]:
    """The words that the map and the curve show."""
    return {
        "onset_known": gettext("Confirmed, by onset"),
        "onset_unknown": gettext("Onset not known (on the day of report)"),
        "confirmed": gettext("Confirmed, by report"),
        "asymptomatic": gettext("Asymptomatic"),
        "official": gettext("Announced by the province"),
        "cases": gettext("Cases"),
        "none": gettext("none"),
        "new": gettext("New on this day"),
        "proposed": gettext("Proposed"),
        "decided": gettext("Official"),
        "high": gettext("high"),
        "medium": gettext("medium"),
        "map": gettext("Map"),
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
        "no_map": gettext("The map could not be drawn here; the table below holds the same figures."),
    }
