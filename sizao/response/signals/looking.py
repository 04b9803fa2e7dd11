"""
Looking: detectors judge the streams that said something new since they were looked at last.

A late or corrected count changes what is said of its own day and of those after it, so all days from the earliest
one that is new are judged again; only what changed is written, and what was said before stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np
from django.db.models import Count, F, Min, Q

from sizao.engines.detection import methods
from sizao.protocol.triggers import Detector
from sizao.records.models import Outbreak, Stream, Verdict
from sizao.response.signals.judging import Judging
from sizao.response.signals.known_counts import STEP_DAYS, KnownCounts, known_counts
from sizao.response.signals.scope import streams_of
from sizao.terms import StreamStep

# How far back a stream that is new to us is judged: what is older is history, no news.
LOOK_BACK_TIMES = 28
# A count older than this changes no decision any more.
LOOK_AGAIN_DAYS = 366
# What a detector says of a day, in the order of the columns.
SAID = ("expected", "upperbound", "statistic", "p_value")
_TIMES_OF_YEAR = {StreamStep.DAY: 365, StreamStep.WEEK: 52}

Key = tuple[int, str, date]


def look(outbreak: Outbreak | None, judging: Judging, *, now: datetime) -> int:
    """Judge what is new of the streams of an outbreak; return how many verdicts were written."""
    due = [stream for stream in _streams(outbreak, now) if _is_due(stream, judging, now)]
    written = 0
    for _, alike in groupby(sorted(due, key=_axis), key=_axis):
        written += _judge(list(alike), judging, now)
    _note(due, judging, now)
    return written


def _streams(outbreak: Outbreak | None, now: datetime) -> list[Stream]:
    heard = Q(counts__heard_at__lte=now)
    # At the moment of the last look too: more may have been said at that very moment.
    since = heard & (Q(looked_at=None) | Q(counts__heard_at__gte=F("looked_at")))
    streams = streams_of(outbreak).filter(opened_at__lte=now)
    return list(
        streams.annotate(
            n_heard=Count("counts", filter=heard), changed_from=Min("counts__date", filter=since)
        ).order_by("pk")
    )


def _is_due(stream: Stream, judging: Judging, now: datetime) -> bool:
    if stream.looked_at is not None and stream.looked_at > now:
        return False  # a rehearsal that stands at an earlier day: what was seen later stays seen
    return stream.n_heard != stream.counts_seen or stream.looked_with != judging.name(stream)


def _axis(stream: Stream) -> tuple[str, int]:
    """Streams that can be read side by side: of one step, weeks of one weekday."""
    return stream.step, stream.first_date.weekday() if stream.step == StreamStep.WEEK else 0


def _judge(streams: Sequence[Stream], judging: Judging, now: datetime) -> int:
    known = known_counts(streams, as_of=now, last_date=judging.day)
    first = {stream.pk: _first_date(stream, judging) for stream in streams}
    said = [
        verdict
        for detector, rows in _by_detector(streams, judging)
        for verdict in _verdicts(detector, known, rows, first, now)
    ]
    standing = standing_verdicts(list(first), as_of=now, first_date=min(first.values()))
    changed = [one for one in said if _differs(one, standing.get((one.stream_id, one.method, one.date)))]
    changed.sort(key=lambda one: (one.stream_id, one.method, one.date))
    # Said anew at the very moment of the last look: the later word of that moment counts.
    Verdict.objects.bulk_create(
        changed,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["stream", "date", "method", "looked_at"],
        update_fields=["count", *SAID, "is_alarm", "basis"],
    )
    return len(changed)


def _first_date(stream: Stream, judging: Judging) -> date:
    step = STEP_DAYS[StreamStep(stream.step)]
    usual = judging.day - timedelta(days=step * LOOK_BACK_TIMES - 1)
    if stream.looked_at is None or stream.changed_from is None:
        return usual
    return max(min(usual, stream.changed_from), judging.day - timedelta(days=LOOK_AGAIN_DAYS))


def _by_detector(streams: Sequence[Stream], judging: Judging) -> Iterator[tuple[Detector, list[int]]]:
    """Yield each detector in force with the rows of the streams that it judges."""
    rows: dict[Detector, list[int]] = defaultdict(list)
    for row, stream in enumerate(streams):
        for detector in judging.detectors(stream):
            rows[detector].append(row)
    yield from rows.items()


def _verdicts(
    detector: Detector, known: KnownCounts, rows: list[int], first: dict[int, date], now: datetime
) -> Iterator[Verdict]:
    counts = known.counts[rows]
    said = methods.run(
        detector.method,
        counts=counts,
        dates=np.array(known.dates, dtype="datetime64[D]"),
        period=_TIMES_OF_YEAR[detector.step],
        settings=dict(detector.settings),
    )
    basis = [basis_of(detector)]
    for row, stream in enumerate(known.streams[one] for one in rows):
        for at in np.flatnonzero(said.judged[row] & ~np.isnan(counts[row])):
            if known.dates[at] >= first[stream.pk]:
                yield Verdict(
                    stream_id=stream.pk,
                    date=known.dates[at],
                    method=detector.method,
                    count=int(counts[row, at]),
                    is_alarm=bool(said.alarm[row, at]),
                    looked_at=now,
                    basis=basis,
                    **{name: _number(getattr(said, name)[row, at]) for name in SAID},
                )


def basis_of(detector: Detector) -> dict[str, str]:
    """Say in short by which row of early warning a verdict was reached; a day of many streams writes many of these."""
    value = detector.value
    return {"key": value.key, "value": detector.said, "origin": value.origin, "status": str(value.rests_on)}


def standing_verdicts(streams: Iterable[int], *, as_of: datetime, first_date: date) -> dict[Key, Verdict]:
    """Give the latest word of each detector on each day of streams since a date, as it stood at a moment."""
    rows = Verdict.objects.filter(stream__in=list(streams), date__gte=first_date, looked_at__lte=as_of)
    latest = rows.order_by("stream", "method", "date", "-looked_at").distinct("stream", "method", "date")
    return {(one.stream_id, one.method, one.date): one for one in latest}


def _differs(one: Verdict, standing: Verdict | None) -> bool:
    if standing is None or (one.count, one.is_alarm) != (standing.count, standing.is_alarm):
        return True
    return any(not _same(getattr(one, name), getattr(standing, name)) for name in SAID)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    # Sums over a longer axis may differ in the last digits; that is no other verdict.
    return bool(np.isclose(one, other, rtol=1e-9, atol=1e-12))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _note(streams: Sequence[Stream], judging: Judging, now: datetime) -> None:
    for stream in streams:
        stream.looked_at, stream.looked_with, stream.counts_seen = now, judging.name(stream), stream.n_heard
    Stream.objects.bulk_update(streams, ["looked_at", "looked_with", "counts_seen"], batch_size=500)
