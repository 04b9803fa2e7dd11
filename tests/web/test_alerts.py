"""One alert: its story, the streams behind it, and the acts in somebody's name."""

from datetime import timedelta

import pytest

from sizao.records.models import AlertChange
from sizao.terms import AlertState, Role
from tests.web import watching
from tests.web.conftest import DAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(outbreak):
    found = watching.stream(outbreak)
    watching.quiet(found)
    watching.counted(found, {DAY: 19})
    return found


@pytest.fixture
def alert(outbreak, stream):
    return watching.alert(outbreak, of=[stream])


def _decide(somebody, alert, decision, *, day=DAY, **more):
    return somebody.post(at(f"/alerts/{alert.pk}/decide/", day), {"decision": decision, **more}, follow=True)


class TestPage:
    def test_tells_what_the_streams_said(self, alert, stream, client_of):
        shown = client_of().get(at(f"/alerts/{alert.pk}/")).content.decode()
        assert "藁城区" in shown
        assert "EARS C2" in shown
        assert f"/streams/{stream.pk}/" in shown
        assert 'class="spark"' in shown

    def test_tells_its_story_with_who_and_when(self, alert, client_of):
        officer = client_of()
        _decide(officer, alert, "verifying")
        _decide(officer, alert, "dismissed", reason="一家三口食物中毒", day=DAY + timedelta(days=1))
        later = officer.get(at(f"/alerts/{alert.pk}/", day=DAY + timedelta(days=1))).content.decode()
        assert later.index("一家三口食物中毒") < later.index("Raised.")
        username = AlertChange.objects.filter(alert=alert).order_by("-at").first().by
        assert username in later
        assert "answered after" in later
        then = officer.get(at(f"/alerts/{alert.pk}/")).content.decode()
        assert "一家三口食物中毒" not in then

    def test_is_not_there_before_it_was_raised(self, alert, client_of):
        answer = client_of().get(at(f"/alerts/{alert.pk}/", day=DAY - timedelta(days=1)))
        assert answer.status_code == 404
        assert "was raised on 2021-01-10" in answer.content.decode()

    def test_is_not_there_for_another_county(self, alert, client_of):
        assert client_of(area_code="130102").get(at(f"/alerts/{alert.pk}/")).status_code == 404


class TestActs:
    @pytest.mark.parametrize(
        ("decision", "told"),
        [("verifying", "Taken up"), ("confirmed", "Confirmed"), ("escalated", "a hint of the outbreak")],
    )
    def test_are_done_in_a_name_and_stay_on_the_board(self, alert, client_of, decision, told):
        answer = _decide(client_of(), alert, decision, back="board", choices="group=person&state=all&evil=1")
        assert told in answer.content.decode()
        alert.refresh_from_db()
        assert alert.state == decision
        assert alert.answered_at is not None
        assert answer.redirect_chain[-1][0] == at("/signals/", group="person", state="all")

    def test_bear_the_end_of_the_chosen_day_in_a_rehearsal(self, alert, client_of):
        _decide(client_of(), alert, "verifying")
        alert.refresh_from_db()
        assert alert.answered_at.date() == DAY

    def test_dismiss_with_a_reason_only(self, alert, client_of):
        answer = _decide(client_of(), alert, "dismissed", reason=" ")
        assert "with a reason" in answer.content.decode()
        alert.refresh_from_db()
        assert alert.state == AlertState.OPEN

    def test_lead_from_an_escalated_alert_to_the_hint_it_became(self, alert, client_of):
        shown = _decide(client_of(), alert, "escalated").content.decode()
        alert.refresh_from_db()
        assert f"hint {alert.signal_id}" in shown
        hints = client_of().get(at("/signals/hints/", state="new")).content.decode()
        assert f"/signals/{alert.signal_id}/settle/" in hints

    def test_refuse_what_is_no_decision(self, alert, client_of):
        assert client_of().post(at(f"/alerts/{alert.pk}/decide/"), {"decision": "explode"}).status_code == 400

    def test_say_what_an_alert_cannot_become(self, alert, client_of):
        officer = client_of()
        _decide(officer, alert, "dismissed", reason="nothing")
        answer = _decide(officer, alert, "confirmed")
        assert "cannot become" in answer.content.decode()

    def test_are_for_who_may_verify_and_where_they_may(self, alert, client_of):
        decide = at(f"/alerts/{alert.pk}/decide/")
        assert client_of(Role.REPORTER).post(decide, {"decision": "verifying"}).status_code == 403
        assert client_of(area_code="130102").post(decide, {"decision": "verifying"}).status_code == 404


class TestAnEarlierDay:
    def test_is_not_told_how_far_an_alert_has_grown_since(self, alert, client_of):
        alert.last_date = DAY + timedelta(days=4)
        alert.save(update_fields=["last_date"])
        shown = _decide(client_of(), alert, "verifying").content.decode()
        assert "2021-01-10 – 2021-01-10" in shown
