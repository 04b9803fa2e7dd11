"""
Testing: who is expected in a round, whose swab is in which tube, and who was missed.

`advance` prepares the rolling rounds of key groups and opens none; rounds are opened and closed by named persons.
Devices at the tables send swabs, as they are taken or in whole outboxes, and each is registered once.
"""

from sizao.response.testing.accepting import accept_plan
from sizao.response.testing.desk import register_at_desk
from sizao.response.testing.destroying import destroy_past_days, destroy_round, destroy_rounds
from sizao.response.testing.incoming import SwabSent, SwabTold
from sizao.response.testing.missed import NeverExpected, NotMissed, RoundSetAside, explain_missed
from sizao.response.testing.oddities import settle_oddity
from sizao.response.testing.planning import ask_plan, change_plan, give_up_plan, take_plan, work_out_plan
from sizao.response.testing.roster import (
    NobodyExpected,
    NoRosterBefore,
    RosterRefused,
    RosterRow,
    RosterStands,
    make_from_register,
    take_over_roster,
    upload_roster,
)
from sizao.response.testing.rounds import archive_round, close_round, fetch, open_round, plan_round, rounds_at
from sizao.response.testing.rule import advance
from sizao.response.testing.sites import add_site
from sizao.response.testing.swabs import TooManySwabs, register_swabs
from sizao.response.testing.tubes import print_lot

__all__ = [
    "NeverExpected",
    "NoRosterBefore",
    "NobodyExpected",
    "NotMissed",
    "RosterRefused",
    "RosterRow",
    "RosterStands",
    "RoundSetAside",
    "SwabSent",
    "SwabTold",
    "TooManySwabs",
    "accept_plan",
    "add_site",
    "advance",
    "archive_round",
    "ask_plan",
    "change_plan",
    "close_round",
    "destroy_past_days",
    "destroy_round",
    "destroy_rounds",
    "explain_missed",
    "fetch",
    "give_up_plan",
    "make_from_register",
    "open_round",
    "plan_round",
    "print_lot",
    "register_at_desk",
    "register_swabs",
    "rounds_at",
    "settle_oddity",
    "take_over_roster",
    "take_plan",
    "upload_roster",
    "work_out_plan",
]
