"""The streams of the replay: positives as the reports tell them, made-up streams that say so, and the first hint."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from sizao.drill import replay, scenario
from sizao.drill.feed import feed
from sizao.drill.made_up_streams import Background, expected, made_up_streams
from sizao.drill.watching import _found_by_county
from sizao.records.models import Alert, Outbreak, Signal, Stream, StreamCount, Task
from sizao.response import register, signals
from sizao.terms import AlertState, StreamKind, TaskKind

SLUG = "hebei-2021-01"
GAOCHENG = "130109"
FIRST = date(2021, 1, 2)


@pytest.fixture(scope="module")
def chosen():
    return scenario.load(SLUG)


@pytest.fixture(scope="module")
def found(chosen):
    return _found_by_county(feed(chosen))


@pytest.fixture(scope="module")
def made_up(chosen, found):
    return made_up_streams(chosen, found)


class TestFound:
    def test_counts_every_first_positive_whose_county_is_known(self, chosen, found):
        facts = feed(chosen)
        known = Counter(day for day, of_day in facts.days.items() for fact in of_day.found)
        for day in known:
            assert sum(number for (_, when), number in found.items() if when == day) <= known[day]
        assert found[GAOCHENG, FIRST] == 3


class TestMadeUp:
    def test_says_that_it_is_and_speaks_every_day(self, chosen, made_up):
        days = (chosen.last_date - chosen.first_date).days + 1 + 120
        assert 8 <= len(made_up) <= 14
        for one in made_up:
            assert one.entry.is_generated
            assert "模拟" in one.entry.name
            assert one.entry.source_key.startswith("generated:")
            assert len(one.counts) == days

    def test_is_the_same_every_time_and_each_stream_has_dice_of_its_own(self, chosen, found, made_up):
        again = made_up_streams(chosen, found)
        assert [one.counts for one in again] == [one.counts for one in made_up]
        clinics = [one.counts for one in made_up if one.entry.kind == StreamKind.FEVER_CLINIC]
        assert len({tuple(counts.values()) for counts in clinics}) == len(clinics)

    def test_has_the_mean_that_it_says_before_the_outbreak(self, chosen, found, made_up):
        one = next(one for one in made_up if one.entry.kind == StreamKind.FEVER_CLINIC)
        before = [count for day, count in one.counts.items() if day < FIRST - timedelta(days=5)]
        # 18 a day by autumn, a quarter more by midwinter; a mean of 115 days lies within three of its errors.
        assert np.mean(before) == pytest.approx(19.5, abs=3 * 6.5 / np.sqrt(len(before)))

    def test_rises_ahead_of_the_cases_and_by_so_much(self):
        plain = Background(StreamKind.FEVER_CLINIC, "", (), 10.0, 5.0, (1.0,) * 7, 0.0, 0.5, 4)
        cases = {(GAOCHENG, date(2021, 1, 10)): 8}
        days = [date(2021, 1, day) for day in (5, 6, 9, 10)]
        assert [expected(plain, GAOCHENG, day, cases) for day in days] == [10.0, 11.0, 11.0, 10.0]
        assert expected(plain, "130184", date(2021, 1, 9), cases) == 10.0


@pytest.mark.django_db
class TestReplay:
    @pytest.fixture
    def outbreak(self, chosen):
        entries = [one for one in chosen.areas() if one.code.startswith("13") and len(one.code) <= 6]
        register.load_areas(entries, by=None, now=replay.moment(FIRST))
        replay.replay(chosen, until=date(2021, 1, 3))
        return Outbreak.objects.get(slug=SLUG)

    def test_the_hint_that_opens_it_comes_through_an_alert(self, outbreak):
        first = Signal.objects.order_by("pk").first()
        alert = Alert.objects.get(signal=first)
        assert (alert.rule, alert.area_code, alert.state) == ("laboratory", GAOCHENG, AlertState.ESCALATED)
        assert alert.opened_at == first.received_at == replay.moment(FIRST)
        assert alert.due_at - alert.opened_at == timedelta(hours=2)
        assert {one["kind"] for one in alert.reasons} == {"laboratory"}
        assert Stream.objects.get(source_key=alert.reasons[0]["stream"]).is_generated is False

    def test_the_reason_stands_first_on_the_board_of_that_day(self, outbreak):
        first = signals.alerts_at(outbreak, "13", as_of=replay.moment(FIRST))[0]
        assert "实验室阳性1月2日3例" in first.told("zh", "藁城区")
        assert not first.is_generated

    def test_counties_of_the_next_day_follow(self, outbreak):
        escalated = Alert.objects.filter(state=AlertState.ESCALATED)
        assert set(escalated.values_list("area_code", flat=True)) >= {GAOCHENG, "130184", "130581"}
        for alert in escalated:
            assert alert.signal.area_code.startswith(alert.area_code)

    def test_what_is_made_up_stands_apart_and_is_asked_of_nobody(self, outbreak):
        generated = Stream.objects.filter(is_generated=True)
        assert generated.exists()
        for alert in Alert.objects.all():
            assert len({one["is_generated"] for one in alert.reasons}) == 1
            assert alert.reasons[0]["is_generated"] == (alert.state == AlertState.OPEN)
        assert not Task.objects.filter(kind=TaskKind.VERIFY_ALERT, done_at=None).exists()

    def test_history_was_heard_day_by_day(self, outbreak):
        for one in StreamCount.objects.filter(date=date(2020, 10, 1)):
            assert outbreak.day_of(one.heard_at) == one.date
