"""
What clean rounds say: how many infected people can still be there, and how likely it is that nobody is.

An infected person is missed in a round when not swabbed, or swabbed and not found. Rounds are independent but for
those who are never swabbed. The rules are those of surveys for freedom from disease (Cameron and Baldock 1998, Prev
Vet Med 34:1; Martin, Cameron and Greiner 2007, Prev Vet Med 79:71), for a number of people instead of a design
prevalence.

What is not in here: who is infected after a round, or too early before it to be found, is not missed by it. Rounds that
lie days apart do not prove that nothing spreads between them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sizao.engines.sampling.pooled_test import Floats, share
from sizao.errors import SizaoError


class NoRounds(SizaoError):
    code = "sampling.no_rounds"
    message = "No round was told. Give coverage and sensitivity of one clean round or more."


class NeverSwabbedTooMany(SizaoError):
    code = "sampling.never_swabbed_too_many"
    message = (
        "{share:.1%} are never swabbed, and round {round} reached {coverage:.1%}. Both cannot be: correct the "
        "smaller one."
    )


@dataclass(frozen=True, slots=True)
class Freedom:
    """
    What clean rounds say.

    `missed` is the chance that one infected person was found by none of them. `fewer_than` infected people are there
    with the confidence asked for: so many would have been found; None where rounds find nobody. `free` and
    `expected` are for infections whose number beforehand was Poisson with the mean given: the chance that there
    is none left, and how many are to be expected; NaN without that mean.
    """

    missed: float
    fewer_than: int | None
    free: float
    expected: float


def freedom(
    coverage: Floats,
    sensitivity: Floats,
    *,
    never_swabbed: float = 0.0,
    confidence: float = 0.95,
    expected_before: float | None = None,
) -> Freedom:
    """
    Say what rounds without any positive mean; one entry of both arrays a round.

    `coverage` is the share of people swabbed, `sensitivity` the chance that an infected person who was swabbed is
    found, `never_swabbed` the share of people that no round reaches (part of those whom each round misses). People
    swabbed are taken as drawn by chance; drawn without putting back they say a little more. Raise NoRounds,
    NotAShare, NeverSwabbedTooMany.
    """
    missed = missed_by_all(coverage, sensitivity, never_swabbed=never_swabbed)
    share("The confidence", confidence)
    fewer_than: int | None = None
    if missed == 0:
        fewer_than = 1
    elif missed < 1:
        fewer_than = max(1, int(np.ceil(np.log1p(-confidence) / np.log(missed) - 1e-9)))
    if expected_before is None:
        return Freedom(missed, fewer_than, float("nan"), float("nan"))
    return Freedom(missed, fewer_than, float(np.exp(-expected_before * missed)), expected_before * missed)


def missed_by_all(coverage: Floats, sensitivity: Floats, *, never_swabbed: float = 0.0) -> float:
    """Give the chance that an infected person is found by none of the rounds."""
    coverage, sensitivity = (np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (coverage, sensitivity))
    if not len(coverage):
        raise NoRounds
    for name, values in (("A coverage", coverage), ("A sensitivity", sensitivity)):
        for value in values:
            share(name, float(value))
    share("The share never swabbed", never_swabbed)
    short = np.flatnonzero(coverage > 1 - never_swabbed + 1e-12)
    if len(short):
        raise NeverSwabbedTooMany(share=never_swabbed, round=int(short[0]) + 1, coverage=float(coverage[short[0]]))
    if never_swabbed == 1:
        return 1.0
    of_the_others = np.prod(1 - coverage / (1 - never_swabbed) * sensitivity)
    return float(never_swabbed + (1 - never_swabbed) * of_the_others)


def rounds_needed(coverage: float, sensitivity: float, *, most_infected: int, confidence: float = 0.95,
                  never_swabbed: float = 0.0) -> int | None:  # fmt: skip
    """
    Count the clean rounds after which fewer than `most_infected` can be there; None where no number is enough.

    All rounds have the same coverage and sensitivity.
    """
    allowed = (1 - confidence) ** (1 / most_infected)
    if allowed <= never_swabbed:
        return None
    one = coverage / (1 - never_swabbed) * sensitivity
    if one <= 0:
        return None
    if one >= 1:
        return 1
    left = (allowed - never_swabbed) / (1 - never_swabbed)
    return max(1, int(np.ceil(np.log(left) / np.log1p(-one) - 1e-9)))


def chance_of_none_found(infected: int, *, people: int, swabbed: int, sensitivity: float) -> float:
    """
    Give the exact chance that one round finds nobody of `infected`, people swabbed drawn without putting back.

    What `freedom` leaves out in favour of caution: it is never larger than (1 − coverage × sensitivity)^infected.
    """
    share("The sensitivity", sensitivity)
    k = np.arange(infected + 1)
    return float((stats.hypergeom.pmf(k, people, infected, swabbed) * (1 - sensitivity) ** k).sum())
