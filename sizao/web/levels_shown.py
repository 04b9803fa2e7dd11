"""How conditions and switches of a level are put before a reader."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.protocol.response_levels import Judged
from sizao.protocol.titles import key_title
from sizao.response.tasks.levels import Standing, Weighed
from sizao.response.tasks.teams import kinds
from sizao.terms import ResponseLevel
from sizao.web import shell


@dataclass(frozen=True, slots=True)
class Line:
    """One condition in words: what is counted, the number it came to, the bound, whether it is met, and its status."""

    judged: Judged

    @property
    def fact(self) -> str:
        return self.judged.condition.fact.label(_language())

    @property
    def bound(self) -> str:
        one = self.judged.condition
        parts = [f"≥ {one.at_least}"] if one.at_least is not None else []
        parts += [f"≤ {one.at_most}"] if one.at_most is not None else []
        return " ".join(parts)

    @property
    def within_days(self) -> int:
        return self.judged.condition.within_days

    @property
    def status(self) -> str:
        return str(self.judged.condition.value.rests_on)


class Conditions:
    """The conditions of an area: of each level above routine, and of a return."""

    def __init__(self, weighed: Weighed) -> None:
        self.raising = [
            (level, [Line(one) for one in weighed.judged if one.condition.level == level])
            for level in reversed(ResponseLevel)
            if any(one.condition.level == level for one in weighed.judged)
        ]
        above = weighed.standing.level != ResponseLevel.ROUTINE
        self.returning = [Line(one) for one in weighed.returning] if above else []


def shown_switch(standing: Standing, as_of: datetime) -> dict[str, Any]:
    """Say what a level switches: teams by title, hours, reports, clocks, and pages that it leads with."""
    found, language = standing.switch, _language()
    titles = kinds.in_force(standing.area_code, as_of).kinds
    decided = standing.decision.switched.get("clocks", []) if standing.decision else []
    was = {one["key"]: one["was"] for one in decided}
    labels = {place.name: place.label for place in shell.NAVIGATION}
    return {
        "teams": [titles[key].label(language) if key in titles else key for key in found.teams],
        "ready_hours": found.ready_hours,
        "every_days": found.report_every_days,
        "due_hour": found.report_due_hour,
        "clocks": [
            {"title": key_title(one.key, language), "hours": one.at_most, "was": was.get(one.key)}
            for one in shipped_level_rules().shorter(standing.level)
        ],
        "leads": [(name, labels[name]) for name in found.leads if name in labels],
        "status": str(found.value.rests_on),
    }


def _language() -> str:
    return get_language() or ""
