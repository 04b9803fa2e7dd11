"""My shifts, on a phone: when I work next, that I came and went, and calls that wait for my team's answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.records import access
from sizao.records.models import CallAnswer, TeamShift
from sizao.response.tasks import teams
from sizao.response.tasks.teams import shifts, standing
from sizao.terms import CallKind, Right
from sizao.web.teams_common import NothingAsked, address, common, done, number, when


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Answer: when do I work next, and what is waited for from me?"""
    access.require(request.user, Right.SITUATION_READ)
    at = when(request)
    found = standing.mine(request.user, as_of=at.as_of)
    shown: dict[str, object] = {"mine": found}
    if found is not None:
        open_ones = [one for one in found.shifts if one.went_at is None or one.went_at > at.as_of]
        current = [one for one in open_ones if one.ends_at > at.as_of]
        shown |= {
            "next": current[0] if current else None,
            "later": current[1:],
            "past": [one for one in found.shifts if one not in current],
            "may_come": bool(current) and current[0].came_at is None
            and current[0].starts_at - shifts.EARLY <= at.moment < current[0].ends_at,
            "is_late": bool(current) and standing.is_late(current[0], at.as_of),
            "calls": [(one, CallKind(one.call.kind)) for one in found.calls],
            "n_people": found.member.team.members.filter(left_at=None).count(),
        }  # fmt: skip
    return render(request, "web/teams_mine.html", shown | common(request, "mine"))


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Report that I came or went, or answer a call for my team; who manages the team may do so for it."""
    access.require(request.user, Right.SITUATION_READ)
    given, facts = request.POST, {"by": request.user, "now": when(request).moment}

    def shift() -> TeamShift:
        found = TeamShift.objects.select_related("team", "member").filter(pk=number(given.get("shift"))).first()
        return _found(found)

    def answer() -> CallAnswer:
        return _found(CallAnswer.objects.filter(pk=number(given.get("call"))).first())

    acts = {
        "come": lambda: teams.come(shift=shift(), **facts),
        "go": lambda: teams.go(shift=shift(), **facts),
        "answer": lambda: teams.answer_call(answer=answer(), **facts),
        "ready": lambda: teams.report_ready(answer=answer(), people=number(given.get("people")), **facts),
    }
    back = "team_calls" if given.get("from") == "calls" else "team_mine"
    return done(request, acts, gettext("Recorded. Thank you."), address(request, back))


def _found(row):
    if row is None:
        raise NothingAsked
    return row
