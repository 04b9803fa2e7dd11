"""
Zoning: areas are proposed, extended and re-graded by rule; a named body approves, publishes and lifts.

A proposal changes nothing for anybody. One that is no longer needed lapses by itself; an approved area
is lifted only by those who decided it.
"""

from sizao.response.zoning.changing import change_measures, extend, redraw
from sizao.response.zoning.conditions import conditions, may_lift, overdue_days
from sizao.response.zoning.covering import options
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
from sizao.response.zoning.inside import drawn, residents
from sizao.response.zoning.proposals import advance, plan_at
from sizao.response.zoning.proposing import Decision, draw, propose
from sizao.response.zoning.telling import reason_told, told

__all__ = [
    "Decision",
    "HigherLevelNeeded",
    "LiftedTooEarly",
    "NotTheSameBody",
    "ReasonMissing",
    "ZoneCannotMove",
    "advance",
    "approve",
    "change_measures",
    "conditions",
    "decline",
    "draw",
    "drawn",
    "extend",
    "lift",
    "may_lift",
    "options",
    "overdue_days",
    "plan_at",
    "propose",
    "publish",
    "reason_told",
    "redraw",
    "regrade",
    "residents",
    "told",
]
