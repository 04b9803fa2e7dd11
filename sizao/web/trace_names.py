"""Saying who people are whom a trace found: an upload of what an operator or an authority answered."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from sizao.adapters import uploads
from sizao.errors import SizaoError
from sizao.records.models import Trace
from sizao.response.tracing import naming
from sizao.response.tracing.naming import IdentityRow
from sizao.web import refusals, shell, trace, uploaded

# The headings that may stand over each column, as operators write them.
COLUMNS: Mapping[str, Sequence[str]] = {
    "id_number": ("身份证号", "身份证号码", "证件号码"),
    "name": ("姓名",),
    "phone": ("电话", "手机号", "手机号码"),
    "area_code": ("居住地代码", "行政区划代码"),
    "address": ("地址", "现住址"),
}
NEEDS = ("name", "area_code")
MOST_SKIPPED = 50  # lines that are named


class NoFile(SizaoError):
    code = "traces.no_file"
    message = "No file was chosen. Choose the workbook or CSV file that the operator sent."


@require_http_methods(["GET", "POST"])
def names(request: HttpRequest, trace_id: int) -> HttpResponse:
    """Show how identities are uploaded, or take them in: all rows or none, faults cell by cell."""
    chosen, found = shell.chosen(request), trace.fetch(request, trace_id)
    faulty: dict[str, object] = {}
    if request.method == "POST":
        try:
            return _taken(request, found)
        except naming.IdentitiesRefused as refusal:
            messages.warning(request, uploaded.said(refusal))
            faulty = uploaded.faults(refusal.facts["errors"], _upload(request), _should())
        except (uploads.UploadUnreadable, SizaoError) as refusal:
            messages.warning(request, refusals.sentence(refusal))
    shown = {
        "trace": found,
        **faulty,
        "columns": [
            (column, headings[0], should)
            for (column, headings), should in zip(COLUMNS.items(), _should().values(), strict=True)
        ],
        "chosen": chosen,
    }
    return render(request, "web/traces_names.html", shown)


def _taken(request: HttpRequest, found: Trace) -> HttpResponse:
    chosen = shell.chosen(request)
    upload = _upload(request)
    rows = [IdentityRow(**row) for row in upload.rows]
    named = naming.name_people(trace=found, rows=rows, by=request.user, now=chosen.moment)
    said = ngettext("{n} person was named.", "{n} people were named.", named.linked).format(n=named.linked)
    new = ngettext("{n} is new in the register.", "{n} are new in the register.", named.new).format(n=named.new)
    messages.success(request, f"{said} {new}")
    if named.skipped:
        messages.warning(request, _skipped([upload.lines[row - 1] for row in named.skipped]))
    return redirect(f"{reverse('traces_one', args=[found.pk])}?{chosen.query}")


def _skipped(lines: Sequence[int]) -> str:
    """Say which lines are about nobody whom the trace found."""
    shown = ", ".join(str(line) for line in lines[:MOST_SKIPPED]) + (" …" if len(lines) > MOST_SKIPPED else "")
    return ngettext(
        "{n} row is about nobody whom this trace found and was skipped; nothing of it was kept. Line: {lines}.",
        "{n} rows are about nobody whom this trace found and were skipped; nothing of them was kept. Lines: {lines}.",
        len(lines),
    ).format(n=len(lines), lines=shown)


def _upload(request: HttpRequest) -> uploads.Upload:
    return uploaded.read(request, "people", columns=COLUMNS, needs=NEEDS, missing=NoFile)


def _should() -> dict[str, str]:
    """Say what each column should hold."""
    return {
        "id_number": gettext("6 to 20 letters and digits, each number once; empty only beside a phone"),
        "name": gettext("the name, at most 60 characters"),
        "phone": gettext("5 to 20 digits, or empty"),
        "area_code": gettext("the code of the county, township or village where the person lives"),
        "address": gettext("the address, or empty"),
    }
