"""Call-outs: call the teams, see who answered and who is ready, and how long it took."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from sizao.records import access
from sizao.records.models import CallAnswer, TeamCall
from sizao.response.reports.lines import area_names
from sizao.response.tasks import teams
from sizao.response.tasks.teams import calls
from sizao.terms import CallKind, Right
from sizao.web.area_named import area_code_of
from sizao.web.teams_common import NothingAsked, address, common, done, when

COUNTY = 6
MOST_CALLS = 10
MOST_ANSWERS = 60


@require_http_methods(["GET", "POST"])
def called(request: HttpRequest) -> HttpResponse:
    """Answer: who was called, who is ready, and how long did it take? Or call teams out."""
    access.require(request.user, Right.TEAM_MANAGE if request.method == "POST" else Right.SITUATION_READ)
    if request.method == "POST":
        return _call(request)
    at, mine = when(request), request.user.area_code
    seen = calls.answers_at(at.as_of).filter(area_code__startswith=mine)
    made = TeamCall.objects.filter(answers__in=seen.order_by().values("pk")).distinct()
    found = list(made.order_by("-called_at", "-pk")[:MOST_CALLS])
    kinds = teams.in_force(mine[:COUNTY], at.as_of)
    names = area_names([one.area_code for one in found])
    shown = {
        "rows": [_row(one, list(seen.filter(call=one)), at.as_of, kinds, names) for one in found],
        "kinds": kinds.kinds.values(),
        "call_kinds": list(CallKind),
    }
    return render(request, "web/teams_calls.html", shown | common(request, "calls"))


def _row(call: TeamCall, answers: list[CallAnswer], as_of, kinds, names: dict[str, str]) -> dict[str, object]:
    # Who has not answered comes first, then who is not ready.
    places = area_names({one.area_code for one in answers})
    answers.sort(key=lambda one: (one.ready_at is not None, one.answered_at is not None, one.team.name))
    return {
        "call": call,
        "kind": CallKind(call.kind),
        "team_kind": kinds.kinds.get(call.team_kind),
        "area_name": names.get(call.area_code, call.area_code),
        "measured": calls.measured(answers, as_of=as_of),
        # Two counties may call their teams alike.
        "answers": [(one, places.get(one.area_code, one.area_code)) for one in answers[:MOST_ANSWERS]],
        "n_more": max(0, len(answers) - MOST_ANSWERS),
    }


def _call(request: HttpRequest) -> HttpResponse:
    given = request.POST

    def kind() -> CallKind:
        found = next((one for one in CallKind if str(one) == given.get("kind")), None)
        if found is None:
            raise NothingAsked
        return found

    acts = {
        "call": lambda: teams.call_out(
            area_code=area_code_of(given.get("area", ""), by=request.user) or request.user.area_code,
            kind=kind(),
            team_kind=given.get("team_kind", ""),
            reason=given.get("reason", ""),
            by=request.user,
            now=when(request).moment,
        )
    }
    said = gettext("The teams are called in your name. Each member with an account sees it under My shifts.")
    return done(request, acts, said, address(request, "team_calls"))
