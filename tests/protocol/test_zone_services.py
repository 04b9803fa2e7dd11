"""The table of services inside zones: read whole, or told exactly what is wrong with it."""

import pytest

from sizao.protocol import shipped
from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.shipped import shipped_text
from sizao.protocol.zone_services import FILE, load_zone_services, shipped_zone_services
from sizao.terms import NeedKind, ZoneRequestKind


class TestTheShippedTable:
    def test_has_a_clock_for_all_that_may_be_asked(self):
        assert set(shipped_zone_services().requests) == set(ZoneRequestKind)

    def test_refuses_nobody_care_and_serves_it_first(self):
        rules = shipped_zone_services().requests
        assert [kind for kind, rule in rules.items() if not rule.may_refuse] == [ZoneRequestKind.CARE]
        assert min(rules.values(), key=lambda rule: rule.within).kind == ZoneRequestKind.CARE

    def test_sees_to_dialysis_without_being_asked(self):
        assert shipped_zone_services().needs[NeedKind.DIALYSIS].asks == ZoneRequestKind.CARE

    def test_names_only_sources_that_the_library_holds(self):
        known = {str(one) for one in shipped().sources}
        for line in shipped_text(FILE).splitlines():
            if line.startswith("sources = [") and '"' in line:
                assert set(line.split(chr(34))[1::2]) <= known


class TestAFaultyTable:
    @pytest.mark.parametrize(
        ("was", "becomes", "told"),
        [
            ("may_refuse = false", "may_refuse = true", "lets care be refused"),
            ('kind = "goods"', 'kind = "good"', "holds good"),
            ('kind = "waste"', 'kind = "goods"', "lacks waste"),
            ("hours = 4\n", "hours = 0\n", "must be 1 or more"),
            ("every_days = 3", "every_days = 0", "must be 1 or more"),
            ("every_days = 3", "", "is missing"),
            ('need = "dialysis"', 'need = "dialyse"', "holds dialyse"),
            ("[supplies]", "[supply]", "is no table of services"),
        ],
    )
    def test_says_what_is_wrong(self, was, becomes, told):
        text = shipped_text(FILE)
        assert was in text
        with pytest.raises(FaultyProtocol) as fault:
            load_zone_services(text.replace(was, becomes), FILE)
        assert told in str(fault.value)
