"""
Zoning: areas are proposed, extended and re-graded by rule; a named body approves, publishes and lifts.

A proposal changes nothing for anybody. One that is no longer needed lapses by itself; an approved area
is lifted only by those who decided it.
"""

from sizao.response.zoning.deciding import (
    HigherLevelNeeded,
    LiftedTooEarly,
    NotTheSameBody,
    ReasonMissing,
    ZoneCannotMove,
    approve,
    decline,
    lift,
    publish,
    regrade,
)
from sizao.response.zoning.proposals import advance, plan_at
from sizao.response.zoning.telling import reason_told, told

__all__ = [
    "HigherLevelNeeded",
    "LiftedTooEarly",
    "NotTheSameBody",
    "ReasonMissing",
    "ZoneCannotMove",
    "advance",
    "approve",
    "decline",
    "lift",
    "plan_at",
    "publish",
    "reason_told",
    "regrade",
    "told",
]
