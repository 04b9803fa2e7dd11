"""Testing rounds: which there are, how far they have come, and the swabs that devices at the tables send."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, Moment, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import Outbreak, TestingRound
from sizao.response import testing
from sizao.response.testing import coverage, rounds
from sizao.response.testing.coverage import Coverage
from sizao.response.testing.incoming import LONGEST_KEY
from sizao.response.testing.swabs import MOST_AT_ONCE
from sizao.terms import AREA_DIGITS, AreaLevel, OddityKind, Right, RoundState, SwabAnswer, TubeKind

router = Router(tags=["testing"])


class RoundOut(Schema):
    """A round, and where it stood at the moment asked for; `missed` is the number on the record once it is closed."""

    number: str
    name: str
    state: RoundState
    area_code: str
    areas: list[str]
    key_group: str | None
    pool_size: int
    household_tubes: bool
    begins_at: datetime
    due_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    missed: int | None
    is_generated: bool
    basis: list[dict[str, Any]]


class CoverageOut(Schema):
    """People expected, registered, resulted and missed; `others` came without being expected here."""

    expected: int
    registered: int
    missed: int
    explained: int
    others: int
    kept_elsewhere: int
    doubled: int
    late: int
    resulted: int
    positive: int
    to_recall: int


class AreaCoverage(Schema):
    """The coverage of one area."""

    area_code: str
    coverage: CoverageOut


class CoveragesOut(Schema):
    """The coverage of a round, or of the part of it that is asked for, in all and by area."""

    number: str
    total: CoverageOut
    areas: list[AreaCoverage]


class SwabIn(Schema):
    """
    One swab, under a key of the device's own.

    Who it was is said by the number on the roster, by an id number, or at least by a name. `taken_at` is by the
    device's clock.
    """

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    tube: str = Field(min_length=1, max_length=40)
    taken_at: Moment
    kind: TubeKind = TubeKind.POOL  # type: ignore[assignment]
    entry: int | None = Field(None, ge=1, le=2**62)
    id_number: str = Field("", max_length=40)
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)
    site: int | None = Field(None, ge=1, le=2**62)
    table: int | None = Field(None, ge=1, le=999)


class OutboxIn(Schema):
    """What waits on a device: up to 500 swabs; `sent_at` is its clock now, by which the moments are set right."""

    sent_at: Moment | None = None
    swabs: list[SwabIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class SwabOut(Schema):
    """What became of a swab. `queued` is kept too, and waits for a person: do not send it again."""

    source_key: str
    answer: SwabAnswer
    oddities: list[OddityKind]
    in_tube: int | None
    tube_size: int | None


class OutboxOut(Schema):
    """What became of each swab, in their order."""

    swabs: list[SwabOut]


@router.get("/outbreaks/{slug}/rounds", response=answers(list[RoundOut]))
def list_rounds(request: HttpRequest, slug: str, asked: Query[Asked]) -> Any:
    """List the testing rounds that concern the jurisdiction, the latest first."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    as_of = asked.moment(request)
    return [_round(one, as_of) for one in rounds.rounds_at(within, account(request), as_of)]


@router.get("/outbreaks/{slug}/rounds/{number}/coverage", response=answers(CoveragesOut))
def read_coverage(
    request: HttpRequest,
    slug: str,
    number: str,
    asked: Query[Asked],
    area: str | None = Query(None, pattern=r"^\d{2,12}$"),
    level: AreaLevel = AreaLevel.COUNTY,  # type: ignore[assignment]
) -> Any:
    """Say how far a round has come, by area: counts of people, the same as its rows."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    reader = account(request)
    found = _found(request, within, number)
    access.require(reader, Right.SITUATION_READ, area_code=area)
    part = area or rounds.part_of(found, reader)
    as_of = asked.moment(request)
    areas = coverage.by_area(found, as_of=as_of, digits=AREA_DIGITS[AreaLevel(level)], within=part)
    return {
        "number": found.number,
        "total": _figures(coverage.total(found, as_of=as_of, within=part)),
        "areas": [{"area_code": code, "coverage": _figures(one)} for code, one in areas.items()],
    }


@router.post("/outbreaks/{slug}/rounds/{number}/swabs", response=answers(OutboxOut))
def send_swabs(request: HttpRequest, slug: str, number: str, outbox: OutboxIn, asked: Query[Asked]) -> Any:
    """
    Register up to 500 swabs; a swab sent again changes nothing and is answered as registered before.

    What is answered is kept. A device holds what was not answered and sends it again, all of it in one request: when
    the platform is slow, requests grow larger and nothing is turned away.
    """
    found = rounds.numbered(slug, number, to=Right.TESTING_REGISTER, by=account(request))
    told = testing.register_at_desk(
        testing_round=found,
        swabs=[testing.SwabSent(**one.dict()) for one in outbox.swabs],
        by=account(request),
        now=act_at(request, found.outbreak, asked),
        sent_at=outbox.sent_at,
    )
    return {
        "swabs": [
            {
                "source_key": one.source_key,
                "answer": one.answer,
                "oddities": list(one.oddities),
                "in_tube": one.in_tube,
                "tube_size": one.tube_size,
            }
            for one in told
        ]
    }


def _found(request: HttpRequest, within: Outbreak, number: str) -> TestingRound:
    by = account(request)
    found = rounds.rounds(by).select_related("outbreak").filter(outbreak=within, number=number).first()
    if found is None:
        raise NotYours(what="round", area=by.area_code)
    return found


def _figures(one: Coverage) -> CoverageOut:
    return CoverageOut(**{name: getattr(one, name) for name in CoverageOut.model_fields})


def _round(one: TestingRound, as_of: datetime) -> RoundOut:
    state = one.state_at(as_of)
    closed = one.closed_at is not None and one.closed_at <= as_of
    opened = one.opened_at is not None and one.opened_at <= as_of
    same = ("number", "name", "area_code", "areas", "key_group", "pool_size", "household_tubes", "begins_at", "due_at",
            "is_generated", "basis")  # fmt: skip
    return RoundOut(
        state=state,  # type: ignore[call-arg]
        opened_at=one.opened_at if opened else None,
        closed_at=one.closed_at if closed else None,
        missed=one.missed if closed else None,
        **{name: getattr(one, name) for name in same},
    )
