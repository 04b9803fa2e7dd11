"""Who comes home from a site: the community takes over, each in somebody's own name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.access import NotYours
from sizao.response.isolation.days import handing_over
from sizao.web import refusals, shell


@require_http_methods(["GET", "POST"])
def coming(request: HttpRequest) -> HttpResponse:
    """Answer: who comes home to my area, when, and what are they asked next? Or receive somebody."""
    chosen = shell.chosen(request)
    found = handing_over.coming(request.user, chosen.outbreak, as_of=chosen.as_of)
    if request.method == "POST":
        given = request.POST.get("hand_over", "")
        one = found.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None  # noqa: PLR2004
        try:
            if one is None:
                raise NotYours(what="hand_over", area=request.user.area_code)
            handing_over.receive(
                hand_over=one, note=request.POST.get("note", ""), by=request.user, now=chosen.moment
            )  # fmt: skip
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Received in your name: {number}.").format(number=one.person.number))
        return redirect(f"{reverse('site_hand_overs')}?{chosen.query}")
    rows = list(found[:200])
    journal.write("hand_overs.read", chosen.outbreak, by=request.user, at=request.now, people=len(rows))
    return render(request, "web/site_day_home.html", {"rows": rows, "as_of": chosen.as_of})
