"""`sizao export`: by right, with the fewest columns, journalled, whole or not at all."""

from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from sizao import cli
from sizao.cli import export as command
from sizao.records.models import CaseChange, Contact, ContactChange, DailyReport, Event
from sizao.terms import CaseStatus, ContactKind, ContactState, Role
from tests import factories

pytestmark = pytest.mark.django_db
OPENED = datetime(2021, 1, 5, 4, 0, tzinfo=UTC)
NAME = "王小明"


class TestExport:
    def test_writes_cases_as_they_were_known_on_a_day(self, outbreak, case, run, path):
        assert run("cases").output == f"1 rows written to {path}.\n"
        heads, line = sheet(path, "病例")
        assert dict(zip(heads, line, strict=True))["状态"] == "确诊病例"
        before = run("cases", "--as-of", "2021-01-04", "--force")
        assert before.output == f"0 rows written to {path}.\n"

    def test_never_says_who_somebody_is(self, outbreak, case, contact, run, path):
        for kind in ("people", "cases", "contacts"):
            assert run(kind, "--force").exit_code == 0
            book = CalamineWorkbook.from_path(path)
            cells = [
                cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
            ]
            assert NAME not in cells
            assert {"姓名", "性别", "出生日期"}.isdisjoint(cells)

    def test_says_where_it_comes_from(self, outbreak, case, account, run, path):
        run("cases", "--language", "en", "--as-of", "2021-01-08")
        origin = {row[0]: row[1] for row in sheet(path, "Origin")}
        assert origin["Taken by"] == f"{account.username} (1301)"
        assert (origin["Area"], origin["Rows"], origin["Known at the end of"]) == ("1301", 1, date(2021, 1, 8))
        assert origin["Notice"].startswith("Personal data")

    def test_is_journalled_with_its_size(self, outbreak, case, account, run):
        run("cases", "--area", "130109")
        line = Event.objects.get(verb="cases.exported")
        assert (line.actor, line.facts["rows"], line.facts["area_code"]) == (account.username, 1, "130109")

    def test_is_not_journalled_when_nothing_was_written(self, outbreak, case, run, path):
        path.write_text("before")
        refused = run("cases")
        assert refused.exit_code == 1
        assert "exists already" in refused.output
        assert not Event.objects.filter(verb="cases.exported").exists()

    def test_leaves_no_file_when_the_journal_fails(self, outbreak, case, run, path, monkeypatch):
        def fail(*args, **facts):
            raise RuntimeError("the journal is lost")

        monkeypatch.setattr("sizao.records.journal.write", fail)
        assert run("cases").exit_code == 1
        assert list(path.parent.iterdir()) == []

    def test_contacts(self, outbreak, contact, run, path):
        run("contacts", "--language", "en")
        heads, line = sheet(path, "Contacts")
        told = dict(zip(heads, line, strict=True))
        assert (told["Kind"], told["Status"]) == ("Close contact", "Found, not yet placed")

    def test_reports_with_zero_and_unknown(self, outbreak, account, run, path):
        report_of(outbreak, "130109", submitted_by=account)
        report_of(outbreak, "1301", submitted_by=None)
        report_of(outbreak, "1305", submitted_by=None)
        assert "2 rows" in run("reports", "--language", "en").output
        heads, city, county = sheet(path, "reports")
        told = dict(zip(heads, county, strict=True))
        assert (told["Zero"], told["Submitted by"], told["New confirmed cases"]) == (1, account.username, 0)
        assert told["Died"] == ""
        assert dict(zip(heads, city, strict=True))["Submitted by"] == ""

    def test_refuses_an_area_outside_the_jurisdiction(self, outbreak, run, path):
        refused = run("cases", "--area", "1305")
        assert refused.exit_code == 1
        assert "1301" in refused.output
        assert not path.exists()

    def test_refuses_a_role_without_the_right(self, outbreak, path):
        factories.account(username="inspector", role=Role.SUPERVISOR)
        refused = invoke("cases", "--as", "inspector", "--outbreak", outbreak.slug, "--out", str(path))
        assert refused.exit_code == 1
        assert "Export people" in refused.output

    @pytest.mark.parametrize("username", ["nobody", "closed"])
    def test_refuses_an_account_that_is_not_open(self, outbreak, path, username):
        factories.account(username="closed", is_active=False)
        refused = invoke("cases", "--as", username, "--outbreak", outbreak.slug, "--out", str(path))
        assert refused.exit_code == 1
        assert "account list" in refused.output


class TestKnownAt:
    def test_an_outbreak_that_is_over_is_known_to_its_last_day(self):
        ended = factories.outbreak(last_date=date(2021, 2, 14))
        day, moment = command.known_at(ended, None, datetime(2026, 1, 1, tzinfo=UTC))
        assert (day, moment.isoformat()) == (date(2021, 2, 14), "2021-02-14T23:59:59.999999+08:00")

    def test_a_day_that_is_not_over_is_known_to_this_moment(self, outbreak):
        now = datetime(2021, 1, 9, 2, 0, tzinfo=UTC)
        assert command.known_at(outbreak, None, now) == (date(2021, 1, 9), now)


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    for code, name in {"13": "河北省", "1301": "石家庄市", "1305": "邢台市", "130109": "藁城区"}.items():
        factories.area(code, name)
    factories.area()
    return factories.outbreak()


@pytest.fixture
def case(outbreak):
    found = factories.case(of=factories.person(name=NAME), within=outbreak, opened_at=OPENED)
    CaseChange.objects.create(case=found, status=CaseStatus.CONFIRMED, at=OPENED, by="test", source_key="change")
    return found


@pytest.fixture
def contact(outbreak):
    person = factories.person(name=NAME)
    found = Contact.objects.create(
        outbreak=outbreak, person=person, kind=ContactKind.CLOSE, state=ContactState.FOUND,
        area_code=person.area_code, found_at=OPENED, source="test", source_key="contact",
    )  # fmt: skip
    ContactChange.objects.create(contact=found, state=ContactState.FOUND, at=OPENED, by="test", source_key="found")
    return found


@pytest.fixture
def account(db):
    return factories.account(role=Role.DUTY_OFFICER, area_code="1301")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.xlsx"


@pytest.fixture
def run(outbreak, account, path):
    def export(kind, *more):
        return invoke(kind, "--as", account.username, "--outbreak", outbreak.slug, "--out", str(path), *more)

    return export


def invoke(*arguments):
    return CliRunner().invoke(cli.main, ["export", *arguments])


def sheet(path, name):
    return CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()


def report_of(outbreak, code, *, submitted_by):
    from sizao.response.reports import daily

    DailyReport.objects.create(
        outbreak=outbreak, area_code=code, first_date=date(2021, 1, 2), date=date(2021, 1, 2), figures=daily.zeros(),
        is_zero=True, drafted_at=OPENED, submitted_by=submitted_by, submitted_at=OPENED if submitted_by else None,
        source_key=f"report:{code}",
    )  # fmt: skip
