"""Boxes of a round: where each stands and whether it is late, one box's history, labels, and what was odd."""

from django.contrib import messages
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records.access import NotYours
from sizao.records.models import HandOver, SampleBox, TestingRound, TubeStep
from sizao.response.testing import chain
from sizao.response.testing.chain import clocks, finding
from sizao.response.testing.chain.acts import HOLDS_BACK
from sizao.response.testing.timing import AWAITS
from sizao.terms import LabOddityKind, Right
from sizao.web import refusals, shell
from sizao.web.testing import common, fetch, number_given
from sizao.web.testing_labels import label

PAGE_ROWS = 50
MOST_ODD = 50
SHEET = 40  # labels of one A4 sheet, four across
SHEETS = 25  # of one page


@require_http_methods(["GET", "POST"])
def boxes(request: HttpRequest, round_id: int) -> HttpResponse:
    """Answer: which boxes are on their way, which are late, and what was odd about any of them?"""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.SAMPLE_CARRY)
    if request.method == "POST":
        _settle(request, found)
        return redirect(f"{reverse('testing_boxes', args=[found.pk])}?{chosen.query}")
    coming = chain.in_transit(found, chosen.as_of)
    used = _used(found, chosen)
    page = number_given(request.GET.get("page", "")) or 1
    rows = used[(page - 1) * PAGE_ROWS : page * PAGE_ROWS + 1]
    waiting = finding.waiting(found, chosen.as_of)
    shown = {
        "rows": finding.lines(rows[:PAGE_ROWS], chosen.as_of),
        "page_after": page + 1 if len(rows) > PAGE_ROWS else 0,
        "page_before": page - 1,
        "n_boxes": sum(one.boxes for one in coming),
        "n_tubes": sum(one.tubes for one in coming),
        "n_late": sum(one.late for one in coming),
        "n_received": SampleBox.objects.filter(round=found, received_at__lte=chosen.as_of).count(),
        "odd": [(one, LabOddityKind(one.kind), one.kind in HOLDS_BACK) for one in waiting[:MOST_ODD]],
        "n_odd": waiting.count(),
    }
    return render(request, "web/testing_boxes.html", shown | common(request, found, "boxes"))


@require_GET
def box(request: HttpRequest, box_id: int) -> HttpResponse:
    """Answer: who had this box when, what lies in it, and by when is it due?"""
    chosen = shell.chosen(request)
    found = finding.fetch_row(box_id, to=Right.SAMPLE_CARRY, by=request.user)
    if found.round.outbreak_id != chosen.outbreak.pk:
        raise NotYours(what="box", area=request.user.area_code)
    [line] = finding.lines([found], chosen.as_of)
    shown = {
        "line": line,
        "box": found,
        "history": finding.history(found, chosen.as_of),
        "tubes": finding.tubes(found, chosen.as_of),
        "carried": _why(found, (clocks.TRANSPORT,)),
        "read": _why(found, (clocks.SINGLE_RESULT, clocks.POOL_RESULT)),
        "awaits": AWAITS,
        "not_set": clocks.NOT_SET,
        "odd": finding.waiting(found.round, chosen.as_of).filter(box=found),
    }
    return render(request, "web/testing_box.html", shown | common(request, found.round, "boxes"))


@require_http_methods(["GET", "POST"])
def labels(request: HttpRequest, round_id: int) -> HttpResponse:
    """Print labels for further boxes, or show those of a round as sheets."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    if request.method == "POST":
        try:
            count = number_given(request.POST.get("count", "")) or 0
            made = chain.print_boxes(testing_round=found, count=count, by=request.user, now=chosen.moment)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, _printed(len(made)))
            return redirect(f"{reverse('testing_box_labels', args=[found.pk])}?{chosen.query}")
    most = SHEET * SHEETS
    part = number_given(request.GET.get("part", "")) or 1
    printed = SampleBox.objects.filter(round=found, printed_at__lte=chosen.as_of).order_by("-code")
    codes = list(printed.values_list("code", flat=True)[(part - 1) * most : part * most + 1])
    drawn = [label(code) for code in codes[:most]]
    shown = {
        "sheets": [drawn[at : at + SHEET] for at in range(0, len(drawn), SHEET)],
        "n_labels": printed.count(),
        "part_before": part - 1,
        "part_after": part + 1 if len(codes) > most else 0,
    }
    return render(request, "web/testing_box_labels.html", shown | common(request, found, "box_labels"))


def _printed(count: int) -> str:
    return ngettext("{n} box has a code now; print its label.", "{n} boxes have codes now; print their labels.",
                    count).format(n=count)  # fmt: skip


def _used(found: TestingRound, chosen: shell.Chosen) -> object:
    """Give the boxes that somebody did something with: those still out first, the nearest clock first."""
    done = (model.objects.filter(box=OuterRef("pk"), happened_at__lte=chosen.as_of) for model in (HandOver, TubeStep))
    acted, filled = (Exists(one) for one in done)
    used = finding.of_round(found, chosen.as_of).filter(acted | filled)
    return used.order_by(
        F("received_at").desc(nulls_first=True), F("transport_due_at").asc(nulls_last=True), "code"
    )  # fmt: skip


def _why(found: SampleBox, keys: tuple[str, ...]) -> list[dict[str, object]]:
    return [entry for entry in found.basis if entry["key"] in keys]


def _settle(request: HttpRequest, found: TestingRound) -> None:
    given = request.POST
    try:
        chain.settle_box_oddity(
            testing_round=found,
            number=number_given(given.get("oddity", "")) or 0,
            box=given.get("box", ""),
            tube=given.get("tube", ""),
            outcome=given.get("outcome", ""),
            by=request.user,
            now=shell.chosen(request).moment,
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Settled in your name."))
