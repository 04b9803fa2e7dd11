"""Reports of several days on screen and in files: wherever the day was said, the period is."""

import io
import json
import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import translation
from python_calamine import CalamineWorkbook

from sizao import cli
from sizao.adapters import dhis2
from sizao.records.models import DailyReport, ReportingUnit
from sizao.response.reports import daily, daily_acts
from sizao.terms import Figure, LevelReach, ResponseLevel, Role, UnitKind
from sizao.web.templatetags.said import until
from tests import factories
from tests.response.test_daily_reports import case_of
from tests.response.test_report_periods import decided

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
MONDAY, SUNDAY = date(2021, 1, 4), date(2021, 1, 10)
COUNTY = "130109"
WEEK = "4–10 January 2021"
MAPPING = """
data_set = "BfMAe6Itzgt"
[data_elements]
new_confirmed = "fbfJHSPpUQD"
[org_units]
130109 = "DiszpKrYNg8"
130104 = "DiszpKrYNg7"
"""


def hour(day, clock=9):
    return datetime.combine(day, time(clock), tzinfo=CHINA)


def at(path, day=SUNDAY, **asked):
    more = "".join(f"&{key}={value}" for key, value in asked.items())
    return f"{path}?outbreak=weekly&day={day + timedelta(days=1)}{more}"


class TestDaysSaid:
    @pytest.mark.parametrize(
        ("first", "last", "en", "zh"),
        [
            (SUNDAY, SUNDAY, "2021-01-10", "2021-01-10"),
            (MONDAY, SUNDAY, WEEK, "2021年1月4日至10日"),
            (date(2021, 1, 25), date(2021, 2, 3), "25 January – 3 February 2021", "2021年1月25日至2月3日"),
            (date(2020, 12, 28), date(2021, 1, 3), "28 December 2020 – 3 January 2021", "2020年12月28日至2021年1月3日"),
        ],
    )
    def test_in_both_languages(self, first, last, en, zh):
        for language, expected in (("en", en), ("zh-hans", zh)):
            with translation.override(language):
                assert until(first, last) == expected


class TestPages:
    def test_of_a_county_are_called_by_the_week(self, drafted, client_of):
        reporter = client_of(Role.REPORTER, COUNTY)
        page = reporter.get(at("/reports/", date=SUNDAY)).content.decode()
        assert f"Report of a period {WEEK}</h1>" in page
        assert "0 of 1 area has submitted" in page
        page = reporter.get(at(f"/reports/areas/{COUNTY}/", date=SUNDAY)).content.decode()
        assert f"藁城区 {WEEK}" in page
        assert "New +2" in page

    def test_of_a_province_say_whose_report_is_of_other_days(self, drafted, client_of):
        page = client_of(Role.REPORTER, "13").get(at("/reports/", date=SUNDAY)).content.decode()
        assert "Daily report 2021-01-10</h1>" in page
        assert f'<span class="tag">{WEEK}</span>' in page

    def test_of_a_day_within_lead_to_the_report_that_holds_it(self, drafted, client_of):
        reporter = client_of(Role.REPORTER, COUNTY)
        tuesday = MONDAY + timedelta(days=1)
        assert f"told with {SUNDAY}" in reporter.get(at("/reports/", date=tuesday)).content.decode()
        page = reporter.get(at(f"/reports/areas/{COUNTY}/", date=tuesday)).content.decode()
        assert f"No report is owed of this day alone: it is told with {WEEK}." in page
        assert f"/reports/areas/{COUNTY}/" in page[page.index("told with") :].partition("Open that report")[0]

    def test_say_over_which_days_a_sum_is(self, drafted, client_of):
        reporter = client_of(Role.REPORTER, "13")
        page = reporter.get(at("/reports/areas/1301/", date=SUNDAY)).content.decode()
        assert "Over 2021-01-10: <b>1</b> area below reports these days." in page
        assert "Others report other days; their share of these is counted from rows:" in page
        assert WEEK in page[page.index("Others report") :]

    def test_of_what_is_owed_and_to_approve_say_it(self, drafted, client_of):
        page = client_of(Role.REPORTER, "13").get(at("/reports/overview/", SUNDAY, date=SUNDAY)).content.decode()
        assert page.count(WEEK) >= 1
        report = drafted[COUNTY]
        reporter = factories.account(role=Role.REPORTER, area_code=COUNTY)
        daily_acts.submit(report=report, by=reporter, now=hour(SUNDAY + timedelta(days=1), 3))
        page = client_of(Role.COMMANDER, "13").get(at("/reports/approvals/")).content.decode()
        assert f"<b>藁城区</b> · {WEEK}" in page

    def test_of_a_unit_ask_for_all_its_days(self, db):
        factories.area(COUNTY, "藁城区")
        unit = ReportingUnit.objects.create(
            area_code=COUNTY, name="第一医院", kind=UnitKind.FEVER_CLINIC, every_days=7, due_hour=8,
            first_date=SUNDAY - timedelta(days=7), basis="通知", added_at=hour(MONDAY), added_by="x",
            source_key="unit:1",
        )  # fmt: skip
        client = Client(headers={"accept-language": "en"})
        client.force_login(factories.account(role=Role.REPORTER, area_code=COUNTY))
        address = f"/reports/units/{unit.pk}/?date={SUNDAY}"
        page = client.get(address).content.decode()
        assert f"第一医院 {WEEK}" in page
        assert "Nothing on these days: state zero" in page
        client.post(address, {"zero": "yes"})
        stated = DailyReport.objects.get(unit=unit)
        assert (stated.first_date, stated.date, stated.is_zero) == (MONDAY, SUNDAY, True)


class TestFiles:
    def test_have_the_first_day(self, drafted, client_of):
        reporter = client_of(Role.REPORTER, COUNTY)
        answer = reporter.get(at("/reports/export/", date=SUNDAY))
        rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
        heads, [*row] = rows.to_python()
        told = dict(zip(heads, row, strict=True))
        assert [str(told[head])[:10] for head in ("From", "Until")] == [str(MONDAY), str(SUNDAY)]
        assert told["New confirmed cases"] == 2
        table = reporter.get(at("/reports/files/figures/", date=SUNDAY, **{"as": "csv"})).content.decode("utf-8-sig")
        head, line = (one.split(",") for one in table.splitlines())
        assert dict(zip(head, line, strict=True))["first_date"] == str(MONDAY)

    def test_of_dhis2_name_the_week_and_leave_out_what_has_no_name(self, drafted, client_of, settings, tmp_path):
        path = tmp_path / "dhis2.toml"
        path.write_text(MAPPING)
        settings.DHIS2_MAPPING = str(path)
        reporter = factories.account(role=Role.REPORTER, area_code=COUNTY)
        daily_acts.submit(report=drafted[COUNTY], by=reporter, now=hour(SUNDAY + timedelta(days=1), 3))
        answer = client_of(Role.REPORTER, COUNTY).get(at("/reports/files/data-value-set/", date=SUNDAY))
        [value] = json.loads(answer.content)["dataValues"]
        assert (value["period"], value["value"]) == ("2021W1", "2")
        mapped = dhis2.read_mapping(path)
        [back], faults = dhis2.read_value_set(mapped, answer.content)
        assert (back.first_date, back.day, back.count, faults) == (MONDAY, SUNDAY, 2, [])
        span = dhis2.Value(COUNTY, SUNDAY, str(Figure.NEW_CONFIRMED), 2, MONDAY + timedelta(days=2))
        assert dhis2.value_set(mapped, [span]) == (
            {"dataSet": "BfMAe6Itzgt", "dataValues": []}, dhis2.LeftOut([], [f"{COUNTY} 2021-01-06/2021-01-10"]),
        )  # fmt: skip

    def test_of_dhis2_are_taken_without_what_has_no_name_by_who_was_told(self, drafted, client_of, settings, tmp_path):
        path = tmp_path / "dhis2.toml"
        path.write_text(MAPPING)
        settings.DHIS2_MAPPING = str(path)
        DailyReport.objects.filter(pk=drafted[COUNTY].pk).update(first_date=MONDAY + timedelta(days=2))
        drafted[COUNTY].refresh_from_db()
        reporter = factories.account(role=Role.REPORTER, area_code=COUNTY)
        daily_acts.submit(report=drafted[COUNTY], by=reporter, now=hour(SUNDAY + timedelta(days=1), 3))
        client, address = client_of(Role.REPORTER, COUNTY), at("/reports/files/data-value-set/", date=SUNDAY)
        page = client.get(address).content.decode()
        assert f"{COUNTY} 2021-01-06/2021-01-10" in page
        onward = re.search(r'href="[^"]*(\?[^"]*without=1[^"]*)"', page)[1].replace("&amp;", "&")
        assert json.loads(client.get("/reports/files/data-value-set/" + onward).content)["dataValues"] == []
        out = tmp_path / "values.json"
        asked = ["reports", "values", "--as", reporter.username, "--outbreak", "weekly", "--from", str(SUNDAY)]
        done = CliRunner().invoke(cli.main, [*asked, "--mapping", str(path), "--out", str(out)])
        assert f"no name for these days; left out: {COUNTY} 2021-01-06/2021-01-10." in done.output
        assert json.loads(out.read_text())["dataValues"] == []

    @pytest.mark.parametrize("period", ["2021W54", "2021W0", "2021w1", "202101", "0000W1"])
    def test_of_dhis2_refuse_what_is_no_period(self, period, tmp_path):
        path = tmp_path / "dhis2.toml"
        path.write_text(MAPPING)
        row = {"dataElement": "fbfJHSPpUQD", "orgUnit": "DiszpKrYNg8", "period": period, "value": "1"}
        values, [fault] = dhis2.read_value_set(dhis2.read_mapping(path), json.dumps({"dataValues": [row]}).encode())
        assert (values, fault.field, fault.given) == ([], "period", period)


@pytest.fixture
def drafted(db):
    for code, name in (("13", "河北省"), ("1301", "石家庄市"), (COUNTY, "藁城区"), ("130104", "桥西区")):
        factories.area(code, name)
    outbreak = factories.outbreak(slug="weekly", first_date=MONDAY, last_date=date(2021, 2, 14))
    decided(outbreak, ResponseLevel.ROUTINE, hour(MONDAY), COUNTY, LevelReach.HERE)
    for n in (1, 6):
        case_of(outbreak, (hour(MONDAY + timedelta(days=n)), "confirmed"), area_code=COUNTY)
    daily.advance(outbreak=outbreak, now=hour(SUNDAY + timedelta(days=1), 1))
    return {one.area_code: one for one in outbreak.daily_reports.filter(date=SUNDAY)}


@pytest.fixture
def client_of(db):
    def sign_in(role=Role.REPORTER, area_code="13"):
        client = Client(headers={"accept-language": "en"})
        client.force_login(factories.account(role=role, area_code=area_code))
        return client

    return sign_in
