"""Labels for tubes, in lots: a sheet of Code 128 to be printed, whose codes no other lot bears; and the sites."""

from dataclasses import dataclass

import barcode
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records.access import NotYours
from sizao.records.models import TubeLot
from sizao.response import testing
from sizao.response.testing import tubes
from sizao.terms import Right
from sizao.web import refusals, shell
from sizao.web.area_named import area_code_of
from sizao.web.testing import common, fetch
from sizao.web.testing_posters import MOST_SITES

SHEET = 40  # labels of one A4 sheet, four across
SHEETS = 25  # of one page; a lot of a million is printed in parts


@dataclass(frozen=True, slots=True)
class Label:
    """A code as it is read by people, and its bars: where each begins and how wide it is, in modules."""

    spoken: str
    bars: tuple[tuple[int, int], ...]
    width: int


@require_http_methods(["GET", "POST"])
def labels(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the lots and sites of a round; print a further lot, or add a site."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    if request.method == "POST":
        try:
            said = _site(request, found) if request.POST.get("what") == "site" else _lot(request, found)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, said)
            return redirect(f"{reverse('testing_labels', args=[found.pk])}?{chosen.query}")
    sites = found.sites.select_related("place").order_by("number")
    n_parts = -(-sites.count() // MOST_SITES["posters"])
    shown = {
        "n_parts": n_parts,
        "parts": range(1, n_parts + 1),
        "lots": found.lots.order_by("-first_serial"),
        "sites": sites,
        "given": request.POST,
    }
    return render(request, "web/testing_labels.html", shown | common(request, found, "labels"))


@require_GET
def sheet(request: HttpRequest, round_id: int, lot_id: int) -> HttpResponse:
    """Show a part of a lot as sheets to be printed."""
    found = fetch(request, round_id, to=Right.TESTING_PLAN)
    lot = TubeLot.objects.filter(round=found, pk=lot_id).first()
    if lot is None:
        raise NotYours(what="lot", area=request.user.area_code)
    asked = request.GET.get("part", "1")
    part = int(asked) if asked.isdecimal() and 0 < len(asked) < 7 else 1  # noqa: PLR2004 — digits of a part's number
    most = SHEET * SHEETS
    n_parts = -(-lot.size // most)
    part = min(max(part, 1), n_parts)
    codes = tubes.codes_of(lot, start=(part - 1) * most, most=most)
    printed = [label(code) for code in codes]
    shown = {
        "lot": lot,
        "sheets": [printed[at : at + SHEET] for at in range(0, len(printed), SHEET)],
        "part": part,
        "n_parts": n_parts,
        "part_before": part - 1,
        "part_after": part + 1 if part < n_parts else 0,
    }
    return render(request, "web/testing_sheet.html", shown | common(request, found, "labels"))


def label(code: str) -> Label:
    """Draw a code in Code 128: its dark bars."""
    modules = barcode.get("code128", code).build()[0]
    bars, at = [], 0
    while at < len(modules):
        end = at
        while end < len(modules) and modules[end] == modules[at]:
            end += 1
        if modules[at] == "1":
            bars.append((at, end - at))
        at = end
    return Label(f"{code[:4]} {code[4:8]} {code[8:]}", tuple(bars), len(modules))


def _lot(request: HttpRequest, found: object) -> str:
    given = request.POST.get("size", "")
    size = int(given) if given.isdecimal() and len(given) < 9 else 0  # noqa: PLR2004 — more is refused as a size
    lot = testing.print_lot(testing_round=found, size=size, by=request.user, now=shell.chosen(request).moment)
    return ngettext("{n} label has a code now; print its sheet.", "{n} labels have codes now; print their sheets.",
                    lot.size).format(n=lot.size)  # fmt: skip


def _site(request: HttpRequest, found: object) -> str:
    given = request.POST.get("n_tables", "")
    added = testing.add_site(
        testing_round=found,
        name=request.POST.get("name", ""),
        area_code=area_code_of(request.POST.get("area_code", ""), by=request.user),
        n_tables=int(given) if given.isdecimal() and len(given) < 5 else 0,  # noqa: PLR2004 — more is refused
        by=request.user,
        now=shell.chosen(request).moment,
    )
    return gettext("Site {number} was added.").format(number=added.number)
