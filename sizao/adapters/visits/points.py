"""Presences at points (lon, lat) as presences in cells, before a store takes them; what has no cell is set aside."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sizao.adapters.visits.bulk import opened
from sizao.adapters.visits.durable import sync_folder, write_durably
from sizao.adapters.visits.errors import KindUnusable
from sizao.engines.presences.datums import wgs84_of

POINT = ("lon", "lat")
ROWS_AT_ONCE = 1 << 18
NO_POINT, OUTSIDE = "no point of the globe", "outside the box"
# Cells of H3 of this resolution are 0.74 square kilometres, as squares of some 860 metres would be.
RESOLUTION = 8

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """How points become cells: their datum, the resolution of H3, the box (west, south, east, north) they lie in."""

    datum: str = "wgs84"
    resolution: int = RESOLUTION
    box: Box | None = None


@dataclass(slots=True)
class SetAside:
    """Rows whose point lies in no cell, each with its `reason`, and how many there are of each."""

    rows: list[pa.Table] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=lambda: {NO_POINT: 0, OUTSIDE: 0})

    def keep(self, store: Path, key: str) -> None:
        """Write the rows beside a store, among those refused."""
        if not sum(self.found.values()):
            return
        folder = store / "refused"
        folder.mkdir(exist_ok=True)
        sink = pa.BufferOutputStream()
        pq.write_table(pa.concat_tables(self.rows), sink)
        write_durably(folder / f"points-{key}.parquet", sink.getvalue())
        sync_folder(folder)


def are_points(path: Path) -> bool:
    """Say whether a Parquet file tells where by points, and not by places."""
    names = opened(path).schema_arrow.names
    return "place" not in names and all(name in names for name in POINT)


@contextmanager
def cells_file(path: Path, grid: Grid) -> Iterator[tuple[Path, SetAside]]:
    """
    Give a file of presences at points as one of presences in cells (H3, as texts) for a while.

    Rows without a point, or whose point is none of the globe or outside the box, are not in it.
    """
    source, aside = opened(path), SetAside()
    kept = [name for name in source.schema_arrow.names if name not in POINT]
    schema = pa.schema([source.schema_arrow.field(name) for name in kept]).append(pa.field("place", pa.string()))
    with tempfile.TemporaryDirectory(prefix="sizao-points-") as held:
        whole = Path(held) / "presences.parquet"
        with pq.ParquetWriter(whole, schema.with_metadata(source.schema_arrow.metadata), compression="zstd") as writer:
            for batch in source.iter_batches(ROWS_AT_ONCE):
                table = pa.Table.from_batches([batch])
                cells, reason = _cells(_degrees(table, POINT[0]), _degrees(table, POINT[1]), grid)
                good = pa.array(np.equal(reason, ""))
                writer.write_table(table.select(kept).append_column("place", cells).filter(good).cast(schema))
                bad = pa.array(np.not_equal(reason, ""))
                aside.rows.append(table.append_column("reason", pa.array(reason.tolist(), pa.string())).filter(bad))
                for why in aside.found:
                    aside.found[why] += int(np.equal(reason, why).sum())
        yield whole, aside


def _degrees(table: pa.Table, name: str) -> Floats:
    kind = table.schema.field(name).type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise KindUnusable(column=name, given=str(kind), wanted="degrees (numbers)")
    found: Floats = table[name].cast(pa.float64()).fill_null(float("nan")).to_numpy()
    return found


def _cells(longitude: Floats, latitude: Floats, grid: Grid) -> tuple[pa.Array, NDArray[Any]]:
    """Give the cell of each point, and why it has none."""
    import h3  # here, because loading it takes longer than many a file

    with np.errstate(invalid="ignore"):
        there = (np.abs(longitude) <= 180) & (np.abs(latitude) <= 90)
        east, north = wgs84_of(np.where(there, longitude, 0.0), np.where(there, latitude, 0.0), datum=grid.datum)
    west, south, far_east, far_north = grid.box or (-180.0, -90.0, 180.0, 90.0)
    inside = (east >= west) & (east <= far_east) & (north >= south) & (north <= far_north)
    reason = np.where(there, np.where(inside, "", OUTSIDE), NO_POINT)
    # Phones and gates tell the same point again and again: each is looked up once.
    points, which = np.unique(np.column_stack((north, east)), axis=0, return_inverse=True)
    names = [h3.latlng_to_cell(*point, grid.resolution) for point in np.clip(points, (-90, -180), (90, 180)).tolist()]
    return pa.array(names, pa.string()).take(pa.array(which.reshape(-1))), reason
