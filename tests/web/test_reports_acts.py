"""Reports on screen: submitted by the county, returned and approved by the city, corrected; units on a phone."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from sizao.adapters import dhis2
from sizao.records.models import CaseChange, CaseFact, DailyReport, FactKeeping, ReportingUnit
from sizao.response.reports import daily
from sizao.terms import CaseFactKind, CaseStatus, Figure, Role, UnitFigure, UnitKind
from sizao.web.shell import end_of
from tests import factories
from tests.web.conftest import DAY, at
from tests.web.test_people import known_case

pytestmark = pytest.mark.django_db
REPORTED = DAY - timedelta(days=1)
COUNTY = "130109"


class TestTheWayUp:
    def test_submitted_returned_corrected_approved(self, drafted, client_of):
        county, city = client_of(Role.REPORTER, COUNTY), client_of(Role.COMMANDER, "13")
        report = drafted[COUNTY]
        county.post(at(f"/reports/{report.pk}/submit/"))
        assert "1</b> report waits for you" in city.get(at("/reports/approvals/")).content.decode()
        city.post(at(f"/reports/{report.pk}/return/"), {"reason": "Check the onset"})
        page = county.get(at(f"/reports/areas/{COUNTY}/")).content.decode()
        assert "Check the onset" in page
        county.post(at(f"/reports/{report.pk}/correct/"), {"reason": "Checked"})
        new = DailyReport.objects.standing().get(area_code=COUNTY, date=REPORTED)
        assert (new.version, new.correction_reason) == (2, "Checked")
        assert "Returned: Check the onset" in county.get(at(f"/reports/areas/{COUNTY}/")).content.decode()
        city.post(at("/reports/approve/"), {"report": [new.pk]})
        new.refresh_from_db()
        assert new.approved_by
        assert "Approved" in county.get(at(f"/reports/areas/{COUNTY}/")).content.decode()

    def test_shows_why_a_figure_changed_and_the_case_only_to_who_may_see_it(self, drafted, case, client_of):
        page = client_of(Role.DUTY_OFFICER, "13").get(at(f"/reports/areas/{COUNTY}/")).content.decode()
        assert case.number in page
        page = client_of(Role.REPORTER, "13").get(at(f"/reports/areas/{COUNTY}/")).content.decode()
        assert "New +1" in page
        assert case.number not in page

    def test_shows_what_the_rows_tell_now_and_counts_again(self, outbreak, drafted, client_of):
        late = factories.case(within=outbreak, area_code=COUNTY, opened_at=end_of(REPORTED))
        CaseChange.objects.create(
            case=late, status=CaseStatus.CONFIRMED, at=end_of(REPORTED), by="test", source_key="late"
        )
        reporter = client_of(Role.REPORTER, COUNTY)
        assert "now 2" in reporter.get(at(f"/reports/areas/{COUNTY}/")).content.decode()
        reporter.post(at(f"/reports/{drafted[COUNTY].pk}/recount/"))
        drafted[COUNTY].refresh_from_db()
        assert drafted[COUNTY].figures[Figure.CONFIRMED] == 2

    def test_says_that_the_sum_agrees(self, drafted, client_of):
        page = client_of(Role.REPORTER).get(at("/reports/areas/13/")).content.decode()
        assert "Every figure is the sum of the areas below." in page

    def test_without_a_reason_nothing_is_corrected(self, drafted, client_of):
        reporter = client_of(Role.REPORTER, COUNTY)
        reporter.post(at(f"/reports/{drafted[COUNTY].pk}/submit/"))
        answer = reporter.post(at(f"/reports/{drafted[COUNTY].pk}/correct/"), {"reason": " "}, follow=True)
        assert "Say why" in answer.content.decode()


class TestOverview:
    def test_names_who_is_missing(self, drafted, client_of):
        page = (
            client_of(Role.REPORTER).get(at("/reports/overview/", date=REPORTED - timedelta(days=1))).content.decode()
        )
        assert "长安区" in page
        assert "(Edition 7 · Interval days)" in page
        assert "bulletin.interval_days" not in page
        assert "<b>0</b> of 4 reports are in." in page

    def test_works_in_routine_times(self, routine, client_of):
        commander = client_of(Role.COMMANDER, COUNTY)
        answer = commander.get("/reports/", follow=True)
        assert "Who has reported" in answer.content.decode()
        commander.post("/reports/units/", {
            "name": "藁城区人民医院发热门诊", "kind": UnitKind.FEVER_CLINIC, "area_code": COUNTY, "every_days": "1",
            "due_hour": "10", "first_date": "2026-01-01", "basis": "石疾控〔2026〕3号",
        })  # fmt: skip
        unit = ReportingUnit.objects.get()
        assert "藁城区人民医院发热门诊" in commander.get("/reports/overview/").content.decode()
        assert commander.get("/reports/approvals/").status_code == 200
        nurse = client_of(Role.REPORTER, COUNTY)
        assert "Nothing today: state zero" in nurse.get(f"/reports/units/{unit.pk}/").content.decode()
        nurse.post(f"/reports/units/{unit.pk}/", {"zero": "yes"})
        report = DailyReport.objects.get()
        assert (report.is_zero, report.outbreak) == (True, None)
        figures = dict.fromkeys(map(str, UnitFigure), "0") | {"fever": "3", "reason": "Found later"}
        nurse.post(f"/reports/units/{unit.pk}/", figures)
        assert DailyReport.objects.standing().get().figures["fever"] == 3

    def test_of_many_units_shows_a_page_and_counts_all(self, routine, client_of, monkeypatch):
        monkeypatch.setattr("sizao.web.daily_reports_units.PAGE_UNITS", 2)
        monkeypatch.setattr("sizao.web.daily_reports_one.PAGE_ROWS", 2)
        by = factories.account(role=Role.REPORTER, area_code=COUNTY)
        for n in range(3):
            unit = ReportingUnit.objects.create(
                area_code=COUNTY, name=f"门诊{n}", kind=UnitKind.FEVER_CLINIC, due_hour=10, basis="x", added_by="x",
                first_date="2026-01-01", added_at=datetime(2026, 1, 1, tzinfo=UTC), source_key=f"unit{n}",
            )  # fmt: skip
            DailyReport.objects.create(
                unit=unit, area_code=COUNTY, first_date="2026-01-02", date="2026-01-02", figures={}, is_zero=True,
                submitted_by=by, drafted_at=datetime(2026, 1, 3, tzinfo=UTC),
                submitted_at=datetime(2026, 1, 3, tzinfo=UTC), source_key=f"report{n}",
            )  # fmt: skip
        client = client_of(Role.COMMANDER, COUNTY)
        pages = [client.get(f"/reports/units/?start={start}").content.decode() for start in (0, 2)]
        assert [[n for n in range(3) if f"门诊{n}" in page] for page in pages] == [[0, 1], [2]]
        assert ["start=2" in page for page in pages] == [True, False]
        assert all('muted">3<' in page for page in pages)
        waiting = client.get("/reports/approvals/").content.decode()
        assert "<b>3</b> reports wait for you" in waiting
        assert waiting.count('name="report"') == 2

    def test_a_word_is_no_count(self, routine, client_of):
        unit = ReportingUnit.objects.create(
            area_code=COUNTY, name="门诊", kind=UnitKind.FEVER_CLINIC, due_hour=10, basis="x", added_by="x",
            first_date="2026-01-01", added_at=datetime(2026, 1, 1, tzinfo=UTC), source_key="unit",
        )  # fmt: skip
        answer = client_of(Role.REPORTER, COUNTY).post(f"/reports/units/{unit.pk}/", {"fever": "many"}, follow=True)
        assert "is no count" in answer.content.decode()
        assert not DailyReport.objects.exists()


class TestOutcomes:
    def test_are_entered_withdrawn_and_stated_to_be_complete(self, drafted, case, client_of):
        officer = client_of(Role.INVESTIGATOR, COUNTY)
        moment = f"{DAY}T09:00"
        officer.post(at("/reports/outcomes/"), {"number": case.number, "kind": "discharged", "at": moment})
        fact = CaseFact.objects.get()
        assert fact.kind == CaseFactKind.DISCHARGED
        assert case.number in officer.get(at("/reports/outcomes/")).content.decode()
        officer.post(at("/reports/outcomes/"), {"withdraw": fact.pk, "reason": "Wrong case"})
        fact.refresh_from_db()
        assert fact.withdrawn_at is not None
        reporter = client_of(Role.REPORTER, COUNTY)
        reporter.post(at(f"/reports/areas/{COUNTY}/keep/"), {"first_date": str(REPORTED)})
        assert FactKeeping.objects.get().area_code == COUNTY

    def test_of_another_county_are_not_theirs(self, drafted, case, client_of):
        stranger = client_of(Role.INVESTIGATOR, "130102")
        asked = {"number": case.number, "kind": "died", "at": f"{DAY}T09:00"}
        stranger.post(at("/reports/outcomes/"), asked)
        assert not CaseFact.objects.exists()


class TestFiles:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_come_back_as_they_left(self, drafted, client_of, kind):
        reporter = client_of(Role.REPORTER)
        answer = reporter.get(at("/reports/files/figures/", date=REPORTED) + f"&as={kind}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        file = io.BytesIO(content)
        file.name = f"figures.{kind}"
        page = reporter.post(at("/reports/files/", date=REPORTED), {"file": file}).content.decode()
        assert "<b>4</b> rows are as they stand here." in page

    def test_data_value_set_needs_a_mapping(self, drafted, client_of, settings, tmp_path):
        reporter, address = client_of(Role.REPORTER), at("/reports/files/data-value-set/", date=REPORTED)
        assert reporter.get(address).status_code == 409
        path = tmp_path / "dhis2.toml"
        path.write_text(
            'data_set = "DsDailyCov1"\n[data_elements]\nnew_confirmed = "De000000001"\n'
            f'[org_units]\n{COUNTY} = "Ou000000001"\n',
            encoding="utf-8",
        )
        settings.DHIS2_MAPPING = str(path)
        client_of(Role.REPORTER, COUNTY).post(at(f"/reports/{drafted[COUNTY].pk}/submit/"))
        told = json.loads(reporter.get(address).content)
        assert [one["value"] for one in told["dataValues"]] == ["1"]
        back, faults = dhis2.read_value_set(dhis2.read_mapping(path), json.dumps(told).encode())
        assert (back[0].unit, back[0].day, faults) == (COUNTY, REPORTED, [])


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def case(outbreak):
    found = known_case(outbreak)
    found.changes.update(at=end_of(REPORTED))
    return found


@pytest.fixture
def drafted(outbreak, case):
    factories.area("13", "河北省")
    factories.area("1301", "石家庄市")
    factories.area("130102", "长安区")
    daily.advance(outbreak=outbreak, now=end_of(DAY))
    return {one.area_code: one for one in outbreak.daily_reports.filter(date=REPORTED)}


@pytest.fixture
def routine(db):
    for code, name in (("13", "河北省"), ("1301", "石家庄市"), (COUNTY, "藁城区")):
        factories.area(code, name)
