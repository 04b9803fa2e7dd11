"""A crew's page on a phone: the trips of its vehicle, door by door. It works without a signal and sends later."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from sizao.records import access
from sizao.records.models import TransferVehicle
from sizao.response import transport
from sizao.terms import (
    CrewAnswer,
    NeedKind,
    NotBoarded,
    Right,
    Symptom,
    TransferKind,
    TransferOddityKind,
    TripActKind,
    TripState,
    Word,
)
from sizao.web import outbox, shell, transfers

COLDEST_C, HOTTEST_C = 30, 45


@ensure_csrf_cookie
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the page, without anybody's name on it: those it fetches apart, and forgets when the shift is over."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRANSFER_CARRY)
    vehicle = transfers.number(request.GET.get("vehicle", ""))
    of = f"&vehicle={vehicle}" if vehicle else ""
    facts = {
        "round": chosen.outbreak.pk,
        "atOnce": outbox.AT_ONCE,
        "send": f"{reverse('crew_acts')}?{chosen.query}",
        "list": f"{reverse('crew_list')}?{chosen.query}{of}",
        "account": request.user.username,
        "acts": _words(TripActKind),
        "reasons": _words(NotBoarded),
        "symptoms": _words(Symptom),
        "needs": _words(NeedKind),
        "kinds": _words(TransferKind),
        "states": _words(TripState),
        "answers": _words(CrewAnswer),
        "oddities": _words(TransferOddityKind),
        "temperature": [COLDEST_C, HOTTEST_C],
        "says": _says(),
    }
    return render(request, "web/crew.html", {"facts": facts} | transfers.common(request, "crew"))


@require_GET
def trips(request: HttpRequest) -> HttpResponse:
    """Give the trips of the shift with the people on them; nothing where there is no shift."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRANSFER_CARRY)
    wanted = transfers.number(request.GET.get("vehicle", ""))
    vehicle = TransferVehicle.objects.filter(pk=wanted).first() if wanted else None
    found = transport.read_list(outbreak=chosen.outbreak, by=request.user, now=chosen.moment, vehicle=vehicle)
    answer = JsonResponse({"list": None if found is None else asdict(found), "read_at": _moment(chosen.moment)})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def acts(request: HttpRequest) -> HttpResponse:
    """Take what waits on a phone."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRANSFER_CARRY)
    sent, sent_at = outbox.taken(request, "acts", _act)
    told = transport.record_acts(
        outbreak=chosen.outbreak, acts=sent, by=request.user, now=chosen.moment, sent_at=sent_at
    )
    return JsonResponse(
        {
            "acts": [
                {
                    "key": one.source_key,
                    "answer": str(one.answer),
                    "oddities": [str(kind) for kind in one.oddities],
                    "why": gettext(one.why) if one.why else "",
                }
                for one in told
            ]
        }
    )


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Give the script that keeps the page while there is no signal; the people on it are kept elsewhere."""
    access.require(request.user, Right.TRANSFER_CARRY)
    return outbox.worker(request, store="sizao-crew-1", pages=r"^/crew/$", files=("testing.css", "crew.css", "crew.js"))


def _act(one: dict[str, Any]) -> transport.ActSent:
    temperature, symptoms, reason = one.get("temperature_c"), one.get("symptoms"), one.get("reason")
    trip = outbox.number(one["trip"])
    if trip is None:
        raise ValueError(one)
    return transport.ActSent(
        source_key=outbox.key(one),
        trip=trip,
        kind=TripActKind(str(one["kind"])),
        happened_at=outbox.moment(one["happened_at"]),
        leg=outbox.number(one.get("leg")),
        identity_checked=one.get("identity_checked") is True,
        temperature_c=None if temperature is None else float(temperature),
        symptoms=None if symptoms is None else tuple(Symptom(str(symptom)) for symptom in symptoms),
        reason=NotBoarded(str(reason)) if reason else None,
        receiver=outbox.text(one, "receiver"),
        note=outbox.text(one, "note"),
    )


def _words(kind: type[Word]) -> dict[str, str]:
    language = get_language() or "zh"
    return {str(one): one.label(language) for one in kind}


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).isoformat()


def _says() -> dict[str, str]:
    """Give the sentences that the page says without asking anybody."""
    return outbox.says() | {
        "noStore": gettext("This browser keeps nothing, so the page would lose what you do. Leave private mode."),
        "noShift": gettext("You have no shift now, so there is nothing to carry. Ask your dispatcher."),
        "noTrips": gettext("No trip is planned for your vehicle yet."),
        "listOf": gettext("List of"),
        "listOld": gettext("This list is old. It is fetched again as soon as there is a signal."),
        "pickUp": gettext("Pick-up"),
        "due": gettext("There by"),
        "to": gettext("Where to"),
        "identity": gettext("I checked who they are against the list."),
        "temperature": gettext("Temperature °C"),
        "noSymptoms": gettext("No symptoms"),
        "symptoms": gettext("Symptoms"),
        "why": gettext("Why not?"),
        "receiver": gettext("Who takes over: name or post"),
        "save": gettext("Save"),
        "needsPerson": gettext("Say which person of the trip this is about."),
        "needsIdentity": gettext("Check who they are against the list before they board, and say so."),
        "needsSymptoms": gettext("Ask for symptoms first, and say what they told you."),
        "needsReason": gettext("Say why they could not be picked up."),
        "needsReceiver": gettext("Say who took over: a name or a post."),
        "wrongTemperature": gettext("A temperature lies between 30 and 45 °C. Take it again, or leave it out."),
        "feverish": gettext("Feverish: do not board. Tell your dispatcher; they are carried as a case."),
        "disinfectFirst": gettext("Disinfect the vehicle first; then the next trip may begin."),
        "call": gettext("Call"),
        "over": gettext("Over"),
    }
