"""One team: who is on duty now and how to reach them, the next shifts, and what its manager does."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.protocol.teams_rotation import Hours
from sizao.records import access
from sizao.records.models import Account, Team, TeamAbsence, TeamMember, TeamShift
from sizao.response.reports.lines import area_names
from sizao.response.tasks import teams
from sizao.response.tasks.teams import loans, readiness, standing
from sizao.terms import AbsenceReason, Right, Skill
from sizao.web import refusals
from sizao.web.teams_common import NothingAsked, address, common, done, moment_of, number, when

SHOWN_SHIFTS = 60


class NoSuchAccountHere(SizaoError):
    code = "teams.account.unreadable"
    message = "There is no open account “{given}” in your area. Leave the field empty, or ask your administrator."


@require_GET
def one(request: HttpRequest, team_id: int) -> HttpResponse:
    """Answer: who of this team is on duty now, how are they reached, and who comes next?"""
    at = when(request)
    team = standing.fetch(team_id, to=Right.SITUATION_READ, by=request.user, as_of=at.as_of)
    shifts = standing.shifts_of(team, as_of=at.as_of)
    away = {loan.team_id: loan.to_area_code for loan in loans.running(at.as_of).filter(team=team)}
    [ready] = readiness.of_teams([team], away, as_of=at.as_of)
    absences = TeamAbsence.objects.filter(
        member__team=team, withdrawn_at=None, ends_at__gt=at.as_of, recorded_at__lte=at.as_of
    )
    shown = {
        "team": team,
        "ready": ready,
        "names": area_names([team.area_code, ready.works_in]),
        "area_name": area_names([team.area_code]).get(team.area_code, team.area_code),
        "works_name": area_names([ready.works_in]).get(ready.works_in, ready.works_in),
        "lines": standing.lines(team, as_of=at.as_of),
        "may_see": standing.may_see_people(team, request.user),
        "shifts": [(shift, standing.is_late(shift, at.as_of)) for shift in shifts[:SHOWN_SHIFTS]],
        "n_more_shifts": max(0, len(shifts) - SHOWN_SHIFTS),
        "loans": loans.agreed_at(at.as_of).filter(team=team).order_by("starts_at"),
        "absences": absences.select_related("member").order_by("starts_at"),
        "skills": list(Skill),
        "reasons": list(AbsenceReason),
        "keeps": access.may(request.user, Right.TEAM_MANAGE) and access.covers(request.user, team.area_code),
    }
    return render(request, "web/teams_one.html", shown | common(request, "team"))


@require_POST
def act(request: HttpRequest, team_id: int) -> HttpResponse:
    """Do what a manager does: members, absences, the closed loop, single shifts, the end of the team."""
    at, given = when(request), request.POST
    team = standing.fetch(team_id, to=Right.TEAM_MANAGE, by=request.user, as_of=at.moment)
    facts = {"by": request.user, "now": at.moment}

    def member() -> TeamMember:
        return _one_of(TeamMember.objects.filter(team=team), given.get("member"))

    acts = {
        "add": lambda: teams.add_member(team=team, entry=_member(request), **facts),
        "remove": lambda: teams.remove_member(member=member(), **facts),
        "absent": lambda: teams.record_absence(
            member=member(), reason=_reason(given.get("reason")), starts_at=moment_of(given.get("starts", "")),
            ends_at=moment_of(given.get("ends", "")), **facts,
        ),
        "back": lambda: teams.withdraw_absence(
            absence=_one_of(TeamAbsence.objects.filter(member__team=team), given.get("absence")), **facts
        ),
        "enter_loop": lambda: teams.enter_loop(
            member=member(), at=moment_of(given["starts"]) if given.get("starts") else at.moment, **facts
        ),
        "leave_loop": lambda: teams.leave_loop(member=member(), outbreak=at.outbreak, **facts),
        "shift": lambda: _shift(request, team, member()),
        "cancel": lambda: teams.cancel_shift(shift=_shift_of(team, given.get("shift")), **facts),
        "come": lambda: teams.come(shift=_shift_of(team, given.get("shift")), **facts),
        "go": lambda: teams.go(shift=_shift_of(team, given.get("shift")), **facts),
        "disband": lambda: teams.disband(team=team, **facts),
    }  # fmt: skip
    return done(request, acts, gettext("Done in your name."), address(request, "team", team.pk))


@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest, team_id: int) -> HttpResponse:
    """Propose who takes which shift, let it be changed, and enter it in the manager's name."""
    at = when(request)
    team = standing.fetch(team_id, to=Right.TEAM_MANAGE, by=request.user, as_of=at.moment)
    if request.method == "POST":
        try:
            made = teams.confirm_shifts(team=team, shifts=_roster_given(request, team), by=request.user, now=at.moment)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(
                request,
                ngettext(
                    "{n} shift is entered in your name.", "{n} shifts are entered in your name.", len(made)
                ).format(n=len(made)),
            )
            return redirect(address(request, "team", team.pk))
    asked = _asked(request, team, at.as_of)
    shown: dict[str, object] = {"team": team, "asked": asked, "kind": _kind(team, at.as_of)}
    try:
        proposed = teams.proposal(team=team, asked=asked, as_of=at.as_of)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        people = [(member, proposed.worked.get(member.pk, 0.0)) for member in proposed.people]
        shown |= {
            "rows": [
                (filled, [(key, f"{place}-{slot}") for slot, key in enumerate(_slots(filled, asked.people))], place)
                for place, filled in enumerate(proposed.shifts)
            ],
            "people": sorted(people, key=lambda row: (row[1], row[0].number)),
            "lacking": proposed.lacking,
        }
    return render(request, "web/teams_roster.html", shown | common(request, "team"))


def _slots(filled, people: int) -> list[int | None]:
    return [*filled.crew, *[None] * (people - len(filled.crew))]


def _kind(team: Team, as_of: datetime):
    return teams.in_force(team.area_code, as_of).kind(team.kind)


def _asked(request: HttpRequest, team: Team, as_of: datetime) -> teams.RosterAsked:
    told = request.GET
    rotation = _kind(team, as_of).rotation

    def whole(name: str, default: int) -> int:
        text = told.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else default  # noqa: PLR2004

    try:
        first = datetime.fromisoformat(told.get("first", "")).date()
    except ValueError:
        first = timezone.localtime(as_of).date() + timedelta(days=1)
    return teams.RosterAsked(
        first_date=first,
        days=whole("days", 3),
        from_hour=whole("from", 8),
        shifts_a_day=whole("a_day", 1),
        shift_hours=whole("hours", min(8, rotation.longest_shift_hours)),
        people=whole("people", 2),
        inside=told.get("inside", "1" if team.in_closed_loop else "0") == "1",
    )


def _roster_given(request: HttpRequest, team: Team) -> list[teams.ShiftEntry]:
    """Read the roster as it was changed: the hours of each row, and who is chosen in each of its places."""
    given, made = request.POST, []
    for place, hours in enumerate(given.getlist("hours")):
        starts, _, ends = hours.partition("|")
        told = Hours(moment_of(starts), moment_of(ends))
        chosen = dict.fromkeys(filter(None, given.getlist(f"member-{place}")))
        made += [
            teams.ShiftEntry(number(one), told, given.get("place", ""), inside=given.get("inside") == "1")
            for one in chosen
        ]
    return made


def _member(request: HttpRequest) -> teams.MemberEntry:
    given = request.POST
    username = given.get("username", "").strip()
    account = None
    if username:
        account = Account.objects.filter(
            username=username, is_active=True, area_code__startswith=request.user.area_code
        ).first()
        if account is None:
            raise NoSuchAccountHere(given=username[:40])
    skills = tuple(one for one in Skill if str(one) in given.getlist("skills"))
    return teams.MemberEntry(given.get("number", ""), given.get("name", ""), given.get("phone", ""), skills, account)


def _shift(request: HttpRequest, team: Team, member: TeamMember) -> list[TeamShift]:
    given = request.POST
    hours = Hours(moment_of(given.get("starts", "")), moment_of(given.get("ends", "")))
    entry = teams.ShiftEntry(member.pk, hours, given.get("place", ""), inside=given.get("inside") == "1")
    return teams.confirm_shifts(team=team, shifts=[entry], by=request.user, now=when(request).moment)


def _shift_of(team: Team, text: str | None) -> TeamShift:
    return _one_of(TeamShift.objects.filter(team=team).select_related("team", "member"), text)


def _one_of(rows, text: str | None):
    found = rows.filter(pk=number(text)).first()
    if found is None:
        raise NothingAsked
    return found


def _reason(text: str | None) -> AbsenceReason:
    found = next((one for one in AbsenceReason if str(one) == text), None)
    if found is None:
        raise NothingAsked
    return found
