"""What scores are made of: shares, and what was done in time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Told = tuple[str, str, str, float | None, str]  # key, Chinese, English, value, unit


def share(part: int, whole: int) -> float | None:
    """Give a part as a share of the whole; None where there is nothing."""
    return part / whole if whole > 0 else None


def hours(start: datetime, end: datetime) -> float:
    """Give the time between two moments in hours."""
    return (end - start) / timedelta(hours=1)


def in_time(rows: Iterable[tuple[datetime | None, datetime | None]], until: datetime) -> float | None:
    """
    Give the share of things that were done by their time, each told by when it was due and when it was done.

    What is neither done nor due by `until` does not count, nor what has no time.
    """
    kept = counted = 0
    for due, done in rows:
        is_done = done is not None and done < until
        if due is not None and (is_done or due <= until):
            counted += 1
            kept += is_done and done <= due  # type: ignore[operator]
    return share(kept, counted)
