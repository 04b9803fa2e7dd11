"""
Asking who was where: for one confirmed case, with a purpose, by a named officer, until a last day.

What an answer returns are tokens; who they are is known where the register knows them, or an upload says so. A person
decides who becomes a contact: nobody is looked after because a machine says that two tokens crossed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os.path import commonprefix
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access, journal
from sizao.records.models import Account, Case, Contact, Outbreak, Trace, TraceMatch
from sizao.response import outbreaks
from sizao.response.tracing import common_answers, hotspot_answers, presences, second_ring
from sizao.response.tracing.answers import answer
from sizao.response.tracing.asked_layers import basis_of, layers_asked, may_only_be_invited
from sizao.response.tracing.contacts import ContactEntry, add_contacts
from sizao.response.tracing.windows import CaseWindow, window_of
from sizao.terms import LEVEL_OF_DIGITS, ContactKind, Layer, Right, Tier, TraceCause, TracePurpose, TraceQuestion

# A meeting counts from so many minutes on, where nobody asks otherwise: as long as the one local rule that was found
# says (S24). A shorter meeting may infect too; whoever asks may ask for it.
LEAST_MINUTES = 10.0
SHORTEST, LONGEST = 1.0, 24 * 60.0
LONGEST_REASON = 500
SPAN_HOURS = 6.0  # common source: places are compared in spans so long
SOURCE = "presences"


class ReasonMissing(SizaoError):
    code = "trace.reason_missing"
    message = "Say why presences are to be asked: what you look for and what it rests on. It is kept with the trace."


class MinutesOutside(SizaoError):
    code = "trace.minutes.unreadable"
    message = "A meeting cannot be counted from {minutes} minutes on. Choose between {shortest:g} and {longest:g}."


class AskedAlready(SizaoError):
    code = "trace.asked_already"
    message = (
        "Trace {number} of this case, for the same purpose, stands until {last_date}. Open it instead; it is asked "
        "again whenever presences arrive."
    )


class TooFewCases(SizaoError):
    code = "trace.too_few_cases"
    message = "A common source is looked for among two cases or more. Choose another case beside {number}."


class OneCaseAtATime(SizaoError):
    code = "traces.one_case.unreadable"
    message = (
        "Companions and contacts of contacts are asked for one case at a time. Leave one number, or ask for a common "
        "source or for places."
    )


class NotOfInfectiousTime(SizaoError):
    code = "trace.purpose_unfit"
    message = (
        "Contacts of contacts, and places of infectious time, say nothing of where a case caught it. Choose another "
        "purpose, or ask for companions or a common source."
    )


class TraceClosed(SizaoError):
    code = "trace.closed"
    message = "Trace {number} was closed on {closed_at:%Y-%m-%d}. Ask again where there is a new reason."


class OnlyInvited(SizaoError):
    code = "trace.only_invited"
    message = (
        "{count} of those chosen were found in cells of the network only. Such people may be asked to be tested, and "
        "are not made contacts because of it; choose those of venues and vehicles."
    )


class NobodyKnown(SizaoError):
    code = "trace.nobody_known"
    message = "{count} of those chosen are not known to the register. Name them first, with their identities."


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all questions have in common, checked."""

    outbreak: Outbreak
    purpose: TracePurpose
    reason: str
    least_minutes: float
    rules: Rules
    window: CaseWindow


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
    settings: dict[str, Any] | None = None,
) -> Trace:
    """
    Ask who shared time with a case, or who met its contacts, and answer at once; the trace stands until its last day.

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
    asked = _checked(outbreak, [case], purpose, reason, least_minutes, now)
    _not_twice(Trace.objects.filter(case=case, purpose=purpose, question=question), asked)
    store = presences.opened(outbreak)
    kept = layers_asked(asked.rules)
    if question == TraceQuestion.SECOND_RING:
        _of_infectious_time(purpose)
        kept |= {"layers": [str(Layer.VENUE), str(Layer.VEHICLE)]} | second_ring.limits(asked.rules)
    trace = _made(asked, question, by, now, case=case, area_code=case.area_code, settings=kept | (settings or {}))
    give = second_ring.answer if question == TraceQuestion.SECOND_RING else answer
    give(trace, store, cause=TraceCause.ASKED, by=by, now=now)
    return trace


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
    asked = _checked(outbreak, chosen, purpose, reason, None, now)
    _of_infectious_time(purpose)
    facts = {"cases": [case.pk for case in chosen], "settings__since": since.isoformat() if since else None}
    _not_twice(
        Trace.objects.filter(outbreak=outbreak, purpose=purpose, question=TraceQuestion.HOTSPOTS, **facts), asked
    )
    store = presences.opened(outbreak)
    kept = layers_asked(asked.rules) | {"since": facts["settings__since"]} | (settings or {})
    trace = _made(
        asked, TraceQuestion.HOTSPOTS, by, now, cases=facts["cases"],
        area_code=shared_area(case.area_code for case in chosen), settings=kept,
    )  # fmt: skip
    hotspot_answers.answer(trace, store, cause=TraceCause.ASKED, by=by, now=now)
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
    asked = _checked(outbreak, chosen, TracePurpose.FIND_SOURCE, reason, least_minutes, now)
    store = presences.opened(outbreak)
    trace = _made(
        asked, TraceQuestion.COMMON_SOURCE, by, now, cases=[case.pk for case in chosen],
        area_code=shared_area(case.area_code for case in chosen), settings={"span_hours": span_hours},
    )  # fmt: skip
    common_answers.answer(trace, store, cause=TraceCause.ASKED, by=by, now=now)
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


@transaction.atomic
def to_contacts(*, trace: Trace, matches: Sequence[TraceMatch], by: Account, now: datetime) -> list[Contact]:
    """
    Make contacts of people whom a trace found at venues or in vehicles, all or none; return the new ones.

    Who met a contact becomes a secondary contact. Raise OnlyInvited where a match of a cell is among them,
    NobodyKnown where the register does not know one, NoSecondRing where the edition looks for no secondary contacts
    any more, or the door's refusal.
    """
    access.require(by, Right.CONTACT_TRACE, area_code=trace.area_code)
    if any(one.tier == Tier.SECOND_RING for one in matches):
        second_ring.require(outbreaks.rules_at(trace.outbreak, now, area_code=trace.area_code))
    invited = [one for one in matches if may_only_be_invited(Layer(one.layer), Tier(one.tier))]
    if invited:
        raise OnlyInvited(count=len({one.token for one in invited}))
    unknown = {one.token for one in matches if one.person_id is None}
    if unknown:
        raise NobodyKnown(count=len(unknown))
    ill = set(Case.objects.filter(outbreak=trace.outbreak).standing().values_list("person_id", flat=True))
    entries = [
        ContactEntry(
            person=one.person,
            kind=ContactKind.SECONDARY if one.tier == Tier.SECOND_RING else ContactKind.CLOSE,
            source=SOURCE,
            index_case=trace.case,
            last_exposure_date=trace.outbreak.day_of(one.last_at),
        )
        for one in matches
        if one.person_id not in ill
    ]
    fresh = add_contacts(outbreak=trace.outbreak, entries=entries, by=by, now=now)
    journal.write("trace.contacts_made", trace, by=by, at=now, number=trace.number, chosen=len(entries), new=len(fresh))
    return fresh


def _checked(
    outbreak: Outbreak, cases: Sequence[Case], purpose: TracePurpose, reason: str, least: float | None, now: datetime
) -> _Asked:
    outbreaks.require_open(outbreak)
    if not reason.strip():
        raise ReasonMissing
    minutes = LEAST_MINUTES if least is None else least
    if not SHORTEST <= minutes <= LONGEST:
        raise MinutesOutside(minutes=minutes, shortest=SHORTEST, longest=LONGEST)
    windows = [_window(outbreak, case, purpose, now) for case in cases]
    widest = CaseWindow(
        begins_at=min(one.begins_at for one in windows),
        ends_at=max(one.ends_at for one in windows),
        last_date=max(one.last_date for one in windows),
        is_set_apart=all(one.is_set_apart for one in windows),
    )
    rules = outbreaks.rules_at(outbreak, now, area_code=shared_area(case.area_code for case in cases))
    return _Asked(outbreak, purpose, reason.strip()[:LONGEST_REASON], minutes, rules, widest)


def _window(outbreak: Outbreak, case: Case, purpose: TracePurpose, now: datetime) -> CaseWindow:
    return window_of(case, purpose, outbreaks.rules_at(outbreak, now, area_code=case.area_code), now=now)


def _of_infectious_time(purpose: TracePurpose) -> None:
    if purpose == TracePurpose.FIND_SOURCE:
        raise NotOfInfectiousTime


def _not_twice(alike: QuerySet[Trace], asked: _Asked) -> None:
    standing = alike.filter(closed_at=None)
    twin = standing.filter(least_minutes=asked.least_minutes).order_by("-last_date").first()
    if twin is not None and twin.last_date >= asked.window.last_date:
        raise AskedAlready(number=twin.number, last_date=twin.last_date)


def _made(asked: _Asked, question: TraceQuestion, by: Account | None, now: datetime, **facts: Any) -> Trace:
    settings = {"is_set_apart": asked.window.is_set_apart, "basis": basis_of(asked.rules, asked.purpose, question)}
    settings |= facts.pop("settings")
    trace = Trace.objects.create(
        outbreak=asked.outbreak,
        number=f"T{Trace.objects.filter(outbreak=asked.outbreak).count() + 1:04}",
        question=question,
        purpose=asked.purpose,
        reason=asked.reason,
        begins_at=asked.window.begins_at,
        ends_at=asked.window.ends_at,
        last_date=asked.window.last_date,
        least_minutes=asked.least_minutes,
        settings=settings,
        protocol=asked.rules.source,
        asked_at=now,
        asked_by=journal.actor_name(by),
        **facts,
    )
    journal.write(
        "trace.asked", trace, by=by, at=now, protocol=trace.protocol, number=trace.number, purpose=str(asked.purpose),
        question=str(question), last_date=trace.last_date.isoformat(),
    )  # fmt: skip
    return trace


def shared_area(codes: Iterable[str]) -> str:
    """Give the smallest area that holds all of these."""
    shared = commonprefix(list(codes))
    digits = max((one for one in (0, *LEVEL_OF_DIGITS) if one <= len(shared)), default=0)
    return shared[:digits]
