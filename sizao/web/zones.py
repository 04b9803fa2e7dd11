"""Risk areas: which stand on the chosen day, why, what became of them, and the decisions of a named body."""

import json
from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.protocol.zone_measures import levels
from sizao.records import access
from sizao.records.models import Account, EnvironmentSample, Zone
from sizao.response import outbreaks, zoning
from sizao.response.reports.comparison import compared
from sizao.response.reports.standing_zones import StandingZone, official_on, zones_at
from sizao.response.reports.zone_record import zone_record
from sizao.response.zoning import versions
from sizao.terms import ZONE_MOVES, Right, SampledObject, ZoneLevel, ZoneMeasure, ZoneState
from sizao.web import boundaries, real_durations, refusals, shell

OVER = (ZoneState.DECLINED, ZoneState.LIFTED)
SHOWN = ("standing", "may_lift", "over", "all")
_RANK = {ZoneLevel.HIGH: 0, ZoneLevel.MEDIUM: 1, ZoneLevel.LOW: 2}
# What a body may make of a zone, by the state that it becomes; each with the right it takes.
DECISIONS: dict[ZoneState, Right] = {
    ZoneState.APPROVED: Right.ZONE_APPROVE,
    ZoneState.PUBLISHED: Right.ZONE_PUBLISH,
    ZoneState.DECLINED: Right.ZONE_APPROVE,
    ZoneState.LIFTED: Right.ZONE_PUBLISH,
}
NEEDS_REASON = (ZoneState.DECLINED, ZoneState.LIFTED)


class NoSuchDecision(SizaoError):
    code = "web.zone_decision.unreadable"
    message = "“{decision}” is no decision on a zone. Choose one of the buttons: {known}."


@require_GET
def zones(request: HttpRequest) -> HttpResponse:
    """Answer: which areas stand on this day, and which may be lifted?"""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    known = zones_at(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    shown = request.GET.get("shown") if request.GET.get("shown") in SHOWN else "standing"
    rows = sorted((zone for zone in known if _is_shown(zone, shown)), key=_gravest_first)
    standing = [zone for zone in known if not zone.is_over]
    return render(
        request,
        "web/zones/list.html",
        {
            "zones": rows,
            "shown": shown,
            "levels": Counter(str(zone.level) for zone in standing),
            "n_standing": len(standing),
            "n_may_lift": sum(zone.may_be_lifted for zone in standing),
            "n_over": len(known) - len(standing),
            "n_all": len(known),
            "may_propose": access.may(request.user, Right.ZONE_PROPOSE),
            "overdue": _overdue(chosen),
            "official": official_on(chosen.outbreak, chosen.area_code, day=chosen.day),
        },
    )


def _overdue(chosen: shell.Chosen) -> list[Zone]:
    """Give the decided areas whose lifting is late: an alarm at every level above."""
    decided = Zone.objects.filter(
        outbreak=chosen.outbreak, area_code__startswith=chosen.area_code,
        expected_until__lte=zoning.latest_stated_day_late(chosen.as_of), approved_at__lte=chosen.as_of,
        state__in=(ZoneState.APPROVED, ZoneState.PUBLISHED),
    )  # fmt: skip
    return list(decided.order_by("expected_until", "pk"))


def _is_shown(zone: StandingZone, shown: str) -> bool:
    if shown == "all":
        return True
    if shown == "over":
        return zone.is_over
    return not zone.is_over and (shown == "standing" or zone.may_be_lifted)


def _gravest_first(zone: StandingZone) -> tuple[bool, int, str]:
    return zone.is_over, _RANK[zone.level], zone.area_code


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Answer: of what was decided, what did sizao propose, how much earlier or later, and what was too much?"""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    return render(request, "web/zones/comparison.html", {"found": compared(chosen.outbreak, as_of=chosen.as_of)})


@require_GET
def zone(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Answer: why is this area graded, until when, and what became of it?"""
    chosen = shell.chosen(request)
    found = _zone(request, zone_id)
    record = zone_record(found, as_of=chosen.as_of)
    shown = {
        "record": record,
        "found": found,
        "decisions": _open_to(request.user, found),
        "conditions": [] if found.state in OVER else zoning.conditions(found, now=chosen.as_of),
        "overdue": 0 if found.state in OVER else zoning.overdue_days(found, now=chosen.as_of),
        "levels": levels(outbreaks.rules_at(found.outbreak, chosen.as_of, area_code=found.area_code)),
        "samples": list(EnvironmentSample.objects.filter(zone=found, taken_at__lte=chosen.as_of).order_by("-taken_at")),
        "objects": list(SampledObject),
        "all_measures": list(ZoneMeasure),
        "outline": json.dumps(found.boundary) if found.boundary else "",
        "has_map": found.boundary is not None and boundaries.of(found.outbreak) is not None,
        "may_propose": found.state not in OVER and _may(request, found, Right.ZONE_PROPOSE),
        "may_serve": found.state == ZoneState.PUBLISHED and _may(request, found, Right.ZONE_SERVE),
        "may_change": found.state not in OVER and _may(request, found, Right.ZONE_APPROVE),
        # On an earlier day a rehearsal shows a zone that has since become something else.
        "state_now": ZoneState(found.state) if found.state != record.zone.state else None,
    }
    return render(request, "web/zones/zone.html", shown)


@require_GET
def zone_versions(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Answer: what did one version of the decision say, and what did another say differently?"""
    chosen = shell.chosen(request)
    found = _zone(request, zone_id)
    known = versions.versions(found, as_of=chosen.as_of)
    left, right = (_version(request.GET.get(name, ""), known, usual) for name, usual in (("left", -2), ("right", -1)))
    shown = {
        "found": found,
        "versions": known,
        "left": left,
        "right": right,
        "differences": versions.differences(left, right) if left and right else [],
    }
    return render(request, "web/zones/versions.html", shown)


def _version(given: str, known: list[versions.Version], usual: int) -> versions.Version | None:
    asked = next((one for one in known if str(one.number) == given), None)
    return asked or (known[max(usual, -len(known))] if known else None)


@require_GET
def durations(request: HttpRequest) -> HttpResponse:
    """Answer: how long did official risk areas really stand, against the days that each edition asks for?"""
    access.require(request.user, Right.SITUATION_READ)
    return render(
        request,
        "web/zones/durations.html",
        {"groups": real_durations.known(), "may_propose": access.may(request.user, Right.ZONE_PROPOSE)},
    )


def _may(request: HttpRequest, found: Zone, right: Right) -> bool:
    return access.may(request.user, right) and access.covers(request.user, found.area_code)


def _zone(request: HttpRequest, zone_id: int, *, to: Right = Right.SITUATION_READ) -> Zone:
    rows = Zone.objects.select_related("outbreak", "proposed_by")
    return access.row(rows, what="zone", to=to, by=request.user, pk=zone_id)


def _open_to(account: Account, found: Zone) -> list[dict[str, object]]:
    """List the decisions that somebody may take on a zone as it stands now."""
    following = ZONE_MOVES[ZoneState(found.state)]
    return [
        {"state": state, "needs_reason": state in NEEDS_REASON}
        for state, right in DECISIONS.items()
        if state in following and access.may(account, right) and access.covers(account, found.area_code)
    ]


@require_POST
def decide(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Approve, publish, decline or lift, in the name of who is signed in."""
    chosen = shell.chosen(request)
    act, done, right = _decision(request.POST.get("decision", ""), request.POST.get("reason", ""))
    found = _zone(request, zone_id, to=right)
    try:
        act(zone=found, by=request.user, now=chosen.moment)
        messages.success(request, done.format(name=found.name))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('zone', args=[zone_id])}?{chosen.query}")


def _decision(decision: str, reason: str) -> tuple[Callable[..., Zone], str, Right]:
    def with_reason(act: Callable[..., Zone]) -> Callable[..., Zone]:
        return lambda **given: act(reason=reason, **given)

    known = {
        "approved": (zoning.approve, gettext("Approved in your name: {name}.")),
        "published": (zoning.publish, gettext("Published in your name: {name}.")),
        "declined": (with_reason(zoning.decline), gettext("Declined in your name: {name}.")),
        "lifted": (with_reason(zoning.lift), gettext("Lifted in your name: {name}.")),
    }
    if decision not in known:
        raise NoSuchDecision(decision=decision[:40], known=", ".join(known))
    return *known[decision], DECISIONS[ZoneState(decision)]
