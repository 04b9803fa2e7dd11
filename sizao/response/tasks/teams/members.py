"""Teams and who is in them: registered, joined, left, disbanded. Nobody is of two teams at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, LoopStay, Team, TeamLoan, TeamMember, TeamShift
from sizao.response.tasks.teams import kinds
from sizao.terms import Phrase, Right, Skill

LONGEST_NAME = 60
LONGEST_PHONE = 40
TOO_LONG = Phrase(f"is longer than {LONGEST_NAME} characters", f"超过{LONGEST_NAME}字")
TOO_LONG_PHONE = Phrase(f"is longer than {LONGEST_PHONE} characters", f"超过{LONGEST_PHONE}字")


class TeamUnreadable(SizaoError):
    code = "teams.team.unreadable"
    message = "The team cannot be taken: {reason}. Correct it and send it again; nothing was kept."


class TeamKnown(SizaoError):
    code = "teams.team_known"
    message = "{name} is registered in this area already. Open it from the list, or give this one another name."


class MemberUnreadable(SizaoError):
    code = "teams.member.unreadable"
    message = "The member cannot be taken: {reason}. Correct it and send it again; nothing was kept."


class InAnotherTeam(SizaoError):
    code = "teams.in_another_team"
    message = "{number} is in {team} already. Let them leave it first; nobody is of two teams at once."


class TeamIsDisbanded(SizaoError):
    code = "teams.disbanded"
    message = "{name} was disbanded on {day}. Register it anew, or choose another team."


class MemberLeft(SizaoError):
    code = "teams.member_left"
    message = "{number} left {team} on {day}. Nothing was changed."


class StillInTheLoop(SizaoError):
    code = "teams.still_in_the_loop"
    message = "{number} is in the closed loop. Record first that they leave it."


class TeamIsLent(SizaoError):
    code = "teams.is_lent"
    message = "{name} is lent to {area}. Recall it first."


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """Somebody who joins a team. `account` lets them see their own shifts."""

    number: str
    name: str = ""
    phone: str = ""
    skills: tuple[Skill, ...] = ()
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team to be registered; `kind` is a key of the list in force in its area."""

    name: str
    kind: str
    area_code: str
    lead: str = ""
    phone: str = ""
    in_closed_loop: bool = False
    source: str = ""
    members: tuple[MemberEntry, ...] = field(default=())

    @property
    def key(self) -> str:
        return f"team:{self.area_code}:{self.name.strip()}"


def fault_of(entry: TeamEntry) -> tuple[str, Phrase] | None:
    """Name the field of a team that cannot be taken, and why; None where all can."""
    if not 0 < len(entry.name.strip()) <= LONGEST_NAME:
        return "team", Phrase(f"is empty or longer than {LONGEST_NAME} characters", f"为空或超过{LONGEST_NAME}字")
    if len(entry.lead) > LONGEST_NAME:
        return "lead", TOO_LONG
    return ("team_phone", TOO_LONG_PHONE) if len(entry.phone) > LONGEST_PHONE else None


def member_fault_of(entry: MemberEntry) -> tuple[str, Phrase] | None:
    """Name the field of a member who cannot be taken, and why; None where all can."""
    if not 0 < len(entry.number.strip()) <= LONGEST_PHONE:
        return "number", Phrase(f"is empty or longer than {LONGEST_PHONE} characters", f"为空或超过{LONGEST_PHONE}字")
    if len(entry.name) > LONGEST_NAME:
        return "name", TOO_LONG
    return ("phone", TOO_LONG_PHONE) if len(entry.phone) > LONGEST_PHONE else None


def leader_of(team: Team) -> Account | None:
    """Give the account of who leads a team, by the name it bears; None where nobody of that name has one."""
    here = team.members.filter(left_at=None, account__isnull=False).select_related("account").order_by("pk")
    return next((one.account for one in here if team.lead and one.name == team.lead), None)


@transaction.atomic
def register_team(*, entry: TeamEntry, by: Account, now: datetime) -> Team:
    """Register a team with its members. Raise TeamUnreadable, TeamKnown, NoSuchTeamKind or what `add_member` raises."""
    access.require(by, Right.TEAM_MANAGE, area_code=entry.area_code)
    if fault := fault_of(entry):
        raise TeamUnreadable(reason=Phrase(f"{fault[0]} {fault[1]}", f"{fault[0]} {fault[1].zh}"))
    if not Area.objects.filter(code=entry.area_code).exists():
        code = entry.area_code[:20]
        raise TeamUnreadable(reason=Phrase(f"area_code {code} is no area of the register", f"区划代码 {code} 未登记"))
    kinds.in_force(entry.area_code, now).kind(entry.kind)
    team = new_team(entry, by, now)
    try:
        with transaction.atomic():
            team.save(force_insert=True)
    except IntegrityError as clash:
        raise TeamKnown(name=entry.name) from clash
    journal.write("team.registered", team, by=by, at=now, kind=team.kind)
    for member in entry.members:
        add_member(team=team, entry=member, by=by, now=now)
    return team


def new_team(entry: TeamEntry, by: Account, now: datetime) -> Team:
    """Make the row of a team that was checked; nothing is written."""
    return Team(
        name=entry.name.strip(),
        kind=entry.kind,
        area_code=entry.area_code,
        lead=entry.lead.strip() or None,
        phone=entry.phone.strip() or None,
        in_closed_loop=entry.in_closed_loop,
        registered_at=now,
        registered_by=by.username,
        source=entry.source[:200],
    )


@transaction.atomic
def add_member(*, team: Team, entry: MemberEntry, by: Account, now: datetime) -> TeamMember:
    """
    Let somebody join a team. Whoever is in it already stays as they are.

    Raise MemberUnreadable, InAnotherTeam, TeamIsDisbanded or the door's refusal.
    """
    team = held(team, by)
    if fault := member_fault_of(entry):
        raise MemberUnreadable(reason=Phrase(f"{fault[0]} {fault[1]}", f"{fault[0]} {fault[1].zh}"))
    number = entry.number.strip()
    known = now_in_a_team([number]).first()
    if known is not None and known.team_id == team.pk:
        return known
    if known is not None:
        raise InAnotherTeam(number=number, team=known.team.name)
    if entry.account is not None and (other := now_in_a_team(accounts=[entry.account]).first()):
        raise InAnotherTeam(number=entry.account.username, team=other.team.name)
    member = new_member(team, entry, by, now)
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as clash:
        # Somebody else let them join another team in this very moment; the database keeps one.
        raise InAnotherTeam(number=number, team="…") from clash
    journal.write("team.joined", member, by=by, at=now, team=team.pk)
    return member


def new_member(team: Team, entry: MemberEntry, by: Account, now: datetime) -> TeamMember:
    """Make the row of a member who was checked; nothing is written."""
    return TeamMember(
        team=team,
        number=entry.number.strip(),
        account=entry.account,
        name=entry.name.strip() or None,
        phone=entry.phone.strip() or None,
        skills=[str(one) for one in entry.skills],
        joined_at=now,
        recorded_by=by.username,
    )


@transaction.atomic
def remove_member(*, member: TeamMember, by: Account, now: datetime) -> TeamMember:
    """Let somebody leave their team; shifts that have not begun are cancelled. Raise MemberLeft or StillInTheLoop."""
    held(member.team, by)
    member = TeamMember.objects.select_for_update(of=["self"]).select_related("team").get(pk=member.pk)
    if member.left_at is not None:
        raise MemberLeft(number=member.number, team=member.team.name, day=member.left_at.date())
    _require_outside([member.pk])
    _let_go([member], by, now)
    return member


@transaction.atomic
def disband(*, team: Team, by: Account, now: datetime) -> Team:
    """
    Disband a team: its members leave it, its shifts to come are cancelled.

    Raise TeamIsDisbanded, TeamIsLent, StillInTheLoop or the door's refusal.
    """
    team = held(team, by)
    loan = TeamLoan.objects.filter(team=team, ends_at__gt=now, recalled_at=None).first()
    if loan is not None:
        raise TeamIsLent(name=team.name, area=loan.to_area_code)
    inside = list(TeamMember.objects.select_for_update().filter(team=team, left_at=None).order_by("pk"))
    _require_outside([one.pk for one in inside])
    _let_go(inside, by, now)
    team.disbanded_at, team.disbanded_by = now, by.username
    team.save(update_fields=["disbanded_at", "disbanded_by"])
    journal.write("team.disbanded", team, by=by, at=now)
    return team


def held(team: Team, by: Account) -> Team:
    """Lock a team for somebody who may manage it. Raise TeamIsDisbanded or the door's refusal."""
    found = Team.objects.select_for_update().get(pk=team.pk)
    access.require(by, Right.TEAM_MANAGE, area_code=found.area_code)
    if found.disbanded_at is not None:
        raise TeamIsDisbanded(name=found.name, day=found.disbanded_at.date())
    return found


def standing(area_code: str, as_of: datetime) -> QuerySet[Team]:
    """Give the teams kept by an area and what is below it, as they stood at a moment."""
    found = Team.objects.filter(area_code__startswith=area_code, registered_at__lte=as_of)
    return found.filter(Q(disbanded_at=None) | Q(disbanded_at__gt=as_of))


def of_team(team: Team, as_of: datetime) -> QuerySet[TeamMember]:
    """Give who was in a team at a moment."""
    found = TeamMember.objects.filter(team=team, joined_at__lte=as_of)
    return found.filter(Q(left_at=None) | Q(left_at__gt=as_of)).order_by("pk")


def now_in_a_team(numbers: Iterable[str] = (), *, accounts: Iterable[Account] = ()) -> QuerySet[TeamMember]:
    """Give who of these is in a team, by staff number or by account."""
    found = TeamMember.objects.filter(Q(number__in=list(numbers)) | Q(account__in=list(accounts)), left_at=None)
    return found.select_related("team").order_by("pk")


def _require_outside(members: list[int]) -> None:
    inside = LoopStay.objects.filter(member__in=members, left_at=None).select_related("member").first()
    if inside is not None:
        raise StillInTheLoop(number=inside.member.number)


def _let_go(members: list[TeamMember], by: Account, now: datetime) -> None:
    keys = [one.pk for one in members]
    TeamMember.objects.filter(pk__in=keys).update(left_at=now)
    ahead = TeamShift.objects.filter(member__in=keys, starts_at__gte=now, cancelled_at=None)
    ahead.update(cancelled_at=now, cancelled_by=by.username)
    for one in members:
        one.left_at = now
    journal.write_many([journal.line("team.left", one, by=by, at=now, team=one.team_id) for one in members])
