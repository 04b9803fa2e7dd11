"""People settle alerts in time, and a past moment shows them as they stood."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records import access
from sizao.records.models import Alert, AlertChange, Outbreak, Signal, Task
from sizao.response import flow, outbreaks, signals, tasks
from sizao.response.signals import NewOutbreak, Said
from sizao.terms import (
    ALERT_MOVES,
    AlertState,
    OutbreakKind,
    Role,
    SignalKind,
    StreamKind,
    TaskEnd,
    TaskKind,
    TaskState,
)
from tests import factories
from tests.response.ringing import COUNTY, DAY, NOW, all_rows, hear, hours_later, quiet, rung, stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbreak():
    return factories.outbreak()


@pytest.fixture
def real():
    return factories.outbreak(kind=OutbreakKind.REAL)


class TestDeciding:
    def test_taking_up_answers_the_clock_once(self, outbreak):
        by = factories.account()
        alert = signals.take_up(alert=rung(outbreak), by=by, now=hours_later(1))
        assert (alert.state, alert.answered_at, alert.settled_at) == (AlertState.VERIFYING, hours_later(1), None)
        alert = signals.confirm_alert(alert=alert, note="三人复核阳性", by=by, now=hours_later(3))
        assert (alert.answered_at, alert.settled_at, alert.settled_by) == (hours_later(1), hours_later(3), by)

    def test_dismissing_and_opening_again_need_a_reason(self, outbreak):
        by, alert = factories.account(), rung(outbreak)
        with pytest.raises(signals.AlertReasonMissing):
            signals.dismiss_alert(alert=alert, reason=" ", by=by, now=NOW)
        dismissed = signals.dismiss_alert(alert=alert, reason=" 录入错误 ", by=by, now=NOW)
        assert (dismissed.state, dismissed.note) == (AlertState.DISMISSED, "录入错误")
        with pytest.raises(signals.AlertReasonMissing):
            signals.reopen_alert(alert=alert, reason="", by=by, now=NOW)

    def test_opened_again_its_clock_starts_again(self, outbreak):
        by, alert = factories.account(), rung(outbreak)
        signals.dismiss_alert(alert=alert, reason="录入错误", by=by, now=hours_later(1))
        alert = signals.reopen_alert(alert=alert, reason="复核阳性", by=by, now=hours_later(5))
        assert (alert.state, alert.answered_at, alert.due_at) == (AlertState.OPEN, None, hours_later(7))
        assert alert.settled_at is None

    def test_escalating_makes_a_hint_of_the_outbreak(self, outbreak):
        by = factories.account()
        alert = signals.escalate_alert(alert=rung(outbreak), into=outbreak, by=by, now=hours_later(1))
        signal = Signal.objects.get()
        assert (alert.signal, alert.state, signal.outbreak) == (signal, AlertState.ESCALATED, outbreak)
        assert (signal.kind, signal.area_code, signal.state) == (SignalKind.ALERT, COUNTY, "new")

    def test_escalating_links_a_hint_that_was_received_already(self, outbreak):
        hint = signals.Hint(SignalKind.POSITIVE_TEST, COUNTY, NOW, "laboratory", "lab:1")
        signal = signals.receive(outbreak=outbreak, hint=hint, by=None, now=NOW)
        alert = signals.escalate_alert(alert=rung(outbreak), into=outbreak, signal=signal, by=None, now=NOW)
        assert (alert.signal, Signal.objects.count()) == (signal, 1)

    def test_escalating_may_open_the_outbreak(self):
        new = NewOutbreak("hebei-2021", "石家庄疫情", "Shijiazhuang", "covid-19")
        alert = signals.escalate_alert(alert=rung(None), into=new, by=factories.account(), now=NOW)
        opened = Outbreak.objects.get()
        assert (opened.kind, opened.area_code, opened.first_date) == (OutbreakKind.REAL, "13", DAY)
        assert (alert.outbreak, alert.signal.outbreak) == (opened, opened)
        assert list(signals.alerts_of(None)) == list(signals.alerts_of(opened)) == [alert]

    def test_what_is_rehearsed_stays_in_its_rehearsal(self, outbreak, real):
        with pytest.raises(signals.AlertOfAnotherOutbreak, match="stays in its rehearsal"):
            signals.escalate_alert(alert=rung(outbreak), into=real, by=None, now=NOW)
        with pytest.raises(signals.AlertOfAnotherOutbreak):
            signals.escalate_alert(alert=rung(None), into=outbreak, by=None, now=NOW)
        assert not Signal.objects.exists()

    def test_a_closed_outbreak_takes_no_hint(self, outbreak):
        alert = rung(outbreak)
        closed = outbreaks.close(outbreak=outbreak, by=factories.account(), now=NOW)
        with pytest.raises(outbreaks.OutbreakClosed):
            signals.escalate_alert(alert=alert, into=closed, by=None, now=NOW)

    def test_a_part_of_another_alert_is_not_acted_on(self, outbreak):
        one, other = rung(outbreak), rung(outbreak, area_code="130184")
        Alert.objects.filter(pk=one.pk).update(merged_into=other)
        with pytest.raises(signals.AlertIsPartOfAnother, match=str(other.pk)):
            signals.take_up(alert=one, by=None, now=NOW)

    def test_is_refused_to_a_role_without_the_right_and_outside_the_jurisdiction(self, outbreak):
        alert = rung(outbreak)
        with pytest.raises(access.NotAllowed):
            signals.take_up(alert=alert, by=factories.account(role=Role.REPORTER), now=NOW)
        with pytest.raises(access.NotYours):
            signals.take_up(alert=alert, by=factories.account(area_code="41"), now=NOW)
        alert.refresh_from_db()
        assert alert.state == AlertState.OPEN

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.sampled_from(list(AlertState)), max_size=6))
    def test_no_path_leaves_the_lifecycle(self, steps):
        within, by = factories.outbreak(), factories.account()
        Alert.objects.all().delete()
        alert = rung(within, area_code=f"13{within.pk % 10000:04}")
        verbs = {
            AlertState.OPEN: lambda: signals.reopen_alert(alert=alert, reason="是", by=by, now=NOW),
            AlertState.VERIFYING: lambda: signals.take_up(alert=alert, by=by, now=NOW),
            AlertState.CONFIRMED: lambda: signals.confirm_alert(alert=alert, by=by, now=NOW),
            AlertState.DISMISSED: lambda: signals.dismiss_alert(alert=alert, reason="否", by=by, now=NOW),
            AlertState.ESCALATED: lambda: signals.escalate_alert(alert=alert, into=within, by=by, now=NOW),
            AlertState.CLOSED: lambda: signals.close_alert(alert=alert, by=by, now=NOW),
        }
        for step in steps:
            was = AlertState(alert.state)
            if step in ALERT_MOVES[was]:
                alert = verbs[step]()
                assert alert.state == step
            else:
                with pytest.raises(signals.AlertCannotMove):
                    verbs[step]()


class TestReading:
    def test_a_past_moment_shows_an_alert_as_it_stood(self, outbreak):
        alert = rung(outbreak)
        signals.take_up(alert=alert, by=factories.account(), now=hours_later(1))
        rung(outbreak, count=2, now=hours_later(24), day=DAY + timedelta(days=1))
        at = {
            hours: signals.alerts_at(outbreak, "13", as_of=hours_later(hours)) for hours in (-1, 0, 1, 24)
        }  # fmt: skip
        assert at[-1] == []
        states = [(found[0].state, len(found[0].reasons), found[0].last_date) for found in (at[0], at[1], at[24])]
        assert states == [
            (AlertState.OPEN, 1, DAY),
            (AlertState.VERIFYING, 1, DAY),
            (AlertState.VERIFYING, 2, DAY + timedelta(days=1)),
        ]
        assert (at[0][0].waited, at[1][0].waited) == (None, timedelta(hours=1))

    def test_nobody_who_answers_makes_it_late(self, outbreak):
        alert = rung(outbreak)
        assert [signals.alert_at(alert, as_of=hours_later(hours)).is_late for hours in (2, 3)] == [False, True]
        signals.take_up(alert=alert, by=None, now=hours_later(4))
        assert [signals.alert_at(alert, as_of=hours_later(hours)).is_late for hours in (3, 4)] == [True, False]
        assert signals.alert_at(alert, as_of=hours_later(-1)) is None

    def test_ranks_what_waits_before_what_is_settled_and_the_larger_score_first(self, outbreak):
        low, high, done = (rung(outbreak, area_code=code) for code in ("130102", "130104", "130105"))
        for alert, score in ((low, 1.0), (high, 2.0), (done, 9.0)):
            AlertChange.objects.filter(alert=alert).update(score=score)
        signals.dismiss_alert(alert=done, reason="否", by=factories.account(), now=NOW)
        AlertChange.objects.filter(alert=done).update(score=9.0)
        found = signals.alerts_at(outbreak, "13", as_of=NOW)
        assert [(one.rank, one.alert.pk) for one in found] == [(1, high.pk), (2, low.pk), (3, done.pk)]
        waiting = signals.alerts_at(outbreak, "13", as_of=NOW, states=[AlertState.OPEN])
        assert [one.alert.pk for one in waiting] == [high.pk, low.pk]

    def test_a_finding_comes_before_a_comparison_of_counts_and_before_what_a_model_made_up(self, outbreak):
        fever, pills = (
            stream(outbreak, kind, area_code="130102")
            for kind in (StreamKind.FEVER_CLINIC, StreamKind.ANTIPYRETIC_SALES)
        )
        made_up = stream(outbreak, source_key="made-up", area_code="130104", is_generated=True)
        quiet(outbreak, fever)
        quiet(outbreak, pills)
        hear(outbreak, Said(fever, DAY, 30), Said(pills, DAY, 40), Said(made_up, DAY, 1))
        rung(outbreak)
        found = signals.alerts_at(outbreak, "13", as_of=NOW)
        assert [(one.area_code, one.rules[0]) for one in found] == [
            (COUNTY, "laboratory"),
            ("130102", "multi_point"),
            ("130104", "laboratory"),
        ]
        assert found[1].score > found[0].score

    def test_shows_only_the_area_asked_for(self, outbreak):
        rung(outbreak)
        assert signals.alerts_at(outbreak, "1301", as_of=NOW)
        assert not signals.alerts_at(outbreak, "1305", as_of=NOW)

    def test_tells_the_reason_in_one_sentence_in_both_languages(self, outbreak):
        fever, pills = (stream(outbreak, kind) for kind in (StreamKind.FEVER_CLINIC, StreamKind.ANTIPYRETIC_SALES))
        quiet(outbreak, fever)
        quiet(outbreak, pills)
        hear(outbreak, Said(fever, DAY, 30), Said(pills, DAY, 40))
        signals.advance(outbreak=outbreak, now=NOW)
        (found,) = signals.alerts_at(outbreak, "13", as_of=NOW)
        zh, en = found.told("zh-hans", "藁城区"), found.told("en", "Gaocheng")
        assert zh.startswith("藁城区1月10日起多点触发：")
        assert "发热门诊就诊1月10日30例（预期3." in zh
        assert en.startswith("Gaocheng since 10 January: several kinds of streams at once: ")
        assert "antipyretic sales, 40 on 10 January (3." in en
        assert (zh.count("。"), en.count(". ")) == (1, 0)

    def test_says_that_a_model_made_it_up(self, outbreak):
        one = stream(outbreak, is_generated=True)
        hear(outbreak, Said(one, DAY, 1))
        signals.advance(outbreak=outbreak, now=NOW)
        (found,) = signals.alerts_at(outbreak, "13", as_of=NOW)
        assert found.is_generated
        assert "（模拟数据）" in found.told("zh", "藁城区")
        assert "(generated data)" in found.told("en", "Gaocheng")


class TestTask:
    def test_somebody_is_asked_and_late_when_nobody_answers(self, outbreak):
        alert = rung(outbreak)
        flow.advance(outbreak=outbreak, now=NOW)
        task = Task.objects.get(kind=TaskKind.VERIFY_ALERT)
        assert (task.role, task.area_code, task.due_at, task.subject_id) == (
            Role.DUTY_OFFICER, COUNTY, hours_later(2), alert.pk,
        )  # fmt: skip
        assert list(tasks.late_at(outbreak, hours_later(3)).filter(kind=TaskKind.VERIFY_ALERT)) == [task]
        signals.take_up(alert=alert, by=None, now=hours_later(4))
        flow.advance(outbreak=outbreak, now=hours_later(5))
        task.refresh_from_db()
        assert (task.state, task.done_at, task.outcome) == (TaskState.DONE, hours_later(4), TaskEnd.FACT_ARRIVED)

    def test_about_what_a_model_made_up_is_asked_in_a_drill_but_not_beside_what_truly_happened(self, outbreak):
        drill = factories.outbreak(kind=OutbreakKind.DRILL)
        for within in (outbreak, drill):
            hear(within, Said(stream(within, is_generated=True), DAY, 1))
            signals.advance(outbreak=within, now=NOW)
            tasks.advance(outbreak=within, now=NOW)
        assert Task.objects.get(kind=TaskKind.VERIFY_ALERT).outbreak == drill

    def test_of_real_life_is_asked_within_the_outbreak_of_that_area(self, real):
        rung(None)
        elsewhere = factories.outbreak(kind=OutbreakKind.REAL, area_code="41")
        for outbreak in (elsewhere, real):
            tasks.advance(outbreak=outbreak, now=NOW)
        assert Task.objects.get(kind=TaskKind.VERIFY_ALERT).outbreak == real

    def test_opened_again_is_asked_again(self, outbreak):
        by, alert = factories.account(), rung(outbreak)
        tasks.advance(outbreak=outbreak, now=NOW)
        signals.dismiss_alert(alert=alert, reason="否", by=by, now=hours_later(1))
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        signals.reopen_alert(alert=alert, reason="是", by=by, now=hours_later(2))
        tasks.advance(outbreak=outbreak, now=hours_later(2))
        due = Task.objects.filter(kind=TaskKind.VERIFY_ALERT).order_by("pk").values_list("state", "due_at")
        assert list(due) == [(TaskState.DONE, hours_later(2)), (TaskState.OPEN, hours_later(4))]

    def test_of_an_alert_that_became_part_of_another_is_closed(self, outbreak):
        one, other = rung(outbreak), rung(outbreak, area_code="130184")
        tasks.advance(outbreak=outbreak, now=NOW)
        Alert.objects.filter(pk=one.pk).update(merged_into=other, settled_at=hours_later(1))
        tasks.advance(outbreak=outbreak, now=hours_later(1))
        assert Task.objects.get(kind=TaskKind.VERIFY_ALERT, subject_id=one.pk).state == TaskState.DONE


class TestLoop:
    def test_a_second_run_of_the_whole_loop_changes_nothing(self, outbreak):
        rung(outbreak)
        flow.advance(outbreak=outbreak, now=hours_later(1))
        before = all_rows()
        assert set(flow.advance(outbreak=outbreak, now=hours_later(1)).values()) == {0}
        assert all_rows() == before
