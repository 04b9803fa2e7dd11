"""What if: policies compared in a simulated city, from the situation of a day. Asked here, worked out elsewhere."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import WhatIf
from sizao.response.reports import what_if, what_if_page, what_if_situation
from sizao.response.reports.what_if_levers import offered
from sizao.terms import Right, Variant, WhatIfState
from sizao.web import refusals, shell, spreadsheet, what_if_form, what_if_sentences, what_if_sheets

SHOWN = 50


class NotAnsweredYet(SizaoError):
    code = "what_if.not_answered"
    message = "This question is not answered yet. Its numbers can be taken away when it is."


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: what was asked of the simulated city, and what did it say?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.SITUATION_READ)
    found = list(what_if_page.asked_by(chosen.outbreak, chosen.area_code, day=chosen.day)[:SHOWN])
    lines = [
        {"question": one, "state": what_if.state_of(one), "names": [what_if_sentences.name_of(p) for p in one.policies]}
        for one in found
    ]
    return render(request, "web/what_ifs.html", {"lines": lines})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form with the situation of the day, or ask in the name of who is signed in."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.SITUATION_READ)
    situation, today = what_if_situation.read(chosen.outbreak, chosen.area_code, day=chosen.day, as_of=chosen.as_of)
    given = request.POST if request.method == "POST" else None
    if given is not None:
        try:
            made = _asked(request, chosen, today)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            return redirect(f"{reverse('what_if_one', args=[made.pk])}?{chosen.query}")
    now = what_if_form.starting_values(today)
    levers = offered(now)
    shown = {
        "situation": situation,
        "said": what_if_sentences.situation(situation),
        "assumptions": what_if_sentences.assumptions(situation.plain()),
        "levers": [
            (one, one in (given.getlist("lever") if given is not None else what_if_form.FIRST)) for one in levers
        ],
        "today": what_if_form.fields(what_if_form.MEASURES, "today", now, given),
        "means": what_if_form.fields(what_if_form.MEANS, "today", {}, given),
        "own": what_if_form.fields((*what_if_form.MEASURES, *what_if_form.MEANS), "own", {}, given),
        "own_name": given.get("own-name", "") if given is not None else "",
        "variants": tuple(Variant),
        "variant": given.get("variant") if given is not None else what_if.likely_variant(chosen.day),
        "habits": what_if_form.HABITS,
        "habit": given.get("habits") if given is not None else what_if_form.habits(situation.in_villages),
        "days": given.get("days", "") if given is not None else what_if_form.DAYS,
        "runs": given.get("runs", "") if given is not None else what_if_form.RUNS,
        "over_by": given.get("over_by", "") if given is not None else (chosen.day + timedelta(days=30)).isoformat(),
    }
    return render(request, "web/what_if_ask.html", shown)


def _asked(request: HttpRequest, chosen: shell.Chosen, today: Mapping[str, Any]) -> WhatIf:
    given = request.POST
    base = what_if_form.starting_values(today)
    changes = what_if_form.values(given, (*what_if_form.MEASURES, *what_if_form.MEANS), "today", base)
    return what_if.ask(
        outbreak=chosen.outbreak,
        area_code=chosen.area_code,
        day=chosen.day,
        as_of=chosen.as_of,
        policies=what_if_form.policies(given, {**base, **changes}),
        changes=changes,
        settings=what_if_form.settings(given, chosen.day),
        by=request.user,
        now=request.now,
    )


@require_safe
def one(request: HttpRequest, question_id: int) -> HttpResponse:
    """Answer: what would probably come of each policy? Or how far the answer is."""
    chosen, found = shell.chosen(request), _fetch(request, question_id)
    state = what_if.state_of(found)
    came = what_if_page.came_since(found, day=chosen.day, as_of=chosen.as_of)
    shown: dict[str, object] = {
        "question": found,
        "state": state,
        "is_under_way": state in (WhatIfState.WAITING, WhatIfState.RUNNING),
        "variant": Variant(found.settings["variant"]),
        "assumptions": what_if_sentences.assumptions(found.situation, found.answer),
        "today": what_if_sentences.today(found.settings["today"]),
    }
    if state is WhatIfState.ANSWERED:
        shown |= {
            "rows": what_if_sentences.rows(found),
            "said": what_if_sentences.best(found),
            "came_said": what_if_sentences.came(found, came),
            "drawing": what_if_sentences.drawing(found, came),
            "words": _words(),
            "source": _source(found),
        }
    return render(request, "web/what_if_one.html", shown)


@require_safe
def progress(request: HttpRequest, question_id: int) -> JsonResponse:
    """Tell how far an answer is, for the page that waits for it."""
    found = _fetch(request, question_id)
    state = what_if.state_of(found)
    said = state.label(get_language() or "")
    return JsonResponse({"state": str(state), "said": said, "done": found.done, "runs": found.runs})


@require_safe
def export(request: HttpRequest, question_id: int) -> FileResponse:
    """Give the numbers of an answer as a workbook."""
    found = _fetch(request, question_id)
    if what_if.state_of(found) is not WhatIfState.ANSWERED:
        raise NotAnsweredYet
    return spreadsheet.send(f"sizao-what-if-{found.date}-{found.pk}.xlsx", what_if_sheets.sheets(found, request))


def _fetch(request: HttpRequest, question_id: int) -> WhatIf:
    rows = WhatIf.objects.select_related("outbreak")
    return access.row(rows, what="what_if", to=Right.SITUATION_READ, by=request.user, pk=question_id)


def _source(found: WhatIf) -> str:
    called = found.outbreak.name if (get_language() or "zh").startswith("zh") else found.outbreak.name_en
    return gettext("%(outbreak)s · area %(area)s · as known on %(day)s · model results · sizao") % {
        "outbreak": called,
        "area": found.area_code,
        "day": found.date,
    }


def _words() -> dict[str, str]:
    """The words that the chart shows."""
    return {
        "found": gettext("Cases found a day"),
        "found_so_far": gettext("Cases found so far"),
        "infections": gettext("New infections a day"),
        "rooms": gettext("People in rooms"),
        "beds": gettext("Patients in beds"),
        "intensive": gettext("Patients in intensive care"),
        "counted": gettext("Counted"),
    }
