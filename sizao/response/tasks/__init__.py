"""
Tasks: what somebody is asked to do, by role and area, with a clock, a receipt and a closure.

`advance` asks for what records lack and closes what has arrived; `receive`, `finish`, `cancel` and
`assign` are acts of people.
"""

from sizao.response.tasks.rule import advance
from sizao.response.tasks.working import (
    NotForYourRole,
    OutcomeMissing,
    TaskCannotMove,
    TheyCannotTakeIt,
    assign,
    cancel,
    finish,
    known_at,
    late_at,
    open_at,
    receive,
    state_at,
    waiting_for,
)

__all__ = [
    "NotForYourRole",
    "OutcomeMissing",
    "TaskCannotMove",
    "TheyCannotTakeIt",
    "advance",
    "assign",
    "cancel",
    "finish",
    "known_at",
    "late_at",
    "open_at",
    "receive",
    "state_at",
    "waiting_for",
]
