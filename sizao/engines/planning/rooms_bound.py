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
    earned = _earned(groups, kinds, floors[:, 1:], floors[:, 0], capped)
    return float(capped.sum() - counts @ earned)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _earned(groups: GroupArrays, kinds: KindArrays, rooms: Ints, theirs: Ints, prices: Floats) -> Floats:
    """Add up what each floor earns at most."""
    earned = np.zeros(len(rooms))
    for floor in range(len(rooms)):
        here = np.flatnonzero(rooms[floor])
        group, kind, gain = _gains(groups, kinds, here, prices)
        if not len(group):
            continue
        if theirs[floor] >= 0:
            earned[floor] = _of_cluster(groups, group, kind, gain, rooms[floor], theirs[floor])
            continue
        for cluster in np.unique(groups.cluster[group]):
            earned[floor] = max(earned[floor], _of_cluster(groups, group, kind, gain, rooms[floor], cluster))
    return earned


@njit(cache=True)  # type: ignore[untyped-decorator]
def _gains(groups: GroupArrays, kinds: KindArrays, here: Ints, prices: Floats) -> tuple[Ints, Ints, Floats]:
    """List the groups that a room of these kinds would gain from, each with the kind and how much."""
    group, kind, gain = [0 for _ in range(0)], [0 for _ in range(0)], [0.0 for _ in range(0)]
    for k in here:
        for g in range(len(prices)):
            more = prices[g] - groups.travel[g, kinds.site[k]]
            if more > 0 and fits(g, k, groups, kinds):
                more = prices[g] - hours(g, k, groups, kinds)
                if more > 0:
                    group.append(g)
                    kind.append(k)
                    gain.append(more)
    return np.array(group, np.int64), np.array(kind, np.int64), np.array(gain, np.float64)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _of_cluster(groups: GroupArrays, group: Ints, kind: Ints, gain: Floats, rooms: Ints, cluster: int) -> float:
    """Fill the rooms of a floor that is this cluster's, kind by kind, with whoever gains most."""
    total = 0.0
    mixed = groups.cluster[group] != cluster
    known = (groups.cluster[group] >= 0) & (cluster >= 0)
    after = gain - np.where(mixed & known, groups.mixed * groups.size[group], 0.0)
    for k in np.unique(kind):
        of_kind = np.sort(after[kind == k])
        for rank in range(min(rooms[k], len(of_kind))):
            total += max(0.0, of_kind[len(of_kind) - 1 - rank])
    return total
