"""Hints arrive once, are verified or dismissed, and never leave their lifecycle; results are never overwritten."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records import access
from sizao.records.models import Event, Signal, Test
from sizao.response import signals
from sizao.response.signals import Hint, Result
from sizao.terms import SIGNAL_MOVES, Role, SignalKind, SignalState, TestResult
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)
DAY = date(2021, 1, 10)


def hint(**facts):
    defaults = {
        "kind": SignalKind.POSITIVE_TEST,
        "area_code": "130109",
        "occurred_at": NOW,
        "source": "laboratory",
        "source_key": "lab:1",
    }
    return Hint(**defaults | facts)


def receive(outbreak, **facts):
    return signals.receive(outbreak=outbreak, hint=hint(**facts), by=None, now=NOW)


class TestReceive:
    def test_a_hint_enters_unverified(self, noise):
        one = receive(factories.outbreak())
        assert (one.state, one.received_at, one.settled_at) == (SignalState.NEW, NOW, None)

    def test_a_hint_sent_twice_is_one_signal(self, noise):
        outbreak = factories.outbreak()
        first, again = receive(outbreak), receive(outbreak)
        assert first.pk == again.pk
        assert Event.objects.filter(verb="signal.received").count() == 1

    def test_a_hint_that_stands_twice_in_one_list_is_one_signal(self):
        outbreak = factories.outbreak()
        both = signals.receive_many(outbreak=outbreak, hints=[hint(), hint()], by=None, now=NOW)
        assert both[0].pk == both[1].pk
        assert Signal.objects.count() == 1

    def test_a_hint_that_was_settled_stays_settled_when_it_is_sent_again(self):
        outbreak = factories.outbreak()
        signals.verify(signal=receive(outbreak), by=None, now=NOW)
        assert receive(outbreak).state == SignalState.VERIFIED

    def test_refuses_a_hint_without_a_source(self):
        with pytest.raises(signals.SourceMissing):
            receive(factories.outbreak(), source=" ")


class TestSettling:
    def test_verifying_says_who_and_when(self):
        by = factories.account(role=Role.INVESTIGATOR)
        one = signals.verify(signal=receive(factories.outbreak()), by=by, now=NOW)
        assert (one.state, one.settled_by, one.settled_at) == (SignalState.VERIFIED, by, NOW)

    def test_dismissing_needs_a_reason(self):
        one = receive(factories.outbreak())
        with pytest.raises(signals.ReasonMissing):
            signals.dismiss(signal=one, reason=" ", by=factories.account(), now=NOW)
        dismissed = signals.dismiss(signal=one, reason=" 复核阴性 ", by=factories.account(), now=NOW)
        assert (dismissed.state, dismissed.reason) == (SignalState.DISMISSED, "复核阴性")

    def test_refuses_to_verify_twice(self):
        one = signals.verify(signal=receive(factories.outbreak()), by=None, now=NOW)
        with pytest.raises(signals.SignalCannotMove, match="dismissed"):
            signals.verify(signal=one, by=None, now=NOW)

    def test_is_refused_to_a_role_without_the_right_and_outside_the_jurisdiction(self):
        one = receive(factories.outbreak())
        with pytest.raises(access.NotAllowed):
            signals.verify(signal=one, by=factories.account(role=Role.SUPERVISOR), now=NOW)
        with pytest.raises(access.NotYours):
            signals.verify(signal=one, by=factories.account(area_code="41"), now=NOW)
        with pytest.raises(access.NotYours):
            signals.dismiss(signal=one, reason="复核阴性", by=factories.account(area_code="41"), now=NOW)
        one.refresh_from_db()
        assert one.state == SignalState.NEW

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.sampled_from(["verify", "dismiss"]), max_size=6), number=st.uuids())
    def test_no_path_leaves_the_lifecycle(self, steps, number):
        one = receive(factories.outbreak(), source_key=str(number))
        for step in steps:
            was = SignalState(one.state)
            try:
                if step == "verify":
                    one = signals.verify(signal=one, by=None, now=NOW)
                else:
                    one = signals.dismiss(signal=one, reason="不是", by=factories.account(), now=NOW)
            except signals.SignalCannotMove:
                one.refresh_from_db()
                assert one.state == was
            else:
                assert one.state in SIGNAL_MOVES[was]


class TestRecordTests:
    def test_a_specimen_sent_twice_is_one_test(self, noise):
        someone, outbreak = factories.person(), factories.outbreak()
        assert len(record(outbreak, Result(someone, DAY, "t1"))) == 1
        assert record(outbreak, Result(someone, DAY, "t1")) == []

    def test_a_result_that_comes_later_is_entered_once(self):
        someone, outbreak = factories.person(), factories.outbreak()
        record(outbreak, Result(someone, DAY, "t1"))
        record(outbreak, Result(someone, DAY, "t1", TestResult.NEGATIVE, DAY))
        record(outbreak, Result(someone, DAY, "t1", TestResult.POSITIVE, DAY + timedelta(days=1)))
        test = Test.objects.get()
        assert (test.result, test.resulted_date) == (TestResult.NEGATIVE, DAY)
        assert Event.objects.filter(verb="test.answered").count() == 1


def record(outbreak, *results):
    return signals.record_tests(outbreak=outbreak, results=results, by=None, now=NOW)
