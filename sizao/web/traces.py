"""Traces: which questions about presences stand, what they newly found, and whom others found here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.records.models import PresenceBatch
from sizao.response.tracing import push_lists, trace_page
from sizao.terms import Right, TraceState
from sizao.web import shell

PAGE_TRACES = 40


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which traces stand, and what did they find since I last looked?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRACE_ASK)
    found = trace_page.traces_at(chosen.outbreak, chosen.area_code, as_of=chosen.as_of).select_related("case__person")
    before = request.GET.get("before", "")
    if before.isdecimal():
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
    unread = sum(line.n_new is None for line in lines)
    if unread and not new:
        told = ngettext("You have not opened {n} of them yet.", "You have not opened {n} of them yet.", unread)
        return stands + " " + told.format(n=unread)
    if not new:
        return stands + " " + gettext("Nothing new was found since you last looked.")
    told = ngettext("{n} person was found since you last looked.", "{n} people were found since you last looked.", new)
    return stands + " " + told.format(n=new)


def _latest_batches(chosen: shell.Chosen) -> list[PresenceBatch]:
    arrived = PresenceBatch.objects.filter(outbreak=chosen.outbreak, arrived_at__lte=chosen.as_of)
    return list(arrived.order_by("-arrived_at", "-pk")[:5])


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
    return int(text) if text.isdecimal() else None
