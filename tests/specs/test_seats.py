"""Examples of who sat near a case, by the rules that are shipped."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.presences.seats import Reach, Seat, SeatRule, SeatRuleImpossible, seating
from sizao.protocol.read_vehicles import shipped_seat_rules_at
from sizao.terms import Seating, VehicleKind

title = "Who in a vehicle sat near a case"

RULES = {kind: row.rule for kind, row in shipped_seat_rules_at(date(2021, 1, 2), "").items()}


def test_three_rows_before_and_behind_in_an_aircraft():
    """The row of the case and three before and behind it, and the crew; who has no seat on the list stays open."""
    sat(
        "aircraft",
        seats="""
            person | carriage | row
            case   |          | 12
            beside |          | 12
            front  |          | 9
            back   |          | 15
            ahead  |          | 8
            behind |          | 16
            crew   | crew     |
            nobody |          |
        """,
        expect={
            "beside": "near", "front": "near", "back": "near", "ahead": "apart", "behind": "apart", "crew": "near",
            "nobody": "unknown",
        },
    )  # fmt: skip


def test_the_whole_carriage_of_a_closed_train():
    """Rows do not matter, carriages do."""
    sat(
        "train_closed",
        seats="""
            person | carriage | row
            case   | 7        | 3
            same   | 7        | 18
            next   | 8        | 1
            open   |          | 3
        """,
        expect={"same": "near", "next": "apart", "open": "unknown"},
    )


def test_sections_and_compartments():
    """In other trains the section and its neighbours, with soft berths only the compartment, of the same carriage."""
    seats = """
        person | carriage | row
        case   | 7        | 3
        inside | 7        | 3
        next   | 7        | 4
        far    | 7        | 5
        else   | 8        | 3
    """
    sat("train_other", seats=seats, expect={"inside": "near", "next": "near", "far": "apart", "else": "apart"})
    sat("train_berth", seats=seats, expect={"inside": "near", "next": "apart", "far": "apart", "else": "apart"})


def test_everybody_in_a_closed_coach():
    """No seat needs to be known."""
    sat(
        "coach_closed",
        seats="""
            person | carriage | row
            case   |          | 2
            last   |          | 14
            nobody |          |
        """,
        expect={"last": "near", "nobody": "near"},
    )


def test_the_cabin_of_a_ship():
    """A carriage is a cabin."""
    sat(
        "ship",
        seats="""
            person | carriage | row
            case   | 204      |
            same   | 204      |
            other  | 205      |
            crew   | crew     |
        """,
        expect={"same": "near", "other": "apart", "crew": "near"},
    )


def test_a_vehicle_of_no_known_kind_leaves_it_open():
    """Nobody is cleared for want of a rule."""
    sat(
        "",
        seats="""
            person | carriage | row
            case   | 1        | 1
            far    | 9        | 9
        """,
        expect={"far": "unknown"},
    )


def sat(kind, seats, expect):
    _, *lines = [[cell.strip() for cell in line.split("|")] for line in seats.strip().splitlines()]
    held = {who: () if not (carriage or row) else (_seat(carriage, row),) for who, carriage, row in lines}
    rule = RULES[VehicleKind(kind)] if kind else None
    assert {who: str(seating(rule, held["case"], seat)) for who, seat in held.items() if who != "case"} == expect


def _seat(carriage, row):
    if carriage == "crew":
        return Seat(is_crew=True)
    return Seat(carriage or None, int(row) if row else None)


some_seats = st.builds(Seat, st.sampled_from([None, "1", "2"]), st.none() | st.integers(1, 9), st.booleans())
rules = st.sampled_from([*RULES.values(), SeatRule(Reach.ROWS, 0, 2), None])


class TestLaws:
    @settings(deadline=None)
    @given(rules, st.lists(some_seats, max_size=2), st.lists(some_seats, max_size=2), some_seats)
    def test_one_seat_more_never_makes_anybody_less_near(self, rule, case, other, more):
        nearness = [Seating.APART, Seating.UNKNOWN, Seating.NEAR]
        before, after = seating(rule, case, other), seating(rule, case, [*other, more])
        assert not other or nearness.index(after) >= nearness.index(before)

    @settings(deadline=None)
    @given(rules, st.lists(some_seats, max_size=2))
    def test_nobody_without_a_seat_is_cleared(self, rule, case):
        assert seating(rule, case, []) is not Seating.APART

    @settings(deadline=None)
    @given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 4), st.integers(0, 4))
    def test_rows_are_counted_both_ways(self, case, other, before, behind):
        found = seating(SeatRule(Reach.ROWS, before, behind), [Seat("1", case)], [Seat("1", other)])
        assert (found is Seating.NEAR) == (-before <= other - case <= behind)

    def test_a_row_without_its_carriage_is_open(self):
        rule = SeatRule(Reach.ROWS, 3, 3)
        assert seating(rule, [Seat("1", 4)], [Seat(None, 4)]) is Seating.UNKNOWN
        assert seating(rule, [Seat("1", 4)], [Seat(None, 14)]) is Seating.APART

    @pytest.mark.parametrize("told", [(Reach.ROWS, -1, 0), (Reach.CARRIAGE, 0, 1), (Reach.VEHICLE, 1, 0)])
    def test_an_impossible_rule_is_refused(self, told):
        with pytest.raises(SeatRuleImpossible):
            SeatRule(*told)
