"""The page of places through which most infectious time of cases passed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sizao.response.reports.lines import area_names
from sizao.response.tracing import hotspot_page
from sizao.response.tracing.trace_page import TraceView
from sizao.terms import TraceState
from sizao.web import shell


def page(request: HttpRequest, view: TraceView) -> HttpResponse:
    """Answer: which places deserve to be looked at first, and until when is that kept up to date?"""
    chosen, trace = shell.chosen(request), view.trace
    read = hotspot_page.read(trace, by=request.user, now=request.now, as_of=chosen.as_of)
    shown = {
        "view": view,
        "trace": trace,
        "read": read,
        "first": read.places[0] if read.places else None,
        "areas": area_names(one.spot.area_code for one in read.places if one.spot),
        "is_standing": view.state is TraceState.STANDING,
    }
    return render(request, "web/traces_hotspots.html", shown)
