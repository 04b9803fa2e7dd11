"""Levels and directives of a replay, in the order of their moments."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sizao.drill.commanding.actors import Actors
from sizao.drill.commanding.told import Marks, aware
from sizao.records.models import Directive, DirectivePart, Outbreak
from sizao.response.tasks import directives, levels
from sizao.response.tasks.directives import Order, Recipients
from sizao.terms import AREA_DIGITS, AreaLevel, LevelReach, ResponseLevel, Role, Urgency

Step = Mapping[str, Any]


class Directing:
    """Decides on levels and issues directives for one outbreak, and does what areas did with them."""

    def __init__(self, outbreak: Outbreak, marks: Marks, actors: Actors) -> None:
        self.outbreak, self.marks, self.actors = outbreak, marks, actors

    def decide(self, told: Step) -> None:
        """Decide on a level."""
        now = aware(told["at"])
        levels.decide(
            area_code=told["area"], level=ResponseLevel(told["level"]), legal_basis=told["legal_basis"],
            text=self.marks.said(told["text"], told.get("source", "")), reach=LevelReach.HERE,
            expected_until=told["until"], outbreak=self.outbreak,
            by=self.actors.of(Role.COMMANDER, told["area"], now), now=now,
        )  # fmt: skip

    def issue(self, told: Step) -> None:
        """Issue a directive of the province."""
        now, source = aware(told["at"]), told.get("source", "")
        order = Order(
            title=told["title"], text=self.marks.order(told["text"], source), reason=told["reason"],
            due_at=aware(told["due_at"]), basis=source or self.marks.made_up.strip("（）"),
            urgency=Urgency(told.get("urgency", Urgency.ROUTINE)), items=told["items"],
        )  # fmt: skip
        directives.issue(
            order=order, to=_recipients(told["areas"], told["levels"]), outbreak=self.outbreak,
            source_key=self._key(told), by=self.actors.judge(self.outbreak.area_code, now), now=now,
        )  # fmt: skip

    def step(self, told: Step, number: int) -> None:
        """Do one step with a directive, in each area that the step names."""
        step, now = told["steps"][number], aware(told["steps"][number]["at"])
        directive = Directive.objects.get(source_key=self._key(told))
        for part in self._parts(directive, step):
            key = f"{self._key(told)}:{number}:{part.area_code}"
            self._acts()[step["act"]](part, step, key, now)

    def _acts(self) -> Mapping[str, Callable[[DirectivePart, Step, str, datetime], object]]:
        return {
            "receive": self._receive, "issue_on": self._issue_on, "report": self._report, "close": self._close,
            "accept": self._accept, "return": self._return,
        }  # fmt: skip

    def _receive(self, part: DirectivePart, _: Step, key: str, now: datetime) -> None:
        by = self.actors.desk(part.area_code, now)
        directives.receive(part=part, answers_for=by.display_name, by=by, now=now, source_key=key)

    def _issue_on(self, part: DirectivePart, step: Step, _: str, now: datetime) -> None:
        note = self.marks.said(step["note"], "") if "note" in step else ""
        directives.reissue(
            part=part, to=_recipients(step["to"], step["to_levels"]), note=note,
            by=self.actors.desk(part.area_code, now), now=now,
        )  # fmt: skip

    def _report(self, part: DirectivePart, step: Step, key: str, now: datetime) -> None:
        directives.report(
            part=part, told=self._told(step), by=self.actors.desk(part.area_code, now), now=now, source_key=key
        )

    def _close(self, part: DirectivePart, step: Step, key: str, now: datetime) -> None:
        by, done = self.actors.desk(part.area_code, now), range(len(part.directive.items))
        directives.close(
            part=part, told=self._told(step, checks=list(done)), signed_as=by.display_name, by=by, now=now,
            source_key=key,
        )  # fmt: skip

    def _accept(self, part: DirectivePart, _: Step, key: str, now: datetime) -> None:
        directives.accept(part=part, by=self.actors.judge(part.above, now), now=now, source_key=key)

    def _return(self, part: DirectivePart, step: Step, key: str, now: datetime) -> None:
        reason = self.marks.said(step["reason"], "")
        directives.send_back(
            part=part, reason=reason, by=self.actors.judge(part.above, now), now=now, source_key=key
        )  # fmt: skip

    def _told(self, step: Step, checks: list[int] | None = None) -> directives.Told:
        return directives.Told(text=self.marks.said(step["text"], step.get("source", "")), checks=checks)

    def _parts(self, directive: Directive, step: Step) -> list[DirectivePart]:
        mine = DirectivePart.objects.filter(directive=directive).select_related("directive")
        if "level" in step:
            digits = AREA_DIGITS[AreaLevel(step["level"])]
            mine = mine.filter(level=digits, area_code__startswith=step.get("within", ""))
        else:
            mine = mine.filter(area_code__in=step.get("areas") or [step["area"]])
        return list(mine.order_by("area_code"))

    def _key(self, told: Step) -> str:
        return f"replay:{self.outbreak.slug}:{told['key']}"


def _recipients(areas: list[str], names: list[str]) -> Recipients:
    return Recipients(areas=areas, levels=[AreaLevel(one) for one in names])
