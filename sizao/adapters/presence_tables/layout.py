"""
How tables of presences lie in a folder, and the one file that describes them.

`by_place/day=D/bucket=B/presences.parquet` holds what starts on day D (days from 1970, UTC) at the places of bucket
B, sorted by place and start; `by_person` the same presences by the bucket of the person, sorted by person and start.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from sizao.adapters.presence_tables.errors import TablesDamaged, TablesMissing

NAME = "tables.json"
FORMAT = 1
FILE = "presences.parquet"
ORDERS = ("by_place", "by_person")
DAY_SECONDS = 86_400
ARROW = {"integers": pa.int64(), "texts": pa.string()}


@dataclass(frozen=True, slots=True)
class Day:
    """The presences that start on one day: how many, the first start and the latest end, in seconds."""

    day: int
    rows: int
    first_start: int
    latest_end: int


@dataclass(frozen=True, slots=True)
class Tables:
    """
    What a folder holds.

    `kinds` says how persons, places and times were given, as in a store; `files` gives the bytes of each file, so
    that a folder that lacks some is not taken for one where nobody met.
    """

    kinds: dict[str, str]
    buckets: int
    days: tuple[Day, ...]
    files: dict[str, int]

    @property
    def rows(self) -> int:
        """Give how many presences there are."""
        return sum(one.rows for one in self.days)

    @property
    def time(self) -> pa.DataType:
        """Give the type of the times as they were given."""
        kind, _, zone = self.kinds.get("time", "seconds").partition(" ")
        return pa.int64() if kind == "seconds" else pa.timestamp("s", zone or None)

    @property
    def schema(self) -> pa.Schema:
        """Give the columns of each file; start and end are seconds, `imputed` says that a rule closed the presence."""
        tokens = {name: ARROW[self.kinds.get(name, "integers")] for name in ("person", "place")}
        return pa.schema(tokens | {"start": pa.int64(), "end": pa.int64(), "imputed": pa.bool_()})


def write(folder: Path, tables: Tables) -> None:
    """Describe the tables of a folder."""
    (folder / NAME).write_text(json.dumps({"format": FORMAT} | asdict(tables), indent=1), encoding="utf-8")


def read(folder: Path) -> Tables:
    """Read what a folder holds. Raise TablesMissing or TablesDamaged."""
    path = folder / NAME
    try:
        found = json.loads(path.read_bytes())
        if found["format"] != FORMAT:
            raise TablesDamaged(path=path, reason="it has another format")
        days = tuple(Day(**one) for one in found["days"])
        return Tables(dict(found["kinds"]), int(found["buckets"]), days, dict(found["files"]))
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise TablesMissing(path=folder) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise TablesDamaged(path=path, reason="it is no description of tables") from fault


def read_whole(folder: Path) -> Tables:
    """Read what a folder holds, and see that its files are there. Raise TablesMissing or TablesDamaged."""
    tables = read(folder)
    found = files_in(folder)
    for name, size in tables.files.items():
        if name not in found:
            raise TablesDamaged(path=folder, reason=f"{name} is not there")
        if found[name] != size:
            raise TablesDamaged(path=folder, reason=f"{name} has {found[name]:,} bytes, not {size:,}")
    if more := found.keys() - tables.files.keys():
        raise TablesDamaged(path=folder, reason=f"{min(more)} does not belong to it")
    return tables


def files_in(folder: Path) -> dict[str, int]:
    """Map each file of the tables, by its path in the folder, to its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for order in ORDERS
        for path in sorted((folder / order).glob(f"*/*/{FILE}"))
    }


def are_tables(folder: Path) -> bool:
    """Say whether a folder was written as tables."""
    return (folder / NAME).is_file()


def buckets_of(tokens: pa.Array, n_buckets: int) -> NDArray[np.uint32]:
    """
    Give the bucket of each token: the CRC-32 of its text, modulo their number.

    Any engine can work that out (`crc32(CAST(place AS string)) % n` in Spark), so that others may write tables too.
    """
    texts = tokens.cast(pa.large_string()).fill_null("")
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, np.int64, len(texts) + 1, 8 * texts.offset) if len(texts) else np.zeros(1, np.int64)
    bytes_of = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    found: NDArray[np.uint32] = _crc32(bytes_of, starts, _crc_table())
    return found % np.uint32(n_buckets)


def _crc_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0xEDB88320), table >> 1).astype(np.uint32)
    return table


@njit(nogil=True, cache=True)
def _crc32(data, starts, table):  # type: ignore[no-untyped-def]
    found = np.empty(len(starts) - 1, np.uint32)
    for one in range(len(found)):
        crc = np.uint32(0xFFFFFFFF)
        for at in range(starts[one], starts[one + 1]):
            crc = np.uint32(table[(crc ^ np.uint32(data[at])) & np.uint32(0xFF)] ^ (crc >> np.uint32(8)))
        found[one] = ~crc
    return found
