"""
Readiness by county against the standard: which teams could leave now, who falls short, and who has teams to spare.

A team is ready when as many of its people as its kind asks for are on duty or stand by; who rests, is away or is kept
apart does not count. A lent team counts where it works.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models.functions import Left

from sizao.protocol.teams import TeamKind, TeamKinds
from sizao.records.models import Area, Team
from sizao.response.tasks.teams import calls, duty, kinds, loans, members
from sizao.response.tasks.teams.duty import Placed, Strength
from sizao.terms import AreaLevel

COUNTY = 6


@dataclass(frozen=True, slots=True)
class KindReady:
    """One kind of team in one county: how many there should be, are, and are ready; the measured hours of call-outs."""

    kind: TeamKind
    wanted: int
    teams: int
    ready: int
    median_hours: float | None  # None: not called out in the last 90 days

    @property
    def short(self) -> int:
        """Count the teams that lack."""
        return max(0, self.wanted - self.ready)

    @property
    def spare(self) -> int:
        """Count the ready teams beyond the standard."""
        return max(0, self.ready - self.wanted)

    @property
    def is_slow(self) -> bool:
        """Tell whether call-outs took longer than the standard."""
        return self.median_hours is not None and self.median_hours > self.kind.hours_to_ready


@dataclass(frozen=True, slots=True)
class AreaReady:
    """One county, or an area above it that keeps teams itself; each kind, and how its people stand."""

    area_code: str
    name: str
    kinds: tuple[KindReady, ...]
    people: int
    on_duty: int
    reported: int
    resting: int
    away: int
    borrowed: int
    lent: int

    @property
    def wanted(self) -> int:
        """Count the teams that there should be."""
        return sum(one.wanted for one in self.kinds)

    @property
    def ready(self) -> int:
        """Count the teams that are ready."""
        return sum(one.ready for one in self.kinds)

    @property
    def teams(self) -> int:
        """Count the teams that are there."""
        return sum(one.teams for one in self.kinds)

    @property
    def short(self) -> int:
        """Count the teams that lack, kind by kind: one kind does not stand in for another."""
        return sum(one.short for one in self.kinds)

    @property
    def lacking(self) -> tuple[KindReady, ...]:
        """Give the kinds of which teams lack, most first."""
        return tuple(sorted((one for one in self.kinds if one.short), key=lambda one: -one.short))


@dataclass(frozen=True, slots=True)
class Ready:
    """An area at a moment: its counties, those who fall short most first, and whether a standard is unverified."""

    areas: tuple[AreaReady, ...]
    is_unverified: bool

    @property
    def short(self) -> tuple[AreaReady, ...]:
        """Give the counties that fall short."""
        return tuple(one for one in self.areas if one.short)


@dataclass(frozen=True, slots=True)
class TeamReady:
    """A team, the kind it is of, where it works, and how its people stand."""

    team: Team
    kind: TeamKind | None  # None: the list in force lacks its kind
    works_in: str
    strength: Strength

    @property
    def is_ready(self) -> bool:
        """Tell whether as many could leave now as its kind asks for."""
        return self.kind is not None and self.able >= self.kind.members

    @property
    def able(self) -> int:
        """Count who could leave now."""
        return self.strength.able(in_closed_loop=self.team.in_closed_loop)


NOBODY = Strength({}, 0)


def of_area(area_code: str, *, as_of: datetime) -> Ready:
    """Say how each county of an area stands against its standard at a moment, as was known then."""
    lists = _Lists(as_of)
    counties = Area.objects.filter(level=AreaLevel.COUNTY, code__startswith=area_code)
    population = dict(counties.values_list("code", "population"))
    placed = duty.of_area(area_code, _standards(lists, as_of), as_of=as_of)
    by_area: dict[str, list[Placed]] = defaultdict(list)
    lent: dict[str, int] = defaultdict(int)
    for one in placed:
        if one.works.startswith(area_code[:COUNTY]):
            by_area[one.works].append(one)
        if one.works != one.own and one.own.startswith(area_code[:COUNTY]):
            lent[one.own] += one.teams
    codes = sorted({*population, *by_area, *lent})
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "short_name"))
    took = _took(area_code, as_of)
    found = [
        _area(code, names.get(code, code), by_area[code], lists.at(code), population, took, lent[code])
        for code in codes
    ]
    found.sort(key=lambda one: (-one.short, one.area_code))
    return Ready(tuple(found), lists.is_unverified)


def _standards(lists: "_Lists", as_of: datetime) -> dict[tuple[str, str], tuple[int, int]]:
    """Give by county and kind how many people make a team complete and how long they rest."""
    pairs = members.standing("", as_of).annotate(own=Left("area_code", COUNTY)).values_list("own", "kind").distinct()
    kinds_of = {(own, kind): lists.at(own).kinds.get(kind) for own, kind in pairs}
    return {
        key: (kind.members, kind.rotation.shortest_rest_hours) for key, kind in kinds_of.items() if kind is not None
    }


def teams_of(area_code: str, *, as_of: datetime, lists: "_Lists | None" = None) -> list[TeamReady]:
    """Give the teams that an area keeps or has borrowed at a moment, with how their people stand."""
    lists = lists or _Lists(as_of)
    away = {one.team_id: one.to_area_code for one in loans.running(as_of)}
    mine = list(members.standing(area_code, as_of).defer("lead", "phone"))
    known = {one.pk for one in mine}
    borrowed = [key for key, code in away.items() if code.startswith(area_code) and key not in known]
    mine += members.standing("", as_of).filter(pk__in=borrowed).defer("lead", "phone") if borrowed else []
    return of_teams(mine, away, as_of=as_of, lists=lists)


def of_teams(
    teams: Sequence[Team], away: Mapping[int, str], *, as_of: datetime, lists: "_Lists | None" = None
) -> list[TeamReady]:
    """Say how teams stand; `away` gives where those work that are lent."""
    lists = lists or _Lists(as_of)
    of_kind = {one.pk: lists.at(one.area_code[:COUNTY]).kinds.get(one.kind) for one in teams}
    rests = {key: kind.rotation.shortest_rest_hours if kind else 0 for key, kind in of_kind.items()}
    strength = duty.of_teams(rests, as_of=as_of)
    return [
        TeamReady(one, of_kind[one.pk], away.get(one.pk, one.area_code), strength.get(one.pk, NOBODY)) for one in teams
    ]


def spare(area_code: str, to_county: str, kind: str, *, as_of: datetime) -> list[tuple[AreaReady, int, float | None]]:
    """
    Say which counties of an area could lend teams of a kind to one: how many beyond their standard, and how far.

    The nearest first; those of unknown distance last, most first.
    """
    able = []
    for one in of_area(area_code, as_of=as_of).areas:
        found = next((row for row in one.kinds if row.kind.key == kind), None)
        if one.area_code != to_county and found is not None and found.spare:
            able.append((one, found.spare))
    far = loans.kilometres(to_county, [one.area_code for one, _ in able])
    told = [(one, n, far[one.area_code]) for one, n in able]
    return sorted(told, key=lambda row: (row[2] is None, row[2] or 0.0, -row[1], row[0].area_code))


class _Lists:
    """The lists of kinds in force at a moment, each area asked once."""

    def __init__(self, as_of: datetime) -> None:
        self._read = kinds.reader(as_of)
        self._known: dict[str, TeamKinds] = {}

    def at(self, area_code: str) -> TeamKinds:
        if area_code not in self._known:
            self._known[area_code] = self._read(area_code)
        return self._known[area_code]

    @property
    def is_unverified(self) -> bool:
        return any(one.is_unverified for one in self._known.values())


def _area(
    code: str,
    name: str,
    placed: Sequence[Placed],
    in_force: TeamKinds,
    population: Mapping[str, int | None],
    took: Mapping[tuple[str, str], float],
    lent: int,
) -> AreaReady:
    there: dict[str, int] = defaultdict(int)
    ready: dict[str, int] = defaultdict(int)
    for one in placed:
        there[one.kind] += one.teams
        ready[one.kind] += one.ready
    rows = [
        KindReady(
            kind,
            # Only a county has a standard; a city may keep teams besides.
            kind.teams_wanted(population[code]) if code in population else 0,
            there[kind.key],
            ready[kind.key],
            took.get((code, kind.key)),
        )
        for kind in in_force.kinds.values()
    ]
    return AreaReady(
        area_code=code,
        name=name,
        kinds=tuple(rows),
        people=sum(one.people for one in placed),
        on_duty=sum(one.on_duty for one in placed),
        reported=sum(one.reported for one in placed),
        resting=sum(one.resting for one in placed),
        away=sum(one.away for one in placed),
        borrowed=sum(one.teams for one in placed if one.works != one.own),
        lent=lent,
    )


def _took(area_code: str, as_of: datetime) -> dict[tuple[str, str], float]:
    """Give the median hours from call to ready by county and kind, of the call-outs of the last 90 days."""
    question = """
        SELECT left(a.area_code, 6), t.kind,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.ready_at - a.called_at)) / 3600
        FROM records_callanswer a JOIN records_team t ON t.id = a.team_id
        WHERE a.area_code LIKE %s AND a.called_at > %s AND a.ready_at <= %s
        GROUP BY 1, 2
    """
    with connection.cursor() as cursor:
        cursor.execute(question, [f"{area_code}%", as_of - calls.MEASURED_FOR, as_of])
        return {(code, kind): float(hours) for code, kind, hours in cursor.fetchall()}
