"""Positive pools on screen: a queue by urgency, one pool and its members, a decision, notices, who was near."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import PoolHold
from sizao.response import outbreaks
from sizao.response.reports.lines import area_names
from sizao.response.testing import holds, holds_basis, holds_near, holds_notice, recalls
from sizao.terms import HOLD_HOURS_AT_MOST, HoldState, Right
from sizao.web import refusals, shell
from sizao.web.testing import common
from sizao.web.testing import fetch as fetch_round

MOST_HOLDS = 200
_URGENCY = {HoldState.PROPOSED: 0, HoldState.ORDERED: 1, HoldState.DECLINED: 2, HoldState.ENDED: 3}


class NoSuchDecision(SizaoError):
    code = "hold.decision.unreadable"
    message = "“{given}” is nothing that is decided about a pool. Choose one of: {allowed}."


class EndUnreadable(SizaoError):
    code = "hold.end_moment.unreadable"
    message = "Give the last moment of the hold as a date and a time."


@require_GET
def queue(request: HttpRequest, round_id: int) -> HttpResponse:
    """Answer: which positive pools wait for a decision, and which for single swabs, the most urgent first?"""
    chosen, found = shell.chosen(request), fetch_round(request, round_id, to=Right.SITUATION_READ)
    known = [
        (one, state)
        for one in holds.known_at(found, request.user, chosen.as_of)
        if (state := holds.state_at(one, chosen.as_of)) is not None
    ]
    known.sort(key=lambda row: (_URGENCY[row[1]], row[0].expires_at or row[0].proposed_at, row[0].pk))
    shown = known[:MOST_HOLDS]
    figures = recalls.figures([one for one, _ in shown], chosen.as_of)
    names = area_names([one.area_code for one, _ in shown])
    facts = {
        "rows": [
            (one, state, names.get(one.area_code, one.area_code), figures[one.pk], _clock(one, state, chosen.as_of))
            for one, state in shown
        ],
        "n_proposed": sum(state == HoldState.PROPOSED for _, state in known),
        "n_ordered": sum(state == HoldState.ORDERED for _, state in known),
        "n_more": len(known) - len(shown),
    }
    return render(request, "web/testing_pools.html", facts | common(request, found, "pools"))


@require_GET
def one(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Answer: who is in this pool, how far has each come, and what is to be decided?"""
    chosen, hold = shell.chosen(request), fetch(request, hold_id, to=Right.SITUATION_READ)
    state = holds.state_at(hold, chosen.as_of)
    members = recalls.doors(hold, by=request.user, now=request.now, as_of=chosen.as_of)
    names = area_names({member.area_code for member in members} | {hold.area_code})
    may_decide = access.may(request.user, Right.ORDER_ISSUE) and access.covers(request.user, hold.area_code)
    facts = {
        "hold": hold,
        "hold_state": state,
        "clock": _clock(hold, state, chosen.as_of),
        "area_name": names.get(hold.area_code, hold.area_code),
        "members": [(member, names.get(member.area_code, member.area_code)) for member in members],
        "n_held": sum(member.ended_at is None for member in members),
        "n_swabbed": sum(member.swabbed_at is not None for member in members),
        "may_decide": may_decide,
        "may_take_objections": access.may(request.user, Right.ORDER_SERVE),
        "may_trace": access.may(request.user, Right.CONTACT_TRACE),
        "form": _form(hold, chosen.moment) if may_decide and state == HoldState.PROPOSED else None,
        "given": request.GET,
    }
    return render(request, "web/testing_pool.html", facts | common(request, hold.round, "pools"))


@require_POST
def decide(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Order or decline a hold in one's own name."""
    chosen, hold = shell.chosen(request), fetch(request, hold_id, to=Right.ORDER_ISSUE)
    given = request.POST.get("decision", "")
    if given not in _DECISIONS:
        raise NoSuchDecision(given=given[:40], allowed=", ".join(_DECISIONS))
    try:
        said = _DECISIONS[given](request, hold, chosen.moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    return redirect(f"{reverse('testing_pool', args=[hold.pk])}?{chosen.query}")


@require_GET
def notices(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Show the notices of those who are held, to be printed: in Chinese, or in English with `language=en`."""
    chosen, hold = shell.chosen(request), fetch(request, hold_id, to=Right.TESTING_FOLLOW)
    language = request.GET.get("language", get_language() or "zh")
    language = "en" if language.startswith("en") else "zh"
    ordered = holds.state_at(hold, chosen.as_of) == HoldState.ORDERED
    texts = holds_notice.notices(hold, language) if ordered else {}
    served = [
        (member, texts[member.entry])
        for member in recalls.doors(hold, by=request.user, now=request.now, as_of=chosen.as_of)
        if member.entry in texts and not member.hidden
    ]
    facts = {"hold": hold, "notices": served, "language": language, "n_elsewhere": len(texts) - len(served)}
    return render(request, "web/testing_pool_notices.html", facts | common(request, hold.round, "pools"))


@require_GET
def near(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Answer: who lives with the members of this pool, and who stood in the queue with them? Prepared, not ordered."""
    hold = fetch(request, hold_id, to=Right.CONTACT_TRACE)
    prepared = holds_near.prepared(hold, by=request.user, now=request.now)
    codes = {one.area_code for one in (*prepared.households, *prepared.queue)}
    names = area_names(codes)
    facts = {
        "hold": hold,
        "prepared": prepared,
        "around_minutes": int(prepared.around.total_seconds()) // 60,
        "households": [(one, names.get(one.area_code, one.area_code)) for one in prepared.households],
        "queue": [(one, names.get(one.area_code, one.area_code)) for one in prepared.queue],
    }
    return render(request, "web/testing_pool_near.html", facts | common(request, hold.round, "pools"))


def fetch(request: HttpRequest, hold_id: int, *, to: Right) -> PoolHold:
    """Fetch a hold through the door: of the outbreak that is looked at, proposed by the day that is looked at."""
    chosen = shell.chosen(request)
    found = holds.fetch(hold_id, to=to, by=request.user)
    if found.round.outbreak_id != chosen.outbreak.pk or found.proposed_at > chosen.as_of:
        raise NotYours(what="hold", area=request.user.area_code)
    return found


# --- Parts -------------------------------------------------------------------------------------


def _order(request: HttpRequest, hold: PoolHold, moment: datetime) -> str:
    given = request.POST.get("expires_at", "")
    try:
        until = datetime.fromisoformat(given) if given else None
    except ValueError as fault:
        raise EndUnreadable from fault
    if until is not None and until.tzinfo is None:
        until = timezone.make_aware(until)
    ordered = holds.order(
        hold=hold, legal_basis=request.POST.get("legal_basis", ""), expires_at=until, by=request.user, now=moment
    )
    return gettext("Ordered in your name until {moment}: tube {tube}.").format(
        moment=f"{timezone.localtime(ordered.expires_at):%Y-%m-%d %H:%M}", tube=ordered.tube
    )


def _decline(request: HttpRequest, hold: PoolHold, moment: datetime) -> str:
    holds.decline(hold=hold, reason=request.POST.get("reason", ""), by=request.user, now=moment)
    return gettext("Declined: tube {tube}.").format(tube=hold.tube)


_DECISIONS = {"order": _order, "decline": _decline}


def _form(hold: PoolHold, moment: datetime) -> dict[str, object]:
    """Say until when a hold ordered now may last, and until when it lasts where nobody says."""
    rules = outbreaks.rules_at(hold.round.outbreak, moment, area_code=hold.area_code)
    usual = holds_basis.usual_end(rules, moment)
    return {
        "usual": f"{timezone.localtime(usual):%Y-%m-%dT%H:%M}" if usual else "",
        "origin": rules.source,
        "most": HOLD_HOURS_AT_MOST,
    }


def _clock(hold: PoolHold, state: HoldState | None, as_of: datetime) -> dict[str, object]:
    """Say what runs: hours since the result while nobody has decided, hours left of an ordered hold."""
    if state == HoldState.PROPOSED:
        return {"waited": as_of - hold.proposed_at}
    if state == HoldState.ORDERED and hold.expires_at:
        due = hold.recall_due_at or hold.expires_at
        return {"left": max(hold.expires_at - as_of, timedelta()), "late": due < as_of}
    return {}
