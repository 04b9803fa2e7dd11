"""What was odd about swabs: the queue in which nothing is lost, and setting right what held one back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.response import testing
from sizao.response.testing import oddities
from sizao.terms import HOLDS_BACK, OddityKind, Right
from sizao.web import refusals, shell
from sizao.web.testing import common, fetch, number_given

PAGE_ROWS = 50


@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest, round_id: int) -> HttpResponse:
    """Answer: which swabs wait for somebody, and what else was odd?"""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_REGISTER)
    if request.method == "POST":
        _settle(request, found)
        return redirect(f"{reverse('testing_queue', args=[found.pk])}?{chosen.query}")
    waiting = oddities.waiting(found, request.user, chosen.as_of)
    shown = {
        "rows": [(one, OddityKind(one.kind), OddityKind(one.kind) in HOLDS_BACK) for one in waiting[:PAGE_ROWS]],
        "n_rows": waiting.count(),
    }
    return render(request, "web/testing_queue.html", shown | common(request, found, "queue"))


def _settle(request: HttpRequest, found: object) -> None:
    number, entry = request.POST.get("oddity", ""), request.POST.get("entry", "").strip()
    try:
        testing.settle_oddity(
            testing_round=found,
            number=number_given(number) or 0,
            tube=request.POST.get("tube", ""),
            entry=number_given(entry),
            outcome=request.POST.get("outcome", ""),
            by=request.user,
            now=shell.chosen(request).moment,
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Settled in your name."))
