"""Response levels: how areas stand, what is proposed and why, what each level asks for. Deciding is for the pages."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from sizao.api.door import AskedList, account, outbreak
from sizao.api.shapes import answers
from sizao.response.tasks import levels
from sizao.terms import ConditionMet, LevelFact, ResponseLevel, Right

router = Router(tags=["levels"])


class LevelConditionOut(Schema):
    """One condition: what was counted (null: not known), within which bounds it is met, and whether it is."""

    key: str
    fact: LevelFact
    count: int | None
    at_least: int | None
    at_most: int | None
    met: ConditionMet


class ResponseLevelOut(Schema):
    """An area: its level, from when until when by whose decision, what is proposed, and what the level switches."""

    area_code: str
    level: ResponseLevel
    since: datetime | None
    expected_until: date | None
    ordered_by: str | None
    commanded_by: str | None
    proposed: ResponseLevel | None
    conditions: list[LevelConditionOut]
    teams: list[str]
    ready_hours: int
    report_every_days: int
    report_due_hour: int


@router.get("/levels", response=answers(list[ResponseLevelOut]))
def list_levels(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """List the areas of real life of which something is known or that are above routine; all others are at routine."""
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    return _listed(None, area_code, asked.moment(request))


@router.get("/outbreaks/{slug}/levels", response=answers(list[ResponseLevelOut]))
def list_rehearsed(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List the same for a replay or a drill, which has levels of its own; of a real outbreak, those of real life."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    return _listed(within, area_code, asked.moment(request))


def _listed(within: Any, area_code: str, as_of: datetime) -> list[ResponseLevelOut]:
    # Neighbours may lie outside the area, so its province is weighed.
    weighed = levels.weigh_at(within, as_of, area_code[:2])
    return [_level(one) for code, one in weighed.items() if code.startswith(area_code)]


def _level(one: levels.Weighed) -> ResponseLevelOut:
    standing, decision = one.standing, one.standing.decision
    switch = standing.switch
    return ResponseLevelOut(
        area_code=standing.area_code,
        level=standing.level,
        since=decision.starts_at if decision else None,
        expected_until=decision.expected_until if decision else None,
        ordered_by=decision.ordered_by if decision else None,
        commanded_by=standing.commanded_by.ordered_by if standing.commanded_by else None,
        proposed=one.proposed,
        conditions=[
            LevelConditionOut(
                key=judged.condition.key,
                fact=judged.condition.fact,
                count=judged.count,
                at_least=judged.condition.at_least,
                at_most=judged.condition.at_most,
                met=judged.met,
            )
            for judged in (*one.judged, *one.returning)
        ],
        teams=list(switch.teams),
        ready_hours=switch.ready_hours,
        report_every_days=switch.report_every_days,
        report_due_hour=switch.report_due_hour,
    )
