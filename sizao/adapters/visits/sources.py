"""Asking a store what cases shared before they fell ill, and who else was there."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizao.adapters.visits.reading import OpenStore, Window
from sizao.adapters.visits.segment_file import MappedSegment
from sizao.engines.presences import common_sources as engine
from sizao.engines.presences.companions import companions, ranges
from sizao.engines.presences.visitors import Dated

Parts = Sequence[tuple[Dated, MappedSegment]]

# Columns of the ranking: `people` are the tokens of the cases that were there, `visitors` counts everybody.
SOURCES = ("scope", "place", "from", "to", "cases", "expected", "visitors", "p_value", "q_value", "first", "last",
           "people")  # fmt: skip
NOBODY = 2**32 - 1  # a number that no person has


def common_sources(store: OpenStore, windows: Sequence[Window], *, span_seconds: int, least_seconds: int) -> pa.Table:
    """Rank the places, and spans of time at places, that link two or more cases."""
    by_number = store.windows_by_number(windows)
    if not by_number:
        return _table(store, [], [])
    bounds = np.concatenate(list(by_number.values()))
    parts = store.during(int(bounds[:, 0].min()), int(bounds[:, 1].max()))
    own = store.own_of([mapped for _, mapped in parts], by_number)
    cases = [engine.CaseVisits(own.of(at), within) for at, within in enumerate(by_number.values())]
    spans = engine.shared_spans(cases, span_seconds=span_seconds, least_seconds=least_seconds)
    counts = store.visitor_counts(parts, engine.rows_of(spans), least_seconds=least_seconds)
    dated = [part for part, _ in parts]
    found = engine.ranked(spans, counts, cases, dated, store.population(parts), span_seconds=span_seconds)
    return _table(store, found, list(by_number))


def visitors(store: OpenStore, place: Any, start: int, end: int, *, least_seconds: int) -> pa.Table:
    """List who was at a place within a span: person, minutes, presences, first, last; the longest first."""
    number = int(store.places.find(pa.array([place], store.places.known.type))[0])
    row = np.array([(max(number, 0), start, end)], np.int64)[: 1 if number >= 0 else 0]
    parts = store.during(start, end)
    _will_need(parts, row, least_seconds)
    segments = [part.segment for part, _ in parts]
    found = companions(segments, row, NOBODY, least_seconds=least_seconds, tally=store.tally)
    table = pa.table(
        {
            "person": store.person_tokens.take(pa.array(found.person)),
            "minutes": found.seconds / 60,
            "presences": found.meetings,
            "first": store.times(found.first),
            "last": store.times(found.last),
        }
    )
    return table.sort_by([("minutes", "descending"), ("first", "ascending")])


def visitors_of(store: OpenStore, found: pa.Table, *, least_seconds: int) -> pa.Table:
    """List the visitors of each row of a ranking, one after the other, after its columns place, from and to."""
    spans = found.select(["place", "from", "to"])
    seconds = [spans.column(name).cast(pa.int64()).to_pylist() for name in ("from", "to")]
    rows = zip(spans.column("place").to_pylist(), *seconds, strict=True)
    tables = [visitors(store, *row, least_seconds=least_seconds) for row in rows]
    number = np.repeat(np.arange(len(tables)), [table.num_rows for table in tables])
    people = pa.concat_tables([visitors(store, None, 0, 0, least_seconds=1), *tables])
    columns = [spans.column(name).take(pa.array(number)) for name in spans.column_names]
    return pa.table(columns + people.columns, names=spans.column_names + people.column_names)


def _will_need(parts: Parts, rows: NDArray[np.int64], least_seconds: int) -> None:
    for part, mapped in parts:
        if len(rows):
            near = rows[(rows[:, 2] > part.first_start) & (rows[:, 1] < part.latest_end)]
            mapped.will_need(ranges(part.segment, near, least_seconds=least_seconds))


def _table(store: OpenStore, found: Sequence[engine.CommonSource], numbers: Sequence[int]) -> pa.Table:
    persons, places = (one.known.combine_chunks() for one in (store.persons, store.places))
    who = [[numbers[case] for case in one.shared.cases] for one in found]
    people = persons.take(pa.array([number for one in who for number in one], pa.int64()))
    borders = np.cumsum([0, *(len(one) for one in who)])
    moments = {name: np.array([getattr(one.shared, name) for one in found], np.int64)
               for name in ("begins", "ends", "first", "last")}  # fmt: skip
    columns = [
        pa.array([str(one.shared.scope) for one in found], pa.string()),
        places.take(pa.array([one.shared.place for one in found], pa.int64())),
        store.times(moments["begins"]),
        store.times(moments["ends"]),
        pa.array([len(one) for one in who], pa.uint32()),
        pa.array([one.expected for one in found], pa.float64()),
        pa.array([one.visitors for one in found], pa.uint32()),
        pa.array([one.p_value for one in found], pa.float64()),
        pa.array([one.q_value for one in found], pa.float64()),
        store.times(moments["first"]),
        store.times(moments["last"]),
        pa.ListArray.from_arrays(pa.array(borders, pa.int32()), people),
    ]
    return pa.table(columns, names=list(SOURCES))
