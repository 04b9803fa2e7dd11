"""
Questions to the simulated city: asked on a screen, worked out by a process of its own, kept with all they follow from.

Whoever answers (`sizao answer`) takes a question, tells how far it is, and hands the answer in. This room never looks
into the city: it writes down what is known, and reads what came out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, Outbreak, WhatIf
from sizao.response.reports import what_if_situation
from sizao.response.reports.what_if_levers import values_of
from sizao.terms import Lever, Variant, WhatIfState

# A question whose worker was not heard of for so long is taken again: it died.
SILENT_MINUTES = 15
MOST_POLICIES, LEAST_RUNS, MOST_RUNS = 8, 10, 200
LEAST_DAYS, MOST_DAYS = 14, 90
NAME_LENGTH = 60


class NothingToCompare(SizaoError):
    code = "what_if.nothing.unreadable"
    message = "Choose two policies or more, up to {most}: one alone says nothing about another."


class RunsOutside(SizaoError):
    code = "what_if.runs.unreadable"
    message = (
        "{runs} runs of {days} days cannot be worked out. Ask for {least} to {most} runs of {first} to {last} days."
    )


class AskedAlready(SizaoError):
    code = "what_if.asked_already"
    message = "Your question of {asked_at:%Y-%m-%d %H:%M} is not answered yet. Wait for it, then ask the next one."


@dataclass(frozen=True, slots=True)
class Asked:
    """One policy of a question: which lever it is, its name where it is one's own, and the keys it changes."""

    lever: Lever
    name: str = ""
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How a question is worked out: the variant, days ahead, runs of each policy, the last day of infections, and whether
    people live as in villages of the plain.
    """

    variant: Variant
    days: int
    runs: int
    over_by: date
    villages: bool = False


@transaction.atomic
def ask(
    *,
    outbreak: Outbreak,
    area_code: str,
    day: date,
    as_of: datetime,
    policies: Sequence[Asked],
    changes: Mapping[str, Any],
    settings: Settings,
    by: Account,
    now: datetime,
) -> WhatIf:
    """
    Write down a question with the situation of a day; `changes` are what an officer knows better of today's measures.

    Raise NothingToCompare, RunsOutside, AskedAlready, or what reading the situation raises.
    """
    _check(policies, settings)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one question at a time
    waiting = open_ones().filter(outbreak=outbreak, asked_by=by.username).first()
    if waiting is not None:
        raise AskedAlready(asked_at=waiting.asked_at)
    situation, today = what_if_situation.read(outbreak, area_code, day=day, as_of=as_of)
    today = {**today, **changes}
    found = WhatIf.objects.create(
        outbreak=outbreak,
        area_code=area_code,
        date=day,
        as_of=as_of,
        asked_at=now,
        asked_by=by.username,
        situation=situation.plain(),
        policies=[_plain(policy, today) for policy in policies],
        settings={
            "variant": str(settings.variant),
            "days": settings.days,
            "runs": settings.runs,
            "over_by": settings.over_by.isoformat(),
            "villages": settings.villages,
            "today": today,
        },
        runs=len(policies) * settings.runs,
    )
    journal.write("what_if.asked", found, by=by, at=now, policies=len(policies), runs=settings.runs)
    return found


def _check(policies: Sequence[Asked], settings: Settings) -> None:
    if not 2 <= len(policies) <= MOST_POLICIES:
        raise NothingToCompare(most=MOST_POLICIES)
    if not (LEAST_RUNS <= settings.runs <= MOST_RUNS and LEAST_DAYS <= settings.days <= MOST_DAYS):
        raise RunsOutside(
            runs=settings.runs, days=settings.days, least=LEAST_RUNS, most=MOST_RUNS, first=LEAST_DAYS, last=MOST_DAYS
        )


def _plain(policy: Asked, today: Mapping[str, Any]) -> dict[str, Any]:
    values = policy.values if policy.lever is Lever.OWN else values_of(policy.lever, today)
    return {"lever": str(policy.lever), "name": policy.name[:NAME_LENGTH], "values": dict(values or {})}


def open_ones() -> QuerySet[WhatIf]:
    """Give the questions that wait for an answer."""
    return WhatIf.objects.filter(answered_at__isnull=True, fault="")


@transaction.atomic
def take(*, by: Account | None, now: datetime) -> WhatIf | None:
    """Take the question that has waited longest, or whose worker fell silent; None where there is none."""
    silent = Q(begun_at__lt=now - timedelta(minutes=SILENT_MINUTES))
    waiting = open_ones().filter(Q(begun_at__isnull=True) | silent)
    found = waiting.select_for_update(skip_locked=True).order_by("pk").first()
    if found is None:
        return None
    found.begun_at, found.done = now, 0
    found.save(update_fields=["begun_at", "done"])
    journal.write("what_if.begun", found, by=by, at=now)
    return found


def tell(*, question: WhatIf, done: int, by: Account | None, now: datetime) -> None:  # noqa: ARG001 — nobody acts, by rule
    """Say how many runs are done, which also says that the worker lives."""
    WhatIf.objects.filter(pk=question.pk, answered_at__isnull=True).update(done=min(done, question.runs), begun_at=now)


@transaction.atomic
def answer(*, question: WhatIf, found: Mapping[str, Any], by: Account | None, now: datetime) -> WhatIf:
    """Hand an answer in; it is never changed afterwards."""
    kept = WhatIf.objects.select_for_update().get(pk=question.pk)
    if kept.answered_at is not None:
        return kept
    kept.answer, kept.answered_at, kept.done = dict(found), now, kept.runs
    kept.save(update_fields=["answer", "answered_at", "done"])
    journal.write("what_if.answered", kept, by=by, at=now)
    return kept


@transaction.atomic
def give_up(*, question: WhatIf, reason: str, by: Account | None, now: datetime) -> None:
    """Write down why a question could not be worked out."""
    WhatIf.objects.filter(pk=question.pk, answered_at__isnull=True).update(fault=reason[:1000] or "?")
    journal.write("what_if.given_up", question, by=by, at=now)


# The variant that went round from a day on; whoever asks may know better.
_VARIANTS = (
    (date(2022, 10, 1), Variant.BF7),
    (date(2022, 3, 1), Variant.BA2),
    (date(2021, 5, 21), Variant.DELTA),
)


def likely_variant(day: date) -> Variant:
    """Say which variant went round in China on a day."""
    return next((variant for first, variant in _VARIANTS if day >= first), Variant.ANCESTRAL)


def state_of(question: WhatIf) -> WhatIfState:
    """Say how far a question is."""
    if question.fault:
        return WhatIfState.FAILED
    if question.answered_at is not None:
        return WhatIfState.ANSWERED
    return WhatIfState.WAITING if question.begun_at is None else WhatIfState.RUNNING
