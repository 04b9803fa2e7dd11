"""What is known of the places of a store: their layer, their air, the kind of vehicle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sizao.adapters.tables import read_table, write_whole
from sizao.adapters.visits.errors import NOT_WHOLE, PresencesUnreadable
from sizao.engines.presences.cells import is_cell
from sizao.errors import SizaoError
from sizao.terms import Layer, Phrase, VehicleKind, Ventilation

NAME = "places.parquet"
WORDS: Mapping[str, type[StrEnum]] = {"layer": Layer, "ventilation": Ventilation, "vehicle_kind": VehicleKind}

Chosen = TypeVar("Chosen", bound=StrEnum)


class PlaceToldTwice(SizaoError):
    code = "visits.place_told_twice"
    message = (
        "The place {place} is told as {column} {one} and as {other}. A place has one {column}; correct it and try "
        "again. Nothing was written."
    )


class NoSuchWord(SizaoError):
    code = "visits.no_such_word"
    message = "{path}: the {column} of {place} is {told!r}; it may be {allowed}. Correct it; nothing was written."


@dataclass(frozen=True, slots=True)
class Places:
    """
    What is known of places: columns place, layer, ventilation, vehicle_kind, null where it is not known.

    A place that nothing is said of is a cell where its name has the form of one, else a venue.
    """

    table: pa.Table

    def layers(self, tokens: pa.Array) -> list[Layer]:
        """Give the layer of each place."""
        told = self._told(tokens, "layer", Layer)
        vehicles = self._told(tokens, "vehicle_kind", VehicleKind)
        names = tokens.to_pylist()
        return [
            one or (Layer.VEHICLE if vehicle else Layer.CELL if is_cell(name) else Layer.VENUE)
            for one, vehicle, name in zip(told, vehicles, names, strict=True)
        ]

    def ventilations(self, tokens: pa.Array) -> list[Ventilation]:
        """Give the air of each place; what is not known is UNKNOWN."""
        return [one or Ventilation.UNKNOWN for one in self._told(tokens, "ventilation", Ventilation)]

    def vehicle_kinds(self, tokens: pa.Array) -> list[VehicleKind | None]:
        """Give the kind of vehicle of each place."""
        return self._told(tokens, "vehicle_kind", VehicleKind)

    def joined(self, other: "Places") -> "Places":
        """Add what another source says. Raise PlaceToldTwice where the two differ."""
        kinds = {one.table["place"].type for one in (self, other) if len(one.table)}
        if len(kinds) > 1:
            raise PresencesUnreadable(
                path=Phrase("the places", "场所"),
                reason=Phrase("some are numbers and some are texts.", "有的是数字，有的是文字。"),
            )
        parts = [one.table for one in (self, other) if len(one.table)] or [self.table]
        return _once(pa.concat_tables(parts))

    def _told(self, tokens: pa.Array, column: str, words: type[Chosen]) -> list[Chosen | None]:
        if not len(self.table) or not len(tokens):
            return [None] * len(tokens)
        try:
            wanted = tokens.cast(self.table["place"].type)
        except pa.ArrowInvalid:
            return [None] * len(tokens)
        here = self.table.filter(pc.is_in(self.table["place"], value_set=wanted)).combine_chunks()
        at = pc.index_in(wanted, value_set=here["place"].combine_chunks())
        told = here[column].combine_chunks().take(at).to_pylist()
        return [None if one is None else words(one) for one in told]


UNTOLD = Places(pa.table({"place": pa.array([], pa.string()), **{name: pa.array([], pa.string()) for name in WORDS}}))


def read_places(path: Path, *, integers: bool) -> Places:
    """
    Read what is known of places from CSV or Parquet with `place` and any of layer, ventilation, vehicle_kind.

    `integers`: whether the store's places are whole numbers. A Parquet file of presences with such columns
    serves as well. Raise NoSuchWord, PlaceToldTwice, or that the file cannot be read.
    """
    if path.suffix != ".parquet":
        table = read_table(path, needs=("place",), may_have=tuple(WORDS))
        tokens = table.read("place", int, what="a whole number, as the store's places are") if integers else None
        place = pa.array(tokens or table.columns["place"], pa.int64() if integers else pa.string())
        held = {name: pa.array([one or None for one in table.columns[name]], pa.string())
                for name in WORDS if name in table}  # fmt: skip
        return _checked(path, [_whole(pa.table({"place": place} | held))])
    try:
        file = pq.ParquetFile(path)
        names = [name for name in ("place", *WORDS) if name in file.schema_arrow.names]
        if "place" not in names:
            raise PresencesUnreadable(path=path, reason=Phrase("the column place is missing.", "缺少 place 列。"))
        parts = [_distinct(_whole(pa.Table.from_batches([one]))) for one in file.iter_batches(columns=names)]
        return _checked(path, parts)
    except (OSError, pa.ArrowInvalid) as fault:
        raise PresencesUnreadable(path=path, reason=NOT_WHOLE) from fault


def told_in(schema: pa.Schema) -> bool:
    """Say whether a file of presences tells something of its places."""
    return any(name in schema.names for name in WORDS)


def known_places(store: Path) -> Places:
    """Give what was told of the places of a store; nothing where nothing was."""
    path = store / NAME
    return Places(pq.read_table(path)) if path.exists() else UNTOLD


def describe(store: Path, places: Places) -> int:
    """
    Keep what is known of places beside a store; return how many it now knows.

    What was kept before stays; saying it again changes nothing. Raise PlaceToldTwice where the two differ. The
    caller holds the right to write to the store.
    """
    known = known_places(store).joined(places)
    sink = pa.BufferOutputStream()
    pq.write_table(known.table, sink, compression="zstd")
    write_whole(store / NAME, bytes(sink.getvalue()))
    return int(known.table.num_rows)


def _checked(path: Path, parts: Sequence[pa.Table]) -> Places:
    found = _distinct(pa.concat_tables(parts)) if parts else UNTOLD.table
    for name, words in WORDS.items():
        allowed = pa.array([str(word) for word in words])
        wrong = pc.invert(pc.fill_null(pc.is_in(found[name], value_set=allowed), True))  # noqa: FBT003 — Arrow's way
        odd = found.filter(pc.and_(wrong, pc.is_valid(found[name])))
        if odd.num_rows:
            told = ", ".join(allowed.to_pylist())
            raise NoSuchWord(
                path=path, column=name, place=odd["place"][0].as_py(), told=odd[name][0].as_py(), allowed=told
            )  # fmt: skip
    return _once(found)


def _whole(table: pa.Table) -> pa.Table:
    """Give a table all columns, in order, with plain types."""
    place = table["place"]
    kind = pa.int64() if pa.types.is_integer(place.type) else pa.string()
    columns = {name: table[name].cast(pa.string()) if name in table.column_names else pa.nulls(len(table), pa.string())
               for name in WORDS}  # fmt: skip
    return pa.table({"place": place.cast(kind)} | columns)


def _distinct(table: pa.Table) -> pa.Table:
    return table.group_by(table.column_names).aggregate([])


def _once(table: pa.Table) -> Places:
    """Make one row of each place. Raise PlaceToldTwice."""
    told = table.filter(pc.is_valid(table["place"])).group_by("place")
    counted = told.aggregate([(name, how) for name in WORDS for how in ("count_distinct", "min", "max")])
    for name in WORDS:
        many = np.flatnonzero(np.asarray(counted[f"{name}_count_distinct"]) > 1)
        if len(many):
            row = {key: counted[key][int(many[0])].as_py() for key in ("place", f"{name}_min", f"{name}_max")}
            raise PlaceToldTwice(
                place=row["place"], column=name.replace("_", " "), one=row[f"{name}_min"], other=row[f"{name}_max"]
            )  # fmt: skip
    columns: dict[str, Any] = {"place": counted["place"]}
    return Places(pa.table(columns | {name: counted[f"{name}_min"] for name in WORDS}))
