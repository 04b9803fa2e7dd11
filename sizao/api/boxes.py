"""Boxes of tubes: devices say what was done with them, laboratories receive them, others read where they stand."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, Moment, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.access import NotYours
from sizao.records.models import HandOver, Laboratory, Outbreak, SampleBox, TestingRound
from sizao.response.testing import chain, rounds
from sizao.response.testing.chain import finding
from sizao.response.testing.chain import receiving as desk
from sizao.response.testing.chain.desk import MOST_AT_ONCE
from sizao.response.testing.incoming import LONGEST_KEY
from sizao.terms import BoxAct, BoxAnswer, BoxState, HandOverKind, LabOddityKind, Right

router = Router(tags=["testing"])


class NoSuchLaboratory(SizaoError):
    code = "api.laboratory.unreadable"
    message = "No laboratory of your area ({area}) has the code “{code}”. Ask for the list of laboratories."


class BoxActIn(Schema):
    """
    One thing done with a box, under a key of the device's own; `happened_at` is by the device's clock.

    `tube` where one was put in; `kind`, who gave the box and in which vehicle it goes where it was handed over.
    """

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    act: BoxAct
    box: str = Field(min_length=1, max_length=40)
    happened_at: Moment
    tube: str = Field("", max_length=40)
    kind: HandOverKind | None = None
    giver: str = Field("", max_length=150)
    vehicle: str = Field("", max_length=40)
    note: str = Field("", max_length=200)
    site: int | None = Field(None, ge=1, le=2**62)
    laboratory: int | None = Field(None, ge=1, le=2**62)


class BoxActsIn(Schema):
    """What waits on a device: up to 500 acts; `sent_at` is its clock now, by which the moments are set right."""

    sent_at: Moment | None = None
    acts: list[BoxActIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class BoxActOut(Schema):
    """What became of an act. `queued` is kept too, and waits for a person: do not send it again."""

    source_key: str
    answer: BoxAnswer
    oddities: list[LabOddityKind]
    n_tubes: int | None


class BoxActsOut(Schema):
    """What became of each act, in their order."""

    acts: list[BoxActOut]


class ReceiptIn(Schema):
    """
    A receipt under a key of the sender's own: the tubes that were scanned, out of a box where `box` names one.

    `all_there` says that all on the list of the box are there.
    """

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    laboratory: str = Field(min_length=1, max_length=20, description="The code of the laboratory.")
    box: str | None = Field(None, max_length=40)
    tubes: list[str] = Field(default_factory=list, max_length=desk.MOST_AT_ONCE)
    all_there: bool = False
    giver: str = Field("", max_length=150)


class OddTube(Schema):
    """A code that could not be received, and why; it waits for a person."""

    tube: str
    kind: LabOddityKind


class ReceiptOut(Schema):
    """What came of a receipt; `again` where this very receipt had been recorded before."""

    received: list[str]
    before: list[str]
    lacking: list[str]
    not_in_box: list[str]
    odd: list[OddTube]
    again: bool


class HandOverOut(Schema):
    """One step of a box: what happened, when, who gave, who took, in which vehicle."""

    kind: HandOverKind
    happened_at: datetime
    recorded_at: datetime
    giver: str
    taker: str
    vehicle: str


class BoxOut(Schema):
    """A box: where it stood at the moment asked for, what it held, by when it is due and by which values."""

    code: str
    state: BoxState
    is_late: bool
    site: int | None
    laboratory: str | None
    n_tubes: int
    first_swab_at: datetime | None
    transport_due_at: datetime | None
    received_at: datetime | None
    result_due_at: datetime | None
    basis: list[dict[str, Any]]


class BoxHistory(BoxOut):
    """A box with its hand-overs and its tubes."""

    hand_overs: list[HandOverOut]
    tubes: list[str]


class TransitOut(Schema):
    """What one site has on its way to one laboratory; null where none was said."""

    laboratory: str | None
    site: int | None
    boxes: int
    tubes: int
    at_site: int
    late: int
    oldest_swab_at: datetime | None


class LoadOut(Schema):
    """What a laboratory has to do against what it can; `read_by_hour` of the last hours, the oldest first."""

    code: str
    name: str
    on_the_way: int
    waiting: int
    read_by_hour: list[int]
    tubes_per_hour: int
    hours_to_empty: float | None
    hours_with_arrivals: float | None


class ChainOut(Schema):
    """What a round has on its way, and what waits at laboratories."""

    in_transit: list[TransitOut]
    laboratories: list[LoadOut]


@router.post("/outbreaks/{slug}/rounds/{number}/box-acts", response=answers(BoxActsOut))
def send_box_acts(request: HttpRequest, slug: str, number: str, outbox: BoxActsIn, asked: Query[Asked]) -> Any:
    """
    Record up to 500 acts: tubes put in, boxes closed, boxes handed over; an act sent again changes nothing.

    They may come late and in any order: where a box stands follows from all of them.
    """
    within, found = _found(request, slug, number, to=Right.SAMPLE_CARRY)
    told = chain.record_acts(
        testing_round=found,
        acts=[chain.BoxActSent(**one.dict()) for one in outbox.acts],
        by=account(request),
        now=act_at(request, within, asked),
        sent_at=outbox.sent_at,
    )
    return {
        "acts": [
            {"source_key": one.source_key, "answer": one.answer, "oddities": list(one.oddities), "n_tubes": one.n_tubes}
            for one in told
        ]
    }


@router.post("/outbreaks/{slug}/receipts", response=answers(ReceiptOut))
def receive(request: HttpRequest, slug: str, receipt: ReceiptIn, asked: Query[Asked]) -> Any:
    """Receive a box at a laboratory, or tubes that came without one; sent again it changes nothing."""
    within = outbreak(request, slug, to=Right.LAB_WORK)
    by, now = account(request), act_at(request, within, asked)
    laboratory = Laboratory.objects.filter(code=receipt.laboratory, area_code__startswith=by.area_code).first()
    if laboratory is None:
        raise NoSuchLaboratory(code=receipt.laboratory, area=by.area_code)
    if receipt.box is None:
        told = chain.receive_tubes(laboratory=laboratory, tubes=receipt.tubes, by=by, now=now)
    else:
        told = chain.receive_box(
            box=finding.fetch(receipt.box, to=Right.LAB_WORK, by=by, outbreak=within),
            laboratory=laboratory,
            tubes=receipt.tubes,
            all_there=receipt.all_there,
            giver=receipt.giver,
            source_key=receipt.source_key,
            by=by,
            now=now,
        )
    return {
        "received": told.received,
        "before": told.before,
        "lacking": told.lacking,
        "not_in_box": told.not_in_box,
        "odd": [{"tube": tube, "kind": kind} for tube, kind in told.odd],
        "again": told.again,
    }


@router.get("/outbreaks/{slug}/rounds/{number}/boxes", response=answers(list[BoxOut]))
def list_boxes(
    request: HttpRequest,
    slug: str,
    number: str,
    asked: Query[Asked],
    after: str = Query("", max_length=13, description="The code of the last box of the page before."),
    size: int = Query(100, ge=1, le=500),
) -> Any:
    """List the boxes of a round in the order of their codes, with where each stood."""
    _, found = _found(request, slug, number, to=Right.SAMPLE_CARRY)
    as_of = asked.moment(request)
    page = finding.of_round(found, as_of).filter(code__gt=after).order_by("code")[:size]
    return [_box(line) for line in finding.lines(page, as_of)]


@router.get("/outbreaks/{slug}/rounds/{number}/boxes/{code}", response=answers(BoxHistory))
def read_box(request: HttpRequest, slug: str, number: str, code: str, asked: Query[Asked]) -> Any:
    """Read one box of a round: who had it when, and what lies in it."""
    _, found = _found(request, slug, number, to=Right.SAMPLE_CARRY)
    as_of = asked.moment(request)
    box = SampleBox.objects.filter(round=found, code=code[:13], printed_at__lte=as_of).select_related("laboratory")
    lines = finding.lines(box, as_of)
    if not lines:
        raise NotYours(what="box", area=account(request).area_code)
    steps = [_step(one) for one in finding.history(lines[0].box, as_of)]
    tubes = [one.tube for one in finding.tubes(lines[0].box, as_of)]
    return _box(lines[0]).dict() | {"hand_overs": steps, "tubes": tubes}


@router.get("/outbreaks/{slug}/rounds/{number}/chain", response=answers(ChainOut))
def read_chain(request: HttpRequest, slug: str, number: str, asked: Query[Asked]) -> Any:
    """Say what a round has on its way to laboratories, and what each of them has to do: figures, no people."""
    _, found = _found(request, slug, number, to=Right.SITUATION_READ)
    as_of = asked.moment(request)
    loads = chain.laboratory_load(found, as_of)
    codes = dict(Laboratory.objects.values_list("pk", "code"))
    return {
        "in_transit": [
            {
                "laboratory": codes.get(one.laboratory_id),
                "site": one.site_id,
                "boxes": one.boxes,
                "tubes": one.tubes,
                "at_site": one.at_site,
                "late": one.late,
                "oldest_swab_at": one.oldest_swab_at,
            }
            for one in chain.in_transit(found, as_of)
        ],
        "laboratories": [{name: getattr(one, name) for name in LoadOut.model_fields} for one in loads],
    }


def _found(request: HttpRequest, slug: str, number: str, *, to: Right) -> tuple[Outbreak, TestingRound]:
    within = outbreak(request, slug, to=to)
    by = account(request)
    access.require(by, to)
    found = rounds.rounds(by).select_related("outbreak").filter(outbreak=within, number=number).first()
    if found is None:
        raise NotYours(what="round", area=by.area_code)
    return within, found


def _box(line: finding.BoxLine) -> BoxOut:
    box = line.box
    is_received = line.state == BoxState.RECEIVED
    return BoxOut(
        code=box.code,
        state=line.state,  # type: ignore[arg-type]
        is_late=line.is_late,
        site=box.site_id,
        laboratory=box.laboratory.code if box.laboratory else None,
        n_tubes=line.n_tubes,
        first_swab_at=box.first_swab_at,
        transport_due_at=box.transport_due_at,
        received_at=box.received_at if is_received else None,
        result_due_at=box.result_due_at if is_received else None,
        basis=box.basis,
    )


def _step(one: HandOver) -> HandOverOut:
    return HandOverOut(
        kind=one.kind, happened_at=one.happened_at, recorded_at=one.recorded_at, giver=one.giver,
        taker=one.recorded_by, vehicle=one.vehicle,
    )  # fmt: skip
