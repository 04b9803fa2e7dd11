"""
Notices: what somebody should know, on the pages at once, outside them quietly.

`advance` makes them by rule from one table of sources; `prepare` and `deliver_waiting` carry them out of the house for
whoever asked for it.
"""

from sizao.response.tasks.notices.delivering import Outside, deliver_waiting, prepare
from sizao.response.tasks.notices.making import advance, of_account, read, unread
from sizao.response.tasks.notices.ways import digest_due, is_quiet, set_ways, ways_of

__all__ = [
    "Outside",
    "advance",
    "deliver_waiting",
    "digest_due",
    "is_quiet",
    "of_account",
    "prepare",
    "read",
    "set_ways",
    "unread",
    "ways_of",
]
