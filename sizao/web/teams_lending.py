"""Lending: what was lent and borrowed, and who near a county has teams beyond their own standard."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.records import access
from sizao.records.models import Area, Team, TeamLoan
from sizao.response.reports.lines import area_names
from sizao.response.tasks import teams
from sizao.response.tasks.teams import loans, readiness
from sizao.terms import AreaLevel, Right
from sizao.web.teams_common import address, common, done, moment_of, number, when

COUNTY = 6
MOST_OFFERS = 20
MOST_TEAMS = 12  # of one county that could lend


@require_GET
def lending(request: HttpRequest) -> HttpResponse:
    """Answer: what is lent and borrowed, and who could lend to a county that falls short?"""
    access.require(request.user, Right.SITUATION_READ)
    at, mine = when(request), request.user.area_code
    kinds = teams.in_force(mine[:COUNTY], at.as_of)
    found = list(loans.seen_from(mine, at.as_of))
    names = area_names([*(one.from_area_code for one in found), *(one.to_area_code for one in found)])
    kind = request.GET.get("kind", "")
    to = request.GET.get("to", "")
    counties = Area.objects.filter(level=AreaLevel.COUNTY, code__startswith=mine[:4]).order_by("code")
    shown: dict[str, object] = {
        "rows": [
            (
                one,
                names.get(one.from_area_code, one.from_area_code),
                names.get(one.to_area_code, one.to_area_code),
                access.covers(request.user, one.from_area_code),
            )
            for one in found
        ],
        "kinds": kinds.kinds.values(),
        "counties": counties,
        "kind": kinds.kinds.get(kind),
        "to": counties.filter(code=to).first(),
        "mine": mine,
    }
    if shown["kind"] is not None and shown["to"] is not None:
        shown["offers"] = [
            (area, n, km, _ready_teams(area.area_code, kind, at.as_of)[:MOST_TEAMS])
            for area, n, km in readiness.spare(mine, to, kind, as_of=at.as_of)[:MOST_OFFERS]
        ]
    return render(request, "web/teams_lending.html", shown | common(request, "lending"))


@require_POST
def lend(request: HttpRequest) -> HttpResponse:
    """Lend a team to another county, as agreed."""
    access.require(request.user, Right.TEAM_MANAGE)
    at, given = when(request), request.POST

    def team() -> Team:
        return access.row(
            Team.objects.all(), what="team", to=Right.TEAM_MANAGE, by=request.user, pk=number(given.get("team"))
        )

    def entry() -> teams.LoanEntry:
        return teams.LoanEntry(
            to_area_code=given.get("to", "").strip(),
            starts_at=moment_of(given["starts"]) if given.get("starts") else at.moment,
            ends_at=moment_of(given.get("ends", "")),
            agreed_from=given.get("agreed_from", ""),
            agreed_to=given.get("agreed_to", ""),
            reason=given.get("reason", ""),
        )

    acts = {"lend": lambda: teams.lend(team=team(), entry=entry(), by=request.user, now=at.moment)}
    return done(request, acts, gettext("The loan is entered in your name; both sides see it."), _back(request))


@require_POST
def recall(request: HttpRequest, loan_id: int) -> HttpResponse:
    """End a loan before its time, with the reason."""
    rows = TeamLoan.objects.filter(from_area_code__startswith=request.user.area_code)
    access.require(request.user, Right.TEAM_MANAGE)
    found = rows.select_related("team").filter(pk=loan_id).first()
    if found is None:
        raise access.NotYours(what="loan", area=request.user.area_code)
    reason = request.POST.get("reason", "")
    acts = {"recall": lambda: teams.recall(loan=found, reason=reason, by=request.user, now=when(request).moment)}
    return done(request, acts, gettext("Recalled in your name; both sides see it."), _back(request))


def _back(request: HttpRequest) -> str:
    return address(request, "team_lending")


def _ready_teams(area_code: str, kind: str, as_of) -> list[Team]:
    found = readiness.teams_of(area_code, as_of=as_of)
    return [one.team for one in found if one.is_ready and one.team.kind == kind and one.works_in == one.team.area_code]
