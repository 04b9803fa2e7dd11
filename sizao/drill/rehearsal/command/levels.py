"""Response levels in a drill: decided as the loop proposes, by the commander of the area, and weighed anew when due."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sizao.drill.rehearsal.command.acts import Waiting, delay, officer
from sizao.drill.rehearsal.office import Office
from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.records.models import LevelDecision, LevelProposal
from sizao.response.tasks import levels
from sizao.response.tasks.levels import Levels
from sizao.terms import LevelProposalState, ResponseLevel, Role

BASIS = "《突发公共卫生事件应急条例》（演练）"
LASTS_DAYS = 14  # from the decision, at first and each time it is weighed anew


def waiting(office: Office, now: datetime) -> Iterator[Waiting]:
    """Give the decisions on levels that wait, with their moments."""
    proposed = LevelProposal.objects.filter(outbreak=office.outbreak, state=LevelProposalState.WAITING)
    asked = list(proposed.order_by("pk"))
    for one in asked:
        yield _decision(office, one.area_code, ResponseLevel(one.level), one.proposed_at)
    weighed = {one.area_code for one in asked}
    for one in Levels.at(now, office.outbreak).latest.values():
        due = levels.review_at(one)
        if due is not None and due <= now and one.area_code not in weighed:
            yield _decision(office, one.area_code, ResponseLevel(one.level), due)


def _decision(office: Office, area_code: str, level: ResponseLevel, asked_at: datetime) -> Waiting:
    key = f"level:{area_code}:{level}:{asked_at.isoformat()}"

    def decide(at: datetime) -> LevelDecision:
        most = shipped_level_rules().switches[level].most_days
        until = None if most is None else office.outbreak.day_of(at) + timedelta(days=min(LASTS_DAYS, most))
        return levels.decide(
            area_code=area_code, level=level, legal_basis=BASIS, text=f"演练：{level.zh}", expected_until=until,
            by=officer(office, Role.COMMANDER, area_code, at), now=at, outbreak=office.outbreak,
        )  # fmt: skip

    at = asked_at + delay(office, key, office.rehearsal.command.deciding_hours)
    return Waiting(key, "decide_levels", Role.COMMANDER, at, decide)
