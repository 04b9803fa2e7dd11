"""Findings on screen: what is open and late, one of them with its history, and recording one on a phone."""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.adapters import photographs
from sizao.errors import SizaoError
from sizao.protocol.oversight import shipped_oversight
from sizao.records import access, keyset
from sizao.records.access import NotYours
from sizao.records.models import Account, Area, Finding
from sizao.response.oversight import findings
from sizao.response.oversight.findings import Answering, Seen
from sizao.response.oversight.measures import measures
from sizao.response.reports.lines import area_names
from sizao.terms import FindingSource, FindingState, Gravity, Right, Role, Stage
from sizao.web import refusals, shell
from sizao.web.order_acts import word
from sizao.web.oversight import Looked, looked, tabs

SHOWS = ("open", "late", "proposed", "again", "repeated", "closed")
MOST_MENDERS = 60


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: what is to be mended, what is late, what is to be looked at again?"""
    access.require(request.user, Right.SITUATION_READ)
    at = looked(request)
    counts = [(one, keyset.count_capped(_found(at, one), up_to=999)) for one in SHOWS]
    # What waits is shown first: without anything to be mended, what a rule proposed.
    first = next((one for one, count in counts if count.rows), "open")
    show = request.GET.get("show", first)
    show = show if show in SHOWS else first
    found = _found(at, show)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = keyset.page(
        found.order_by(), moment="found_at", older_than=keyset.read_key(after) if after else None,
        newer_than=keyset.read_key(before) if before else None,
    )  # fmt: skip
    names = area_names({one.area_code for one in page.rows})
    facts = {
        "page": page,
        "rows": [
            (
                one, names.get(one.area_code, one.area_code), item_of(one, request), _is_late(one, at.as_of),
                findings.evidence_at(one, at.as_of),
            )
            for one in page.rows
        ],
        "show": show,
        "counts": counts,
        "address": f"{at.query}&show={show}" if at.query else f"show={show}",
        **tabs(request, at),
    }  # fmt: skip
    return render(request, "web/oversight/findings.html", facts)


def _found(at: Looked, show: str):  # noqa: ANN202 — a query set with what `known_at` adds
    area, as_of = at.area_code, at.as_of
    if show == "late":
        return findings.late_at(area, as_of)
    if show == "repeated":
        return findings.repeated(area, as_of)
    known = findings.known_at(area, as_of)
    of_state = {
        "proposed": (FindingState.PROPOSED,), "again": (FindingState.MENDED,),
        "closed": (FindingState.CLOSED, FindingState.DISMISSED),
    }  # fmt: skip
    worked_on = (FindingState.RECORDED, FindingState.NOTIFIED, FindingState.RETURNED, FindingState.MENDED)
    return known.filter(stood__in=of_state.get(show, worked_on))


def _is_late(one: Finding, as_of: datetime) -> bool:
    waiting = (FindingState.NOTIFIED, FindingState.RETURNED)
    return one.stood in waiting and one.due_at is not None and one.due_at < as_of  # type: ignore[attr-defined]


def item_of(one: Finding, request: HttpRequest) -> str:
    """
    Name the line of the checklist or the measure that a finding belongs to; empty where it is none.

    A checklist says what is asked, so that a finding is its opposite.
    """
    item = shipped_oversight().item(one.item)
    measure = measures().get(one.item)
    if item:
        return gettext("Not met: {asked}").format(asked=item.label(request.LANGUAGE_CODE))
    return measure.word.label(request.LANGUAGE_CODE) if measure else ""


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record what was seen, at the desk or in the field."""
    access.require(request.user, Right.FINDING_MAKE)
    at = looked(request)
    if request.method == "POST":
        try:
            made = findings.record(
                seen=_seen(request), answering=_answering(request),
                source=word(FindingSource, request.POST.get("source", "")), by=request.user, now=at.moment,
                outbreak=at.outbreak, photos=_photos(request), source_key=request.POST.get("form", "")[:40],
            )  # fmt: skip
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Recorded as {number}.").format(number=made.number))
            return _to(request, made)
    lists = shipped_oversight().checklists
    chosen = next((one for one in lists if one.id == request.GET.get("list")), None)
    facts = {
        "checklists": lists,
        "checklist": chosen,
        "given": request.POST,
        "form": request.POST.get("form") or secrets.token_hex(8),
        "gravities": list(Gravity),
        "stages": list(Stage),
        "stage": request.POST.get("stage") or (chosen.stage if chosen else ""),
        "areas": areas_of(request),
        **tabs(request, at),
    }
    return render(request, "web/oversight/finding_new.html", facts)


def areas_of(request: HttpRequest) -> list[tuple[str, str]]:
    """List the areas that may be chosen: from the reader's own down to counties, below a county all."""
    own = request.user.area_code
    found = Area.objects.within(own).order_by("code")
    if len(own) < 6:  # noqa: PLR2004 — digits of a county
        found = found.filter(code__regex=r"^\d{2,6}$")
    return [(code, name) for code, name in found.values_list("code", "name")[:600]]


def _seen(request: HttpRequest) -> Seen:
    given = request.POST
    return Seen(
        what=given.get("what", ""), area_code=given.get("area", ""), stage=word(Stage, given.get("stage", "")),
        severity=word(Gravity, given.get("severity", "")), item=given.get("item", "")[:60],
    )  # fmt: skip


def _answering(request: HttpRequest) -> Answering:
    given = {name: request.POST.get(name, "") for name in ("territory", "department", "unit", "individual")}
    username = request.POST.get("account", "").strip()
    account = Account.objects.filter(username=username, is_active=True).first() if username else None
    if username and account is None:
        raise findings.CannotMend(username=username[:40], area="—", finding_area=request.user.area_code)
    return Answering(**given, account=account)


def _photos(request: HttpRequest) -> list[photographs.Photograph]:
    given = request.FILES.getlist("photos")
    if len(given) > findings.MOST_PHOTOS:
        raise findings.EvidenceTooLarge(most=findings.MOST_PHOTOS, count=len(given))
    return [photographs.stripped(file.read(photographs.MOST_BYTES + 1), file.name[:60]) for file in given]


@require_GET
def one(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Answer: what was found, who answers by when, what was done, and what may I do?"""
    at, found = looked(request), fetch(request, finding_id, to=Right.SITUATION_READ)
    acts = list(findings.acts_of(found, at.as_of))
    state = FindingState(acts[-1].state)  # type: ignore[call-arg]
    is_now = found.state == state
    makes = is_now and access.may(request.user, Right.FINDING_MAKE)
    mends = is_now and access.may(request.user, Right.FINDING_MEND) and found.found_by_id != request.user.pk
    found.stood = state
    evidence = findings.evidence_at(found, at.as_of)
    behind = [code for code in evidence.get("areas", []) if code != found.area_code]
    names = area_names([found.area_code, *behind])
    facts = {
        "finding": found,
        "finding_state": state,
        "acts": acts,
        "item": item_of(found, request),
        "measure": measures().get(found.item),
        "area": names.get(found.area_code, found.area_code),
        "evidence": evidence,
        "behind": [(code, names.get(code, code)) for code in behind],
        "is_late": _is_late(found, at.as_of),
        "before": found.repeats,
        "makes": makes,
        "mends": mends and state in (FindingState.NOTIFIED, FindingState.RETURNED),
        "menders": _menders(found) if makes and state == FindingState.RECORDED else [],
        **tabs(request, at),
    }
    return render(request, "web/oversight/finding.html", facts)


def _menders(found: Finding) -> list[Account]:
    """List the accounts that may be asked to mend: those of the area itself first, then of the areas above."""
    roles = [role for role in Role if Right.FINDING_MEND in access.ROLE_RIGHTS[role]]
    codes = [found.area_code[:digits] for digits in (12, 9, 6, 4, 2) if digits <= len(found.area_code)]
    able = Account.objects.filter(role__in=roles, is_active=True, area_code__in=codes).exclude(pk=found.found_by_id)
    return sorted(able.order_by("pk")[:MOST_MENDERS], key=lambda account: -len(account.area_code))


@require_POST
def act(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Confirm, dismiss, notify, or look again."""
    found = fetch(request, finding_id, to=Right.FINDING_MAKE)
    given = request.POST
    note, signed = given.get("note", ""), given.get("signed_as", "")

    def look(now: datetime, *, is_mended: bool) -> None:
        findings.look_again(
            finding=found, is_mended=is_mended, note=note, signed_as=signed, by=request.user, now=now,
            photos=_photos(request),
        )  # fmt: skip

    acts: dict[str, Callable[[datetime], object]] = {
        "confirm": lambda now: findings.confirm(finding=found, note=note, by=request.user, now=now),
        "dismiss": lambda now: findings.dismiss(finding=found, reason=note, by=request.user, now=now),
        "notify": lambda now: findings.notify(
            finding=found, answering=_answering(request), by=request.user, now=now, note=note
        ),
        "close": lambda now: look(now, is_mended=True),
        "return": lambda now: look(now, is_mended=False),
    }
    return _done(request, found, acts.get(given.get("act", "")))


@require_POST
def mend(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Report how it was mended, with evidence."""
    found = fetch(request, finding_id, to=Right.FINDING_MEND)
    given = request.POST
    return _done(request, found, lambda now: findings.mend(
        finding=found, what=given.get("note", ""), signed_as=given.get("signed_as", ""), by=request.user, now=now,
        photos=_photos(request),
    ))  # fmt: skip


@require_GET
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show a photograph of a finding."""
    held = findings.photo(photo_id, by=request.user)
    answer = HttpResponse(bytes(held.image), content_type=held.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


class NoSuchFindingAct(SizaoError):
    code = "finding.act.unreadable"
    message = "That is nothing that can be done with a finding. Use the buttons of the page."


def fetch(request: HttpRequest, finding_id: int, *, to: Right) -> Finding:
    """Fetch a finding through the door, as it was known at the moment looked at."""
    rows = Finding.objects.select_related("found_by", "mended_by", "closed_by", "notified_by", "answerable", "repeats")
    found = access.row(rows, what="finding", to=to, by=request.user, pk=finding_id)
    if found.found_at > looked(request).as_of:
        raise NotYours(what="finding", area=request.user.area_code)
    return found


def _done(request: HttpRequest, found: Finding, act: Callable[[datetime], object] | None) -> HttpResponse:
    try:
        if act is None:
            raise NoSuchFindingAct
        act(looked(request).moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, gettext("Done in your name: {number}.").format(number=found.number))
    return _to(request, found)


def _to(request: HttpRequest, found: Finding) -> HttpResponse:
    try:
        query = f"?{shell.chosen(request).query}"
    except shell.NoOutbreak:
        query = ""
    return redirect(reverse("finding", args=[found.pk]) + query)
