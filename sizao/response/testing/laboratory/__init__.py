"""
The laboratory: plates, readings of every kind, the second signature, and what was odd.

A laboratory sees codes of tubes and never who is in them. What it reads is nobody's result until a second person has
released it, and a tube of several is never a person's.
"""

from sizao.adapters.laboratories.wells import role_of
from sizao.response.testing.laboratory.laboratories import add_laboratory, change_capacity, laboratories_at
from sizao.response.testing.laboratory.messages import answer
from sizao.response.testing.laboratory.plates import WELLS, make_plate
from sizao.response.testing.laboratory.queue import advance, settle_lab_oddity, waiting
from sizao.response.testing.laboratory.releasing import release_run, withdraw_run
from sizao.response.testing.laboratory.runs import record_run, runs_of
from sizao.response.testing.laboratory.sending import take_file
from sizao.response.testing.laboratory.sent import ReadingSent, RunSent, RunTold

__all__ = [
    "WELLS",
    "ReadingSent",
    "RunSent",
    "RunTold",
    "add_laboratory",
    "advance",
    "answer",
    "change_capacity",
    "laboratories_at",
    "make_plate",
    "record_run",
    "release_run",
    "role_of",
    "runs_of",
    "settle_lab_oddity",
    "take_file",
    "waiting",
    "withdraw_run",
]
