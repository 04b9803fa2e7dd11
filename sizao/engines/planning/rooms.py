"""
Rooms for people who wait: one person one room, else one household, in time, near, with what they need.

Groups of one room are formed (`rooms_parties`) and sent to kinds of rooms at least cost (`rooms_flow`, exact for what
it looks at). Floors are then given to clusters and groups are sent anew, so that chains of transmission stay apart;
households that came apart are put together where that costs less than it saves (`rooms_together`). The value stands
beside a proven bound (`rooms_bound`). Without chance: the same question has the same answer.
"""

from dataclasses import fields

import numpy as np

from sizao.engines.planning.rooms_flow import NOWHERE
from sizao.engines.planning.rooms_inputs import Allocation, RoomCosts, Rooms, RoomSites, RoomTravel, Waiting
from sizao.engines.planning.rooms_parties import Beds, group, in_order, join_their_household
from sizao.engines.planning.rooms_reasons import explain, shortages
from sizao.engines.planning.rooms_solving import Solved, solve
from sizao.engines.sampling.pooled_test import Ints
from sizao.terms import RoomReason


def allocate(
    waiting: Waiting, sites: RoomSites, rooms: Rooms, *, costs: RoomCosts | None = None,
    travel: RoomTravel | None = None, may_share: bool = True,
) -> Allocation:  # fmt: skip
    """
    Propose a room for everybody who waits, or say why there is none.

    Needs and closed loops are never given up; all else is weighed by `costs`. Where rooms run out and `may_share`, the
    households of those left share rooms, then all households; `bound` is then of that question.
    """
    costs, travel = costs or RoomCosts(), travel or RoomTravel()
    order = in_order(waiting)
    ordered = Waiting(*(getattr(waiting, field.name)[order] for field in fields(waiting)))
    joined = join_their_household(ordered, rooms)
    rest = [row for row in range(len(ordered)) if row not in joined]
    best, alone = _solved(ordered, sites, rooms, rest, frozenset(), costs, travel)
    for everybody in (False, True):
        if not may_share or not len(best.left()):
            break
        parties = ordered.party[rest] if everybody else best.groups.party[best.left()]
        found, _ = _solved(ordered, sites, rooms, rest, frozenset(parties.tolist()), costs, travel)
        best = min((best, found), key=lambda one: one.people_left())
    return _told(ordered, sites, rooms, order, joined, alone, best)


def _solved(
    waiting: Waiting, sites: RoomSites, rooms: Rooms, rows: list[int], sharing: frozenset[int], costs: RoomCosts,
    travel: RoomTravel,
) -> tuple[Solved, list[int]]:  # fmt: skip
    groups, alone = group(waiting, rows, beds=Beds.of(rooms), sharing=sharing)
    return solve(groups, sites, rooms, costs, travel), alone


def _told(
    waiting: Waiting, sites: RoomSites, rooms: Rooms, order: Ints, joined: dict[int, int], alone: list[int],
    solved: Solved,
) -> Allocation:  # fmt: skip
    n = len(waiting)
    room, hours = np.full(n, NOWHERE, np.int64), np.full(n, np.nan)
    said: dict[int, tuple[RoomReason, ...]] = dict.fromkeys(alone, (RoomReason.NO_CARER,))
    said |= dict.fromkeys(joined, (RoomReason.WITH_CARER, RoomReason.HOUSEHOLD_TOGETHER))
    said |= explain(solved, sites, rooms, set(np.flatnonzero(waiting.cared_for).tolist()))
    for rank, people in enumerate(solved.groups.rows):
        room[list(people)] = solved.room[rank]
        if solved.room[rank] != NOWHERE:
            hours[list(people)] = solved.way[rank, rooms.site[solved.room[rank]]]
    for row, joins in joined.items():
        room[row] = joins
    back = np.empty(n, np.int64)
    back[order] = np.arange(n)
    reasons = tuple(said[row] for row in back.tolist())
    return Allocation(room[back], reasons, hours[back], solved.value, solved.bound, shortages(solved, sites, rooms))
