"""The area officer proposes: choices of the engine beside each other, or an outline drawn on the map."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.protocol.zone_measures import legal_basis, levels
from sizao.records import access
from sizao.records.models import EnvironmentSample, Zone
from sizao.response import outbreaks, zoning
from sizao.response.zoning.covering import Options
from sizao.terms import Right, SampledObject, ZoneLevel, ZoneMeasure
from sizao.web import boundaries, refusals, shell
from sizao.web.area_named import area_code_of

_MOST_DIGITS = 12


class NotAnArea(SizaoError):
    code = "web.zone_area.unreadable"
    message = "“{area}” is no area of yours. Write the name or the division code of a county, township or village."


class OutlineUnreadable(SizaoError):
    code = "web.zone_outline.unreadable"
    message = "The outline could not be read. Draw it again on the map."


class NoSuchChange(SizaoError):
    code = "web.zone_change.unreadable"
    message = "“{given}” is no change of a zone. Open its page again and use the forms."


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Answer: which units would hold how much of the risk, whom would each choice touch; propose one."""
    access.require(request.user, Right.ZONE_PROPOSE)
    chosen = shell.chosen(request)
    area_code = _area(request, chosen)
    unclear = request.GET.get("unclear") == "1"
    if request.method == "POST":
        return _proposed(request, chosen, area_code, unclear=unclear)
    rules = outbreaks.rules_at(chosen.outbreak, chosen.moment, area_code=area_code)
    known = levels(rules)
    found: Options | None = None
    try:
        found = zoning.options(
            outbreak=chosen.outbreak, area_code=area_code, by=request.user, now=chosen.as_of, unclear=unclear
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    shown = {
        "found": found,
        "area_code": area_code,
        "unclear": unclear,
        "levels": known,
        "measures": list(ZoneMeasure),
        "usual": set(known[0].measures) if known else set(),
        "law": " ".join(legal_basis(chosen.day)[:1]),
        "until": known[0].last_day(chosen.day) if known else chosen.day + timedelta(days=7),
        "edition": rules.source,
        "has_map": boundaries.of(chosen.outbreak) is not None,
    }
    return render(request, "web/zones/propose.html", shown)


def _area(request: HttpRequest, chosen: shell.Chosen) -> str:
    given = area_code_of(request.GET.get("area", ""), by=request.user) or chosen.area_code
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise NotAnArea(area=given[:40])
    access.require(request.user, Right.ZONE_PROPOSE, area_code=given)
    return given


def _proposed(request: HttpRequest, chosen: shell.Chosen, area_code: str, *, unclear: bool) -> HttpResponse:
    try:
        made = _made(request, chosen, area_code, unclear=unclear)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return redirect(f"{reverse('zones_propose')}?{chosen.query}&area={area_code}")
    messages.success(request, gettext("Proposed in your name: {name}.").format(name="、".join(z.name for z in made)))
    address = reverse("zone", args=[made[0].pk]) if len(made) == 1 else reverse("zones")
    return redirect(f"{address}?{chosen.query}")


def _made(request: HttpRequest, chosen: shell.Chosen, area_code: str, *, unclear: bool) -> list[Zone]:
    given = request.POST
    decision = zoning.Decision(
        level=ZoneLevel(given["level"]) if given.get("level") in list(ZoneLevel) else ZoneLevel.HIGH,
        measures=_measures(given.getlist("measures")),
        legal_basis=given.get("legal_basis", "")[:300],
        expected_until=_day(given.get("expected_until", "")),
    )
    common: dict[str, Any] = {
        "outbreak": chosen.outbreak, "area_code": area_code, "decision": decision, "by": request.user,
        "reason": given.get("reason", "")[:300], "now": chosen.moment,
    }  # fmt: skip
    if outline := given.get("outline", "").strip():
        return [zoning.draw(name=given.get("name", "")[:200], boundary=_outline(outline), **common)]
    weighed = zoning.options(
        outbreak=chosen.outbreak, area_code=area_code, by=request.user, now=chosen.moment, unclear=unclear
    )
    units = [key for key in given.get("units", "").split(",") if key]
    others = [one.stored() for one in weighed.options if one.keys != given.get("units")]
    return zoning.propose(units=units, unclear=unclear, alternatives=others, **common)


def _measures(given: list[str]) -> tuple[ZoneMeasure, ...]:
    return tuple(ZoneMeasure(one) for one in given if one in list(ZoneMeasure))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise shell.NotADay(day=text[:40]) from fault


def _outline(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as fault:
        raise OutlineUnreadable from fault


@require_POST
def change(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Change a zone: its end, level, measures or outline; record a sample; in the name of who is signed in."""
    chosen = shell.chosen(request)
    right = _RIGHTS.get(request.POST.get("what", ""), Right.ZONE_PROPOSE)
    found = access.row(
        Zone.objects.select_related("outbreak"), what="zone", to=right, by=request.user, pk=zone_id
    )  # fmt: skip
    try:
        _change(request, found, chosen)
        messages.success(request, gettext("Changed in your name: {name}.").format(name=found.name))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('zone', args=[zone_id])}?{chosen.query}")


def _change(request: HttpRequest, found: Zone, chosen: shell.Chosen) -> None:
    what = request.POST.get("what", "")
    if what not in _CHANGES:
        raise NoSuchChange(given=what[:40])
    _CHANGES[what](request, found, chosen.moment)


def _extend(request: HttpRequest, found: Zone, now: datetime) -> None:
    until = _day(request.POST.get("expected_until", ""))
    zoning.extend(zone=found, until=until or date.min, reason=_reason(request), by=request.user, now=now)


def _regrade(request: HttpRequest, found: Zone, now: datetime) -> None:
    given = request.POST.get("level")
    level = ZoneLevel(given) if given in list(ZoneLevel) else ZoneLevel(found.level)
    zoning.regrade(zone=found, level=level, by=request.user, now=now)


def _change_measures(request: HttpRequest, found: Zone, now: datetime) -> None:
    given = request.POST
    zoning.change_measures(
        zone=found, measures=_measures(given.getlist("measures")), legal_basis=given.get("legal_basis", "")[:300],
        reason=_reason(request), by=request.user, now=now,
    )  # fmt: skip


def _redraw(request: HttpRequest, found: Zone, now: datetime) -> None:
    boundary = _outline(request.POST.get("outline", ""))
    zoning.redraw(zone=found, boundary=boundary, reason=_reason(request), by=request.user, now=now)


def _sample(request: HttpRequest, found: Zone, now: datetime) -> None:
    given = request.POST
    what = next((word for word in SampledObject if word == given.get("object")), SampledObject.OTHER)
    zoning.take_sample(
        zone=found, what=what, where=given.get("where", ""), tube=given.get("tube", ""), by=request.user, now=now
    )  # fmt: skip


def _answer(request: HttpRequest, found: Zone, now: datetime) -> None:
    pk, result = request.POST.get("sample", ""), request.POST.get("result", "")
    sample = EnvironmentSample.objects.filter(zone=found, pk=int(pk) if pk.isdecimal() else 0).first()
    if sample is None or result not in ("positive", "negative"):
        raise NoSuchChange(given=f"{pk} {result}"[:40])
    zoning.answer_sample(sample=sample, is_positive=result == "positive", by=request.user, now=now)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:300]


_CHANGES: dict[str, Callable[[HttpRequest, Zone, datetime], None]] = {
    "extend": _extend, "regrade": _regrade, "measures": _change_measures, "redraw": _redraw, "sample": _sample,
    "result": _answer,
}  # fmt: skip
_RIGHTS = {
    "extend": Right.ZONE_APPROVE, "regrade": Right.ZONE_APPROVE, "sample": Right.ZONE_SERVE, "result": Right.ZONE_SERVE
}  # fmt: skip
