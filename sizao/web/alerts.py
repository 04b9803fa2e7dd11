"""Alerts: each as a card on the board, and on a page of its own with its whole story and its acts."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Alert, AlertChange, Outbreak, Stream
from sizao.response import signals
from sizao.response.reports.lines import area_names
from sizao.terms import ALERT_MOVES, AlertState, Right
from sizao.web import narrowing, refusals, shell, streams
from sizao.web.templatetags.alerting import lasted

MOST_STREAMS = 3  # named on a card; the page of the alert names all
NEEDS_REASON = frozenset({AlertState.DISMISSED, AlertState.OPEN})
_CHOICES = {"kind", "group", "state", "area"}  # what goes back to the board with an act


class AlertNotKnownYet(SizaoError):
    code = "alert.not_known_yet.not_found"
    message = "This alert was raised on {first}. Choose that day or a later one."


class NoSuchDecision(SizaoError):
    code = "web.alert_decision.unreadable"
    message = "“{decision}” is no decision on an alert. Choose one of the buttons: {known}."


def cards(request: HttpRequest, rows: Sequence[signals.StoodAlert]) -> list[dict[str, object]]:
    """Say of each alert what a card shows: where, why, how urgent, by when, and what the reader may do."""
    names = area_names(row.area_code for row in rows)
    keys = _streams_by_key(rows)
    return [_card(request, row, names, keys) for row in rows]


def _streams_by_key(rows: Sequence[signals.StoodAlert]) -> dict[str, Stream]:
    keys = {reason.stream_key for row in rows for reason in row.reasons}
    return {stream.source_key: stream for stream in Stream.objects.filter(source_key__in=keys)}


def _card(
    request: HttpRequest, row: signals.StoodAlert, names: Mapping[str, str], known: Mapping[str, Stream]
) -> dict[str, object]:
    language = get_language() or "zh"
    area = names.get(row.area_code, row.area_code)
    keys = dict.fromkeys(reason.stream_key for reason in row.reasons)
    concerned = [known[key] for key in keys if key in known]
    return {
        "id": row.alert.pk,
        "rank": row.rank,
        "area": area,
        "title": row.title(language),
        "state": row.state,
        # On an earlier day a rehearsal shows an alert that has since become something else.
        "state_now": AlertState(row.alert.state) if row.alert.state != row.state else None,
        "told": row.told(language, area),
        "streams": concerned[:MOST_STREAMS],
        "n_more_streams": max(0, len(concerned) - MOST_STREAMS),
        "is_generated": row.is_generated,
        "p_value": row.p_value,
        "first_date": row.first_date,
        # An act on an earlier day writes down how far the alert has grown since; its reasons tell what was known.
        "last_date": max((reason.date for reason in row.reasons), default=row.last_date),
        "age": lasted(shell.chosen(request).as_of - row.opened_at),
        "is_late": row.is_late,
        "clock": _clock(row, shell.chosen(request)),
        "acts": _acts(request.user, row.alert),
    }


def _clock(row: signals.StoodAlert, chosen: shell.Chosen) -> str:
    """Say what the clock of an alert shows: how long the answer took, how late it is, or what is left."""
    if row.waited is not None:
        return gettext("answered after {span}").format(span=lasted(row.waited))
    if row.state not in narrowing.WAITING:
        return ""
    if row.due_at is None:
        return gettext("no hour set")
    if row.is_late:
        return gettext("{span} late").format(span=lasted(chosen.as_of - row.due_at))
    return gettext("{span} left").format(span=lasted(row.due_at - chosen.as_of))


def _acts(account: Account, alert: Alert) -> list[dict[str, object]]:
    """List what somebody may make of an alert as it stands now; the likeliest first."""
    if not (access.may(account, Right.SIGNAL_VERIFY) and access.covers(account, alert.area_code)):
        return []
    following = ALERT_MOVES[AlertState(alert.state)]
    return [
        {"state": state, "label": label, "needs_reason": state in NEEDS_REASON}
        for state, label in _labels().items()
        if state in following
    ]


def _labels() -> dict[AlertState, str]:
    return {
        AlertState.VERIFYING: gettext("Take up"),
        AlertState.CONFIRMED: gettext("Confirm"),
        AlertState.ESCALATED: gettext("Escalate"),
        AlertState.CLOSED: gettext("Close"),
        AlertState.DISMISSED: gettext("Dismiss"),
        AlertState.OPEN: gettext("Open again"),
    }


@require_GET
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Answer: what is this, since when, who did what about it, and what became of it?"""
    chosen = shell.chosen(request)
    found = _alert(request, alert_id, to=Right.SITUATION_READ)
    stood = signals.alert_at(found, as_of=chosen.as_of)
    if stood is None:
        raise AlertNotKnownYet(first=timezone.localtime(found.opened_at).date())
    known = _streams_by_key([stood])
    concerned = Stream.objects.filter(pk__in=[stream.pk for stream in known.values()])
    shown = {
        "card": _card(request, stood, area_names([stood.area_code]), known),
        "stood": stood,
        "history": _story(signals.alert_history(found, as_of=chosen.as_of)),
        "rules": ", ".join(stood.rules),
        "basis": found.basis,
        "reasons": [(reason, known.get(reason.stream_key)) for reason in stood.reasons],
        "tiles": streams.tiles(request, concerned),
        "signal": found.signal if stood.signal_id else None,
        "may_list": access.may(request.user, Right.PERSON_LIST),
        "address": "",
    }
    return render(request, "web/alerts_one.html", shown)


def _story(changes: Sequence[AlertChange]) -> list[dict[str, object]]:
    """Tell what an alert went through, latest first: a decision by its note, growth by the day and urgency."""
    told = []
    for earlier, change in pairwise([None, *changes]):
        if earlier is None:
            what = gettext("Raised.")
        elif earlier.state != change.state:
            what = ""
        else:
            what = gettext("Grew to {day}; urgency {score}.").format(
                day=change.last_date.isoformat(), score=f"{change.score:.1f}"
            )
        # Growth carries the note of the decision before it; that stands where it was taken.
        note = change.note if earlier is None or earlier.state != change.state else ""
        told.append({"at": change.at, "state": AlertState(change.state), "note": note, "by": change.by, "told": what})
    return told[::-1]


@require_POST
def alert_decide(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Take up, confirm, dismiss, escalate, close or open again, in the name of who is signed in."""
    chosen = shell.chosen(request)
    act, done = _decision(request.POST.get("decision", ""), request.POST.get("reason", "").strip(), chosen.outbreak)
    found = _alert(request, alert_id, to=Right.SIGNAL_VERIFY)
    try:
        act(alert=found, by=request.user, now=chosen.moment)
        messages.success(request, done)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    if request.POST.get("back") != "board":
        return redirect(f"{reverse('alert', args=[alert_id])}?{chosen.query}")
    choices = [pair for pair in parse_qsl(request.POST.get("choices", "")[:300]) if pair[0] in _CHOICES]
    return redirect(f"{reverse('signals')}?{chosen.query}&{urlencode(choices)}")


def _alert(request: HttpRequest, alert_id: int, *, to: Right) -> Alert:
    rows = signals.alerts_of(shell.chosen(request).outbreak).select_related("signal", "outbreak", "settled_by")
    return access.row(rows, what="alert", to=to, by=request.user, pk=alert_id)


def _decision(decision: str, reason: str, outbreak: Outbreak) -> tuple[Callable[..., Alert], str]:
    known: dict[str, tuple[Callable[..., Alert], dict[str, object], str]] = {
        "verifying": (signals.take_up, {}, gettext("Taken up in your name.")),
        "confirmed": (signals.confirm_alert, {"note": reason}, gettext("Confirmed in your name.")),
        "dismissed": (signals.dismiss_alert, {"reason": reason}, gettext("Dismissed in your name.")),
        "escalated": (
            signals.escalate_alert,
            {"into": outbreak, "note": reason},
            gettext("Escalated in your name: it is now a hint of the outbreak."),
        ),
        "closed": (signals.close_alert, {"note": reason}, gettext("Closed in your name.")),
        "open": (signals.reopen_alert, {"reason": reason}, gettext("Open again; its clock starts anew.")),
    }
    if decision not in known:
        raise NoSuchDecision(decision=decision[:40], known=", ".join(known))
    verb, facts, done = known[decision]
    return lambda **given: verb(**facts, **given), done
