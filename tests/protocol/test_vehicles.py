"""Seats near a case are data: what is shipped can be used, a narrower area decides for itself, and faults are named."""

from dataclasses import replace
from datetime import date

import pytest

from sizao.engines.presences.seats import Reach
from sizao.protocol import rules_at
from sizao.protocol.faults import FaultyProtocol
from sizao.protocol.read_vehicles import load_seat_rules, shipped_seat_rules, shipped_seat_rules_at
from sizao.protocol.shipped import shipped_text
from sizao.protocol.titles import key_title
from sizao.protocol.vehicles import seat_rules_at
from sizao.terms import ValueStatus, VehicleKind

DAY = date(2021, 1, 2)
FILE = "vehicles/seats-2020.toml"


def written(old="", new=""):
    text = shipped_text(FILE)
    assert old in text
    return text.replace(old, new, 1)


class TestShipped:
    def test_every_kind_of_vehicle_has_its_rule_and_waits_for_confirmation(self):
        found = shipped_seat_rules_at(DAY, "130109")
        assert set(found) == set(VehicleKind)
        rules = rules_at(DAY, "130109")
        for kind, row in found.items():
            assert row.value.status is ValueStatus.UNVERIFIED
            assert rules.awaits_confirmation(rules.value(f"vehicles.{kind}"))

    def test_three_rows_before_and_behind_in_an_aircraft_and_its_crew(self):
        row = shipped_seat_rules_at(DAY, "130109")[VehicleKind.AIRCRAFT]
        assert (row.rule.reach, row.rule.rows_before, row.rule.rows_behind, row.rule.crew) == (Reach.ROWS, 3, 3, True)
        assert row.said == "the same row, 3 before and 3 behind, and crew"

    def test_nothing_is_in_force_before_its_first_day(self):
        assert shipped_seat_rules_at(date(2019, 12, 31), "130109") == {}

    def test_every_value_has_a_name_in_both_languages(self):
        for row in (row for file in shipped_seat_rules() for row in file.kinds):
            assert any("一" <= letter <= "鿿" for letter in key_title(row.value.key, "zh-hans"))
            assert key_title(row.value.key, "en").isascii()


class TestNarrowerArea:
    def test_takes_the_place_of_the_row_of_the_same_kind_there_and_below(self):
        wide = load_seat_rules(written(), "wide.toml")
        narrow = load_seat_rules(written("rows_before = 3", "rows_before = 5"), "narrow.toml")
        narrow = replace(narrow, id="province", area_code="13", kinds=narrow.kinds[:1])
        here, there = (seat_rules_at(DAY, code, [narrow, wide]) for code in ("130109", "410102"))
        assert here[VehicleKind.AIRCRAFT].rule.rows_before == 5
        assert there[VehicleKind.AIRCRAFT].rule.rows_before == 3
        assert here[VehicleKind.SHIP] == there[VehicleKind.SHIP]

    def test_ends_on_its_last_day(self):
        text = written("effective_from = 2020-01-01", "effective_from = 2020-01-01\neffective_until = 2021-01-02")
        file = load_seat_rules(text, "own.toml")
        assert seat_rules_at(DAY, "13", [file])
        assert not seat_rules_at(date(2021, 1, 3), "13", [file])


class TestFaults:
    @pytest.mark.parametrize(
        ("old", "new", "key", "told"),
        [
            ('key = "aircraft"', 'key = "aircarft"', "kinds[0].key", "Did you mean aircraft?"),
            ('reach = "rows"', 'reach = "row"', "kinds[0].reach", "It may hold: carriage, rows, vehicle"),
            ("rows_before = 3", "rows_before = -1", "kinds[0].reach", "must be 0 or more"),
            ("rows_before = 3", "", "kinds[0].rows_before", "is missing"),
            ('reach = "carriage"', 'reach = "carriage"\nrows_before = 1', "kinds[1].reach", "need the reach rows"),
            ('key = "train_closed"', 'key = "aircraft"', "kinds[1].key", "a second time"),
            ('status = "unverified"', 'status = "surely"', "kinds[0].status", "It may hold"),
            ('id = "seats-2020"', "", "id", "is missing"),
        ],
    )
    def test_are_told_with_row_and_line(self, old, new, key, told):
        with pytest.raises(FaultyProtocol) as refusal:
            load_seat_rules(written(old, new), "own.toml")
        assert told in {fault.key: fault for fault in refusal.value.faults}[key].text

    def test_are_all_told_at_once(self):
        text = written('key = "aircraft"', 'key = "plane"').replace('reach = "vehicle"', 'reach = "all"')
        with pytest.raises(FaultyProtocol) as refusal:
            load_seat_rules(text, "own.toml")
        assert [fault.key for fault in refusal.value.faults] == ["kinds[0].key", "kinds[4].reach"]
