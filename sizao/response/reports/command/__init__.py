"""The command centre: where we are, what is late, what is full, what comes next, when it may be over."""

from sizao.response.reports.command.ahead import HORIZONS, Ahead
from sizao.response.reports.command.figures import FIGURES, OF_PEOPLE, count, rows
from sizao.response.reports.command.full import Filled
from sizao.response.reports.command.late import LateGroup
from sizao.response.reports.command.picture import (
    STAGES,
    Full,
    Late,
    Stood,
    Where,
    is_ahead,
    is_full,
    is_late,
    is_over,
    where,
)
from sizao.response.reports.command.watch import Row, Watch

__all__ = [
    "FIGURES",
    "HORIZONS",
    "OF_PEOPLE",
    "STAGES",
    "Ahead",
    "Filled",
    "Full",
    "Late",
    "LateGroup",
    "Row",
    "Stood",
    "Watch",
    "Where",
    "count",
    "is_ahead",
    "is_full",
    "is_late",
    "is_over",
    "rows",
    "where",
]
