"""Oversight: what was late, what was found and mended, what residents said, and that the journal holds."""

from datetime import datetime

from sizao.response.oversight import chain, complaints, counting, findings, rewards
from sizao.response.oversight.proposing import advance, propose_for_findings

__all__ = ["advance", "advance_standing", "chain", "complaints", "findings", "rewards"]


def advance_standing(*, now: datetime) -> int:
    """
    Do what belongs to no outbreak: gather counts, raise complaints nobody answered, propose rewards for what residents
    led to in routine times, link the journal's new lines.
    """
    counting.gather(now=now)
    done = complaints.raise_late(now=now) + propose_for_findings(None, now=now)
    try:
        chain.seal(now=now)
    except chain.JournalBusy:
        return done  # the next step links them
    return done
