"""What a trigger heard, as it is kept with an alert, and the one sentence that a reader gets of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sizao.records.models import Stream, Verdict
from sizao.terms import STREAM_GROUP, StreamGroup, StreamKind, StreamStep

MOST_TOLD = 4  # streams named in one sentence; the others are counted


@dataclass(frozen=True, slots=True)
class Reason:
    """One stream and day of an alert: what was counted and what was expected; None where the method does not say."""

    stream_key: str
    kind: StreamKind
    area_code: str
    name: str
    date: date
    step: StreamStep
    method: str
    count: int
    expected: float | None
    upperbound: float | None
    p_value: float | None
    is_generated: bool

    @property
    def group(self) -> StreamGroup:
        """Whether it watches people, goods or places."""
        return STREAM_GROUP[self.kind]


def entry(stream: Stream, verdict: Verdict) -> dict[str, Any]:
    """Write down an alarm as it was when it rang, as plain JSON."""
    return {
        "stream": stream.source_key,
        "kind": stream.kind,
        "area_code": stream.area_code,
        "name": stream.name,
        "date": verdict.date.isoformat(),
        "step": stream.step,
        "method": verdict.method,
        "count": verdict.count,
        "expected": verdict.expected,
        "upperbound": verdict.upperbound,
        "p_value": verdict.p_value,
        "is_generated": stream.is_generated,
    }


def reasons(kept: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Read entries back."""
    return tuple(_reason(one) for one in kept)


def joined(*parts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put entries together, one a stream and day, the later word in place of the earlier; in order of day."""
    latest = {(one["date"], one["stream"]): dict(one) for part in parts for one in part}
    return [latest[key] for key in sorted(latest)]


def sentence(rule_title: str, area_name: str, found: Sequence[Reason], language: str) -> str:
    """
    Tell in one sentence where, since when, and what was counted against what was expected, in `zh` or `en`.

    Each stream is told by its latest alarm; the kinds most out of the ordinary come first.
    """
    zh = language.startswith("zh")
    latest = sorted({one.stream_key: one for one in sorted(found, key=lambda one: one.date)}.values(), key=_urgency)
    named = [_counted(one, zh=zh) for one in latest[:MOST_TOLD]]
    more = len(latest) - len(named)
    made_up = all(one.is_generated for one in found)
    since = min((one.date for one in found), default=None)
    if zh:
        start = f"{since.month}月{since.day}日起" if since else ""
        rest = f"等{len(latest)}个监测点" if more else ""
        return f"{area_name}{start}{rule_title}：{'；'.join(named)}{rest}{'（模拟数据）' if made_up else ''}。"
    start = f" since {since.day} {since:%B}" if since else ""
    rest = f"; and {more} more stream{'s' if more > 1 else ''}" if more else ""
    mark = " (generated data)" if made_up else ""
    return f"{area_name}{start}: {rule_title.lower()}: {'; '.join(named)}{rest}{mark}."


def _urgency(one: Reason) -> tuple[bool, float, str]:
    # A kind of which each report counts has no p-value, and comes first.
    return one.p_value is not None, one.p_value or 0.0, one.stream_key


def _counted(one: Reason, *, zh: bool) -> str:
    kind = one.kind.label("zh" if zh else "en")
    kind = kind if zh else kind[:1].lower() + kind[1:]
    day = f"{one.date.month}月{one.date.day}日" if zh else f"{one.date.day} {one.date:%B}"
    if one.expected is None:
        return f"{kind}{day}{one.count}例" if zh else f"{kind}, {one.count} on {day}"
    if zh:
        bound = "" if one.upperbound is None else f"，上限{one.upperbound:.1f}"
        return f"{kind}{day}{one.count}例（预期{one.expected:.1f}{bound}）"
    bound = "" if one.upperbound is None else f", at most {one.upperbound:.1f}"
    return f"{kind}, {one.count} on {day} ({one.expected:.1f} expected{bound})"


def _reason(kept: Mapping[str, Any]) -> Reason:
    return Reason(
        stream_key=kept["stream"],
        kind=StreamKind(kept["kind"]),
        area_code=kept["area_code"],
        name=kept["name"],
        date=date.fromisoformat(kept["date"]),
        step=StreamStep(kept["step"]),
        method=kept["method"],
        count=kept["count"],
        expected=kept["expected"],
        upperbound=kept["upperbound"],
        p_value=kept["p_value"],
        is_generated=kept["is_generated"],
    )
