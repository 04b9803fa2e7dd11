"""What officers do with zones: propose, draw, extend, re-grade, change, redraw; and what lifting still lacks."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.api.zoning import OneZone, found_zone, one_zone
from sizao.response import zoning
from sizao.terms import LiftCondition, Right, ZoneLevel, ZoneMeasure

router = Router(tags=["zoning"])
AREA = r"^\d{2,12}$"
MOST_CORNERS = 500


class AskedOptions(Asked):
    """Of which area the choices are asked (without one: the account's own), and whether wider units may be named."""

    area: str | None = Field(None, pattern=AREA)
    unclear: bool = False


class ZoneDecisionIn(Schema):
    """What is asked for: the level, the measures, the law, how long it is expected to last, and why."""

    level: ZoneLevel
    measures: list[ZoneMeasure] = Field(max_length=20)
    legal_basis: str = Field(max_length=300)
    expected_until: date | None = None
    reason: str = Field("", max_length=300)

    def decision(self) -> zoning.Decision:
        """Give it as the stage takes it."""
        return zoning.Decision(self.level, tuple(self.measures), self.legal_basis, self.expected_until)


class ProposalIn(ZoneDecisionIn):
    """Units of an area to propose, by the keys of the choices; `unclear` lets wider units be named."""

    area: str = Field(pattern=AREA)
    units: list[str] = Field(min_length=1, max_length=500)
    unclear: bool = False


class Polygon(Schema):
    """A GeoJSON polygon of one ring, closed: longitude and latitude of each corner."""

    type: str = Field(pattern="^Polygon$")
    coordinates: list[list[list[float]]] = Field(min_length=1, max_length=1)


class DrawnIn(ZoneDecisionIn):
    """An outline drawn on a map."""

    area: str = Field(pattern=AREA)
    name: str = Field("", max_length=200)
    boundary: Polygon


class ExtensionIn(Schema):
    """Until when a zone is to last, and why."""

    until: date
    reason: str = Field(max_length=300)


class LevelIn(Schema):
    """The level that a zone is to have."""

    level: ZoneLevel


class MeasuresIn(Schema):
    """What is to hold inside a zone, on which law, and why it is changed."""

    measures: list[ZoneMeasure] = Field(max_length=20)
    legal_basis: str = Field(max_length=300)
    reason: str = Field(max_length=300)


class OutlineIn(Schema):
    """The outline that a drawn zone is to have, and why."""

    boundary: Polygon
    reason: str = Field(max_length=300)


class UnitOut(Schema):
    """A unit of a choice; `people` is null where nobody knows."""

    key: str
    unit: str
    name: str
    area_code: str
    people: int | None
    is_estimated: bool


class OptionOut(Schema):
    """A choice: the share of the risk it holds, whom it touches, what it leaves, and its units."""

    covered: float
    people: int
    points_left: int
    at_least_people: int
    units: list[UnitOut]


class OptionsOut(Schema):
    """The choices of an area, least risk covered first; `unplaced` points no choice can cover."""

    total: int
    unplaced: int
    options: list[OptionOut]


class LiftConditionOut(Schema):
    """One condition of lifting: met or not (null: nobody can tell), what is missing, and the value it rests on."""

    kind: LiftCondition
    met: bool | None
    missing: dict[str, Any]
    basis: dict[str, Any] | None


@router.get("/outbreaks/{slug}/zone-options", response=answers(OptionsOut))
def read_options(request: HttpRequest, slug: str, asked: Query[AskedOptions]) -> Any:
    """Work out which units of an area would hold how much of its risk, and whom each choice touches."""
    within, by = outbreak(request, slug, to=Right.ZONE_PROPOSE), account(request)
    found = zoning.options(
        outbreak=within, area_code=asked.area or by.area_code, by=by, now=asked.moment(request), unclear=asked.unclear
    )
    return {"total": found.total, "unplaced": found.unplaced, "options": [_option(one) for one in found.options]}


def _option(one: Any) -> dict[str, Any]:
    units = [
        {
            "key": str(unit.key), "unit": str(unit.unit), "name": unit.name, "area_code": unit.area_code,
            "people": unit.people, "is_estimated": unit.is_estimated,
        }
        for unit in one.units
    ]  # fmt: skip
    return {
        "covered": round(one.covered, 4), "people": one.people, "points_left": one.points_left,
        "at_least_people": one.at_least_people, "units": units,
    }  # fmt: skip


@router.post("/outbreaks/{slug}/zones/proposed", response=answers(list[OneZone]))
def propose(request: HttpRequest, slug: str, asked: Query[Asked], given: ProposalIn) -> Any:
    """Propose units of an area, each a zone of its own, in the name of the token's account."""
    within = outbreak(request, slug, to=Right.ZONE_PROPOSE)
    at = act_at(request, within, asked)
    made = zoning.propose(
        outbreak=within, area_code=given.area, units=given.units, decision=given.decision(), reason=given.reason,
        unclear=given.unclear, by=account(request), now=at,
    )  # fmt: skip
    return [one_zone(zone, at) for zone in made]


@router.post("/outbreaks/{slug}/zones/drawn", response=answers(OneZone))
def draw(request: HttpRequest, slug: str, asked: Query[Asked], given: DrawnIn) -> Any:
    """Propose an area by its outline."""
    within = outbreak(request, slug, to=Right.ZONE_PROPOSE)
    at = act_at(request, within, asked)
    made = zoning.draw(
        outbreak=within, area_code=given.area, name=given.name, boundary=given.boundary.dict(),
        decision=given.decision(), reason=given.reason, by=account(request), now=at,
    )  # fmt: skip
    return one_zone(made, at)


@router.post("/zones/{number}/extend", response=answers(OneZone))
def extend(request: HttpRequest, number: int, asked: Query[Asked], given: ExtensionIn) -> Any:
    """Let a zone last longer than was stated."""
    found = found_zone(request, number, Right.ZONE_APPROVE)
    at = act_at(request, found.outbreak, asked)
    made = zoning.extend(zone=found, until=given.until, reason=given.reason, by=account(request), now=at)
    return one_zone(made, at)


@router.post("/zones/{number}/regrade", response=answers(OneZone))
def regrade(request: HttpRequest, number: int, asked: Query[Asked], given: LevelIn) -> Any:
    """Change the level of a decided zone."""
    found = found_zone(request, number, Right.ZONE_APPROVE)
    at = act_at(request, found.outbreak, asked)
    return one_zone(zoning.regrade(zone=found, level=given.level, by=account(request), now=at), at)


@router.post("/zones/{number}/measures", response=answers(OneZone))
def change_measures(request: HttpRequest, number: int, asked: Query[Asked], given: MeasuresIn) -> Any:
    """Change what holds inside a zone, or the law it rests on."""
    found = found_zone(request, number, Right.ZONE_PROPOSE)
    at = act_at(request, found.outbreak, asked)
    made = zoning.change_measures(
        zone=found, measures=tuple(given.measures), legal_basis=given.legal_basis, reason=given.reason,
        by=account(request), now=at,
    )  # fmt: skip
    return one_zone(made, at)


@router.post("/zones/{number}/redraw", response=answers(OneZone))
def redraw(request: HttpRequest, number: int, asked: Query[Asked], given: OutlineIn) -> Any:
    """Change the outline of a drawn zone."""
    found = found_zone(request, number, Right.ZONE_PROPOSE)
    at = act_at(request, found.outbreak, asked)
    made = zoning.redraw(
        zone=found, boundary=given.boundary.dict(), reason=given.reason, by=account(request), now=at
    )  # fmt: skip
    return one_zone(made, at)


@router.get("/zones/{number}/conditions", response=answers(list[LiftConditionOut]))
def read_conditions(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Say what must be so before a zone is lifted, and what is still missing."""
    found = found_zone(request, number, Right.SITUATION_READ)
    return [
        {"kind": one.kind, "met": one.met, "missing": one.missing, "basis": one.basis}
        for one in zoning.conditions(found, now=asked.moment(request))
    ]
