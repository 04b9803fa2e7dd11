"""Figures leave and come back: nothing changes by it, a changed cell is listed, a wrong one named."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao import cli
from sizao.adapters import dhis2, spreadsheets, uploads
from sizao.adapters.dhis2 import Value
from sizao.records.models import DailyReport
from sizao.response import reports
from sizao.response.reports import daily_acts, figure_files, units
from sizao.response.reports.figure_files import FIGURE_COLUMNS, FIGURE_KEYS
from sizao.terms import CaseStatus, Figure, Role, UnitFigure, UnitKind
from tests import factories
from tests.response.test_daily_reports import AREAS, FIRST, at, case_of, contact_of

LAST = FIRST + timedelta(days=1)
UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
MAPPED = dhis2.Mapped(
    data_set="DsDailyCov1",
    data_elements={str(one): f"De{n:09d}" for n, one in enumerate((*Figure, *UnitFigure))},
    org_units={code: f"Ou{n:09d}" for n, code in enumerate((*AREAS, "unit:clinic"))},
    category_option_combo="HllvX50cXC0",
    attribute_option_combo=None,
)
# A figure may stand for an area and for a unit; here each has an element of its own.
FIGURES = st.dictionaries(st.sampled_from(sorted(map(str, Figure))), st.none() | st.integers(0, 10**6), min_size=1)


@pytest.mark.django_db
class TestTables:
    @pytest.mark.parametrize("kind", ["csv", "xlsx-zh", "xlsx-en"])
    def test_what_left_comes_back_unchanged(self, drafted, kind):
        present = list(rows_of(drafted))
        assert len(present) == 2 * len(AREAS)
        told = compared(written(present, kind), present)
        assert told.is_same
        assert told.n_rows == len(present)

    def test_a_changed_cell_is_listed_with_both_values(self, drafted):
        present = list(rows_of(drafted))
        changed = [dict(row) for row in present]
        changed[1]["new_confirmed"] = 7
        [one] = compared(written(changed, "csv"), present).differences
        assert (one.line, one.column, one.here, one.there) == (3, "new_confirmed", "1", "7")

    def test_a_wrong_cell_a_strange_row_and_a_missing_one_are_named(self, drafted):
        present = list(rows_of(drafted))
        changed = [dict(row) for row in present[:-1]]
        changed[0]["contacts"] = "many"
        changed[1]["area_code"] = "990000"
        changed.append(changed[2])
        told = compared(written(changed, "csv"), present)
        assert [(one.line, one.column, one.cell) for one in told.faults] == [
            (2, "contacts", "many"),
            (3, "date area_code", f"{FIRST} 990000"),
            (len(changed) + 1, "date area_code", f"{FIRST} {changed[2]['area_code']}"),
        ]
        assert len(told.absent) == 2

    def test_unknown_is_not_zero(self, drafted):
        present = list(rows_of(drafted))
        changed = [dict(row) for row in present]
        changed[0]["died"] = 0
        [one] = compared(written(changed, "xlsx-en"), present).differences
        assert (one.column, one.here, one.there) == ("died", "", "0")

    def test_words_come_back_in_any_language_and_moments_to_the_minute(self):
        assert figure_files.ways(CaseStatus.CONFIRMED) == {"confirmed", "确诊病例", "Confirmed case"}
        assert figure_files.read_moment("2021-01-08T12:33:59.999") == "2021-01-08 12:34"

    def test_the_command_writes_and_compares(self, drafted, tmp_path):
        out = tmp_path / "figures.csv"
        account = factories.account(role=Role.REPORTER, area_code="13")
        days = ["--from", str(FIRST), "--to", str(LAST), "--as", account.username, "--outbreak", drafted.slug]
        assert "rows written" in invoke("figures", *days, "--out", str(out)).output
        told = invoke("compare", str(out), *days).output
        assert "0 cells differ, 0 cannot be read, 0 rows missing" in told


@pytest.mark.django_db
class TestLineLists:
    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    @pytest.mark.parametrize("kind", ["cases", "contacts", "people"])
    def test_come_back_as_they_left(self, drafted, tmp_path, kind, ending):
        contact_of(drafted, (at(0), "found"), area_code="130109")
        account = factories.account(role=Role.DUTY_OFFICER, area_code="13")
        out = tmp_path / f"list.{ending}"
        asked = ["--as", account.username, "--outbreak", drafted.slug]
        written_ = CliRunner().invoke(cli.main, ["export", kind, *asked, "--out", str(out)])
        assert written_.exit_code == 0, written_.output
        told = invoke("compare-list", kind, str(out), *asked).output
        assert "0 cells differ, 0 cannot be read, 0 rows missing" in told

    def test_a_changed_cell_is_listed(self, drafted, tmp_path):
        account = factories.account(role=Role.DUTY_OFFICER, area_code="13")
        out = tmp_path / "list.csv"
        asked = ["--as", account.username, "--outbreak", drafted.slug]
        CliRunner().invoke(cli.main, ["export", "cases", *asked, "--out", str(out)])
        out.write_text(out.read_text(encoding="utf-8").replace("确诊病例", "无症状感染者"), encoding="utf-8")
        assert "here confirmed, there 无症状感染者" in invoke("compare-list", "cases", str(out), *asked).output


class TestValueSets:
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.tuples(st.sampled_from(AREAS), st.dates(date(2020, 1, 1), date(2030, 1, 1)), FIGURES), max_size=5)
    )
    def test_what_left_comes_back(self, reported):
        values = {(unit, day, name): count for unit, day, figures in reported for name, count in figures.items()}
        sent = [Value(unit, day, name, count) for (unit, day, name), count in values.items()]
        told, left_out = dhis2.value_set(MAPPED, sent)
        assert left_out == dhis2.LeftOut([], [])
        if not told["dataValues"]:
            return
        back, faults = dhis2.read_value_set(MAPPED, json.dumps(told).encode())
        assert faults == []
        assert set(back) == {one for one in sent if one.count is not None}

    def test_is_what_dhis2_documents(self):
        told, _ = dhis2.value_set(MAPPED, [Value("13", date(2021, 1, 8), "new_confirmed", 3)])
        assert set(told) <= {"dataSet", "completeDate", "period", "orgUnit", "attributeOptionCombo", "dataValues"}
        [value] = told["dataValues"]
        assert value == {
            "dataElement": MAPPED.data_elements["new_confirmed"], "period": "20210108",
            "orgUnit": MAPPED.org_units["13"], "value": "3", "categoryOptionCombo": "HllvX50cXC0",
        }  # fmt: skip
        assert all(UID.fullmatch(value[key]) for key in ("dataElement", "orgUnit", "categoryOptionCombo"))

    def test_period_and_unit_may_stand_once_for_all(self):
        told = {
            "dataSet": "DsDailyCov1", "completeDate": "2021-01-09", "period": "20210108",
            "orgUnit": MAPPED.org_units["13"],
            "dataValues": [{"dataElement": MAPPED.data_elements["died"], "value": 0, "comment": "…"}],
        }  # fmt: skip
        values, faults = dhis2.read_value_set(MAPPED, json.dumps(told).encode())
        assert (values, faults) == ([Value("13", date(2021, 1, 8), "died", 0)], [])

    @pytest.mark.parametrize(
        ("field", "given_"), [("period", "20210230"), ("orgUnit", "x"), ("dataElement", "x"), ("value", "-1")]
    )
    def test_a_wrong_field_is_named_with_its_place(self, field, given_):
        good = {"dataElement": MAPPED.data_elements["died"], "period": "20210108", "orgUnit": MAPPED.org_units["13"],
                "value": "1"}  # fmt: skip
        told = {"dataSet": "DsDailyCov1", "dataValues": [good | {"period": "20210107"}, good | {field: given_}]}
        values, faults = dhis2.read_value_set(MAPPED, json.dumps(told).encode())
        assert [(one.at, one.field, one.given) for one in faults] == [(1, field, given_)]
        assert len(values) == 1

    def test_a_value_twice_is_named(self):
        value = {"dataElement": MAPPED.data_elements["died"], "period": "20210108", "orgUnit": MAPPED.org_units["13"],
                 "value": "1"}  # fmt: skip
        _, faults = dhis2.read_value_set(MAPPED, json.dumps({"dataValues": [value, value | {"value": "2"}]}).encode())
        assert [one.at for one in faults] == [1]

    @pytest.mark.parametrize("content", [b"x", b"[]", b"{}", b'{"dataValues": []}', b'{"dataValues": [1]}',
                                         b'{"dataSet": "Other000000", "dataValues": [{}]}'])  # fmt: skip
    def test_what_is_none_is_refused(self, content):
        with pytest.raises(dhis2.ValueSetUnreadable):
            dhis2.read_value_set(MAPPED, content)

    @pytest.mark.parametrize(
        ("told", "said"),
        [
            ('data_set = "short"', "data_set"),
            ('data_set = "DsDailyCov1"\n[data_elements]\nx = "De000000001"', "org_units"),
            ('data_set = "DsDailyCov1"\nwrong = 1', "wrong"),
            (
                'data_set = "DsDailyCov1"\n[data_elements]\na = "De000000001"\nb = "De000000001"\n'
                '[org_units]\n13 = "Ou000000001"',
                "two keys",
            ),
        ],
    )
    def test_a_wrong_mapping_names_its_key(self, tmp_path, told, said):
        path = tmp_path / "dhis2.toml"
        path.write_text(told, encoding="utf-8")
        with pytest.raises(dhis2.MappingUnreadable, match=said):
            dhis2.read_mapping(path)


@pytest.mark.django_db
class TestTakingIn:
    def test_makes_signed_reports_of_units_once(self, unit, nurse):
        for _ in range(2):
            assert figure_files.take_in(values=stated(fever=2), by=nurse, now=MORNING) == 1
        report = DailyReport.objects.get()
        assert (report.unit, report.figures["fever"], report.submitted_by) == (unit, 2, nurse)
        assert daily_acts.signature_holds(report)

    def test_refuses_what_is_missing_or_not_theirs(self, unit, nurse):
        with pytest.raises(units.NotAFigure):
            figure_files.take_in(values=stated()[:-1], by=nurse, now=MORNING)
        stranger = factories.account(role=Role.REPORTER, area_code="130581")
        with pytest.raises(figure_files.UnitUnknown):
            figure_files.take_in(values=stated(), by=stranger, now=MORNING)
        assert not DailyReport.objects.exists()

    def test_of_another_period_than_the_units_are_refused(self, unit, nurse):
        unit.every_days = 7
        unit.save()
        week = [Value(one.unit, date(2026, 3, 8), one.figure, one.count, date(2026, 3, 2)) for one in stated()]
        wrong = [replace(one, first_date=date(2026, 3, 3)) for one in week]
        with pytest.raises(figure_files.OtherPeriod, match="2026-03-02 to 2026-03-08"):
            figure_files.take_in(values=wrong, by=nurse, now=MORNING + timedelta(days=7))
        assert figure_files.take_in(values=week, by=nurse, now=MORNING + timedelta(days=7)) == 1
        assert DailyReport.objects.get().first_date == date(2026, 3, 2)

    def test_of_submitted_reports_only_leave(self, drafted):
        assert list(figure_files.values_of(drafted, "13", FIRST, LAST, as_of=at(9))) == []
        report = DailyReport.objects.get(area_code="130109", date=FIRST)
        reporter = factories.account(role=Role.REPORTER, area_code="130109")
        daily_acts.submit(report=report, by=reporter, now=at(3))
        values = list(figure_files.values_of(drafted, "13", FIRST, LAST, as_of=at(9)))
        assert {(one.unit, one.day) for one in values} == {("130109", FIRST)}

    def test_a_table_says_which_cell_is_wrong(self):
        row = {"date": "2026-03-02", "unit": "unit:clinic"} | {str(one): "0" for one in UnitFigure}
        values, faults = figure_files.unit_values([row, row | {"fever": ""}, row | {"date": "March"}], [2, 3, 4])
        assert [(one.line, one.column) for one in faults] == [(3, "fever"), (4, "date")]
        assert len(values) == 2 * len(UnitFigure) - 1


# --- Fixtures ----------------------------------------------------------------------------------

MORNING = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def drafted(db):
    for code in AREAS:
        factories.area(code, code)
    outbreak = factories.outbreak()
    case_of(outbreak, (at(0), "confirmed"), area_code="130109")
    reports.advance(outbreak=outbreak, now=at(2))
    return outbreak


@pytest.fixture
def unit(db):
    factories.area("130109", "藁城区")
    duty = units.Duty(
        "130109", "发热门诊", UnitKind.FEVER_CLINIC, 10, date(2026, 3, 1), "通知", source_key="unit:clinic"
    )
    by = factories.account(role=Role.COMMANDER, area_code="130109")
    return units.add(duties=[duty], by=by, now=MORNING - timedelta(days=2))[0]


@pytest.fixture
def nurse(db):
    return factories.account(role=Role.REPORTER, area_code="130109")


def stated(**figures):
    return [Value("unit:clinic", date(2026, 3, 2), str(one), figures.get(str(one), 0)) for one in UnitFigure]


def rows_of(outbreak):
    return figure_files.figure_rows(outbreak, "13", FIRST, LAST, as_of=at(9))


def written(rows, kind):
    cells = [[row[one.code] for one in FIGURE_COLUMNS] for row in rows]
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([[one.code for one in FIGURE_COLUMNS], *cells])
        return out.getvalue().encode()
    book = io.BytesIO()
    heads = [one.head(kind.removeprefix("xlsx-")) for one in FIGURE_COLUMNS]
    spreadsheets.write(book, [spreadsheets.Sheet("figures", heads, cells)])
    return book.getvalue()


def compared(content, present):
    columns = {one.code: (one.zh, one.en) for one in FIGURE_COLUMNS}
    upload = uploads.read(content, "figures", columns=columns, needs=FIGURE_KEYS)
    return figure_files.compare(upload.rows, upload.lines, present, columns=FIGURE_COLUMNS, keys=FIGURE_KEYS)


def invoke(*arguments):
    told = CliRunner().invoke(cli.main, ["reports", *arguments])
    assert told.exit_code == 0, told.output
    return told
