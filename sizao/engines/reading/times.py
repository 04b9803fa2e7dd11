"""
Clock times in Chinese text.

上午, 下午 or 晚 alone is no clock time and stays unknown: a made-up hour would look like a known one.
With a figure they decide the half of the day (下午3时 is 15:00; 下午15时 is 15:00 too).
"""

import re
from dataclasses import dataclass

CHINESE_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "十": 10}

_PART = r"凌晨|清晨|早晨|早上|今早|当早|早|上午|中午|午后|下午|傍晚|当晚|晚上|晚间|夜间|夜里|深夜|午夜|半夜|晚"
_TIME = re.compile(
    rf"(?P<part>{_PART})?\s*(?:约|大约|大概)?\s*"
    r"(?<![\d.])(?:(?P<hour>\d{1,2})|(?P<word>零|十[一二]?|二十[一二三]?|[一二两三四五六七八九]))\s*"
    r"(?::\s*(?P<minute>[0-5]\d)(?::\d\d)?(?!\d)\s*分?"
    r"|[时点](?!间|段|钟头)\s*(?:(?P<minutes>[0-5]?\d)(?!\s*[:时点月日号个次人例岁路天栋楼队]|\d)\s*分?|(?P<half>半)|(?P<quarter>[一三]刻))?钟?)"
    r"\s*(?:整|许|多|左右|前后)*"
)
_BARE_HOUR = re.compile(r"(?<![\d.:年月])(?P<hour>\d{1,2})(?=\s*-\s*\d{1,2}\s*[时点](?!间))")
_RANGE = re.compile(r"^\s*(?:-+|至|到)\s*(?:次日|第二天|翌日)?\s*$")

_AFTERNOON = {"下午", "午后", "傍晚", "晚上", "晚间", "当晚", "晚"}
_NIGHT = {"夜间", "夜里", "深夜"}


@dataclass(frozen=True)
class TimeSpan:
    """A clock time or a period of hours, as minutes of the day; `until` is None when none is given."""

    start: int
    end: int
    since: int
    until: int | None


def chinese_number(word: str) -> int:
    """Read a Chinese numeral below one hundred (二十三 is 23)."""
    tens, ten, units = word.rpartition("十")
    if not ten:
        return CHINESE_DIGITS[word[-1]]
    return (CHINESE_DIGITS[tens] if tens else 1) * 10 + (CHINESE_DIGITS[units] if units else 0)


def times(text: str) -> list[TimeSpan]:
    """Find the clock times of plain text, in reading order, with ranges joined."""
    found = [(m.start(), m.end(), minutes) for m in _TIME.finditer(text) if (minutes := _minutes(m)) is not None]
    # 7-9时: only the second figure carries the unit.
    for bare in _BARE_HOUR.finditer(text):
        if int(bare["hour"]) <= 24 and not any(start <= bare.start() < end for start, end, _ in found):
            found.append((bare.start(), bare.end(), int(bare["hour"]) * 60))
    return _joined(text, sorted(found))


def clock(minutes: int | None) -> str | None:
    """Write minutes of the day as HH:MM; 24:00 is the last minute of the day that is ending."""
    if minutes is None:
        return None
    hours, rest = divmod(min(minutes, 24 * 60 - 1), 60)
    return f"{hours:02d}:{rest:02d}"


def _joined(text: str, found: list[tuple[int, int, int]]) -> list[TimeSpan]:
    spans: list[TimeSpan] = []
    for start, end, minutes in found:
        earlier = spans[-1] if spans else None
        if earlier and earlier.until is None and _RANGE.match(text[earlier.end : start]):
            # 下午3点至5点: the second figure is in the same half of the day.
            late = minutes + 720 if minutes < earlier.since < minutes + 720 <= 1440 else minutes
            spans[-1] = TimeSpan(earlier.start, end, earlier.since, late)
        else:
            spans.append(TimeSpan(start, end, minutes, None))
    return spans


def _minutes(found: re.Match[str]) -> int | None:
    if found["word"] and not (found["part"] or text_after_unit(found)):
        return None  # 一点 alone is "a little"
    hour = int(found["hour"]) if found["hour"] else chinese_number(found["word"])
    minute = _past_the_hour(found)
    hour = _half_of_day(hour, found["part"])
    return hour * 60 + minute if hour * 60 + minute <= 24 * 60 else None


def text_after_unit(found: re.Match[str]) -> bool:
    """Whether a figure in words is surely an hour: 八点半, 九点左右, 零时."""
    return "时" in found[0] or bool(found["half"] or found["quarter"]) or found[0].rstrip()[-1] in "许多右后钟整"


def _past_the_hour(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 if found["quarter"][0] == "一" else 45
    return int(found["minute"] or found["minutes"] or 0)


def _half_of_day(hour: int, part: str | None) -> int:
    if part in _AFTERNOON and 1 <= hour < 12:
        return hour + 12
    if part == "中午" and 1 <= hour <= 3:
        return hour + 12
    if part in _NIGHT and 6 <= hour < 12:
        return hour + 12
    return hour
