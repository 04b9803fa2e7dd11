"""
When will it be over: the chance that no further case will be reported, if control stays as it is.

Each case infects a negative-binomial number of others (mean R, dispersion k; Lloyd-Smith et al. 2005, Nature
438:355-9), each after a serial interval, and each is reported after a delay. The cases so far may have
infected people that nobody knows of yet. For one day D, work backwards over days of onset s:

    quiet(s) = g(1 - sum_u w(u) loud(s + u)),      g(x) = (1 + R (1 - x) / k)^-k
    loud(s)  = P(reported after D) + P(reported after now, by D) * (1 - quiet(s))

Here `quiet` is the chance that a case with onset s leads, through people not reported by now, to nobody
reported after D, and `loud` that a person infected to fall ill on s is one or leads to one. Whoever was
reported by now is a case of its own and is no surprise. The chance for the outbreak is the product of
`quiet` over its cases. This is exact for the branching process, given that the number already found around
a case says nothing about those not found; it follows Nishiura et al. 2016 (Euro Surveill 21:30135), who count
one generation only, and allows for further ones and for delays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class NoCases(SizaoError):
    code = "ending.no_cases"
    message = "There is no case by that day, so nothing that could end. Choose a later day."


class WrongOffspring(SizaoError):
    code = "ending.wrong_offspring"
    message = (
        "R must be zero or more and the dispersion above zero, not {reproduction} and {dispersion}. Choose others."
    )


class WrongChances(SizaoError):
    code = "ending.wrong_chances"
    message = (
        "The chances of the {what} must be zero or more and sum to one at most; they sum to {total}. Correct them."
    )


@dataclass(frozen=True)
class Offspring:
    """
    How many people a case infects: negative binomial of mean `reproduction` and dispersion `dispersion`.

    An array of draws of `reproduction` stands for not knowing it: chances are averaged over them. A
    dispersion of infinity is a Poisson.
    """

    reproduction: float | Floats
    dispersion: float = np.inf


@dataclass(frozen=True)
class Ending:
    """
    `chance[i]`: that nobody will be reported after day `days[i]`; it never falls.

    `over_on` is the first of these days on which it reaches the confidence asked for, None if none does.
    """

    days: Ints
    chance: Floats
    over_on: int | None


def ending(
    case_days: Ints,
    *,
    now: int,
    offspring: Offspring,
    serial: Floats,
    reporting: Floats | None = None,
    days: int = 60,
    confidence: float = 0.95,
) -> Ending:
    """
    Work out for now + 1 … now + `days` the chance that no case will be reported after that day.

    `case_days` are the onsets of the cases reported by `now`, one entry a case; later
    ones are left out. `serial[i]` is the chance
    that a case falls ill i + 1 days after its infector; `reporting[i]` that it is reported i days after
    onset, None for at once. Chances beyond the end of either are put on its last day. Raise NoCases,
    WrongOffspring or WrongChances.
    """
    case_days = np.asarray(case_days, np.int64)
    onsets, times = np.unique(case_days[case_days <= now], return_counts=True)
    if not onsets.size:
        raise NoCases
    _check_offspring(offspring)
    serial = _whole(serial, "serial interval")
    reported = np.cumsum(_whole(np.ones(1) if reporting is None else reporting, "reporting delay"))
    until = now + 1 + np.arange(days)
    reproduction = np.atleast_1d(np.asarray(offspring.reproduction, np.float64))
    quiet = _quiet_by_onset(reproduction, offspring.dispersion, serial, reported, now - int(onsets[0]), until - now)
    all_quiet = np.tensordot(times, np.log(quiet[onsets - onsets[0]]), axes=1)
    chance = np.exp(all_quiet).mean(axis=0)
    reached = np.flatnonzero(chance >= confidence)
    return Ending(until, chance, int(until[reached[0]]) if reached.size else None)


def _check_offspring(offspring: Offspring) -> None:
    reproduction = np.asarray(offspring.reproduction, np.float64)
    if not (np.all(np.isfinite(reproduction)) and np.all(reproduction >= 0) and offspring.dispersion > 0):
        raise WrongOffspring(reproduction=offspring.reproduction, dispersion=offspring.dispersion)


def _whole(chances: Floats, what: str) -> Floats:
    chances = np.array(chances, np.float64)
    total = float(chances.sum())
    if not chances.size or not np.all(chances >= 0) or total > 1 + 1e-6:
        raise WrongChances(what=what, total=total)
    chances[-1] += max(0.0, 1 - total)
    return chances


def _quiet_by_onset(
    reproduction: Floats, dispersion: float, serial: Floats, reported: Floats, seen_days: int, until: Ints
) -> Floats:
    """
    Give `quiet` for each onset from `seen_days` before now to now; shape (onsets, draws, ends).

    Days are counted from the first onset, so that now is day `seen_days` and an end is now + `until`.
    """
    ends = seen_days + until
    last = int(ends.max())
    lags = len(serial)
    # A person that falls ill after the end is reported after it, whatever follows: loud is one out there.
    loud = np.ones((last + 1 + lags, len(reproduction), len(ends)))
    quiet = np.ones((seen_days + 1, len(reproduction), len(ends)))
    for onset in range(last, -1, -1):
        risk = np.tensordot(serial, loud[onset + 1 : onset + 1 + lags], axes=1)
        chance = _none_of(reproduction[:, None] * risk, dispersion)
        by_now, by_end = _reported_within(reported, seen_days - onset), _reported_within(reported, ends - onset)
        loud[onset] = np.where(ends < onset, 1.0, 1 - by_end + (by_end - by_now) * (1 - chance))
        if onset <= seen_days:
            quiet[onset] = chance
    return quiet


def _reported_within(reported: Floats, days: int | Ints) -> Floats:
    within = np.minimum(np.asarray(days), len(reported) - 1)
    return np.where(within < 0, 0.0, reported[np.maximum(within, 0)])


def _none_of(mean: Floats, dispersion: float) -> Floats:
    """Chance of none under a negative binomial of this mean."""
    if np.isinf(dispersion):
        return np.asarray(np.exp(-mean))
    return np.asarray(np.exp(-dispersion * np.log1p(mean / dispersion)))
