"""Presences as they come into numbers and seconds; what cannot be used is set aside with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sizao.adapters.visits.errors import PresencesUnreadable, TokensDiffer
from sizao.adapters.visits.tokens import Tokens, kind_of
from sizao.engines.presences.layout import LONGEST, MISSING, Presences

COLUMNS = ("person", "place", "start", "end")
LATEST = 2**32 - 1 - LONGEST // 8  # seconds from 1970 that fit in 32 bits with room for the length


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch held: presences that can be used, and the rows set aside, with a column `reason`."""

    presences: Presences
    refused: pa.Table


def kinds_of(schema: pa.Schema, path: object) -> dict[str, str]:
    """Say how persons, places and times are given. Raise PresencesUnreadable where a column is missing."""
    missing = [name for name in COLUMNS if name not in schema.names]
    if missing:
        reason = f"the column {missing[0]} is missing; there is {', '.join(schema.names) or 'none'}."
        raise PresencesUnreadable(path=path, reason=reason)
    times = {_time_kind(name, schema.field(name).type) for name in ("start", "end")}
    times.discard("nothing")
    if len(times) > 1:
        raise PresencesUnreadable(
            path=path, reason=f"start and end are given differently ({', '.join(sorted(times))})."
        )
    return {
        "person": kind_of("person", schema.field("person").type),
        "place": kind_of("place", schema.field("place").type),
        "time": times.pop() if times else "seconds",
    }


def agree(held: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Refuse a batch whose tokens or times are given otherwise than those that the store holds (TokensDiffer)."""
    for column, kind in given.items():
        if held.get(column, kind) != kind:
            raise TokensDiffer(column=column, given=kind, held=held[column])


def read_columns(batch: pa.RecordBatch, persons: Tokens, places: Tokens) -> Read:
    """Turn a batch into numbers and seconds; tokens that are new get their numbers."""
    start, end = (seconds(batch.column(name)) for name in ("start", "end"))
    begins = _filled(start)
    open_end = end.is_null().to_numpy(zero_copy_only=False)
    length = np.where(open_end, int(MISSING), _filled(end) - begins)
    reasons = _reasons(batch, start, begins, length, open_end)
    good = reasons == ""
    if not good.all():
        usable = batch.filter(pa.array(good))
        begins, length = begins[good], length[good]
    else:
        usable = batch
    set_aside = pa.Table.from_batches([batch.select(list(COLUMNS)).filter(pa.array(~good))])
    return Read(
        Presences(
            persons.numbers_of(usable.column("person")),
            places.numbers_of(usable.column("place")),
            begins.astype(np.uint32),
            length.astype(np.uint32),
        ),
        refused=set_aside.append_column("reason", pa.array(reasons[~good].tolist(), pa.string())),
    )


def seconds(values: pa.Array) -> pa.Array:
    """Give a column of times as whole seconds from 1970; parts of a second are cut off."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
        return pc.divide(values.cast(pa.int64()), per_second)
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.int64())
    return values.cast(pa.int64())


def _time_kind(name: str, kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return f"timestamps {kind.tz}" if kind.tz else "timestamps"
    if pa.types.is_integer(kind):
        return "seconds"
    if pa.types.is_null(kind):
        return "nothing"
    raise TokensDiffer(column=name, given=str(kind), held="integers (seconds) or timestamps")


def _filled(values: pa.Array) -> NDArray[np.int64]:
    filled: NDArray[np.int64] = values.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return filled


def _reasons(
    batch: pa.RecordBatch, start: pa.Array, begins: NDArray[np.int64], length: NDArray[np.int64],
    open_end: NDArray[np.bool_],
) -> NDArray[np.str_]:  # fmt: skip
    reasons = np.full(len(begins), "", dtype="U24")
    reasons[~open_end & (length > LONGEST)] = "too long"
    reasons[~open_end & (length < 0)] = "ends before it starts"
    reasons[(begins < 0) | (begins > LATEST)] = "start out of range"
    for name, column in (("start", start), ("place", batch.column("place")), ("person", batch.column("person"))):
        if column.null_count:
            reasons[column.is_null().to_numpy(zero_copy_only=False)] = f"no {name}"
    return reasons
