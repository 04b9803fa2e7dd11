"""Somebody in a site was found positive: the rooms near, judged one by one, and whose days begin anew."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import SiteExposure
from sizao.response.isolation.days import exposures, inside
from sizao.terms import Right
from sizao.web import refusals, shell
from sizao.web.site_day import common


@require_GET
def listed(request: HttpRequest, site_id: int) -> HttpResponse:
    """Answer: was somebody found positive here, and is it judged who was near?"""
    chosen, site = shell.chosen(request), inside.fetch(site_id, to=Right.SITE_WORK, by=request.user)
    found = exposures.of_site(site, as_of=chosen.as_of, outbreak=chosen.outbreak)
    shown = {"found": [(one, one.due_at is not None and one.due_at < chosen.as_of) for one in found]}
    return render(request, "web/site_day_near.html", shown | common(request, site, "near"))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, exposure_id: int) -> HttpResponse:
    """Answer: which rooms were near, who was in them when? Or judge them, or lengthen somebody's order."""
    chosen, found = shell.chosen(request), _fetch(request, exposure_id)
    if request.method == "POST":
        _act(request, found)
        return redirect(f"{reverse('site_near_one', args=[found.pk])}?{chosen.query}")
    near = exposures.near(found, as_of=chosen.as_of)
    judged = exposures.together(found, as_of=chosen.as_of)
    people = len(judged) + sum(len(room.people) for room in near)
    journal.write("exposure.read", found, by=request.user, at=request.now, people=people)
    shown = {
        "exposure": found,
        "positive": judged,
        "first_risk_at": min(one.first_risk_at for one in judged),
        "left_at": exposures.left_at(judged),
        "near": near,
        "is_late": _is_late(found, chosen),
        "restarts": exposures.restarts(found, as_of=chosen.as_of) if found.decided_at else (),
    }
    return render(request, "web/site_day_near_one.html", shown | common(request, found.site, "near"))


def _fetch(request: HttpRequest, exposure_id: int) -> SiteExposure:
    access.require(request.user, Right.ORDER_ISSUE)
    rows = SiteExposure.objects.select_related("site__place", "room", "person", "outbreak", "decided_by")
    found = rows.filter(pk=exposure_id, site__area_code__startswith=request.user.area_code).first()
    if found is None or found.outbreak_id != shell.chosen(request).outbreak.pk:
        raise NotYours(what="exposure", area=request.user.area_code)
    return found


def _is_late(exposure: SiteExposure, chosen: shell.Chosen) -> bool:
    return exposure.decided_at is None and exposure.due_at is not None and exposure.due_at < chosen.as_of


def _act(request: HttpRequest, found: SiteExposure) -> None:
    moment = shell.chosen(request).moment
    try:
        if request.POST.get("act") == "lengthen":
            said = _lengthen(request, found)
        else:
            exposed = {
                int(name.removeprefix("room-")): value == "1"
                for name, value in request.POST.items()
                if name.startswith("room-") and name[5:].isdecimal() and len(name) < 24 and value in ("0", "1")  # noqa: PLR2004 — digits of a bigint
            }
            exposures.judge(
                exposure=found, exposed=exposed, decision=request.POST.get("decision", ""), by=request.user, now=moment
            )
            said = gettext("Judged in your name. Nobody's order was changed by it.")
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)


def _lengthen(request: HttpRequest, found: SiteExposure) -> str:
    moment = shell.chosen(request).moment
    people = {one.person.number: one.person for one in exposures.restarts(found, as_of=moment)}
    person = people.get(request.POST.get("person", ""))
    if person is None:
        raise NotYours(what="person", area=request.user.area_code)
    order = exposures.lengthen(exposure=found, person=person, by=request.user, now=moment)
    return gettext("The order of {number} lasts until {until} now, in your name.").format(
        number=person.number, until=order.ends_date
    )
