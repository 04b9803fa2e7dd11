"""What a stranger gives `sizao visits` and `sizao trace` by mistake: one sentence each, and no answer from nothing."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.cli import main

PRESENCES = {"person": ["a", "b"], "place": ["x", "x"], "start": [0, 0], "end": [7200, 7200]}
HUGE = pa.array([2**64 - 1, 1], pa.uint64())


def sizao(*arguments):
    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def traced(tmp_path):
    def trace(*options, cases="person,from,to\na,0,86400\n", **columns):
        pq.write_table(pa.table(PRESENCES | columns), tmp_path / "presences.parquet")
        (tmp_path / "cases.csv").write_text(cases, encoding="utf-8")
        return sizao("trace", tmp_path / "presences.parquet", "--cases", tmp_path / "cases.csv",
                     "--out", tmp_path / "out.parquet", *options)  # fmt: skip

    return trace


@pytest.mark.parametrize(
    "options",
    [
        ("--min-minutes", "nan"), ("--min-minutes", "inf"), ("--min-minutes", "-5"), ("--min-minutes", "1e300"),
        ("--common-source", "--span-hours", "nan"), ("--common-source", "--span-hours", "0"),
        ("--pad-minutes", "nan"), ("--utc-offset", "1000"), ("--hotspots", "--since", "9" * 20),
        ("--hotspots", "--since", "²"), ("--space-time", "--dwell-hours", "inf"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_is_refused_where_it_is_given(traced, options):
    assert traced(*options).exit_code == 2


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ("a,0,99999999999999999999", "line 2: to is '99999999999999999999'; it should be a whole second"),
        ("a,1610000000000,1610003600000", "line 2: from is '1610000000000'; it should be a whole second"),
        (",0,10", "line 2: person is empty; it should be the token of a person"),
    ],
)
def test_a_case_that_cannot_be_is_named_by_its_line(traced, cases, told):
    done = traced(cases=f"person,from,to\n{cases}\n")
    assert (done.exit_code, told in done.stderr) == (1, True), done.stderr


def test_a_case_beyond_the_numbers_of_persons_is_named_by_its_line(traced):
    done = traced(cases=f"person,from,to\n{2**64},0,10\n", person=[1, 2])
    assert "line 2: person is '18446744073709551616'; it should be a whole number of 64 bits" in done.stderr


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"person": HUGE}, "A person or place is a number above 9,223,372,036,854,775,807"),
        ({"start": [0.0, 1.5]}, "The column start holds double, and it should hold whole seconds from 1970"),
        ({"place": [True, False]}, "The column place holds bool, and it should hold integers or texts"),
    ],
)
def test_a_column_of_another_kind_is_told(traced, columns, told):
    done = traced(**columns, cases="person,from,to\n1,0,10\n")
    assert (done.exit_code, told in done.stderr) == (1, True), done.stderr


def test_a_time_beyond_all_numbers_is_a_row_refused(traced):
    assert "1 rows of" in traced(start=HUGE).stderr


@pytest.mark.parametrize("person", [["a", ""], pa.array(["a", ""]).dictionary_encode(), pa.array(["a", None])])
def test_an_empty_text_is_nobody(traced, person):
    done = traced(person=person)
    assert "1 rows of" in done.stderr
    assert "0 companions of 1 cases" in done.stderr


def test_the_refusal_of_cells_names_the_file_that_was_given(traced):
    assert "presences.parquet is a cell by its name" in traced("--neighbours").stderr


def test_a_column_that_stands_twice_is_told(tmp_path):
    names = ["person", "person", "place", "start", "end"]
    pq.write_table(pa.Table.from_arrays([pa.array([1])] * 5, names=names), tmp_path / "twice.parquet")
    done = sizao("visits", "ingest", tmp_path / "twice.parquet", "--store", tmp_path / "store")
    assert "the column person stands twice" in done.stderr


def test_a_mistaken_path_is_no_store_and_does_not_become_one(tmp_path):
    officer = ("--by", "an officer", "--reason", "past its day")
    for asked in (("compact",), ("forget", "--before", "0", *officer), ("forget", "--keep-days", "14", *officer)):
        done = sizao("visits", *asked, tmp_path / "none")
        assert (done.exit_code, "is no store of presences" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "none").exists()


def test_a_store_is_a_folder(tmp_path):
    pq.write_table(pa.table(PRESENCES), tmp_path / "presences.parquet")
    done = sizao("visits", "ingest", tmp_path / "presences.parquet", "--store", tmp_path / "presences.parquet")
    assert "presences.parquet is a file, and a store is a folder" in done.stderr


@pytest.mark.parametrize("options", [("--longest-hours", "nan"), ("--longest-hours", "-1"), ("--shift", "gates=+-5"),
                                     ("--shift", "gates=²"), ("--shift", f"gates={10**20}")])  # fmt: skip
def test_what_no_intake_can_be_is_refused(tmp_path, options):
    pq.write_table(pa.table(PRESENCES), tmp_path / "presences.parquet")
    done = sizao("visits", "ingest", tmp_path / "presences.parquet", "--store", tmp_path / "store", *options)
    assert done.exit_code == 2
    assert not (tmp_path / "store").exists()


def test_a_code_with_two_codes_of_today_is_named_by_its_line(tmp_path):
    pq.write_table(pa.table(PRESENCES), tmp_path / "presences.parquet")
    (tmp_path / "codes.csv").write_text("old,new\nx,y\nx,z\n", encoding="utf-8")
    done = sizao("visits", "ingest", tmp_path / "presences.parquet", "--store", tmp_path / "store",
                 "--place-codes", tmp_path / "codes.csv")  # fmt: skip
    assert "line 3: x has two codes of today, y and z" in done.stderr


def test_sources_that_nobody_named_are_told(tmp_path):
    nobody = pa.nulls(2, pa.string())
    pq.write_table(pa.table(PRESENCES | {"source": nobody}), tmp_path / "presences.parquet")
    done = sizao("visits", "clocks", tmp_path / "presences.parquet")
    assert "no presence has a person, a start and a source" in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--cuts", "cuts.csv"), "--cuts belongs to --ranked"),
        (("--weight", "closed=1"), "--weight belongs to --ranked"),
        (("--visitors", "people.parquet"), "--visitors belongs to --common-source"),
        (("--hotspots", "--keep", "5"), "--keep belongs to companions or --ranked"),
        (("--hotspots", "--closest", "5"), "--closest belongs to --second-ring"),
        (("--common-source", "--by-layer"), "--by-layer belongs to companions"),
        (("--since", "2021-01-01"), "--since belongs to --hotspots"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(traced, tmp_path, options, told):
    done = traced(*options)
    assert done.exit_code == 1
    assert told in done.output
    assert not (tmp_path / "out.parquet").exists()


def test_two_answers_do_not_go_to_one_file(traced, tmp_path):
    done = traced("--timing", tmp_path / "out.parquet")
    assert done.exit_code == 1
    assert "named for two things" in done.output
    assert not (tmp_path / "out.parquet").exists()
