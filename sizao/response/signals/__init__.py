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

__all__ = [
    "Hint",
    "ReasonMissing",
    "Result",
    "SignalCannotMove",
    "SourceMissing",
    "dismiss",
    "receive",
    "receive_many",
    "record_tests",
    "verify",
    "verify_many",
]
