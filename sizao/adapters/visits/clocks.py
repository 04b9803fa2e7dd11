"""Whose clock is off: the sources of a file of presences against one of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sizao.adapters.visits.bulk import opened
from sizao.adapters.visits.columns import COLUMNS, SOURCE, kinds_of, seconds
from sizao.adapters.visits.errors import PresencesUnreadable
from sizao.adapters.visits.tokens import Tokens
from sizao.engines.presences.clocks import Changes, Offset, offset
from sizao.terms import Phrase


@dataclass(frozen=True, slots=True)
class Clock:
    """What can be said of a source's clock: its presences, the people whom the reference reports too, its offset."""

    source: str
    presences: int
    shared_people: int
    offset: Offset | None


@dataclass(frozen=True, slots=True)
class _Told:
    arrivals: Changes
    departures: Changes


def clocks(path: Path, *, reference: str | None = None) -> tuple[str, list[Clock]]:
    """
    Estimate by how much the clock of each source is ahead of the reference's: the source with most presences, or
    the one named. Nothing is changed. Raise PresencesUnreadable.
    """
    table = _table(path)
    sources, number = np.unique(np.asarray(table[SOURCE].to_pylist(), object).astype(str), return_inverse=True)
    if not len(sources):
        raise PresencesUnreadable(
            path=path,
            reason=Phrase(
                "no presence has a person, a start and a source.", "没有一条记录同时有人员、开始时间和来源。"
            ),
        )
    counts = np.bincount(number)
    names = sources.tolist()
    if reference is not None and reference not in names:
        raise PresencesUnreadable(
            path=path,
            reason=Phrase(
                f"no presence is of the source {reference}; there is {', '.join(names)}.",
                f"没有来源为 {reference} 的记录；现有来源：{'、'.join(names)}。",
            ),
        )
    chosen = names.index(reference) if reference is not None else int(np.argmax(counts))
    told = [_told(table.filter(pa.array(number == one))) for one in range(len(names))]
    by = told[chosen]
    found = []
    for one, name in enumerate(names):
        if one != chosen:
            shared = len(np.intersect1d(by.arrivals.person, told[one].arrivals.person))
            pairs = [(by.arrivals, told[one].arrivals), (by.departures, told[one].departures)]
            found.append(Clock(name, int(counts[one]), shared, offset(pairs)))
    return names[chosen], found


def _table(path: Path) -> pa.Table:
    """Read who (numbered), by which source, and when; rows without one of these tell nothing of clocks."""
    source = opened(path)
    kinds = kinds_of(source.schema_arrow, path)
    if SOURCE not in source.schema_arrow.names:
        reason = Phrase(
            f"the column {SOURCE} is missing; without it clocks have no names.",
            f"缺少 {SOURCE} 列；无此列则时钟没有名称。",
        )
        raise PresencesUnreadable(path=path, reason=reason)
    table = pq.read_table(path, columns=[SOURCE, *COLUMNS])
    table = table.filter(pa.compute.and_(table["person"].is_valid(), table["start"].is_valid()))
    table = table.filter(table[SOURCE].is_valid())
    tokens = Tokens(kinds["person"])
    numbers = [tokens.numbers_of(chunk) for chunk in table["person"].chunks]
    person = np.concatenate([*numbers, np.zeros(0, np.uint32)]).astype(np.int64)
    times = {name: pa.chunked_array([seconds(chunk) for chunk in table[name].chunks], pa.int64())
             for name in ("start", "end")}  # fmt: skip
    return pa.table({SOURCE: table[SOURCE].cast(pa.string()), "person": person} | times)


def _told(table: pa.Table) -> _Told:
    ended = table.filter(table["end"].is_valid())
    return _Told(
        Changes(np.asarray(table["person"]), np.asarray(table["start"])),
        Changes(np.asarray(ended["person"]), np.asarray(ended["end"])),
    )
