"""
Isolation: contacts get a proposed order, a named officer decides, and every order ends by itself.

`advance` prepares and ends by rule; `issue`, `decline` and `end` are acts of an officer who holds the
right; `arrive` and `depart` keep the location ledger.
"""

from sizao.response.isolation.extending import extend
from sizao.response.isolation.moving import move_home
from sizao.response.isolation.notice import Notice, notice
from sizao.response.isolation.orders import (
    AlreadyIsolating,
    NoEpidemiologicalLink,
    NothingLeftToServe,
    OrderCannotMove,
    ReasonMissing,
    decline,
    end,
    issue,
    issue_many,
    known_at,
    state_at,
)
from sizao.response.isolation.rule import advance
from sizao.response.isolation.secondary import name_close_contact
from sizao.response.isolation.serving import serve, serve_many
from sizao.response.isolation.stays import AlreadyThere, RoomTaken, TwoPlacesAtOnce, arrive, depart

__all__ = [
    "serve_many",
    "serve",
    "name_close_contact",
    "move_home",
    "extend",
    "AlreadyIsolating",
    "AlreadyThere",
    "NoEpidemiologicalLink",
    "NothingLeftToServe",
    "Notice",
    "OrderCannotMove",
    "ReasonMissing",
    "RoomTaken",
    "TwoPlacesAtOnce",
    "advance",
    "arrive",
    "decline",
    "depart",
    "end",
    "issue",
    "issue_many",
    "known_at",
    "notice",
    "state_at",
]
