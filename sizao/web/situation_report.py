"""The situation report of a day as a page, and as a file to be printed or edited."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sizao.adapters.documents import Facts, Heading, Picture, Table, Text
from sizao.records import access
from sizao.response.reports import situation_document
from sizao.terms import Right
from sizao.web import boundaries, shell
from sizao.web.cooperation_letters import download

KINDS = {Facts: "facts", Heading: "heading", Picture: "picture", Table: "table", Text: "text"}


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """Answer: what do those in charge have to know of this day? With `form`, give it as a file."""
    access.require(request.user, Right.REPORT_READ)
    chosen = shell.chosen(request)
    facts = {
        "outbreak": chosen.outbreak, "area_code": chosen.area_code, "day": chosen.day, "as_of": chosen.as_of,
        "boundaries": boundaries.of(chosen.outbreak),
    }  # fmt: skip
    own = "zh" if (get_language() or "zh").startswith("zh") else "en"
    if form := request.GET.get("form"):
        language = request.GET.get("language", own)
        made = situation_document.made(form=form, language=language, by=request.user, now=request.now, **facts)
        return download(made, f"situation-{chosen.area_code}-{chosen.day}-{language}", form)
    outbreak, area_code = facts.pop("outbreak"), facts.pop("area_code")
    told = situation_document.document(outbreak, area_code, language=own, **facts)
    blocks = [(KINDS[type(one)], one) for one in told.blocks]
    return render(request, "web/situation_report.html", {"told": told, "blocks": blocks})
