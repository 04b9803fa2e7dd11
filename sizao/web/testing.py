"""Testing rounds: which there are, planning one, and how far one has come, down to the village and by hour."""

import re
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.protocol import NeedsConfirmation, NoProtocolInForce, NoValue
from sizao.protocol.testing_rounds import POOL_SIZES
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import TestingRound
from sizao.response import outbreaks, testing
from sizao.response.clocks import AWAITS
from sizao.response.reports.lines import area_names
from sizao.response.testing import coverage, destroying, oddities, rounds, timing
from sizao.response.testing.coverage import Coverage
from sizao.terms import AREA_DIGITS, KeyGroup, Right, RoundState, Word
from sizao.web import refusals, shell
from sizao.web.area_named import area_code_of

LEVELS = sorted(AREA_DIGITS.values())
MOST_ROUNDS = 30  # of one page, the latest; each costs a reading of its counts
MOST_AREAS = 400  # rows of one page; nobody reads more, and a click narrows
ACTS = {"open": testing.open_round, "close": testing.close_round, "archive": testing.archive_round}


class NoSuchAct(SizaoError):
    code = "testing.act.unreadable"
    message = "“{given}” is nothing that is done to a round. Choose one of: {allowed}."


class PlanUnreadable(SizaoError):
    code = "testing.plan.unreadable"
    message = "Give a number of swabs in a tube and a moment at which the round begins."


def fetch(request: HttpRequest, round_id: int, *, to: Right) -> TestingRound:
    """Fetch a round through the door: of the outbreak that is looked at, planned by the day that is looked at."""
    chosen = shell.chosen(request)
    found = rounds.fetch(round_id, to=to, by=request.user)
    if found.outbreak_id != chosen.outbreak.pk or found.planned_at > chosen.as_of:
        raise NotYours(what="round", area=request.user.area_code)
    return found


def number_given(text: str) -> int | None:
    """Read the number of a row, as a form or an address gives it; None for what can be none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 — of a bigint


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which rounds are there, and how many people are missed? Or plan one."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TESTING_PLAN if request.method == "POST" else Right.SITUATION_READ)
    if request.method == "POST":
        try:
            planned = _plan(request)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Planned: {number}. Now make its roster.").format(number=planned.number))
            return redirect(f"{reverse('testing_roster', args=[planned.pk])}?{chosen.query}")
    found = rounds.rounds_at(chosen.outbreak, request.user, chosen.as_of)
    shown = {
        "lines": [
            (one, one.state_at(chosen.as_of), coverage.total(one, as_of=chosen.as_of, within=_part(request, one)))
            for one in found[:MOST_ROUNDS]
        ],
        "may_plan": access.may(request.user, Right.TESTING_PLAN),
        "form": _form(request),
        "given": request.POST,
    }
    return render(request, "web/testing.html", shown)


@require_GET
def one(request: HttpRequest, round_id: int) -> HttpResponse:
    """Answer: how many are registered, how many missed, where, and how does it go hour by hour?"""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.SITUATION_READ)
    part = _area(request, _part(request, found))
    digits = next((level for level in LEVELS if level > len(part)), LEVELS[-1])
    areas = list(coverage.by_area(found, as_of=chosen.as_of, digits=digits, within=part).items())
    total = sum((figures for _, figures in areas), Coverage())  # one reading of the counts gives both
    # Who came without being expected may be known to no village; they are in the sum.
    areas = [(code, figures) for code, figures in areas if figures.expected]
    areas.sort(key=lambda row: (-row[1].unexplained, row[0]))
    names = area_names([code for code, _ in areas[:MOST_AREAS]] + [part])
    shown = {
        "total": total,
        "share_percent": 100 * (total.share or 0),
        "areas": [(code, names.get(code, code), figures) for code, figures in areas[:MOST_AREAS]],
        "n_more": max(0, len(areas) - MOST_AREAS),
        "narrows": digits < LEVELS[-1],
        "part": part,
        "part_name": names.get(part, part),
        "wider": _wider(request, found, part),
        "hours": _hours(coverage.by_hour(found, as_of=chosen.as_of, within=part)),
        "kept_until": destroying.last_date(found, chosen.as_of)[0],
        "without_hours": _without_hours(found),
    }
    return render(request, "web/testing_one.html", shown | common(request, found, "coverage"))


def _without_hours(found: TestingRound) -> str:
    """Say why nobody can tell by when a round must be complete; nothing where that is told."""
    given = {entry["gives"] for entry in found.basis}
    if found.due_at is not None:
        return ""
    if timing.UNKNOWN in given:
        return gettext("not set: nobody knows how large the city is")
    if AWAITS in given:
        return gettext("not set: the edition's hours wait for confirmation")
    if found.key_group:
        return gettext("not set: a key group has its own interval")
    return gettext("not set: the edition gives no hours")


@require_POST
def act(request: HttpRequest, round_id: int) -> HttpResponse:
    """Open, close or set aside a round, in one's own name."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.TESTING_PLAN)
    given = request.POST.get("act", "")
    if given not in ACTS:
        raise NoSuchAct(given=given[:40], allowed=", ".join(ACTS))
    try:
        done = ACTS[given](testing_round=found, by=request.user, now=chosen.moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, _done(done, given))
    return redirect(f"{reverse('testing_one', args=[found.pk])}?{chosen.query}")


def common(request: HttpRequest, found: TestingRound, here: str) -> dict[str, object]:
    """Give what stands on every page of a round."""
    chosen = shell.chosen(request)
    return {
        "round": found,
        "state": found.state_at(chosen.as_of),
        "here": here,
        "may_plan": access.may(request.user, Right.TESTING_PLAN) and access.covers(request.user, found.area_code),
        "may_register": access.may(request.user, Right.TESTING_REGISTER),
        "may_follow": access.may(request.user, Right.TESTING_FOLLOW),
        "may_carry": access.may(request.user, Right.SAMPLE_CARRY),
        "may_receive": access.may(request.user, Right.LAB_WORK),
        "n_waiting": oddities.waiting(found, request.user, chosen.as_of).count(),
        "states": {one.name: one for one in RoundState},
    }


def _done(done: TestingRound, given: str) -> str:
    if given == "close":
        return gettext("Closed in your name: {missed} of {expected} people were missed.").format(
            missed=done.missed, expected=done.expected
        )
    said = gettext("Opened in your name: {number}.") if given == "open" else gettext("Set aside: {number}.")
    return said.format(number=done.number)


# --- Planning ----------------------------------------------------------------------------------


def _plan(request: HttpRequest) -> TestingRound:
    chosen, given = shell.chosen(request), request.POST
    begins = given.get("begins_at", "")
    try:
        begins_at = datetime.fromisoformat(begins) if begins else timezone.localtime(chosen.moment)
        size = int(given.get("pool_size", ""))
    except ValueError as fault:
        raise PlanUnreadable from fault
    group = given.get("key_group", "")
    return testing.plan_round(
        outbreak=chosen.outbreak,
        name=given.get("name", ""),
        areas=[area_code_of(one, by=request.user) for one in re.split(r"[\s,，、]+", given.get("areas", "")) if one],
        pool_size=size,
        begins_at=begins_at if begins_at.tzinfo else timezone.make_aware(begins_at),
        key_group=KeyGroup(group) if group in set(KeyGroup) else None,
        household_tubes=given.get("household_tubes") == "1",
        by=request.user,
        now=chosen.moment,
    )


def _form(request: HttpRequest) -> dict[str, object] | None:
    """Say what the edition of the day lets a coordinator choose; None where it lets nothing, or says nothing."""
    chosen = shell.chosen(request)
    if not access.may(request.user, Right.TESTING_PLAN):
        return None
    try:
        rules = outbreaks.rules_at(chosen.outbreak, chosen.moment)
        sizes = rules.need(POOL_SIZES)
    except (NoValue, NeedsConfirmation, NoProtocolInForce) as refusal:
        return {"refused": refusals.sentence(refusal)}
    begins_at = timezone.localtime(chosen.moment) + timedelta(hours=1)
    return {
        "sizes": sorted({1, *sizes.numbers}, reverse=True),
        "origin": sizes.origin,
        "household": bool(rules.value(rounds.HOUSEHOLD).value),
        "groups": list[Word](KeyGroup),
        "areas": chosen.area_code,
        "begins_at": f"{begins_at:%Y-%m-%dT%H:00}",
    }


# --- Parts -------------------------------------------------------------------------------------


def _part(request: HttpRequest, found: TestingRound) -> str:
    return rounds.part_of(found, request.user)


def _area(request: HttpRequest, part: str) -> str:
    asked = request.GET.get("area", "")
    inside = asked.isascii() and asked.isdigit() and asked.startswith(part) and len(asked) in LEVELS
    return asked if inside else part


def _wider(request: HttpRequest, found: TestingRound, part: str) -> str:
    """Say the code of the area that holds this one, as far as the reader may see; empty at the top."""
    top = _part(request, found)
    return next((part[:level] for level in reversed(LEVELS) if len(top) <= level < len(part)), "")


def _hours(found: dict[datetime, Coverage]) -> list[tuple[datetime, int, float]]:
    """Say how many people each hour registered, with its share of the busiest."""
    counts = [(hour, one.registered + one.others) for hour, one in found.items()]
    most = max((count for _, count in counts), default=0)
    return [(hour, count, 100 * count / most) for hour, count in counts if count]
