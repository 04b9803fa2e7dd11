"""Streams as they were known at a moment: what was counted and when it was heard, what was expected, what alarmed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from sizao.records.models import Outbreak, Stream, StreamCount, Verdict
from sizao.response.signals.known_counts import STEP_DAYS
from sizao.response.signals.scope import streams_of
from sizao.terms import StreamStep

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# A count is late when it is first heard after the day that follows its day, or its week.
GRACE_DAYS = 1


@dataclass(frozen=True, slots=True)
class Heard:
    """What was known of one day; `first_count` differs from `count` where it was corrected."""

    date: date
    count: int
    denominator: int | None
    first_count: int
    first_heard_at: datetime
    heard_at: datetime
    by: str
    is_late: bool

    @property
    def is_corrected(self) -> bool:
        return self.heard_at != self.first_heard_at


@dataclass(frozen=True, slots=True)
class StreamPicture:
    """
    A stream over the days `dates`, one entry a day (or week) each; None where nobody counted or nothing was judged.

    `method` is the detector whose expectation is given; `alarms` names the detectors that alarmed.
    """

    stream: Stream
    dates: tuple[date, ...]
    heard: tuple[Heard | None, ...]
    method: str
    verdicts: tuple[Verdict | None, ...]
    alarms: tuple[tuple[str, ...], ...]

    @property
    def latest(self) -> Heard | None:
        """The latest day that was counted."""
        return next((one for one in reversed(self.heard) if one is not None), None)


def streams_at(outbreak: Outbreak, area_code: str, *, as_of: datetime, kinds: Sequence[str] = ()) -> QuerySet[Stream]:
    """Give the streams of an area that were open by `as_of`; for a real outbreak, those that watch real life."""
    found = streams_of(outbreak).filter(area_code__startswith=area_code, opened_at__lte=as_of)
    return found.filter(kind__in=kinds) if kinds else found


def alarmed(streams: QuerySet[Stream], *, since: date, until: date, as_of: datetime) -> list[int]:
    """Give the numbers of the streams that alarmed in a stretch of days, most alarms first."""
    later = Verdict.objects.filter(
        stream=OuterRef("stream"), method=OuterRef("method"), date=OuterRef("date"), looked_at__lte=as_of,
        looked_at__gt=OuterRef("looked_at"),
    )  # fmt: skip
    rang = Verdict.objects.filter(
        stream__in=streams.values("pk"), date__range=(since, until), looked_at__lte=as_of, is_alarm=True
    )
    rows = (
        rang.filter(~Exists(later))
        .order_by()
        .values("stream")
        .annotate(days=Count("date", distinct=True), latest=Max("date"))
        .order_by("-latest", "-days", "stream")
    )
    return [row["stream"] for row in rows]


def pictures(
    streams: Sequence[Stream], *, since: date, until: date, as_of: datetime, method: str = ""
) -> list[StreamPicture]:
    """
    Read streams over a stretch of days, in two queries for all of them.

    Without a method each stream shows the one that judged it most often.
    """
    keys = [stream.pk for stream in streams]
    heard = counts_heard(keys, since=since, until=until, as_of=as_of)
    judged: dict[int, list[Verdict]] = {}
    for verdict in _latest_verdicts(keys, since, until, as_of).defer("basis"):
        judged.setdefault(verdict.stream_id, []).append(verdict)
    return [_picture(one, heard.get(one.pk, []), judged.get(one.pk, []), since, until, method) for one in streams]


def counts_heard(streams: Iterable[int], *, since: date, until: date, as_of: datetime) -> dict[int, list[Heard]]:
    """Read what was known of each day of some streams at `as_of`, earliest day first."""
    rows = StreamCount.objects.filter(stream__in=list(streams), date__range=(since, until), heard_at__lte=as_of)
    found: dict[int, list[Heard]] = {}
    in_order = rows.annotate(step=F("stream__step")).order_by("stream_id", "date", "heard_at", "pk")
    for (stream, _), said in groupby(in_order, key=lambda one: (one.stream_id, one.date)):
        found.setdefault(stream, []).append(_heard(list(said)))
    return found


def _heard(said: list[StreamCount]) -> Heard:
    first, last = said[0], said[-1]
    step = STEP_DAYS[StreamStep(first.step)]
    on_time = first.date + timedelta(days=step - 1 + GRACE_DAYS)
    return Heard(
        date=first.date,
        count=last.count,
        denominator=last.denominator,
        first_count=first.count,
        first_heard_at=first.heard_at,
        heard_at=last.heard_at,
        by=last.by,
        is_late=timezone.localtime(first.heard_at).date() > on_time,
    )


def _latest_verdicts(streams: object, since: date, until: date, as_of: datetime) -> QuerySet[Verdict]:
    """Give the last word of each detector on each day: a past that changed was judged again."""
    known = Verdict.objects.filter(stream__in=streams, date__range=(since, until), looked_at__lte=as_of)
    return known.order_by("stream_id", "date", "method", "-looked_at", "-pk").distinct("stream_id", "date", "method")


def _picture(
    stream: Stream, heard: list[Heard], judged: list[Verdict], since: date, until: date, method: str
) -> StreamPicture:
    dates = _dates(stream, since, until)
    chosen = method or _most_frequent(judged)
    of_method = {one.date: one for one in judged if one.method == chosen}
    by_date = {one.date: one for one in heard}
    alarms: dict[date, list[str]] = {}
    for one in judged:
        if one.is_alarm:
            alarms.setdefault(one.date, []).append(one.method)
    return StreamPicture(
        stream=stream,
        dates=dates,
        heard=tuple(by_date.get(day) for day in dates),
        method=chosen,
        verdicts=tuple(of_method.get(day) for day in dates),
        alarms=tuple(tuple(alarms.get(day, ())) for day in dates),
    )


def _most_frequent(judged: list[Verdict]) -> str:
    """Choose the detector that could say what it expects on most days."""
    told: dict[str, int] = {}
    for one in judged:
        told[one.method] = told.get(one.method, 0) + (one.upperbound is not None)
    return max(sorted(told), key=lambda method: told[method], default="")


def _dates(stream: Stream, since: date, until: date) -> tuple[date, ...]:
    """Give every day of a stretch since a stream began; of a weekly stream the days on which its weeks begin."""
    step = STEP_DAYS[StreamStep(stream.step)]
    start = max(since, stream.first_date)
    first = start + timedelta(days=(stream.first_date - start).days % step)
    return tuple(first + timedelta(days=n) for n in range(0, (until - first).days + 1, step))


@dataclass(frozen=True, slots=True)
class Judged:
    """What one detector said over the dates of a course; `judged` tells where it said anything, NaN is elsewhere."""

    method: str
    expected: Floats
    upperbound: Floats
    statistic: Floats
    p_value: Floats
    alarm: Bools
    judged: Bools
    basis: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One stream as it was known at a moment: a date each for days or weeks, NaN where nobody counted."""

    dates: tuple[date, ...]
    heard: tuple[Heard | None, ...]
    counts: Floats
    denominators: Floats
    judged: tuple[Judged, ...]


def course(stream: Stream, *, since: date, until: date, as_of: datetime) -> Course:
    """Read one stream over a stretch of days with the last word of every detector, in two queries."""
    dates = _dates(stream, since, until)
    known = {
        one.date: one for one in counts_heard([stream.pk], since=since, until=until, as_of=as_of).get(stream.pk, [])
    }
    heard = tuple(known.get(day) for day in dates)
    by_method: dict[str, dict[date, Verdict]] = {}
    for one in _latest_verdicts([stream.pk], since, until, as_of):
        by_method.setdefault(one.method, {})[one.date] = one
    return Course(
        dates=dates,
        heard=heard,
        counts=_column([one and one.count for one in heard]),
        denominators=_column([one and one.denominator for one in heard]),
        judged=tuple(_judged(method, dates, by_date) for method, by_date in sorted(by_method.items())),
    )


def _judged(method: str, dates: tuple[date, ...], by_date: dict[date, Verdict]) -> Judged:
    said = [by_date.get(day) for day in dates]
    return Judged(
        method=method,
        expected=_column([one and one.expected for one in said]),
        upperbound=_column([one and one.upperbound for one in said]),
        statistic=_column([one and one.statistic for one in said]),
        p_value=_column([one and one.p_value for one in said]),
        alarm=np.array([one is not None and one.is_alarm for one in said], dtype=np.bool_),
        judged=np.array([one is not None for one in said], dtype=np.bool_),
        basis=tuple(by_date[max(by_date)].basis),
    )


def _column(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
