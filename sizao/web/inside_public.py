"""For households inside a zone: what we asked for and what became of it, and what we need; by the slip of our door."""

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records.models import Household, Zone, ZoneRequest
from sizao.response import zoning
from sizao.response.zoning import household_codes
from sizao.terms import OutbreakKind, ZoneChannel, ZoneRequestKind
from sizao.web import inside, refusals, shell

# By address against guessing, by household against guessing one code from many addresses.
RATES = {"slip_read": "20/m/ip,200/h/ip,30/h/key", "slip_ask": "6/m/ip,40/h/ip,12/h/key"}
_TOO_MANY = 429
MOST_HOMES = 60


class AskedTooOften(SizaoError):
    code = "web.inside.too_often"
    message = "This was tried too often just now. Wait some minutes, or telephone. In an emergency call 120 at once."


@login_not_required
@never_cache
@sensitive_post_parameters("code", "what")
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Answer: what became of what we asked for? And take down what we need now."""
    facts: dict[str, object] = {"kinds": list(ZoneRequestKind)}
    status = 200
    if request.method == "POST":
        given = request.POST
        number, code = given.get("number", "")[:60], given.get("code", "")[:40]
        try:
            _within_rates(request, "slip_read", str(household_codes.read_number(number) or "none"))
            zone, household = household_codes.read(number=number, code=code, now=request.now)
            facts |= {"zone": zone, "given_number": number, "given_code": code}
            if given.get("act") == "ask":
                facts |= _asked(request, zone, household)
            facts["requests"] = _requests(zone, household)
        except SizaoError as refusal:
            facts["refused"] = refusals.sentence(refusal)
            status = _TOO_MANY if isinstance(refusal, AskedTooOften) else refusals.status_of(refusal)
    return render(request, "web/inside/own.html", facts, status=status)


def _asked(request: HttpRequest, zone: Zone, household: Household) -> dict[str, object]:
    given = request.POST
    kind = next((word for word in ZoneRequestKind if word == given.get("kind")), ZoneRequestKind.OTHER)
    moment = request.now
    # In a replay all is over; what is asked bears the end of its last day.
    if zone.outbreak.kind == OutbreakKind.REPLAY and zone.outbreak.last_date:
        moment = min(moment, shell.end_of(zone.outbreak.last_date))
    try:
        _within_rates(request, "slip_ask", str(household.pk))
        taken = zoning.ask(
            zone=zone, kind=kind, what=given.get("what", ""), channel=ZoneChannel.CODE, household=household, by=None,
            now=moment,
        )  # fmt: skip
    except SizaoError as refusal:
        return {"refused": refusals.sentence(refusal)}
    return {"taken": taken}


def _requests(zone: Zone, household: Household) -> list[ZoneRequest]:
    return list(ZoneRequest.objects.filter(zone=zone, household=household).order_by("-asked_at")[:20])


def _within_rates(request: HttpRequest, action: str, key: str) -> None:
    if ratelimit.consume(request, app="sizao", action=action, config=RATES, key=key) is None:
        raise AskedTooOften


@require_GET
def slips(request: HttpRequest, zone_id: int) -> HttpResponse:
    """Answer: with which number and code does each home ask for itself? To be printed and handed over at the door."""
    chosen, zone = shell.chosen(request), inside.found(request, zone_id)
    after = request.GET.get("after", "")
    page = zoning.homes(
        zone, by=request.user, as_of=chosen.as_of, now=request.now, most=MOST_HOMES,
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,  # noqa: PLR2004 — 64 bits
    )  # fmt: skip
    rows = Household.objects.in_bulk([home.key for home in page.homes])
    made = [
        (home, household_codes.number_of(zone, rows[home.key]), household_codes.code_of(zone, rows[home.key]))
        for home in page.homes
    ]
    return render(request, "web/inside/slips.html", {"zone": zone, "slips": made, "more": page.more})
