"""What happens to cases besides their classification: discharged, died, severe, moved; entered in one's own name."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Case, CaseFact
from sizao.response.reports import case_facts
from sizao.terms import CaseFactKind, Right
from sizao.web import refusals, shell
from sizao.web.order_acts import word
from sizao.web.orders import read_day

MOST_ROWS = 100


class NotAMoment(SizaoError):
    code = "reports.moment.unreadable"
    message = "“{given}” is no moment. Choose day and time."


@require_http_methods(["GET", "POST"])
def outcomes(request: HttpRequest) -> HttpResponse:
    """Answer: what was entered of our cases last; enter another, or withdraw one."""
    access.require(request.user, Right.CASE_CLASSIFY)
    chosen = shell.chosen(request)
    if request.method == "POST":
        _act(request, chosen)
        return redirect(request.get_full_path())
    facts = CaseFact.objects.filter(
        case__outbreak=chosen.outbreak, case__area_code__startswith=chosen.area_code, recorded_at__lte=chosen.as_of
    )
    rows = facts.select_related("case").order_by("-recorded_at", "-pk")[:MOST_ROWS]
    shown = {
        "rows": [(row, row.withdrawn_at is not None and row.withdrawn_at <= chosen.as_of) for row in rows],
        "kinds": list(case_facts.OF_STATUS),
        "moved": CaseFactKind.MOVED,
        "now": timezone.localtime(chosen.moment),
    }
    return render(request, "web/reports_outcomes.html", shown)


def _act(request: HttpRequest, chosen: shell.Chosen) -> None:
    given, by = request.POST, request.user
    try:
        if given.get("withdraw"):
            fact = _fact(request, chosen, given["withdraw"])
            case_facts.withdraw(fact=fact, reason=given.get("reason", ""), by=by, now=chosen.moment)
            messages.success(request, gettext("Withdrawn in your name."))
            return
        case = access.row(
            Case.objects.filter(outbreak=chosen.outbreak), what="case", to=Right.CASE_CLASSIFY, by=by,
            number=given.get("number", "").strip(),
        )  # fmt: skip
        reason = given.get("reason", "")
        if given.get("area_code"):
            case_facts.move(case=case, area_code=given["area_code"].strip(), reason=reason, by=by, now=chosen.moment)
        else:
            kind = word(CaseFactKind, given.get("kind", ""))
            at = _moment(given.get("at", ""))
            case_facts.enter(case=case, kind=kind, happened_at=at, reason=reason, by=by, now=chosen.moment)
        messages.success(request, gettext("Entered in your name."))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))


def _fact(request: HttpRequest, chosen: shell.Chosen, given: str) -> CaseFact:
    facts = CaseFact.objects.filter(
        case__outbreak=chosen.outbreak, case__area_code__startswith=request.user.area_code
    ).select_related("case")
    found = facts.filter(pk=given).first() if given.isascii() and given.isdigit() and len(given) <= 18 else None
    if found is None:
        raise access.NotYours(what="case fact", area=request.user.area_code)
    return found


def _moment(given: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(given))
    except ValueError as fault:
        raise NotAMoment(given=given[:40]) from fault


@require_POST
def keep(request: HttpRequest, area_code: str) -> HttpResponse:
    """State that outcomes of an area's cases are entered from a day on."""
    access.require(request.user, Right.REPORT_SUBMIT, area_code=area_code)
    chosen = shell.chosen(request)
    try:
        case_facts.keep(
            outbreak=chosen.outbreak, area_code=area_code,
            first_date=read_day(request.POST.get("first_date", "")) or chosen.day,
            severity_too=request.POST.get("severity_too") == "on", by=request.user, now=chosen.moment,
        )  # fmt: skip
        messages.success(request, gettext("Stated in your name: from that day on none entered means none."))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('report_area', args=[area_code])}?{chosen.query}")
