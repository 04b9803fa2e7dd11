"""A directive asked of teams: each has a part of its own, which its leader receives by name; it calls them out."""

from collections.abc import Sequence
from datetime import datetime

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Directive, DirectivePart, Team
from sizao.response.tasks.directives.recipients import ROLE_OF_LEVEL, level_of, nearest
from sizao.response.tasks.teams import call_for, loans
from sizao.terms import Right

LONGEST_NAME = 100


class TeamNotThere(SizaoError):
    code = "directive.team_not_there.unreadable"
    message = "Team {name} works outside {area} now, or was disbanded. Choose teams that stand there."


def add_team_parts(
    directive: Directive, teams: Sequence[Team], *, by: Account, now: datetime, under: DirectivePart | None = None,
    note: str = "", due_at: datetime | None = None,
) -> int:  # fmt: skip
    """
    Add the parts of teams that have none yet, where each works now, and call these teams out; return how many.

    The office of the area stands above its team where it is asked too, and accepts what was done; else whoever asked.
    Raise TeamNotThere.
    """
    if not teams:
        return 0
    within = under.area_code if under else by.area_code
    lent = dict(loans.running(now).filter(team__in=teams).values_list("team", "to_area_code"))
    places = {one.pk: lent.get(one.pk, one.area_code) for one in teams}
    for one in teams:
        if one.disbanded_at is not None or not places[one.pk].startswith(within):
            raise TeamNotThere(name=one.name, area=within)
        access.require(by, Right.DIRECTIVE_ISSUE, area_code=places[one.pk])
    asked = set(DirectivePart.objects.filter(directive=directive, team__in=teams).values_list("team_id", flat=True))
    fresh = [one for one in {one.pk: one for one in teams}.values() if one.pk not in asked]
    offices = directive.parts.filter(team__isnull=True, area_code__startswith=within)
    holders = dict(offices.values_list("area_code", "pk"))
    limits = [one for one in (due_at, under and under.own_due_at) if one is not None]
    own_due_at = min(limits) if limits else None
    for one in fresh:
        code = places[one.pk]
        above = code if code in holders else nearest(code, holders)
        DirectivePart.objects.create(
            directive=directive, area_code=code, level=len(code), role=ROLE_OF_LEVEL[level_of(code)], team=one,
            note=note, own_due_at=own_due_at, parent_id=holders[above] if above else under and under.pk,
            above=above or within, due_at=min(own_due_at or directive.due_at, directive.due_at),
            answers_for=(one.lead or one.name)[:LONGEST_NAME], issued_at=now, issued_by=by.username,
            issued_name=by.display_name,
        )  # fmt: skip
    if fresh:
        call_for(directive=directive, teams=fresh, by=by, now=now)
    return len(fresh)
