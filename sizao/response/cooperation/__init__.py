"""
Cooperation: requests to other authorities about named people, and theirs to us, each with its clock and its answers.

A request is a signed snapshot with a number of its own. What either side knows of it follows from all messages about
it, in whatever order and however often they came.
"""

from sizao.response.cooperation.answer_list import take_in_list
from sizao.response.cooperation.answering import accept, answer, refuse
from sizao.response.cooperation.asking import close, draft, remind, send, withdraw
from sizao.response.cooperation.authorities import add_authority, end_authority, own_key
from sizao.response.cooperation.delivering import deliver_waiting
from sizao.response.cooperation.receiving import take_in
from sizao.response.cooperation.rule import advance, destroy_old

__all__ = [
    "accept",
    "add_authority",
    "advance",
    "answer",
    "close",
    "deliver_waiting",
    "destroy_old",
    "draft",
    "end_authority",
    "own_key",
    "refuse",
    "remind",
    "send",
    "take_in",
    "take_in_list",
    "withdraw",
]
