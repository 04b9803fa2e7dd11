"""
Asking who was where: for one confirmed case, with a purpose, by a named officer, until a last day.

What an answer returns are tokens; who they are is known where the register knows them, or an upload says so. A person
decides who becomes a contact: nobody is looked after because a machine says that two tokens crossed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access, journal
from sizao.records.models import Account, Case, Outbreak, Trace
from sizao.response.tracing import presences, questions, second_ring
from sizao.response.tracing.asked_layers import layers_asked
from sizao.response.tracing.trace_checks import SHORTEST, checked, made, not_twice, of_infectious_time, shared_area
from sizao.terms import Layer, Right, TraceCause, TracePurpose, TraceQuestion

SPAN_HOURS = 6.0  # common source: places are compared in spans so long


class TooFewCases(SizaoError):
    code = "trace.too_few_cases"
    message = "A common source is looked for among two cases or more. Choose another case beside {number}."


class OneCaseAtATime(SizaoError):
    code = "traces.one_case.unreadable"
    message = (
        "Companions and contacts of contacts are asked for one case at a time. Leave one number, or ask for a common "
        "source or for places."
    )


class TraceClosed(SizaoError):
    code = "trace.closed"
    message = "Trace {number} was closed on {closed_at:%Y-%m-%d}. Ask again where there is a new reason."


@transaction.atomic
def ask(
    *,
    outbreak: Outbreak,
    case: Case,
    purpose: TracePurpose,
    reason: str,
    by: Account | None,
    now: datetime,
    question: TraceQuestion = TraceQuestion.COMPANIONS,
    least_minutes: float | None = None,
    vehicle: str | None = None,
    settings: dict[str, Any] | None = None,
) -> Trace:
    """
    Ask who shared time with a case, who sat near it, or who met its contacts; the trace stands until its last day.

    It is answered at once. Seats are asked about in all vehicles of the case, or in one `vehicle` (its code).
    The window and the last day follow the edition (see `windows.window_of`). Raise ReasonMissing, NotConfirmed,
    TracesNobody, NoPresences, MinutesOutside, AskedAlready, NoSecondRing, NotOfInfectiousTime, or the door's refusal.
    Places of infectious time are asked as `ask_hotspots` does, and a common source needs more than one case.
    """
    if question == TraceQuestion.COMMON_SOURCE:
        raise TooFewCases(number=case.number)
    if question == TraceQuestion.HOTSPOTS:
        return ask_hotspots(
            outbreak=outbreak, cases=[case], purpose=purpose, reason=reason, by=by, now=now, settings=settings
        )
    if by is not None:
        access.require(by, Right.TRACE_ASK, area_code=case.area_code)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one number after the other
    usual = SHORTEST if question == TraceQuestion.SEATS else None  # seat rules know no minutes
    asked = checked(outbreak, [case], purpose, reason, usual if least_minutes is None else least_minutes, now)
    alike = Trace.objects.filter(case=case, purpose=purpose, question=question)
    not_twice(alike.filter(**{"settings__vehicle": vehicle} if vehicle else {"settings__vehicle__isnull": True}), asked)
    store = presences.opened(outbreak)
    kept = _layers(asked.rules, question, purpose) | ({"vehicle": vehicle} if vehicle else {})
    trace = made(asked, question, by, now, case=case, area_code=case.area_code, settings=kept | (settings or {}))
    questions.answer(trace, store, cause=TraceCause.ASKED, by=by, now=now)
    return trace


def _layers(rules: Rules, question: TraceQuestion, purpose: TracePurpose) -> dict[str, Any]:
    if question == TraceQuestion.SEATS:
        return {"layers": [str(Layer.VEHICLE)]}
    if question != TraceQuestion.SECOND_RING:
        return layers_asked(rules)
    of_infectious_time(purpose)
    return {"layers": [str(Layer.VENUE), str(Layer.VEHICLE)]} | second_ring.limits(rules)


@transaction.atomic
def ask_hotspots(
    *,
    outbreak: Outbreak,
    cases: Sequence[Case],
    purpose: TracePurpose,
    reason: str,
    by: Account | None,
    now: datetime,
    since: datetime | None = None,
    settings: dict[str, Any] | None = None,
) -> Trace:
    """
    Ask through which places most infectious time of some cases passed, since a moment or at all; answer at once.

    Raise NotOfInfectiousTime, and what `ask` raises, for any of the cases.
    """
    if by is not None:
        for case in cases:
            access.require(by, Right.TRACE_ASK, area_code=case.area_code)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    chosen = sorted({case.pk: case for case in cases}.values(), key=lambda case: case.pk)
    asked = checked(outbreak, chosen, purpose, reason, None, now)
    of_infectious_time(purpose)
    facts = {"cases": [case.pk for case in chosen], "settings__since": since.isoformat() if since else None}
    not_twice(Trace.objects.filter(outbreak=outbreak, purpose=purpose, question=TraceQuestion.HOTSPOTS, **facts), asked)
    store = presences.opened(outbreak)
    kept = layers_asked(asked.rules) | {"since": facts["settings__since"]} | (settings or {})
    trace = made(
        asked, TraceQuestion.HOTSPOTS, by, now, cases=facts["cases"],
        area_code=shared_area(case.area_code for case in chosen), settings=kept,
    )  # fmt: skip
    questions.answer(trace, store, cause=TraceCause.ASKED, by=by, now=now)
    return trace


@transaction.atomic
def ask_common_source(
    *,
    outbreak: Outbreak,
    cases: Sequence[Case],
    reason: str,
    by: Account | None,
    now: datetime,
    least_minutes: float | None = None,
    span_hours: float = SPAN_HOURS,
) -> Trace:
    """
    Ask what several cases shared before they fell ill, ranked by how unlikely it is by chance; answer at once.

    Raise TooFewCases, and what `ask` raises, for any of the cases.
    """
    if by is not None:
        for case in cases:
            access.require(by, Right.TRACE_ASK, area_code=case.area_code)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    chosen = list({case.pk: case for case in cases}.values())
    if len(chosen) < 2:
        raise TooFewCases(number=chosen[0].number if chosen else "")
    asked = checked(outbreak, chosen, TracePurpose.FIND_SOURCE, reason, least_minutes, now)
    store = presences.opened(outbreak)
    trace = made(
        asked, TraceQuestion.COMMON_SOURCE, by, now, cases=[case.pk for case in chosen],
        area_code=shared_area(case.area_code for case in chosen), settings={"span_hours": span_hours},
    )  # fmt: skip
    questions.answer(trace, store, cause=TraceCause.ASKED, by=by, now=now)
    return trace


@transaction.atomic
def close(*, trace: Trace, by: Account | None, now: datetime, why: str = "") -> Trace:
    """Say that a trace is asked no more; what it found remains until its day. Raise TraceClosed."""
    if by is not None:
        access.require(by, Right.TRACE_ASK, area_code=trace.area_code)
    trace = Trace.objects.select_for_update(of=["self"]).select_related("outbreak", "case__person").get(pk=trace.pk)
    if trace.closed_at is not None:
        raise TraceClosed(number=trace.number, closed_at=trace.closed_at)
    trace.closed_at = now
    trace.save(update_fields=["closed_at"])
    journal.write("trace.closed", trace, by=by, at=now, number=trace.number, why=why)
    return trace
