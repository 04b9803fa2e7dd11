"""Directives: what waits for me, what was issued; one with its tree; a new one; changed or withdrawn."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Area, Directive, Team
from sizao.response.reports.lines import area_names
from sizao.response.tasks import directives
from sizao.response.tasks.directives.board import next_digits
from sizao.response.tasks.directives.recipients import ROLE_OF_LEVEL
from sizao.response.tasks.teams import readiness
from sizao.terms import AREA_DIGITS, LEVEL_OF_DIGITS, AreaLevel, OutbreakKind, Right, Role, Urgency
from sizao.web import refusals
from sizao.web.directives_looking import Looking, address, looking, moment_of, new_key

MOST_ROWS, MOST_ISSUED, MOST_TEAMS, COUNTY = 100, 30, 60, 6
DUE_AFTER = timedelta(hours=24)  # what the form proposes


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which directives wait for me, which for my decision, and what became of those issued?"""
    at = looking(request)
    asked = {"outbreaks": at.outbreaks, "as_of": at.as_of}
    found = list(directives.concerning(request.user, **asked)[:MOST_ISSUED])
    waiting = directives.waiting_for(request.user, **asked)
    decide = directives.to_decide(request.user, **asked) if access.may(request.user, Right.DIRECTIVE_ISSUE) else None
    shares = directives.shares(found, request.user.area_code, as_of=at.as_of)
    shown = {
        "waiting": list(waiting[:MOST_ROWS]),
        "n_waiting": waiting.count(),
        "n_late": waiting.filter(due_at__lt=at.as_of).count(),
        "decide": _by_directive(decide[:MOST_ROWS]) if decide is not None else [],
        "rows": [(one, shares.get(one.pk)) for one in found],
        "names": area_names({one.area_code for one in found}),
        "may_issue": access.may(request.user, Right.DIRECTIVE_ISSUE),
        "as_of": at.as_of,
    }
    return render(request, "web/directives.html", shown)


def _by_directive(parts: Iterable) -> list[tuple[Directive, int]]:
    found: dict[int, list] = {}
    for part in parts:
        found.setdefault(part.directive_id, []).append(part)
    return [(rows[0].directive, len(rows)) for rows in found.values()]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of a directive; or issue it in one's own name to all areas chosen."""
    access.require(request.user, Right.DIRECTIVE_ISSUE)
    at = looking(request)
    if request.method == "POST":
        try:
            made = directives.issue(
                order=order_of(request.POST), to=recipients_of(request), outbreak=_outbreak(request, at),
                source_key=f"web:{request.user.pk}:{request.POST.get('key', '')[:40]}", by=request.user, now=at.moment,
            )  # fmt: skip
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            n_parts = made.parts.count()
            said = ngettext("{number} was issued to {n} area.", "{number} was issued to {n} areas.", n_parts)
            messages.success(request, said.format(number=made.number, n=n_parts))
            return redirect(address(request, reverse("directive_one", args=[made.pk])))
    shown = form(request, at) | areas_to_choose(request, request.user.area_code)
    return render(request, "web/directive_new.html", shown)


def form(request: HttpRequest, at: Looking) -> dict[str, object]:
    """Give what the form of a directive holds; what was filled in stays."""
    given = request.POST
    return {
        "given": given,
        # Not from `given` in the template: there `items` is what a form has a method for.
        "listed": given.get("items", ""),
        "key": given.get("key") or new_key(),
        "urgencies": list(Urgency),
        "due_at": given.get("due_at") or f"{timezone.localtime(at.moment + DUE_AFTER):%Y-%m-%dT%H:%M}",
        "may_be_routine": at.outbreak is None or not at.is_rehearsed,
        "about": at.outbreak,
    }


def areas_to_choose(request: HttpRequest, own: str) -> dict[str, object]:
    """Give the areas below one's own, a level at a time, and the levels that may be asked."""
    within = request.GET.get("within", "")
    within = within if within.startswith(own) else own
    digits = next_digits(within)
    below = Area.objects.within(within).filter(level=LEVEL_OF_DIGITS[digits]) if digits else Area.objects.none()
    return {
        "within": within,
        "within_name": area_names([within]).get(within, within),
        "up": within[: max((one for one in AREA_DIGITS.values() if one < len(within)), default=0)],
        "can_go_up": len(within) > len(own),
        "below": list(below.order_by("code")),
        "levels": [one for one, length in AREA_DIGITS.items() if length >= len(own)],
        "next_level": next((one for one, length in AREA_DIGITS.items() if length > len(own)), None),
        "roles": [one for one in Role if Right.DIRECTIVE_WORK in access.ROLE_RIGHTS[one]],
        "role_of_level": ROLE_OF_LEVEL,
        # The teams of a county are few enough to choose from; a province chooses a county first.
        "teams": readiness.teams_of(within, as_of=looking(request).as_of)[:MOST_TEAMS] if len(within) >= COUNTY else [],
    }


def recipients_of(request: HttpRequest) -> directives.Recipients:
    """Read to whom a form is sent: the areas ticked, the levels below them, one role or that of each level."""
    given = request.POST
    levels = [one for one in AreaLevel if str(one) in given.getlist("levels")]
    role = given.get("role", "")
    return directives.Recipients(
        areas=[one[:12] for one in given.getlist("areas")],
        levels=levels,
        role=Role(role) if role in set(Role) else None,
        teams=_teams(given.getlist("teams")),
    )


def _teams(chosen: list[str]) -> list[Team]:
    keys = [int(one) for one in chosen[:MOST_TEAMS] if one.isdecimal() and len(one) < 19]  # noqa: PLR2004 — of a bigint
    return list(Team.objects.filter(pk__in=keys, disbanded_at=None).order_by("pk"))


def order_of(given: QueryDict) -> directives.Order:
    """Read what a form says; the items of the list stand on lines of their own."""
    urgency = given.get("urgency", "")
    return directives.Order(
        title=given.get("title", ""), text=given.get("text", ""), reason=given.get("reason", ""),
        basis=given.get("basis", ""), due_at=moment_of(given.get("due_at", "")),
        urgency=Urgency(urgency) if urgency in set(Urgency) else Urgency.ROUTINE,
        items=[line for line in given.get("items", "").splitlines() if line.strip()], counts=given.get("counts", ""),
    )  # fmt: skip


def _outbreak(request: HttpRequest, at: Looking):  # noqa: ANN202 — an outbreak, or None for routine work
    if at.outbreak is not None and (at.is_rehearsed or request.POST.get("about") != "routine"):
        return at.outbreak
    return None


@require_GET
def one(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Answer: what is asked, and what became of it at each level and in each area?"""
    found, at = directives.called(directive_id, by=request.user), looking(request)
    own = request.user.area_code
    within = request.GET.get("area", own)
    if not within.startswith(own):
        raise access.NotYours(what="area", area=own)
    levels, counted = directives.by_level_and_area(found, within, as_of=at.as_of)
    parts = directives.parts_at(found, within, as_of=at.as_of)
    shown = {
        "directive": found,
        "issuer": area_names([found.area_code]).get(found.area_code, found.area_code),
        "levels": levels,
        "total": {
            name: sum(getattr(row, name) for _, row in levels)
            for name in ("parts", "received", "done", "accepted", "late")
        },
        "rows": counted,
        "parts": parts,
        "mine": [one for one in parts if one.area_code == own],
        "names": area_names(
            [within, found.area_code, *(code for code, _ in counted), *(one.area_code for one in parts)]
        ),
        "within": within,
        "up": within[: max((digits for digits in AREA_DIGITS.values() if digits < len(within)), default=0)],
        "can_go_up": len(within) > len(own),
        "as_of": at.as_of,
        "is_issuer": access.may(request.user, Right.DIRECTIVE_ISSUE) and access.covers(request.user, found.area_code),
        "versions": list(found.versions.order_by("-version")),
        "acting": at.outbreak is None or at.outbreak.kind != OutbreakKind.REPLAY or found.outbreak_id is not None,
    }
    return render(request, "web/directive_one.html", shown)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Show the form with what stands; or change it, with the reason."""
    access.require(request.user, Right.DIRECTIVE_ISSUE)
    found, at = directives.called(directive_id, by=request.user), looking(request)
    access.require(request.user, Right.DIRECTIVE_ISSUE, area_code=found.area_code)
    if request.method == "POST":
        try:
            changed = directives.change(
                directive=found, order=order_of(request.POST), reason=request.POST.get("why", ""), by=request.user,
                now=at.moment,
            )  # fmt: skip
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Version {n} holds now.").format(n=changed.version))
            return redirect(address(request, reverse("directive_one", args=[found.pk])))
    given = request.POST.dict() or {
        name: getattr(found, name) for name in ("title", "text", "reason", "basis", "urgency", "counts")
    } | {"items": "\n".join(found.items)}
    due_at = request.POST.get("due_at") or f"{timezone.localtime(found.due_at):%Y-%m-%dT%H:%M}"
    shown = form(request, at) | {"given": given, "listed": given.get("items", ""), "due_at": due_at, "directive": found}
    return render(request, "web/directive_change.html", shown)


@require_POST
def withdraw(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Withdraw a directive everywhere, with the reason."""
    access.require(request.user, Right.DIRECTIVE_ISSUE)
    found, at = directives.called(directive_id, by=request.user), looking(request)

    def act() -> str:
        reason = request.POST.get("reason", "")
        directives.withdraw(directive=found, reason=reason, by=request.user, now=at.moment)
        return gettext("Withdrawn in your name.")

    tell(request, act)
    return redirect(address(request, reverse("directive_one", args=[found.pk])))


def tell(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do something, and say what came of it above the next page."""
    try:
        messages.success(request, act())
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
