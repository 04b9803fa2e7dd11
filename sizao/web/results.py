"""Results for people themselves: a code made at the table, and a public page that shows their own and no more."""

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records.models import Account
from sizao.response.testing import result_codes
from sizao.response.tracing import tokens
from sizao.terms import ResultTold, Right
from sizao.web import refusals
from sizao.web.testing import common, fetch

# As for signing in: by address against guessing, by person against asking for one person from many addresses.
RATES = {"result_read": "20/m/ip,200/h/ip", "result_ask": "5/m/ip,20/h/ip,5/h/key"}
_TOO_MANY = 429


class TooOften(SizaoError):
    code = "result.too_often"
    message = "This was tried too often just now. Wait some minutes and try again."


@login_not_required
@never_cache
@sensitive_post_parameters("code", "id_number", "phone")
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Answer: what did my test say, or where is my tube? By a code, or by asking for one."""
    facts: dict[str, object] = {"told": {one.name: one for one in ResultTold}}
    status = 200
    if request.method == "POST":
        try:
            facts |= _asked(request) if request.POST.get("what") == "ask" else _read(request)
        except SizaoError as refusal:
            facts["refused"] = refusals.sentence(refusal)
            status = _TOO_MANY if isinstance(refusal, TooOften) else refusals.status_of(refusal)
    return render(request, "web/result.html", facts, status=status)


def _read(request: HttpRequest) -> dict[str, object]:
    _within_rates(request, "result_read")
    return {"result": result_codes.read(code=request.POST.get("code", "")[:40], by=None, now=request.now)}


def _asked(request: HttpRequest) -> dict[str, object]:
    id_number, phone = request.POST.get("id_number", "")[:40], request.POST.get("phone", "")[:10]
    _within_rates(request, "result_ask", key=tokens.id_number_index(id_number) or "none")
    code, until = result_codes.ask(id_number=id_number, phone_ending=phone, by=None, now=request.now)
    return {"made": code, "made_until": until}


def _within_rates(request: HttpRequest, action: str, key: str | None = None) -> None:
    if ratelimit.consume(request, app="sizao", action=action, config=RATES, key=key) is None:
        raise TooOften


@require_http_methods(["GET", "POST"])
def codes(request: HttpRequest, round_id: int) -> HttpResponse:
    """Make a code for somebody at the table or at their door; it is shown once."""
    found = fetch(request, round_id, to=Right.TESTING_REGISTER)
    facts: dict[str, object] = {}
    if request.method == "POST":
        try:
            facts["made"], facts["made_until"] = _make(request, found, request.user)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
    return render(request, "web/result_codes.html", facts | common(request, found, "codes"))


def _make(request: HttpRequest, found: object, by: Account) -> tuple[str, object]:
    who = request.POST.get("who", "").strip()
    # A number on the roster is short; an id number of residents has 15 or 18 digits.
    entry = int(who) if who.isascii() and who.isdigit() and len(who) < 12 else None  # noqa: PLR2004
    return result_codes.make(
        testing_round=found, entry=entry, id_number="" if entry is not None else who[:40], by=by, now=request.now
    )
