"""Which pool size: what each allowed one costs in tests and hours, and whom it misses."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from sizao.engines.sampling.pooled_test import PooledTest, check_size, found_chance, positive_chance, share
from sizao.errors import SizaoError


class NobodyToTest(SizaoError):
    code = "sampling.nobody_to_test"
    message = "{people} people are to be tested. Give a whole number from 1."


class LaboratoryTooSlow(SizaoError):
    code = "sampling.laboratory_too_slow"
    message = "A laboratory that takes {tubes} tubes an hour never ends. Give a number above 0."


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast tubes become results: tubes an hour of all laboratories, hours of a run, hours to call people back."""

    tubes_per_hour: float
    result_hours: float
    recall_hours: float

    def __post_init__(self) -> None:
        if not self.tubes_per_hour > 0:
            raise LaboratoryTooSlow(tubes=self.tubes_per_hour)


@dataclass(frozen=True, slots=True)
class PoolDesign:
    """
    What to expect of a round in tubes of `size`.

    `positive_tubes` and `recalled` are means; `_low` and `_high` end the interval of chance alone, at the prevalence
    given. `tests` are tubes and single tests after the call-back. `sensitivity` is the chance that an infected
    person who was swabbed is found; `missed` counts those who are not, `missed_by_dilution` those of them whom a
    swab of their own would have found. NaN at prevalence 0. `first_hours` is when the last tube has its result,
    `final_hours` when the last person called back has; NaN without a pace.
    """

    size: int
    tubes: int
    positive_tubes: float
    positive_tubes_low: int
    positive_tubes_high: int
    recalled: float
    recalled_low: int
    recalled_high: int
    tests: float
    sensitivity: float
    infected: float
    missed: float
    missed_by_dilution: float
    first_hours: float
    final_hours: float


def design(
    size: int,
    *,
    people: int,
    prevalence: float,
    correlation: float = 0.0,
    test: PooledTest | None = None,
    pace: Pace | None = None,
    level: float = 0.95,
) -> PoolDesign:
    """
    Work out a round of `people` in tubes of `size`; the last tube holds who is left over.

    In tubes of one nobody is called back: the result is the person's own. Raise NobodyToTest, NoSuchPoolSize,
    NotAShare.
    """
    test = test or PooledTest()
    if people < 1:
        raise NobodyToTest(people=people)
    check_size(size)
    share("The level", level)
    full, rest = divmod(people, size)
    chance = positive_chance(test, size, prevalence, correlation)
    chance_rest = positive_chance(test, rest, prevalence, correlation) if rest else 0.0
    low, high = (_tubes_quantile(q, full, chance, chance_rest) for q in ((1 - level) / 2, (1 + level) / 2))
    recalled = 0.0 if size == 1 else full * chance * size + rest * chance_rest
    called = [0 if size == 1 else min(tubes * size, people) for tubes in (low, high)]
    found = found_chance(test, size, prevalence, correlation)
    infected = people * prevalence
    tubes = full + (rest > 0)
    first, final = _hours(tubes, recalled, pace)
    return PoolDesign(
        size=size,
        tubes=tubes,
        positive_tubes=full * chance + chance_rest,
        positive_tubes_low=low,
        positive_tubes_high=high,
        recalled=recalled,
        recalled_low=called[0],
        recalled_high=called[1],
        tests=tubes + recalled,
        sensitivity=found,
        infected=infected,
        missed=infected * (1 - found) if infected else 0.0,
        missed_by_dilution=infected * (test.sensitivity - found) if infected else 0.0,
        first_hours=first,
        final_hours=final,
    )


def recommended(designs: Sequence[PoolDesign], *, test: PooledTest | None = None, most_lost: float = 0.1) -> PoolDesign:
    """
    Choose among the sizes an edition allows: the fewest tests of those that keep enough sensitivity.

    `most_lost` is the share of what single swabs would find that dilution may lose. Where no size keeps so much, the
    smallest is chosen; of two with as many tests, the smaller. Raise NoSuchPoolSize when there is none to choose.
    """
    alone = (test or PooledTest()).sensitivity
    if not designs:
        check_size(0)
    kept = [one for one in designs if math.isnan(one.sensitivity) or one.sensitivity >= (1 - most_lost) * alone - 1e-12]
    if not kept:
        return min(designs, key=lambda one: one.size)
    return min(kept, key=lambda one: (one.tests, one.size))


def _tubes_quantile(q: float, full: int, chance: float, chance_rest: float) -> int:
    """Give the smallest number of positive tubes with at least the chance q of no more, the last tube included."""

    def up_to(n: int) -> float:
        one_less = float(stats.binom.cdf(n - 1, full, chance)) if n else 0.0
        return float((1 - chance_rest) * stats.binom.cdf(n, full, chance) + chance_rest * one_less)

    n = max(int(stats.binom.ppf(q, full, chance)), 0)
    while n and up_to(n - 1) >= q:
        n -= 1
    while up_to(n) < q and n <= full:
        n += 1
    return n


def _hours(tubes: int, recalled: float, pace: Pace | None) -> tuple[float, float]:
    if pace is None:
        return float("nan"), float("nan")
    first = tubes / pace.tubes_per_hour + pace.result_hours
    if not recalled:
        return first, first
    return first, first + pace.recall_hours + recalled / pace.tubes_per_hour + pace.result_hours
