"""When did cases fall ill whose onset nobody wrote down? Borrowed from those found at the same time."""

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class TooFewOnsets(SizaoError):
    code = "transmission.too_few_onsets"
    message = "Only {n} cases have a known day of onset; at least {least} are needed to place the others."


def borrow_onsets(
    found: Ints, onset: Floats, *, draws: int, rng: np.random.Generator, nearest: int = 20, least: int = 10
) -> Ints:
    """
    Draw a day of onset for each case whose own is not known, several times over: shape (draws, cases).

    `found` (cases,) are the days on which cases were found, `onset` (cases,) the days of onset, NaN where not
    known. A case without onset borrows the delay from onset to being found of one of the `nearest` cases with
    a known onset, by day of being found, each as likely as the other; ties at the edge all stay in, so that
    the order of the rows does not matter. A known onset is the same in every draw. Since the delay is looked
    at back from the day of being found, what is not found yet does not bias it, and it follows a delay
    that grows shorter as searching grows better.

    This is a nearest-neighbour hot deck for multiple imputation (Rubin 1987; Andridge and Little 2010), used
    as Günther et al. (2021, Biometrical Journal 63:490-502) use a model of the delay by week of report. It
    holds as far as cases whose onset is known are like those whose onset is not; for a case that never fell
    ill it says when it would have. Raise TooFewOnsets below `least` known onsets.
    """
    known = ~np.isnan(onset)
    if known.sum() < least:
        raise TooFewOnsets(n=int(known.sum()), least=least)
    drawn = np.tile(np.where(known, onset, 0).astype(np.int64), (draws, 1))
    delays = (found[known] - onset[known]).astype(np.int64)
    for day in np.unique(found[~known]):
        lenders = np.sort(delays[_nearest(found[known], day, nearest)])
        borrowers = np.flatnonzero(~known & (found == day))
        drawn[:, borrowers] = day - rng.choice(lenders, size=(draws, borrowers.size))
    return drawn


def _nearest(days: Ints, day: int, nearest: int) -> NDArray[np.bool_]:
    apart: Ints = np.abs(days - day)
    edge = np.sort(apart)[min(nearest, apart.size) - 1]
    near: NDArray[np.bool_] = apart <= edge
    return near
