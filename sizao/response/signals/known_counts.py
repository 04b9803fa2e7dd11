"""What was known at a moment: counts of many streams as arrays, in one question to the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sizao.records.models import Stream, StreamCount
from sizao.terms import StreamStep

STEP_DAYS = {StreamStep.DAY: 1, StreamStep.WEEK: 7}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownCounts:
    """
    Counts of streams of one step, as they were known at one moment.

    `counts` and `denominators` have the shape (streams, dates); NaN where nobody had said a count by then.
    `dates` are days, or the days on which weeks begin.
    """

    streams: tuple[Stream, ...]
    dates: tuple[date, ...]
    counts: Floats
    denominators: Floats


def known_counts(
    streams: Sequence[Stream], *, as_of: datetime, last_date: date, first_date: date | None = None
) -> KnownCounts:
    """
    Read what streams of one step (weekly ones of one weekday) had said by a moment.

    The axis runs from `first_date`, or else from the earliest first day of the streams, to `last_date`.
    """
    if not streams:
        return KnownCounts((), (), np.empty((0, 0)), np.empty((0, 0)))
    step = STEP_DAYS[StreamStep(streams[0].step)]
    earliest = min(one.first_date for one in streams)
    # Weeks stay weeks: the axis starts on the weekday on which they begin.
    skipped = -((earliest - first_date).days // step) * step if first_date and first_date > earliest else 0
    start = earliest + timedelta(days=skipped)
    length = max(0, (last_date - start).days // step + 1)
    row_of = {one.pk: row for row, one in enumerate(streams)}
    counts, denominators = (np.full((len(streams), length), np.nan) for _ in range(2))
    for stream, day, count, denominator in latest_counts(row_of, as_of=as_of, first_date=start, last_date=last_date):
        at = row_of[stream], (day - start).days // step
        counts[at] = count
        if denominator is not None:
            denominators[at] = denominator
    dates = tuple(start + timedelta(days=step * number) for number in range(length))
    return KnownCounts(tuple(streams), dates, counts, denominators)


def latest_counts(
    streams: Iterable[int], *, as_of: datetime, first_date: date, last_date: date
) -> Iterable[tuple[int, date, int, int | None]]:
    """Give stream, date, count and denominator for each day that streams had spoken of by a moment."""
    heard = StreamCount.objects.filter(
        stream__in=list(streams), date__range=(first_date, last_date), heard_at__lte=as_of
    )
    latest = heard.order_by("stream", "date", "-heard_at").distinct("stream", "date")
    return latest.values_list("stream_id", "date", "count", "denominator")
