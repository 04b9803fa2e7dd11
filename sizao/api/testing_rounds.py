"""Testing rounds, acted on: planned, opened, closed, set aside, destroyed; their sites, their plans, their board."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Schema

from sizao.api.door import Asked, Moment, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.api.testing import CoverageOut, RoundOut, _figures, _found, _round, router
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import TestingPlan, TestingSite
from sizao.response import testing
from sizao.response.testing import board, plan_places, planning, rounds
from sizao.response.testing.plan_places import Candidate, LaboratoryRow, Places, Village
from sizao.response.testing.planning import Means
from sizao.terms import KeyGroup, PlanState, Right

__all__ = ["router"]

East, North = Field(ge=-180, le=180), Field(ge=-90, le=90)


class RoundIn(Schema):
    """A round to be planned: over areas, or of a key group in them."""

    name: str = Field(min_length=1, max_length=100)
    areas: list[str] = Field(min_length=1, max_length=2_000)
    pool_size: int = Field(ge=1, le=100)
    begins_at: Moment
    key_group: KeyGroup | None = None
    household_tubes: bool = False


class Destroyed(Schema):
    """What was destroyed: rows and digests of each table, nothing personal."""

    round: str
    at: datetime
    by: str
    reason: str
    tables: dict[str, dict[str, Any]]
    sealed: int


class TestingSiteIn(Schema):
    """A site to be added to a round by hand."""

    name: str = Field(min_length=1, max_length=100)
    area_code: str = Field(pattern=r"^\d{2,12}$")
    n_tables: int = Field(ge=1, le=200)


class TestingSiteOut(Schema):
    """A site of a round; `people` are those whom the accepted plan sends there."""

    site: int
    number: int
    name: str
    area_code: str
    n_tables: int
    n_samplers: int | None
    people: int | None
    laboratory: str | None
    longitude: float | None
    latitude: float | None
    opens_at: datetime | None
    closes_at: datetime | None


class VillageIn(Schema):
    """Where people live; without a number of people, those on the roster."""

    code: str = Field(pattern=r"^\d{2,12}$")
    people: int | None = Field(None, ge=0, le=50_000_000)
    longitude: float = East
    latitude: float = North


class CandidateIn(Schema):
    """Where a site could be, and the most tables it has room for."""

    name: str = Field(min_length=1, max_length=100)
    area_code: str = Field(pattern=r"^\d{2,12}$")
    tables: int = Field(ge=0, le=200)
    longitude: float = East
    latitude: float = North


class PlannedLaboratoryIn(Schema):
    """A laboratory; without the hours of a run, the edition's."""

    code: str = Field(min_length=1, max_length=20)
    name: str = Field("", max_length=100)
    tubes_per_hour: int = Field(ge=0, le=10_000_000)
    longitude: float = East
    latitude: float = North
    result_hours: float | None = Field(None, ge=0, le=240)


class PlanIn(Schema):
    """What a plan is worked out from; a list that is left out is taken from what is known."""

    villages: list[VillageIn] | None = Field(None, max_length=20_000)
    sites: list[CandidateIn] | None = Field(None, max_length=20_000)
    laboratories: list[PlannedLaboratoryIn] | None = Field(None, max_length=1_000)
    samplers: int | None = Field(None, ge=0, le=10_000_000)
    tubes: int | None = Field(None, ge=0, le=100_000_000)
    people_per_table_hour: float = Field(planning.PEOPLE_PER_TABLE_HOUR, ge=1, le=1000)
    opens: int = Field(6, ge=0, le=23)
    closes: int = Field(22, ge=1, le=24)
    complete_hours: float | None = Field(None, ge=1, le=1000)
    walk_minutes: float | None = Field(None, ge=0, le=600)


class PlanOut(Schema):
    """A plan: how far it is, its sums once it is worked out, what is short (until then, what is whatever the plan)."""

    plan: int
    state: PlanState
    fault: str
    sums: dict[str, Any] | None
    shortages: list[dict[str, Any]]


class SiteNowOut(Schema):
    """A site at a moment; `queue` are those who should have come by now by the plan and did not."""

    number: int
    name: str
    people: int | None
    registered: int
    last_hour: int
    queue: int | None


class ForecastOut(Schema):
    """When 98 % will be registered: the middle and an interval of 80 %; null for later than four days."""

    middle: datetime | None
    low: datetime | None
    high: datetime | None
    pace: float


class BoardOut(Schema):
    """The live board of a round: counts, never names."""

    total: CoverageOut
    sites: list[SiteNowOut]
    forecast: ForecastOut | None


@router.post("/outbreaks/{slug}/rounds", response=answers(RoundOut))
def plan_round(request: HttpRequest, slug: str, asked_for: RoundIn, asked: Query[Asked]) -> Any:
    """Plan a round in the name of the token's account; it touches nobody until it is opened."""
    within = outbreak(request, slug, to=Right.TESTING_PLAN)
    at = act_at(request, within, asked)
    made = testing.plan_round(outbreak=within, by=account(request), now=at, **asked_for.dict())
    return _round(made, at)


@router.post("/outbreaks/{slug}/rounds/{number}/open", response=answers(RoundOut))
def open_round(request: HttpRequest, slug: str, number: str, asked: Query[Asked]) -> Any:
    """Open a round: from now on swabs are registered and its clock runs."""
    return _acted(request, slug, number, asked, testing.open_round)


@router.post("/outbreaks/{slug}/rounds/{number}/close", response=answers(RoundOut))
def close_round(request: HttpRequest, slug: str, number: str, asked: Query[Asked]) -> Any:
    """Close a round, with the number missed on the record."""
    return _acted(request, slug, number, asked, testing.close_round)


@router.post("/outbreaks/{slug}/rounds/{number}/archive", response=answers(RoundOut))
def archive_round(request: HttpRequest, slug: str, number: str, asked: Query[Asked]) -> Any:
    """Set a closed round aside: no list shows its people any more, its figures stay."""
    return _acted(request, slug, number, asked, testing.archive_round)


@router.post("/outbreaks/{slug}/rounds/{number}/destroy", response=answers(Destroyed))
def destroy_round(request: HttpRequest, slug: str, number: str, asked: Query[Asked]) -> Any:
    """Destroy the people, tubes and swabs of a closed round before its last day; the answer is the certificate."""
    within = outbreak(request, slug, to=Right.TESTING_PLAN)
    found = _found(request, within, number)
    return testing.destroy_round(testing_round=found, by=account(request), now=act_at(request, within, asked))


@router.get("/outbreaks/{slug}/rounds/{number}/sites", response=answers(list[TestingSiteOut]))
def list_sites(request: HttpRequest, slug: str, number: str) -> Any:
    """List the sites of a round, in the order of their numbers."""
    found = _found(request, outbreak(request, slug, to=Right.SITUATION_READ), number)
    rows = found.sites.filter(area_code__startswith=rounds.part_of(found, account(request)))
    return [_site(one) for one in rows.select_related("place", "laboratory").order_by("number")]


@router.post("/outbreaks/{slug}/rounds/{number}/sites", response=answers(TestingSiteOut))
def add_site(request: HttpRequest, slug: str, number: str, site: TestingSiteIn, asked: Query[Asked]) -> Any:
    """Add a site by hand."""
    within = outbreak(request, slug, to=Right.TESTING_PLAN)
    found = _found(request, within, number)
    at = act_at(request, within, asked)
    return _site(testing.add_site(testing_round=found, by=account(request), now=at, **site.dict()))


@router.post("/outbreaks/{slug}/rounds/{number}/plans", response=answers(PlanOut))
def ask_plan(request: HttpRequest, slug: str, number: str, asked_for: PlanIn, asked: Query[Asked]) -> Any:
    """Ask for a layout of sites; a small one is answered at once, a large one is worked out beside the requests."""
    within = outbreak(request, slug, to=Right.TESTING_PLAN)
    found, at = _found(request, within, number), act_at(request, within, asked)
    given = asked_for.dict()
    told = [given.pop(name) for name in ("villages", "sites", "laboratories")]
    places = Places(
        plan_places.known_villages(found) if told[0] is None else tuple(Village(**one) for one in told[0]),
        plan_places.known_sites(found) if told[1] is None else tuple(Candidate(**one) for one in told[1]),
        plan_places.known_laboratories(found) if told[2] is None
        else tuple(LaboratoryRow(area_code=found.area_code, **(one | {"name": one["name"] or one["code"]}))
                   for one in told[2]),
    )  # fmt: skip
    plan_places.check(places, found)
    by = account(request)
    made = testing.ask_plan(testing_round=found, places=places, means=Means(**given), by=by, now=at)
    return _plan(testing.work_out_plan(plan=made, by=by, now=at) if planning.is_small(made) else made)


@router.get("/outbreaks/{slug}/rounds/{number}/plans/{plan}", response=answers(PlanOut))
def read_plan(request: HttpRequest, slug: str, number: str, plan: int) -> Any:
    """Say how far a plan is, and what it comes to."""
    return _plan(_one_plan(request, slug, number, plan))


@router.post("/outbreaks/{slug}/rounds/{number}/plans/{plan}/accept", response=answers(list[TestingSiteOut]))
def accept_plan(request: HttpRequest, slug: str, number: str, plan: int, asked: Query[Asked]) -> Any:
    """Accept a plan: its sites become the round's."""
    held = _one_plan(request, slug, number, plan)
    at = act_at(request, held.round.outbreak, asked)
    found = testing.accept_plan(plan=held, by=account(request), now=at)
    return [_site(one) for one in found.sites.select_related("place", "laboratory").order_by("number")]


@router.get("/outbreaks/{slug}/rounds/{number}/board", response=answers(BoardOut))
def read_board(
    request: HttpRequest,
    slug: str,
    number: str,
    asked: Query[Asked],
    area: str | None = Query(None, pattern=r"^\d{2,12}$"),
) -> Any:
    """Read the live board of a round, or of a part of it."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    found, reader = _found(request, within, number), account(request)
    access.require(reader, Right.SITUATION_READ, area_code=area)
    told = board.read(found, as_of=asked.moment(request), within=area or rounds.part_of(found, reader))
    return {
        "total": _figures(told.total),
        "sites": [{name: getattr(one, name) for name in SiteNowOut.model_fields} for one in told.sites],
        "forecast": told.forecast and {name: getattr(told.forecast, name) for name in ForecastOut.model_fields},
    }


def _acted(request: HttpRequest, slug: str, number: str, asked: Asked, verb: Any) -> RoundOut:
    within = outbreak(request, slug, to=Right.TESTING_PLAN)
    at = act_at(request, within, asked)
    return _round(verb(testing_round=_found(request, within, number), by=account(request), now=at), at)


def _one_plan(request: HttpRequest, slug: str, number: str, plan: int) -> TestingPlan:
    found = _found(request, outbreak(request, slug, to=Right.TESTING_PLAN), number)
    held = found.plans.filter(pk=plan).first() if 0 < plan < 2**62 else None
    if held is None:
        raise NotYours(what="plan", area=account(request).area_code)
    return held


def _plan(held: TestingPlan) -> PlanOut:
    answer = held.answer or {"sums": None, "shortages": held.question.get("short_at_least", [])}
    return PlanOut(
        plan=held.pk, state=planning.state_of(held), fault=held.fault, sums=answer["sums"],
        shortages=answer["shortages"],
    )  # fmt: skip


def _site(one: TestingSite) -> TestingSiteOut:
    same = ("number", "area_code", "n_tables", "n_samplers", "people", "opens_at", "closes_at")
    return TestingSiteOut(
        site=one.pk,
        name=one.place.name,
        laboratory=one.laboratory.code if one.laboratory else None,
        longitude=one.place.longitude,
        latitude=one.place.latitude,
        **{name: getattr(one, name) for name in same},
    )
