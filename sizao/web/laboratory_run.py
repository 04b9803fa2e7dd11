"""One run of a laboratory: what is odd first, then positives; and the second signature."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records.access import NotYours
from sizao.records.models import LabRun
from sizao.response.testing import laboratory as stage
from sizao.response.testing.laboratory import runs
from sizao.terms import LabOddityKind, Reading, Right, RunState
from sizao.web import refusals, shell
from sizao.web.laboratory import common

MOST_READINGS = 400
MOST_ODD = 50


@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Answer: what does this run say, what is odd about it, and may I sign it?"""
    chosen, found = shell.chosen(request), runs.fetch(run_id, to=Right.LAB_WORK, by=request.user)
    if found.recorded_at > chosen.as_of:
        raise NotYours(what="run", area=request.user.area_code)
    readings = list(runs.readings_of(found).select_related("round")[:MOST_READINGS])
    odd = found.oddities.filter(recorded_at__lte=chosen.as_of).order_by("settled_at", "pk")
    state = runs.state_at(found, chosen.as_of)
    shown = {
        "run": found,
        "state": state,
        "readings": [(one, Reading(one.found), _cycles(one.ct)) for one in readings],
        "n_more": found.n_readings - len(readings),
        "odd": [(one, LabOddityKind(one.kind)) for one in odd[:MOST_ODD]],
        "n_odd_here": odd.filter(settled_at=None).count(),
        "mine": found.recorded_by == request.user.username,
        "waits": state == RunState.RECORDED,
        "withdrawn": state == RunState.WITHDRAWN,
    }
    return render(request, "web/laboratory_run.html", shown | common(request, found.laboratory, "run"))


def _cycles(ct: list[float | None] | None) -> list[str]:
    return ["—" if one is None else f"{one:.1f}" for one in ct or ()]


@require_POST
def release(request: HttpRequest, run_id: int) -> HttpResponse:
    """Release a run in one's own name, as the second person."""
    found = runs.fetch(run_id, to=Right.LAB_RELEASE, by=request.user)
    seen = request.POST.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None  # noqa: PLR2004
    return _done(request, found, lambda **who: stage.release_run(run=found, seen=number, **who))


@require_POST
def withdraw(request: HttpRequest, run_id: int) -> HttpResponse:
    """Withdraw a run that is wrong."""
    found = runs.fetch(run_id, to=Right.LAB_WORK, by=request.user)
    reason = request.POST.get("reason", "")
    return _done(request, found, lambda **who: stage.withdraw_run(run=found, reason=reason, **who))


def _done(request: HttpRequest, found: LabRun, act: object) -> HttpResponse:
    chosen = shell.chosen(request)
    try:
        done = act(by=request.user, now=chosen.moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        said = (
            gettext("Released in your name.") if done.state == RunState.RELEASED else gettext("Withdrawn in your name.")
        )
        messages.success(request, said)
    return redirect(f"{reverse('lab_run', args=[found.pk])}?{chosen.query}")
