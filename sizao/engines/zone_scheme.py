"""
The values that zoning works with: what ties cases to areas, what the edition says, what is proposed.

Day 0 is the day on which the last new case was found; n days without a new case are over at 24:00 of
day n, so an area may change its level on day n + 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sizao.terms import AREA_DIGITS, AreaLevel, ZoneLevel, ZoneReason

RANK = {ZoneLevel.LOW: 0, ZoneLevel.MEDIUM: 1, ZoneLevel.HIGH: 2}


def strictest(levels: Iterable[ZoneLevel]) -> ZoneLevel | None:
    """Give the strictest of the levels, or None when there is none."""
    return max(levels, key=RANK.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class RiskTie:
    """
    What ties a case to an area: it lives there, or it was there in its infectious days.

    `found_date` is the day on which the case became known. `counted` says whether it counts towards
    the threshold of a county (confirmed cases in most schemes).
    """

    case: int
    area_code: str
    found_date: date
    lives_there: bool = True
    counted: bool = True


@dataclass(frozen=True, slots=True)
class CountyRule:
    """
    Grade a whole county by its cases (the county classes of 2020).

    Strict when more than `more_than_cases` are known in all and a cluster, which is `cluster_cases` in
    one smallest unit within `cluster_days`, is recent; middle when there are as many and no cluster,
    while new cases are recent.
    """

    more_than_cases: int
    cluster_cases: int
    cluster_days: int
    with_cluster: ZoneLevel = ZoneLevel.HIGH
    without_cluster: ZoneLevel = ZoneLevel.MEDIUM


@dataclass(frozen=True, slots=True)
class Scheme:
    """
    The edition's choices. None switches a rule off.

    `lift_days` are days without a new case. `step_down_days` are further days on the middle level after
    the strict one. `widen_*` say from how many affected parts on a township or county is named as a whole.
    `restarts` says that a new case anywhere in a zone restarts the clock of all of it; otherwise each part
    keeps its own clock, so that a zone can be lifted in part.
    """

    home_level: ZoneLevel
    place_level: ZoneLevel | None
    rest_level: ZoneLevel | None
    lift_days: Mapping[ZoneLevel, int]
    step_down_days: int | None = None
    unit_digits: int = AREA_DIGITS[AreaLevel.VILLAGE]
    county: CountyRule | None = None
    widen_street_from_units: int | None = None
    widen_county_from_streets: int | None = None
    restarts: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact for a proposal; `area_code` says where, `threshold` what it was measured against."""

    kind: ZoneReason
    count: int
    first_date: date
    last_date: date
    area_code: str
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A smallest unit inside a proposed area, with its own clock."""

    area_code: str
    n_cases: int
    first_date: date
    last_date: date
    may_lift_on: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    An area that needs a level now.

    `since` is the day on which it first needed this area without a break, `last_date` the day of the
    last new case. `may_step_down_on` is the first day on which a strict area may become a middle one
    (None when the scheme knows no such step or the area is past it), `may_lift_on` the first day on
    which it may be lifted, both if nothing new is found.
    """

    area_code: str
    unit: AreaLevel
    level: ZoneLevel
    since: date
    last_date: date
    may_step_down_on: date | None
    may_lift_on: date
    reasons: tuple[Reason, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The proposals of a day, and the ties whose area is not known finely enough to zone."""

    proposals: tuple[Proposal, ...]
    unplaced: tuple[RiskTie, ...]
