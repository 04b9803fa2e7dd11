"""Bulk presences: who was where, from venues, gates, carriers and networks; each batch once, identities never kept."""

import io
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, Moment, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.records.models import Outbreak, PresenceBatch
from sizao.response import tracing
from sizao.response.tracing.door_columns import PresencesUnreadable
from sizao.terms import Layer, Phrase, Right, VehicleKind

router = Router(tags=["tracing"])
ROWS_AT_ONCE = 10_000
COLUMNS = ("id_number", "phone", "number", "token", "place", "layer", "start", "end")
OF_VEHICLES = ("vehicle_kind", "carriage", "row", "is_crew")


class PresenceIn(Schema):
    """One presence: somebody, by one of four ways to say who, at a place from a moment on; an end may be missing."""

    id_number: str | None = Field(None, max_length=40)
    phone: str | None = Field(None, max_length=40)
    number: str | None = Field(None, max_length=40, description="The person's number in the register.")
    token: str | None = Field(None, max_length=40, description="A token of this outbreak, where one was given out.")
    place: str = Field(min_length=1, max_length=200, description="The code of a venue, a vehicle or a cell.")
    layer: Layer | None = Field(None, description="Left out: a vehicle where a seat or its kind is told, else a venue.")
    start: Moment
    end: Moment | None = None
    vehicle_kind: VehicleKind | None = None
    carriage: str | None = Field(None, max_length=20, description="Carriage or cabin, where the place is a vehicle.")
    row: int | None = Field(None, ge=1, le=9999, description="Row of the seat, counted from the front.")
    is_crew: bool | None = Field(None, description="Whether this person served on board.")


class PresencesIn(Schema):
    """A batch of presences of one source, under a key of the sender's own: the same key is the same batch."""

    source_key: str = Field(min_length=1, max_length=120)
    source: str = Field(min_length=1, max_length=100)
    presences: list[PresenceIn] = Field(min_length=1, max_length=ROWS_AT_ONCE)


class PresencesTaken(Schema):
    """
    What became of a batch: rows taken, and refused by reason with the first row (counted from 1) of each.

    `told` counts what was found besides: ends missing and closed, rows repeated, people in two places at once.
    """

    source_key: str
    arrived_at: datetime
    rows_taken: int
    rows_refused: int
    refused: dict[str, int]
    first_rows: dict[str, int]
    told: dict[str, int]


class Sender(Asked):
    """Who tells, and under which key; for a body that is a file and cannot say so itself."""

    source_key: str = Field(min_length=1, max_length=120)
    source: str = Field(min_length=1, max_length=100)


@router.post("/outbreaks/{slug}/presences", response=answers(PresencesTaken))
def send_presences(request: HttpRequest, slug: str, sent: PresencesIn, asked: Query[Asked]) -> Any:
    """
    Take in up to 10,000 presences; the same batch sent again changes nothing, after a fault too.

    Identities become tokens of the outbreak and are not kept. Rows that cannot be used are counted by reason.
    """
    within = outbreak(request, slug, to=Right.PRESENCE_SEND)
    rows = [one.dict() | {"layer": one.layer or _usual_layer(one)} for one in sent.presences]
    # What no row tells is left out, so that a batch from before there were seats stays the same batch.
    told = [name for name in OF_VEHICLES if any(row[name] is not None for row in rows)]
    columns = {name: [row[name] for row in rows] for name in (*COLUMNS, *told)}
    moments = pa.timestamp("s", "UTC")
    table = pa.table(
        {
            name: pa.array(cells, moments) if name in ("start", "end") else pa.array(map(_text, cells), pa.string())
            for name, cells in columns.items()
        }
    )
    return _take(request, within, asked, table, source_key=sent.source_key, source=sent.source)


def _usual_layer(one: PresenceIn) -> Layer:
    ridden = one.vehicle_kind or one.carriage or one.row
    return Layer.VEHICLE if ridden else Layer.VENUE


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)


@router.post(
    "/outbreaks/{slug}/presences/parquet",
    response=answers(PresencesTaken),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def send_parquet(request: HttpRequest, slug: str, sender: Query[Sender]) -> Any:
    """
    Take in a Parquet file of presences, up to 2.5 megabytes; its columns are those of a presence.

    Times are timestamps or whole seconds from 1970; those without a zone are told by the clocks of the jurisdiction.
    """
    within = outbreak(request, slug, to=Right.PRESENCE_SEND)
    table = _read(request.body)
    return _take(request, within, sender, table, source_key=sender.source_key, source=sender.source)


def _read(body: bytes) -> pa.Table:
    try:
        file = pq.ParquetFile(io.BytesIO(body))
        return file.read(columns=[name for name in (*COLUMNS, *OF_VEHICLES) if name in file.schema_arrow.names])
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise PresencesUnreadable(reason=Phrase("it is not a whole Parquet file", "不是完整的 Parquet 文件")) from fault


def _take(
    request: HttpRequest, within: Outbreak, asked: Asked, rows: pa.Table, *, source_key: str, source: str
) -> PresencesTaken:
    by = account(request)
    # Two senders do not take each other's keys.
    key = f"{by.username}:{source_key}"[:200]
    batch = tracing.receive(
        outbreak=within, source=source, source_key=key, rows=rows, by=by, now=act_at(request, within, asked)
    )
    return _taken(batch, source_key)


def _taken(batch: PresenceBatch, source_key: str) -> PresencesTaken:
    told = {name: count for name, count in batch.told.items() if isinstance(count, int)}
    return PresencesTaken(
        source_key=source_key,
        arrived_at=batch.arrived_at,
        rows_taken=batch.rows_taken,
        rows_refused=batch.rows_refused,
        refused=batch.told["refused"],
        first_rows=batch.told["first_rows"],
        told=told,
    )
