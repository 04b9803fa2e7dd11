"""Traces: which questions about presences stand, what they newly found, and the form that asks one."""

import re
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Case, PresenceBatch, Trace
from sizao.response.tracing import push_lists, trace_page, traces
from sizao.terms import Right, TracePurpose, TraceQuestion, TraceState
from sizao.web import refusals, shell

PAGE_TRACES = 40
MOST_CASES = 20  # offered under the field of the form
MOST_ASKED = 500  # in one question about a common source


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


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which traces stand, and what did they find since I last looked?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRACE_ASK)
    found = trace_page.traces_at(chosen.outbreak, chosen.area_code, as_of=chosen.as_of).select_related("case__person")
    before = request.GET.get("before", "")
    if before.isdigit():
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-pk")[: PAGE_TRACES + 1])
    shown_rows = rows[:PAGE_TRACES]
    lines = trace_page.lines(shown_rows, reader=request.user, day=chosen.day, as_of=chosen.as_of)
    shown = {
        "lines": lines,
        "more": shown_rows[-1].pk if len(rows) > PAGE_TRACES else "",
        "before": before,
        "said": _said(lines),
        "n_here": push_lists.n_here(chosen.outbreak, request.user, as_of=chosen.as_of),
        "batches": _latest_batches(chosen),
    }
    return render(request, "web/traces.html", shown)


def _said(lines: list[trace_page.TraceLine]) -> str:
    """Say first what waits for the reader."""
    standing = sum(line.state is TraceState.STANDING for line in lines)
    new = sum(line.n_new or 0 for line in lines)
    if not lines:
        return gettext("Nobody has asked who was where yet. A trace begins with a confirmed case.")
    stands = ngettext("{n} trace stands.", "{n} traces stand.", standing).format(n=standing)
    if not new:
        return stands + " " + gettext("Nothing new was found since you last looked.")
    told = ngettext("{n} person was found since you last looked.", "{n} people were found since you last looked.", new)
    return stands + " " + told.format(n=new)


def _latest_batches(chosen: shell.Chosen) -> list[PresenceBatch]:
    arrived = PresenceBatch.objects.filter(outbreak=chosen.outbreak, arrived_at__lte=chosen.as_of)
    return list(arrived.order_by("-arrived_at", "-pk")[:5])


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
    shown = {
        "given": given,
        "case": given.get("case", ""),
        "cases": _cases(request.user, chosen).order_by("-opened_at", "-pk")[:MOST_CASES],
        "purposes": tuple(TracePurpose),
        "questions": _questions(),
        "question": given.get("question", TraceQuestion.COMPANIONS),
        "n_batches": PresenceBatch.objects.filter(outbreak=chosen.outbreak, arrived_at__lte=chosen.as_of).count(),
    }
    return render(request, "web/traces_ask.html", shown)


def _asked(request: HttpRequest, chosen: shell.Chosen) -> Trace:
    given = request.POST
    reason = given.get("reason", "").strip()
    question = _question(given.get("question", TraceQuestion.COMPANIONS))
    facts = {"outbreak": chosen.outbreak, "reason": reason, "by": request.user, "now": chosen.moment}
    numbers = re.split(r"[\s,，、]+", given.get("case", "").strip()) or [""]
    cases = [_case(request.user, chosen, one) for one in numbers[:MOST_ASKED]]
    if question is TraceQuestion.COMMON_SOURCE:
        return traces.ask_common_source(cases=cases, **facts)
    facts["purpose"] = _purpose(given.get("purpose", ""))
    if question is TraceQuestion.HOTSPOTS:
        return traces.ask_hotspots(cases=cases, since=_since(given.get("since", "")), **facts)
    if len(cases) > 1:
        raise traces.OneCaseAtATime
    return traces.ask(case=cases[0], question=question, **facts)


def _questions() -> tuple[tuple[TraceQuestion, str], ...]:
    """Say in one sentence what each question answers."""
    told = {
        TraceQuestion.COMPANIONS: gettext("Who shared time with the case at a place or in a vehicle."),
        TraceQuestion.SECOND_RING: gettext(
            "Who met somebody of those after they had met the case, as far as the edition looks for secondary contacts."
        ),
        TraceQuestion.COMMON_SOURCE: gettext("What several cases shared before they fell ill, against chance."),
        TraceQuestion.HOTSPOTS: gettext("Through which places most infectious time of one or more cases passed."),
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


@require_GET
def here(request: HttpRequest) -> HttpResponse:
    """Answer: which people of my area did traces of other areas find?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRACE_ASK)
    page = push_lists.here(
        chosen.outbreak, request.user, as_of=chosen.as_of, after=_number(request.GET.get("after", ""))
    )
    return render(request, "web/traces_here.html", {"page": page, "after": request.GET.get("after", "")})


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
