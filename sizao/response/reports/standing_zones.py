"""Zones and official lists as they stood at a moment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sizao.records.models import OfficialArea, Outbreak, Zone, ZoneChange
from sizao.terms import ZoneAct, ZoneLevel, ZoneState

# What an act makes of a zone; extending and re-grading leave its state as it is.
STATE_AFTER = {
    ZoneAct.PROPOSED: ZoneState.PROPOSED,
    ZoneAct.APPROVED: ZoneState.APPROVED,
    ZoneAct.PUBLISHED: ZoneState.PUBLISHED,
    ZoneAct.DECLINED: ZoneState.DECLINED,
    ZoneAct.LIFTED: ZoneState.LIFTED,
}
OVER = frozenset({ZoneState.DECLINED, ZoneState.LIFTED})


@dataclass(frozen=True, slots=True)
class StandingZone:
    """
    One zone at a moment: its grade and state of then, and the day from which it may lift.

    `proposed_date` is the day on which it was first proposed, `expected_until` the last day that was stated for it,
    `changed_at` its latest change by then, and `may_be_lifted` says whether its day had come.
    """

    id: int
    name: str
    area_code: str
    unit: str
    level: ZoneLevel
    state: ZoneState
    proposed_date: date
    may_lift_date: date | None
    expected_until: date | None
    changed_at: datetime
    may_be_lifted: bool

    @property
    def is_over(self) -> bool:
        """Whether it has been lifted or declined by then."""
        return self.state in OVER


def zones_at(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> list[StandingZone]:
    """Read every zone proposed by `as_of` in an area, as it stood then; those that are over included."""
    changes = (
        ZoneChange.objects.filter(zone__outbreak=outbreak, zone__area_code__startswith=area_code, at__lte=as_of)
        .select_related("zone")
        .order_by("zone_id", "at", "id")
    )
    histories = (list(group) for _, group in groupby(changes, key=lambda change: change.zone_id))
    return [
        standing_at(history[0].zone, history, day=outbreak.day_of(as_of), outbreak=outbreak) for history in histories
    ]


def standing_at(zone: Zone, acts: Sequence[ZoneChange], *, day: date, outbreak: Outbreak) -> StandingZone:
    """Say how a zone stood on a day, from its history until then in the order of time."""
    states = [STATE_AFTER[ZoneAct(one.act)] for one in acts if one.act in STATE_AFTER]
    latest = acts[-1]
    return StandingZone(
        id=zone.pk,
        name=zone.name,
        area_code=zone.area_code,
        unit=zone.unit,
        level=ZoneLevel(latest.level),
        state=states[-1] if states else ZoneState.PROPOSED,
        proposed_date=outbreak.day_of(acts[0].at),
        may_lift_date=latest.may_lift_date,
        expected_until=date.fromisoformat(until) if (until := latest.content.get("expected_until")) else None,
        changed_at=latest.at,
        may_be_lifted=latest.may_lift_date is not None and latest.may_lift_date <= day,
    )


def standing(zones: Iterable[StandingZone]) -> Iterator[StandingZone]:
    """Keep the zones that are neither lifted nor declined."""
    return (zone for zone in zones if not zone.is_over)


def in_force(
    official: Iterable[OfficialArea], zones: Iterable[StandingZone]
) -> tuple[list[OfficialArea], list[StandingZone]]:
    """
    Keep the risk areas that hold: those of the authority's list, and the zones published here.

    This is the one rule by which the command centre and the situation report count risk areas; what is proposed or
    approved holds for nobody yet.
    """
    return list(official), [one for one in zones if one.state is ZoneState.PUBLISHED]


def official_on(outbreak: Outbreak, area_code: str, *, day: date) -> list[OfficialArea]:
    """Read the areas that the authority's list of a day named, gravest first."""
    listed = OfficialArea.objects.filter(
        outbreak=outbreak, area_code__startswith=area_code, first_date__lte=day, last_date__gte=day
    )
    return sorted(listed, key=lambda area: (area.level != ZoneLevel.HIGH, area.area_code, area.name))
