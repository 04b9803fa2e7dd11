"""
Which areas are tested again, when, and how far a round reaches.

All numbers are arguments (`RoundRule`): they belong to the edition in force. What an edition does not say is None,
and is told as such, never guessed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.sampling.pooled_test import Ints
from sizao.errors import SizaoError
from sizao.terms import NextRound, RoundScope

Bools = NDArray[np.bool_]

# The rule of streets speaks of the last three rounds and of 14 days (guide 2 of September 2021).
RECENT_ROUNDS = 3
RECENT_DAYS = 14
NEVER = -1


class RoundsOutOfOrder(SizaoError):
    code = "sampling.rounds_out_of_order"
    message = "Round {round} is on day {day}, not after the one before it. Give rounds in the order of their days."


class RowsDiffer(SizaoError):
    code = "sampling.rows_differ"
    message = "{name} has {have} rows, and there are {need} areas. Give one row an area."


@dataclass(frozen=True, slots=True)
class RoundRule:
    """The edition's rules of rounds; None where it says nothing."""

    enabled: bool
    initial_rounds: int | None = None
    stop_after_clean: int | None = None
    confirm_gap_days: int | None = None
    recent_case_interval_days: int | None = None
    case_in_14_days_interval_days: int | None = None
    no_case_interval_days: int | None = None
    city_wide_decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """When an area is tested next, a day numbered as the others; None when it is not, or nobody says."""

    next_day: int | None
    reason: NextRound


def next_rounds(
    rule: RoundRule,
    *,
    round_days: Ints,
    positives: Ints,
    last_case_day: Ints,
    today: int,
    source_unknown: bool,
) -> list[Step]:
    """
    Say for each area when it is tested next, and why.

    `round_days` (rounds) are days of the rounds done, in order; `positives` (areas × rounds) counts infections found
    in the community, 0 in a clean round; `last_case_day` (areas) is the day of an area's latest case, NEVER without
    one. With an unknown source the first rounds come before all else. Rules of streets, where the edition has them,
    decide by recent cases; else the clean rounds do. Raise RoundsOutOfOrder, RowsDiffer.
    """
    positives = np.atleast_2d(positives)
    _check(round_days, positives, last_case_day)
    if not rule.enabled:
        return [Step(None, NextRound.NOT_BY_AREA)] * len(last_case_day)
    if len(round_days) < _first_rounds(rule, source_unknown=source_unknown):
        # Rounds before the rules of frequency follow each other daily.
        after = today if not len(round_days) else max(today, int(round_days[-1]) + 1)
        return [Step(after, NextRound.FIRST_ROUNDS)] * len(last_case_day)
    if rule.recent_case_interval_days is not None:
        return [
            _of_street(rule, round_days, found, int(last), today)
            for found, last in zip(positives, last_case_day, strict=True)
        ]
    return [_of_clean_rounds(rule, round_days, found) for found in positives]


def scope(
    *, rule: RoundRule, affected: Bools, county: Ints, chain_known: bool, wide_from_counties: int | None
) -> tuple[RoundScope, Bools]:
    """
    Say how far the next round reaches: the word, and which streets are in it.

    `affected` and `county` have one row a street. With a known chain the affected streets are tested; without, their
    counties whole. From `wide_from_counties` affected counties on the whole city is proposed, which
    `rule.city_wide_decided_by` decides; None leaves that to people.
    """
    _same(len(affected), len(county), "county")
    nowhere = np.zeros(len(affected), np.bool_)
    if not rule.enabled or not affected.any():
        return RoundScope.NONE, nowhere
    counties = np.unique(county[affected])
    if wide_from_counties is not None and len(counties) >= wide_from_counties:
        return RoundScope.CITY, ~nowhere
    if chain_known:
        return RoundScope.STREETS, affected.copy()
    return RoundScope.COUNTIES, np.isin(county, counties)


def clean_rounds(positives: Ints) -> int:
    """Count the rounds without a positive at the end of a row."""
    return int(np.argmax(positives[::-1] > 0)) if (positives > 0).any() else len(positives)


def _first_rounds(rule: RoundRule, *, source_unknown: bool) -> int:
    return max(1, (rule.initial_rounds or 1) if source_unknown else 1)


def _of_street(rule: RoundRule, round_days: Ints, found: Ints, last_case: int, today: int) -> Step:
    in_recent_rounds = bool((found[-RECENT_ROUNDS:] > 0).any()) or (
        last_case != NEVER and last_case >= int(round_days[-RECENT_ROUNDS:][0])
    )
    if in_recent_rounds:
        interval, reason = rule.recent_case_interval_days, NextRound.RECENT_CASE
    elif last_case != NEVER and today - last_case < RECENT_DAYS:
        interval, reason = rule.case_in_14_days_interval_days, NextRound.CASE_IN_14_DAYS
    else:
        interval, reason = rule.no_case_interval_days, NextRound.NO_CASE_IN_14_DAYS
    return Step(None, NextRound.NOT_SAID) if interval is None else Step(int(round_days[-1]) + interval, reason)


def _of_clean_rounds(rule: RoundRule, round_days: Ints, found: Ints) -> Step:
    if rule.stop_after_clean is None:
        return Step(None, NextRound.NOT_SAID)
    clean, last = clean_rounds(found), int(round_days[-1])
    if clean < rule.stop_after_clean:
        return Step(last + 1, NextRound.NOT_YET_CLEAN)
    if rule.confirm_gap_days is None:
        return Step(None, NextRound.DONE)
    if clean > rule.stop_after_clean and _rested(round_days, rule, clean):
        return Step(None, NextRound.DONE)
    return Step(last + rule.confirm_gap_days, NextRound.CONFIRMING)


def _rested(round_days: Ints, rule: RoundRule, clean: int) -> bool:
    """Tell whether, of the clean rounds, one came so long after the round before it that it confirms."""
    days = round_days[len(round_days) - clean :]
    after = np.diff(days)[(rule.stop_after_clean or 1) - 1 :]
    return bool((after >= (rule.confirm_gap_days or 0)).any())


def _check(round_days: Ints, positives: Ints, last_case_day: Ints) -> None:
    backwards = np.flatnonzero(np.diff(round_days) <= 0)
    if len(backwards):
        row = int(backwards[0]) + 1
        raise RoundsOutOfOrder(round=row + 1, day=int(round_days[row]))
    if len(round_days):
        _same(len(last_case_day), len(positives), "positives")
        _same(len(round_days), positives.shape[1], "positives, by round,")


def _same(need: int, have: int, name: str) -> None:
    if need != have:
        raise RowsDiffer(name=name, have=have, need=need)
