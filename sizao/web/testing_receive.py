"""Receiving at a laboratory: scan a box and its tubes, or tubes that came without one. A scanner is a keyboard."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Laboratory, SampleBox
from sizao.response.testing import chain
from sizao.response.testing.chain import finding
from sizao.response.testing.chain.receiving import Receipt
from sizao.terms import Right
from sizao.web import refusals, shell

MOST_LATEST = 20


class NoLaboratory(SizaoError):
    code = "testing.laboratory.unreadable"
    message = "Say in which laboratory you receive: choose one of your area from the list."


@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Answer: what should lie in this box, and what does? Or receive it."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.LAB_WORK)
    known = list(_laboratories(request, chosen))
    asked = request.POST if request.method == "POST" else request.GET
    laboratory = next((one for one in known if str(one.pk) == asked.get("laboratory", "")), None)
    if laboratory is None and len(known) == 1:
        laboratory = known[0]
    if request.method == "POST":
        return _receive(request, laboratory)
    found = _box(request)
    listed = finding.tubes(found, chosen.as_of) if found else []
    shown = {
        "laboratories": known,
        "laboratory": laboratory,
        "box": found,
        "line": finding.lines([found], chosen.as_of)[0] if found else None,
        "tubes": listed,
        "n_open": sum(one.received_at is None for one in listed) if listed else None,
        "facts": {"listed": [one.tube for one in listed if one.boxed_at and not one.received_at], "says": _says()},
        "source_key": uuid4().hex,
        "latest": _latest(laboratory, chosen),
        "here": "receive",
    }
    return render(request, "web/testing_receive.html", shown)


def _laboratories(request: HttpRequest, chosen: shell.Chosen) -> object:
    mine = Laboratory.objects.filter(area_code__startswith=request.user.area_code, opened_at__lte=chosen.as_of)
    return mine.exclude(closed_at__lte=chosen.as_of).order_by("code")


def _box(request: HttpRequest) -> SampleBox | None:
    """Find the box that was scanned; say so where there is none."""
    code = request.GET.get("box", "").strip()
    if not code:
        return None
    try:
        return finding.fetch(code, to=Right.LAB_WORK, by=request.user)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return None


def _latest(laboratory: Laboratory | None, chosen: shell.Chosen) -> object:
    if laboratory is None:
        return []
    received = SampleBox.objects.filter(laboratory=laboratory, received_at__lte=chosen.as_of)
    return received.select_related("round", "site__place").order_by("-received_at")[:MOST_LATEST]


def _receive(request: HttpRequest, laboratory: Laboratory | None) -> HttpResponse:
    given, chosen = request.POST, shell.chosen(request)
    facts = {
        "laboratory": laboratory,
        "by": request.user,
        "now": chosen.moment,
        "tubes": given.get("tubes", "").split(),
    }
    back = {"laboratory": laboratory.pk if laboratory else ""}
    try:
        if laboratory is None:
            raise NoLaboratory  # noqa: TRY301 — said as any other refusal of this page is
        if code := given.get("box", "").strip():
            back["box"] = code[:40]
            box = finding.fetch(code, to=Right.LAB_WORK, by=request.user)
            told = chain.receive_box(
                box=box,
                all_there=given.get("all_there") == "1",
                giver=given.get("giver", ""),
                source_key=given.get("source_key", "")[:40] or uuid4().hex,
                **facts,
            )
        else:
            told = chain.receive_tubes(**facts)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        _tell(request, told)
    return redirect(f"{reverse('testing_receive')}?{chosen.query}&{urlencode(back)}")


def _tell(request: HttpRequest, told: Receipt) -> None:
    if told.again:
        messages.warning(request, gettext("This receipt was recorded before; nothing was changed."))
        return
    said = gettext("Received: {n}. Received before: {before}.").format(n=len(told.received), before=len(told.before))
    messages.success(request, said)
    if told.lacking:
        messages.warning(request, gettext("On the list and not here: {codes}.").format(codes=_codes(told.lacking)))
    if told.not_in_box:
        messages.warning(request, gettext("Here and not on the list: {codes}.").format(codes=_codes(told.not_in_box)))
    if told.odd:
        codes = _codes(tuple(code for code, _ in told.odd))
        messages.warning(request, gettext("Not received, they wait to be checked: {codes}.").format(codes=codes))


def _codes(codes: tuple[str, ...]) -> str:
    more = f" … (+{len(codes) - MOST_LATEST})" if len(codes) > MOST_LATEST else ""
    return ", ".join(code[:40] for code in codes[:MOST_LATEST]) + more


def _says() -> dict[str, str]:
    return {
        "count": gettext("{n} of {all} scanned"),
        "more": gettext("{n} not on the list"),
        "wrong": gettext("{n} mistyped"),
    }
