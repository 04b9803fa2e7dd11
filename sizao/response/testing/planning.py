"""
Plans of a round: asked for by a person, worked out by the engine, changed and accepted by a person.

A small plan is worked out at once; a large one waits for `sizao answer`, which takes one after the other, so that no
page is held up (the table is the queue, as for questions to the simulated city). Nothing of a plan touches the round
until it is accepted: then its sites, tables, people and laboratories stand there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sizao.engines.planning.round_inputs import Terms
from sizao.errors import SizaoError
from sizao.protocol import Rules, Value, basis
from sizao.protocol.testing_rounds import LABORATORY_KEY, TERM_KEYS, WALKING_KMH, round_terms
from sizao.records import access, journal
from sizao.records.models import Account, TestingPlan, TestingRound
from sizao.response import outbreaks
from sizao.response.testing import plan_answer, timing
from sizao.response.testing.plan_places import LaboratoryRow, Places, peopled
from sizao.terms import PlanState, Right

# A plan whose worker was not heard of for so long is taken again: it died.
SILENT_MINUTES = 15
# Villages times sites up to which a plan is worked out at once: a second or two.
AT_ONCE = 20_000
PEOPLE_PER_TABLE_HOUR = 150.0  # a township's plan says 1,800 a day
SECONDS_OF_HOUR = 3600


class RoundBegun(SizaoError):
    code = "testing.plan.round_begun"
    message = "Round {number} was opened, so its sites stand. Add a site by hand where one is lacking."


class PlanUnfinished(SizaoError):
    code = "testing.plan.unfinished"
    message = "This plan is not worked out yet. Wait for it, then accept or change it."


class PlanUnknownRow(SizaoError):
    code = "testing.plan.row.unreadable"
    message = "“{given}” is no {what} of this plan. Choose from its table."


class ResultHoursUnsaid(SizaoError):
    code = "testing.plan.result_hours"
    message = (
        "Nothing confirmed says how long a laboratory takes with a tube ({key}). Fill in the column result_hours, or "
        "let the authority confirm the value."
    )


@dataclass(frozen=True, slots=True)
class Means:
    """What there is, and what the place decides; None leaves it to the edition, or counts as enough."""

    samplers: int | None = None
    tubes: int | None = None
    people_per_table_hour: float = PEOPLE_PER_TABLE_HOUR
    opens: int = 6
    closes: int = 22
    complete_hours: float | None = None
    walk_minutes: float | None = None


@transaction.atomic
def ask_plan(
    *, testing_round: TestingRound, places: Places, means: Means, by: Account | None, now: datetime
) -> TestingPlan:
    """
    Write down the question of a plan with its terms as the edition stands.

    A value that awaits confirmation is not used, and is told. Raise RoundBegun, ResultHoursUnsaid, what reading
    terms and places raises, or the door's refusal.
    """
    found = _planned(testing_round, by)
    rules = outbreaks.rules_at(found.outbreak, now, area_code=found.area_code)
    villages = peopled(found, places.villages, now=now)
    people = sum(one.people or 0 for one in villages)
    terms, cited = _terms(rules, found, people, means)
    laboratories, of_laboratory = _with_hours(rules, places.laboratories)
    question = replace(places, villages=villages, laboratories=laboratories).plain() | {
        "terms": asdict(terms),
        "means": {"samplers": means.samplers, "tubes": means.tubes},
        "begins_at": found.begins_at.isoformat(),
        "basis": [*cited, *of_laboratory],
        "unused": [one.key for one in rules.unconfirmed((*TERM_KEYS, LABORATORY_KEY)) if one.value is not None],
    }
    return _written(found, question, None, rules.source, by=by, now=now)


@transaction.atomic
def change_plan(
    *,
    plan: TestingPlan,
    tables: Mapping[int, int],
    tubes_per_hour: Mapping[int, int],
    by: Account,
    now: datetime,
) -> TestingPlan:
    """
    Ask for a plan that follows another and moves as few people as possible: other rooms for tables, other laboratories.

    `tables` are the most of each site, by its row in the question, 0 to close it; `tubes_per_hour` are by
    laboratory. Raise RoundBegun, PlanUnfinished, PlanUnknownRow, or the door's refusal.
    """
    found = _planned(plan.round, by)
    if plan.made_at is None:
        raise PlanUnfinished
    sites = _changed(plan.question["sites"], "tables", tables, what="site")
    laboratories = _changed(plan.question["laboratories"], "tubes_per_hour", tubes_per_hour, what="laboratory")
    question = {**plan.question, "sites": sites, "laboratories": laboratories}
    return _written(found, question, plan, found.protocol, by=by, now=now)


@transaction.atomic
def take_plan(*, by: Account | None, now: datetime) -> TestingPlan | None:
    """Take the plan that has waited longest, or whose worker fell silent; None where there is none."""
    silent = Q(begun_at__lt=now - timedelta(minutes=SILENT_MINUTES))
    waiting = TestingPlan.objects.filter(made_at__isnull=True, fault="").filter(Q(begun_at__isnull=True) | silent)
    found = waiting.select_for_update(skip_locked=True, of=["self"]).order_by("pk").first()
    if found is None:
        return None
    found.begun_at = now
    found.save(update_fields=["begun_at"])
    journal.write("round.plan_begun", found.round, by=by, at=now, plan=found.pk)
    return found


def work_out_plan(*, plan: TestingPlan, by: Account | None, now: datetime) -> TestingPlan:
    """Work a plan out and hand it in once; what the engine refuses is written down as its fault."""
    try:
        answer = plan_answer.worked_out(plan.question, plan.after.answer if plan.after else None)
    except SizaoError as refusal:
        return give_up_plan(plan=plan, reason=str(refusal), by=by, now=now)
    return _keep(plan, answer, by=by, now=now)


@transaction.atomic
def give_up_plan(*, plan: TestingPlan, reason: str, by: Account | None, now: datetime) -> TestingPlan:
    """Write down why a plan could not be worked out."""
    found = TestingPlan.objects.select_for_update().get(pk=plan.pk)
    if found.made_at is None:
        found.fault = reason[:1000] or "?"
        found.save(update_fields=["fault"])
        journal.write("round.plan_given_up", found.round, by=by, at=now, plan=found.pk)
    return found


def is_small(plan: TestingPlan) -> bool:
    """Tell whether a plan is worked out while the page waits."""
    return len(plan.question["villages"]) * len(plan.question["sites"]) <= AT_ONCE


def state_of(plan: TestingPlan) -> PlanState:
    """Say how far a plan is."""
    if plan.accepted_at is not None:
        return PlanState.ACCEPTED
    if plan.made_at is not None:
        return PlanState.MADE
    if plan.fault:
        return PlanState.FAILED
    return PlanState.WAITING if plan.begun_at is None else PlanState.RUNNING


# --- Inside ------------------------------------------------------------------------------------


def _planned(testing_round: TestingRound, by: Account | None) -> TestingRound:
    if by is not None:
        access.require(by, Right.TESTING_PLAN, area_code=testing_round.area_code)
    found = TestingRound.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=testing_round.pk)
    if found.opened_at is not None:
        raise RoundBegun(number=found.number)
    return found


def _written(
    found: TestingRound, question: dict[str, Any], after: TestingPlan | None, protocol: str, *, by: Account | None,
    now: datetime,
) -> TestingPlan:  # fmt: skip
    made = TestingPlan(round=found, after=after, asked_at=now, asked_by=journal.actor_name(by), question=question)
    if not is_small(made):
        # Minutes before the plan itself: what no plan can mend.
        made.question = question | {"short_at_least": plan_answer.short_at_least(question)}
    made.save(force_insert=True)
    journal.write(
        "round.plan_asked", found, by=by, at=now, protocol=protocol, number=found.number, plan=made.pk,
        villages=len(question["villages"]), sites=len(question["sites"]),
    )  # fmt: skip
    return made


@transaction.atomic
def _keep(plan: TestingPlan, answer: dict[str, Any], *, by: Account | None, now: datetime) -> TestingPlan:
    found = TestingPlan.objects.select_for_update().get(pk=plan.pk)
    if found.made_at is None:
        found.answer, found.made_at, found.fault = answer, now, ""
        found.save(update_fields=["answer", "made_at", "fault"])
        journal.write("round.plan_made", found.round, by=by, at=now, plan=found.pk, in_time=answer["sums"]["in_time"])
    return found


def _changed(rows: list[dict[str, Any]], field: str, changes: Mapping[int, int], *, what: str) -> list[dict[str, Any]]:
    for row in changes:
        if not 0 <= row < len(rows):
            raise PlanUnknownRow(given=row, what=what)
    return [{**one, field: max(0, changes.get(row, one[field]))} for row, one in enumerate(rows)]


# --- Terms -------------------------------------------------------------------------------------


def _terms(rules: Rules, found: TestingRound, people: int, means: Means) -> tuple[Terms, list[dict[str, Any]]]:
    cited: list[dict[str, Any]] = []

    def ask(key: str) -> Value:
        value = rules.value(key)
        if rules.awaits_confirmation(value):
            # What nobody has confirmed decides nothing; the page says which values those are.
            return replace(value, value=None)
        cited.append(basis.entry(value, gives="plan"))
        return value

    given: dict[str, Any] = {
        "people_per_table_hour": means.people_per_table_hour,
        "starts_at": timezone.localtime(found.begins_at).hour,
        "opens": means.opens,
        "closes": means.closes,
    }
    if hours := means.complete_hours or _hours_of(found):
        given["complete_hours"] = hours
    if means.walk_minutes is not None:
        given["walk_metres"] = means.walk_minutes / 60 * WALKING_KMH * 1000 or None
    city = timing.population(found.areas)
    terms = round_terms(rules, people=people if city is None else city, pool_size=found.pool_size, ask=ask, **given)
    return terms, cited


def _hours_of(found: TestingRound) -> float | None:
    """Give the hours from the beginning to when the round must be complete; None where no edition says."""
    if found.due_at is None:
        return None
    return (found.due_at - found.begins_at).total_seconds() / SECONDS_OF_HOUR


def _with_hours(
    rules: Rules, laboratories: tuple[LaboratoryRow, ...]
) -> tuple[tuple[LaboratoryRow, ...], list[dict[str, Any]]]:
    if all(one.result_hours is not None for one in laboratories):
        return laboratories, []
    said = rules.value(LABORATORY_KEY)
    if said.value is None or rules.awaits_confirmation(said):
        raise ResultHoursUnsaid(key=LABORATORY_KEY)
    hours = float(said.whole)
    filled = tuple(one if one.result_hours is not None else replace(one, result_hours=hours) for one in laboratories)
    return filled, [basis.entry(said, gives="plan")]
