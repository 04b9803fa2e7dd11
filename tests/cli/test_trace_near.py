"""`sizao trace` by neighbours, layers, rank, seats and dwelling."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.engines.presences.cells import neighbours_of, square_at
from tests.cli.test_trace import sizao

HERE = str(square_at(38.0428, 114.5149, side_m=800))
BESIDE = neighbours_of(HERE)[0]
HOUR = 3600


@pytest.fixture
def town(tmp_path):
    """A cafe and a market in one cell, somebody in the next cell, a flight, and an end that nobody told."""
    rows = [
        ("case", "cafe", 0, HOUR, "venue", "closed", None), ("near", "cafe", 0, HOUR, "venue", "closed", None),
        ("case", HERE, 0, 2 * HOUR, None, None, None), ("near", HERE, 0, HOUR, None, None, None),
        ("next", BESIDE, 0, 2 * HOUR, None, None, None), ("case", "market", HOUR, 2 * HOUR, "venue", "outdoor", None),
        ("stall", "market", HOUR, 2 * HOUR, "venue", "outdoor", None),
        ("open", "cafe", HOUR // 2, None, "venue", "closed", None),
        ("late", "cafe", HOUR - 300, 2 * HOUR, "venue", "closed", None),
        ("case", "CA1", 30 * HOUR, 32 * HOUR, "vehicle", None, "aircraft"),
        ("row13", "CA1", 30 * HOUR, 32 * HOUR, "vehicle", None, "aircraft"),
        ("row14", "CA1", 30 * HOUR, 32 * HOUR, "vehicle", None, "aircraft"),
        ("noseat", "CA1", 30 * HOUR, 32 * HOUR, "vehicle", None, "aircraft"),
    ]  # fmt: skip
    names = ("person", "place", "start", "end", "layer", "ventilation", "vehicle_kind")
    columns = [list(column) for column in zip(*rows, strict=True)]
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), tmp_path / "presences.parquet")
    (tmp_path / "cases.csv").write_text(f"person,from,to\ncase,0,{48 * HOUR}\n", encoding="utf-8")
    (tmp_path / "seats.csv").write_text(
        "person,place,row\ncase,CA1,10\nrow13,CA1,13\nrow14,CA1,14\n", encoding="utf-8"
    )  # fmt: skip
    return tmp_path


def traced(folder, *more):
    files = (folder / "presences.parquet", "--cases", folder / "cases.csv", "--out", folder / "out.parquet")
    return sizao("trace", *files, *more)


def ask(folder, *more):
    done = traced(folder, *more)
    assert done.exit_code == 0, done.stderr
    return done.stderr, pq.read_table(folder / "out.parquet").to_pylist()


def refused(folder, *more):
    done = traced(folder, *more)
    assert done.exit_code == 1
    assert not (folder / "out.parquet").exists()
    return done.stderr


class TestNeighbours:
    def test_are_a_tier_of_their_own(self, town):
        told, found = ask(town, "--neighbours")
        assert list(found[0]) == ["case", "person", "tier", "minutes", "meetings", "first", "last"]
        assert [(one["person"], one["minutes"]) for one in found if one["tier"] == "neighbour"] == [("next", 120.0)]
        assert "6 companions of 1 cases, and 1 at neighbours of their places." in told

    def test_may_be_told_by_a_file(self, town):
        (town / "beside.csv").write_text("place,neighbour\nmarket,cafe\n", encoding="utf-8")
        _, found = ask(town, "--neighbours-of", town / "beside.csv")
        beside = {one["person"] for one in found if one["tier"] == "neighbour"}
        assert beside == {"open", "late"}  # while the case was at the market

    def test_where_nothing_is_a_cell_must_be_told(self, town):
        rows = pa.table({"person": ["case"], "place": ["cafe"], "start": [0], "end": [60]})
        pq.write_table(rows, town / "presences.parquet")
        assert "Say with --neighbours-of which places lie beside each other" in refused(town, "--neighbours")


class TestByLayer:
    def test_a_venue_is_not_added_to_its_cell(self, town):
        told, found = ask(town, "--by-layer")
        near = {one["layer"]: one["minutes"] for one in found if one["person"] == "near"}
        assert near == {"venue": 60.0, "cell": 60.0}
        assert "imputed_minutes" not in found[0]
        assert "Companions of 1 cases: 1 in layer cell, 3 in layer vehicle, 3 in layer venue." in told

    def test_minutes_that_rest_on_a_missing_end_are_told_apart(self, town):
        _, found = ask(town, "--imputed")
        minutes = {one["person"]: (one["minutes"], one["imputed_minutes"]) for one in found if one["layer"] == "venue"}
        assert minutes["open"] == (30.0, 30.0)
        assert minutes["near"] == (60.0, 0.0)

    def test_clocks_may_differ_by_some_minutes(self, town):
        _, found = ask(town, "--pad-minutes", 6)
        (late,) = (one for one in found if one["person"] == "late")
        assert (late["minutes"], late["padded_minutes"]) == (11.0, 6.0)
        (town / "out.parquet").unlink()
        assert "0 or more" in refused(town, "--pad-minutes", -1)


class TestRanked:
    def test_the_highest_score_comes_first_and_cuts_are_told(self, town):
        told, found = ask(town, "--ranked", "--keep", 2, "--cuts", town / "cuts.csv")
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
        score = {one["person"]: one["score"] for one in found}
        assert score["stall"] == pytest.approx(60 * 0.05)
        assert "6 companions of 1 cases.\nKeeping the 2 highest would leave out 4 with" in told
        with (town / "cuts.csv").open(encoding="utf-8") as file:
            rows = {row["keep"]: row for row in csv.DictReader(file)}
        assert (rows["2"]["left_out"], rows["10"]["left_out"], rows["10"]["longest_minutes"]) == ("4", "0", "")

    def test_weights_are_the_askers(self, town):
        _, found = ask(town, "--ranked", "--weight", "outdoor=1")
        assert {one["person"]: one["score"] for one in found}["stall"] == pytest.approx(60)

    @pytest.mark.parametrize("told", ["outdoors=1", "outdoor=much", "outdoor=-1", "outdoor"])
    def test_a_wrong_weight_is_one_sentence(self, town, told):
        assert f"--weight {told} is not NAME=NUMBER" in refused(town, "--ranked", "--weight", told)


class TestSeats:
    def test_everybody_in_the_vehicle_is_listed(self, town):
        told, found = ask(town, "--seats", town / "seats.csv", "--on", "2021-01-08")
        assert [(one["person"], one["seating"]) for one in found] == [
            ("row13", "near"), ("noseat", "unknown"), ("row14", "apart"),
        ]  # fmt: skip
        assert "3 shared a vehicle with 1 cases: 1 sat near, 1 where it is not known, 1 apart." in told

    def test_may_stand_in_the_presences_themselves(self, town):
        rows = pq.read_table(town / "presences.parquet")
        seat = {"case": 10, "row13": 13, "row14": 14}
        column = [seat.get(one["person"]) if one["place"] == "CA1" else None for one in rows.to_pylist()]
        pq.write_table(rows.append_column("row", pa.array(column, pa.int64())), town / "presences.parquet")
        _, found = ask(town, "--seats", town / "presences.parquet", "--on", "2021-01-08")
        assert {one["person"]: one["seating"] for one in found} == {
            "row13": "near", "noseat": "unknown", "row14": "apart",
        }  # fmt: skip

    def test_before_any_rule_all_is_open(self, town):
        _, found = ask(town, "--seats", town / "seats.csv")
        assert {one["seating"] for one in found} == {"unknown"}  # the windows lie in 1970

    def test_a_wrong_seat_is_one_sentence(self, town):
        (town / "seats.csv").write_text("person,place,row\ncase,CA1,12A\n", encoding="utf-8")
        assert "the row of case in CA1 is '12A'; it should be a whole number" in refused(
            town, "--seats", town / "seats.csv"
        )


class TestSpaceTime:
    RULE = ("--space-time", "--dwell-hours", 1, "--lookback-days", 14)

    def test_who_dwelt_in_the_cell(self, town):
        told, found = ask(town, *self.RULE, "--dwell-of", "contact")
        assert [(one["person"], one["tier"], one["dwell_hours"]) for one in found] == [("near", "space-time", 1.0)]
        assert "1 space-time companions of 1 cases; this alone isolates nobody." in told

    def test_has_no_values_of_its_own(self, town):
        assert "--space-time needs --dwell-of" in refused(town, *self.RULE)


class TestPlaces:
    def test_a_place_is_one_thing(self, town):
        (town / "places.csv").write_text("place,layer\ncafe,vehicle\n", encoding="utf-8")
        assert "The place cafe is told as layer vehicle and as venue" in refused(
            town, "--by-layer", "--places", town / "places.csv"
        )  # fmt: skip

    def test_a_word_that_is_none_is_one_sentence(self, town):
        (town / "places.csv").write_text("place,layer\ncafe,inn\n", encoding="utf-8")
        assert "the layer of cafe is 'inn'; it may be venue, vehicle, cell" in refused(
            town, "--by-layer", "--places", town / "places.csv"
        )  # fmt: skip

    def test_are_kept_by_a_store(self, town):
        sizao("visits", "ingest", town / "presences.parquet", "--store", town / "store")
        done = sizao(
            "trace", town / "store", "--cases", town / "cases.csv", "--by-layer", "--out", town / "out.parquet"
        )
        assert "3 in layer vehicle" in done.stderr
        assert sizao("visits", "verify", town / "store").exit_code == 0


def test_two_questions_at_once_are_refused(town):
    assert "--hotspots and --space-time are two questions" in refused(town, "--hotspots", "--space-time")
