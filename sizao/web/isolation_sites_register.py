"""Isolation sites are registered by hand or from a list, with the faulty cells told one by one."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.adapters import uploads
from sizao.errors import SizaoError
from sizao.records import access
from sizao.response.isolation import site_lists, sites
from sizao.terms import Right
from sizao.web import refusals, shell, uploaded
from sizao.web.area_named import area_code_of
from sizao.web.isolation_sites import common

COLUMNS: Mapping[str, Sequence[str]] = {
    "name": ("名称", "隔离点名称", "场所名称"),
    "area_code": ("区划代码", "行政区划代码"),
    "latitude": ("纬度",),
    "longitude": ("经度",),
    "phone": ("办公电话", "电话"),
    "in_closed_loop": ("闭环管理",),
    "note": ("备注",),
    "first_floor": ("起始楼层",),
    "floors": ("楼层数",),
    "rooms_per_floor": ("每层房间数",),
    "beds": ("每间床位数",),
}
NEEDS = ("name", "area_code")


class NoSiteFile(SizaoError):
    code = "isolation.no_site_file"
    message = "No file was chosen. Choose the workbook or CSV file that lists the sites."


class NotDegrees(SizaoError):
    code = "isolation.degrees.unreadable"
    message = "“{given}” is no number of degrees. Write 38.0312, or leave both fields empty."


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register one site, or take a list of them; a list can be rehearsed."""
    access.require(request.user, Right.SITE_MANAGE)
    chosen = shell.chosen(request)
    faulty: dict[str, object] = {}
    if request.method == "POST":
        try:
            if "site_file" in request.FILES or request.POST.get("from") == "file":
                messages.success(request, _taken(request))
                return redirect(f"{reverse('isolation')}?{chosen.query}&shown=reserve")
            made = sites.register_site(entry=_entry(request), by=request.user, now=chosen.moment)
        except site_lists.SitesRefused as refusal:
            messages.warning(request, uploaded.said(refusal))
            faulty = uploaded.faults(refusal.facts["errors"], _upload(request), _should())
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Registered: {name}. Now add its rooms.").format(name=made.place.name))
            return redirect(f"{reverse('isolation_site', args=[made.pk])}?{chosen.query}")
    shown = {
        **faulty,
        "given": request.POST,
        "columns": [(column, headings[0], _should()[column]) for column, headings in COLUMNS.items()],
    }
    return render(request, "web/isolation/register.html", shown | common(request, "register"))


def _entry(request: HttpRequest) -> sites.SiteEntry:
    given = request.POST
    return sites.SiteEntry(
        name=given.get("name", ""),
        area_code=area_code_of(given.get("area_code", ""), by=request.user),
        latitude=_degrees(given.get("latitude", "")),
        longitude=_degrees(given.get("longitude", "")),
        phone=given.get("phone", "").strip(),
        in_closed_loop=given.get("in_closed_loop") == "1",
        note=given.get("note", "").strip(),
    )


def _degrees(given: str) -> float | None:
    try:
        return float(given) if given.strip() else None
    except ValueError as fault:
        raise NotDegrees(given=given[:40]) from fault


def _taken(request: HttpRequest) -> str:
    upload = _upload(request)
    rehearsed = request.POST.get("dry_run") == "1"
    taken = site_lists.take_sites(
        rows=upload.rows,
        source=request.FILES["site_file"].name[:120],
        by=request.user,
        now=shell.chosen(request).moment,
        dry_run=rehearsed,
    )
    said = (
        gettext("The file is right: {sites} new sites with {rooms} rooms, {known} known. Nothing was kept.")
        if rehearsed
        else gettext("Taken in: {sites} new sites with {rooms} rooms; {known} were known and stay as they are.")
    )
    return said.format(sites=taken.sites, rooms=taken.rooms, known=taken.known)


def _upload(request: HttpRequest) -> uploads.Upload:
    return uploaded.read(request, "site_file", columns=COLUMNS, needs=NEEDS, missing=NoSiteFile)


def _should() -> dict[str, str]:
    return {
        "name": gettext("the name of the site, each once in its area; at most 100 characters"),
        "area_code": gettext("the code of an area of the register inside your jurisdiction"),
        "latitude": gettext("degrees north (WGS-84); empty where unknown"),
        "longitude": gettext("degrees east (WGS-84); empty where unknown"),
        "phone": gettext("of the office, not of a person; at most 40 characters"),
        "in_closed_loop": gettext("yes or no (是, 否); empty: yes"),
        "note": gettext("at most 300 characters"),
        "first_floor": gettext("the lowest floor with rooms, a whole number; empty: 1"),
        "floors": gettext("how many floors with rooms; empty: rooms are added later"),
        "rooms_per_floor": gettext("rooms on each floor; goes with the number of floors"),
        "beds": gettext("beds in each room, 1 to 20; empty: 1"),
    }
