"""Inside a zone: who is there, what they ask for and wait for, its gates and permits; and what is done about it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Person, Zone, ZoneGate, ZonePassage, ZonePermit
from sizao.response import zoning
from sizao.response.zoning import asking, gates, rounds
from sizao.response.zoning.households import SHOWN
from sizao.terms import PassReason, PassWay, Right, ZoneChannel, ZoneOutcome, ZoneRequestKind
from sizao.web import refusals, shell

MOST_ROWS = 60
PERMIT_REASONS = (PassReason.DUTY, PassReason.SUPPLIES, PassReason.TRANSFER, PassReason.RETURN, PassReason.OTHER)
LABELS = {
    "all": _("All homes"), "waiting": _("With a request"), "needs": _("With special needs"), "due": _("Goods are due"),
    "away": _("Somebody is out"), "unknown": _("Somebody is not known"),
}  # fmt: skip


class NoSuchInsideAct(SizaoError):
    code = "web.inside.act.unreadable"
    message = "“{given}” is nothing that is done inside a zone. Open the page again."


class NotAMoment(SizaoError):
    code = "web.inside.moment.unreadable"
    message = "“{given}” is no date and time. Choose them in the field."


class NoSuchPerson(SizaoError):
    code = "web.inside.person.not_found"
    message = "Nobody with the number {given} lives in your part of {zone}. Check the number."


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: inside which zones do I look after people, and what waits there?"""
    chosen = shell.chosen(request)
    zones = zoning.standing_zones(chosen.outbreak, request.user).filter(published_at__lte=chosen.as_of)
    waiting = Q(requests__done_at=None, requests__recorded_at__lte=chosen.as_of)
    late = waiting & Q(requests__due_at__lt=chosen.as_of)
    counted = zones.annotate(
        n_open=Count("requests", filter=waiting, distinct=True), n_late=Count("requests", filter=late, distinct=True)
    )
    rows = list(counted.order_by(F("n_late").desc(), F("n_open").desc(), "area_code", "pk")[:200])
    shown = {
        "zones": rows, "n_open": sum(one.n_open for one in rows), "n_late": sum(one.n_late for one in rows)
    }  # fmt: skip
    return render(request, "web/inside/list.html", shown)


@require_GET
def one(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Answer: who is inside, who needs something, what is late? The reading of homes is journalled."""
    chosen, zone = shell.chosen(request), found(request, zone_id)
    which = request.GET.get("homes") if request.GET.get("homes") in SHOWN else "waiting"
    after = request.GET.get("after", "")
    area = asking.within(zone, request.user)
    page = zoning.homes(
        zone, by=request.user, as_of=chosen.as_of, now=request.now, shown=which,
        after=int(after) if after.lstrip("-").isdecimal() and len(after) < 19 else None,  # noqa: PLR2004 — 64 bits
    )  # fmt: skip
    open_now = zoning.open_requests(zone, as_of=chosen.as_of).filter(area_code__startswith=area)
    passed = ZonePassage.objects.filter(zone=zone, recorded_at__lte=chosen.as_of)
    today = passed.filter(happened_at__gt=chosen.as_of - timedelta(days=1))
    shown = {
        "zone": zone,
        "summary": zoning.summary(zone, by=request.user, as_of=chosen.as_of),
        "page": page,
        "homes": which,
        "choices": [(name, LABELS[name]) for name in SHOWN],
        "requests": open_now.select_related("person").order_by("due_at", "pk")[:MOST_ROWS],
        "gates": gates_of(zone, chosen.as_of),
        "passages": passed.select_related("gate", "person", "permit").order_by("-happened_at")[:20],
        "n_out": today.filter(way=PassWay.OUT).count(),
        "n_in": today.filter(way=PassWay.IN).count(),
        "n_lacking": today.filter(lacks_permit=True).count(),
        "permits": [(permit, gates.number_of(permit)) for permit in permits_of(zone, chosen.as_of)],
        "rounds": rounds.rounds_of(zone, area, as_of=chosen.as_of),
        "may_permit": access.may(request.user, Right.ZONE_PROPOSE) and access.covers(request.user, zone.area_code),
        "may_propose": access.may(request.user, Right.ZONE_PROPOSE),
        "kinds": list(ZoneRequestKind),
        "reasons": PERMIT_REASONS,
        "until": timezone.localtime(chosen.moment) + timedelta(hours=12),
    }
    return render(request, "web/inside/zone.html", shown)


def found(request: HttpRequest, zone_id: int) -> Zone:
    """Fetch a zone that somebody looks after, wholly or in part."""
    access.require(request.user, Right.ZONE_SERVE)
    zone = Zone.objects.filter(pk=zone_id, outbreak=shell.chosen(request).outbreak).select_related("outbreak").first()
    if zone is None:
        raise NotYours(what="zone", area=request.user.area_code)
    asking.within(zone, request.user)
    return zone


def gates_of(zone: Zone, as_of: datetime) -> list[ZoneGate]:
    known = ZoneGate.objects.filter(Q(closed_at=None) | Q(closed_at__gt=as_of), zone=zone, opened_at__lte=as_of)
    return list(known.order_by("pk"))


def permits_of(zone: Zone, as_of: datetime) -> list[ZonePermit]:
    known = ZonePermit.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=as_of), zone=zone, issued_at__lte=as_of, until_at__gt=as_of
    )
    return list(known.select_related("person", "issued_by").order_by("until_at", "pk")[:MOST_ROWS])


# --- Acts --------------------------------------------------------------------------------------


@require_POST
def act(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Take a request by telephone, say what became of one, open or close a gate, give or take back a permit."""
    zone, chosen = found(request, zone_id), shell.chosen(request)
    given = request.POST.get("act", "")
    try:
        if given not in _ACTS:
            raise NoSuchInsideAct(given=given[:40])
        verb, done = _ACTS[given]
        verb(request, zone, chosen.moment)
        messages.success(request, str(done))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('inside_zone', args=[zone_id])}?{chosen.query}")


def _ask(request: HttpRequest, zone: Zone, now: datetime) -> None:
    given = request.POST
    number = given.get("number", "").strip()
    area = asking.within(zone, request.user)
    person = Person.objects.filter(number=number, area_code__startswith=area).select_related("household").first()
    if person is None:
        raise NoSuchPerson(given=number[:40], zone=zone.name)
    kind = next((word for word in ZoneRequestKind if word == given.get("kind")), ZoneRequestKind.OTHER)
    zoning.ask(
        zone=zone, kind=kind, what=given.get("what", ""), channel=ZoneChannel.PHONE, person=person, by=request.user,
        now=now,
    )  # fmt: skip


def _serve(request: HttpRequest, zone: Zone, now: datetime) -> None:
    given = request.POST
    outcome = next((word for word in ZoneOutcome if word == given.get("outcome")), None)
    pk = given.get("request", "")
    if outcome is None or not pk.isdecimal():
        raise NoSuchInsideAct(given=f"{given.get('outcome', '')} {pk}"[:40])
    sent = zoning.ServedSent(f"page:{pk}:{now.isoformat()}", now, int(pk), outcome, given.get("reason", ""))
    (told,) = zoning.record(zone=zone, acts=[sent], by=request.user, now=now)
    if told.why is not None:
        raise told.why


def _open_gate(request: HttpRequest, zone: Zone, now: datetime) -> None:
    given = request.POST
    zoning.open_gate(zone=zone, name=given.get("name", ""), hours=given.get("hours", ""), by=request.user, now=now)


def _close_gate(request: HttpRequest, zone: Zone, now: datetime) -> None:
    pk = request.POST.get("gate", "")
    gate = ZoneGate.objects.filter(zone=zone, pk=int(pk) if pk.isdecimal() else 0).first()
    if gate is None:
        raise NotYours(what="gate", area=request.user.area_code)
    zoning.close_gate(gate=gate, by=request.user, now=now)


def _give_permit(request: HttpRequest, zone: Zone, now: datetime) -> None:
    given = request.POST
    number = given.get("number", "").strip()
    person = Person.objects.filter(number=number, area_code__startswith=zone.area_code).first() if number else None
    if number and person is None:
        raise NoSuchPerson(given=number[:40], zone=zone.name)
    zoning.give_permit(
        zone=zone,
        reason=next((word for word in PERMIT_REASONS if word == given.get("reason")), PassReason.OTHER),
        starts_at=_moment(given["from"]) if given.get("from") else now,
        until_at=_moment(given.get("until", "")),
        person=person,
        bearer=given.get("bearer", ""),
        by=request.user,
        now=now,
    )


def _end_permit(request: HttpRequest, zone: Zone, now: datetime) -> None:
    pk = request.POST.get("permit", "")
    permit = ZonePermit.objects.filter(zone=zone, pk=int(pk) if pk.isdecimal() else 0).first()
    if permit is None:
        raise NotYours(what="permit", area=request.user.area_code)
    zoning.end_permit(permit=permit, by=request.user, now=now)


def _moment(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError as fault:
        raise NotAMoment(given=text[:40]) from fault


Act = Callable[[HttpRequest, Zone, datetime], None]
_ACTS: dict[str, tuple[Act, object]] = {
    "ask": (_ask, _("Taken down; its clock runs.")),
    "serve": (_serve, _("Noted in your name.")),
    "open_gate": (_open_gate, _("The gate is open in your name.")),
    "close_gate": (_close_gate, _("The gate is closed in your name.")),
    "give_permit": (_give_permit, _("The permit is given in your name.")),
    "end_permit": (_end_permit, _("The permit is taken back in your name.")),
}
