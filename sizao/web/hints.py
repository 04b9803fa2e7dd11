"""Hints about single people: every one that came in, to be verified or dismissed with a reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.models import Signal
from sizao.response import signals as verbs
from sizao.response.reports import queues
from sizao.response.reports.lines import area_names
from sizao.terms import Right, SignalKind, SignalState
from sizao.web import refusals, shell


class NoSuchState(SizaoError):
    code = "signals.state.unreadable"
    message = "“{given}” is not a state of a signal. Choose one of: {allowed}."


@require_GET
def hints(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    state = _state(request.GET.get("state", ""))
    found = queues.signals(chosen.outbreak, chosen.area_code, as_of=chosen.as_of, state=state)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = keyset.page(
        found.select_related("person", "settled_by"),
        moment="received_at",
        older_than=keyset.read_key(after) if after else None,
        newer_than=keyset.read_key(before) if before else None,
    )
    names = area_names(signal.area_code for signal in page.rows)
    shown = {
        "rows": [_row(signal, chosen, names) for signal in page.rows],
        "page": page,
        "states": tuple(SignalState),
        "state": state or "",
        "address": f"{chosen.query}&state={state or ''}",
        "may_verify": access.may(request.user, Right.SIGNAL_VERIFY),
    }
    return render(request, "web/signals_hints.html", shown)


def _row(signal: Signal, chosen: shell.Chosen, names: dict[str, str]) -> dict[str, object]:
    settled = signal.settled_at is not None and signal.settled_at <= chosen.as_of
    return {
        "signal": signal,
        "kind": SignalKind(signal.kind),
        "state": SignalState(signal.state) if settled else SignalState.NEW,
        "settled_by": signal.settled_by if settled else None,
        "reason": signal.reason if settled else "",
        "area": names.get(signal.area_code, signal.area_code),
        "is_open": signal.state == SignalState.NEW,
    }


@require_POST
def settle(request: HttpRequest, signal_id: int) -> HttpResponse:
    """Verify a signal, or dismiss it with a reason."""
    chosen = shell.chosen(request)
    signal = access.row(Signal.objects.all(), what="signal", to=Right.SIGNAL_VERIFY, by=request.user, pk=signal_id)
    try:
        if request.POST.get("decision") == "dismiss":
            reason = request.POST.get("reason", "")
            verbs.dismiss(signal=signal, reason=reason, by=request.user, now=chosen.moment)
            messages.success(request, gettext("Dismissed."))
        else:
            verbs.verify(signal=signal, by=request.user, now=chosen.moment)
            messages.success(request, gettext("Verified."))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('signals_hints')}?{chosen.query}&state={request.POST.get('state', '')[:10]}")


def _state(code: str) -> SignalState | None:
    if not code:
        return None
    try:
        return SignalState(code)
    except ValueError as fault:
        raise NoSuchState(given=code[:40], allowed=", ".join(SignalState)) from fault
