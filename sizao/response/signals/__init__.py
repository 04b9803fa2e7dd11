"""
Signals: what we hear, and what becomes of it.

Hints (`receive`, `verify`, `dismiss`) are about one person or place; streams (`open_stream`, `hear`) count,
day by day or week by week. `advance` looks at streams whose counts changed and opens alerts where there is
more than expected; an alert is taken up, confirmed, dismissed or escalated into a hint by people.
"""

from sizao.response.signals.alerts import (
    AlertCannotMove,
    AlertIsPartOfAnother,
    AlertOfAnotherOutbreak,
    AlertReasonMissing,
    NewOutbreak,
    close_alert,
    confirm_alert,
    dismiss_alert,
    escalate_alert,
    reopen_alert,
    take_up,
)
from sizao.response.signals.board import StoodAlert, alert_at, alert_history, alerts_at
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
from sizao.response.signals.rule import advance
from sizao.response.signals.scope import alerts_of, streams_of
from sizao.response.signals.sending import CountRow, Taken, hear_rows
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
from sizao.response.signals.told import Reason

__all__ = [
    "AlertCannotMove",
    "AlertIsPartOfAnother",
    "AlertOfAnotherOutbreak",
    "AlertReasonMissing",
    "CountRow",
    "CountsRefused",
    "Heard",
    "Hint",
    "KnownCounts",
    "NewOutbreak",
    "Reason",
    "ReasonMissing",
    "Result",
    "Said",
    "SignalCannotMove",
    "SourceMissing",
    "StoodAlert",
    "StreamClosed",
    "StreamDiffers",
    "StreamEntry",
    "Taken",
    "advance",
    "alert_at",
    "alert_history",
    "alerts_at",
    "alerts_of",
    "close_alert",
    "close_stream",
    "confirm_alert",
    "dismiss",
    "dismiss_alert",
    "escalate_alert",
    "hear",
    "hear_rows",
    "known_counts",
    "open_stream",
    "open_streams",
    "receive",
    "receive_many",
    "record_tests",
    "reopen_alert",
    "streams_of",
    "take_up",
    "verify",
    "verify_many",
]
