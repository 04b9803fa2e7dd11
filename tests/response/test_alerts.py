"""Streams are judged when they say something new, and alerts tell one story each."""

from datetime import timedelta

import pytest

from sizao.records.models import Alert, AlertChange, Event, Task, Verdict
from sizao.response import outbreaks, signals, tasks
from sizao.response.signals import Said
from sizao.terms import (
    AlertState,
    OutbreakKind,
    Role,
    StreamKind,
    TaskKind,
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
