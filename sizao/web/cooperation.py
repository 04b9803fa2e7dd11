"""Requests to and from other authorities: what stands, one of them with its people, and a new one."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Authority, CooperationRequest
from sizao.response import cooperation
from sizao.response.cooperation import finding
from sizao.response.cooperation.asking import NobodyAskedAbout
from sizao.response.cooperation.standing import is_late
from sizao.response.reports.lines import area_names
from sizao.terms import REQUEST_MOVES, AskedFor, PersonAnswer, RequestState, Right
from sizao.web import refusals, shell
from sizao.web.order_acts import word

MOST_ROWS = 200


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: what did we ask whom, what are we asked, and what is late?"""
    chosen = shell.chosen(request)
    found = finding.lines(request.user, as_of=chosen.as_of, known_at=known_at(request, chosen), most=MOST_ROWS)
    facts = {
        "incoming": [one for one in found if one.request.is_incoming],
        "outgoing": [one for one in found if not one.request.is_incoming],
        "n_late": sum(one.is_late for one in found),
    }
    return render(request, "web/cooperation.html", facts)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show who lives elsewhere, by county; or draft a request about those of one county, in one's own name."""
    chosen = shell.chosen(request)
    groups = finding.elsewhere(chosen.outbreak, by=request.user, as_of=chosen.as_of)
    if request.method == "POST":
        try:
            made = _draft(request, chosen, groups)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            return redirect(f"{reverse('cooperation_one', args=[made.pk])}?{chosen.query}")
    names = area_names({one.area_code for one in groups})
    facts = {
        "groups": [(one, names.get(one.area_code, one.area_code)) for one in groups],
        "authorities": finding.authorities(),
        "asked_for": tuple(AskedFor),
        "given": request.POST,
    }
    return render(request, "web/cooperation_new.html", facts)


def _draft(request: HttpRequest, chosen: shell.Chosen, groups: list[finding.Elsewhere]) -> CooperationRequest:
    given: QueryDict = request.POST
    number = given.get("authority", "")
    authority = Authority.objects.filter(pk=int(number) if number.isdecimal() and len(number) < 10 else 0).first()  # noqa: PLR2004
    wanted = next((one for one in groups if one.area_code == given.get("area")), None)
    if authority is None or wanted is None:
        raise NobodyAskedAbout(authority=authority.name if authority else "—")
    return cooperation.draft(
        outbreak=chosen.outbreak, authority=authority, contacts=wanted.contacts,
        asked=[word(AskedFor, one) for one in given.getlist("asked")], question=given.get("question", "")[:4000],
        legal_basis=given.get("legal_basis", ""), by=request.user, now=chosen.moment,
    )  # fmt: skip


@require_GET
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """Answer: what is asked about whom, by when, what was answered, and what may I do?"""
    chosen, found = shell.chosen(request), finding.fetch(request_id, by=request.user)
    as_of = known_at(request, chosen)
    stood = finding.stood(found, as_of=as_of)
    people = finding.people_of(found, by=request.user, now=request.now, as_of=as_of)
    state = RequestState(stood.state)
    # What was done since would be refused, so nothing is offered on a day before.
    moves = REQUEST_MOVES[state] if state == found.state else frozenset()
    facts = {
        "asked": stood,
        "asked_for": [AskedFor(one) for one in found.asked],
        "state": state,
        "state_now": RequestState(found.state),
        "is_late": is_late(stood, chosen.as_of),
        "people": people,
        "n_answered": sum(bool(one.answer) for one in people),
        "exchanged": finding.messages_of(found, as_of=as_of),
        "moves": {str(one) for one in moves},
        "answers": tuple(PersonAnswer),
        "may_answer": state == found.state
        and (state == RequestState.ANSWERED or RequestState.ANSWERED in REQUEST_MOVES[state]),
        "by_letter": found.authority.way == "letter",
    }
    return render(request, "web/cooperation_one.html", facts)


def known_at(request: HttpRequest, chosen: shell.Chosen) -> datetime:
    """
    Say as of which moment a letter is shown: the chosen day's, and on the last one all that is known.

    What another authority's machine sends bears the present also where a replay is shown.
    """
    return max(chosen.as_of, request.now) if chosen.day == chosen.last_date else chosen.as_of


@require_POST
def act(request: HttpRequest, request_id: int) -> HttpResponse:
    """Send, accept, refuse, answer, remind, withdraw or close, in one's own name."""
    chosen, found, given = shell.chosen(request), finding.fetch(request_id, by=request.user), request.POST
    by = {"request": found, "by": request.user, "now": chosen.moment}
    reason = given.get("reason", "")
    acts = {
        "send": lambda: cooperation.send(**by),
        "accept": lambda: cooperation.accept(**by),
        "refuse": lambda: cooperation.refuse(**by, reason=reason),
        "answer": lambda: cooperation.answer(**by, found=_answers(given)),
        "remind": lambda: cooperation.remind(**by),
        "withdraw": lambda: cooperation.withdraw(**by, reason=reason),
        "close": lambda: cooperation.close(**by, reason=reason),
    }
    access.require(request.user, Right.COOPERATE, area_code=found.area_code)
    chosen_act = acts.get(given.get("act", ""))
    try:
        if chosen_act is not None:
            chosen_act()
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Recorded in your name: {number}.").format(number=found.number))
    return redirect(f"{reverse('cooperation_one', args=[found.pk])}?{chosen.query}")


def _answers(given: QueryDict) -> dict[int, tuple[PersonAnswer, str]]:
    found = {}
    for name, value in given.items():
        ref = name.removeprefix("answer-")
        if name.startswith("answer-") and ref.isdecimal() and len(ref) < 6 and value:  # noqa: PLR2004
            found[int(ref)] = (word(PersonAnswer, value), given.get(f"note-{ref}", ""))
    return found
