"""For residents: say what went wrong, with or without a name; and read the answer by number and code."""

import secrets

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records.models import Area, Outbreak
from sizao.response.oversight import complaints
from sizao.terms import AreaLevel, ComplaintChannel, ComplaintKind
from sizao.web import refusals
from sizao.web.order_acts import word

# By address against floods and guessing; by number against guessing the code of one from many addresses.
RATES = {"complaint_say": "5/m/ip,20/h/ip", "complaint_read": "20/m/ip,200/h/ip,30/h/key"}
_TOO_MANY = 429
PROVINCE, CITY = 2, 4  # digits of their codes
MOST_COUNTIES = 3500


class SaidTooOften(SizaoError):
    code = "complaint.too_often"
    message = "This was tried too often just now. Wait some minutes and try again, or call the office."


@login_not_required
@never_cache
@sensitive_post_parameters("text", "name", "phone", "code")
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Take what a resident says, or show the answer."""
    facts: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        try:
            facts |= _read(request) if request.POST.get("what") == "read" else _taken(request)
        except SizaoError as refusal:
            facts |= {"refused": refusals.sentence(refusal), "given": request.POST}
            status = _TOO_MANY if isinstance(refusal, SaidTooOften) else refusals.status_of(refusal)
    facts |= {"areas": _areas(), "kinds": list(ComplaintKind), "form": secrets.token_hex(8)}
    return render(request, "web/oversight/complaint_public.html", facts, status=status)


def _areas() -> list[tuple[str, list[tuple[str, str]]]]:
    """
    List the counties under their city and province: dozens share a name, and a complaint goes to one of them.

    Provinces with an outbreak come first.
    """
    above = dict(Area.objects.filter(level__in=(AreaLevel.PROVINCE, AreaLevel.CITY)).values_list("code", "name"))
    near = {code[:PROVINCE] for code in Outbreak.objects.values_list("area_code", flat=True)}
    counties = Area.objects.at_level(AreaLevel.COUNTY).order_by("code").values_list("code", "name")[:MOST_COUNTIES]
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name in sorted(counties, key=lambda one: (one[0][:PROVINCE] not in near, one[0])):
        over = " ".join(above[part] for part in (code[:PROVINCE], code[:CITY]) if part in above)
        groups.setdefault(over, []).append((code, name))
    return list(groups.items())


def _taken(request: HttpRequest) -> dict[str, object]:
    _within_rates(request, "complaint_say", key="say")
    given = request.POST
    said = complaints.Said(
        given.get("text", ""), word(ComplaintKind, given.get("kind", "")), given.get("area", ""),
        given.get("name", ""), given.get("phone", ""),
    )  # fmt: skip
    taken = complaints.take(
        said=said, channel=ComplaintChannel.PUBLIC, by=None, now=request.now, source_key=given.get("form", "")[:40]
    )
    return {"taken": taken, "code": complaints.code_of(taken)}


def _read(request: HttpRequest) -> dict[str, object]:
    number = request.POST.get("number", "")[:40]
    _within_rates(request, "complaint_read", key=number or "none")
    return {"complaint": complaints.read(number=number, code=request.POST.get("code", "")[:40], now=request.now)}


def _within_rates(request: HttpRequest, action: str, key: str) -> None:
    if ratelimit.consume(request, app="sizao", action=action, config=RATES, key=key) is None:
        raise SaidTooOften
