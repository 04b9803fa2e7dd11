"""`sizao visits` and `sizao trace` on files."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.cli import main

PRESENCES = {
    "person": ["case", "ten", "nine", "away", "late"],
    "place": ["cafe", "cafe", "cafe", "bank", "cafe"],
    "start": [0, 3000, 3060, 0, 5000],
    "end": [3600, 7200, 7200, 3600, 6000],
}


def sizao(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def files(tmp_path):
    pq.write_table(pa.table(PRESENCES), tmp_path / "presences.parquet")
    (tmp_path / "cases.csv").write_text("person,from,to\ncase,0,86400\nnobody,0,1970-01-02\n", encoding="utf-8")
    return tmp_path


def test_a_store_and_a_file_give_the_same_companions(files):
    taken = sizao("visits", "ingest", files / "presences.parquet", "--store", files / "store")
    assert taken.stdout.startswith("5 presences taken; 0 rows refused"), taken.stderr
    for source in ("store", "presences.parquet"):
        done = sizao("trace", files / source, "--cases", files / "cases.csv", "--min-minutes", 10,
                     "--out", files / "out.parquet", "--timing", files / "timing.json")  # fmt: skip
        assert done.exit_code == 0, done.stderr
        assert "1 cases have no presence in the store: nobody" in done.stderr
        assert pq.read_table(files / "out.parquet").to_pylist() == [
            {"case": "case", "person": "ten", "minutes": 10.0, "meetings": 1, "first": 3000, "last": 3600}
        ]
        assert json.loads((files / "timing.json").read_text())["rows"] == 1


def test_the_store_is_looked_after(files):
    store = files / "store"
    sizao("visits", "ingest", files / "presences.parquet", "--store", store)
    again = sizao("visits", "ingest", files / "presences.parquet", "--store", store)
    assert again.stdout == "This file was taken before (5 rows); nothing changed.\n"
    assert sizao("visits", "verify", store).stdout.startswith("All is as it was written: 5 presences of 5 people")
    gone = sizao("visits", "forget", store, "--before", 3000, "--by", "data officer", "--reason", "past its day")
    assert json.loads(gone.stdout)["destroyed_presences"] == 2
    assert sizao("visits", "compact", store).exit_code == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("case,10,5", "line 2: the window of case ends before it begins"),
        ("case,soon,5", "line 2: from is 'soon'; it should be a whole second"),
        ("case,,5", "line 2: from is empty"),
    ],
)
def test_a_wrong_case_is_one_sentence(files, line, told):
    (files / "cases.csv").write_text(f"person,from,to\n{line}\n", encoding="utf-8")
    done = sizao("trace", files / "presences.parquet", "--cases", files / "cases.csv", "--out", files / "out.parquet")
    assert done.exit_code == 1
    assert told in done.stderr
    assert not (files / "out.parquet").exists()


def test_no_store_says_how_to_make_one(tmp_path):
    (tmp_path / "empty").mkdir()
    done = sizao("trace", tmp_path / "empty", "--cases", tmp_path / "cases.csv", "--out", tmp_path / "out.parquet")
    assert done.exit_code == 1
    assert "sizao visits ingest" in done.stderr


@pytest.fixture
def clinic(tmp_path):
    """Thirty people at the station, three of them at the clinic too, where a fourth was who is no case."""
    many = [f"p{number}" for number in range(30)]
    rows = {
        "person": [*many, *many[:4]],
        "place": ["station"] * 30 + ["clinic"] * 4,
        "start": [0] * 30 + [7200] * 4,
        "end": [3600] * 30 + [9000] * 4,
    }
    pq.write_table(pa.table(rows), tmp_path / "presences.parquet")
    lines = "".join(f"p{number},0,86400\n" for number in range(3))
    (tmp_path / "cases.csv").write_text(f"person,from,to\n{lines}", encoding="utf-8")
    return tmp_path


class TestCommonSource:
    def test_the_rare_place_comes_first_and_its_people_are_written(self, clinic):
        done = sizao("trace", clinic / "presences.parquet", "--cases", clinic / "cases.csv", "--common-source",
                     "--out", clinic / "out.parquet", "--visitors", clinic / "people.parquet",
                     "--timing", clinic / "timing.json")  # fmt: skip
        assert done.exit_code == 0, done.stderr
        first, *_ = found = pq.read_table(clinic / "out.parquet").to_pylist()
        assert (first["place"], first["people"], first["visitors"]) == ("clinic", ["p0", "p1", "p2"], 4)
        assert (first["from"], first["to"], first["first"], first["last"]) == (0, 21_600, 7200, 9000)
        # Three of 30 people, each going out at twice the mean rate at most; at the clinic 4 of 30 were.
        assert 0 < first["expected"] < 1 < found[-1]["expected"] <= 3
        assert "4 places and spans link 3 cases" in done.stderr
        people = pq.read_table(clinic / "people.parquet").to_pylist()
        assert {one["person"] for one in people} <= {"p0", "p1", "p2", "p3"}
        assert json.loads((clinic / "timing.json").read_text())["rows"] == len(found)


class TestSecondRing:
    @pytest.fixture
    def chain(self, tmp_path):
        """A case met con and ann at noon; these met others before and after."""
        hour = 3600
        rows = [
            ("case", "cafe", 12, 13), ("con", "cafe", 12, 13), ("ann", "cafe", 12, 13),
            ("con", "home", 8, 10), ("before", "home", 8, 10),
            ("con", "bank", 15, 16), ("after", "bank", 15, 16), ("known", "bank", 15, 16),
            ("ann", "shop", 18, 19), ("apart", "shop", 18, 19),
        ]  # fmt: skip
        columns = {name: list(column) for name, column in zip(("person", "place", "start", "end"),
                                                               zip(*rows, strict=True), strict=True)}  # fmt: skip
        columns |= {name: [hours * hour for hours in columns[name]] for name in ("start", "end")}
        pq.write_table(pa.table(columns), tmp_path / "presences.parquet")
        (tmp_path / "cases.csv").write_text("person,from,to\ncase,0,86400\n", encoding="utf-8")
        (tmp_path / "known.csv").write_text("person\nknown\n", encoding="utf-8")
        (tmp_path / "apart.csv").write_text(f"person,at\nann,{17 * hour}\n", encoding="utf-8")
        return tmp_path

    def ask(self, folder, *more):
        done = sizao("trace", folder / "presences.parquet", "--cases", folder / "cases.csv", "--second-ring",
                     "--out", folder / "out.parquet", *more)  # fmt: skip
        assert done.exit_code == 0, done.stderr
        return {one["person"]: one for one in pq.read_table(folder / "out.parquet").to_pylist()}

    def test_who_met_a_contact_afterwards(self, chain):
        found = self.ask(chain)
        assert set(found) == {"after", "known", "apart"}
        assert found["after"] == {
            "person": "after", "minutes": 60.0, "meetings": 1, "first": 15 * 3600, "last": 16 * 3600,
            "contact": "con", "contact_exposed": 12 * 3600,
        }  # fmt: skip

    def test_is_limited_as_asked(self, chain):
        more = ("--known", chain / "known.csv", "--set-apart", chain / "apart.csv")
        assert set(self.ask(chain, *more)) == {"after"}
        assert len(self.ask(chain, "--closest", 1)) < 3


class TestHotspots:
    def test_the_most_infectious_place_comes_first(self, clinic):
        done = sizao("trace", clinic / "presences.parquet", "--cases", clinic / "cases.csv", "--hotspots",
                     "--since", 1800, "--out", clinic / "out.parquet")  # fmt: skip
        assert done.exit_code == 0, done.stderr
        assert "3 cases spent 180 infectious minutes at 2 places" in done.stderr
        station, at_clinic = sorted(pq.read_table(clinic / "out.parquet").to_pylist(), key=lambda one: -one["visitors"])
        assert (station["minutes"], station["cases"], station["visitors"], station["first"]) == (90.0, 3, 30, 1800)
        assert station["expected_cases"] == pytest.approx(3)
        assert (at_clinic["visitors"], at_clinic["expected_cases"]) == (4, pytest.approx(0.4))

    def test_two_questions_at_once_are_refused(self, clinic):
        done = sizao("trace", clinic / "presences.parquet", "--cases", clinic / "cases.csv", "--hotspots",
                     "--common-source", "--out", clinic / "out.parquet")  # fmt: skip
        assert done.exit_code == 1
        assert "--common-source and --hotspots are two questions" in done.stderr
        assert not (clinic / "out.parquet").exists()


def test_what_keeping_only_some_leaves_out_is_told(clinic):
    done = sizao("trace", clinic / "presences.parquet", "--cases", clinic / "cases.csv", "--keep", 9,
                 "--out", clinic / "out.parquet")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    # Each of three cases met 29 at the station, and three of these at the clinic.
    assert "87 companions of 3 cases" in done.stderr
    assert "Smallest crowd of a meeting: 0 up to 1, 9 up to 5" in done.stderr
    assert "Keeping the 9 closest would leave out 78 companions" in done.stderr
    assert pq.read_table(clinic / "out.parquet").num_rows == 87
