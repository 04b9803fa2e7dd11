"""`sizao read`: what goes in, what comes out, and what is refused with which sentence."""

import json
import stat

import pytest
from click.testing import CliRunner

from sizao.cli import main

VILLAGES = "code,name,streetCode\n130109110212,小果庄村民委员会,130109110\n130109110218,杨马村村民委员会,130109110\n"


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "villages.csv"
    path.write_text(VILLAGES, encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path, places):
    def invoke(*lines, out="events.jsonl", options=()):
        reports = tmp_path / "reports.jsonl"
        reports.write_text("\n".join(lines) + "\n", encoding="utf-8")
        arguments = ["read", str(reports), "--places", str(places), "--out", str(tmp_path / out), *options]
        return CliRunner().invoke(main, arguments)

    return invoke


def report(**fields):
    return json.dumps({"report_id": "R-1", "text": "1月2日到小果庄村赶集。"} | fields, ensure_ascii=False)


def told(tmp_path):
    return [json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]


class TestReading:
    def test_writes_one_line_for_each_report(self, run, tmp_path):
        result = run(report(year=2021), report(report_id="R-2", text="天气寒冷。"))

        assert result.exit_code == 0
        first, second = told(tmp_path)
        assert first == {
            "report_id": "R-1",
            "events": [
                {
                    "date_from": "2021-01-02",
                    "date_to": "2021-01-02",
                    "time_from": None,
                    "time_to": None,
                    "kind": "shopping",
                    "place_text": "小果庄村",
                    "place_kind": "village",
                    "area_code": "130109110212",
                    "transport": None,
                    "result": None,
                    "span": [0, 11],
                }
            ],
            "unread": [],
        }
        assert second == {"report_id": "R-2", "events": [], "unread": [[0, 4]]}

    def test_gives_the_year_where_a_line_has_none(self, run, tmp_path):
        run(report(), options=("--year", "2022"))
        assert told(tmp_path)[0]["events"][0]["date_from"] == "2022-01-02"

    def test_leaves_dates_open_without_any_year(self, run, tmp_path):
        run(report())
        assert told(tmp_path)[0]["events"][0]["date_from"] is None

    def test_an_empty_file_gives_an_empty_file(self, run, tmp_path):
        assert run("").exit_code == 0
        assert told(tmp_path) == []

    def test_the_result_can_be_read_by_others(self, run, tmp_path):
        run(report())
        assert stat.S_IMODE((tmp_path / "events.jsonl").stat().st_mode) & stat.S_IRUSR
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_a_broken_character_does_not_stop_the_rest(self, run, tmp_path):
        result = run('{"report_id": "R-1", "text": "1月2日到\\ud83d店购物。", "year": 2021}')
        assert result.exit_code == 0
        assert len(told(tmp_path)) == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("no json", "it is not JSON"),
            ("[1]", "it is not a JSON object"),
            ('{"text": "1月2日居家。"}', "report_id is missing"),
            ('{"report_id": "R-2"}', "text is missing"),
            ('{"report_id": "R-2", "text": 5}', "text is missing or is not a string"),
            ('{"report_id": "R-2", "text": "", "year": "soon"}', "year 'soon' is not a year"),
            ('{"report_id": "R-2", "text": "", "year": 99999}', "year 99999 is not a year"),
            ('{"report_id": "R-1", "text": ""}', "report_id R-1 was already given in line 1"),
        ],
    )
    def test_a_bad_line_is_named_and_nothing_is_written(self, run, tmp_path, line, reason):
        result = run(report(), line)

        assert result.exit_code == 1
        assert "line 2: " in result.output
        assert reason in result.output
        assert not (tmp_path / "events.jsonl").exists()

    def test_an_earlier_result_survives_a_refusal(self, run, tmp_path):
        run(report())
        before = (tmp_path / "events.jsonl").read_bytes()
        assert run("no json").exit_code == 1
        assert (tmp_path / "events.jsonl").read_bytes() == before

    def test_a_folder_that_is_not_there(self, run):
        result = run(report(), out="nowhere/events.jsonl")
        assert result.exit_code == 1
        assert "cannot be written (No such file or directory)" in result.output

    def test_a_file_that_is_not_there(self, tmp_path, places):
        result = CliRunner().invoke(main, ["read", str(tmp_path / "none.jsonl"), "--places", str(places)])
        assert result.exit_code == 1
        assert "cannot be opened (No such file or directory)" in result.output

    def test_bytes_that_are_no_text(self, tmp_path, places):
        path = tmp_path / "reports.jsonl"
        path.write_bytes(report().encode() + b"\n\xff\xfe\n")
        result = CliRunner().invoke(main, ["read", str(path), "--places", str(places)])
        assert result.exit_code == 1
        assert "line 2: it is not UTF-8 text" in result.output


class TestRegister:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("code,title\n1,2\n", "line 1: the columns code and name are needed; it has code, title."),
            ("code,name\n13010911021,小果庄\n", "line 2: the code '13010911021' is not one of 12 digits."),
            ("code,name\n130109110212,\n", "line 2: village 130109110212 has no name."),
            ("code,name\n130109110212,东村\n130109110212,西村\n", "line 3: the code 130109110212 stands for a second"),
            ("code,name\n", "line 1: there is no village in it."),
        ],
    )
    def test_refuses_what_it_cannot_use(self, run, places, tmp_path, content, sentence):
        places.write_text(content, encoding="utf-8")
        result = run(report())
        assert result.exit_code == 1
        assert sentence in result.output
        assert not (tmp_path / "events.jsonl").exists()

    def test_refuses_bytes_that_are_no_text(self, run, places):
        places.write_bytes(b"code,name\n130109110212,\xff\n")
        assert "line 2: it is not UTF-8 text." in run(report()).output

    def test_refuses_a_file_that_is_not_there(self, run, places):
        places.unlink()
        assert "it cannot be opened" in run(report()).output

    def test_knows_counties_without_a_file_of_its_own(self, run, tmp_path):
        run(report(text="1月2日到藁城区超市购物。1月3日到贵州省仁怀市酒厂装货。1月4日到藁城市医院就诊。", year=2021))
        codes = [event["area_code"] for event in told(tmp_path)[0]["events"]]
        assert codes == ["130109", "520382", "130109"]
