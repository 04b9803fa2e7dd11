"""
Inside a zone, on a phone: the doors to go to and the gate to stand at; all of it works without a signal.

What is done is kept by the page and sent by the one outbox; each thing is answered by its key.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from sizao.records import access
from sizao.records.models import Zone, ZonePermit, ZoneRequest
from sizao.response import zoning
from sizao.response.zoning import asking, gates
from sizao.response.zoning.households import Home
from sizao.response.zoning.serving import Sent
from sizao.terms import PassOutcome, PassReason, PassWay, Right, Whereabouts, Word, ZoneOutcome, ZoneRequestKind
from sizao.web import inside, outbox, refusals, shell

MOST_HOMES = 400  # of one list; nobody walks more in a day
SHOWN = ("waiting", "due", "needs")
OLD_AFTER_HOURS = 4


@ensure_csrf_cookie
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Answer: at which doors does something wait, who may go through this gate? Or take what waits on a device."""
    chosen, zone = shell.chosen(request), inside.found(request, zone_id)
    if request.method == "POST":
        return _take(request, zone)
    which = request.GET.get("homes") if request.GET.get("homes") in SHOWN else "waiting"
    listed = zoning.homes(
        zone, by=request.user, as_of=chosen.as_of, now=request.now, shown=which, most=MOST_HOMES
    ).homes
    open_gates = inside.gates_of(zone, chosen.as_of)
    shown = {
        "zone": zone,
        "homes": which,
        "choices": [(name, inside.LABELS[name]) for name in SHOWN],
        "n_homes": len(listed),
        "n_requests": sum(len(home.requests) for home in listed),
        "n_gates": len(open_gates),
        "facts": _facts(request, zone, listed, [(gate.pk, gate.name) for gate in open_gates]),
    }
    return render(request, "web/inside/phone.html", shown)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Give the script that keeps the list while there is no signal."""
    access.require(request.user, Right.SITUATION_READ)  # a script, and nothing else
    files = ("testing.css", "doors.css", "inside.js")
    return outbox.worker(request, store="sizao-inside-1", pages=r"^/inside/\d+/doors/$", files=files)


def _facts(request: HttpRequest, zone: Zone, homes: tuple[Home, ...], gate_names: object) -> dict[str, object]:
    chosen, language = shell.chosen(request), get_language() or "zh"
    permits = inside.permits_of(zone, chosen.as_of)
    return {
        "round": f"inside-{zone.pk}",
        "atOnce": outbox.AT_ONCE,
        "send": f"{reverse('inside_phone', args=[zone.pk])}?{chosen.query}",
        "madeAt": timezone.localtime(request.now).isoformat(),
        "oldAfterHours": OLD_AFTER_HOURS,
        "asOf": chosen.as_of.isoformat(),
        "homes": [_home(one, chosen.as_of, language) for one in homes],
        "gates": gate_names,
        "permits": [_permit(one, language) for one in permits],
        "outcomes": _words(ZoneOutcome, language),
        "kinds": _words(ZoneRequestKind, language),
        "firm": [str(kind) for kind in ZoneRequestKind if not asking.refusable(kind)],
        "ways": _words(PassWay, language),
        "reasons": _words(PassReason, language),
        "passed": _words(PassOutcome, language),
        "says": _says(),
    }


def _words(kind: type[Word], language: str) -> dict[str, str]:
    return {str(one): one.label(language) for one in kind}


def _home(home: Home, as_of: datetime, language: str) -> dict[str, object]:
    return {
        "key": home.key,
        "address": home.address or "",
        "goodsDue": home.due_at <= as_of,
        "goodsAt": timezone.localtime(home.brought_at).strftime("%m-%d") if home.brought_at else "",
        "people": [
            {
                "number": one.number,
                "name": one.name or one.number,
                "phone": one.phone or "",
                "place": "" if one.place == Whereabouts.HOME else one.place.label(language),
                "needs": [need.label(language) for need in one.needs],
            }
            for one in home.people
        ],
        "requests": [_request(one, language) for one in home.requests],
    }


def _request(one: ZoneRequest, language: str) -> dict[str, object]:
    return {
        "key": one.pk,
        "kind": one.kind,
        "label": ZoneRequestKind(one.kind).label(language),
        "what": one.what,
        "due": one.due_at.isoformat() if one.due_at else "",
        "tried": bool(one.outcome),
    }


def _permit(one: ZonePermit, language: str) -> dict[str, object]:
    return {
        "number": gates.number_of(one),
        "who": one.bearer or (one.person.number if one.person else ""),
        "reason": PassReason(one.reason).label(language),
        "from": one.starts_at.isoformat(),
        "until": one.until_at.isoformat(),
    }


# --- Sending -----------------------------------------------------------------------------------


def _take(request: HttpRequest, zone: Zone) -> HttpResponse:
    sent, sent_at = outbox.taken(request, "acts", _act)
    told = zoning.record(zone=zone, acts=sent, by=request.user, now=shell.chosen(request).moment, sent_at=sent_at)
    said = [
        {"key": one.source_key, "answer": str(one.answer), "why": refusals.sentence(one.why) if one.why else ""}
        for one in told
    ]
    return JsonResponse({"acts": said})


def _act(one: dict[str, Any]) -> Sent:
    key, happened_at = outbox.key(one), outbox.moment(one["happened_at"])
    if one["act"] == "serve":
        request = outbox.number(one["request"]) or 0
        return zoning.ServedSent(
            key, happened_at, request, ZoneOutcome(str(one["outcome"])), outbox.text(one, "reason")
        )
    if one["act"] == "ask":
        home = int(str(one["home"]))
        return zoning.AskedSent(
            key, happened_at, ZoneRequestKind(str(one["kind"])), outbox.text(one, "what"), served=bool(one["served"]),
            household=outbox.number(home) if home > 0 else None, person=outbox.number(-home) if home < 0 else None,
        )  # fmt: skip
    return zoning.PassedSent(
        key,
        happened_at,
        outbox.number(one["gate"]) or 0,
        PassWay(str(one["way"])),
        PassReason(str(one["reason"])),
        PassOutcome(str(one["outcome"])),
        bearer=outbox.text(one, "bearer"),
        person=outbox.text(one, "person"),
        permit=outbox.text(one, "permit"),
        note=outbox.text(one, "note"),
    )


def _says() -> dict[str, str]:
    """Give the sentences that the page says without asking anybody."""
    return outbox.says() | {
        "old": gettext("This list is old. Open it again where there is a signal."),
        "madeAt": gettext("List of"),
        "call": gettext("Call"),
        "chooseThing": gettext("Tick what you did first."),
        "sayWhy": gettext("Say why it is refused; whoever asked is told."),
        "why": gettext("Why"),
        "late": gettext("past its clock"),
        "by": gettext("by"),
        "tried": gettext("tried"),
        "goodsDue": gettext("Goods are due"),
        "goodsAt": gettext("Goods came on"),
        "brought": gettext("Goods were brought"),
        "asks": gettext("They ask for something"),
        "what": gettext("What, in a few words"),
        "noteIt": gettext("Take it down"),
        "back": gettext("Back"),
        "sayWhat": gettext("Say what is asked for, in a few words."),
        "noStore": gettext("This browser keeps nothing, so the page would lose what you do. Leave private mode."),
        "allDone": gettext("All doors of this list are done."),
        "home": gettext("Home number"),
        "careOpen": gettext("Whoever goes out to medical care is let through, always and without a permit."),
        "holds": gettext("This permit holds:"),
        "holdsNot": gettext("No such permit was known when this list was made. Ask by telephone."),
        "sayWho": gettext("Say who went through."),
    }
