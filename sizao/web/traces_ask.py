"""The form that asks a trace: what is asked, about whom, why; and what that touches, said before it is asked."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Case, Trace
from sizao.response.tracing import before_asking, traces
from sizao.terms import Right, TracePurpose, TraceQuestion
from sizao.web import refusals, shell

MOST_CASES = 20  # offered under the field of the form
MOST_ASKED = 500  # in one question about a common source
LONGEST_CODE = 200  # of a vehicle


class NoSuchPurpose(SizaoError):
    code = "traces.purpose.unreadable"
    message = "“{given}” is no purpose of a trace. Choose one of: {allowed}."


class NoSuchCase(SizaoError):
    code = "traces.case.not_found"
    message = "There is no case {number} in your jurisdiction on this day. Check the number, or choose a later day."


class NoSuchMoment(SizaoError):
    code = "traces.since.unreadable"
    message = "“{given}” is no moment. Choose a day and a time, or leave it empty for all infectious time."


class NoSuchQuestion(SizaoError):
    code = "traces.question.unreadable"
    message = "“{given}” is no question of a trace. Choose one of: {allowed}."


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form that asks a trace, or ask it in the name of who is signed in."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRACE_ASK)
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            made = _asked(request, chosen)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Asked in your name: {number}.").format(number=made.number))
            return redirect(f"{reverse('traces_one', args=[made.pk])}?{chosen.query}")
    said = _said(request, chosen, given)
    if given.get("part") == "said":
        return render(request, "web/traces_ask_said.html", said)
    shown = said | {
        "given": given,
        "case": given.get("case", ""),
        "cases": _cases(request.user, chosen).order_by("-opened_at", "-pk")[:MOST_CASES],
        "purposes": tuple(TracePurpose),
        "questions": _questions(),
        "question": given.get("question", TraceQuestion.COMPANIONS),
        "held": before_asking.held(chosen.outbreak, as_of=chosen.as_of),
    }
    return render(request, "web/traces_ask.html", shown)


def _said(request: HttpRequest, chosen: shell.Chosen, given: Mapping[str, str]) -> dict[str, object]:
    """Say what the question would ask as it stands in the form, or why it could not be asked."""
    if not given.get("case", "").strip():
        return {"would": None, "refused": ""}
    try:
        question = _question(given.get("question") or TraceQuestion.COMPANIONS)
        purpose = _purpose(given.get("purpose") or TracePurpose.FIND_CONTACTS)
        cases = _named(request.user, chosen, given)
        would = before_asking.would_ask(chosen.outbreak, cases, question, purpose, now=chosen.moment)
    except SizaoError as refusal:
        return {"would": None, "refused": refusals.sentence(refusal)}
    return {"would": would, "refused": ""}


def _asked(request: HttpRequest, chosen: shell.Chosen) -> Trace:
    given = request.POST
    reason = given.get("reason", "").strip()
    question = _question(given.get("question", TraceQuestion.COMPANIONS))
    facts = {"outbreak": chosen.outbreak, "reason": reason, "by": request.user, "now": chosen.moment}
    cases = _named(request.user, chosen, given)
    if question is TraceQuestion.COMMON_SOURCE:
        return traces.ask_common_source(cases=cases, **facts)
    facts["purpose"] = _purpose(given.get("purpose", ""))
    if question is TraceQuestion.HOTSPOTS:
        return traces.ask_hotspots(cases=cases, since=_since(given.get("since", "")), **facts)
    if len(cases) > 1:
        raise traces.OneCaseAtATime
    vehicle = given.get("vehicle", "").strip()[:LONGEST_CODE] if question is TraceQuestion.SEATS else ""
    return traces.ask(case=cases[0], question=question, vehicle=vehicle or None, **facts)


def _named(account: Account, chosen: shell.Chosen, given: Mapping[str, str]) -> list[Case]:
    numbers = re.split(r"[\s,，、]+", given.get("case", "").strip()) or [""]
    return [_case(account, chosen, one) for one in numbers[:MOST_ASKED]]


def _questions() -> tuple[tuple[TraceQuestion, str], ...]:
    """Say in one sentence what each question answers."""
    told = {
        TraceQuestion.COMPANIONS: gettext("Who was with the case, at a place or in a vehicle?"),
        TraceQuestion.SEATS: gettext("Who sat near the case on a train, coach, plane or ship?"),
        TraceQuestion.SECOND_RING: gettext("Who met somebody of those, after they had met the case?"),
        TraceQuestion.COMMON_SOURCE: gettext("What did several cases share before they fell ill?"),
        TraceQuestion.HOTSPOTS: gettext("At which places did cases spend most infectious time?"),
    }
    return tuple(told.items())


def _question(code: str) -> TraceQuestion:
    try:
        return TraceQuestion(code)
    except ValueError as fault:
        raise NoSuchQuestion(given=code[:40], allowed=", ".join(TraceQuestion)) from fault


def _since(text: str) -> datetime | None:
    """Read a moment of the clocks here; empty is none."""
    if not text.strip():
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text.strip()).replace(tzinfo=None))
    except ValueError as fault:
        raise NoSuchMoment(given=text[:40]) from fault


def _purpose(code: str) -> TracePurpose:
    try:
        return TracePurpose(code)
    except ValueError as fault:
        raise NoSuchPurpose(given=code[:40], allowed=", ".join(TracePurpose)) from fault


def _cases(account: Account, chosen: shell.Chosen):  # noqa: ANN202
    known = Case.objects.filter(outbreak=chosen.outbreak, opened_at__lte=chosen.as_of)
    return known.within(max(chosen.area_code, account.area_code, key=len)).select_related("person")


def _case(account: Account, chosen: shell.Chosen, number: str) -> Case:
    found = _cases(account, chosen).filter(number=number[:40]).first()
    found = found or _cases(account, chosen).filter(person__number=number[:40]).first()
    if found is None:
        raise NoSuchCase(number=number[:40])
    return found
