"""What is told to everybody is read from a file; a faulty file is told with its key."""

import pytest

from sizao.protocol.disclosure import FILE, load_disclosure, shipped_disclosure
from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.shipped import shipped, shipped_text

WHOLE = shipped_text(FILE)


class TestWhatIsShipped:
    def test_tells_totals_down_to_the_county_whatever_their_size(self):
        rule = shipped_disclosure()
        assert [rule.may_tell(1, code) for code in ("13", "1301", "130109", "130109104")] == [True, True, True, False]
        assert rule.may_tell(0, "130109104")
        assert rule.may_tell(rule.least, "130109104")

    def test_names_sources_that_the_library_knows(self):
        assert set(shipped_disclosure().sources) <= set(shipped().sources)


@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        ("least = 5", "least = 0", "disclosure.least"),
        ("least = 5", 'least = "few"', "disclosure.least"),
        ('"county"]', '"country"]', "disclosure.always"),
        ('status = "unverified"', 'status = "sure"', "disclosure.status"),
        ("always =", "ever =", "disclosure.ever"),
        ("[disclosure]", "[closure]", "disclosure.least"),
    ],
)
def test_a_fault_names_its_key(was, now, key):
    assert was in WHOLE
    with pytest.raises(FaultyProtocol) as faulty:
        load_disclosure(WHOLE.replace(was, now, 1), "own.toml")
    assert key in [one.key for one in faulty.value.faults]
