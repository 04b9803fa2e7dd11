"""
The situation that a question to the simulated city starts from: what the line list and the nowcast say on a day.

Plain numbers, as they are kept with the question. Days count from the day after the one that is known, so that the
last known day is -1.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count
from django.db.models.functions import Substr, TruncDate

from sizao.errors import SizaoError
from sizao.protocol.measures import measures
from sizao.records.models import Area, Outbreak, Stay
from sizao.response import outbreaks
from sizao.response.reports import outlook, what_if_measures
from sizao.response.reports.outlook import Outlook
from sizao.response.reports.outlook_rows import OutlookRows, gather, standing
from sizao.response.reports.outlook_said import Estimate, TooFew
from sizao.terms import AreaLevel, StayKind

LEVELS = (0.025, 0.5, 0.975)
# The counties in which cases were found in the last two weeks are simulated, those with most cases first, up to so many
# people; a province would take hours and changes nothing far away.
RECENT_DAYS, MOST_PEOPLE = 14, 3_000_000
# Cases that fell ill longer ago need neither bed nor room any more.
LOOKED_BACK_DAYS = 30
COUNTY_DIGITS, VILLAGE_DIGITS = 6, 12
# The committee of a village, in the full names of the official list; that of an urban community is called otherwise.
RURAL = "村民委员会"
# Where no nowcast can be made, as many again as were found in the last week are taken not to be found yet, from a third
# to three times as many. An assumption, and told as one.
UNSEEN_FACTORS = (1 / 3, 1.0, 3.0)
# And where nobody can say how fast it spreads: about the number at which it neither grows nor shrinks.
REPRODUCTION_UNKNOWN = (0.6, 1.1, 2.0)


class NobodyToStartFrom(SizaoError):
    code = "what_if.nobody.conflict"
    message = (
        "No case of this area was found in the {days} days up to {day}, so there is no situation to start from. Choose "
        "another day."
    )


class PopulationUnknown(SizaoError):
    code = "what_if.population.conflict"
    message = "The register knows no population of the counties with cases ({areas}). Load it, then ask again."


@dataclass(frozen=True, slots=True)
class Situation:
    """
    What is known on a day. `counties`: code, people, cases of the last two weeks, name; `left_out` cases of counties
    whose population is not known, or that would make the city too great. `onsets` and `missing`: by day, the
    last is day -1; found, and the share of those not found yet. `not_found` and `reproduction` at LEVELS.
    `interval[k]`: chance that a case falls ill k days after the one who infected it. `kept`: share of the cases of
    last week that were kept already. `found_onsets`: days, negative. `rooms`: people in rooms by day ahead, of those
    there now. `in_villages`: share of the recent cases with a known village whose community is a village, not an
    urban one; None where no community is known. `assumed`: which of these numbers nobody could estimate.
    """

    counties: tuple[tuple[str, int, int, str], ...]
    left_out: int
    cases: int
    onsets: tuple[float, ...]
    missing: tuple[float, ...]
    not_found: tuple[float, float, float]
    reproduction: tuple[float, float, float]
    interval: tuple[float, ...]
    kept: float
    found_onsets: tuple[int, ...]
    rooms: tuple[int, ...]
    edition: str
    assumed: tuple[str, ...]
    in_villages: float | None = None

    def plain(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return asdict(self)


def read(outbreak: Outbreak, area_code: str, *, day: date, as_of: datetime) -> tuple[Situation, dict[str, Any]]:
    """
    Read the situation of an area on a day, and the measures of today as a policy says them.

    Raise NobodyToStartFrom, PopulationUnknown, or what reading the outlook raises.
    """
    known = outlook.read(outbreak, area_code, day=day, as_of=as_of)
    rows = gather(outbreak, area_code, day=day, as_of=as_of)
    rules = outbreaks.rules_at(outbreak, as_of, area_code=area_code)
    onsets, missing, not_found, assumed = _curve(known, rows)
    reproduction = _ends(known.reproduction.latest)
    if reproduction is None:
        assumed, reproduction = (*assumed, "reproduction"), REPRODUCTION_UNKNOWN
    week, counties, left_out = known.found, *_counties(outbreak, area_code, day=day, as_of=as_of)
    found = Situation(
        counties=counties,
        left_out=left_out,
        cases=rows.n_cases,
        onsets=onsets,
        missing=missing,
        not_found=not_found,
        reproduction=reproduction,
        interval=known.serial.chances,
        kept=week.n_isolated_before_week / week.n_week if week.n_week else 0.0,
        found_onsets=_found_onsets(rows),
        rooms=_rooms(area_code, as_of),
        edition=rules.edition,
        assumed=assumed,
        in_villages=_in_villages(outbreak, area_code, day=day, as_of=as_of),
    )
    codes = [code for code, *_ in counties]
    today = {
        **what_if_measures.measured(known),
        **dict(measures(rules.values)),
        **what_if_measures.standing(outbreak, codes, day=day, as_of=as_of),
    }
    return found, {key: list(value) if isinstance(value, tuple) else value for key, value in today.items()}


def _curve(
    known: Outlook, rows: OutlookRows
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, float, float], tuple[str, ...]]:
    """Give onsets by day, where those not found yet lie, how many they are, and what of it was assumed."""
    curve = known.curve
    if isinstance(curve, TooFew):
        # By day of being found, which is the nearest thing to an onset.
        by_day = tuple(float(n) for n in rows.found_by_day().values())
    else:
        by_day = tuple(float(one + more) for one, more in zip(curve.known, curve.placed, strict=True))
        if isinstance(curve.not_found, Estimate):
            unseen = np.array([middle or 0.0 for middle in curve.median]) - np.array(by_day)
            unseen = np.maximum(unseen, 0)
            shares = unseen / unseen.sum() if unseen.sum() > 0 else _week(len(by_day))
            ends = _ends(curve.not_found)
            assert ends is not None
            return by_day, tuple(shares.tolist()), ends, ()
    recent = max(known.found.n_week, 1)
    low, middle, high = (recent * factor for factor in UNSEEN_FACTORS)
    return by_day, tuple(_week(len(by_day)).tolist()), (low, middle, high), ("not_found",)


def _week(n_days: int) -> np.ndarray:
    """Spread evenly over the last week."""
    shares = np.zeros(n_days)
    shares[-7:] = 1 / min(n_days, 7)
    return shares


def _ends(told: Estimate | TooFew) -> tuple[float, float, float] | None:
    return None if isinstance(told, TooFew) else (told.lower, told.value, told.upper)


def _counties(
    outbreak: Outbreak, area_code: str, *, day: date, as_of: datetime
) -> tuple[tuple[tuple[str, int, int, str], ...], int]:
    """Choose the counties that are simulated, and count the recent cases of those that are not."""
    since = day - timedelta(days=RECENT_DAYS)
    recent = standing(outbreak, area_code, as_of).annotate(
        found=TruncDate("case__opened_at"), county=Substr("case__area_code", 1, COUNTY_DIGITS)
    )
    grouped = recent.filter(found__gt=since).order_by().values("county").annotate(n=Count("id"))
    counted = Counter({row["county"]: row["n"] for row in grouped})
    if not counted:
        raise NobodyToStartFrom(days=RECENT_DAYS, day=day)
    areas = Area.objects.at_level(AreaLevel.COUNTY).filter(code__in=counted, population__gt=0)
    known = {area.code: area for area in areas}
    chosen: list[tuple[str, int, int, str]] = []
    for code, n in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        area = known.get(code)
        if area is not None and (not chosen or sum(one[1] for one in chosen) + area.population <= MOST_PEOPLE):
            chosen.append((code, area.population, n, area.short_name))
    if not chosen:
        raise PopulationUnknown(areas=", ".join(sorted(counted)))
    return tuple(chosen), counted.total() - sum(one[2] for one in chosen)


def _in_villages(outbreak: Outbreak, area_code: str, *, day: date, as_of: datetime) -> float | None:
    """Say the share of recent cases that live in villages, among those whose community is known."""
    recent = standing(outbreak, area_code, as_of).annotate(found=TruncDate("case__opened_at"))
    codes = recent.filter(found__gt=day - timedelta(days=RECENT_DAYS)).values_list("case__area_code", flat=True)
    counted = Counter(code for code in codes if len(code) == VILLAGE_DIGITS)
    names = dict(Area.objects.filter(code__in=counted).values_list("code", "name"))
    known = sum(counted[code] for code in names)
    rural = sum(counted[code] for code, name in names.items() if RURAL in name)
    return rural / known if known else None


def _found_onsets(rows: OutlookRows) -> tuple[int, ...]:
    """Give the onsets of the cases that may still need a bed; where it is not known, the day of being found."""
    days = [
        ((one.onset or one.found) - rows.day).days - 1
        for one in rows.cases
        for _ in range(one.count)
        if one.found > rows.day - timedelta(days=LOOKED_BACK_DAYS)
    ]
    return tuple(sorted(day for day in days if day < 0))


def _rooms(area_code: str, as_of: datetime) -> tuple[int, ...]:
    """Count those in quarantine rooms now on each day ahead; whose end is not known stays to the end of two weeks."""
    stays = Stay.objects.current(as_of).filter(
        kind=StayKind.ROOM, area_code__startswith=area_code, recorded_at__lte=as_of
    )
    ends_at = stays.values_list("period__endswith", flat=True)
    left = [RECENT_DAYS if ends is None else min((ends - as_of).days, RECENT_DAYS) for ends in ends_at]
    return tuple(sum(days >= ahead for days in left) for ahead in range(1, RECENT_DAYS + 1))
