"""The roster of a round: made from the register, or uploaded with its faults told cell by cell."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.adapters import uploads
from sizao.errors import SizaoError
from sizao.records.models import TestingRound
from sizao.response import testing
from sizao.response.testing.roster import LONGEST, Made
from sizao.terms import Right
from sizao.web import refusals, shell, uploaded
from sizao.web.testing import common, fetch

# The headings that may stand over each column, as offices write them.
COLUMNS: Mapping[str, Sequence[str]] = {
    "area_code": ("村居代码", "居住地代码", "行政区划代码"),
    "id_number": ("身份证号", "身份证号码", "证件号码"),
    "name": ("姓名",),
    "phone": ("电话", "手机号", "手机号码"),
    "address": ("地址", "现住址"),
    "grid": ("网格",),
    "household": ("户号",),
    "single_only": ("单采",),
}
NEEDS = ("area_code",)


class NoRosterFile(SizaoError):
    code = "testing.no_file"
    message = "No file was chosen. Choose the workbook or CSV file that holds the roster."


@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the roster's origin and size, and take another while the round is only planned."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    faulty: dict[str, object] = {}
    if request.method == "POST":
        try:
            made = _made(request, found)
        except testing.RosterRefused as refusal:
            messages.warning(request, uploaded.said(refusal))
            faulty = uploaded.faults(refusal.facts["errors"], _upload(request), _should())
        except (uploads.UploadUnreadable, SizaoError) as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, _said(made, rehearsed=request.POST.get("dry_run") == "1"))
            return redirect(f"{reverse('testing_roster', args=[found.pk])}?{chosen.query}")
    shown = {
        **faulty,
        "columns": [(column, headings[0], _should()[column]) for column, headings in COLUMNS.items()],
    }
    return render(request, "web/testing_roster.html", shown | common(request, found, "roster"))


def _made(request: HttpRequest, found: TestingRound) -> Made:
    chosen = shell.chosen(request)
    facts = {"testing_round": found, "by": request.user, "now": chosen.moment}
    if request.POST.get("from") == "register":
        return testing.make_from_register(**facts)
    rows = [testing.RosterRow(**row) for row in _upload(request).rows]
    name = request.FILES["roster"].name[:120]
    return testing.upload_roster(rows=rows, source=name, dry_run=request.POST.get("dry_run") == "1", **facts)


def _said(made: Made, *, rehearsed: bool) -> str:
    if rehearsed:
        return gettext("The file is right: {expected} people would be expected. Nothing was kept.").format(
            expected=made.expected
        )
    return gettext("{expected} people are expected; {kept} more are tested where they are kept.").format(
        expected=made.expected, kept=made.kept_elsewhere
    )


def _upload(request: HttpRequest) -> uploads.Upload:
    return uploaded.read(request, "roster", columns=COLUMNS, needs=NEEDS, missing=NoRosterFile)


def _should() -> dict[str, str]:
    """Say what each column should hold."""
    most = gettext("at most {n} characters, or empty")
    return {
        "area_code": gettext("the code of an area of the register inside the round, best of the village"),
        "id_number": gettext("6 to 20 letters and digits, each number once; empty only beside a name"),
        "name": most.format(n=LONGEST["name"]),
        "phone": most.format(n=LONGEST["phone"]),
        "address": most.format(n=LONGEST["address"]),
        "grid": most.format(n=LONGEST["grid"]),
        "household": most.format(n=LONGEST["household"]),
        "single_only": gettext("yes or no; yes for who is never pooled with strangers"),
    }
