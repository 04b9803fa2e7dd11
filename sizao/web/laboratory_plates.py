"""Plates: tubes are scanned into wells, one after the other; the plate can be printed as a map."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Plate
from sizao.response.testing import laboratory as stage
from sizao.response.testing.laboratory import plates
from sizao.terms import Phrase, Right
from sizao.web import refusals, shell
from sizao.web.laboratory import common, fetch


@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Answer: which tube goes into which well? Scanned in order: A1 to A12, B1 …"""
    chosen, found = shell.chosen(request), fetch(request, code)
    if request.method == "POST":
        codes = request.POST.get("tubes", "").split()[: len(plates.WELLS) + 1]
        try:
            if len(codes) > len(plates.WELLS):
                raise plates.PlateUnreadable(reason=Phrase("more than 96 codes were scanned", "扫描的编码超过96个"))
            made = stage.make_plate(
                laboratory=found, plate_code=request.POST.get("code", ""), wells=plates.in_order(codes),
                by=request.user, now=chosen.moment,
            )  # fmt: skip
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("The plate is kept."))
            return redirect(f"{reverse('lab_plate', args=[made.pk])}?{chosen.query}")
    shown = {"rows": plates.ROWS, "columns": plates.COLUMNS, "given": request.POST}
    return render(request, "web/laboratory_plates.html", shown | common(request, found, "plates"))


@require_GET
def plate(request: HttpRequest, plate_id: int) -> HttpResponse:
    """Show a plate as a map that can be printed and laid beside it."""
    access.require(request.user, Right.LAB_WORK)
    found = Plate.objects.select_related("laboratory").filter(pk=plate_id).first()
    if found is None or not access.covers(request.user, found.laboratory.area_code):
        raise NotYours(what="plate", area=request.user.area_code)
    width = len(plates.COLUMNS)
    wells = [(row, found.wells[at * width : (at + 1) * width]) for at, row in enumerate(plates.ROWS)]
    shown = {"plate": found, "wells": wells, "columns": plates.COLUMNS, "controls": plates.CONTROLS}
    return render(request, "web/laboratory_plate.html", shown | common(request, found.laboratory, "plates"))
