"""
Signals: what we hear, and what becomes of it.

Hints (`receive`, `verify`, `dismiss`) are about one person or place; streams (`open_stream`, `hear`) count,
day by day or week by week. `advance` looks at streams whose counts changed and opens alerts where there is
more than expected; an alert is taken up, confirmed, dismissed or escalated into a hint by people.
"""

from sizao.response.signals.hints import (
    Hint,
    ReasonMissing,
    Result,
    SignalCannotMove,
    SourceMissing,
    dismiss,
    receive,
    receive_many,
    record_tests,
    verify,
    verify_many,
)
from sizao.response.signals.known_counts import KnownCounts, known_counts
from sizao.response.signals.scope import alerts_of, streams_of
from sizao.response.signals.streams import (
    CountsRefused,
    Heard,
    Said,
    StreamClosed,
    StreamDiffers,
    StreamEntry,
    close_stream,
    hear,
    open_stream,
    open_streams,
)

__all__ = [
    "CountsRefused",
    "Heard",
    "Hint",
    "KnownCounts",
    "ReasonMissing",
    "Result",
    "Said",
    "SignalCannotMove",
    "SourceMissing",
    "StreamClosed",
    "StreamDiffers",
    "StreamEntry",
    "alerts_of",
    "close_stream",
    "dismiss",
    "hear",
    "known_counts",
    "open_stream",
    "open_streams",
    "receive",
    "receive_many",
    "record_tests",
    "streams_of",
    "verify",
    "verify_many",
]
