"""The common-source page: what the presences say that several cases shared, beside what their interviews say."""

from collections.abc import Sequence
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sizao.response.reports.exposures import Exposure, exposures, ranked_on
from sizao.response.reports.lines import area_names
from sizao.response.tracing import source_page
from sizao.response.tracing.trace_page import TraceView
from sizao.terms import TraceState
from sizao.web import shell

_Ranked = TypeVar("_Ranked", source_page.Source, Exposure)
SHOWN = 20
MOST_INTERVIEWS = 20
SURPRISING = 0.05  # a q-value below it is told as more than chance


def _parted(ranked: Sequence[_Ranked]) -> tuple[Sequence[_Ranked], Sequence[_Ranked]]:
    """Part what stands out from chance from the rest, which is shown on demand; without any, the first stands first."""
    n = max(1, sum(one.q_value < SURPRISING for one in ranked))
    return ranked[:n], ranked[n:SHOWN]


def page(request: HttpRequest, view: TraceView) -> HttpResponse:
    """Answer: where were these cases together before they fell ill, more often than chance would have it?"""
    chosen, trace = shell.chosen(request), view.trace
    read = source_page.read(trace, by=request.user, now=request.now, as_of=chosen.as_of)
    told = exposures(
        chosen.outbreak, chosen.area_code, chosen.day, reader=request.user, as_of=chosen.as_of, most=MOST_INTERVIEWS
    )
    shown = {
        "view": view,
        "trace": trace,
        "read": read,
        "presences": _parted(read.sources),
        "first": read.sources[0] if read.sources else None,
        "interviews": _parted(told),
        "ranked_on": ranked_on(chosen.outbreak, chosen.day),
        "areas": area_names(one.spot.area_code for one in read.sources if one.spot),
        "is_standing": view.state is TraceState.STANDING,
    }
    return render(request, "web/traces_source.html", shown)
