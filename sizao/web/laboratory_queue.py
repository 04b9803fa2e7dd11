"""The queue of a laboratory: rows that could not be read, codes that could not be placed, results at odds."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.response.testing import laboratory as stage
from sizao.response.testing.laboratory import queue as waiting_room
from sizao.terms import LabOddityKind, Reading
from sizao.web import refusals, shell
from sizao.web.laboratory import common, fetch

PAGE_ROWS = 50
_RESULTS = ("found", "released", "there")


@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest, code: str) -> HttpResponse:
    """Answer: what waits for somebody, and what was sent of it?"""
    chosen, found = shell.chosen(request), fetch(request, code)
    if request.method == "POST":
        _settle(request)
        return redirect(f"{reverse('laboratory_queue', args=[found.code])}?{chosen.query}")
    waiting = waiting_room.waiting(found, chosen.as_of)
    shown = {
        "lines": [
            (
                one,
                LabOddityKind(one.kind),
                LabOddityKind(one.kind) in waiting_room.PLACED_BY_CODE,
                one.kind == LabOddityKind.CONTRADICTION,
                [Reading(one.facts[name]) for name in _RESULTS if name in one.facts],
            )
            for one in waiting[:PAGE_ROWS]
        ],
    }
    return render(request, "web/laboratory_queue.html", shown | common(request, found, "queue"))


def _settle(request: HttpRequest) -> None:
    given = request.POST.get("oddity", "")
    try:
        stage.settle_lab_oddity(
            number=int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0,  # noqa: PLR2004
            tube=request.POST.get("tube", "")[:40],
            outcome=request.POST.get("outcome", ""),
            takes=request.POST.get("takes") == "1",
            by=request.user,
            now=shell.chosen(request).moment,
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Settled in your name."))
