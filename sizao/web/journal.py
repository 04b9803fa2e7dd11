"""The journal for supervisors: who did or read what, when, under which rules, and whether its chain holds."""

import json
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.models import Event, JournalSeal, Person
from sizao.response.oversight import chain
from sizao.terms import Right
from sizao.web import shell
from sizao.web.oversight import Looked, looked

HERE, ELSEWHERE = "outbreak", "other"
COUNT_UP_TO = 1000  # lines; beyond it the page says "1,000+": nobody pages through them
SLICE_SECONDS = 0.4  # of one look at the chain: the page asks on until the end


class JournalAskedWrongly(SizaoError):
    code = "journal.question.unreadable"
    message = "“{given}” cannot be read. Give a day as year-month-day, and an object as its kind and number: order 17."


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Answer: who did what to which record, and when?"""
    access.require(request.user, Right.JOURNAL_READ)
    at, part = looked(request), _part(request)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = keyset.page(
        _lines(request, at, part),
        moment="at",
        older_than=keyset.read_key(after) if after else None,
        newer_than=keyset.read_key(before) if before else None,
        count_up_to=COUNT_UP_TO,
    )
    asked = request.GET.copy()
    for key in ("after", "before", "outbreak", "day"):
        asked.pop(key, None)
    shown = {
        "page": page,
        "part": part,
        "asked": {key: request.GET.get(key, "").strip() for key in ("verb", "actor", "person", "object", "on")},
        "address": "&".join(text for text in (at.query, asked.urlencode()) if text),
        "has_outbreak": bool(at.query),
        "head": JournalSeal.objects.order_by("-last_line").first(),
        "unlinked": chain.unlinked(),
    }
    return render(request, "web/journal.html", shown)


def _part(request: HttpRequest) -> str:
    return ELSEWHERE if request.GET.get("part") == ELSEWHERE else HERE


def _lines(request: HttpRequest, at: Looked, part: str) -> QuerySet[Event]:
    mine = Event.objects.filter(Q(area_code__startswith=request.user.area_code) | Q(area_code=""))
    # Readings and accounts belong to no outbreak and bear the real clock, not the replayed one.
    if part == HERE and at.query:
        known = mine.filter(outbreak_id=shell.chosen(request).outbreak.pk, at__lte=at.as_of)
    else:
        known = mine.filter(outbreak_id=None, at__lte=request.now)
    given = {key: request.GET.get(key, "").strip() for key in ("verb", "actor", "person", "object", "on")}
    if given["verb"]:
        known = known.filter(verb__startswith=given["verb"])
    if given["actor"]:
        known = known.filter(actor=given["actor"])
    if given["person"]:
        # Known to the journal by its own number; a name is never asked for here.
        person = Person.objects.filter(number=given["person"]).values("pk")[:1]
        known = known.filter(person_id__in=person)
    return _on(_about(known, given["object"]), given["on"])


def _about(known: QuerySet[Event], given: str) -> QuerySet[Event]:
    kind, _, number = given.partition(" ")
    if not given:
        return known
    if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 — digits of the largest number
        raise JournalAskedWrongly(given=given[:40])
    return known.filter(subject_kind=kind, subject_id=int(number))


def _on(known: QuerySet[Event], given: str) -> QuerySet[Event]:
    if not given:
        return known
    try:
        end = shell.end_of(date.fromisoformat(given))
    except (ValueError, OverflowError) as fault:
        raise JournalAskedWrongly(given=given[:40]) from fault
    return known.filter(at__gt=end - timedelta(days=1), at__lte=end)


@never_cache
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Look at a slice of the chain; the page goes on from `next` until the end, or the first break."""
    access.require(request.user, Right.JOURNAL_READ)
    given = request.GET.get("from", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 19):  # noqa: PLR2004
        raise JournalAskedWrongly(given=given[:40])
    found = chain.verify(from_link=int(given), most_seconds=SLICE_SECONDS)
    return JsonResponse(
        {
            "holds": found.holds, "links": found.links, "lines": found.lines, "first_line": found.first_line,
            "last_line": found.last_line, "broken_lines": found.broken_lines, "next": found.next_link,
            "head": found.head,
        }
    )  # fmt: skip


@never_cache
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give the lines of the list with their proof."""
    access.require(request.user, Right.JOURNAL_READ)
    made = chain.export(lines=_lines(request, looked(request), _part(request)), by=request.user, now=request.now)
    answer = HttpResponse(json.dumps(made, ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="journal.json"'
    return answer
