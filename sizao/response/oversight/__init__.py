"""Oversight: what was late, what was found and mended, what residents said, and that the journal holds."""

from datetime import datetime

from sizao.response.oversight import chain, complaints, counting, findings, rewards
from sizao.response.oversight.proposing import advance

__all__ = ["advance", "advance_standing", "chain", "complaints", "findings", "rewards"]


def advance_standing(*, now: datetime) -> int:
    """Do what belongs to no outbreak: gather counts, raise complaints nobody answered, link the journal's new lines."""
    counting.gather(now=now)
    raised = complaints.raise_late(now=now)
    try:
        chain.seal(now=now)
    except chain.JournalBusy:
        return raised  # the next step links them
    return raised
