"""From a question as it was written down to runs of the simulated city, and from these to the answer that is kept."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sizao.drill import variants
from sizao.engines.simulation import city, matching, starting
from sizao.engines.simulation.comparing import BY_DAY, OUTCOMES, Answer, Question, chance, compare, difference, interval
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.starting import Known, Start
from sizao.response.reports.what_if_situation import LEVELS

if TYPE_CHECKING:
    from sizao.records.models import WhatIf

# Situations drawn; each run takes one, so that all policies meet the same ones.
DRAWS = 400
SEED = 20_200_123
# A run that grows so great is stopped: whether 30,000 or a million, the policy has failed.
STOP_AT = 30_000
BAND = (0.1, 0.5, 0.9)


def work_out(question: "WhatIf", *, told: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Work out a question: match how much people meet to the reproduction number of today, then run all policies."""
    asked, today, policies, ends = prepared(question)
    answers = compare(asked, policies, seeds=range(question.settings["runs"]), told=told)
    assert asked.start is not None
    return {
        "policies": [_plain(answer, answers[0]) for answer in answers],
        "people": asked.city.people,
        "unseen": _quantiles(asked.start.unseen.sum(axis=1)),
        "mixing": _quantiles(asked.start.mixing),
        "reached": [float(end) for end in ends],
        "today": {key: getattr(today, key) for key in ("testing", "result_days", "trace_days", "quarantine_days")},
        "stop_at": STOP_AT,
    }


def prepared(question: "WhatIf") -> tuple[Question, Policy, list[Policy], tuple[float, float]]:
    """Build city and start; give the question, today's measures, the policies, and how far Rt can be matched."""
    situation, settings = question.situation, question.settings
    disease = variants.read(settings["variant"])
    counties = sorted((int(code), people, cases) for code, people, cases, _ in situation["counties"])
    codes, population, cases = zip(*counties, strict=True)
    built = city.build(starting.county_areas(codes, population), seed=1)
    known = Known(
        onsets=np.array(situation["onsets"], float),
        missing=np.array(situation["missing"], float),
        levels=np.array(LEVELS),
        not_found=np.array(situation["not_found"], float),
        reproduction=np.array(situation["reproduction"], float),
        interval=np.array(situation["interval"], float),
    )
    unseen, first_day, reproduction = starting.draws(known, disease, n=DRAWS, seed=SEED)
    today = _policy("today", settings["today"])
    villages = settings.get("villages", False)
    bare = Question(built, disease, days=settings["days"], villages=villages)
    mixing, reached = matching.factors(bare, today, reproduction)
    start = Start(
        unseen=unseen,
        first_day=first_day,
        kept=situation["kept"],
        found_onsets=np.array(situation["found_onsets"], np.int64),
        zones=starting.zones_of_counties(built, codes),
        weights=np.array(cases, float),
        mixing=mixing,
        rooms=np.array(situation["rooms"], np.int64),
    )
    over_by = (date.fromisoformat(settings["over_by"]) - question.date).days
    asked = Question(
        built,
        disease,
        days=settings["days"],
        zero_by=over_by,
        villages=villages,
        start=start,
        stop_at=min(STOP_AT, built.people // 2),
    )
    policies = [
        _policy(str(number), {**settings["today"], **one["values"]}) for number, one in enumerate(question.policies)
    ]
    return asked, today, policies, (float(reached[0]), float(reached[1]))


def _policy(name: str, values: dict[str, Any]) -> Policy:
    return Policy(name, **{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


def _plain(answer: Answer, first: Answer) -> dict[str, Any]:
    apart = difference(answer, first)
    days = {name: np.quantile(answer.by_day[:, row], BAND, axis=0) for row, name in enumerate(BY_DAY)}
    days["found_so_far"] = np.quantile(np.cumsum(answer.by_day[:, BY_DAY.index("found")], axis=1), BAND, axis=0)
    return {
        "outcomes": {name: list(interval(getattr(answer, name))) for name in OUTCOMES},
        "zero": list(chance(answer.zero)),
        "ratio": None if answer is first else [apart.mean_ratio, apart.low, apart.high],
        "stopped": float(answer.stopped.mean()),
        "by_day": {name: [[round(float(one), 2) for one in row] for row in rows] for name, rows in days.items()},
    }


def _quantiles(values: np.ndarray) -> list[float]:
    return [float(one) for one in np.quantile(values, BAND)]
