"""Who leaves a site: what is known of each, what is lacking, swabs of objects, and who signs for it."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.access import NotYours
from sizao.records.models import IsolationSite
from sizao.response import outbreaks
from sizao.response.isolation.days import environment, inside, releasing
from sizao.response.isolation.days.releasing import Leaving
from sizao.terms import Right, SampledObject
from sizao.web import refusals, shell
from sizao.web.site_day import common


class NoSuchObject(SizaoError):
    code = "site.object.unreadable"
    message = "Choose what was swabbed from the list."


@require_http_methods(["GET", "POST"])
def leaving(request: HttpRequest, site_id: int) -> HttpResponse:
    """Answer: who leaves, and what is lacking? Or sign, withdraw, or record a swab of an object."""
    chosen, site = shell.chosen(request), inside.fetch(site_id, to=Right.SITE_WORK, by=request.user)
    ahead = request.GET.get("ahead") != "0"
    day = chosen.outbreak.day_of(chosen.moment) + timedelta(days=1 if ahead else 0)
    found = releasing.leaving(site, day, outbreak=chosen.outbreak, as_of=chosen.moment)
    if request.method == "POST":
        _act(request, site, found)
        return redirect(f"{reverse('site_leaving', args=[site.pk])}?{chosen.query}&ahead={int(ahead)}")
    journal.write("site.leaving_read", site, by=request.user, at=request.now, people=len(found))
    shown = {
        "found": found,
        "leaving_day": day,
        "ahead": ahead,
        "objects": list(SampledObject),
        "asks_objects": environment.asked(outbreaks.rules_at(chosen.outbreak, chosen.moment)),
        "n_ready": sum(not one.lacks and not one.signed for one in found),
        "n_signed": sum(one.signed is not None for one in found),
    }
    return render(request, "web/site_day_leaving.html", shown | common(request, site, "leaving"))


def _act(request: HttpRequest, site: IsolationSite, found: list[Leaving]) -> None:
    acts: dict[str, Callable[[HttpRequest, IsolationSite, list[Leaving]], str]] = {
        "sign": _sign, "withdraw": _withdraw, "sample": _sample, "result": _result,
    }  # fmt: skip
    act = acts.get(request.POST.get("act", ""))
    try:
        if act is None:
            raise NotYours(what="act", area=request.user.area_code)
        said = act(request, site, found)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)


def _chosen(request: HttpRequest, found: list[Leaving]) -> list[Leaving]:
    wanted = set(request.POST.getlist("order"))
    chosen = [one for one in found if str(one.order.pk) in wanted]
    if not chosen:
        raise NotYours(what="order", area=request.user.area_code)
    return chosen


def _sign(request: HttpRequest, site: IsolationSite, found: list[Leaving]) -> str:
    """Sign for those chosen, one by one: a refusal of one keeps nobody else waiting."""
    now_at, signed, refused = shell.chosen(request), 0, []
    for one in _chosen(request, found):
        try:
            releasing.sign(
                site=site,
                order=one.order,
                outbreak=now_at.outbreak,
                signed_as=request.POST.get("signed_as", ""),
                reason=request.POST.get("reason", ""),
                by=request.user,
                now=now_at.moment,
            )
        except SizaoError as refusal:
            refused.append(refusal)
        else:
            signed += 1
    for refusal in refused[:5]:
        messages.warning(request, refusals.sentence(refusal))
    return ngettext("Signed for {n} person.", "Signed for {n} people.", signed).format(n=signed)


def _withdraw(request: HttpRequest, site: IsolationSite, found: list[Leaving]) -> str:  # noqa: ARG001 — as every act
    [one, *_] = _chosen(request, found)
    if one.signed is None:
        raise releasing.NothingToWithdraw
    releasing.withdraw(
        release=one.signed,
        reason=request.POST.get("reason", ""),
        by=request.user,
        now=shell.chosen(request).moment,
    )
    return gettext("The signature is withdrawn.")


def _sample(request: HttpRequest, site: IsolationSite, found: list[Leaving]) -> str:  # noqa: ARG001 — as every act
    now_at = shell.chosen(request)
    [one, *_] = _chosen(request, found)
    what = request.POST.getlist("what")
    if not what or not set(what) <= set(map(str, SampledObject)):
        raise NoSuchObject
    for given in what:
        environment.take_sample(
            room=one.inside.room,
            outbreak=now_at.outbreak,
            what=SampledObject(given),
            taken_at=now_at.moment,
            order=one.order,
            tube=request.POST.get("tube", ""),
            by=request.user,
            now=now_at.moment,
        )
    return gettext("The swabs are on record.")


def _result(request: HttpRequest, site: IsolationSite, found: list[Leaving]) -> str:  # noqa: ARG001 — as every act
    given = request.POST.get("sample", "")
    sample = next((one for line in found for one in line.objects if str(one.pk) == given), None)
    if sample is None:
        raise NotYours(what="sample", area=request.user.area_code)
    environment.record_result(
        sample=sample,
        is_positive=request.POST.get("positive") == "1",
        by=request.user,
        now=shell.chosen(request).moment,
    )
    return gettext("The result is on record.")
