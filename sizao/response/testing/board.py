"""
The live board of a round: sites with their queues, areas, tubes on their way, laboratories, and when it ends.

All of it figures, no names. What is expected of an hour is the accepted plan's: its tables at its pace, in opening
hours from the moment the round was opened. What came is counted. A board of a past moment says what was known then.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from math import isfinite

import numpy as np
from django.db import connection
from django.db.models import Max, Sum
from django.db.models.functions import Left
from django.utils import timezone

from sizao.engines.planning.finishing import NoHoursYet, finishing
from sizao.records.models import Area, HandOver, LabRun, TestingCount, TestingRound, TubeStep
from sizao.response.testing import chain, coverage
from sizao.response.testing.chain import LaboratoryLoad, OnTheWay
from sizao.response.testing.coverage import Coverage
from sizao.terms import AREA_DIGITS, RoundState

HOUR = timedelta(hours=1)
# A round is as good as through at this share; the rest is a matter of doors.
GOAL = 0.98
LAST_HOURS, HOURS_AHEAD = 4, 96
MOST_UNITS = 300
OPENS, CLOSES = 6, 22  # where no plan says when tables are open
# Above so many swabs, people at a site are counted by tubes and how full tubes are on the whole.
COUNTED_SWABS = 300_000
SEED = 20_210_106  # the same knowledge gives the same forecast
LEVELS = sorted(AREA_DIGITS.values())


@dataclass(frozen=True, slots=True)
class SiteNow:
    """
    A site at a moment: people of the plan in all and by now, people registered, and those of the last hour.

    `queue` are those who should have come by now and did not; None where no plan says.
    """

    number: int
    name: str
    at: tuple[float, float] | None
    area_code: str
    tables: int
    people: int | None
    by_now: float | None
    registered: int
    last_hour: int

    @property
    def queue(self) -> int | None:
        return None if self.by_now is None else max(0, round(self.by_now) - self.registered)


@dataclass(frozen=True, slots=True)
class Spot:
    """Sites of one area drawn as one: how many, where they are on the whole, and their sums."""

    area_code: str
    n_sites: int
    at: tuple[float, float]
    tables: int
    queue: int | None
    registered: int
    last_hour: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the goal is reached; None for a moment beyond the days looked ahead."""

    middle: datetime | None
    low: datetime | None
    high: datetime | None
    pace: float


@dataclass(frozen=True, slots=True)
class Board:
    """What a board shows of a round, or of a part of it."""

    total: Coverage
    areas: Sequence[tuple[str, Coverage]]
    sites: Sequence[SiteNow]
    is_counted_by_tubes: bool
    on_the_way: OnTheWay
    loads: Sequence[LaboratoryLoad]
    forecast: Forecast | None
    planned_by_now: float | None


def read(testing_round: TestingRound, *, as_of: datetime, within: str) -> Board:
    """Read the board of a round, or of an area of it."""
    digits = next((level for level in LEVELS if level > len(within)), LEVELS[-1])
    areas = coverage.by_area(testing_round, as_of=as_of, digits=digits, within=within)
    total = sum(areas.values(), Coverage())
    is_over = testing_round.state_at(as_of) is RoundState.ARCHIVED
    by_tubes = total.registered + total.others > COUNTED_SWABS
    sites = [] if is_over else _sites(testing_round, total, as_of, within, by_tubes=by_tubes)
    planned = [one.by_now for one in sites if one.by_now is not None]
    return Board(
        total=total,
        areas=[(code, one) for code, one in areas.items() if one.expected],
        sites=sites,
        is_counted_by_tubes=by_tubes,
        on_the_way=OnTheWay(0, 0, None) if is_over else chain.on_the_way(testing_round, as_of, within=within),
        loads=[] if is_over else chain.laboratory_load(testing_round, as_of),
        forecast=forecast(testing_round, as_of=as_of, within=within),
        planned_by_now=sum(planned) if planned else None,
    )


def version(testing_round: TestingRound, *, as_of: datetime, within: str) -> str:
    """Name the state that a board would show, at little cost: it changes with what came, and with every minute."""
    counts = TestingCount.objects.filter(round=testing_round, latest_at__lte=as_of)
    held = [
        testing_round.pk, within, f"{as_of:%Y-%m-%d %H:%M}", testing_round.opened_at, testing_round.closed_at,
        counts.aggregate(latest=Max("latest_at"), came=Sum("registered")),
        HandOver.objects.aggregate(latest=Max("pk")),
        TubeStep.objects.filter(round=testing_round).aggregate(latest=Max("recorded_at")),
        LabRun.objects.aggregate(latest=Max("pk"), released=Max("released_at")),
    ]  # fmt: skip
    return hashlib.sha256(repr(held).encode()).hexdigest()[:24]


# --- Sites -------------------------------------------------------------------------------------


def _sites(found: TestingRound, total: Coverage, as_of: datetime, within: str, *, by_tubes: bool) -> list[SiteNow]:
    came = _by_tubes(found, total, as_of) if by_tubes else _by_swabs(found, as_of)
    hours, pace = _open_hours(found, as_of), (found.plan or {}).get("people_per_table_hour")
    rows = found.sites.filter(area_code__startswith=within, added_at__lte=as_of).order_by("number")
    # As plain values: a city has 14,000 sites.
    told = rows.values_list(
        "pk", "number", "place__name", "place__longitude", "place__latitude", "area_code", "n_tables", "people"
    )
    return [
        SiteNow(
            number=number,
            name=name,
            at=None if latitude is None else (longitude, latitude),
            area_code=area_code,
            tables=tables,
            people=people,
            by_now=None if None in (hours, pace, people) else min(people, hours * pace * tables),
            registered=came.get(key, (0, 0))[0],
            last_hour=came.get(key, (0, 0))[1],
        )
        for key, number, name, longitude, latitude, area_code, tables, people in told
    ]


def spots(sites: Sequence[SiteNow], *, most: int) -> list[Spot]:
    """Draw sites together by the smallest areas of which there are at most so many; those without a place are left."""
    placed = [one for one in sites if one.at is not None]
    found: dict[str, list[SiteNow]] = {}
    for digits in reversed(LEVELS):
        found = {}
        for one in placed:
            found.setdefault(one.area_code[:digits], []).append(one)
        if len(found) <= most:
            break
    return [_spot(code, together) for code, together in sorted(found.items())]


def _spot(code: str, together: Sequence[SiteNow]) -> Spot:
    queues = [one.queue for one in together if one.queue is not None]
    east, north = np.mean([one.at for one in together], axis=0).tolist()
    return Spot(
        area_code=code,
        n_sites=len(together),
        at=(round(east, 5), round(north, 5)),
        tables=sum(one.tables for one in together),
        queue=sum(queues) if queues else None,
        registered=sum(one.registered for one in together),
        last_hour=sum(one.last_hour for one in together),
    )


def _by_swabs(found: TestingRound, as_of: datetime) -> dict[int, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_SWABS, {"round": found.pk, "as_of": as_of, "since": as_of - HOUR})
        return {site: (count, late) for site, count, late in cursor.fetchall()}


_SWABS = """
    SELECT t.site_id, count(*), count(*) FILTER (WHERE s.taken_at > %(since)s)
    FROM records_swab s JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
    WHERE s.round_id = %(round)s AND t.round_id = %(round)s AND s.recorded_at <= %(as_of)s AND NOT s.is_double
        AND NOT s.is_recall AND t.site_id IS NOT NULL
    GROUP BY 1
"""


def _by_tubes(found: TestingRound, total: Coverage, as_of: datetime) -> dict[int, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_TUBES, {"round": found.pk, "as_of": as_of, "since": as_of - HOUR})
        rows = cursor.fetchall()
    tubes = sum(count for _, count, _ in rows)
    filled = (total.registered + total.others) / tubes if tubes else 0.0
    return {site: (round(count * filled), round(late * filled)) for site, count, late in rows if site is not None}


_TUBES = """
    SELECT site_id, count(*), count(*) FILTER (WHERE opened_at > %(since)s) FROM records_tube
    WHERE round_id = %(round)s AND opened_at <= %(as_of)s GROUP BY 1
"""


def _open_hours(found: TestingRound, as_of: datetime) -> float | None:
    """Count the hours in which tables were open since the round was; None where no plan says how fast they go."""
    if not found.plan or found.opened_at is None or found.opened_at > as_of:
        return None
    until, hours = min(as_of, found.closed_at or as_of), 0.0
    start = found.opened_at
    while start < until:
        end = min(start.replace(minute=0, second=0, microsecond=0) + HOUR, until)
        if _is_open(found, start):
            hours += (end - start) / HOUR
        start = end
    return hours


# --- When it will be through -------------------------------------------------------------------


def forecast(testing_round: TestingRound, *, as_of: datetime, within: str) -> Forecast | None:
    """
    Say when 98 % of those expected will be registered, with an interval of 80 %.

    None before a whole hour is over, once the round is closed, and where nobody is expected.
    """
    if testing_round.state_at(as_of) is not RoundState.OPEN:
        return None
    rows = _by_unit(testing_round, as_of, within)
    units = sorted({area for area, *_ in rows})
    place = {area: n for n, area in enumerate(units)}
    expected, registered = np.zeros(len(units)), np.zeros(len(units))
    this_hour = as_of.replace(minute=0, second=0, microsecond=0)
    seen = _hours_seen(testing_round, this_hour)
    by_hour = np.zeros((len(seen), len(units)))
    for area, hour, wanted, came in rows:
        expected[place[area]] += wanted
        registered[place[area]] += came
        if hour in seen:
            by_hour[seen.index(hour), place[area]] += came
    if not expected.sum():
        return None
    try:
        told = finishing(
            np.maximum(expected, 0), registered, by_hour, goal=GOAL,
            open_ahead=np.array([_is_open(testing_round, as_of + n * HOUR) for n in range(HOURS_AHEAD)]),
            rng=np.random.default_rng(SEED),
        )  # fmt: skip
    except NoHoursYet:
        return None
    ends = (None if not isfinite(one) else as_of + one * HOUR for one in (told.middle, told.low, told.high))
    return Forecast(*ends, pace=told.pace)


def _by_unit(found: TestingRound, as_of: datetime, within: str) -> list[tuple[str, datetime, int, int]]:
    """Count by area and hour, areas as small as there are not too many of; explained ones are not waited for."""
    known = TestingCount.objects.filter(round=found, latest_at__lte=as_of, area_code__startswith=within)
    finer = [level for level in LEVELS if level > len(within)] or [LEVELS[-1]]
    # As the register has them: to find them among the counts of all hours takes longer than to sum these.
    inside = Counter(map(len, Area.objects.filter(code__startswith=within).values_list("code", flat=True)))
    few = takewhile(lambda level: inside[level] <= MOST_UNITS, finer[1:])
    digits = max((finer[0], *few))
    grouped = known.annotate(unit=Left("area_code", digits)).values("unit", "hour")
    rows = grouped.annotate(wanted=Sum("expected") - Sum("explained"), came=Sum("registered"))
    return [(row["unit"], row["hour"], row["wanted"], row["came"]) for row in rows]


def _hours_seen(found: TestingRound, this_hour: datetime) -> list[datetime]:
    """List the last whole hours in which tables were open, since the round was."""
    begins = found.opened_at.replace(minute=0, second=0, microsecond=0)
    if found.opened_at > begins:
        begins += HOUR  # an hour that it was open for a part of would look slow
    hours, hour = [], this_hour - HOUR
    while hour >= begins and len(hours) < LAST_HOURS:
        if _is_open(found, hour):
            hours.append(hour)
        hour -= HOUR
    return hours


def _is_open(found: TestingRound, moment: datetime) -> bool:
    opens, closes = (found.plan or {}).get("open_hours") or (OPENS, CLOSES)
    return opens <= timezone.localtime(moment).hour < closes
