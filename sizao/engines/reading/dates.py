# ruff: noqa: E501  (a list of words is read as a list; broken lines hide doubles)
"""
Dates in Chinese text: what is written, not yet what day it is.

A *mention* is one written date (2021年1月3日, 1月3日, 3日, 当日). Mentions joined by 至 or 、 form one
*expression*. The calendar of the report (`calendar.py`) turns expressions into days.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

from sizao.engines.reading.times import CHINESE_DIGITS, TimeSpan, chinese_number, times


class Form(Enum):
    """How a date is written."""

    DAY = "a day with or without its month and year"
    PERIOD = "a third of a month, or a whole month"
    SHIFT = "a number of days from the running date"
    FEAST = "a named day"


@dataclass(frozen=True)
class Mention:
    """One written date. Parts that are not written are None; `shift` counts days from the running date."""

    start: int
    end: int
    form: Form
    year: int | None = None
    month: int | None = None
    day: int | None = None
    last_day: int | None = None  # of a period; 0 is the end of the month
    shift: int = 0


@dataclass(frozen=True)
class Expression:
    """
    Mentions that belong together: pieces of one or two mentions, a piece of two being a range.

    `clock` is the hour written inside a range (23日9时至29日18时). `before_days` is set for 前14天,
    `open_start` for 之前 and `open_end` for 起.
    """

    start: int
    end: int
    pieces: tuple[tuple[Mention, ...], ...]
    clock: TimeSpan | None = None
    before_days: int | None = None
    open_start: bool = False
    open_end: bool = False
    within: bool = field(default=False)


_HAO = r"号(?!楼|线|院|厅|库|车|桥|店|座|单元|厂|馆|矿|口|仓|机|门|房|病|码|包|井|地|公|宾|路|街|小区|航站|出|台|场|隔|柜|摊|别|橙|酒|别墅|基|商|国|男|女|确|无症|感染|患)"
_DAY_MARK = rf"(?:日(?!内|间|常|用|报|游|志)|{_HAO})"
_NEXT_BARE = r"(?=\s*(?:-|至|到|、|和|及)\s*(?:\d{1,2}\s*(?:-|、|和|及|至|到)\s*)*\d{1,2}\s*[日号])"

_MENTION = re.compile(
    rf"""
    (?P<y1>(?:19|20)\d\d)\s*[-/.]\s*(?P<m1>1[0-2]|0?[1-9])\s*[-/.]\s*(?P<d1>3[01]|[12]\d|0?[1-9])(?!\d)日?
  | (?:(?P<y2>(?:19|20)\d\d|二零[零一二三四五六七八九]{{2}})\s*年\s*)?(?P<m2>(?<!\d)\d{{1,2}}|十[一二]?|[一二三四五六七八九])\s*月(?!龄)\s*
      (?:(?P<d2>\d{{1,2}}(?!\d|\s*[时点:]\s*\d?|[个次例人岁天年])|三十一?|[一二]?十[一二三四五六七八九]?|[一二三四五六七八九](?=\s*日))\s*{_DAY_MARK}?
        |(?P<period>上旬|中旬|下旬|初|底|末|份|以来|间))
  | (?P<y3>(?:19|20)\d\d)\s*年\s*(?P<m3>\d{{1,2}})\s*月(?!\s*\d)
  | (?<![\d.:/第路街道巷弄栋座])(?P<m4>1[0-2]|[1-9])[./](?P<d4>3[01]|[12]\d|[1-9])日
  | (?<![\d.:月第#A-Za-z])(?P<d5>\d{{1,2}})\s*{_DAY_MARK}(?!\s*(?:之|以)?后)
  | (?<![\d.:时点月第])(?P<d6>\d{{1,2}}){_NEXT_BARE}
  | (?<=日至)(?P<d8>\d{{1,2}})(?=[在居到前往每均])
  | (?<=[至到、-])(?P<d9>三十一?|[一二]?十[一二三四五六七八九]?|[一二三四五六七八九])日
  | (?P<same>当日|当天|同日|同天|该日|当晚|当夜|当早|即日)
  | (?P<next>次日|翌日|第二天|隔天|转天)
  | (?P<back>前一日|前一天|前日|前天)
  | (?<![\d第])(?P<later>\d{{1,2}}|[一二两三四五六七八九十])\s*[天日](?:之|以)?后
  | (?:(?P<y7>(?:19|20)\d\d)\s*年\s*)?(?P<feast>元旦|国庆节|圣诞节?|五一(?!路|街|广场|村|大)|劳动节|平安夜)(?!前|期间|路|街|广场|村|小区|大)
    """,
    re.VERBOSE,
)
_FEASTS = {
    "元旦": (1, 1),
    "国庆节": (10, 1),
    "圣诞": (12, 25),
    "圣诞节": (12, 25),
    "五一": (5, 1),
    "劳动节": (5, 1),
    "平安夜": (12, 24),
}
_PERIODS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 0), "初": (1, 10), "底": (21, 0), "末": (21, 0)}

_PART = r"(?:凌晨|清晨|早上|早|上午|中午|下午|傍晚|晚上|晚间|晚|夜间)?"
_TO = re.compile(rf"^\s*{_PART}\s*(?:-+|至|到|——)\s*$")
_AND = re.compile(r"^\s*(?:、|，|和|及|与|以及|、和|，和)\s*$")
_BEFORE_DAYS = re.compile(r"\s*(?:之?前|前溯|往前推?)\s*(\d{1,2})\s*[天日]")
_BEFORE = re.compile(r"\s*(?:之前|以前|前(?!往|台|门|后|面|期|夫|妻|排|来|去|赴|南|进))")
_SINCE = re.compile(r"\s*(?:起|开始|至今|以来|之后(?!到|去|前))")


def expressions(text: str) -> list[Expression]:
    """Find the written dates of plain text, in reading order, joined into ranges and lists."""
    groups: list[list[list[Mention]]] = []
    clocks: list[TimeSpan | None] = []
    for mention in _mentions(text):
        if groups:
            gap = text[groups[-1][-1][-1].end : mention.start]
            hour = _hour_before_to(gap)
            if len(groups[-1][-1]) == 1 and (hour or _TO.match(gap)) and mention.form in (Form.DAY, Form.SHIFT):
                groups[-1][-1].append(mention)
                clocks[-1] = _moved(hour, groups[-1][-1][0].end) if hour else clocks[-1]
                continue
            if _AND.match(gap) and mention.form is Form.DAY and _lists_on(groups[-1], gap, mention):
                groups[-1].append([mention])
                continue
        groups.append([[mention]])
        clocks.append(None)
    return [_expression(text, group, hour) for group, hour in zip(groups, clocks, strict=True)]


def _lists_on(group: list[list[Mention]], gap: str, mention: Mention) -> bool:
    # After a comma, "1月3日居家，1月4日…" is a list only if nothing stands between the two dates.
    return group[-1][-1].form is Form.DAY and (gap.strip() != "，" or len(group[-1]) == 1)


def _expression(text: str, group: list[list[Mention]], hour: TimeSpan | None) -> Expression:
    start, end = group[0][0].start, group[-1][-1].end
    before = _BEFORE_DAYS.match(text, end)
    earlier = None if before else _BEFORE.match(text, end)
    since = _SINCE.match(text, end)
    tail = before or earlier or since
    return Expression(
        start=start,
        end=tail.end() if tail else end,
        pieces=tuple(tuple(piece) for piece in group),
        clock=hour,
        before_days=int(before[1]) if before else None,
        open_start=earlier is not None,
        open_end=since is not None,
        within=text[max(0, start - 3) : start].strip().endswith(("期间", "其间", "其中", "间于", "间")),
    )


def _hour_before_to(gap: str) -> TimeSpan | None:
    found = times(gap) if len(gap) < 14 and any(c in gap for c in "时点:") else []
    if (
        len(found) == 1
        and found[0].until is None
        and _TO.match(gap[found[0].end :])
        and not gap[: found[0].start].strip()
    ):
        return found[0]
    return None


def _moved(span: TimeSpan, by: int) -> TimeSpan:
    return TimeSpan(span.start + by, span.end + by, span.since, span.until)


def _mentions(text: str) -> list[Mention]:
    return [mention for found in _MENTION.finditer(text) if (mention := _mention(found))]


def _mention(found: re.Match[str]) -> Mention | None:
    start, end = found.span()
    shift = _shift(found)
    if shift is not None:
        return Mention(start, end, Form.SHIFT, shift=shift)
    if found["feast"]:
        return Mention(start, end, Form.FEAST, _figure(found["y7"]), *_FEASTS[found["feast"]])
    year = _figure(found["y1"] or found["y2"] or found["y3"])
    month = _figure(found["m1"] or found["m2"] or found["m3"] or found["m4"])
    if month is not None and not 1 <= month <= 12:
        return None
    if found["period"] or found["m3"]:
        first, last = _PERIODS.get(found["period"] or "", (1, 0))
        return Mention(start, end, Form.PERIOD, year, month, first, last)
    day = _figure(found["d1"] or found["d2"] or found["d4"] or found["d5"] or found["d6"] or found["d8"] or found["d9"])
    if day is None or not 1 <= day <= 31:
        return None
    return Mention(start, end, Form.DAY, year, month, day)


def _shift(found: re.Match[str]) -> int | None:
    if found["same"]:
        return 0
    if found["next"]:
        return 1
    if found["back"]:
        return -1
    return _figure(found["later"]) if found["later"] else None


def _figure(written: str | None) -> int | None:
    if not written:
        return None
    if written.startswith("二零"):  # 二〇二一年 is written figure by figure
        return int("".join(str(CHINESE_DIGITS[figure]) for figure in written))
    return int(written) if written.isdigit() else chinese_number(written)
