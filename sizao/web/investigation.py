"""What an investigator does on a person's page: onset and visits, classification, named contacts."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Case, Person, Place
from sizao.response import cases, register, tracing
from sizao.response.cases import Investigation, VisitEntry
from sizao.response.register import PersonEntry
from sizao.response.tracing import ContactEntry
from sizao.terms import CaseStatus, ContactKind, EventKind, PlaceKind, Right
from sizao.web import refusals, shell


class NotACase(SizaoError):
    code = "investigation.not_a_case"
    message = "{number} is not a case on this day, so there is nothing to investigate. Choose a later day."


class DateMissing(SizaoError):
    code = "investigation.date.unreadable"
    message = "“{given}” is not a date. Write it as year-month-day, for example 2021-01-08."


class GroundMissing(SizaoError):
    code = "investigation.ground_missing"
    message = (
        "A classification states its ground: the result, the finding or the report it follows. Write one sentence."
    )


class WordUnknown(SizaoError):
    code = "investigation.word.unreadable"
    message = "“{given}” is not one of: {allowed}. Choose one of them."


class WhoIsIt(SizaoError):
    code = "investigation.who_is_it"
    message = "Nobody is registered as {number}. Give the code of their home area, and they will be registered."


@require_POST
def investigate(request: HttpRequest, number: str) -> HttpResponse:
    """Record the onset, or one visit, or both."""
    case = _case(request, number, to=Right.CASE_INVESTIGATE)
    return _done(request, number, lambda: _record(request, case), gettext("Recorded."))


def _record(request: HttpRequest, case: Case) -> None:
    given, chosen = request.POST, shell.chosen(request)
    visits = [_visit(request, case)] if given.get("kind") else []
    onset = _date(given["onset"]) if given.get("onset") else None
    found = Investigation(case=case, onset_date=onset, visits=visits, unread_spans=case.unread_spans)
    cases.record_investigation(found=found, by=request.user, now=chosen.moment)
    waiting = [(one.place_text, case.area_code[:6], one.place_kind) for one in visits if one.place is None]
    if waiting and waiting[0][0]:
        register.note_unmatched(outbreak=case.outbreak, mentions=waiting, now=chosen.moment)


def _visit(request: HttpRequest, case: Case) -> VisitEntry:
    given = request.POST
    kind, text = _word(EventKind, given["kind"]), given.get("place", "").strip()[:200]
    first = _date(given.get("first", ""))
    last = _date(given["last"]) if given.get("last") else first
    place_kind = _word(PlaceKind, given.get("place_kind") or PlaceKind.PUBLIC_PLACE)
    # Only an exact name in the case's own county is taken for the place; all else waits for a person.
    place = Place.objects.filter(name=text, area_code__startswith=case.area_code[:6]).order_by("pk").first()
    return VisitEntry(
        kind=kind,
        first_date=first,
        last_date=last,
        source_key=f"web:visit:{case.pk}:{kind}:{first}:{last}:{text}"[:200],
        place=place,
        place_text=text,
        place_kind=PlaceKind(place.kind) if place else place_kind,
        area_code=place.area_code if place else case.area_code,
    )


@require_POST
def classify(request: HttpRequest, number: str) -> HttpResponse:
    case = _case(request, number, to=Right.CASE_CLASSIFY)

    def act() -> None:
        ground = request.POST.get("ground", "").strip()
        if not ground:
            raise GroundMissing
        cases.reclassify(
            case=case,
            status=_word(CaseStatus, request.POST.get("status", "")),
            basis=[{"ground": ground}],
            by=request.user,
            now=shell.chosen(request).moment,
        )

    return _done(request, number, act, gettext("Classified."))


@require_POST
def name_contact(request: HttpRequest, number: str) -> HttpResponse:
    case = _case(request, number, to=Right.CONTACT_TRACE)

    def act() -> None:
        given, chosen = request.POST, shell.chosen(request)
        entry = ContactEntry(
            person=_contact_person(request),
            kind=_word(ContactKind, given.get("kind", "")),
            source="named",
            index_case=case,
            last_exposure_date=_date(given["last_exposure"]) if given.get("last_exposure") else None,
        )
        tracing.add_contact(outbreak=chosen.outbreak, entry=entry, by=request.user, now=chosen.moment)

    return _done(request, number, act, gettext("The contact was added."))


def _contact_person(request: HttpRequest) -> Person:
    given = request.POST
    number, area_code = given.get("contact", "").strip()[:40], given.get("area", "").strip()
    moment = shell.chosen(request).moment
    if found := Person.objects.filter(number=number).first():
        return found
    if not number or not area_code:
        raise WhoIsIt(number=number or "?")
    access.require(request.user, Right.CONTACT_TRACE, area_code=area_code)
    return register.register_people([PersonEntry(number, area_code)], by=request.user, now=moment)[number]


def _case(request: HttpRequest, number: str, *, to: Right) -> Case:
    """Fetch the case through the door; it must have been one on the chosen day."""
    chosen = shell.chosen(request)
    found = access.person(number, to=to, by=request.user, now=request.now)
    case = Case.objects.filter(person=found, outbreak=chosen.outbreak, opened_at__lte=chosen.as_of).first()
    if case is None:
        raise NotACase(number=number)
    return case


def _done(request: HttpRequest, number: str, act, said: str) -> HttpResponse:  # noqa: ANN001
    try:
        act()
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    return redirect(f"{reverse('person', args=[number])}?{shell.chosen(request).query}")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise DateMissing(given=text[:40]) from fault


def _word(words, code: str):  # noqa: ANN001, ANN202
    try:
        return words(code)
    except ValueError as fault:
        raise WordUnknown(given=code[:40], allowed=", ".join(words)) from fault
