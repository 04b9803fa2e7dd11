"""The daily report: explicit zero, submitted by a reporter, seen by all levels."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from sizao.response.reports import daily
from sizao.terms import Role
from sizao.web.shell import end_of
from tests import factories
from tests.web.conftest import DAY, at
from tests.web.test_people import known_case

pytestmark = pytest.mark.django_db
REPORTED = DAY - timedelta(days=1)


@pytest.fixture
def drafted(outbreak):
    factories.area("13", "河北省")
    factories.area("130102", "长安区")
    case = known_case(outbreak)
    case.changes.update(at=end_of(REPORTED))
    daily.advance(outbreak=outbreak, now=end_of(DAY))
    return {one.area_code: one for one in outbreak.daily_reports.filter(date=REPORTED)}


class TestTheReport:
    def test_shows_zero_as_zero_and_who_has_not_reported(self, drafted, client_of):
        page = client_of(Role.REPORTER).get(at("/reports/")).content.decode()
        assert str(REPORTED) in page
        assert "zero report" in page
        assert "0 of 3 areas have submitted" in page
        assert "长安区" in page[page.index("Who has not reported yet") :]

    def test_is_submitted_in_a_name_once(self, drafted, client_of):
        reporter = client_of(Role.REPORTER, "130102")
        address = at(f"/reports/{drafted['130102'].pk}/submit/")
        reporter.post(address)
        drafted["130102"].refresh_from_db()
        assert drafted["130102"].submitted_by is not None
        assert "was submitted by" in reporter.post(address, follow=True).content.decode()

    def test_of_another_area_is_not_theirs_to_submit(self, drafted, client_of):
        stranger = client_of(Role.REPORTER, "130102")
        assert stranger.post(at(f"/reports/{drafted['130109'].pk}/submit/")).status_code == 404
        assert client_of(Role.INVESTIGATOR).post(at(f"/reports/{drafted['130109'].pk}/submit/")).status_code == 403

    def test_goes_into_a_workbook_with_all_figures(self, drafted, client_of):
        answer = client_of(Role.REPORTER).get(at("/reports/export/"))
        rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
        heads, *areas = rows.to_python()
        assert [row[1] for row in areas] == ["河北省", "长安区", "藁城区"]
        confirmed = heads.index("New confirmed cases")
        assert [row[confirmed] for row in areas] == [1, 0, 1]
        assert areas[0][heads.index("Died")] == ""  # unknown is empty, never zero

    def test_refuses_a_day_that_has_not_come(self, drafted, client_of):
        assert client_of().get(at("/reports/", date="2021-02-01")).status_code == 400
