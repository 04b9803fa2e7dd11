"""Which room of its kind each group gets: clusters side by side, households next door to one another."""

import numpy as np

from sizao.engines.planning.rooms_flow import NOWHERE
from sizao.engines.planning.rooms_parties import Groups
from sizao.engines.sampling.pooled_test import Ints


def pick(groups: Groups, kind: Ints, of_room: Ints, floor: Ints) -> Ints:
    """
    Give each group a room of its kind; `of_room` is the kind and `floor` the floor by room.

    Both sides are put in order, the largest clusters first and floor by floor, so that those who belong together come
    to lie on the same floor.
    """
    room = np.full(len(groups), NOWHERE, np.int64)
    placed = np.flatnonzero(kind != NOWHERE)
    _, cluster, counts = np.unique(groups.cluster, return_inverse=True, return_counts=True)
    larger = -counts[cluster.reshape(-1)]
    order = placed[np.lexsort((placed, groups.party[placed], groups.cluster[placed], larger[placed], kind[placed]))]
    rooms = np.flatnonzero(of_room >= 0)
    rooms = rooms[np.lexsort((rooms, floor[rooms], of_room[rooms]))]
    first = np.searchsorted(of_room[rooms], kind[order])
    rank = np.arange(len(order)) - np.searchsorted(kind[order], kind[order])
    room[order] = rooms[first + rank]
    return room
