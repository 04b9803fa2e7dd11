"""
What a question would touch, said before it is asked: which time of the case, whose presences, until when it stands.

Nothing of the presences of a case is looked at here: that takes a purpose and a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Min, Sum

from sizao.records.models import Case, Outbreak, PresenceBatch
from sizao.response.tracing import presences, second_ring, tokens
from sizao.response.tracing.trace_checks import LEAST_MINUTES, SHORTEST, of_infectious_time, widest
from sizao.terms import TracePurpose, TraceQuestion


@dataclass(frozen=True, slots=True)
class Held:
    """What had arrived by a moment; `people` are the tokens that the store knows now, None where it is gone."""

    deliveries: int
    presences: int
    people: int | None
    earliest_at: datetime | None
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class WouldAsk:
    """
    The question in numbers: the window of the cases, whether it goes on since one is still among people, from how many
    minutes on a meeting counts, and the last day of the question.
    """

    question: TraceQuestion
    cases: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    is_open: bool
    least_minutes: float
    last_date: date


def held(outbreak: Outbreak, *, as_of: datetime) -> Held:
    """Say how much could be asked about at a moment."""
    told = PresenceBatch.objects.filter(outbreak=outbreak, arrived_at__lte=as_of).aggregate(
        n=Count("pk"), rows=Sum("rows_taken"), first=Min("earliest_at"), last=Max("latest_at")
    )
    try:
        people = presences.opened(outbreak).persons.n if told["n"] else 0
    except (presences.NoPresences, presences.PresencesDamaged, tokens.TokensDestroyed):
        people = None
    return Held(told["n"], told["rows"] or 0, people, told["first"], told["last"])


def would_ask(
    outbreak: Outbreak, cases: Sequence[Case], question: TraceQuestion, purpose: TracePurpose, *, now: datetime
) -> WouldAsk:
    """
    Say what a question would ask, by the rules of this moment.

    Raise what asking it would raise: NotConfirmed, TracesNobody, NotOfInfectiousTime, NoSecondRing.
    """
    if question == TraceQuestion.COMMON_SOURCE:
        purpose = TracePurpose.FIND_SOURCE
    rules, window = widest(outbreak, cases, purpose, now)
    if question in (TraceQuestion.SECOND_RING, TraceQuestion.HOTSPOTS):
        of_infectious_time(purpose)
    if question == TraceQuestion.SECOND_RING:
        second_ring.require(rules)
    least = SHORTEST if question == TraceQuestion.SEATS else LEAST_MINUTES
    numbers = tuple(case.number for case in cases)
    return WouldAsk(
        question, numbers, window.begins_at, window.ends_at, not window.is_set_apart, least, window.last_date
    )
