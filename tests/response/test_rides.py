"""Seats in vehicles: who sat near the case by the rule in force, told with why, and looked at again when seats come."""

from datetime import timedelta

import pytest

from sizao.adapters.visits.places import PlaceToldTwice
from sizao.engines.presences.seats import Reach
from sizao.records.models import Event, PresenceSeat
from sizao.response import outbreaks
from sizao.response.tracing import retention, rides, standing, trace_checks
from sizao.terms import Layer, OutbreakKind, Role, Seating, TraceCause, TraceQuestion, VehicleKind
from tests import factories
from tests.response.presence_world import NOW, at, found, token, world

pytestmark = pytest.mark.django_db
TRAIN, COACH = "G1234 2021-01-08", "K7 2021-01-08"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def here(settings, tmp_path):
    """A drill, where no value waits to be confirmed."""
    settings.PRESENCES_DIR = tmp_path
    return world(kind=OutbreakKind.DRILL)


def ride(here, *seats, place=TRAIN, kind="coach_aired", begins="10:00", ends="11:00", **more):
    """Send people with their seats: (number, carriage, row)."""
    n = len(seats)
    return here.send_columns(
        more, number=[one[0] for one in seats], place=[place] * n, start=[at(begins)] * n, end=[at(ends)] * n,
        vehicle_kind=[kind] * n, carriage=[one[1] for one in seats], row=[one[2] for one in seats],
        is_crew=[len(one) > 3 for one in seats],
    )  # fmt: skip


def seatings(here, trace):
    rows = trace.matches.filter(gone_at=None).values_list("token", "seating")
    names = {token(here, f"P-{name}"): name for name in ("NEAR", "FAR", "CREW", "NOBODY", "OTHER", "EDGE")}
    return {names[one]: seating for one, seating in rows}


def ask(here, **more):
    return here.ask(question=TraceQuestion.SEATS, **more)


class TestSeats:
    def test_within_the_rows_of_the_rule_are_near(self, here):
        ride(
            here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7), ("P-EDGE", "1", 8), ("P-FAR", "1", 9),
            ("P-OTHER", "2", 5), ("P-CREW", "1", None, True), ("P-NOBODY", None, None),
        )  # fmt: skip
        assert seatings(here, ask(here)) == {
            "NEAR": Seating.NEAR, "EDGE": Seating.NEAR, "CREW": Seating.NEAR, "FAR": Seating.APART,
            "OTHER": Seating.APART, "NOBODY": Seating.UNKNOWN,
        }  # fmt: skip

    def test_say_why(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7))
        (one,) = (rides.read(row) for row in ask(here).matches.get().rides)
        assert (one.place, one.kind, one.reach) == (TRAIN, VehicleKind.COACH_AIRED, Reach.ROWS)
        assert (one.of_case.row, one.of_other.row, one.rows_behind, one.minutes) == (5, 7, 2, 60.0)

    def test_that_are_not_told_clear_nobody(self, here):
        ride(here, ("P-CASE", None, None), ("P-NEAR", "1", 7))
        assert seatings(here, ask(here)) == {"NEAR": Seating.UNKNOWN}

    def test_of_a_vehicle_of_unknown_kind_clear_nobody(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "9", 70), kind=None)
        assert seatings(here, ask(here)) == {"NEAR": Seating.UNKNOWN}

    def test_do_not_matter_where_everybody_counts(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-FAR", "9", 70), kind="coach_closed")
        assert seatings(here, ask(here)) == {"FAR": Seating.NEAR}

    def test_of_another_ride_under_the_same_code_do_not_count(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-FAR", "1", 20))
        here.send_columns(
            number=["P-FAR"], place=[TRAIN], start=[at("10:00", 3)], end=[at("11:00", 3)], carriage=["1"], row=[5]
        )
        assert seatings(here, ask(here)) == {"FAR": Seating.APART}

    def test_stand_beside_who_was_at_a_place(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7))
        here.send(("P-CASE", "shop", at("12:00"), at("13:00")), ("P-NEAR", "shop", at("12:00"), at("13:00")))
        told = here.ask().matches.order_by("layer").values_list("layer", "seating")
        assert list(told) == [(Layer.VEHICLE, Seating.NEAR), (Layer.VENUE, "")]

    def test_are_counted_with_the_answer(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7), ("P-FAR", "1", 20))
        facts = ask(here).answers.get().facts
        assert (facts["layers"], facts["seatings"]) == ({"vehicle": 2}, {"near": 1, "apart": 1})


class TestAsking:
    def test_finds_nobody_outside_vehicles_and_counts_short_rides(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7), begins="10:00", ends="10:03")
        here.send(("P-CASE", "shop", at("12:00"), at("13:00")), ("P-FAR", "shop", at("12:00"), at("13:00")))
        assert found(ask(here)) == {token(here, "P-NEAR"): 3.0}

    def test_of_one_vehicle_leaves_the_others_out(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7))
        ride(here, ("P-CASE", "1", 5), ("P-FAR", "1", 7), place=COACH, begins="14:00", ends="15:00")
        assert seatings(here, ask(here, vehicle=COACH)) == {"FAR": Seating.NEAR}
        assert len(found(ask(here))) == 2  # all vehicles are another question
        with pytest.raises(trace_checks.AskedAlready):
            ask(here, vehicle=COACH)

    def test_keeps_what_the_rule_rests_on(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7))
        basis = {entry["key"]: entry for entry in ask(here).settings["basis"]}
        assert basis["vehicles.coach_aired"]["value"] == "rows; 3; 3; crew"


class TestLater:
    def test_seats_are_looked_at_again_and_the_past_stays(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", None, None))
        trace = ask(here)
        here.send_columns(
            {"now": LATER}, number=["P-NEAR"], place=[TRAIN], start=[at("10:00")], end=[at("11:00")], carriage=["1"],
            row=[7],
        )  # fmt: skip
        assert standing.advance(here.outbreak, LATER) == 1
        assert seatings(here, trace) == {"NEAR": Seating.NEAR}
        before = trace.matches.filter(found_at__lte=NOW).exclude(gone_at__lte=NOW).get()
        assert (before.seating, before.gone_at) == (Seating.UNKNOWN, LATER)
        said = trace.answers.order_by("pk").last()
        assert (said.n_new, said.n_gone) == (0, 0)
        assert standing.advance(here.outbreak, LATER) == 0

    def test_a_rule_that_is_confirmed_decides_from_then_on(self, settings, tmp_path):
        settings.PRESENCES_DIR = tmp_path
        real = world(kind=OutbreakKind.REAL)
        confirm(real, lambda key: not key.startswith("vehicles."))
        ride(real, ("P-CASE", "1", 5), ("P-NEAR", "1", 7))
        trace = ask(real)
        assert seatings(real, trace) == {"NEAR": Seating.UNKNOWN}
        confirm(real, lambda key: key == "vehicles.coach_aired")
        assert standing.advance(real.outbreak, LATER) == 1
        assert seatings(real, trace) == {"NEAR": Seating.NEAR}
        assert trace.answers.order_by("pk").last().cause == TraceCause.SEATS
        assert standing.advance(real.outbreak, LATER) == 0


class TestAtTheDoor:
    def test_a_seat_that_cannot_be_read_does_not_lose_the_presence(self, here):
        columns = {"number": ["P-1", "P-2"], "place": [TRAIN] * 2, "start": [at("10:00")] * 2, "end": [at("11:00")] * 2}
        batch = here.send_columns(**columns, carriage=["1", "1"], row=["7", "7A"])
        assert (batch.rows_taken, batch.told["seats"], batch.told["seats unreadable"]) == (2, 1, 1)

    def test_a_kind_that_is_none_refuses_the_row(self, here):
        batch = ride(here, ("P-1", "1", 7), kind="sleigh")
        assert batch.told["refused"] == {"unknown kind of vehicle": 1}

    def test_who_tells_a_seat_tells_of_a_vehicle(self, here):
        ride(here, ("P-CASE", "1", 5), ("P-NEAR", "1", 7), kind=None)
        assert here.ask().matches.get().layer == Layer.VEHICLE

    def test_the_same_batch_again_keeps_each_seat_once(self, here):
        for _ in range(2):
            ride(here, ("P-1", "1", 7), key="tickets")
        assert PresenceSeat.objects.count() == 1

    def test_a_vehicle_of_two_kinds_is_refused(self, here):
        ride(here, ("P-1", "1", 7))
        with pytest.raises(PlaceToldTwice):
            ride(here, ("P-2", "1", 7), kind="coach_closed")

    def test_seats_are_destroyed_with_their_days(self, here):
        ride(here, ("P-1", "1", 7))
        retention.destroy_past_days(outbreak=here.outbreak, now=NOW + timedelta(days=30))
        assert not PresenceSeat.objects.exists()
        assert Event.objects.get(verb="presences.seats_destroyed").facts["seats"] == 1


def confirm(here, wanted):
    """Let a commander of the province answer for what is not confirmed yet."""
    commander = factories.account(role=Role.COMMANDER, area_code="13")
    for value in outbreaks.rules_at(here.outbreak, NOW).unconfirmed():
        if wanted(value.key):
            outbreaks.confirm_value(value=value, note="document 1", by=commander, now=NOW)
