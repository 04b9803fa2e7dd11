"""Hours, lines and checklists of oversight are read from a file; a faulty file is told with its key."""

import pytest

from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.oversight import FILE, load_oversight, shipped_oversight
from sizao.protocol.shipped import shipped, shipped_text
from sizao.terms import Gravity, ValueStatus

WHOLE = shipped_text(FILE)


class TestWhatIsShipped:
    def test_is_marked_as_no_text_names_it(self):
        known = shipped_oversight()
        assert all(one.needs_confirmation for one in known.clocks.values())
        assert known.lines.status == ValueStatus.UNVERIFIED

    def test_gives_the_gravest_the_least_time(self):
        hours = [shipped_oversight().mend_clock(one).whole for one in Gravity]
        assert hours == sorted(hours, reverse=True)

    def test_names_sources_that_the_library_knows(self):
        cited = {source for one in shipped_oversight().checklists for source in one.sources}
        assert cited <= set(shipped().sources)

    def test_finds_an_item_by_its_key(self):
        known = shipped_oversight()
        first = known.checklists[0].items[0]
        assert known.item(first.key) == first
        assert known.item("nothing") is None


@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        ("major_mend_hours = 72", "major_mend_hours = 0", "clocks.major_mend_hours"),
        ("answer_hours = 72 ", "answer_hour = 72 ", "clocks.answer_hour"),
        ("share_kept = 0.8", 'share_kept = "much"', "rules.share_kept"),
        ("missed = 3", "missed = -3", "rules.missed"),
        ('stage = "isolation"', 'stage = "nowhere"', "checklists[0].stage"),
        ('id = "testing-site"', 'id = "isolation-site"', "checklists[1].id"),
        ('{ id = "loop"', '{ id = "zones"', "checklists[0].items"),
    ],
)
def test_a_fault_names_its_key(was, now, key):
    assert was in WHOLE
    with pytest.raises(FaultyProtocol) as faulty:
        load_oversight(WHOLE.replace(was, now, 1), "own.toml")
    assert key in [one.key for one in faulty.value.faults]
