"""Teams: who is ready, who works when, who is called, and who is lent to whom. They exist without an outbreak too."""

from sizao.response.tasks.teams.absences import record_absence, withdraw_absence
from sizao.response.tasks.teams.calls import answer_call, call_for, call_out, report_ready
from sizao.response.tasks.teams.kinds import adopt_kinds, in_force
from sizao.response.tasks.teams.lists import TeamsRefused, take_teams
from sizao.response.tasks.teams.loans import LoanEntry, lend, recall
from sizao.response.tasks.teams.loop import enter_loop, leave_loop
from sizao.response.tasks.teams.members import (
    MemberEntry,
    TeamEntry,
    add_member,
    disband,
    register_team,
    remove_member,
)
from sizao.response.tasks.teams.proposing import RosterAsked, proposal
from sizao.response.tasks.teams.shifts import ShiftEntry, cancel_shift, come, confirm_shifts, go

__all__ = [
    "LoanEntry",
    "MemberEntry",
    "RosterAsked",
    "ShiftEntry",
    "TeamEntry",
    "TeamsRefused",
    "add_member",
    "adopt_kinds",
    "answer_call",
    "call_for",
    "call_out",
    "cancel_shift",
    "come",
    "confirm_shifts",
    "disband",
    "enter_loop",
    "go",
    "in_force",
    "leave_loop",
    "lend",
    "proposal",
    "recall",
    "record_absence",
    "register_team",
    "remove_member",
    "report_ready",
    "take_teams",
    "withdraw_absence",
]
