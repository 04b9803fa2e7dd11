"""The comparison with the official lists as a table of text."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils import timezone

from sizao.records.models import Outbreak
from sizao.response.reports.comparison import Comparison, OfficialLine, Summary, compared
from sizao.terms import AreaLevel, AreaPart, Word, ZoneMatch

_HEADS = {
    "zh": ("公布的区域", "单元", "等级", "公布首日", "对应关系", "建议的区域", "建议等级", "建议日", "提前天数"),
    "en": ("official area", "unit", "level", "listed", "match", "proposed area", "level", "proposed", "days before"),
}
_UNITS: dict[str, Word] = {str(word): word for word in (*AreaLevel, *AreaPart)}
_GAP = "  "


def table(outbreak: Outbreak, language: str = "en") -> str:
    """Write the comparison over the whole outbreak, with its counts below."""
    last = outbreak.last_date or outbreak.day_of(outbreak.opened_at)
    return rendered(compared(outbreak, as_of=_end_of(last)), language)


def rendered(found: Comparison, language: str) -> str:
    """Write a comparison as text: one line for each official area, then the counts."""
    rows = [_HEADS["zh" if language.startswith("zh") else "en"], *(_cells(line, language) for line in found.official)]
    return "\n".join([*_aligned(rows), "", *summary_lines(found.summary, language)])


def summary_lines(of: Summary, language: str) -> list[str]:
    """Tell the counts in sentences, in `zh` or `en`."""
    zh = language.startswith("zh")
    matches = _list(of.by_match, language)
    middle = "–" if of.median_days_before is None else f"{of.median_days_before:+g}"
    if zh:
        return [
            f"公布区域 {of.official} 个：{matches}。",
            f"其中 {of.found} 个已由本系统建议（同一区域或包含在更大建议内），等级一致 {of.same_level} 个。",
            f"早于公布 {of.before} 个，同日 {of.same_day} 个，晚于公布 {of.after} 个；提前天数中位数 {middle}。",
            f"建议 {of.proposed} 次：{_list(of.proposed_by_match, language)}。",
            f"从未公布但位于更大公布区域内 {of.inside_official} 次；同县另有公布 {of.nearby} 次；"
            f"全无公布 {of.never_official} 次。",
        ]
    return [
        f"{of.official} official areas: {matches}.",
        f"{of.found} of them were proposed, as such or inside a wider proposal; {of.same_level} on the same level.",
        f"{of.before} before they were listed, {of.same_day} on the same day, {of.after} after; "
        f"median {middle} days (+ is before).",
        f"{of.proposed} proposals: {_list(of.proposed_by_match, language)}.",
        f"{of.inside_official} were never official themselves but lie inside a wider official area; "
        f"{of.nearby} only share a county with one; {of.never_official} have nothing official near them.",
    ]


def _list(counts: dict[ZoneMatch, int], language: str) -> str:
    comma = "，" if language.startswith("zh") else ", "
    return comma.join(f"{match.label(language).lower()} {count}" for match, count in counts.items())


def _cells(line: OfficialLine, language: str) -> tuple[str, ...]:
    proposed = line.proposed
    unit = _UNITS[line.unit].label(language)
    listed = (line.name, unit, line.level.label(language), line.first_date.isoformat(), line.match.label(language))
    if proposed is None or line.days_before is None:
        return (*listed, "–", "–", "–", "–")
    shown = proposed.first_date.isoformat()
    return (*listed, proposed.name, proposed.level.label(language), shown, f"{line.days_before:+d}")


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        _GAP.join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """Count columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
