"""Who works in a site's closed loop: in, tested, out, watched. They are not among the people in isolation."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.access import NotYours
from sizao.records.models import IsolationSite, SiteStaff
from sizao.response import outbreaks
from sizao.response.isolation.days import inside, staff
from sizao.terms import Right
from sizao.web import refusals, shell
from sizao.web.site_day import common

RESULTS = {"negative": False, "positive": True, "waiting": None}


class StaffActUnreadable(SizaoError):
    code = "site.staff_act.unreadable"
    message = "Choose what to record of somebody on the list, with a day written as year-month-day."


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest, site_id: int) -> HttpResponse:
    """Answer: who is inside, who missed a test, who is watched after leaving? Or record one of these."""
    chosen, site = shell.chosen(request), inside.fetch(site_id, to=Right.SITE_WORK, by=request.user)
    if request.method == "POST":
        _act(request, site)
        return redirect(f"{reverse('site_staff', args=[site.pk])}?{chosen.query}")
    rules = outbreaks.rules_at(chosen.outbreak, chosen.as_of)
    lines = staff.staff_of(site, day=chosen.day, rules=rules, as_of=chosen.as_of)
    journal.write("site.staff_read", site, by=request.user, at=request.now, people=len(lines))
    shown = {
        "lines": lines,
        "watched": list(staff.watched(site, day=chosen.day)),
        "every": staff.every(rules),
        "n_missed": sum(one.is_missed for one in lines),
    }
    return render(request, "web/site_day_staff.html", shown | common(request, site, "staff"))


def _act(request: HttpRequest, site: IsolationSite) -> None:
    acts = {"enter": _enter, "test": _test, "leave": _leave}
    act = acts.get(request.POST.get("act", ""))
    try:
        if act is None:
            raise StaffActUnreadable
        act(request, site)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Recorded in your name."))


def _enter(request: HttpRequest, site: IsolationSite) -> None:
    given = request.POST
    staff.enter_staff(
        site=site,
        number=given.get("number", ""),
        duty=given.get("duty", ""),
        name=given.get("name", ""),
        phone=given.get("phone", ""),
        starts_date=_day(request),
        by=request.user,
        now=shell.chosen(request).moment,
    )


def _test(request: HttpRequest, site: IsolationSite) -> None:
    moment, result = shell.chosen(request).moment, request.POST.get("result", "")
    if result not in RESULTS:
        raise StaffActUnreadable
    staff.record_staff_test(
        staff=_one(request, site), taken_at=moment, is_positive=RESULTS[result], by=request.user, now=moment
    )


def _leave(request: HttpRequest, site: IsolationSite) -> None:
    chosen = shell.chosen(request)
    staff.leave_loop(
        staff=_one(request, site),
        last_date=_day(request),
        outbreak=chosen.outbreak,
        by=request.user,
        now=chosen.moment,
    )


def _one(request: HttpRequest, site: IsolationSite) -> SiteStaff:
    given = request.POST.get("staff", "")
    found = site.staff.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None  # noqa: PLR2004
    if found is None:
        raise NotYours(what="staff", area=request.user.area_code)
    return found


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError as fault:
        raise StaffActUnreadable from fault
