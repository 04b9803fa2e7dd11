"""
Directives (指令): issued by a command down the tree, received and done in each area, accepted by the level that asked.

One number holds at every level. What stands in an area follows from all acts there, in whatever order they came.
"""

from sizao.response.tasks.directives.acting import (
    MOST_PHOTOS,
    AnswerableMissing,
    AskedOfOthers,
    BelowNotDone,
    CountLeft,
    ItemsLeft,
    MoreThanAll,
    NothingTold,
    NotSigned,
    NotYourOwnWork,
    PartCannotMove,
    Told,
    accept,
    close,
    receive,
    report,
    send_back,
)
from sizao.response.tasks.directives.board import (
    Counted,
    NotConcerned,
    by_area,
    by_level,
    called,
    concerning,
    history,
    part,
    parts_at,
    photo,
    to_decide,
    waiting_for,
)
from sizao.response.tasks.directives.changing import change, withdraw
from sizao.response.tasks.directives.issuing import DirectiveIncomplete, DirectiveOver, Order, issue, reissue
from sizao.response.tasks.directives.recipients import Recipients, codes
from sizao.response.tasks.directives.standing import follow, late, state_at

__all__ = [
    "MOST_PHOTOS",
    "AnswerableMissing",
    "AskedOfOthers",
    "BelowNotDone",
    "Counted",
    "DirectiveIncomplete",
    "DirectiveOver",
    "CountLeft",
    "ItemsLeft",
    "NotConcerned",
    "NotYourOwnWork",
    "Order",
    "PartCannotMove",
    "MoreThanAll",
    "NothingTold",
    "NotSigned",
    "Recipients",
    "Told",
    "accept",
    "by_area",
    "by_level",
    "called",
    "change",
    "close",
    "codes",
    "concerning",
    "follow",
    "history",
    "issue",
    "late",
    "part",
    "parts_at",
    "photo",
    "receive",
    "reissue",
    "report",
    "send_back",
    "state_at",
    "to_decide",
    "waiting_for",
    "withdraw",
]
