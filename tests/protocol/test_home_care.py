"""The table of home care: read whole, or told exactly what is wrong with it."""

import pytest

from sizao.protocol import shipped
from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.home_care import FILE, load_home_rules, shipped_home_rules
from sizao.protocol.shipped import shipped_text
from sizao.terms import HomeCheckItem, OrderKind, Symptom, VisitKind


class TestTheShippedTable:
    def test_says_of_every_item_whether_it_decides(self):
        assert {one.item for one in shipped_home_rules().checks} == set(HomeCheckItem)

    def test_lets_a_home_fail_for_want_of_a_room_and_not_for_want_of_a_bin(self):
        decides = {one.item: one.decides for one in shipped_home_rules().checks}
        assert decides[HomeCheckItem.OWN_ROOM]
        assert not decides[HomeCheckItem.BIN]

    def test_names_only_sources_that_the_library_holds(self):
        known = {str(one) for one in shipped().sources}
        assert {name for one in shipped_home_rules().checks for name in one.sources} <= known

    def test_has_something_to_say_for_every_symptom(self):
        rules = shipped_home_rules()
        assert all(rules.advice([symptom]) for symptom in Symptom)

    def test_says_the_gravest_first(self):
        rules = shipped_home_rules()
        assert rules.advice([Symptom.FEVER, Symptom.BREATHLESS]) is rules.worse[0]
        assert rules.advice([]) is None

    def test_lets_who_is_monitored_be_called_and_not_be_visited(self):
        kinds = {one.kind for one in shipped_home_rules().visits if one.order == OrderKind.MONITORING}
        assert VisitKind.CALL in kinds
        assert VisitKind.VISIT not in kinds


class TestAFaultyTable:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ('item = "bin"', 'item = "bim"', "holds bim"),
            ("every_days = 3", "every_days = 0", "must be 1 or more"),
            ('group = "age_80"', 'group = "age_90"', "holds age_90"),
            ('"breathless", "chest"', '"breathles"', "holds breathles"),
            ("unanswered_before_task = 2", "", "is missing"),
            ("[limits]", "[limit]", "is no table of home care"),
            ('order = "monitoring"', 'order = "central"', "holds central"),
        ],
    )
    def test_says_what_is_wrong(self, was, becomes, told):
        text = shipped_text(FILE)
        assert was in text
        with pytest.raises(FaultyProtocol) as fault:
            load_home_rules(text.replace(was, becomes), FILE)
        assert told in str(fault.value)
