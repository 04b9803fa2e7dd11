"""Streams are heard once, late counts are further rows, and what was known at a moment stays readable."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sizao.records import access
from sizao.records.models import Event, Stream, StreamCount
from sizao.response import signals
from sizao.response.signals import Heard, Said, StreamEntry
from sizao.terms import OutbreakKind, Role, StreamKind, StreamStep
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)  # noon in the place
DAY = date(2021, 1, 10)


def hours_later(hours):
    return NOW + timedelta(hours=hours)


def entry(**facts):
    defaults = {
        "source_key": "fever:130109",
        "kind": StreamKind.FEVER_CLINIC,
        "area_code": "130109",
        "name": "藁城区发热门诊",
        "source": "藁城人民医院",
        "first_date": date(2021, 1, 1),
    }
    return StreamEntry(**defaults | facts)


def opened(outbreak=None, **facts):
    return signals.open_stream(outbreak=outbreak, entry=entry(**facts), by=None, now=NOW)


def hear(*said, now=NOW, outbreak=None, by=None):
    return signals.hear(outbreak=outbreak, said=list(said), by=by, now=now)


class TestOpening:
    def test_the_same_entry_is_one_stream(self):
        first, again = opened(), opened()
        assert first.pk == again.pk
        assert (first.opened_at, first.closed_at, first.is_generated) == (NOW, None, False)
        assert Event.objects.filter(verb="stream.opened").count() == 1

    def test_two_of_one_key_in_one_list_are_one_stream(self):
        both = signals.open_streams(outbreak=None, entries=[entry(), entry()], by=None, now=NOW)
        assert both[0].pk == both[1].pk

    @pytest.mark.parametrize(
        "other", [{"area_code": "130184"}, {"kind": StreamKind.LABORATORY}, {"step": StreamStep.WEEK},
                  {"is_generated": True}],
    )  # fmt: skip
    def test_refuses_the_key_of_a_stream_that_means_something_else(self, other):
        opened()
        with pytest.raises(signals.StreamDiffers, match="Fever clinic visits, 130109, by Day"):
            opened(**other)
        assert Stream.objects.count() == 1

    def test_needs_the_right_to_send_in_that_area(self):
        with pytest.raises(access.NotAllowed):
            signals.open_stream(outbreak=None, entry=entry(), by=factories.account(role=Role.SUPERVISOR), now=NOW)
        with pytest.raises(access.NotYours):
            signals.open_stream(outbreak=None, entry=entry(), by=factories.account(area_code="41"), now=NOW)


class TestHearing:
    def test_a_count_is_kept_once(self):
        stream = opened()
        assert hear(Said(stream, DAY, 7, 90)) == Heard(1, 0, 0)
        assert hear(Said(stream, DAY, 7, 90), now=hours_later(1)) == Heard(0, 0, 1)
        assert StreamCount.objects.count() == 1
        assert Event.objects.get(verb="stream.heard").facts["counts"] == 1

    def test_a_correction_is_a_further_row(self):
        stream = opened()
        hear(Said(stream, DAY, 7))
        assert hear(Said(stream, DAY, 9), Said(stream, DAY - timedelta(days=1), 4), now=hours_later(2)) == Heard(
            1, 1, 0
        )
        rows = StreamCount.objects.filter(date=DAY).order_by("heard_at").values_list("count", "heard_at", "by")
        assert list(rows) == [(7, NOW, "sizao"), (9, hours_later(2), "sizao")]

    def test_a_correction_of_the_denominator_alone_is_one_too(self):
        stream = opened()
        hear(Said(stream, DAY, 7))
        assert hear(Said(stream, DAY, 7, 80), now=hours_later(1)).corrected == 1

    def test_zero_is_a_statement(self):
        assert hear(Said(opened(), DAY, 0)).new == 1

    @pytest.mark.parametrize(
        ("said", "field", "reason"),
        [
            ((DAY, -1), "count", "whole number"),
            ((DAY, 2.5), "count", "whole number"),
            ((DAY, True), "count", "whole number"),
            ((DAY, 2**31), "count", "whole number"),
            ((DAY, 3, -2), "denominator", "leave it out"),
            ((date(2021, 1, 11), 3), "date", "still to come"),
            ((date(2020, 12, 31), 3), "date", "before the first day"),
        ],
    )
    def test_refuses_what_cannot_be_and_keeps_nothing(self, said, field, reason):
        stream = opened()
        with pytest.raises(signals.CountsRefused, match=reason) as refusal:
            hear(Said(stream, DAY - timedelta(days=1), 5), Said(stream, *said))
        assert [(one["row"], one["field"]) for one in refusal.value.facts["errors"]] == [(2, field)]
        assert not StreamCount.objects.exists()

    def test_today_is_the_day_of_the_place(self):
        late = datetime(2021, 1, 10, 16, 30, tzinfo=UTC)  # half past midnight of the 11th there
        assert hear(Said(opened(), date(2021, 1, 11), 3), now=late).new == 1

    def test_refuses_a_day_that_is_said_twice_at_once(self):
        stream = opened()
        with pytest.raises(signals.CountsRefused, match="row 1 too"):
            hear(Said(stream, DAY, 3), Said(stream, DAY, 3))

    def test_refuses_another_count_at_the_very_same_moment(self):
        stream = opened()
        hear(Said(stream, DAY, 3))
        with pytest.raises(signals.CountsRefused, match="said to be 3 at this very moment"):
            hear(Said(stream, DAY, 4))
        assert hear(Said(stream, DAY, 3)).known == 1

    def test_refuses_a_day_within_a_week(self):
        weekly = opened(step=StreamStep.WEEK, first_date=date(2020, 12, 28))
        assert hear(Said(weekly, date(2021, 1, 4), 3)).new == 1
        with pytest.raises(signals.CountsRefused, match="begin on a Monday"):
            hear(Said(weekly, date(2021, 1, 5), 3))

    def test_needs_the_right_to_send_in_that_area(self):
        said = Said(opened(), DAY, 1)
        with pytest.raises(access.NotYours):
            hear(said, by=factories.account(area_code="41"))
        by = factories.account(role=Role.REPORTER, area_code="130109")
        hear(said, by=by)
        assert StreamCount.objects.get().by == by.username


class TestClosing:
    def test_what_was_said_remains_and_later_days_are_refused(self):
        stream = opened()
        hear(Said(stream, DAY, 1))
        by = factories.account()
        stream = signals.close_stream(stream=stream, by=by, now=NOW)
        hear(Said(stream, DAY, 2), now=hours_later(1))
        with pytest.raises(signals.CountsRefused, match="was closed"):
            hear(Said(stream, DAY + timedelta(days=1), 2), now=hours_later(24))
        with pytest.raises(signals.StreamClosed):
            signals.close_stream(stream=stream, by=by, now=hours_later(1))


class TestKnownCounts:
    def test_gives_what_was_known_at_a_moment(self):
        one, two = opened(), opened(source_key="fever:130184", area_code="130184")
        hear(Said(one, date(2021, 1, 2), 5), Said(two, date(2021, 1, 3), 0, 40))
        hear(Said(one, date(2021, 1, 2), 6), now=hours_later(1))
        known = signals.known_counts([one, two], as_of=NOW, last_date=date(2021, 1, 4))
        nan = np.nan
        np.testing.assert_array_equal(known.counts, [[nan, 5, nan, nan], [nan, nan, 0, nan]])
        np.testing.assert_array_equal(known.denominators[1], [nan, nan, 40, nan])
        assert known.dates == tuple(date(2021, 1, day) for day in range(1, 5))
        later = signals.known_counts([one, two], as_of=hours_later(1), last_date=date(2021, 1, 4))
        assert later.counts[0, 1] == 6

    def test_weeks_stay_weeks_from_whatever_day_the_axis_starts(self):
        weekly = opened(step=StreamStep.WEEK, first_date=date(2020, 12, 7))
        hear(Said(weekly, date(2020, 12, 21), 3))
        known = signals.known_counts([weekly], as_of=NOW, first_date=date(2020, 12, 16), last_date=date(2021, 1, 3))
        assert known.dates == (date(2020, 12, 21), date(2020, 12, 28))
        np.testing.assert_array_equal(known.counts, [[3, np.nan]])

    def test_asks_once_for_many_streams(self):
        streams = [opened(source_key=f"s{number}") for number in range(30)]
        hear(*(Said(stream, DAY, number) for number, stream in enumerate(streams)))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            known = signals.known_counts(streams, as_of=NOW, last_date=DAY)
        assert len(asked) == 1
        assert known.counts[:, -1].tolist() == list(range(30))

    def test_of_no_streams_are_empty(self):
        assert signals.known_counts([], as_of=NOW, last_date=DAY).counts.shape == (0, 0)


class TestBelonging:
    def test_a_rehearsal_has_streams_of_its_own_and_a_real_outbreak_those_of_real_life(self):
        rehearsal = factories.outbreak()
        real = factories.outbreak(kind=OutbreakKind.REAL)
        own, of_life = opened(rehearsal), opened(source_key="other")
        assert list(signals.streams_of(rehearsal)) == [own]
        assert list(signals.streams_of(real)) == list(signals.streams_of(None)) == [of_life]
