"""What an officer does with a trace, in their own name: makes contacts of chosen people, ends it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from sizao.errors import SizaoError
from sizao.records.models import Trace
from sizao.response import tracing
from sizao.response.tracing import trace_page, traces
from sizao.terms import Right
from sizao.web import refusals, shell, trace


class NobodyChosen(SizaoError):
    code = "traces.nobody_chosen"
    message = "Nobody was chosen. Tick the people who are to become contacts, then confirm."


@require_POST
def contacts(request: HttpRequest, trace_id: int) -> HttpResponse:
    """Make contacts of the chosen people, each decided on by who is signed in."""
    chosen, found = shell.chosen(request), trace.fetch(request, trace_id, to=Right.CONTACT_TRACE)

    def act() -> str:
        ids = {int(one) for one in request.POST.getlist("match") if one.isdecimal()}
        matches = list(
            trace_page.standing_matches(found, as_of=chosen.as_of).filter(pk__in=ids).select_related("person")
        )
        if not matches:
            raise NobodyChosen
        made = tracing.to_contacts(trace=found, matches=matches, by=request.user, now=chosen.moment)
        n_known = len({one.person_id for one in matches}) - len(made)
        said = ngettext("{n} person is now a contact.", "{n} people are now contacts.", len(made)).format(n=len(made))
        known = ngettext("{n} was a contact or a case before.", "{n} were contacts or cases before.", n_known)
        return said + (" " + known.format(n=n_known) if n_known else "")

    return _done(request, found, act, layer=request.POST.get("layer", "")[:10])


@require_POST
def close(request: HttpRequest, trace_id: int) -> HttpResponse:
    """Ask a trace no more; what it found stays until its day."""
    chosen, found = shell.chosen(request), trace.fetch(request, trace_id)

    def act() -> str:
        traces.close(trace=found, by=request.user, now=chosen.moment)
        return gettext("Asked no more. What was found stays listed until it is destroyed on its day.")

    return _done(request, found, act)


def _done(request: HttpRequest, found: Trace, act: Callable[[], str], *, layer: str = "") -> HttpResponse:
    try:
        messages.success(request, act())
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    more = f"&layer={layer}" if layer.isalpha() else ""
    return redirect(f"{reverse('traces_one', args=[found.pk])}?{shell.chosen(request).query}{more}")
