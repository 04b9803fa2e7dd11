"""Few tokens looked up among many."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.adapters.visits.finding import find


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
class TestFind:
    @settings(deadline=None)
    @given(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True), st.lists(st.integers(0, 40)), st.data())
    def test_gives_the_number_of_each_token_and_none_for_those_unknown(self, kind, held, positions, data):
        """In whatever pieces the tokens came, and with some of them destroyed."""
        destroyed = data.draw(st.sets(st.integers(0, max(len(held) - 1, 0))))
        kept = [None if at in destroyed else token for at, token in enumerate(held)]
        cut = data.draw(st.integers(0, len(held)))
        told = pa.chunked_array([pa.array(part, pa.int64()).cast(kind) for part in (kept[:cut], kept[cut:])], kind)
        wanted = [held[at] if at < len(held) else at for at in positions]
        numbers = {token: at for at, token in enumerate(kept) if token is not None}
        asked = pa.array(wanted, pa.int64()).cast(kind)
        assert find(told, asked).tolist() == [numbers.get(token, -1) for token in wanted]

    def test_a_token_that_came_back_has_its_new_number(self, kind):
        told = pa.chunked_array([pa.array([7, None, 9]).cast(kind), pa.array([8]).cast(kind)])
        assert find(told, pa.array([8, 7, 9, 1]).cast(kind)).tolist() == [3, 0, 2, -1]


def test_a_text_is_not_among_integers():
    assert find(pa.chunked_array([pa.array([1, 2])]), pa.array(["one"])).tolist() == [-1]


def test_many_among_many_are_found():
    held = np.random.default_rng(1).permutation(50_000) * 7_919
    found = find(pa.chunked_array([pa.array(held)]), pa.array(held[::5]))
    assert np.array_equal(found, np.arange(0, 50_000, 5))
