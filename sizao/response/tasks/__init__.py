"""
Tasks: what somebody is asked to do, by role and area, with a clock, a receipt and a closure.

`advance` asks for what records lack and closes what has arrived, `advance_standing` does so for what belongs to no
outbreak; what is late goes up by itself. `receive`, `finish`, `cancel` and `assign` are acts of people.
"""

from sizao.response.tasks.answering import CannotAnswer, end_answerable, name_answerable
from sizao.response.tasks.rule import advance, advance_standing
from sizao.response.tasks.working import (
    NotForYourRole,
    OutcomeMissing,
    TaskCannotMove,
    TheyCannotTakeIt,
    assign,
    cancel,
    finish,
    in_hand,
    known_at,
    late_at,
    late_by_area,
    of_account,
    open_at,
    receive,
    state_at,
    waiting_for,
)

__all__ = [
    "CannotAnswer",
    "NotForYourRole",
    "OutcomeMissing",
    "TaskCannotMove",
    "TheyCannotTakeIt",
    "advance",
    "advance_standing",
    "assign",
    "cancel",
    "end_answerable",
    "finish",
    "in_hand",
    "known_at",
    "late_at",
    "late_by_area",
    "name_answerable",
    "of_account",
    "open_at",
    "receive",
    "state_at",
    "waiting_for",
]
