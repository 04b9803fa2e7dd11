"""Tokens of persons and places, and the dense numbers they go by inside the store."""

import mmap
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sizao.adapters.visits import finding
from sizao.adapters.visits.durable import write_durably
from sizao.adapters.visits.errors import KindUnusable, StoreDamaged, TokenTooLarge
from sizao.adapters.visits.manifest import TokenEntry
from sizao.engines.presences.numbering import IntegerNumbers, TextNumbers

Numbers = NDArray[np.uint32]

KINDS = {"integers": pa.int64(), "texts": pa.string()}


def kind_of(column: str, values: pa.DataType) -> str:
    """Say whether a column holds integers or texts. Raise KindUnusable for anything else."""
    if pa.types.is_dictionary(values):
        values = values.value_type
    if pa.types.is_integer(values):
        return "integers"
    if pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_string_view(values):
        return "texts"
    raise KindUnusable(column=column, given=str(values), wanted="integers or texts")


class Tokens:
    """
    The tokens of one column in the order of their numbers; `destroyed` ones are empty.

    `numbers_of` gives new tokens the next numbers; they stay in memory until `taken` makes them known.
    """

    def __init__(self, kind: str, known: pa.ChunkedArray | None = None) -> None:
        self.kind = kind
        self.known = known if known is not None else pa.chunked_array([], KINDS[kind])
        self.fresh: list[pa.Array] = []
        self.n = len(self.known)
        self._table: IntegerNumbers | TextNumbers | None = None

    def numbers_of(self, values: pa.Array) -> Numbers:
        """Give the number of each token, a new one to each new token; values are without gaps."""
        if pa.types.is_dictionary(values.type):
            numbers = self.numbers_of(values.dictionary)
            found: Numbers = numbers[values.indices.to_numpy(zero_copy_only=False)]
            return found
        try:
            tokens = values.cast(KINDS[self.kind])
        except pa.ArrowInvalid as fault:  # unsigned integers reach further
            raise TokenTooLarge from fault
        table = self._learnt()
        if isinstance(table, IntegerNumbers):
            numbers, new = table.number(tokens.to_numpy(zero_copy_only=False))
        else:
            numbers, new = table.number(*_bytes_of(tokens))
        if len(new):
            self.fresh.append(tokens.take(pa.array(new)))
            self.n += len(new)
        return numbers

    def find(self, values: pa.Array) -> NDArray[np.int64]:
        """Give the number of each token, -1 for one that is not in the store."""
        return finding.find(self.known, values)

    def unwritten(self) -> pa.Array:
        """Give the tokens that are new since the last `taken`."""
        return pa.concat_arrays(self.fresh) if self.fresh else pa.array([], KINDS[self.kind])

    def taken(self) -> None:
        """Count the new tokens among those known: they are written."""
        self.known = pa.chunked_array([*self.known.chunks, *self.fresh], KINDS[self.kind])
        self.fresh = []

    def _learnt(self) -> IntegerNumbers | TextNumbers:
        """Give the table of numbers; it is made when it is first needed, since readers never need it."""
        if self._table is None:
            self._table = IntegerNumbers() if self.kind == "integers" else TextNumbers()
            for chunk in (*self.known.chunks, *self.fresh):
                _learn(self._table, chunk)
        return self._table


def token_bytes(tokens: pa.Array) -> Any:
    """Write tokens as bytes that `read_tokens` understands."""
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([tokens], names=["token"])
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def entry_of(file: str, tokens: pa.Array, data: Any, *, at: int = 0) -> TokenEntry:
    """Describe tokens, written as `data` into a file, for the manifest."""
    return TokenEntry(file, len(tokens), zlib.crc32(data), at, len(data))


def write_tokens(path: Path, tokens: pa.Array) -> TokenEntry:
    """Write tokens durably into a file of their own. Raise StoreFull."""
    data = token_bytes(tokens)
    write_durably(path, data)
    return entry_of(path.name, tokens, data)


def read_tokens(store: Path, kind: str, entries: tuple[TokenEntry, ...]) -> Tokens:
    """Map the tokens of a column. Raise StoreDamaged where a file is not what was written."""
    chunks = [_chunk(store / one.file, one) for one in entries]
    return Tokens(kind, pa.chunked_array(chunks, KINDS[kind]))


def in_one_piece(tokens: pa.ChunkedArray) -> pa.Array:
    """Give tokens as one array; what is one piece already is not copied out of the file that it is mapped from."""
    return tokens.chunk(0) if tokens.num_chunks == 1 else tokens.combine_chunks()


def _chunk(path: Path, entry: TokenEntry) -> pa.Array:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        data = pa.py_buffer(mapped)[entry.at : entry.at + entry.size]
        if data.size != entry.size or zlib.crc32(data) != entry.checksum:
            raise StoreDamaged(path=path, reason="the checksum of its tokens differs")
        return in_one_piece(pa.ipc.open_file(data).read_all().column(0))
    except (OSError, ValueError, pa.ArrowInvalid) as fault:
        raise StoreDamaged(path=path, reason="it cannot be read") from fault


def _learn(table: IntegerNumbers | TextNumbers, tokens: pa.Array) -> None:
    present = tokens.is_valid().to_numpy(zero_copy_only=False)
    if isinstance(table, IntegerNumbers):
        table.learn(tokens.fill_null(0).to_numpy(zero_copy_only=False), present)
    else:
        table.learn(*_bytes_of(tokens), present)


def _bytes_of(texts: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Give where each text begins and ends, and the bytes, without copying."""
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bounds, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
