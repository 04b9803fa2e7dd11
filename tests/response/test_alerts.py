"""Streams are judged when they say something new, alerts tell one story each, and people settle them in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.records import access
from sizao.records.models import Alert, AlertChange, Event, Outbreak, Signal, Task, Verdict
from sizao.response import flow, outbreaks, signals, tasks
from sizao.response.signals import NewOutbreak, Said, StreamEntry
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

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)  # noon in the place
DAY = date(2021, 1, 10)
COUNTY = "130109"


def hours_later(hours):
    return NOW + timedelta(hours=hours)


@pytest.fixture
def outbreak():
    return factories.outbreak()


@pytest.fixture
def real():
    return factories.outbreak(kind=OutbreakKind.REAL)


def stream(within, kind=StreamKind.LABORATORY, area_code=COUNTY, **facts):
    defaults = {
        "source_key": f"{kind}:{area_code}:{within.pk if within else 'real'}",
        "kind": kind,
        "area_code": area_code,
        "name": f"{kind.zh} {area_code}",
        "source": "test",
        "first_date": date(2020, 11, 1),
    }
    opened_at = NOW - timedelta(days=60)
    return signals.open_stream(outbreak=within, entry=StreamEntry(**defaults | facts), by=None, now=opened_at)


def hear(within, *said, now=NOW):
    signals.hear(outbreak=within, said=list(said), by=None, now=now)


def quiet(within, one, *, until=DAY, days=60):
    """Let a stream say three or four a day until, and without, a day."""
    said = [Said(one, until - timedelta(days=back), 3 + back % 2) for back in range(1, days)]
    hear(within, *said, now=NOW - timedelta(hours=12))


def rung(within, *, count=1, now=NOW, area_code=COUNTY, day=DAY):
    """Let the laboratory of a county say a positive, and ring."""
    one = stream(within, area_code=area_code)
    hear(within, Said(one, day, count), now=now)
    signals.advance(outbreak=within, now=now)
    return Alert.objects.filter(area_code=area_code).latest("pk")


def all_rows():
    models = apps.get_app_config("records").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


class TestLooking:
    def test_judges_what_is_new_by_the_detectors_of_its_kind(self, outbreak):
        fever = stream(outbreak, StreamKind.FEVER_CLINIC)
        quiet(outbreak, fever)
        hear(outbreak, Said(fever, DAY, 30))
        assert signals.advance(outbreak=outbreak, now=NOW) > 0
        assert set(Verdict.objects.values_list("method", flat=True)) == {"ears-c2", "essence"}
        today = Verdict.objects.get(date=DAY, method="ears-c2")
        assert (today.count, today.is_alarm, today.looked_at) == (30, True, NOW)
        # EARS C2: mean and deviation (1 at the least) of the seven days that end two days before.
        assert today.expected == pytest.approx(24 / 7, abs=0.2)
        assert today.upperbound == pytest.approx(today.expected + 3.0902, abs=1e-3)
        assert today.basis[0]["key"] == "detectors.daily_short_baseline"

    def test_a_second_look_changes_nothing(self, outbreak):
        fever = stream(outbreak, StreamKind.FEVER_CLINIC)
        quiet(outbreak, fever)
        hear(outbreak, Said(fever, DAY, 30))
        signals.advance(outbreak=outbreak, now=NOW)
        before = all_rows()
        assert signals.advance(outbreak=outbreak, now=NOW) == 0
        assert signals.advance(outbreak=outbreak, now=hours_later(1)) == 0
        assert all_rows() == before

    def test_a_stream_that_is_new_to_us_is_not_judged_back_to_its_beginning(self, outbreak):
        lab = stream(outbreak)
        hear(outbreak, *(Said(lab, DAY - timedelta(days=back), 1) for back in range(60)))
        signals.advance(outbreak=outbreak, now=NOW)
        assert Verdict.objects.order_by("date").first().date == DAY - timedelta(days=27)

    def test_a_correction_judges_its_day_and_those_after_it_again(self, outbreak):
        fever = stream(outbreak, StreamKind.FEVER_CLINIC)
        quiet(outbreak, fever, until=DAY + timedelta(days=1))
        signals.advance(outbreak=outbreak, now=NOW)
        corrected = DAY - timedelta(days=4)
        hear(outbreak, Said(fever, corrected, 90), now=hours_later(1))
        signals.advance(outbreak=outbreak, now=hours_later(1))
        again = Verdict.objects.filter(method="ears-c2", looked_at=hours_later(1)).order_by("date")
        # Its own day, and the days whose baseline holds it; what lies before stays as it was said.
        assert [one.date for one in again] == [corrected, *(DAY - timedelta(days=back) for back in (1, 0))]
        assert again[0].is_alarm
        assert Verdict.objects.filter(method="ears-c2", date=corrected).count() == 2

    def test_a_correction_long_before_the_first_look_back_is_judged_too(self, outbreak):
        lab = stream(outbreak)
        hear(outbreak, Said(lab, DAY, 0))
        signals.advance(outbreak=outbreak, now=NOW)
        hear(outbreak, Said(lab, DAY - timedelta(days=50), 2), now=hours_later(1))
        signals.advance(outbreak=outbreak, now=hours_later(1))
        assert Verdict.objects.filter(date=DAY - timedelta(days=50), is_alarm=True).exists()
        assert not Alert.objects.exists(), "it is history, no news"

    def test_a_day_that_nobody_counted_has_no_verdict(self, outbreak):
        lab = stream(outbreak)
        hear(outbreak, Said(lab, DAY, 1), Said(lab, DAY - timedelta(days=3), 0))
        signals.advance(outbreak=outbreak, now=NOW)
        assert set(Verdict.objects.values_list("date", flat=True)) == {DAY, DAY - timedelta(days=3)}

    def test_a_rehearsal_that_stands_at_an_earlier_day_looks_at_nothing_again(self, outbreak):
        rung(outbreak)
        assert signals.advance(outbreak=outbreak, now=hours_later(-1)) == 0

    def test_what_was_said_later_at_an_earlier_day_is_looked_at_in_time(self, outbreak):
        lab = stream(outbreak)
        hear(outbreak, Said(lab, DAY, 0))
        signals.advance(outbreak=outbreak, now=NOW)
        hear(outbreak, Said(lab, DAY - timedelta(days=1), 1), now=hours_later(-20))
        assert signals.advance(outbreak=outbreak, now=NOW) > 0
        assert Alert.objects.get().first_date == DAY - timedelta(days=1)

    def test_streams_of_another_outbreak_are_left_alone(self, outbreak, real):
        lab = stream(outbreak)
        hear(outbreak, Said(lab, DAY, 1))
        assert signals.advance(outbreak=real, now=NOW) == 0
        assert signals.advance(outbreak=None, now=NOW) == 0
        assert signals.advance(outbreak=factories.outbreak(), now=NOW) == 0


class TestRinging:
    def test_one_positive_rings_within_the_two_hours_of_the_law(self, outbreak):
        alert = rung(outbreak)
        assert (alert.rule, alert.state, alert.outbreak, alert.area_code) == (
            "laboratory", AlertState.OPEN, outbreak, COUNTY,
        )  # fmt: skip
        assert (alert.opened_at, alert.due_at) == (NOW, hours_later(2))
        cited = {one["key"]: one for one in alert.basis}
        assert cited["triggers.laboratory_clock_hours"]["source"] == ["L2"]
        assert cited["triggers.laboratory_clock_hours"]["sum"]["amount"] == 2
        assert Event.objects.get(verb="alert.opened").facts == {"rule": "laboratory"}

    def test_zero_positives_do_not(self, outbreak):
        one = stream(outbreak)
        hear(outbreak, Said(one, DAY, 0))
        signals.advance(outbreak=outbreak, now=NOW)
        assert not Alert.objects.exists()

    def test_further_days_are_the_same_story(self, outbreak):
        first = rung(outbreak)
        again = rung(outbreak, count=2, now=hours_later(24), day=DAY + timedelta(days=1))
        assert first.pk == again.pk
        assert (again.first_date, again.last_date, len(again.reasons)) == (DAY, DAY + timedelta(days=1), 2)
        assert [len(one.reasons) for one in AlertChange.objects.order_by("pk")] == [1, 1]
        assert again.due_at == hours_later(2), "growing gives nobody more time"

    def test_another_county_is_another_story(self, outbreak):
        assert rung(outbreak).pk != rung(outbreak, area_code="130184").pk

    def test_people_and_goods_at_once_ring_where_each_alone_does_not(self, outbreak):
        fever, pills = (stream(outbreak, kind) for kind in (StreamKind.FEVER_CLINIC, StreamKind.ANTIPYRETIC_SALES))
        quiet(outbreak, fever)
        quiet(outbreak, pills)
        hear(outbreak, Said(fever, DAY, 30))
        signals.advance(outbreak=outbreak, now=NOW)
        assert not Alert.objects.exists()
        hear(outbreak, Said(pills, DAY, 40), now=hours_later(1))
        signals.advance(outbreak=outbreak, now=hours_later(1))
        alert = Alert.objects.get()
        assert (alert.rule, alert.p_value < 0.01) == ("multi_point", True)
        assert {one["kind"] for one in alert.reasons} == {"fever_clinic", "antipyretic_sales"}

    def test_two_rules_that_tell_the_same_are_one_alert_with_the_shorter_clock(self, outbreak):
        clinics = [stream(outbreak, StreamKind.FEVER_CLINIC, source_key=f"clinic:{number}") for number in range(2)]
        for clinic in clinics:
            quiet(outbreak, clinic)
        hear(outbreak, *(Said(clinic, DAY, 30) for clinic in clinics))
        signals.advance(outbreak=outbreak, now=NOW)
        alert = Alert.objects.get()
        assert (alert.rule, alert.due_at) == ("many_clinics", hours_later(24))
        rung(outbreak, now=hours_later(3))
        alert.refresh_from_db()
        assert Alert.objects.count() == 1
        assert (alert.rule, alert.due_at) == ("laboratory", hours_later(5))

    def test_what_nobody_works_on_becomes_part_of_a_wider_one_that_tells_the_same(self, outbreak):
        narrow, wide, held = (rung(outbreak, area_code=code) for code in (COUNTY, "130184", "130185"))
        # As a rule for whole cities would have opened it.
        Alert.objects.filter(pk=wide.pk).update(area_code="1301")
        signals.take_up(alert=held, by=factories.account(), now=NOW)
        for code in (COUNTY, "130185"):
            lab = stream(outbreak, area_code=code)
            hear(outbreak, Said(lab, DAY + timedelta(days=1), 5), now=hours_later(24))
        signals.advance(outbreak=outbreak, now=hours_later(24))
        for one in (narrow, wide, held):
            one.refresh_from_db()
        assert (narrow.merged_into, narrow.settled_at) == (wide, hours_later(24))
        assert (held.merged_into, held.state) == (None, AlertState.VERIFYING)
        told = {(one["area_code"], one["date"]) for one in wide.reasons}
        assert {("130184", "2021-01-10"), (COUNTY, "2021-01-10"), (COUNTY, "2021-01-11")} <= told
        before, after = (signals.alerts_at(outbreak, "13", as_of=hours_later(hours)) for hours in (23, 24))
        assert [one.alert.pk for one in before if one.state == AlertState.OPEN] == [narrow.pk, wide.pk]
        assert [one.alert.pk for one in after if one.state == AlertState.OPEN] == [wide.pk]

    def test_what_a_model_made_up_never_rings_together_with_what_was_counted(self, outbreak):
        fever = stream(outbreak, StreamKind.FEVER_CLINIC)
        pills = stream(outbreak, StreamKind.ANTIPYRETIC_SALES, is_generated=True)
        quiet(outbreak, fever)
        quiet(outbreak, pills)
        hear(outbreak, Said(fever, DAY, 30), Said(pills, DAY, 40))
        signals.advance(outbreak=outbreak, now=NOW)
        assert not Alert.objects.exists()
        rung(outbreak)
        made_up = stream(outbreak, source_key="made-up", is_generated=True)
        hear(outbreak, Said(made_up, DAY, 2))
        signals.advance(outbreak=outbreak, now=hours_later(1))
        told = [{one["is_generated"] for one in alert.reasons} for alert in Alert.objects.order_by("pk")]
        assert told == [{False}, {True}]

    def test_what_was_dismissed_does_not_ring_again_but_more_does(self, outbreak):
        alert = rung(outbreak)
        signals.dismiss_alert(alert=alert, reason="复核阴性", by=factories.account(), now=hours_later(1))
        other = stream(outbreak, area_code="130184")
        hear(outbreak, Said(other, DAY, 1), now=hours_later(1))
        signals.advance(outbreak=outbreak, now=hours_later(1))
        assert Alert.objects.filter(area_code=COUNTY).count() == 1
        again = rung(outbreak, count=2, now=hours_later(24), day=DAY + timedelta(days=1))
        assert (again.pk != alert.pk, again.first_date) == (True, DAY + timedelta(days=1))

    def test_a_rule_with_a_history_of_true_alerts_ranks_higher(self, outbreak):
        first = rung(outbreak)
        signals.confirm_alert(alert=first, by=factories.account(), now=hours_later(1))
        assert rung(outbreak, area_code="130184", now=hours_later(2)).score > first.score


class TestConfirmation:
    """Outside a rehearsal, what no authority has answered for judges nothing and rings nobody."""

    def heard_of_fever_and_pills(self):
        fever, pills = (stream(None, kind) for kind in (StreamKind.FEVER_CLINIC, StreamKind.ANTIPYRETIC_SALES))
        quiet(None, fever)
        quiet(None, pills)
        hear(None, Said(fever, DAY, 30), Said(pills, DAY, 40))

    def test_an_unconfirmed_detector_judges_nothing_in_real_life(self):
        self.heard_of_fever_and_pills()
        assert signals.advance(outbreak=None, now=NOW) == 0
        assert not Verdict.objects.exists()

    def test_confirmed_in_the_area_it_judges_and_rings_there(self, real):
        self.heard_of_fever_and_pills()
        signals.advance(outbreak=None, now=NOW)
        commander = factories.account(role=Role.COMMANDER, area_code="1301")
        for value in outbreaks.rules_at(real, NOW).unconfirmed():
            if value.key.startswith(("detectors.", "triggers.")):
                outbreaks.confirm_value(value=value, note="文件号", by=commander, now=NOW)
        assert signals.advance(outbreak=None, now=hours_later(1)) > 0
        assert Alert.objects.get().due_at == hours_later(3)

    def test_confirmed_elsewhere_it_does_not(self, real):
        self.heard_of_fever_and_pills()
        commander = factories.account(role=Role.COMMANDER, area_code="1305")
        for value in outbreaks.rules_at(real, NOW).unconfirmed():
            outbreaks.confirm_value(value=value, note="文件号", by=commander, now=NOW)
        assert signals.advance(outbreak=None, now=NOW) == 0

    def test_a_positive_of_the_laboratory_rings_without_any(self):
        alert = rung(None)
        assert (alert.outbreak, alert.due_at) == (None, hours_later(2))

    def test_a_commander_is_asked_for_it(self, real):
        tasks.advance(outbreak=real, now=NOW)
        keys = {one["key"] for one in Task.objects.get(kind=TaskKind.CONFIRM_VALUES).basis}
        assert {"detectors.daily_short_baseline", "triggers.multi_point_clock_hours"} <= keys


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
