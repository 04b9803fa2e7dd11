"""
How much must pass outside households for an outbreak to spread as fast as it does: a factor fitted to Rt.

How often people meet today is not known; the present reproduction number is. So the factor is read from a few trial
runs under the measures of today.
"""

from dataclasses import replace

import numpy as np

from sizao.engines.simulation import rng
from sizao.engines.simulation.comparing import Question, begun, ready_city
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.responder import Responder
from sizao.engines.simulation.rng import Floats

FACTORS = np.array([0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0])
FIRST, COHORT_DAYS, FOLLOWED_DAYS = 150, 5, 16
LEAST_SHARE = 2000  # so many people for each of the first infected, that they do not run out of others


def reproduction(
    question: Question, policy: Policy, *, at: Floats = FACTORS, seeds: range = range(3), enough: float = np.inf
) -> Floats:
    """
    Find the reproduction number of a policy at rising factors: how many the infected of some days go on to infect.

    Counted over those whom the first infected (on day 0, anywhere) infect in the first days, followed for two weeks.
    Where `enough` is passed, greater factors are not tried and are said to give as much.
    """
    place, ready = ready_city(question)
    short = replace(question, days=COHORT_DAYS + FOLLOWED_DAYS)
    found = np.zeros((len(at), len(seeds)))
    for row, factor in enumerate(at.tolist()):
        if row and found[row - 1].mean() > enough:
            break
        for column, seed in enumerate(seeds):
            outbreak = begun(short, place, ready, seed, mixing=factor, engine="numba")
            responder = Responder(outbreak, policy, days=short.days)
            first = min(FIRST, max(question.city.people // LEAST_SHARE, 10))
            drawn = rng.words(rng.stream(seed, "matching: first"), np.arange(first), 0)
            outbreak.infect(rng.below(drawn, question.city.people))
            for day in range(short.days):
                responder.step(day)
            ledger = outbreak.ledger
            cohort = ledger.person[ledger.day < COHORT_DAYS]
            found[row, column] = np.isin(ledger.infector, cohort).sum() / len(cohort)
    grown: Floats = np.maximum.accumulate(found.mean(axis=1))
    return grown


def factors(question: Question, policy: Policy, wanted: Floats) -> tuple[Floats, Floats]:
    """Give the factor for each reproduction number wanted, and the numbers that are reached at the ends of FACTORS."""
    reached = reproduction(question, policy, enough=float(wanted.max()))
    rising = reached + np.arange(len(reached)) * 1e-9  # flat stretches have one answer
    return np.interp(wanted, rising, FACTORS), reached[[0, -1]]
