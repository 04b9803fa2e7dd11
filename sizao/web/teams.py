"""Readiness first: which county falls short, of what, and which teams are there. Teams come by hand or from a list."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.response.reports.lines import area_names
from sizao.response.tasks import levels, teams
from sizao.response.tasks.teams import loans, readiness, standing
from sizao.terms import Duty, Right, Skill
from sizao.web import refusals, uploaded
from sizao.web.area_named import area_code_of
from sizao.web.teams_common import address, common, when

COUNTY = 6
MOST_TEAMS = 200
FIRST_COUNTIES = 20  # the worst; a province has 170
# The headings that may stand over each column, as offices write them.
COLUMNS: Mapping[str, Sequence[str]] = {
    "team": ("队伍名称", "队伍"),
    "kind": ("队伍类型", "类型"),
    "area_code": ("行政区划代码", "区划代码"),
    "lead": ("负责人", "队长"),
    "team_phone": ("负责人电话", "队长电话"),
    "in_closed_loop": ("闭环管理",),
    "number": ("工号", "人员编号"),
    "name": ("姓名",),
    "phone": ("电话", "手机"),
    "skills": ("技能", "专业技能"),
    "username": ("账号",),
}
NEEDS = ("team", "kind", "area_code")


class NoTeamFile(SizaoError):
    code = "teams.no_file"
    message = "No file was chosen. Choose the workbook or CSV file that lists the teams."


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Answer: which county falls short of its standard, of which teams, and who is on duty now?"""
    at, area_code = when(request), request.GET.get("area", "").strip() or request.user.area_code
    access.require(request.user, Right.SITUATION_READ, area_code=area_code)
    found = readiness.of_area(area_code, as_of=at.as_of)
    is_near = len(area_code) >= COUNTY
    rows = readiness.teams_of(area_code, as_of=at.as_of) if is_near else []
    rows.sort(key=lambda one: (one.is_ready, one.team.kind, one.team.name))
    kinds = teams.in_force(area_code[:COUNTY], at.as_of)
    is_all = request.GET.get("list") == "all"
    member = standing.mine(request.user, as_of=at.as_of)
    shown = {
        "area_code": area_code,
        "area_name": area_names([area_code]).get(area_code, area_code),
        "is_near": is_near,
        "is_narrowed": area_code != request.user.area_code,
        "is_unverified": found.is_unverified,
        "below_level": levels.against_level(found, as_of=at.as_of, outbreak=at.outbreak),
        "is_all": is_all,
        "short": found.short,
        "short_shown": found.short if is_all else found.short[:FIRST_COUNTIES],
        "enough": [one for one in found.areas if not one.short],
        "one": found.areas[0] if is_near and found.areas else None,
        "n_areas": len(found.areas),
        "n_lacking": sum(one.short for one in found.areas),
        "n_ready": sum(one.ready for one in found.areas),
        "n_on_duty": sum(one.on_duty for one in found.areas),
        "n_reported": sum(one.reported for one in found.areas),
        "rows": rows[:MOST_TEAMS],
        "n_more": max(0, len(rows) - MOST_TEAMS),
        "kinds": kinds,
        "on_duty": Duty.ON_DUTY,
        "mine": member,
        "n_loans": loans.seen_from(area_code, at.as_of).count(),
    }
    return render(request, "web/teams.html", shown | common(request, "teams"))


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register one team, or take in a list of teams and their people; a list can be rehearsed."""
    access.require(request.user, Right.TEAM_MANAGE)
    faulty: dict[str, object] = {}
    if request.method == "POST":
        try:
            if request.POST.get("from") == "file":
                messages.success(request, _taken(request))
                return redirect(address(request, "teams"))
            team = teams.register_team(entry=_entry(request), by=request.user, now=when(request).moment)
        except teams.TeamsRefused as refusal:
            messages.warning(request, uploaded.said(refusal))
            faulty = uploaded.faults(refusal.facts["errors"], _upload(request), _should())
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("Registered: {name}. Now add its members.").format(name=team.name))
            return redirect(address(request, "team", team.pk))
    shown = {
        **faulty,
        "given": request.POST,
        "kinds": teams.in_force(request.user.area_code, when(request).as_of).kinds.values(),
        "columns": [(column, headings[0], _should()[column]) for column, headings in COLUMNS.items()],
    }
    return render(request, "web/teams_register.html", shown | common(request, "register"))


def _entry(request: HttpRequest) -> teams.TeamEntry:
    given = request.POST
    return teams.TeamEntry(
        name=given.get("name", ""),
        kind=given.get("kind", ""),
        area_code=area_code_of(given.get("area_code", ""), by=request.user),
        lead=given.get("lead", ""),
        phone=given.get("phone", ""),
        in_closed_loop=given.get("in_closed_loop") == "1",
    )


def _taken(request: HttpRequest) -> str:
    upload = _upload(request)
    rehearsed = request.POST.get("dry_run") == "1"
    taken = teams.take_teams(
        rows=upload.rows,
        source=request.FILES["teams"].name[:120],
        by=request.user,
        now=when(request).moment,
        dry_run=rehearsed,
    )
    said = (
        gettext("The file is right: {teams} new teams, {members} new members, {known} known. Nothing was kept.")
        if rehearsed
        else gettext("Taken in: {teams} new teams, {members} new members; {known} were known and stay as they are.")
    )
    return said.format(teams=taken.teams, members=taken.members, known=taken.known)


def _upload(request: HttpRequest):
    return uploaded.read(request, "teams", columns=COLUMNS, needs=NEEDS, missing=NoTeamFile)


def _should() -> dict[str, str]:
    return {
        "team": gettext("the name of the team, each once in its area; at most 60 characters"),
        "kind": gettext("a kind of the list in force: its title or its key"),
        "area_code": gettext("the code of an area of the register inside your jurisdiction"),
        "lead": gettext("who answers for the team, the same in all its rows"),
        "team_phone": gettext("under which the lead is reached, the same in all its rows"),
        "in_closed_loop": gettext("yes or no (是, 否); empty: as its kind says"),
        "number": gettext("the staff number, each once; empty in a row that names a team alone"),
        "name": gettext("the name of the member"),
        "phone": gettext("the telephone of the member; at most 40 characters"),
        "skills": gettext("parted by commas: {skills}").format(skills="、".join(one.zh for one in Skill)),
        "username": gettext("an open account, so that the member sees their own shifts; may be empty"),
    }
