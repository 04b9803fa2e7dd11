"""
Rank companions by what their time with a case is worth, and say what a list cut at N would leave out.

A railway station gives a hundred thousand companions. The score of a person is its minutes together, each
multiplied by a weight for the air of the place and divided by the number of people who met the case there, and
the whole raised for every further day on which they met. It orders a list; it says nobody's chance of infection.
Nothing is dropped silently: `bands` says where a row stands, `cuts` what is lost at each length of the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.presences.summing import Ints
from sizao.engines.presences.totals import Floats, Totals
from sizao.terms import Tier, Ventilation

CUTS = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
# A choice: the first band holds half of the score of a case, the second the next 30 %, the third the next 15 %.
BANDS = (0.5, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Weights:
    """
    What a minute is worth beside one in a closed room, at the same place, with nobody else there.

    `outdoor` is the inverse of the odds of infection in closed rooms, 18.7 times those outdoors (Nishiura et al.
    2020, medRxiv 2020.02.28.20029272; 95 % interval 6.0 to 57.9). The others are choices: `ventilated` lies
    between, `unknown` discounts nothing that is not known, `neighbour` makes a neighbour cell weaker than the
    same place, and each further day of meetings adds `further_day` of the score.
    """

    outdoor: float = 0.05
    ventilated: float = 0.5
    closed: float = 1.0
    unknown: float = 1.0
    neighbour: float = 0.1
    further_day: float = 0.25

    def of(self, ventilation: Ventilation, tier: Tier) -> float:
        """Give the weight of a minute by the air and by how near."""
        air = {
            Ventilation.OUTDOOR: self.outdoor,
            Ventilation.VENTILATED: self.ventilated,
            Ventilation.CLOSED: self.closed,
            Ventilation.UNKNOWN: self.unknown,
        }[ventilation]
        return air * (1.0 if tier is Tier.SAME else self.neighbour)


@dataclass(frozen=True, slots=True)
class Cut:
    """
    What keeping the first `keep` rows of a ranking does: of the rows `left_out`, how many, their share of the score,
    their longest minutes, smallest occupancy and most days; the last three are None where nobody is left out.
    """

    keep: int
    left_out: int
    share_left_out: float
    longest_minutes: float | None
    smallest_occupancy: int | None
    most_days: int | None


def scores(found: Totals, weights: Weights) -> Floats:
    """Score the rows of totals, in minutes worth: of one case, whose groups were weighed by `Weights.of`."""
    worth: Floats = found.weighted / 60 * (1 + weights.further_day * (found.days - 1))
    return worth


def strongest(found: Totals, score: Floats) -> Ints:
    """
    Choose for each person the row of the highest score (of equal ones the lowest group), ordered by score.

    Rows of one person are layers and tiers of the same hours, so that they are not added up.
    """
    rank = np.lexsort((found.group, -score, found.person))
    first = np.append(True, found.person[rank][1:] != found.person[rank][:-1])[: len(rank)]
    chosen = rank[first]
    ordered: Ints = chosen[np.lexsort((found.person[chosen], -found.seconds[chosen], -score[chosen]))]
    return ordered


def bands(score: Floats) -> NDArray[np.int64]:
    """Say for each row of a ranking, the highest score first, in which band it stands: 1, 2, 3 or 4."""
    before = np.cumsum(score) - score
    total = float(score.sum())
    return 1 + np.searchsorted(np.array(BANDS) * total, before, side="right")


def cuts(score: Floats, seconds: Ints, occupancy: Ints, days: Ints, *, at: Sequence[int] = CUTS) -> list[Cut]:
    """Say what each length of a list would leave out; rows in any order, the highest scores are kept."""
    rank = np.lexsort((-seconds, -score))
    total = max(float(score.sum()), 1e-300)
    found = []
    for keep in sorted(set(at)):
        gone = rank[keep:]
        if not len(gone):
            found.append(Cut(keep, 0, 0.0, None, None, None))
            continue
        share = float(score[gone].sum()) / total
        rest = float(seconds[gone].max()) / 60, int(occupancy[gone].min()), int(days[gone].max())
        found.append(Cut(keep, len(gone), share, *rest))
    return found
