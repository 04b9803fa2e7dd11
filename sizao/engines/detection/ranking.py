"""
Put the few real alerts before the many that are nothing.

Published systems follow up hundreds of alerts for each true lead (0.2 to 1.2 % are true). A score adds up, as
powers of ten of the odds that an alert is true:

- the prior: how often this rule led to something before, learnt by Beta and binomial from alerts that were
  settled, and held near the published 0.7 % until there are enough of them;
- the evidence of the combined p-value: the most that it can multiply the odds by, −1 / (e p ln p) (Sellke, Bayarri
  and Berger 2001, The American Statistician 55:62), and no more than a millionfold, since a p of 1e-30 says that
  the model is wrong rather than that the alert is right;
- breadth: each further group of people, goods and places that alarms;
- growth: how many times further above expectation a stream is on its latest alarm than on its earliest.

The score orders; its weights for breadth and growth are judgements, and it is no probability.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import e, log, log10

import numpy as np

from sizao.engines.detection.trigger import Story, StreamDay

TRUE_LEADS_BEFORE, FALSE_LEADS_BEFORE = 0.7, 99.3  # worth a hundred alerts at the middle of what was published
MOST_FROM_P = 6.0
BREADTH = 0.5  # a further group multiplies the odds by about three
MOST_FROM_GROWTH = 1.0  # tenfold at most, either way


@dataclass(frozen=True, slots=True)
class Leads:
    """What became of the earlier alerts of a rule: how many were settled, how many of these were true."""

    settled: int
    true: int


@dataclass(frozen=True, slots=True)
class Score:
    """The parts of a score, each in powers of ten of the odds, so that a screen can say why."""

    prior: float
    evidence: float
    breadth: float
    growth: float

    @property
    def total(self) -> float:
        return self.prior + self.evidence + self.breadth + self.growth


def ranked(told: Iterable[Story], history: Mapping[str, Leads]) -> tuple[tuple[Story, Score], ...]:
    """Order stories by score, the most urgent first; ties by latest day, then by area."""
    scored = [(story, score_of(story, history)) for story in told]
    return tuple(sorted(scored, key=lambda pair: (-pair[1].total, -pair[0].last_day.toordinal(), pair[0].area)))


def score_of(story: Story, history: Mapping[str, Leads]) -> Score:
    """Score one story. A rule without history has the published prior; of several rules the best counts."""
    priors = [prior_of(history.get(rule, Leads(settled=0, true=0))) for rule in story.rules]
    return Score(
        prior=max(log10(chance / (1 - chance)) for chance in priors),
        evidence=evidence_of(story.p_value),
        breadth=BREADTH * (len(story.groups) - 1),
        growth=growth_of(story.alarms),
    )


def prior_of(leads: Leads) -> float:
    """Give the chance that an alert of a rule is true: the mean of a Beta distribution, learnt from its leads."""
    return (TRUE_LEADS_BEFORE + leads.true) / (TRUE_LEADS_BEFORE + FALSE_LEADS_BEFORE + leads.settled)


def evidence_of(p_value: float) -> float:
    """
    Give the powers of ten by which a p-value can raise the odds at most.

    Zero from 1/e up, and for NaN, which says nothing.
    """
    if np.isnan(p_value) or p_value >= 1 / e:
        return 0.0
    return min(MOST_FROM_P, -log10(-e * p_value * log(p_value)))


def growth_of(alarms: Iterable[StreamDay]) -> float:
    """
    Give the powers of ten by which streams rose above expectation from their first alarm to their last.

    The mean over the streams that alarmed on two days or more; a stream whose expectation is unknown or zero counts
    by its counts alone. Zero when no stream alarmed twice.
    """
    of_stream: dict[int, list[StreamDay]] = defaultdict(list)
    for said in alarms:
        of_stream[said.stream].append(said)
    rises = []
    for days in of_stream.values():
        first, last = min(days, key=lambda said: said.day), max(days, key=lambda said: said.day)
        if first.day < last.day:
            rises.append(_excess(last, first) - _excess(first, last))
    if not rises:
        return 0.0
    return float(np.clip(np.mean(rises), -MOST_FROM_GROWTH, MOST_FROM_GROWTH))


def _excess(said: StreamDay, beside: StreamDay) -> float:
    """How far a count lies above expectation, in powers of ten; above nothing where either day has none."""
    known = all(one.expected > 0 for one in (said, beside))
    return log10((said.count + 0.5) / (said.expected + 0.5 if known else 1.0))
