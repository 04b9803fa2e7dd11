"""`sizao visits` on files: clocks, shifts, codes and epochs from the command line."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.adapters.visits import VisitStore
from sizao.adapters.visits.errors import PresencesUnreadable, ShiftUnused, TokensDiffer
from sizao.cli.visits import NoPoints, command
from sizao.engines.presences.datums import bd09_of, gcj02_of

MIDNIGHT = 1_609_459_200


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def two_sources(path, *, ahead):
    """People change cells, and pass gates as they do; the clock of the gates is ahead."""
    rng = np.random.default_rng(2)
    person = np.repeat(np.arange(200), 12)
    start = MIDNIGHT + np.tile(np.arange(12), 200) * 14_400 + rng.integers(0, 14_000, len(person))
    gate = rng.random(len(person)) < 0.3
    parts = [
        (person, 10_000 + person % 7, start, start + 3_000, ["cells"] * len(person)),
        (person[gate], 5 + person[gate] % 3, start[gate] + ahead, start[gate] + ahead + 60, ["gates"] * gate.sum()),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]  # fmt: skip
    pq.write_table(pa.table(columns, ["person", "place", "start", "end", "source"]), path)


def test_a_clock_that_is_off_is_told_and_set_right_when_asked(tmp_path):
    two_sources(tmp_path / "rows.parquet", ahead=7_200)
    told = run("clocks", tmp_path / "rows.parquet")
    assert told.exit_code == 0
    assert "gates: 7,200 seconds ahead" in told.output
    assert "--shift gates=-7200" in told.output
    done = run("ingest", tmp_path / "rows.parquet", "--store", tmp_path / "store", "--shift", "gates=-7200")
    assert done.exit_code == 0, done.output
    assert "presences whose clock was off and set right" in done.output
    manifest = VisitStore(tmp_path / "store").manifest
    assert [(one.source, one.seconds) for one in manifest.shifts] == [("gates", -7_200)]


def test_without_sources_clocks_have_no_names(tmp_path):
    pq.write_table(pa.table({name: [1] for name in ("person", "place", "start", "end")}), tmp_path / "rows.parquet")
    refused = run("clocks", tmp_path / "rows.parquet")
    assert "the column source is missing" in str(refused.exception)


def test_codes_and_an_epoch(tmp_path):
    rows = {"person": [1], "place": [7], "start": [MIDNIGHT], "end": [MIDNIGHT + 60]}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    (tmp_path / "codes.csv").write_text("old,new\n7,70\n")
    store = tmp_path / "store"
    words = ("--store", store, "--epoch", "2021-01", "--place-codes", tmp_path / "codes.csv", "--gentle")
    done = run("ingest", tmp_path / "rows.parquet", *words)
    assert done.exit_code == 0, done.output
    assert "1 places under a code they had before" in done.output
    opened = VisitStore(store)
    assert (opened.manifest.epoch, opened.places.known.to_pylist()) == ("2021-01", [70])


def test_a_shift_that_is_none(tmp_path):
    refused = run("ingest", tmp_path / "rows.parquet", "--store", tmp_path, "--shift", "gates")
    assert refused.exit_code == 2
    assert "Write SOURCE=SECONDS" in refused.output


def test_keeping_days_destroys_what_is_older(tmp_path):
    rows = {"person": [1], "place": [7], "start": [MIDNIGHT], "end": [MIDNIGHT + 60]}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    assert run("ingest", tmp_path / "rows.parquet", "--store", tmp_path / "store").exit_code == 0
    words = ("--by", "data officer", "--reason", "past its day")
    assert run("forget", tmp_path / "store", *words).exit_code == 2
    done = run("forget", tmp_path / "store", "--keep-days", "14", *words)
    assert done.exit_code == 0, done.output
    assert '"destroyed_presences": 1' in done.output
    assert VisitStore(tmp_path / "store").manifest.rows == 0


OFFICER = ("--by", "data officer", "--reason", "past its day")


def one_presence(path, **columns):
    rows = {"person": [1], "place": [7], "start": [MIDNIGHT], "end": [MIDNIGHT + 60]}
    pq.write_table(pa.table(rows | columns), path)
    return path


class TestRefusals:
    def test_eight_digits_may_be_a_day_and_are_no_second_of_1970(self, tmp_path):
        assert run("ingest", one_presence(tmp_path / "rows.parquet"), "--store", tmp_path / "store").exit_code == 0
        refused = run("forget", tmp_path / "store", "--before", "20210108", *OFFICER)
        assert refused.exit_code == 2
        assert "Write 2021-01-08 for the day, or 1970-08-22T21:55:08 for the second." in refused.output
        for told in ("20211301", "2021-01-09", "86400"):  # none of these can be meant otherwise
            assert run("forget", tmp_path / "store", "--before", told, *OFFICER).exit_code == 0
        assert VisitStore(tmp_path / "store").manifest.rows == 0

    @pytest.mark.parametrize(("columns", "there"), [({"source": ["cells"]}, "cells"), ({}, "none")])
    def test_a_shift_of_a_source_that_does_not_occur(self, tmp_path, columns, there):
        words = ("--store", tmp_path / "store", "--shift", "gates=60")
        refused = run("ingest", one_presence(tmp_path / "rows.parquet", **columns), *words)
        assert isinstance(refused.exception, ShiftUnused)
        assert f"of the source gates, whose times were to be shifted; there is {there}." in str(refused.exception)

    def test_a_first_file_that_is_refused_leaves_no_folder_behind(self, tmp_path):
        bad = tmp_path / "bad.parquet"
        pq.write_table(pa.table({"person": [1], "place": [7], "layer": ["venue"]}), bad)
        assert isinstance(run("ingest", bad, "--store", tmp_path / "store").exception, PresencesUnreadable)
        assert not (tmp_path / "store").exists()

    def test_a_later_file_that_is_refused_leaves_the_store(self, tmp_path):
        assert run("ingest", one_presence(tmp_path / "rows.parquet"), "--store", tmp_path / "store").exit_code == 0
        other = one_presence(tmp_path / "other.parquet", person=["a"])
        assert isinstance(run("ingest", other, "--store", tmp_path / "store").exception, TokensDiffer)
        assert VisitStore(tmp_path / "store").manifest.rows == 1


class TestExports:
    def exported(self, tmp_path, *words):
        run("ingest", one_presence(tmp_path / "rows.parquet"), "--store", tmp_path / "store")
        return run("export", tmp_path / "store", "--out", tmp_path / "copy", *words)

    def test_say_what_they_were_made_from_and_until_when(self, tmp_path):
        done = self.exported(tmp_path, "--by", "analyst", "--keep-until", "2021-01-20")
        assert done.exit_code == 0, done.output
        told = json.loads((tmp_path / "copy" / "origin.json").read_text())
        assert (told["store"], told["by"], told["keep_until"]) == (str(tmp_path / "store"), "analyst", "2021-01-20")
        assert (told["presences"], told["first_start"]) == (1, MIDNIGHT)
        assert run("ingest", tmp_path / "copy", "--store", tmp_path / "again").exit_code == 0

    def test_without_a_last_day_that_is_said(self, tmp_path):
        assert "Nobody said until when this copy may be kept" in self.exported(tmp_path).output

    def test_that_hold_what_was_destroyed_are_named_by_the_certificate(self, tmp_path):
        self.exported(tmp_path, "--keep-until", "2021-01-20")
        early = run("forget", tmp_path / "store", "--before", "2021-01-01", *OFFICER)
        assert "copy" not in early.stderr
        done = run("forget", tmp_path / "store", "--before", "2021-01-02", *OFFICER)
        assert f"{tmp_path / 'copy'} is there still: delete it" in done.stderr
        certificate = json.loads(next(iter(sorted((tmp_path / "store" / "certificates").glob("*"))[-1:])).read_text())
        assert [(one["out"], one["is_there"]) for one in certificate["copies_beyond_reach"]] == [
            (str(tmp_path / "copy"), True)
        ]
        shutil.rmtree(tmp_path / "copy")
        again = run("forget", tmp_path / "store", "--before", "2021-01-02", *OFFICER)
        assert "is not where it was put" in again.stderr


class TestPoints:
    # Shijiazhuang, Xingtai, a point of no map, one without a latitude, Shanghai.
    EAST, NORTH = [114.5149, 114.4884, 200.0, 114.0, 121.4737], [38.0428, 37.0682, 38.0, None, 31.2304]

    def at_points(self, path, east, north, **more):
        rows = {"person": [1, 2, 3, 4, 5], "lon": east, "lat": north, "start": [MIDNIGHT] * 5}
        pq.write_table(pa.table(rows | {"end": [MIDNIGHT + 60] * 5} | more), path)
        return path

    def cells(self, store):
        opened = VisitStore(store)
        return dict(zip(opened.persons.known.to_pylist(), opened.places.known.to_pylist(), strict=True))

    def test_become_cells_and_those_without_one_are_kept_apart(self, tmp_path):
        path = self.at_points(tmp_path / "points.parquet", self.EAST, self.NORTH)
        words = ("--store", tmp_path / "store", "--box", "113.5,36.0,119.9,42.7")
        done = run("ingest", path, *words)
        assert done.exit_code == 0, done.output
        assert "2 presences taken" in done.output
        assert "2 rows whose point is none of the globe, kept apart" in done.output
        assert "1 rows whose point lies outside the box, kept apart" in done.output
        assert self.cells(tmp_path / "store") == self.looked_up()
        kept = pq.read_table(next((tmp_path / "store" / "refused").glob("points-*")))
        assert kept.select(["person", "reason"]).to_pylist() == [
            {"person": 3, "reason": "no point of the globe"}, {"person": 4, "reason": "no point of the globe"},
            {"person": 5, "reason": "outside the box"},
        ]  # fmt: skip
        assert "This file was taken before" in run("ingest", path, *words).output

    def looked_up(self):
        import h3

        return {who: h3.latlng_to_cell(self.NORTH[who - 1], self.EAST[who - 1], 8) for who in (1, 2)}

    @pytest.mark.parametrize(("datum", "moved"), [("gcj02", gcj02_of), ("bd09", bd09_of)])
    def test_of_chinese_maps_are_the_same_cells(self, tmp_path, datum, moved):
        """At a resolution (11) at which the maps lie cells apart."""
        east, north = (
            np.array([114.5149, 114.4884, 116.3, 117.2, 121.4737]),
            np.array([38.0428, 37.07, 39.9, 39.1, 31.2]),
        )
        for name, (lon, lat) in {"wgs84": (east, north), datum: moved(east, north)}.items():
            path = self.at_points(tmp_path / f"{name}.parquet", lon, lat)
            words = ("--datum", name, "--resolution", "11")
            assert run("ingest", path, "--store", tmp_path / name, *words).exit_code == 0
        assert self.cells(tmp_path / datum) == self.cells(tmp_path / "wgs84")
        unmoved = run("ingest", tmp_path / f"{datum}.parquet", "--store", tmp_path / "not", "--resolution", "11")
        assert unmoved.exit_code == 0
        assert not set(self.cells(tmp_path / "not").values()) & set(self.cells(tmp_path / "wgs84").values())

    def test_options_of_points_are_refused_where_there_are_places(self, tmp_path):
        path = one_presence(tmp_path / "rows.parquet")
        refused = run("ingest", path, "--store", tmp_path / "store", "--datum", "gcj02")
        assert isinstance(refused.exception, NoPoints)

    @pytest.mark.parametrize("box", ["1,2,3", "5,0,1,9", "a,b,c,d", "0,0,0,nan"])
    def test_a_box_that_is_none_is_refused(self, tmp_path, box):
        path = self.at_points(tmp_path / "points.parquet", self.EAST, self.NORTH)
        assert run("ingest", path, "--store", tmp_path / "store", "--box", box).exit_code == 2
