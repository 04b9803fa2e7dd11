"""What every question to the presences is checked for before it is asked, and how it is written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from os.path import commonprefix
from typing import Any

from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import journal
from sizao.records.models import Account, Case, Outbreak, Trace
from sizao.response import outbreaks
from sizao.response.tracing.asked_layers import basis_of
from sizao.response.tracing.windows import CaseWindow, window_of
from sizao.terms import LEVEL_OF_DIGITS, TracePurpose, TraceQuestion

# A meeting counts from so many minutes on, where nobody asks otherwise: as long as the one local rule that was found
# says (S24). A shorter meeting may infect too; whoever asks may ask for it.
LEAST_MINUTES = 10.0
SHORTEST, LONGEST = 1.0, 24 * 60.0
LONGEST_REASON = 500


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


class NotOfInfectiousTime(SizaoError):
    code = "trace.purpose_unfit"
    message = (
        "Contacts of contacts, and places of infectious time, say nothing of where a case caught it. Choose another "
        "purpose, or ask for companions or a common source."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What all questions have in common, checked."""

    outbreak: Outbreak
    purpose: TracePurpose
    reason: str
    least_minutes: float
    rules: Rules
    window: CaseWindow


def checked(
    outbreak: Outbreak, cases: Sequence[Case], purpose: TracePurpose, reason: str, least: float | None, now: datetime
) -> Asked:
    """
    Check what all questions have in common, and say which window and rules they have.

    Raise OutbreakClosed, ReasonMissing, MinutesOutside, NotConfirmed or TracesNobody.
    """
    outbreaks.require_open(outbreak)
    if not reason.strip():
        raise ReasonMissing
    minutes = LEAST_MINUTES if least is None else least
    if not SHORTEST <= minutes <= LONGEST:
        raise MinutesOutside(minutes=minutes, shortest=SHORTEST, longest=LONGEST)
    rules, window = widest(outbreak, cases, purpose, now)
    return Asked(outbreak, purpose, reason.strip()[:LONGEST_REASON], minutes, rules, window)


def widest(
    outbreak: Outbreak, cases: Sequence[Case], purpose: TracePurpose, now: datetime
) -> tuple[Rules, CaseWindow]:  # fmt: skip
    """
    Give the rules for some cases together, and the window that holds all of theirs.

    Raise NotConfirmed or TracesNobody, for any of them.
    """
    windows = [_window(outbreak, case, purpose, now) for case in cases]
    rules = outbreaks.rules_at(outbreak, now, area_code=shared_area(case.area_code for case in cases))
    return rules, CaseWindow(
        begins_at=min(one.begins_at for one in windows),
        ends_at=max(one.ends_at for one in windows),
        last_date=max(one.last_date for one in windows),
        is_set_apart=all(one.is_set_apart for one in windows),
    )


def _window(outbreak: Outbreak, case: Case, purpose: TracePurpose, now: datetime) -> CaseWindow:
    return window_of(case, purpose, outbreaks.rules_at(outbreak, now, area_code=case.area_code), now=now)


def of_infectious_time(purpose: TracePurpose) -> None:
    """Refuse a question about infectious time whose purpose is the source. Raise NotOfInfectiousTime."""
    if purpose == TracePurpose.FIND_SOURCE:
        raise NotOfInfectiousTime


def not_twice(alike: QuerySet[Trace], asked: Asked) -> None:
    """Refuse what stands already. Raise AskedAlready."""
    standing = alike.filter(closed_at=None)
    twin = standing.filter(least_minutes=asked.least_minutes).order_by("-last_date").first()
    if twin is not None and twin.last_date >= asked.window.last_date:
        raise AskedAlready(number=twin.number, last_date=twin.last_date)


def made(asked: Asked, question: TraceQuestion, by: Account | None, now: datetime, **facts: Any) -> Trace:
    """Write a question down, with what it rests on; it is journalled."""
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
