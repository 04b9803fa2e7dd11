"""Streams: what other systems count enters here, day by day, all of a sending or none of it."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import answers
from sizao.records.models import Outbreak
from sizao.response import signals
from sizao.response.signals import CountRow
from sizao.terms import Right, StreamKind, StreamStep

router = Router(tags=["signals"])
ROWS_AT_ONCE = 5000


class CountIn(Schema):
    """One count of one stream: of a day, or of the week that begins on it. A day that nobody counted is left out."""

    stream: str = Field(min_length=1, max_length=120, description="The sender's own key; the same key is one stream.")
    kind: StreamKind
    area_code: str = Field(
        pattern=r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$", description="City, county, township or village, in the register."
    )
    date: date
    count: int = Field(ge=0, le=2_147_483_647)
    denominator: int | None = Field(None, ge=0, le=2_147_483_647, description="All visits, pupils or swabs, if known.")
    name: str = Field("", max_length=200)
    source: str = Field("", max_length=300)
    step: StreamStep = StreamStep.DAY


class CountsIn(Schema):
    """A sending of counts."""

    counts: list[CountIn] = Field(min_length=1, max_length=ROWS_AT_ONCE)


class CountsTaken(Schema):
    """What became of a sending. After a dry run nothing is kept."""

    dry_run: bool
    streams: int
    new_streams: int
    new: int
    corrected: int
    known: int


class StreamOut(Schema):
    """One stream: what it counts, where, and whether a model made it up."""

    id: int
    kind: StreamKind
    area_code: str
    name: str
    step: StreamStep
    source: str
    is_generated: bool
    first_date: date
    opened_at: datetime
    closed_at: datetime | None
    looked_at: datetime | None


@router.get("/outbreaks/{slug}/streams", response=answers(list[StreamOut]))
def list_streams(request: HttpRequest, slug: str, asked: Query[AskedList], kind: StreamKind | None = None) -> Any:
    """List the streams that an outbreak looks at: a rehearsal its own, a real outbreak those of real life."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    as_of = asked.moment(request)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    rows = signals.streams_of(within).filter(area_code__startswith=area_code, opened_at__lte=as_of)
    rows = rows.filter(kind=kind) if kind else rows
    return [_stream(row, as_of) for row in rows.order_by("area_code", "pk")]


@router.post("/stream-counts", response=answers(CountsTaken))
def send_counts(request: HttpRequest, sent: CountsIn, *, dry_run: bool = False) -> Any:
    """
    Take in up to 5,000 counts of streams that watch real life, all or none; they need no outbreak.

    Sending them again changes nothing; another count for the same day is a correction. A refusal names each row.
    """
    return _take(request, None, sent, now(request), dry_run=dry_run)


@router.post("/outbreaks/{slug}/stream-counts", response=answers(CountsTaken))
def send_counts_of(
    request: HttpRequest, slug: str, sent: CountsIn, asked: Query[Asked], *, dry_run: bool = False
) -> Any:
    """Take in counts for a rehearsal, which has streams of its own; for a real outbreak they are those of real life."""
    within = outbreak(request, slug, to=Right.SIGNAL_SEND)
    return _take(request, within, sent, act_at(request, within, asked), dry_run=dry_run)


def _take(request: HttpRequest, within: Outbreak | None, sent: CountsIn, at: datetime, *, dry_run: bool) -> CountsTaken:
    rows = [CountRow(**one.dict()) for one in sent.counts]
    taken = signals.hear_rows(outbreak=within, rows=rows, by=account(request), now=at, dry_run=dry_run)
    return CountsTaken(
        dry_run=dry_run,
        streams=taken.streams,
        new_streams=taken.new_streams,
        new=taken.new,
        corrected=taken.corrected,
        known=taken.known,
    )


def _stream(row: Any, as_of: datetime) -> StreamOut:
    closed, looked = (moment if moment and moment <= as_of else None for moment in (row.closed_at, row.looked_at))
    return StreamOut(
        id=row.pk,
        kind=row.kind,
        area_code=row.area_code,
        name=row.name,
        step=row.step,
        source=row.source,
        is_generated=row.is_generated,
        first_date=row.first_date,
        opened_at=row.opened_at,
        closed_at=closed,
        looked_at=looked,
    )
