"""Directives (指令): what a command asks of lower levels, and what became of it in each of them."""

from sizao.terms.word import Word


class Urgency(Word):
    """How soon a directive wants to be seen, in the words that official documents carry."""

    ROUTINE = "routine", "平急", "Routine"
    URGENT = "urgent", "加急", "Urgent"
    IMMEDIATE = "immediate", "特急", "Immediate"


class PartState(Word):
    """Where a directive stands in one area."""

    ISSUED = "issued", "待签收", "Not yet received"
    RECEIVED = "received", "办理中", "Received, under way"
    CLOSED = "closed", "已办结待审核", "Done, to be accepted"
    RETURNED = "returned", "退回重办", "Returned"
    ACCEPTED = "accepted", "已审核通过", "Accepted"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


PART_MOVES: dict[PartState, set[PartState]] = {
    PartState.ISSUED: {PartState.RECEIVED, PartState.CLOSED, PartState.WITHDRAWN},
    PartState.RECEIVED: {PartState.CLOSED, PartState.WITHDRAWN},
    PartState.CLOSED: {PartState.ACCEPTED, PartState.RETURNED, PartState.WITHDRAWN},
    PartState.RETURNED: {PartState.CLOSED, PartState.WITHDRAWN},
    PartState.ACCEPTED: set(),
    PartState.WITHDRAWN: set(),
}


class DirectiveActKind(Word):
    """What somebody does with a directive in one area."""

    RECEIVED = "received", "签收", "Received"
    PROGRESS = "progress", "报告进展", "Progress"
    CLOSED = "closed", "办结", "Done"
    ACCEPTED = "accepted", "审核通过", "Accepted"
    RETURNED = "returned", "退回", "Returned"
