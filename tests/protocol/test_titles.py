"""Every key that a decision may cite has a name in both languages."""

import pytest

from sizao.protocol.schema import KEYS
from sizao.protocol.titles import BESIDE_THE_EDITIONS, key_title
from sizao.protocol.zone_schemes import county_class


class TestKeyTitle:
    @pytest.mark.parametrize("key", sorted({*KEYS, *BESIDE_THE_EDITIONS}))
    def test_stands_in_both_languages(self, key):
        assert any("一" <= letter <= "鿿" for letter in key_title(key, "zh-hans"))
        assert key_title(key, "en").isascii()

    def test_covers_what_companions_say_of_counties(self):
        assert county_class("edition-7").key in BESIDE_THE_EDITIONS
