"""
How each member of a team stands at a moment: on duty, standing by, resting, away, in the loop, watched after it.

One question for all teams, so that a province is told as quickly as a team. A shift that nobody reported over ends as
planned; what was recorded, cancelled or left after the moment was not known then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from sizao.terms import Duty

# `wanted` gives the teams asked about, with the hours their people rest. `ended` is when a shift was over as far as was
# known: as reported, else as planned. Half a day more than the longest rest holds whoever stayed longer than planned.
_MEMBERS = """
worked AS (
    SELECT member_id,
           bool_or(begun AND ended > %(at)s) AS is_on,
           bool_or(begun AND ended > %(at)s AND came) AS is_there,
           max(ended) FILTER (WHERE ended <= %(at)s) AS last_end
    FROM (
        SELECT member_id,
               starts_at <= %(at)s OR coalesce(came_at <= %(at)s, false) AS begun,
               coalesce(came_at <= %(at)s, false) AS came,
               CASE WHEN went_at <= %(at)s THEN went_at ELSE ends_at END AS ended
        FROM records_teamshift
        WHERE ends_at > %(at)s - make_interval(hours => %(longest)s + 12) AND starts_at <= %(at)s + interval '2 hours'
          AND recorded_at <= %(at)s AND (cancelled_at IS NULL OR cancelled_at > %(at)s) {of_shifts}
    ) AS shift
    GROUP BY member_id
),
gone AS (
    SELECT DISTINCT member_id FROM records_teamabsence
    WHERE ends_at > %(at)s AND starts_at <= %(at)s AND recorded_at <= %(at)s
      AND (withdrawn_at IS NULL OR withdrawn_at > %(at)s)
),
looped AS (
    SELECT m.number, bool_or(l.left_at IS NULL OR l.left_at > %(at)s) AS inside
    FROM records_loopstay l JOIN records_teammember m ON m.id = l.member_id
    WHERE l.entered_at <= %(at)s AND l.recorded_at <= %(at)s
      AND (l.left_at IS NULL OR l.left_at > %(at)s OR l.apart_until >= %(day)s)
    GROUP BY m.number
),
-- Most people of a province neither work, rest nor are away at a moment: only the others are looked at one by one.
special AS (
    SELECT member_id FROM worked UNION SELECT member_id FROM gone
    UNION SELECT m.id FROM records_teammember m JOIN looped USING (number)
),
standing AS (
    SELECT m.team_id, m.id,
           CASE WHEN worked.is_on THEN 'on_duty'
                WHEN gone.member_id IS NOT NULL THEN 'away'
                WHEN looped.inside THEN 'loop'
                WHEN looped.number IS NOT NULL THEN 'apart'
                WHEN worked.last_end + make_interval(hours => wanted.rest) > %(at)s THEN 'resting'
                ELSE 'standby' END AS duty,
           coalesce(worked.is_there, false) AS is_there
    FROM special
    JOIN records_teammember m ON m.id = special.member_id
    JOIN wanted ON wanted.team = m.team_id
    LEFT JOIN worked ON worked.member_id = m.id
    LEFT JOIN gone ON gone.member_id = m.id
    LEFT JOIN looped ON looped.number = m.number
    WHERE m.joined_at <= %(at)s AND (m.left_at IS NULL OR m.left_at > %(at)s)
),
everybody AS (
    SELECT team_id, count(*) AS people FROM records_teammember m
    WHERE joined_at <= %(at)s AND (left_at IS NULL OR left_at > %(at)s) {of_members}
    GROUP BY team_id
)
"""
_OF_TEAMS = "WITH wanted AS (SELECT * FROM unnest(%(teams)s::bigint[], %(rests)s::int[]) AS t(team, rest)),"
_EACH = """
SELECT m.id, coalesce(standing.duty, 'standby'), coalesce(standing.is_there, false)
FROM records_teammember m LEFT JOIN standing ON standing.id = m.id
WHERE m.joined_at <= %(at)s AND (m.left_at IS NULL OR m.left_at > %(at)s) {of_members}
"""
_COUNTED = """
SELECT everybody.team_id, duty, n, n_there, people
FROM everybody LEFT JOIN (
    SELECT team_id, duty, count(*) AS n, count(*) FILTER (WHERE is_there) AS n_there
    FROM standing GROUP BY team_id, duty
) AS counted USING (team_id)
"""
# The teams that an area keeps or has borrowed, each with the standard of its kind where it is kept.
_OF_AREA = """
WITH lent AS (
    SELECT team_id, to_area_code FROM records_teamloan
    WHERE lent_at <= %(at)s AND starts_at <= %(at)s AND ends_at > %(at)s
      AND (recalled_at IS NULL OR recalled_at > %(at)s)
),
wanted AS (
    SELECT t.id AS team, t.kind, t.in_closed_loop, left(t.area_code, 6) AS own,
           left(coalesce(lent.to_area_code, t.area_code), 6) AS works,
           standard.people, coalesce(standard.rest, 0) AS rest
    FROM records_team t
    LEFT JOIN lent ON lent.team_id = t.id
    LEFT JOIN unnest(%(owns)s::text[], %(kinds)s::text[], %(people)s::int[], %(rests)s::int[])
        AS standard(own, kind, people, rest) ON standard.own = left(t.area_code, 6) AND standard.kind = t.kind
    WHERE t.registered_at <= %(at)s AND (t.disbanded_at IS NULL OR t.disbanded_at > %(at)s)
      AND (t.area_code LIKE %(area)s OR lent.to_area_code LIKE %(area)s)
),
"""
_BY_PLACE = """
, counted AS (
    SELECT team_id,
           count(*) FILTER (WHERE duty = 'on_duty') AS on_duty,
           count(*) FILTER (WHERE is_there) AS reported,
           count(*) FILTER (WHERE duty = 'resting') AS resting,
           count(*) FILTER (WHERE duty IN ('away', 'apart')) AS away,
           count(*) FILTER (WHERE duty NOT IN ('on_duty', 'standby')) AS busy,
           count(*) FILTER (WHERE duty = 'loop') AS inside
    FROM standing GROUP BY team_id
)
SELECT wanted.works, wanted.own, wanted.kind, count(*),
       count(*) FILTER (
           WHERE everybody.people - coalesce(busy, 0) + CASE WHEN in_closed_loop THEN coalesce(inside, 0) ELSE 0 END
                 >= wanted.people
       ),
       coalesce(sum(everybody.people), 0)::int, coalesce(sum(on_duty), 0)::int, coalesce(sum(reported), 0)::int,
       coalesce(sum(resting), 0)::int, coalesce(sum(away), 0)::int
FROM wanted LEFT JOIN everybody ON everybody.team_id = wanted.team
LEFT JOIN counted ON counted.team_id = wanted.team
GROUP BY wanted.works, wanted.own, wanted.kind
"""


@dataclass(frozen=True, slots=True)
class Strength:
    """The people of a team by how they stand, and how many of those on duty have reported."""

    by_duty: Mapping[Duty, int]
    reported: int

    @property
    def people(self) -> int:
        """Count all."""
        return sum(self.by_duty.values())

    def of(self, *duties: Duty) -> int:
        """Count those who stand in one of these ways."""
        return sum(self.by_duty.get(one, 0) for one in duties)

    def able(self, *, in_closed_loop: bool) -> int:
        """Count who could go now: on duty or standing by; of a team inside the loop, whoever is inside too."""
        inside = self.of(Duty.LOOP) if in_closed_loop else 0
        return self.of(Duty.ON_DUTY, Duty.STANDBY) + inside


@dataclass(frozen=True, slots=True)
class Placed:
    """The teams of a kind that one county keeps and that work in one, with how their people stand."""

    works: str
    own: str
    kind: str
    teams: int
    ready: int
    people: int
    on_duty: int
    reported: int
    resting: int
    away: int


def of_area(area_code: str, standards: Mapping[tuple[str, str], tuple[int, int]], *, as_of: datetime) -> list[Placed]:
    """
    Count the teams that an area keeps or has borrowed, by where they work, where they are kept, and kind.

    `standards` gives by county and kind the people of a complete team and the hours of rest; a team without a standard
    is never ready.
    """
    told = {
        "area": f"{area_code}%",
        "owns": [own for own, _ in standards],
        "kinds": [kind for _, kind in standards],
        "people": [people for people, _ in standards.values()],
        "rests": [rest for _, rest in standards.values()],
    }
    question = _OF_AREA + _MEMBERS.format(of_shifts="", of_members="") + _BY_PLACE
    return [Placed(*row) for row in _answered(question, told, as_of)]


def of_members(rests: Mapping[int, int], *, as_of: datetime) -> dict[int, tuple[Duty, bool]]:
    """Say how each member of some teams stands, and whether they reported. `rests`: hours of rest by team."""
    rows = _asked(_EACH, rests, as_of)
    return {key: (_duty(duty), is_there) for key, duty, is_there in rows}


def of_teams(rests: Mapping[int, int], *, as_of: datetime) -> dict[int, Strength]:
    """Count the members of teams by how they stand; a team without members is left out. `rests`: hours by team."""
    counts: dict[int, dict[Duty, int]] = {}
    reported: dict[int, int] = {}
    for team, duty, n, n_there, people in _asked(_COUNTED, rests, as_of):
        told = counts.setdefault(team, {Duty.STANDBY: people})
        if duty is not None and _duty(duty) != Duty.STANDBY:
            told[_duty(duty)] = n
            told[Duty.STANDBY] -= n
        reported[team] = reported.get(team, 0) + (n_there or 0)
    return {team: Strength(_some(by_duty), reported[team]) for team, by_duty in counts.items()}


def _some(by_duty: Mapping[Duty, int]) -> dict[Duty, int]:
    return {one: n for one, n in by_duty.items() if n}


def _asked(question: str, rests: Mapping[int, int], as_of: datetime) -> list[tuple]:
    if not rests:
        return []
    # Of some teams only their own shifts and members are read.
    own = {
        "of_shifts": "AND member_id IN (SELECT id FROM records_teammember WHERE team_id = ANY(%(teams)s))",
        "of_members": "AND m.team_id = ANY(%(teams)s)",
    }
    told = {"teams": list(rests), "rests": list(rests.values())}
    return _answered(_OF_TEAMS + (_MEMBERS + question).format(**own), told, as_of)


def _answered(question: str, told: dict[str, Any], as_of: datetime) -> list[tuple]:
    told |= {"at": as_of, "day": timezone.localtime(as_of).date(), "longest": max(told["rests"], default=0)}
    with connection.cursor() as cursor:
        cursor.execute(question, told)
        found: list[tuple] = cursor.fetchall()
    return found


def _duty(code: str) -> Duty:
    return next(word for word in Duty if word == code)
