"""The public list of risk areas, without signing in: page, workbook and GeoJSON, of today and of any day before."""

from collections.abc import Iterator
from datetime import date, datetime

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.errors import SizaoError
from sizao.records.models import Outbreak
from sizao.response.reports.public_areas import PublicArea, geojson, public_areas
from sizao.terms import OutbreakKind
from sizao.web import boundaries, shell, spreadsheet


class NoPublicList(SizaoError):
    code = "web.areas.not_found"
    message = "There is no list of risk areas under this address. Open /areas/ without anything behind it."


@login_not_required
@require_GET
def areas(request: HttpRequest) -> HttpResponse:
    """Answer: which areas are risk areas on this day, since when, until when, and what holds in them?"""
    outbreak, day, found = _asked(request)
    lists = _announced().order_by("-opened_at")
    standing = [one for one in found if one.lifted is None]
    shown = {
        "of": outbreak,
        "asked": request.GET.get("outbreak", "")[:60],
        "day": day,
        "standing": standing,
        "lifted": [one for one in found if one.lifted is not None],
        "lists": list(lists),
        "last": _last(outbreak, request.now) if outbreak else day,
        "on_map": any(one.geometry or one.point for one in standing),
        "has_ground": outbreak is not None and boundaries.of(outbreak) is not None,
    }
    return render(request, "web/zones/public.html", shown)


@login_not_required
@require_GET
def areas_geojson(request: HttpRequest) -> JsonResponse:
    """Give the list as GeoJSON."""
    _, day, found = _whole(request)
    answer = JsonResponse(geojson(found) | {"day": day.isoformat()}, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/geo+json"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@login_not_required
@require_GET
def areas_ground(request: HttpRequest) -> HttpResponse:
    """Give the counties that the sketch of the list is drawn on; nothing of people."""
    outbreak, _, _ = _asked(request)
    drawn = boundaries.of(outbreak) if outbreak else None
    if drawn is None:
        raise NoPublicList
    return HttpResponse(drawn, content_type="application/geo+json")


@login_not_required
@require_GET
def areas_export(request: HttpRequest) -> FileResponse:
    """Give the list as a workbook."""
    _, day, found = _whole(request)
    heads = (
        gettext("Area"), gettext("Division code"), gettext("Level"), gettext("In force since"),
        gettext("Expected until"), gettext("Lifted on"), gettext("Areas"), gettext("Announcement"),
    )  # fmt: skip
    return spreadsheet.send(f"sizao-areas-{day}.xlsx", [Sheet(gettext("Risk areas"), heads, lambda: _rows(found))])


def _rows(found: list[PublicArea]) -> Iterator[tuple[Cell, ...]]:
    for one in found:
        yield one.name, one.area_code, one.level.label("zh"), one.since, one.until, one.lifted, one.n, one.text_zh


def _announced() -> QuerySet[Outbreak]:
    """Give the outbreaks of which any area was announced; others of theirs may still be proposals."""
    return Outbreak.objects.filter(zones__published_at__isnull=False).distinct()


def _asked(request: HttpRequest) -> tuple[Outbreak | None, date, list[PublicArea]]:
    lists = _announced().order_by("-opened_at")
    slug = request.GET.get("outbreak")
    outbreak = (lists.filter(slug=slug) if slug else lists).first()
    if outbreak is None:
        # The same for an outbreak that has announced nothing as for none at all: the public learns of neither here.
        return None, timezone.localtime(request.now).date(), []
    last = _last(outbreak, request.now)
    try:
        day = date.fromisoformat(request.GET.get("day") or last.isoformat())
    except ValueError as fault:
        raise shell.NotADay(day=request.GET["day"][:40]) from fault
    if not outbreak.first_date <= day <= last:
        raise shell.DayOutside(day=day, first=outbreak.first_date, last=last)
    as_of = shell.end_of(day)
    if outbreak.kind != OutbreakKind.REPLAY:
        as_of = min(as_of, request.now)
    return outbreak, day, public_areas(outbreak, as_of=as_of)


def _whole(request: HttpRequest) -> tuple[Outbreak | None, date, list[PublicArea]]:
    """Read the list for a machine, which is told that an address has none. Raise NoPublicList."""
    outbreak, day, found = _asked(request)
    if outbreak is None and request.GET.get("outbreak"):
        raise NoPublicList
    return outbreak, day, found


def _last(outbreak: Outbreak, now: datetime) -> date:
    return max(outbreak.first_date, outbreak.last_date or outbreak.day_of(now))
