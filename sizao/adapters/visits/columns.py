"""Presences as they come into numbers and seconds; what cannot be used is set aside with its reason."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sizao.adapters.visits.errors import KindUnusable, PlaceCodesUnusable, PresencesUnreadable, TokensDiffer
from sizao.adapters.visits.tokens import Tokens, kind_of
from sizao.engines.presences.admission import REASONS, admit
from sizao.engines.presences.layout import SHIFT_BITS, Presences
from sizao.terms import Phrase

COLUMNS = ("person", "place", "start", "end")
SOURCE = "source"
LARGEST = (1 << 63) - 1
EVERYWHERE = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class Mending:
    """
    What is done to rows on their way in.

    `place_codes` maps codes that places had before to those they have now; `shifts` maps a source to the
    number and the seconds of its shift, which are added to its times.
    """

    place_codes: Mapping[int | str, int | str] = field(default_factory=dict)
    shifts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch held: presences that can be used, the rows set aside, with a column `reason`, and counts."""

    presences: Presences
    refused: pa.Table
    found: dict[str, int]


AS_IT_COMES = Mending()


def kinds_of(schema: pa.Schema, path: object) -> dict[str, str]:
    """Say how persons, places and times are given. Raise PresencesUnreadable where a column is missing."""
    missing = [name for name in COLUMNS if name not in schema.names]
    if missing:
        reason = Phrase(
            f"the column {missing[0]} is missing; there is {', '.join(schema.names) or 'none'}.",
            f"缺少 {missing[0]} 列；现有：{'、'.join(schema.names) or '无'}。",
        )
        raise PresencesUnreadable(path=path, reason=reason)
    doubled = [name for name in (*COLUMNS, SOURCE) if schema.names.count(name) > 1]
    if doubled:
        raise PresencesUnreadable(
            path=path, reason=Phrase(f"the column {doubled[0]} stands twice.", f"{doubled[0]} 列重复。")
        )
    times = {_time_kind(name, schema.field(name).type) for name in ("start", "end")}
    times.discard("nothing")
    if len(times) > 1:
        raise PresencesUnreadable(
            path=path,
            reason=Phrase(
                f"start and end are given differently ({', '.join(sorted(times))}).",
                f"开始与结束时间的写法不同（{'、'.join(sorted(times))}）。",
            ),
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


def settled_codes(codes: Mapping[int | str, int | str], kind: str) -> dict[int | str, int | str]:
    """Map each code that a place had before to the one of today, also where codes changed more than once."""
    try:
        given: Mapping[Any, Any] = {int(old): int(new) for old, new in codes.items()} if kind == "integers" else codes
    except ValueError as fault:
        wrong = fault.args[0].split(": ")[-1]
        reason = Phrase(f"places are integers, and {wrong} is none", f"场所须为整数，而{wrong}不是")
        raise PlaceCodesUnusable(reason=reason) from fault
    settled = {}
    for old in given:
        new, seen = given[old], {old}
        while new in given:
            if new in seen:
                raise PlaceCodesUnusable(reason=Phrase(f"{old} leads back to itself", f"{old} 循环指向自身"))
            seen.add(new)
            new = given[new]
        settled[old] = new
    return settled


def read_columns(
    batch: pa.RecordBatch, persons: Tokens, places: Tokens, *, mending: Mending = AS_IT_COMES,
    threads: Executor | None = None,
) -> Read:  # fmt: skip
    """Turn a batch into numbers and seconds; tokens that are new get their numbers. `threads` may share the work."""
    begins, ends, flags = _times(batch, mending)
    has = tuple(_told(batch.column(name)) for name in COLUMNS)
    admitted = admit(begins, ends, has=(has[0], has[1], has[2], has[3]))
    start, length = admitted.start, admitted.length
    set_aside = batch.slice(0, 0)
    if flags is not None:
        length |= flags
    if admitted.refused:
        good = admitted.reason == 0
        set_aside, batch = batch.filter(pa.array(~good)), batch.filter(pa.array(good))
        start, length = start[good], length[good]
    codes, renamed = _renamed(batch.column("place"), mending.place_codes)
    if threads:
        waited = threads.submit(persons.numbers_of, batch.column("person"))
        place, person = places.numbers_of(codes), waited.result()
    else:
        person, place = persons.numbers_of(batch.column("person")), places.numbers_of(codes)
    reasons = np.array(REASONS)[admitted.reason[admitted.reason != 0]]
    return Read(
        Presences(person, place, start, length),
        pa.Table.from_batches([set_aside.select(_kept(set_aside.schema))]).append_column(
            "reason", pa.array(reasons.tolist(), pa.string())
        ),
        {"refused": admitted.refused, "renamed": renamed, "shifted": _count_shifted(flags, admitted.reason)},
    )


def seconds(values: pa.Array) -> pa.Array:
    """Give a column of times as whole seconds from 1970; parts of a second are cut off."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
        return values.cast(pa.int64()) if per_second == 1 else pc.divide(values.cast(pa.int64()), per_second)
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.int64())
    if pa.types.is_uint64(kind):
        values = pc.min_element_wise(values, pa.scalar(LARGEST, kind), skip_nulls=False)  # refused as out of range
    return values.cast(pa.int64())


def _times(
    batch: pa.RecordBatch, mending: Mending
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32] | None]:
    """Give starts and ends, shifted where their source is, and the flags that say so."""
    begins, ends = (_filled(seconds(batch.column(name))) for name in ("start", "end"))
    if not mending.shifts or SOURCE not in batch.schema.names:
        return begins, ends, None
    source = batch.column(SOURCE).cast(pa.string())
    shifted, flags = np.zeros(len(begins), np.int64), np.zeros(len(begins), np.uint32)
    for name, (number, by) in mending.shifts.items():
        rows = pc.is_in(source, value_set=pa.array([name])).to_numpy(zero_copy_only=False)
        shifted[rows], flags[rows] = by, number << SHIFT_BITS
    return begins + shifted, ends + shifted, flags


def _renamed(places: pa.Array, codes: Mapping[int | str, int | str]) -> tuple[pa.Array, int]:
    if not codes:
        return places, 0
    if pa.types.is_dictionary(places.type):
        places = places.dictionary_decode()
    old, new = (pa.array(list(one)).cast(places.type) for one in (codes.keys(), codes.values()))
    at = pc.index_in(places, value_set=old)
    changed = at.is_valid()
    return pc.if_else(changed, new.take(at), places), int(pc.sum(changed).as_py() or 0)


def _told(values: pa.Array) -> NDArray[np.bool_]:
    """Say which rows hold anything; an empty text is no token, and would make one person of many."""
    there = _there(values)
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return there
    texts = values.dictionary if pa.types.is_dictionary(values.type) else values
    if pc.min(pc.binary_length(texts)).as_py() != 0:
        return there
    texts = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    filled: NDArray[np.bool_] = pc.not_equal(texts, "").fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    return filled


def _there(values: pa.Array) -> NDArray[np.bool_]:
    if not values.null_count:
        return EVERYWHERE
    there: NDArray[np.bool_] = values.is_valid().to_numpy(zero_copy_only=False)
    return there


def _count_shifted(flags: NDArray[np.uint32] | None, reason: NDArray[np.uint8]) -> int:
    return 0 if flags is None else int(np.count_nonzero(flags[reason == 0]))


def _kept(schema: pa.Schema) -> list[str]:
    return [*COLUMNS, *([SOURCE] if SOURCE in schema.names else [])]


def _time_kind(name: str, kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return f"timestamps {kind.tz}" if kind.tz else "timestamps"
    if pa.types.is_integer(kind):
        return "seconds"
    if pa.types.is_null(kind):
        return "nothing"
    raise KindUnusable(column=name, given=str(kind), wanted="whole seconds from 1970 (integers) or timestamps")


def _filled(values: pa.Array) -> NDArray[np.int64]:
    filled: NDArray[np.int64] = (values.fill_null(0) if values.null_count else values).to_numpy(zero_copy_only=False)
    return filled
