"""The journal for supervisors: who did or read what, when, under which rules. It holds numbers, never names."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sizao.records import access, keyset
from sizao.records.models import Event
from sizao.terms import Right
from sizao.web import shell

HERE, ELSEWHERE = "outbreak", "other"


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.JOURNAL_READ)
    part = ELSEWHERE if request.GET.get("part") == ELSEWHERE else HERE
    verb, actor = request.GET.get("verb", "").strip(), request.GET.get("actor", "").strip()
    mine = Event.objects.filter(Q(area_code__startswith=request.user.area_code) | Q(area_code=""))
    # Readings and accounts belong to no outbreak and bear the real clock, not the replayed one.
    known = (
        mine.filter(outbreak_id=chosen.outbreak.pk, at__lte=chosen.as_of)
        if part == HERE
        else mine.filter(outbreak_id=None, at__lte=request.now)
    )
    if verb:
        known = known.filter(verb__startswith=verb)
    if actor:
        known = known.filter(actor=actor)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = keyset.page(
        known,
        moment="at",
        older_than=keyset.read_key(after) if after else None,
        newer_than=keyset.read_key(before) if before else None,
    )
    asked = request.GET.copy()
    for key in ("after", "before", "outbreak", "day"):
        asked.pop(key, None)
    shown = {"page": page, "part": part, "verb": verb, "actor": actor, "address": f"{chosen.query}&{asked.urlencode()}"}
    return render(request, "web/journal.html", shown)
