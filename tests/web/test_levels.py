"""Levels and notices on the pages: what is read, what is decided there, and that they work without any outbreak."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.records.models import Account, LevelDecision, LevelProposal, Notice, NoticeSettings
from sizao.response.tasks import levels
from sizao.terms import CaseStatus, LevelProposalState, NoticeKind, ResponseLevel, Role
from tests import factories
from tests.response.test_levels import found
from tests.web.conftest import at

pytestmark = pytest.mark.django_db
COUNTY = "130109"
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def case(outbreak):
    factories.area("13", "河北")
    factories.area("1301", "石家庄")
    found(outbreak, at=NOW, status=CaseStatus.CONFIRMED)
    levels.advance(outbreak=outbreak, now=NOW)


def decision(**facts):
    return {
        "level": "emergency", "legal_basis": "突发公共卫生事件应急预案", "text": "转入应急状态", "reach": "here",
        "expected_until": "2021-01-24",
    } | facts  # fmt: skip


class TestLevels:
    def test_shows_what_is_proposed_and_why(self, client_of, case):
        told = client_of().get(at("/level/")).content.decode()
        assert "藁城区" in told
        assert "proposed: Emergency" in told
        assert "<span>Recent confirmed and asymptomatic cases 1</span>" in told
        assert " · </span>" not in told  # no mark stands after the last reason

    def test_counties_proposed_for_a_neighbour_alone_stand_in_one_line(self, client_of, outbreak):
        factories.area("13", "河北")
        factories.area("1301", "石家庄")
        for code, name in (("130110", "鹿泉区"), ("130123", "正定县")):  # 正定 borders on 藁城, 鹿泉 does not
            factories.area(code, name)
        found(outbreak, at=NOW, status=CaseStatus.CONFIRMED)
        levels.advance(outbreak=outbreak, now=NOW)
        told = client_of().get(at("/level/")).content.decode()
        rows, _, rest = told.partition("1 more proposal, only because a neighbour is in emergency")
        assert "藁城区" in rows
        assert "正定县" not in rows
        assert "正定县" in rest

    def test_a_past_day_shows_what_was_proposed_by_then(self, client_of, case):
        told = client_of().get(at("/level/", (NOW - timedelta(days=1)).date())).content.decode()
        assert "nothing asks for another level" in told

    def test_an_area_shows_each_condition_and_what_is_switched(self, client_of, case):
        told = client_of().get(at(f"/level/{COUNTY}/")).content.decode()
        assert "Not known" in told  # alerts: no stream is watched
        assert "Unverified" in told
        assert "every 7 days" in told
        assert 'name="legal_basis"' not in told  # a duty officer does not decide

    def test_a_commander_decides_and_returns_with_a_checklist(self, client_of, case):
        client = client_of(Role.COMMANDER, COUNTY)
        client.post(at(f"/level/{COUNTY}/decide/"), decision())
        made = LevelDecision.objects.get()
        assert (made.level, made.decided_at.date().isoformat()) == (ResponseLevel.EMERGENCY, "2021-01-10")
        told = client.get(at(f"/level/{COUNTY}/")).content.decode()
        assert "every day" in told
        back = client.post(
            at(f"/level/{COUNTY}/decide/", (NOW + timedelta(days=1)).date()), decision(level="routine"), follow=True
        )
        told = back.content.decode()
        assert "Back to routine" in told
        # What is left opens the page that lists it.
        assert re.search(r'<td data-label="What"><a href="/(command|signals|isolation|contacts)/\?outbreak=', told)
        last = LevelDecision.objects.latest("pk")
        client.post(at(f"/level/returns/{last.pk}/", (NOW + timedelta(days=1)).date()), {"note-tasks": "李四"})
        last.refresh_from_db()
        assert last.signed_at is not None

    def test_a_refusal_is_said_and_nothing_is_kept(self, client_of, case):
        client = client_of(Role.COMMANDER, COUNTY)
        answer = client.post(at(f"/level/{COUNTY}/decide/"), decision(expected_until=""), follow=True)
        assert "states how long it is expected to last" in answer.content.decode()
        assert not LevelDecision.objects.exists()

    def test_a_proposal_is_declined_with_a_reason(self, client_of, case):
        one = LevelProposal.objects.get(area_code=COUNTY)
        client_of(Role.COMMANDER, COUNTY).post(at(f"/level/proposals/{one.pk}/decline/"), {"reason": "境外输入"})
        one.refresh_from_db()
        assert (one.state, one.note) == (LevelProposalState.DECLINED, "境外输入")

    def test_works_without_any_outbreak(self, client_of, db):
        factories.area("13", "河北")
        factories.area(COUNTY, "藁城区")
        client = client_of(Role.COMMANDER, "13")
        assert "All areas are at routine" in client.get("/level/").content.decode()
        assert client.get(f"/level/{COUNTY}/").status_code == 200
        until = timezone.localdate() + timedelta(days=10)
        client.post(f"/level/{COUNTY}/decide/", decision(expected_until=str(until), document_no="冀指1号"))
        made = LevelDecision.objects.get()
        assert (made.outbreak, made.area_code) == (None, COUNTY)
        assert "藁城区" in client.get("/level/").content.decode()

    def test_every_page_that_a_level_leads_with_is_there(self):
        names = {name for one in shipped_level_rules().switches.values() for name in one.leads}
        assert all(reverse(name) for name in names)

    def test_the_start_page_leads_by_the_level_where_there_is_no_outbreak(self, client_of, db):
        first = shipped_level_rules().switches[ResponseLevel.ROUTINE].leads[0]
        answer = client_of(Role.COMMANDER, "13").get("/")
        assert (answer.status_code, answer.url) == (302, reverse(first))


class TestNotices:
    def told(self, account, **facts):
        defaults = {
            "kind": NoticeKind.TASKS_LATE, "is_urgent": False, "area_code": COUNTY, "path": "/tasks/", "made_at": NOW,
            "source_key": f"notice:{Notice.objects.count()}",
        }  # fmt: skip
        return Notice.objects.create(account=account, **defaults | facts)

    def test_are_counted_on_every_page_and_read_one_by_one(self, client_of, outbreak):
        client = client_of()
        me = Account.objects.get(pk=int(client.session["_auth_user_id"]))
        one = self.told(me, count=12)
        self.told(me, is_urgent=True, kind=NoticeKind.ALERT_WAITS)
        page = client.get(at("/level/")).content.decode()
        assert ">Notifications</span><b>2</b>" in page
        page = client.get("/notices/").content.decode()
        assert "Overdue tasks</b> × 12 · 藁城区" in page
        answer = client.post("/notices/read/", {"notice": one.pk})
        assert answer.url == "/tasks/"
        assert "Notifications</span><b>1</b>" in client.get("/notices/").content.decode()
        client.post("/notices/read/", {"all": "1"})
        assert "You have read all." in client.get("/notices/").content.decode()

    def test_of_others_are_neither_shown_nor_read(self, client_of, db):
        one = self.told(factories.account())
        client = client_of()
        assert "Nothing was told to you yet." in client.get("/notices/").content.decode()
        client.post("/notices/read/", {"notice": one.pk})
        one.refresh_from_db()
        assert one.read_at is None

    @pytest.mark.parametrize("given", ["", "x", "9" * 30, "-1", "²"])
    def test_bad_numbers_change_nothing(self, client_of, db, given):
        assert client_of().post("/notices/read/", {"notice": given}).url == "/notices/"

    def test_ways_are_kept_and_refused_in_words(self, client_of, settings, db):
        settings.NOTICE_WEBHOOK_HOSTS = ["hook.example"]
        client = client_of()
        form = {"digest_hour": "9", "quiet_from": "21", "quiet_until": "6", "language": "en", "by_webhook": "on"}
        page = client.post("/notices/settings/", form | {"webhook_url": "https://evil.example/"}, follow=True)
        assert "no address that this installation may send notices to" in page.content.decode()
        assert not NoticeSettings.objects.exists()
        page = client.post("/notices/settings/", form | {"webhook_url": "https://hook.example/in"}, follow=True)
        kept = NoticeSettings.objects.get()
        assert (kept.digest_hour, kept.by_webhook) == (9, True)
        assert kept.webhook_secret in page.content.decode()
        page = client.post("/notices/settings/", form | {"digest_hour": "99", "webhook_url": ""}, follow=True)
        assert "no hour of the day" in page.content.decode()
