"""
Which scope and which next round: street by street, by the edition's rules, from rounds that were closed and from cases.

Proposed and never ordered: a named person plans the round, over the streets that this names or over others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from sizao.engines.sampling.next_rounds import NEVER, clean_rounds, next_rounds, scope
from sizao.protocol import Value, basis
from sizao.protocol.testing_rounds import round_rule
from sizao.records.models import Account, Case, Outbreak, TestingRound
from sizao.response import outbreaks
from sizao.response.testing import coverage, rounds
from sizao.terms import AREA_DIGITS, AreaLevel, NextRound, RoundScope

STREET, COUNTY = AREA_DIGITS[AreaLevel.STREET], AREA_DIGITS[AreaLevel.COUNTY]
RECENT = timedelta(days=14)  # for which a case makes a street affected, as in the rules of streets


@dataclass(frozen=True, slots=True)
class Street:
    """A street with what was found there, and when it is tested next; `round_id` None where no round was held yet."""

    code: str
    positives: int
    clean: int
    last_case: date | None
    next_date: date | None
    reason: NextRound
    in_scope: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the edition says of the next round: its reach, its streets, and the values it rests on."""

    scope: RoundScope
    streets: Sequence[Street]
    decided_by: str | None
    basis: list[dict[str, Any]] = field(default_factory=list)
    unused: tuple[str, ...] = ()


def propose(
    outbreak: Outbreak, account: Account, *, as_of: datetime, source_unknown: bool, chain_known: bool
) -> Proposal:
    """
    Propose streets and days from what was known at a moment.

    `source_unknown` and `chain_known` are what the investigators say. What waits for confirmation is not used, and
    is told. A round counts for all streets on the day it was opened; a street it did not reach found nothing in it.
    """
    rules = outbreaks.rules_at(outbreak, as_of, area_code=account.area_code)
    cited: list[dict[str, Any]] = []
    unused: list[str] = []

    def ask(key: str) -> Value:
        value = rules.value(key)
        if rules.awaits_confirmation(value):
            unused.append(key)
            return replace(value, value=None)
        cited.append(basis.entry(value, gives="next_round"))
        return value

    rule = round_rule(rules, ask=ask)
    held = _held(outbreak, account, as_of)
    codes, positives = _found(held, account, as_of)
    last = _last_cases(outbreak, account, as_of)
    codes = sorted({*codes, *last})
    if not codes:
        return Proposal(RoundScope.NONE, (), rule.city_wide_decided_by, cited, tuple(unused))
    days = np.array([outbreak.day_of(one[0].opened_at).toordinal() for one in held], np.int64)
    counts = np.array([[one.get(code, 0) for one in positives] for code in codes], np.int64).reshape(len(codes), -1)
    cases = np.array([last[code].toordinal() if code in last else NEVER for code in codes], np.int64)
    today = outbreak.day_of(as_of).toordinal()
    steps = next_rounds(
        rule, round_days=days, positives=counts, last_case_day=cases, today=today, source_unknown=source_unknown
    )
    affected = (counts[:, today - days < RECENT.days] > 0).any(axis=1)
    affected |= (cases != NEVER) & (today - cases < RECENT.days)
    counties = np.unique([code[:COUNTY] for code in codes], return_inverse=True)[1]
    word, inside = scope(
        rule=rule, affected=affected, county=counties, chain_known=chain_known, wide_from_counties=None
    )
    streets = [
        Street(
            code, int(counts[n].sum()), clean_rounds(counts[n]) if len(days) else 0, last.get(code),
            None if step.next_day is None else date.fromordinal(step.next_day), step.reason, bool(inside[n]),
        )
        for n, (code, step) in enumerate(zip(codes, steps, strict=True))
    ]  # fmt: skip
    return Proposal(word, streets, rule.city_wide_decided_by, cited, tuple(unused))


def _held(outbreak: Outbreak, account: Account, as_of: datetime) -> list[tuple[TestingRound, date]]:
    """Give the rounds by area that were closed by then, one a day, in order."""
    found = rounds.rounds(account).filter(outbreak=outbreak, key_group__isnull=True, closed_at__lte=as_of)
    by_day: dict[date, TestingRound] = {}
    for one in found.order_by("opened_at", "pk"):
        by_day[timezone.localtime(one.opened_at).date()] = one
    return [(one, day) for day, one in sorted(by_day.items())]


def _found(
    held: Sequence[tuple[TestingRound, date]], account: Account, as_of: datetime
) -> tuple[set[str], list[dict[str, int]]]:
    """Count by street the people found positive by a tube of their own, round by round."""
    codes: set[str] = set()
    positives = []
    for one, _ in held:
        areas = coverage.by_area(one, as_of=as_of, digits=STREET, within=account.area_code)
        streets = {code: figures for code, figures in areas.items() if len(code) == STREET}
        codes |= streets.keys()
        positives.append({code: figures.positive for code, figures in streets.items()})
    return codes, positives


def _last_cases(outbreak: Outbreak, account: Account, as_of: datetime) -> dict[str, date]:
    rows = Case.objects.standing().known_at(as_of).filter(outbreak=outbreak).within(account.area_code)
    latest: dict[str, date] = {}
    for code, opened_at in rows.values_list("area_code", "opened_at").order_by("opened_at"):
        if len(code) >= STREET:
            latest[code[:STREET]] = outbreak.day_of(opened_at)
    return latest
