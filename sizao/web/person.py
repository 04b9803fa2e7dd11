"""One person: who they are as far as the reader may know, where they stand, and their whole course."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.records.models import Event, Stay
from sizao.response.isolation.days import rounds
from sizao.response.reports.course import Course, course
from sizao.response.reports.lines import area_names
from sizao.response.reports.timeline import Entry, timeline
from sizao.terms import CASE_MOVES, ContactKind, EventKind, Moment, PlaceKind, Right
from sizao.web import orders, person_needs, shell


@require_GET
def person(request: HttpRequest, number: str) -> HttpResponse:
    chosen = shell.chosen(request)
    found = access.person(number, to=Right.PERSON_READ, by=request.user, now=request.now)
    language = get_language() or "zh"
    stood = course(found, chosen.outbreak, as_of=chosen.as_of)
    entries = timeline(found, chosen.outbreak, stood, as_of=chosen.as_of, language=language)
    about = request.GET.get("about", "")
    staying = Stay.objects.current(chosen.as_of).filter(person=found, recorded_at__lte=chosen.as_of)
    shown = {
        "identity": access.identity(found, to=request.user),
        "person": found,
        "course": stood,
        "case_number": stood.case.number if stood.case else "",
        "home": [name for _, name in sorted(area_names([found.area_code]).items())],
        "stay": staying.select_related("place").first(),
        "entries": [one for one in entries if not about or one.about == about],
        "counts": _counts(entries),
        "n_entries": len(entries),
        "about": about,
        "needs_card": person_needs.card(request, found),
        "acts": _acts(request, stood),
        **orders.card(found, chosen, request.user),
        "looks": rounds.of_person(found, chosen.outbreak, as_of=chosen.as_of),
        "readings": Event.objects.filter(verb="person.read", person_id=found.pk).count(),
    }
    return render(request, "web/person.html", shown)


def _counts(entries: list[Entry]) -> list[tuple[Moment, int]]:
    """How many entries there are of each sort, in the order of the glossary; sorts without any are left out."""
    counted = [(about, sum(entry.about == about for entry in entries)) for about in Moment]
    return [(about, count) for about, count in counted if count]


def _acts(request: HttpRequest, stood: Course) -> dict[str, object]:
    """What this reader may do with this person, so that only those forms are shown; the verbs decide again."""
    may = {right: access.may(request.user, right) for right in Right}
    return {
        "classify": sorted(CASE_MOVES[stood.status]) if stood.status and may[Right.CASE_CLASSIFY] else [],
        "investigate": bool(stood.case) and may[Right.CASE_INVESTIGATE],
        "name_contact": bool(stood.case) and may[Right.CONTACT_TRACE],
        "trace": bool(stood.case) and may[Right.TRACE_ASK],
        "account": may[Right.PERSON_ACCOUNT],
        "decide_order": may[Right.ORDER_ISSUE],
        "event_kinds": VISIT_KINDS,
        "place_kinds": tuple(PlaceKind),
        "contact_kinds": tuple(ContactKind),
    }


# What an investigator enters by hand; tests, isolation and diagnosis have their own ways in.
VISIT_KINDS = (
    EventKind.HOME, EventKind.WORK, EventKind.SCHOOL, EventKind.MEAL, EventKind.GATHERING, EventKind.SHOPPING,
    EventKind.CLINIC, EventKind.TRAVEL, EventKind.OTHER_VISIT,
)  # fmt: skip
