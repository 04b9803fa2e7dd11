"""By rule: propose a level where the conditions ask for another one, and ask somebody to decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from sizao.protocol import basis
from sizao.protocol.read_response_levels import shipped_level_rules
from sizao.protocol.response_levels import Judged, level_asked, level_proposed
from sizao.records import journal
from sizao.records.models import Area, LevelDecision, LevelProposal, Outbreak, Task
from sizao.response.signals.scope import take_turn
from sizao.response.tasks.levels import switching
from sizao.response.tasks.levels.facts import DECIDING, Facts, counts_of, facts_at, level_of, since_of, spread
from sizao.response.tasks.levels.standing import Levels, Standing, belonging
from sizao.terms import LevelProposalState, ResponseLevel, Role, TaskEnd, TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class Weighed:
    """An area with how it stands, its conditions, and the level they ask for; None where it stays."""

    standing: Standing
    judged: tuple[Judged, ...]
    returning: tuple[Judged, ...]
    proposed: ResponseLevel | None

    @property
    def decides(self) -> tuple[Judged, ...]:
        """The conditions that the proposal rests on: of a return those of returning, too."""
        lower = self.proposed is not None and self.proposed.rank < self.standing.level.rank
        return (*self.judged, *self.returning) if lower else self.judged


def weigh_at(outbreak: Outbreak | None, as_of: datetime, within: str = "") -> dict[str, Weighed]:
    """Weigh every area of which something is known or that is above routine, as of a moment, by area code."""
    levels = Levels.at(as_of, outbreak)
    found = facts_at(outbreak, as_of, within)
    asking = [code for code in found.areas() if level_asked(_judged(found, levels, code)) == ResponseLevel.EMERGENCY]
    spread(found, levels, asking)
    known = {code for code in (*found.areas(), *levels.above_routine()) if code.startswith(within)}
    registered = Area.objects.filter(code__in=known, level__in=DECIDING).values_list("code", flat=True)
    return {code: _weighed(found, levels, code) for code in sorted(registered)}


def weigh(area_code: str, outbreak: Outbreak | None, as_of: datetime) -> Weighed:
    """Weigh one area, also where nothing is known of it."""
    levels = Levels.at(as_of, outbreak)
    # Neighbours lie outside the area, so its whole province is counted.
    province = area_code[:2]
    found = facts_at(outbreak, as_of, province)
    asking = [code for code in found.areas() if level_asked(_judged(found, levels, code)) == ResponseLevel.EMERGENCY]
    spread(found, levels, asking)
    return _weighed(found, levels, area_code)


def _judged(found: Facts, levels: Levels, code: str) -> Sequence[Judged]:
    rules = shipped_level_rules()
    return rules.asked(level_of(code), counts_of(found, rules, code, since_of(levels, code)))


def _weighed(found: Facts, levels: Levels, code: str) -> Weighed:
    rules, at = shipped_level_rules(), level_of(code)
    counts = counts_of(found, rules, code, since_of(levels, code))
    judged, returning = rules.asked(at, counts), rules.returning(at, counts)
    standing = levels.standing(code)
    proposed = level_proposed(standing.level, judged, returning)
    # What a higher level ordered is not for the lower one to take back, so nothing lower is proposed to it.
    held = standing.ordered is not None and proposed is not None and proposed.rank < standing.level.rank
    return Weighed(standing, tuple(judged), tuple(returning), None if held else proposed)


def told(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    """Write conditions down as they stood: plain JSON."""
    return [
        {
            "key": one.condition.key,
            "fact": str(one.condition.fact),
            "level": str(one.condition.level or ""),
            "count": one.count,
            "at_least": one.condition.at_least,
            "at_most": one.condition.at_most,
            "within_days": one.condition.within_days,
            "met": str(one.met),
        }
        for one in judged
    ]


@transaction.atomic
def advance(*, outbreak: Outbreak | None, now: datetime) -> int:
    """
    Propose levels for the areas of an outbreak, withdraw proposals whose conditions changed, ask who decides.

    A real outbreak, and None, weigh the areas of real life. What a level shortens is put in force for outbreaks opened
    later, too. Return how many rows changed; a second run at one moment changes nothing.
    """
    take_turn(outbreak)
    within = outbreak.area_code if outbreak else ""
    weighed = weigh_at(outbreak, now, within)
    changed = _propose(outbreak, weighed, within, now)
    changed += _ask(outbreak, weighed, within, now)
    return changed + (switching.keep_in_force(outbreak=outbreak, now=now) if outbreak else 0)


def _propose(outbreak: Outbreak | None, weighed: dict[str, Weighed], within: str, now: datetime) -> int:
    own = belonging(outbreak)
    standing = LevelProposal.objects.filter(
        outbreak=own, area_code__startswith=within, state=LevelProposalState.WAITING
    )
    waiting = {one.area_code: one for one in standing}
    wanted = {code: one for code, one in weighed.items() if one.proposed is not None}
    lapsed = [
        one for code, one in waiting.items() if code not in wanted or wanted[code].proposed != one.level
    ]  # fmt: skip
    for one in lapsed:
        one.state, one.settled_at, one.settled_by = LevelProposalState.LAPSED, now, journal.SYSTEM
    LevelProposal.objects.bulk_update(lapsed, ["state", "settled_at", "settled_by"])
    kept = {one.area_code for one in waiting.values()} - {one.area_code for one in lapsed}
    declined = _declined(own, within)
    made = [
        _proposal(own, code, one, now)
        for code, one in wanted.items()
        if code not in kept and declined.get(code) != (str(one.proposed), _grounds(told(one.decides)))
    ]
    LevelProposal.objects.bulk_create(made)
    lines = [("level.lapsed", one) for one in lapsed] + [("level.proposed", one) for one in made]
    journal.write_many([journal.line(verb, one, by=None, at=now, level=one.level) for verb, one in lines])
    return len(lapsed) + len(made)


def _declined(own: Outbreak | None, within: str) -> dict[str, tuple[str, list[str]]]:
    """Say what was last declined in each area: it is not proposed again on the same grounds."""
    rows = LevelProposal.objects.filter(outbreak=own, area_code__startswith=within).order_by(
        "area_code", "-proposed_at", "-pk"
    )
    latest = rows.distinct("area_code")
    return {
        one.area_code: (one.level, _grounds(one.reasons)) for one in latest if one.state == LevelProposalState.DECLINED
    }


def _grounds(reasons: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(one["key"] for one in reasons if one["met"] == "met")


def _proposal(own: Outbreak | None, code: str, one: Weighed, now: datetime) -> LevelProposal:
    cited = [basis.entry(judged.condition.value, gives=str(judged.met)) for judged in one.decides]
    return LevelProposal(
        outbreak=own,
        area_code=code,
        level=str(one.proposed),
        standing=one.standing.level,
        reasons=told(one.decides),
        basis=cited,
        proposed_at=now,
        source_key=f"level:{own.pk if own else ''}:{code}:{one.proposed}:{now.isoformat()}",
    )


# --- Asking whoever decides --------------------------------------------------------------------


def _ask(outbreak: Outbreak | None, weighed: dict[str, Weighed], within: str, now: datetime) -> int:
    own = belonging(outbreak)
    wanted = {one.source_key: one for one in _questions(own, weighed, within, now)}
    standing = Task.objects.filter(
        outbreak=own, kind=TaskKind.DECIDE_LEVEL, area_code__startswith=within, done_at__isnull=True
    )
    over = [one for one in standing if one.source_key not in wanted]
    for one in over:
        one.state, one.done_at, one.done_by = TaskState.DONE, now, journal.SYSTEM
        one.outcome = str(TaskEnd.NOTHING_WAITS)
    Task.objects.bulk_update(over, ["state", "done_at", "done_by", "outcome"])
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    made = [one for key, one in wanted.items() if key not in asked]
    Task.objects.bulk_create(made)
    lines = [("task.done", one) for one in over] + [("task.asked", one) for one in made]
    journal.write_many([journal.line(verb, one, by=None, at=now, kind=one.kind) for verb, one in lines])
    return len(over) + len(made)


def _questions(own: Outbreak | None, weighed: dict[str, Weighed], within: str, now: datetime) -> list[Task]:
    names = dict(Area.objects.filter(code__in=weighed).values_list("code", "short_name"))
    waiting = LevelProposal.objects.filter(outbreak=own, area_code__startswith=within, state=LevelProposalState.WAITING)
    asked = [_task(own, one.area_code, names, one.proposed_at, f"proposal:{one.pk}", one.basis) for one in waiting]
    for code, one in weighed.items():
        if one.standing.own is not None and (due := review_at(one.standing.own)) is not None and due <= now:
            asked.append(_task(own, code, names, due, f"review:{one.standing.own.pk}", one.standing.own.basis))
    return asked


def review_at(decision: LevelDecision) -> datetime | None:
    """Say when somebody asks whether a level still fits; None of routine, which may stay."""
    hours = shipped_level_rules().switches[ResponseLevel(decision.level)].review_hours  # type: ignore[call-arg]
    return None if hours is None else decision.starts_at + timedelta(hours=hours)


def is_over(decision: LevelDecision, as_of: datetime) -> bool:
    """Tell whether a level stands longer than its decision said; it does not end by itself, and is shown as over."""
    until = decision.expected_until
    return until is not None and timezone.localtime(as_of).date() > until


def _task(
    own: Outbreak | None, code: str, names: dict[str, str], since: datetime, what: str, cited: list[Any]
) -> Task:  # fmt: skip
    return Task(
        outbreak=own,
        kind=TaskKind.DECIDE_LEVEL,
        role=Role.COMMANDER,
        area_code=code,
        subject_kind="area",
        subject_id=int(code),
        subject_label=names.get(code, code),
        basis=cited,
        asked_at=since,
        due_at=None,  # no text names an hour
        source_key=f"task:{TaskKind.DECIDE_LEVEL}:{own.pk if own else ''}:{what}",
    )
