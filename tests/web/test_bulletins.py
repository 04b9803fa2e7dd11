"""Bulletins on screen: read by everybody once issued, edited and issued by whoever may; the situation report."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from sizao.records.models import Bulletin, Event
from sizao.response.reports import bulletins, daily
from sizao.terms import Role
from tests import factories
from tests.web.conftest import DAY, at
from tests.web.test_people import known_case

pytestmark = pytest.mark.django_db
REPORTED = date(2021, 1, 9)
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)


class TestEverybody:
    def test_reads_what_was_issued_and_nothing_else(self, drafted):
        page = Client(headers={"accept-language": "en"}).get("/bulletins/")
        assert "No bulletin has been issued yet" in page.text
        assert anybody("/bulletins/day/?outbreak=here&date=2021-01-09").status_code == 404
        bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        assert "新增确诊病例1例" in anybody("/bulletins/").text
        page = anybody("/bulletins/day/?outbreak=here&date=2021-01-09")
        assert "不产生效力" in page.text
        assert "不足5例的数字" not in page.text  # nothing was hidden

    def test_takes_it_as_a_file(self, drafted):
        bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        for form, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
            answer = anybody(f"/bulletins/day/file/?outbreak=here&date=2021-01-09&form={form}&language=en")
            assert answer.content.startswith(begins)
        assert anybody("/bulletins/day/file/?outbreak=here&date=2021-01-09&form=fax").status_code == 400

    def test_finds_both_versions_of_what_was_corrected(self, drafted):
        officer = commander()
        first = bulletins.issue(bulletin=drafted, by=officer, now=NOW)
        second = bulletins.correct(bulletin=first, reason="地名有误", by=officer, now=NOW)
        bulletins.issue(bulletin=second, by=officer, now=NOW)
        stands = anybody("/bulletins/day/?outbreak=here&date=2021-01-09").text
        assert "更正说明：地名有误" in stands
        assert "本版已更正" in anybody("/bulletins/day/?outbreak=here&date=2021-01-09&version=1").text

    @pytest.mark.parametrize("question", ["", "?date=x", "?outbreak=here&date=2021-01-09&version=x"])
    def test_is_told_that_there_is_none(self, drafted, question):
        bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        assert anybody(f"/bulletins/day/{question}").status_code == 404


class TestTheDesk:
    def test_leads_to_the_draft_which_is_edited_and_issued(self, drafted, client_of):
        client = client_of(Role.COMMANDER, "13")
        assert "8</b> days have no bulletin yet" in client.get(at("/bulletins/desk/")).text
        page = client.get(at(f"/bulletins/{drafted.pk}/")).text
        assert "{confirmed}" in page
        words = {"text_zh": "提示：{confirmed}{asymptomatic}", "text_en": "Note: {confirmed}, {asymptomatic}"}
        client.post(at(f"/bulletins/{drafted.pk}/act/"), {"act": "edit"} | words)
        client.post(at(f"/bulletins/{drafted.pk}/act/"), {"act": "issue"})
        found = Bulletin.objects.get(pk=drafted.pk)
        assert (found.state, found.text_zh) == ("issued", "提示：{confirmed}{asymptomatic}")

    def test_refuses_a_figure_by_hand_in_a_sentence(self, drafted, client_of):
        words = {"act": "edit", "text_zh": "{confirmed}{asymptomatic}，死亡1例", "text_en": drafted.text_en}
        page = client_of(Role.COMMANDER, "13").post(at(f"/bulletins/{drafted.pk}/act/"), words, follow=True)
        assert "“1例” is a figure written by hand" in page.text

    def test_of_a_reader_shows_what_was_issued(self, drafted, client_of):
        bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        page = client_of(Role.REPORTER, "130109").get(at("/bulletins/desk/")).text
        assert "2021-01-09" in page
        assert "To be issued" not in page

    def test_of_a_part_is_told_who_speaks(self, drafted, client_of):
        page = client_of(Role.COMMANDER, "130109").get(at("/bulletins/desk/")).text
        assert "One authority speaks for the whole outbreak" in page

    def test_puts_ours_beside_the_published(self, drafted, client_of, monkeypatch):
        series = {REPORTED: 14, REPORTED - timedelta(days=1): 33}
        monkeypatch.setattr(
            "sizao.response.reports.published_curve.outbreak_files.official_new_confirmed", lambda slug: series
        )
        page = client_of(Role.REPORTER, "13").get(at("/bulletins/beside/")).text
        assert ">-13<" in page
        assert ">-33<" in page
        assert page.count('stroke="#1f4e79" stroke-width') == 1
        assert f"date={REPORTED}" not in page

    def test_leads_from_a_day_to_its_bulletin_once_issued(self, drafted, client_of):
        bulletins.issue(bulletin=drafted, by=commander(), now=NOW)
        page = client_of(Role.REPORTER, "13").get(at("/bulletins/beside/")).text
        assert f"/bulletins/day/?outbreak={drafted.outbreak.slug}&amp;date={REPORTED}" in page


class TestTheSituationReport:
    def test_says_first_what_matters(self, drafted, client_of):
        page = client_of(Role.REPORTER, "13").get(at("/situation/report/", REPORTED)).text
        assert "had 1 new infections (1 confirmed, 0 asymptomatic), 1 more than the day before" in page

    def test_is_a_file_and_taking_it_is_journalled(self, drafted, client_of):
        client = client_of(Role.REPORTER, "130109")
        assert client.get(at("/situation/report/", form="pdf", language="zh")).content.startswith(b"%PDF")
        assert client.get(at("/situation/report/", form="docx", language="en")).content.startswith(b"PK")
        assert client.get(at("/situation/report/", form="x")).status_code == 400
        assert Event.objects.filter(verb="situation_report.taken").count() == 2


def anybody(address):
    return Client().get(address)


def commander():
    return factories.account(role=Role.COMMANDER, area_code="13")


@pytest.fixture
def drafted(outbreak):
    factories.area("13", "河北省")
    case = known_case(outbreak)
    case.changes.update(at=daily.day_of(REPORTED).start_at + timedelta(hours=9))
    bulletins.advance(outbreak=outbreak, now=NOW)
    assert DAY > REPORTED
    return outbreak.bulletins.get(date=REPORTED)
