"""Codes of tubes: read back as written, and a slip of the finger is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.engines.tube_codes import CODE_DIGITS, code_of, serial_of

SERIALS = st.integers(0, 10**10 - 1)


class TestCodes:
    @given(SERIALS)
    def test_are_read_back(self, serial):
        assert len(code_of(serial)) == CODE_DIGITS
        assert serial_of(code_of(serial)) == serial

    @given(SERIALS, st.integers(0, CODE_DIGITS - 1), st.integers(1, 9))
    def test_find_every_wrong_digit(self, serial, place, more):
        code = code_of(serial)
        wrong = code[:place] + str((int(code[place]) + more) % 10) + code[place + 1 :]
        assert serial_of(wrong) is None

    @given(SERIALS, st.integers(0, CODE_DIGITS - 2))
    def test_find_neighbours_exchanged(self, serial, place):
        code = code_of(serial)
        if code[place] != code[place + 1]:
            assert serial_of(code[:place] + code[place + 1] + code[place] + code[place + 2 :]) is None

    def test_are_those_of_the_standard(self):
        # ISO 7064 MOD 97-10: 0794 bears the check digits 44.
        assert code_of(794) == "000000079444"

    @pytest.mark.parametrize("text", ["", "12345678901", "1234567890123", "12345678901x", "１２３４５６７８９０１２"])
    def test_are_nothing_else(self, text):
        assert serial_of(text) is None

    def test_may_be_spoken_in_groups(self):
        assert serial_of(" ".join(code_of(7)[at : at + 4] for at in (0, 4, 8))) == 7

    def test_beyond_ten_digits_there_is_none(self):
        with pytest.raises(ValueError, match="digits"):
            code_of(10**10)
