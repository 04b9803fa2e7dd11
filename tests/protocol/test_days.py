"""Days are counted from day zero, hours from an instant, and each result shows its sum."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.protocol import deadline, numbered_dates, period_end, rules_at, shipped
from sizao.protocol.days import BeyondTheCalendar, WrongUnit
from sizao.protocol.values import Value
from sizao.terms import ValueStatus

CHINA = ZoneInfo("Asia/Shanghai")
EXPOSED = date(2021, 1, 5)
JANUARY = rules_at(date(2021, 1, 10), drill=True)


def value(key, number):
    return Value(key, number, "e", ValueStatus.SOURCED, ValueStatus.SOURCED)


class TestAPeriod:
    def test_ends_at_midnight_after_its_last_day(self):
        """FACTS 4.5: left a risk area on 1 January, 7 days end on 8 January; day 0 is the day of leaving."""
        week = shipped().edition("edition-9").values["contacts.close.central_days"]
        total = period_end(date(2022, 1, 1), week)
        assert total.result == date(2022, 1, 8)
        assert total.ends_at(CHINA) == datetime(2022, 1, 9, tzinfo=CHINA)

    def test_of_hours_ends_at_its_result(self):
        due = deadline(datetime(2021, 1, 5, tzinfo=UTC), JANUARY.need("report.case_report_hours"))
        assert due.ends_at(CHINA) == due.result

    def test_of_zero_days_is_empty(self):
        total = period_end(EXPOSED, value("contacts.close.central_days", 0))
        assert (total.result, total.is_empty) == (EXPOSED, True)

    @given(st.dates(date(1, 1, 1), date(9000, 1, 1)), st.integers(0, 400), st.integers(0, 400))
    def test_after_a_period_is_one_period_of_both(self, start, first, second):
        key = "contacts.close.central_days"
        chained = period_end(period_end(start, value(key, first)).result, value(key, second))
        assert chained.result == period_end(start, value(key, first + second)).result
        assert (chained.result - start).days == first + second

    def test_refuses_hours_and_counts(self):
        with pytest.raises(WrongUnit, match=r"report.case_report_hours is in hours, so it cannot be counted in days"):
            period_end(EXPOSED, JANUARY.need("report.case_report_hours"))
        with pytest.raises(WrongUnit, match="in no unit"):
            period_end(EXPOSED, JANUARY.need("case.cluster_at_least_cases"))

    def test_refuses_a_moment(self):
        with pytest.raises(TypeError, match="not from a moment"):
            period_end(datetime(2021, 1, 5, tzinfo=UTC), JANUARY.need("contacts.close.central_days"))

    def test_refuses_to_run_past_the_calendar(self):
        with pytest.raises(BeyondTheCalendar, match="9999-12-31 \\+ 14 days"):
            period_end(date.max, value("contacts.close.central_days", 14))


class TestNumberedDays:
    def test_are_counted_from_day_zero(self):
        dates = [one.result for one in numbered_dates(EXPOSED, JANUARY.need("contacts.close.central_test_days"))]
        assert dates == [date(2021, 1, 6), date(2021, 1, 9), date(2021, 1, 12), date(2021, 1, 19)]

    def test_at_home_are_counted_from_the_end_of_the_central_stay(self):
        rules = rules_at(date(2021, 8, 1))
        central = period_end(EXPOSED, rules.need("contacts.close.central_days"))
        home = numbered_dates(central.result, rules.need("contacts.close.home_test_days"))
        assert [one.result for one in home] == [date(2021, 1, 21), date(2021, 1, 26)]

    def test_may_be_a_single_day(self):
        rules = rules_at(date(2022, 8, 1))
        (only,) = numbered_dates(EXPOSED, rules.need("zones.strict_final_round_day"))
        assert only.result == EXPOSED + timedelta(days=7)

    def test_of_an_empty_statement_are_none(self):
        assert numbered_dates(EXPOSED, value("contacts.close.central_test_days", ())) == ()

    def test_refuse_what_is_no_day_number(self):
        with pytest.raises(WrongUnit):
            numbered_dates(EXPOSED, JANUARY.need("contacts.close.central_days"))


class TestADeadline:
    def test_runs_from_an_instant(self):
        start = datetime(2021, 1, 5, 23, 30, tzinfo=CHINA)
        assert deadline(start, JANUARY.need("report.case_report_hours")).result == datetime(
            2021, 1, 6, 1, 30, tzinfo=CHINA
        )

    def test_counts_real_hours_where_clocks_change(self):
        summer = datetime(1986, 5, 3, 20, tzinfo=CHINA)  # clocks went forward in the night to 4 May 1986
        due = deadline(summer, value("report.case_report_hours", 12))
        assert due.result.astimezone(UTC) - summer.astimezone(UTC) == timedelta(hours=12)

    def test_refuses_to_run_past_the_calendar(self):
        with pytest.raises(BeyondTheCalendar, match="2 hours"):
            deadline(datetime.max.replace(tzinfo=UTC), JANUARY.need("report.case_report_hours"))

    def test_refuses_a_moment_without_zone_and_days(self):
        with pytest.raises(TypeError, match="with a zone"):
            deadline(datetime(2021, 1, 5), JANUARY.need("report.case_report_hours"))  # noqa: DTZ001
        with pytest.raises(WrongUnit):
            deadline(datetime(2021, 1, 5, tzinfo=UTC), JANUARY.need("contacts.close.central_days"))


class TestTheSum:
    @pytest.mark.parametrize(
        ("language", "told"),
        [
            ("zh-hans", "2021-01-05 + 14 天 = 2021-01-19 24:00 止（edition-7，contacts.close.central_days）"),
            ("en", "2021-01-05 + 14 days = 2021-01-19, until 24:00 (edition-7, contacts.close.central_days)."),
        ],
    )
    def test_of_days_is_told(self, language, told):
        assert period_end(EXPOSED, JANUARY.need("contacts.close.central_days")).told(language) == told

    @pytest.mark.parametrize(
        ("language", "told"),
        [
            ("zh", "2021-01-05 23:30+08:00 + 2 小时 = 2021-01-06 01:30+08:00（edition-7，report.case_report_hours）"),
            ("en", "2021-01-05 23:30+08:00 + 2 hours = 2021-01-06 01:30+08:00 (edition-7, report.case_report_hours)."),
        ],
    )
    def test_of_hours_is_told(self, language, told):
        start = datetime(2021, 1, 5, 23, 30, tzinfo=CHINA)
        assert deadline(start, JANUARY.need("report.case_report_hours")).told(language) == told

    def test_of_hours_is_told_by_the_clocks_of_the_place(self):
        start = datetime(2021, 1, 5, 15, 30, tzinfo=UTC)
        told = deadline(start, JANUARY.need("report.case_report_hours")).told("zh", CHINA)
        assert told.startswith("2021-01-05 23:30 + 2 小时 = 2021-01-06 01:30（")

    def test_of_a_numbered_day_is_told(self):
        first, *_ = numbered_dates(EXPOSED, JANUARY.need("contacts.close.central_test_days"))
        assert first.told("zh").startswith("2021-01-05 起第 1 天 = 2021-01-06")
        assert first.told("en").startswith("Day 1 from 2021-01-05 = 2021-01-06")

    def test_names_the_documents_that_changed_the_edition(self):
        home = rules_at(date(2022, 4, 1)).need("treatment.after_discharge_days")
        assert period_end(EXPOSED, home).edition == "edition-8+treatment-9"
