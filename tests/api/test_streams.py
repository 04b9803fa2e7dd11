"""A machine sends counts, reads streams and alerts, and settles alerts in the name of its account."""

from datetime import timedelta

import pytest

from sizao.records.models import Alert, Stream, StreamCount
from sizao.response import signals
from sizao.terms import OutbreakKind, Right, Role
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_january")]
COUNTY = "130109"


def count(**facts):
    defaults = {"stream": "lab", "kind": "laboratory", "area_code": COUNTY, "date": "2021-01-10", "count": 1}
    return defaults | facts


@pytest.fixture
def sender(machine):
    return machine(Role.DATA_OFFICER, rights=[Right.SIGNAL_SEND])


class TestSending:
    def test_takes_in_each_count_once_without_any_outbreak(self, sender):
        sent = {"counts": [count(), count(stream="fever", kind="fever_clinic", count=40, denominator=90)]}
        first, again = sender.post("stream-counts", sent).json(), sender.post("stream-counts", sent).json()
        assert (first["new_streams"], first["new"], again["new"], again["known"]) == (2, 2, 0, 2)
        assert set(Stream.objects.values_list("outbreak", flat=True)) == {None}
        assert set(StreamCount.objects.values_list("by", flat=True)) == {sender.account.username}

    def test_another_count_is_a_correction(self, sender, monkeypatch):
        sender.post("stream-counts", {"counts": [count()]})
        monkeypatch.setattr(factories, "NOW", NOW + timedelta(hours=1))
        assert sender.post("stream-counts", {"counts": [count(count=2)]}).json()["corrected"] == 1

    def test_a_dry_run_keeps_nothing(self, sender):
        answer = sender.post("stream-counts?dry_run=true", {"counts": [count()]}).json()
        assert (answer["dry_run"], answer["new"]) == (True, 1)
        assert not Stream.objects.exists()

    def test_a_rehearsal_has_streams_of_its_own(self, sender, within):
        sender.post("outbreaks/hebei/stream-counts", {"counts": [count()]})
        assert Stream.objects.get().outbreak == within

    def test_two_senders_do_not_take_each_others_keys(self, sender, machine):
        other = machine(Role.REPORTER)
        for one in (sender, other):
            assert one.post("stream-counts", {"counts": [count()]}).json()["new_streams"] == 1

    def test_refuses_all_and_names_each_row_and_field(self, sender):
        factories.area("410102")
        sent = {"counts": [count(), count(stream="b", date="2021-01-11"), count(stream="c", area_code="410102")]}
        answer = sender.post("stream-counts", sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "stream.unreadable")
        named = [(error["row"], error["field"]) for error in answer.json()["facts"]["errors"]]
        assert named == [(2, "date"), (3, "area_code")]
        assert not Stream.objects.exists()

    @pytest.mark.parametrize("wrong", [{"count": -1}, {"count": 1.5}, {"kind": "fever"}, {"date": "soon"}])
    def test_refuses_what_no_count_can_be(self, sender, wrong):
        assert sender.post("stream-counts", {"counts": [count(**wrong)]}).status_code == 422

    def test_needs_the_right_of_the_token(self, machine):
        reader = machine(Role.DATA_OFFICER, rights=[Right.SITUATION_READ])
        assert reader.post("stream-counts", {"counts": [count()]}).status_code == 403


class TestAlerts:
    @pytest.fixture
    def officer(self, machine):
        return machine(Role.DUTY_OFFICER)

    @pytest.fixture
    def alert(self, officer, within):
        officer.post("outbreaks/hebei/stream-counts", {"counts": [count()]})
        signals.advance(outbreak=within, now=NOW)
        return Alert.objects.get()

    def test_are_listed_with_their_reason_in_both_languages(self, officer, alert):
        (listed,) = officer.get("outbreaks/hebei/alerts").json()
        assert (listed["id"], listed["rank"], listed["state"], listed["rules"]) == (alert.pk, 1, "open", ["laboratory"])
        assert "实验室阳性1月10日1例" in listed["told_zh"]
        assert "positive laboratory results, 1 on 10 January" in listed["told_en"]
        assert [one["stream"] for one in listed["reasons"]] == [f"hebei:{officer.account.username}:lab"]
        assert officer.get("outbreaks/hebei/alerts", state="closed").json() == []

    def test_go_their_way_in_the_name_of_the_account(self, officer, alert):
        steps = [
            ("take-up", {}, "verifying"),
            ("dismiss", {"reason": "复核阴性"}, "dismissed"),
            ("reopen", {"reason": "复测阳性"}, "open"),
            ("confirm", {"note": "阳性"}, "confirmed"),
            ("escalate", {"outbreak": "hebei"}, "escalated"),
            ("close", {}, "closed"),
        ]
        for verb, body, state in steps:
            answer = officer.post(f"alerts/{alert.pk}/{verb}", body)
            assert (answer.status_code, answer.json()["state"]) == (200, state)
        alert.refresh_from_db()
        assert alert.signal.outbreak.slug == "hebei"
        assert officer.post(f"alerts/{alert.pk}/confirm", {}).status_code == 409

    def test_of_real_life_become_hints_of_a_real_outbreak_only(self, officer, within):
        factories.outbreak(slug="real", kind=OutbreakKind.REAL)
        officer.post("stream-counts", {"counts": [count()]})
        signals.advance(outbreak=None, now=NOW)
        number = Alert.objects.get().pk
        assert officer.post(f"alerts/{number}/escalate", {"outbreak": "hebei"}).status_code == 409
        assert officer.post(f"alerts/{number}/escalate", {"outbreak": "real"}).json()["state"] == "escalated"

    def test_streams_are_listed_as_they_stood(self, officer, alert):
        (stream,) = officer.get("outbreaks/hebei/streams").json()
        assert (stream["kind"], stream["area_code"], stream["is_generated"]) == ("laboratory", COUNTY, False)
        assert officer.get("outbreaks/hebei/streams", kind="antigen").json() == []
        assert officer.get("outbreaks/hebei/streams", day="2021-01-09").json() == []
