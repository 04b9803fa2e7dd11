"""What of the command a drill plays: one source of acts for each stage; a scenario names those that it wants."""

from collections.abc import Mapping
from datetime import datetime

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.command import directives, levels, outcomes, reports, requests, teams
from sizao.drill.rehearsal.command.acts import Source, carry_out
from sizao.drill.rehearsal.office import Office

PLAYS: Mapping[str, Source] = {
    parts.LEVELS: levels.waiting,
    parts.TEAMS: teams.waiting,
    parts.DIRECTIVES: directives.waiting,
    parts.COOPERATION: requests.waiting,
    parts.OUTCOMES: outcomes.waiting,
    parts.REPORTS: reports.waiting,
}


def work(office: Office, now: datetime) -> dict[str, int]:
    """Let the command do all that is due by now, as far as the scenario plays it; say how much of each kind."""
    asked = office.rehearsal.command.plays
    return carry_out(office, [source for name, source in PLAYS.items() if name in asked], now) if asked else {}
