"""What no allocation of rooms can be below: prices of people, and the best each floor could do at them."""

import numpy as np
from numba import njit

from sizao.engines.planning.rooms_flow import GroupArrays, KindArrays, fits, hours
from sizao.engines.sampling.pooled_test import Floats, Ints


def bound(groups: GroupArrays, kinds: KindArrays, *, rooms: Ints, theirs: Ints, prices: Floats) -> float:
    """
    Prove a bound for all allocations, whoever's each floor may be.

    Lagrangian relaxation of "each group gets one room" (Geoffrion 1974): for any `prices` by group, their sum less what
    each floor could earn with the best choice of its cluster and of its people is a lower bound. A floor may pick
    somebody whom another picked too, and households may be split for nothing: both only lower the bound.

    `kinds` are without labels; `rooms` has the shape (floors, kinds), free rooms; `theirs` is the cluster that a floor
    belongs to by those who live there, -1 where that is open.
    """
    capped = np.minimum(prices, groups.left)
    floors, counts = np.unique(np.column_stack((theirs, rooms)), axis=0, return_counts=True)
    earned = _earned(groups, kinds, np.ascontiguousarray(floors[:, 1:]), floors[:, 0], capped,
                     np.ascontiguousarray(groups.travel.T))  # fmt: skip
    return float(capped.sum() - counts @ earned)


@njit(cache=True)
def _earned(
    groups: GroupArrays, kinds: KindArrays, rooms: Ints, theirs: Ints, prices: Floats, travel: Floats
) -> Floats:
    """Add up what each floor earns at most."""
    gains = [_gains(groups, kinds, k, prices, rooms[:, k].max(), travel) for k in range(len(kinds.site))]
    earned = np.zeros(len(rooms))
    for floor in range(len(rooms)):
        here = np.flatnonzero(rooms[floor])
        whose = np.full(1, theirs[floor])
        if theirs[floor] < 0:
            for k in here:
                whose = np.concatenate((whose, gains[k][0]))
        for label in np.unique(whose):
            total = 0.0
            for k in here:
                cluster, own, other = gains[k]
                after = np.sort(np.where(cluster == label, own, other))[::-1]
                total += after[: rooms[floor, k]].sum()
            earned[floor] = max(earned[floor], total)
    return earned


@njit(cache=True)
def _gains(
    groups: GroupArrays, kinds: KindArrays, k: int, prices: Floats, most: int, travel: Floats
) -> tuple[Ints, Floats, Floats]:
    """
    List those who can be among the `most` that a floor gains from in rooms of this kind: cluster, gain on a floor of
    their own, gain on another's. Whoever gains less on their own floor than `most` others on a strange one is left out.
    """
    n = len(prices)
    own, other = np.zeros(n), np.zeros(n)
    for g in range(n):
        own[g] = prices[g] - travel[kinds.site[k], g]
        if own[g] > 0 and fits(g, k, groups, kinds):
            own[g] = max(0.0, prices[g] - hours(g, k, groups, kinds))
            strange = groups.mixed * groups.size[g] if groups.cluster[g] >= 0 else 0.0
            other[g] = max(0.0, own[g] - strange)
        else:
            own[g] = 0.0
    enough = np.partition(other, n - most)[n - most] if most < n else 0.0
    kept = np.flatnonzero((own >= enough) & (own > 0))
    return groups.cluster[kept], own[kept], other[kept]
