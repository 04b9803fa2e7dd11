"""
Response levels (平急转换): how ready each area stands, proposed by rule and decided by a named officer.

`advance` weighs the conditions and proposes; `decide` switches what the level asks for; a return to routine closes what
nobody decided on and lists what is left. Others ask `rhythm`, `required` and `leads` what a level switches.
"""

from sizao.response.tasks.levels.asking_teams import LevelAsks, against_level
from sizao.response.tasks.levels.deciding import decide, decline
from sizao.response.tasks.levels.proposing import Weighed, advance, is_over, review_at, told, weigh, weigh_at
from sizao.response.tasks.levels.returning import sign
from sizao.response.tasks.levels.standing import Levels, Required, Rhythm, Standing, leads, required, rhythm, standing

__all__ = [
    "LevelAsks",
    "Levels",
    "Required",
    "Rhythm",
    "Standing",
    "Weighed",
    "advance",
    "against_level",
    "decide",
    "decline",
    "is_over",
    "leads",
    "required",
    "review_at",
    "rhythm",
    "sign",
    "standing",
    "told",
    "weigh",
    "weigh_at",
]
