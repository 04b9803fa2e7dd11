"""
Zoning: areas are proposed, extended and re-graded by rule; a named body approves, publishes and lifts.

A proposal changes nothing for anybody. One that is no longer needed lapses by itself; an approved area
is lifted only by those who decided it.
"""

from sizao.response.zoning.asking import ask, open_requests, standing_zones
from sizao.response.zoning.changing import change_measures, extend, redraw
from sizao.response.zoning.clocks import DAYS_TO_LIFT, latest_stated_day_late, lift_late_at, overdue_days
from sizao.response.zoning.conditions import conditions, may_lift
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
from sizao.response.zoning.gates import close_gate, end_permit, give_permit, open_gate
from sizao.response.zoning.households import homes, summary
from sizao.response.zoning.inside import drawn, residents
from sizao.response.zoning.proposals import plan_at
from sizao.response.zoning.proposing import Decision, draw, propose
from sizao.response.zoning.rule import advance
from sizao.response.zoning.samples import answer_sample, take_sample
from sizao.response.zoning.serving import AskedSent, PassedSent, ServedSent, record
from sizao.response.zoning.telling import reason_told, told

__all__ = [
    "DAYS_TO_LIFT",
    "AskedSent",
    "Decision",
    "HigherLevelNeeded",
    "LiftedTooEarly",
    "NotTheSameBody",
    "PassedSent",
    "ReasonMissing",
    "ServedSent",
    "ZoneCannotMove",
    "advance",
    "answer_sample",
    "approve",
    "ask",
    "change_measures",
    "close_gate",
    "conditions",
    "decline",
    "draw",
    "drawn",
    "end_permit",
    "extend",
    "give_permit",
    "homes",
    "latest_stated_day_late",
    "lift",
    "lift_late_at",
    "may_lift",
    "open_gate",
    "open_requests",
    "options",
    "overdue_days",
    "plan_at",
    "propose",
    "publish",
    "reason_told",
    "record",
    "redraw",
    "regrade",
    "residents",
    "standing_zones",
    "summary",
    "take_sample",
    "told",
]
