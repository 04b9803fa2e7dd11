"""What a person needs, as a small card of their page: written down, and ended."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Person, PersonNeed
from sizao.response.isolation import needs
from sizao.terms import NeedKind, Right
from sizao.web import refusals, shell


class NoSuchNeed(SizaoError):
    code = "need.unreadable"
    message = "Choose a need from the list, and write days as year-month-day."


def card(request: HttpRequest, found: Person) -> dict[str, object]:
    """Give what the card shows: what holds on the chosen day, and what may be added."""
    chosen = shell.chosen(request)
    holds = needs.known_at(chosen.as_of, chosen.day).filter(person=found).order_by("kind")
    return {"needs": list(holds), "kinds": list(NeedKind), "may_record": needs.may_record(request.user)}


@require_POST
def record(request: HttpRequest, number: str) -> HttpResponse:
    """Write down a need of a person, or say that one is over."""
    chosen = shell.chosen(request)
    found = access.person(number, to=Right.PERSON_READ, by=request.user, now=request.now)
    try:
        if request.POST.get("act") == "end":
            ended = needs.end_need(need=_need(request, found), by=request.user, now=chosen.moment)
            said = gettext("Over: {need}.").format(need=NeedKind(ended.kind).label(request.LANGUAGE_CODE))
        else:
            made = needs.record_need(
                person=found, kind=_kind(request), since_date=_day(request, "since"), until_date=_day(request, "until"),
                detail=request.POST.get("detail", ""), by=request.user, now=chosen.moment,
            )  # fmt: skip
            said = gettext("Noted: {need}.").format(need=NeedKind(made.kind).label(request.LANGUAGE_CODE))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    return redirect(f"{reverse('person', args=[number])}?{chosen.query}")


def _need(request: HttpRequest, found: Person) -> PersonNeed:
    given = request.POST.get("need", "")
    is_number = given.isdecimal() and len(given) < 19  # noqa: PLR2004 — digits of a bigint
    held = PersonNeed.objects.filter(person=found, pk=int(given)).first() if is_number else None
    if held is None:
        raise NoSuchNeed
    return held


def _kind(request: HttpRequest) -> NeedKind:
    given = request.POST.get("kind", "")
    if given not in set(NeedKind):
        raise NoSuchNeed
    return NeedKind(given)


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.POST[name]) if request.POST.get(name) else None
    except ValueError as fault:
        raise NoSuchNeed from fault
