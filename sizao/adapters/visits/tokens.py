"""Tokens of persons and places, and the dense numbers they go by inside the store."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sizao.adapters.visits.errors import StoreDamaged, TokensDiffer
from sizao.adapters.visits.manifest import TokenEntry, write_durably

Numbers = NDArray[np.uint32]

KINDS = {"integers": pa.int64(), "texts": pa.string()}
# A search in a table of all tokens is worth building when this share of them is asked for at once.
MANY = 8


def kind_of(column: str, values: pa.DataType) -> str:
    """Say whether a column holds integers or texts. Raise TokensDiffer for anything else."""
    if pa.types.is_dictionary(values):
        values = values.value_type
    if pa.types.is_integer(values):
        return "integers"
    if pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_string_view(values):
        return "texts"
    raise TokensDiffer(column=column, given=str(values), held="integers or texts")


class Tokens:
    """
    The tokens of one column in the order of their numbers; `destroyed` ones are empty.

    `numbers_of` gives new tokens the next numbers; they stay in memory until `write`.
    """

    def __init__(self, kind: str, known: pa.ChunkedArray | None = None) -> None:
        self.kind = kind
        self.known = known if known is not None else pa.chunked_array([], KINDS[kind])
        self.fresh: list[pa.Array] = []
        self.n = len(self.known)
        self._index: dict[Any, int] | None = None

    def numbers_of(self, values: pa.Array) -> Numbers:
        """Give the number of each token, a new one to each new token; values are without gaps."""
        coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
        distinct = coded.dictionary.cast(KINDS[self.kind])
        numbers = self._find_many(distinct) if len(distinct) * MANY > self.n else self._find_few(distinct)
        indices = coded.indices.to_numpy(zero_copy_only=False)
        found: Numbers = numbers[indices]
        return found

    def find(self, values: pa.Array) -> NDArray[np.int64]:
        """Give the number of each token, -1 for one that is not in the store."""
        try:
            wanted = values.cast(KINDS[self.kind])
        except pa.ArrowInvalid:
            return np.full(len(values), -1, np.int64)
        # Few are looked for among many: one pass over the many, which needs no table of them.
        here = np.flatnonzero(pc.is_in(self.known, value_set=wanted).to_numpy())
        among = pc.index_in(wanted, value_set=pc.take(self.known, pa.array(here)).combine_chunks())
        found = among.fill_null(-1).to_numpy(zero_copy_only=False)
        return np.where(found >= 0, np.append(here, -1)[found], -1)

    def write(self, path: Path) -> TokenEntry | None:
        """Write the tokens that are new since the last time; None when there are none."""
        if not self.fresh:
            return None
        tokens = pa.concat_arrays(self.fresh)
        self.known = pa.chunked_array([*self.known.chunks, tokens], KINDS[self.kind])
        self.fresh = []
        return write_tokens(path, tokens)

    def _find_many(self, distinct: pa.Array) -> Numbers:
        everything = pa.concat_arrays([*self.known.chunks, *self.fresh, pa.array([], KINDS[self.kind])])
        found = pc.index_in(distinct, value_set=everything)
        numbers = found.fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint32)
        return self._number_new(distinct, numbers, np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False)))

    def _find_few(self, distinct: pa.Array) -> Numbers:
        if self._index is None:
            everything = [*self.known.chunks, *self.fresh]
            tokens = [token for chunk in everything for token in chunk.to_pylist()]
            self._index = {token: number for number, token in enumerate(tokens)}
        found = [self._index.get(token, -1) for token in distinct.to_pylist()]
        numbers = np.array(found, np.int64)
        return self._number_new(distinct, numbers.astype(np.uint32), np.flatnonzero(numbers < 0))

    def _number_new(self, distinct: pa.Array, numbers: Numbers, new: NDArray[np.int64]) -> Numbers:
        if len(new):
            numbers = numbers.copy()
            numbers[new] = np.arange(self.n, self.n + len(new), dtype=np.uint32)
            tokens = distinct.take(pa.array(new))
            self.fresh.append(tokens)
            if self._index is not None:
                self._index.update(zip(tokens.to_pylist(), range(self.n, self.n + len(new)), strict=True))
            self.n += len(new)
        return numbers


def write_tokens(path: Path, tokens: pa.Array) -> TokenEntry:
    """Write tokens durably."""
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([tokens], names=["token"])
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data = sink.getvalue()
    write_durably(path, data)
    return TokenEntry(path.name, len(tokens), zlib.crc32(data))


def read_tokens(store: Path, kind: str, entries: tuple[TokenEntry, ...]) -> Tokens:
    """Map the tokens of a column. Raise StoreDamaged where a file is not what was written."""
    chunks = [_chunk(store / one.file, one) for one in entries]
    return Tokens(kind, pa.chunked_array(chunks, KINDS[kind]))


def _chunk(path: Path, entry: TokenEntry) -> pa.Array:
    try:
        data = pa.memory_map(str(path)).read_buffer()
        if zlib.crc32(data) != entry.checksum:
            raise StoreDamaged(path=path, reason="its checksum differs")
        return pa.ipc.open_file(data).read_all().column(0).combine_chunks()
    except (OSError, pa.ArrowInvalid) as fault:
        raise StoreDamaged(path=path, reason="it cannot be read") from fault
