"""`sizao scan`: what goes in, what comes out, and what is refused with which sentence."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from sizao.cli import main

FROM_R = Path(__file__).resolve().parents[1] / "reference" / "scan_r"
FIRST = date(2021, 1, 1)


def table(name):
    with (FROM_R / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def run(tmp_path):
    """Run the command on lines of areas and of counts; give the result and the rows that came out."""

    def invoke(areas, counts=None, *options):
        (tmp_path / "areas.csv").write_text("\n".join(areas) + "\n", encoding="utf-8")
        arguments = ["scan", str(tmp_path / "areas.csv"), "--out", str(tmp_path / "out.csv"), *options]
        if counts is not None:
            (tmp_path / "counts.csv").write_text("\n".join(counts) + "\n", encoding="utf-8")
            arguments += ["--cases", str(tmp_path / "counts.csv")]
        result = CliRunner().invoke(main, arguments)
        out = tmp_path / "out.csv"
        return result, list(csv.DictReader(out.open(encoding="utf-8"))) if out.exists() else None

    return invoke


@pytest.fixture
def space():
    return ["area,x,y,population,cases"] + [
        f"a{n},{row['x']},{row['y']},{row['population']},{row['cases']}" for n, row in enumerate(table("areas.csv"), 1)
    ]


@pytest.fixture
def places():
    return ["area,x,y,population"] + [
        f"a{n},{row['x']},{row['y']},{row['population']}" for n, row in enumerate(table("places.csv"), 1)
    ]


@pytest.fixture
def days():
    return ["area,date,count"] + [
        f"{area.replace('area', 'a')},{FIRST + timedelta(days=past)},{count}"
        for past, row in enumerate(table("days.csv"))
        for area, count in row.items()
    ]


def named(text):
    return {f"a{number}" for number in text.split()}


class TestKulldorff:
    def test_tells_the_clusters_that_r_finds(self, run, space):
        result, rows = run(space, None, "--method", "kulldorff", "--max-share", "0.4")
        assert result.exit_code == 0
        from_r = table("r_space.csv")
        assert [set(row["areas"].split()) for row in rows] == [named(row["areas"]) for row in from_r]
        for row, told in zip(rows, from_r, strict=True):
            assert float(row["log_likelihood_ratio"]) == pytest.approx(float(told["log_ratio"]), rel=1e-9)
            assert (row["p"], row["observed"]) == (told["p"], told["observed"])
            assert (row["first_date"], row["last_date"]) == ("", "")
        assert [row["rank"] for row in rows] == ["1", "2"]
        assert "Most likely cluster: 4 areas around a1, 109 cases where 43.7 are expected; p = 0.001" in result.output

    def test_adds_up_counts_of_days(self, run, places, days):
        by_area = dict.fromkeys((row.split(",")[0] for row in places[1:]), 0)
        for row in days[1:]:
            area, _, count = row.split(",")
            by_area[area] += int(count)
        summed = [places[0] + ",cases", *(f"{row},{by_area[row.split(',')[0]]}" for row in places[1:])]
        _, from_days = run(places, days, "--method", "kulldorff", "--replicas", "19")
        _, from_sums = run(summed, None, "--method", "kulldorff", "--replicas", "19")
        assert from_days == from_sums

    def test_goes_by_expected_numbers_before_population(self, run):
        areas = ["area,x,y,population,expected,cases", "a,0,0,100,9,9", "b,1,0,100,1,9", "c,9,0,200,8,9"]
        _, rows = run(areas, None, "--method", "kulldorff", "--replicas", "0")
        assert (rows[0]["areas"], float(rows[0]["expected"]), rows[0]["p"]) == ("b", 1.5, "")
        assert float(rows[0]["ratio"]) == 6
        assert float(rows[0]["relative_risk"]) == pytest.approx(6 / (18 / 25.5))

    def test_measures_on_the_earth_where_degrees_are_given(self, run):
        # Across the date line b is near a; on a plane it would be the farthest.
        areas = ["area,lat,lon,population,cases", "a,10,179.9,9,9", "b,10,-179.9,9,9", "c,10,170,9,1", "d,10,0,9,1"]
        _, rows = run(areas, None, "--method", "kulldorff", "--replicas", "0")
        assert rows[0]["areas"] == "a b"
        assert rows[0]["relative_risk"] == "9.0"

    def test_leaves_the_relative_risk_open_when_all_cases_lie_inside(self, run):
        areas = ["area,x,y,population,cases", "a,0,0,9,9", "b,1,0,9,0"]
        assert run(areas, None, "--method", "kulldorff", "--replicas", "0")[1][0]["relative_risk"] == ""

    def test_writes_the_header_alone_where_nothing_stands_out(self, run):
        for cases in (0, 5):
            areas = ["area,x,y,population,cases", f"a,0,0,9,{cases}", f"b,1,0,9,{cases}"]
            result, rows = run(areas, None, "--method", "kulldorff")
            assert (result.exit_code, rows) == (0, [])
            assert f"No circle has more cases than expected ({2 * cases} cases)" in result.output

    def test_names_areas_that_are_looked_at_alone_and_those_left_out(self, run):
        areas = ["area,x,y,population,cases", "a,0,0,9,5", "b,1,0,9,1", "isle,99,0,9,1", "city,1,1,90,9"]
        result, _ = run(areas, None, "--method", "kulldorff", "--max-distance", "2", "--replicas", "0")
        assert "1 areas are looked at alone: isle." in result.output
        assert "1 areas are larger than a circle may be and were left out: city." in result.output


class TestSpaceAndTime:
    @pytest.mark.parametrize(("method", "name"), [("permutation", "r_permutation"), ("poisson", "r_poisson")])
    def test_tells_the_cluster_that_r_finds(self, run, places, days, method, name):
        limits = ("--max-areas", "8", "--max-share", "1", "--max-days", "14")
        _, rows = run(places, days, "--method", f"space-time-{method}", *limits)
        top = table(f"{name}.csv")[0]
        assert set(rows[0]["areas"].split()) == named(top["areas"])
        assert float(rows[0]["log_likelihood_ratio"]) == pytest.approx(float(top["log_ratio"]), rel=1e-9)
        since = FIRST + timedelta(days=14 - int(top["days"]))
        assert (rows[0]["first_date"], rows[0]["last_date"]) == (since.isoformat(), "2021-01-14")
        assert float(rows[0]["p"]) < 0.01

    def test_permutation_needs_no_population(self, run, places, days):
        bare = [",".join(row.split(",")[:3]) for row in places]
        result, rows = run(bare, days, "--method", "space-time-permutation", "--replicas", "19")
        assert result.exit_code == 0
        assert len(rows) >= 1

    def test_gives_the_same_for_the_same_seed(self, run, places, days):
        options = ("--method", "space-time-permutation", "--replicas", "49", "--seed")
        assert run(places, days, *options, "5")[1] == run(places, days, *options, "5")[1]

    def test_follows_expected_numbers_of_each_day(self, run):
        areas = ["area,x,y", "a,0,0", "b,1,0"]
        counts = [
            "area,date,count,expected",
            "a,2021-01-01,2,1",
            "a,2021-01-02,8,8",
            "b,2021-01-01,3,1",
            "b,2021-01-02,2,5",
        ]
        options = ("--method", "space-time-poisson", "--replicas", "0", "--any-end")
        _, rows = run(areas, counts, *options)
        assert (rows[0]["areas"], rows[0]["first_date"], rows[0]["last_date"]) == ("b", "2021-01-01", "2021-01-01")

    def test_ends_windows_on_any_day_only_when_asked(self, run):
        areas = ["area,x,y", "a,0,0", "b,1,0"]
        early = [f"a,2021-01-0{day},{9 if day == 2 else 1}" for day in range(1, 7)]
        counts = ["area,date,count", *early, *(f"b,2021-01-0{day},3" for day in range(1, 7))]
        options = ("--method", "space-time-permutation", "--replicas", "0")
        assert run(areas, counts, *options, "--any-end")[1][0]["last_date"] == "2021-01-02"
        assert run(areas, counts, *options)[1][0]["last_date"] == "2021-01-06"

    def test_counts_weeks(self, run):
        areas = ["area,x,y", "a,0,0", "b,1,0"]
        counts = ["area,date,count"] + [f"{a},2021-01-{d:02d},{n}" for a, ns in (("a", (1, 1, 9)), ("b", (5, 5, 5)))
                                        for d, n in zip((4, 11, 18), ns, strict=True)]  # fmt: skip
        options = ("--method", "space-time-permutation", "--replicas", "0", "--step-days", "7", "--max-days", "14")
        assert run(areas, counts, *options)[1][0]["first_date"] == "2021-01-18"
        assert "is not a whole number of steps of 5 days" in run(areas, counts, *options[:-3], "5")[0].output
        assert "shorter than one step" in run(areas, counts, *options[:-1], "6")[0].output


class TestPictures:
    @pytest.mark.parametrize("name", ["map.png", "map.svg"])
    def test_are_drawn(self, run, tmp_path, places, days, name):
        path = tmp_path / name
        result, _ = run(places, days, "--method", "space-time-poisson", "--replicas", "19", "--plot", str(path))
        assert result.exit_code == 0
        assert path.stat().st_size > 5000

    def test_are_refused_in_another_format_before_the_work(self, run, tmp_path, space):
        result, rows = run(space, None, "--method", "kulldorff", "--plot", str(tmp_path / "map.txt"))
        assert (result.exit_code, rows) == (1, None)
        assert "a picture ends in" in result.output


class TestRefusals:
    HEADER = "area,lat,lon,population,cases"

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("b,38,114,0,1", "line 3: population is 0; where nobody can fall ill there is nothing to compare"),
            ("b,38,114,-5,1", "line 3: population is -5;"),
            ("b,38,114,,1", "line 3: population is empty"),
            ("b,38,,5,1", "line 3: lon is empty; it should be a number"),
            ("b,here,114,5,1", "line 3: lat is 'here'; it should be a number"),
            ("b,98,114,5,1", "line 3: latitude 98, longitude 114 is no place on earth"),
            ("b,38,114,5,-1", "line 3: cases is '-1'; it should be a count"),
            ("b,38,114,5,1.5", "line 3: cases is '1.5'; it should be a count"),
            ("b,38,114,5,", "line 3: cases is empty"),
            ("a,38,114,5,1", "line 3: area a was already given in line 2"),
            (",38,114,5,1", "line 3: area is ''; it should be a code"),
            ("b c,38,114,5,1", "line 3: area is 'b c'; it should be a code without spaces"),
        ],
    )
    def test_name_the_area_at_fault(self, run, row, reason):
        result, rows = run([self.HEADER, "a,38,114.5,10,2", row], None, "--method", "kulldorff")
        assert (result.exit_code, rows) == (1, None)
        assert reason in result.output

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("c,2021-01-02,1", "line 5: area 'c' is not among the areas"),
            ("b,2021-01-02,-1", "line 5: count is '-1'; it should be a count"),
            ("b,2021-01-02,0.5", "line 5: count is '0.5'; it should be a count"),
            ("b,2021-01-02,", "line 5: count is empty"),
            ("b,02/01/2021,1", "line 5: date is '02/01/2021'; it should be a day like 2021-01-08"),
            ("b,2021-01-01,1", "line 5: b on 2021-01-01 was already given in line 4"),
            ("b,2021-01-03,1", "has no count of a on 2021-01-03 (2 counts are missing)"),
        ],
    )
    def test_name_the_count_at_fault(self, run, row, reason):
        counts = ["area,date,count", "a,2021-01-01,1", "a,2021-01-02,1", "b,2021-01-01,1", row]
        areas = ["area,lat,lon", "a,38,114", "b,38,115"]
        result, rows = run(areas, counts, "--method", "space-time-permutation")
        assert (result.exit_code, rows) == (1, None)
        assert reason in result.output

    def test_take_what_is_absent_for_zero_only_when_told(self, run):
        counts = ["area,date,count", "a,2021-01-01,1", "b,2021-01-01,1", "a,2021-01-03,4"]
        areas = ["area,lat,lon", "a,38,114", "b,38,115"]
        options = ("--method", "space-time-permutation", "--replicas", "0")
        assert "--absent-is-zero" in run(areas, counts, *options)[0].output
        result, rows = run(areas, counts, *options, "--absent-is-zero")
        assert result.exit_code == 0
        assert (rows[0]["areas"], rows[0]["first_date"]) == ("a", "2021-01-03")

    def test_ask_for_an_expected_number_of_every_day_all_the_same(self, run):
        counts = ["area,date,count,expected", "a,2021-01-01,1,2", "b,2021-01-02,1,2"]
        options = ("--method", "space-time-poisson", "--absent-is-zero")
        assert "2 counts are missing" in run(["area,x,y", "a,0,0", "b,1,0"], counts, *options)[0].output

    @pytest.mark.parametrize(
        ("areas", "method", "reason"),
        [
            (["area,population,cases", "a,1,1"], "kulldorff", "has no lat and lon, nor x and y"),
            (["area,x,y,cases", "a,0,0,1", "b,1,0,1"], "kulldorff", "has no population, nor expected"),
            (["area,x,y,population", "a,0,0,1", "b,1,0,1"], "kulldorff", "has no cases"),
            (["area,x,y,population", "a,0,0,1"], "space-time-poisson", "has no days"),
            (["area,x,y,population,cases", "a,0,0,1,1"], "kulldorff", "there is only one"),
            (["area,x,y,population,cases", "a,0,0,1,1", "b,0,0,1,1"], "kulldorff --max-share 0.2", "more than 0.2"),
        ],
    )
    def test_say_what_is_lacking(self, run, areas, method, reason):
        result, rows = run(areas, None, "--method", *method.split())
        assert (result.exit_code, rows) == (1, None)
        assert reason in result.output

    def test_need_two_days_without_a_population(self, run):
        counts = ["area,date,count", "a,2021-01-01,1", "b,2021-01-01,1"]
        result, _ = run(["area,x,y", "a,0,0", "b,1,0"], counts, "--method", "space-time-permutation")
        assert result.exit_code == 1
        assert "over two days at least" in result.output
