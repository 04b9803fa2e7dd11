"""Teams from a list, a row a member: each faulty cell is told, it can be rehearsed, sent twice it changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from sizao.errors import SizaoError
from sizao.protocol.teams import TeamKinds
from sizao.records import access, journal
from sizao.records.models import Account, Area, Team, TeamMember
from sizao.response.tasks.teams import kinds, members
from sizao.response.tasks.teams.members import MemberEntry, TeamEntry
from sizao.terms import Right, Skill

Row = Mapping[str, str]
MOST_FAULTS = 200
YES = frozenset({"1", "是", "y", "yes", "true", "√"})
NO = frozenset({"0", "否", "n", "no", "false"})
SKILLS = {word: one for one in Skill for word in (str(one), one.zh, one.en.lower())}


class TeamsRefused(SizaoError):
    code = "teams.list.unreadable"
    message = "{count} cells of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


class TeamsChanged(SizaoError):
    code = "teams.changed_meanwhile"
    message = "Teams were changed by somebody else while the list was read; nothing was kept. Send it again."


@dataclass(frozen=True, slots=True)
class Taken:
    """What a list brought: new teams and members, and the rows whose member was known and stays as they are."""

    teams: int
    members: int
    known: int


@dataclass(slots=True)
class _Line:
    """One row as it was read, and what is wrong with it."""

    number: int
    row: Row
    team: TeamEntry
    member: MemberEntry | None
    wrong: list[dict[str, object]]

    def refuse(self, field: str, reason: str) -> None:
        self.wrong.append({"row": self.number, "field": field, "reason": reason})


@transaction.atomic
def take_teams(*, rows: Sequence[Row], source: str, by: Account, now: datetime, dry_run: bool = False) -> Taken:
    """
    Register the teams and members of a list; a row without a number names a team alone.

    Columns: team, kind, area_code, lead, team_phone, in_closed_loop, number, name, phone, skills, username. A team that
    is registered stays as it is, and so does a member who is in it. With `dry_run` nothing is kept. Raise TeamsRefused
    with all cells at fault, or the door's refusal.
    """
    access.require(by, Right.TEAM_MANAGE)
    in_force = {code: kinds.in_force(code, now) for code in {row.get("area_code", "").strip() for row in rows}}
    usernames = {row.get("username", "").strip() for row in rows} - {""}
    accounts = {one.username: one for one in Account.objects.filter(username__in=usernames, is_active=True)}
    lines = [_read(number, row, in_force, accounts, source) for number, row in enumerate(rows, start=1)]
    _refuse_unknown_areas(lines, by)
    teams = _known_teams(lines, now)
    known = _known_members(lines, teams)
    _refuse_twice(lines)
    _refuse_unlike(lines)
    if faults := [fault for line in lines for fault in line.wrong]:
        first = f"row {faults[0]['row']}, {faults[0]['field']}: {faults[0]['reason']}"
        raise TeamsRefused(count=len(faults), rows=len(rows), first=first, errors=faults[:MOST_FAULTS])
    taken = _keep(lines, teams, known, by, now)
    if dry_run:
        transaction.set_rollback(True)
    return taken


def _read(
    number: int, row: Row, in_force: Mapping[str, TeamKinds], accounts: Mapping[str, Account], source: str
) -> _Line:
    cell = {name: text.strip() for name, text in row.items()}
    area_code = cell.get("area_code", "")
    kind = in_force[area_code].read(cell.get("kind", ""))
    closed = cell.get("in_closed_loop", "").lower()
    skills, unknown = _skills(cell.get("skills", ""))
    line = _Line(
        number,
        row,
        team=TeamEntry(
            name=cell.get("team", ""),
            kind=kind.key if kind else "",
            area_code=area_code,
            lead=cell.get("lead", ""),
            phone=cell.get("team_phone", ""),
            in_closed_loop=closed in YES or (not closed and kind is not None and kind.closed_loop),
            source=source,
        ),
        member=MemberEntry(
            cell["number"], cell.get("name", ""), cell.get("phone", ""), skills, accounts.get(cell.get("username", ""))
        )
        if cell.get("number")
        else None,
        wrong=[],
    )
    if kind is None:
        line.refuse("kind", f"is none of {', '.join(in_force[area_code].kinds)}")
    if closed and closed not in YES | NO:
        line.refuse("in_closed_loop", "is neither yes nor no")
    if unknown:
        line.refuse("skills", f"holds {unknown}; it may hold: {', '.join(Skill)}")
    _check(line, cell)
    return line


def _check(line: _Line, cell: Row) -> None:
    for fault in (members.fault_of(line.team), line.member and members.member_fault_of(line.member)):
        if fault:
            line.refuse(*fault)
    if cell.get("username") and (line.member is None or line.member.account is None):
        line.refuse("username", "is no open account" if line.member else "stands without a number")
    if line.member is None and (cell.get("name") or cell.get("phone")):
        line.refuse("number", "is missing: a member has a staff number")


def _skills(written: str) -> tuple[tuple[Skill, ...], str]:
    """Read skills parted by commas, or say which word is none."""
    words = [word.strip() for word in written.replace("、", ",").replace("，", ",").replace(";", ",").split(",")]
    found = []
    for word in filter(None, words):
        if word.lower() not in SKILLS:
            return (), word[:20]
        found.append(SKILLS[word.lower()])
    return tuple(dict.fromkeys(found)), ""


def _refuse_unknown_areas(lines: Sequence[_Line], by: Account) -> None:
    known = set(Area.objects.filter(code__in={one.team.area_code for one in lines}).values_list("code", flat=True))
    for one in lines:
        if one.team.area_code not in known:
            one.refuse("area_code", "is no area of the register")
        elif not one.team.area_code.startswith(by.area_code):
            one.refuse("area_code", "lies outside your jurisdiction")


def _known_teams(lines: Sequence[_Line], now: datetime) -> dict[str, Team]:
    codes = {one.team.area_code for one in lines}
    found = {f"team:{one.area_code}:{one.name}": one for one in members.standing("", now).filter(area_code__in=codes)}
    for line in lines:
        team = found.get(line.team.key)
        if team is not None and line.team.kind and team.kind != line.team.kind:
            line.refuse("kind", f"is another than that of the registered team ({team.kind})")
    return found


def _known_members(lines: Sequence[_Line], teams: Mapping[str, Team]) -> set[str]:
    """Say whose rows are in their team already; refuse those who are in another."""
    held = [one.member for one in lines if one.member is not None]
    standing = members.now_in_a_team(
        [one.number for one in held], accounts=[one.account for one in held if one.account is not None]
    )
    by_number = {one.number: one for one in standing}
    by_account = {one.account_id: one for one in standing if one.account_id is not None}
    known = set()
    for line in lines:
        if line.member is None:
            continue
        team, number = teams.get(line.team.key), line.member.number
        there = by_number.get(number)
        if there is not None and team is not None and there.team_id == team.pk:
            known.add(number)
        elif there is not None:
            line.refuse("number", f"is in another team already: {there.team.name}")
        elif line.member.account is not None and line.member.account.pk in by_account:
            line.refuse("username", f"is in a team already: {by_account[line.member.account.pk].team.name}")
    return known


def _refuse_twice(lines: Sequence[_Line]) -> None:
    numbers: dict[str, int] = {}
    accounts: dict[int, int] = {}
    for line in lines:
        if line.member is None:
            continue
        if line.member.number in numbers:
            line.refuse("number", f"stands in row {numbers[line.member.number]} too")
        numbers.setdefault(line.member.number, line.number)
        account = line.member.account
        if account is not None and account.pk in accounts:
            line.refuse("username", f"stands in row {accounts[account.pk]} too")
        if account is not None:
            accounts.setdefault(account.pk, line.number)


def _refuse_unlike(lines: Sequence[_Line]) -> None:
    """Refuse rows of one team that say different things about it."""
    first: dict[str, _Line] = {}
    for line in lines:
        known = first.setdefault(line.team.key, line)
        for field, told, before in (
            ("kind", line.team.kind, known.team.kind),
            ("lead", line.team.lead, known.team.lead),
            ("team_phone", line.team.phone, known.team.phone),
            ("in_closed_loop", line.team.in_closed_loop, known.team.in_closed_loop),
        ):
            if told != before:
                line.refuse(field, f"differs from row {known.number} of the same team")


def _keep(lines: Sequence[_Line], teams: dict[str, Team], known: set[str], by: Account, now: datetime) -> Taken:
    fresh = {line.team.key: line.team for line in lines if line.team.key not in teams}
    wanted = [(line, line.member) for line in lines if line.member is not None and line.member.number not in known]
    try:
        made = Team.objects.bulk_create([members.new_team(entry, by, now) for entry in fresh.values()])
        teams |= dict(zip(fresh, made, strict=True))
        joined = TeamMember.objects.bulk_create(
            [members.new_member(teams[line.team.key], member, by, now) for line, member in wanted]
        )
    except IntegrityError as clash:
        # Somebody registered or joined a team while this list was read; the database keeps one.
        raise TeamsChanged from clash
    told = [journal.line("team.registered", one, by=by, at=now, kind=one.kind) for one in made]
    told += [journal.line("team.joined", one, by=by, at=now, team=one.team_id) for one in joined]
    journal.write_many(told)
    return Taken(len(made), len(joined), len(known))
