"""Dense numbers: those of a dictionary that numbers tokens as they appear."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.adapters.visits.tokens import Tokens, token_bytes

integers = st.lists(st.lists(st.integers(-5, 40) | st.integers(-(2**63), 2**63 - 1)), max_size=4)
texts = st.lists(st.lists(st.text(max_size=12) | st.sampled_from(["", "a", "甲", "甲乙", "a\0"])), max_size=4)


def check(kind, batches):
    tokens, numbers = Tokens(kind), {}
    for values in batches:
        wanted = [numbers.setdefault(value, len(numbers)) for value in values]
        array = pa.array(values, pa.int64() if kind == "integers" else pa.string())
        # A slice of a longer array begins elsewhere in its buffers.
        sliced = pa.concat_arrays([array, array])[len(array) :]
        assert tokens.numbers_of(sliced).tolist() == wanted
    assert tokens.unwritten().to_pylist() == list(numbers)
    tokens.taken()
    assert Tokens(kind, tokens.known).numbers_of(tokens.known.combine_chunks()).tolist() == list(range(len(numbers)))


@settings(deadline=None)
@given(integers)
def test_integers(batches):
    check("integers", batches)


@settings(deadline=None)
@given(texts)
def test_texts(batches):
    check("texts", batches)


def test_tables_grow():
    values = np.random.default_rng(1).permutation(np.repeat(np.arange(50_000) * 4_096, 2))
    numbers = Tokens("integers").numbers_of(pa.array(values))
    first, at = np.unique(values, return_index=True)
    wanted = np.empty(len(first), np.int64)
    wanted[np.argsort(at)] = np.arange(len(first))
    assert (numbers == wanted[np.searchsorted(first, values)]).all()


def test_destroyed_tokens_use_their_numbers_up():
    for kind, known, again in (("integers", [7, None, 9], [9, 8, 0]), ("texts", ["g", None, "i"], ["i", "h", ""])):
        values = pa.array(known, pa.int64() if kind == "integers" else pa.string())
        tokens = Tokens(kind, pa.chunked_array([values]))
        assert tokens.numbers_of(pa.array(again)).tolist() == [2, 3, 4]
        assert len(token_bytes(tokens.unwritten())) > 0


def test_dictionaries_are_read_by_their_entries():
    tokens = Tokens("texts")
    assert tokens.numbers_of(pa.array(["b", "a", "b"]).dictionary_encode()).tolist() == [0, 1, 0]
