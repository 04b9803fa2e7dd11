"""Written dates and hours, one spelling at a time."""

from datetime import date

import pytest

from sizao.engines.reading.calendar import Calendar, first_date
from sizao.engines.reading.dates import expressions
from sizao.engines.reading.text import plain
from sizao.engines.reading.times import clock, times


def days(text, year=2021):
    written = expressions(plain(text))
    calendar = Calendar(first_date(written, year))
    return [(str(d.since), str(d.until)) for expression in written for d in calendar.read(expression)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("二〇二一年一月三日", [("2021-01-03", "2021-01-03")]),
        ("十二月二十一日至二十三日", [("2021-12-21", "2021-12-23")]),
        ("2022年3月上旬", [("2022-03-01", "2022-03-10")]),
        ("2021年2月下旬", [("2021-02-21", "2021-02-28")]),
        ("2020年12月以来", [("2020-12-01", "2020-12-31")]),
        ("5月28日至2日", [("2021-05-28", "2021-06-02")]),
        (
            "5月30日、31日和1日",
            [("2021-05-30", "2021-05-30"), ("2021-05-31", "2021-05-31"), ("2021-06-01", "2021-06-01")],
        ),
        ("1月30日，31日", [("2021-01-30", "2021-01-30"), ("2021-01-31", "2021-01-31")]),
        ("1月5日9时至6日8时", [("2021-01-05", "2021-01-06")]),
        ("1月5日，前一日", [("2021-01-05", "2021-01-05"), ("2021-01-04", "2021-01-04")]),
        ("1月5日，3天后", [("2021-01-05", "2021-01-05"), ("2021-01-08", "2021-01-08")]),
        ("1月5日之前", [("None", "2021-01-04")]),
        ("元旦", [("2021-01-01", "2021-01-01")]),
        ("1月20日至1月3日", [("2021-01-20", "2021-01-20")]),
        ("6月30日，31日", [("2021-06-30", "2021-06-30"), ("2021-07-31", "2021-07-31")]),
        ("3号楼5号线39.0℃", []),
        ("13月5日", []),
        ("当日", [("None", "None")]),
    ],
)
def test_dates(text, told):
    assert days(text) == told


def test_a_day_without_its_month_needs_a_day_before_it():
    assert days("5日", year=None) == [("None", "None")]
    assert first_date(expressions("5日"), 2021) is None
    assert first_date(expressions("1月3日，2020年12月30日")) == date(2021, 1, 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("8:00-9:30", [("08:00", "09:30")]),
        ("下午3点至5点", [("15:00", "17:00")]),
        ("晚11时至1时", [("23:00", "01:00")]),
        ("7-9时", [("07:00", "09:00")]),
        ("八点半", [("08:30", None)]),
        ("上午九点一刻", [("09:15", None)]),
        ("晚上二十三时", [("23:00", None)]),
        ("九点三刻左右", [("09:45", None)]),
        ("中午1时", [("13:00", None)]),
        ("深夜11点", [("23:00", None)]),
        ("24时", [("23:59", None)]),
        ("25时", []),
        ("有一点发热", []),
        ("2小时30分钟", []),
    ],
)
def test_hours(text, told):
    assert [(clock(span.since), clock(span.until)) for span in times(plain(text))] == told
