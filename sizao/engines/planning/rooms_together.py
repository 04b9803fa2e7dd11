"""Households that an allocation spreads over several sites are put together, where that costs less than it saves."""

from collections.abc import Iterator

import numpy as np

from sizao.engines.planning.rooms_flow import NOWHERE, GroupArrays, KindArrays
from sizao.engines.planning.rooms_parties import Groups
from sizao.engines.sampling.pooled_test import Ints


class Plan:
    """The kind of room of each group while groups move and change places."""

    def __init__(self, groups: Groups, arrays: GroupArrays, kinds: KindArrays, kind: Ints) -> None:
        self.groups, self.arrays, self.kinds, self.kind = groups, arrays, kinds, kind.copy()
        self.free = kinds.room - np.bincount(kind[kind != NOWHERE], minlength=len(kinds.room))
        self.at_site: dict[int, set[int]] = {}
        self.kinds_at: dict[int, list[int]] = {}
        for row, site in enumerate(kinds.site.tolist()):
            self.kinds_at.setdefault(site, []).append(row)
        for row in np.flatnonzero(kind != NOWHERE).tolist():
            self.at_site.setdefault(self.site(row), set()).add(row)
        rows = np.flatnonzero(kind != NOWHERE)
        self.of_party: dict[int, list[int]] = {}
        for row in rows.tolist():
            self.of_party.setdefault(int(groups.party[row]), []).append(row)

    def site(self, group: int) -> int:
        return int(self.kinds.site[self.kind[group]])

    def hours(self, group: int, kind: int) -> float:
        """Give what the group costs in this kind of room; infinite where it does not fit."""
        groups, arrays, kinds = self.groups, self.arrays, self.kinds
        lacking = groups.needs[group] & ~kinds.has[kind]
        if lacking or kinds.beds[kind] < groups.size[group] or groups.staff[group] != kinds.staff[kind]:
            return float("inf")
        hours = arrays.travel[group, kinds.site[kind]] + arrays.waste[groups.needs[group], kinds.has[kind]]
        apart = kinds.label[kind] >= 0 and groups.cluster[group] >= 0 and kinds.label[kind] != groups.cluster[group]
        return float(hours + (arrays.mixed * groups.size[group] if apart else 0))

    def move(self, group: int, kind: int) -> None:
        self.at_site[self.site(group)].discard(group)
        self.free[self.kind[group]] += 1
        self.kind[group] = kind
        self.free[kind] -= 1
        self.at_site.setdefault(self.site(group), set()).add(group)


def put_together(groups: Groups, arrays: GroupArrays, kinds: KindArrays, kind: Ints, split: float) -> Ints:
    """Give the kinds of rooms after moves into free rooms, and changes of places, that put households together."""
    plan = Plan(groups, arrays, kinds, kind)
    for party in sorted(plan.of_party):
        rows = plan.of_party[party]
        sites = sorted({plan.site(row) for row in rows})
        if len(sites) < 2:
            continue
        found = [(cost, site, moves) for site in sites if (moves := _moves(plan, rows, site)) is not None
                 for cost in [sum(one[0] for one in moves)]]  # fmt: skip
        if not found:
            continue
        cost, _, moves = min(found, key=lambda one: one[:2])
        if cost < split * (len(sites) - 1):
            for _, row, new, other in moves:
                if other != NOWHERE:
                    plan.move(other, int(plan.kind[row]))
                plan.move(row, new)
    return plan.kind


def _moves(plan: Plan, rows: list[int], site: int) -> list[tuple[float, int, int, int]] | None:
    """Find for each group that is elsewhere the cheapest way to this site: cost, group, kind, who changes place."""
    moves: list[tuple[float, int, int, int]] = []
    taken: set[int] = set()
    used: dict[int, int] = {}
    for row in rows:
        if plan.site(row) == site:
            continue
        ways = [one for one in _ways(plan, row, site, used) if one[3] not in taken]
        if not ways:
            return None
        way = min(ways)
        moves.append(way)
        taken |= {way[3]} - {NOWHERE}
        if way[3] == NOWHERE:
            used[way[2]] = used.get(way[2], 0) + 1
    return moves


def _ways(plan: Plan, row: int, site: int, used: dict[int, int]) -> Iterator[tuple[float, int, int, int]]:
    was = int(plan.kind[row])
    now = plan.hours(row, was)
    for kind in plan.kinds_at.get(site, ()):
        cost = plan.hours(row, kind)
        if np.isfinite(cost) and plan.free[kind] > used.get(kind, 0):
            yield cost - now, row, kind, NOWHERE
    for other in sorted(plan.at_site.get(site, ())):
        # Whoever has nobody else here may go; another household must not come apart for this one.
        if len(plan.of_party[int(plan.groups.party[other])]) > 1:
            continue
        kind = int(plan.kind[other])
        cost = plan.hours(row, kind) - now + plan.hours(other, was) - plan.hours(other, kind)
        if np.isfinite(cost):
            yield cost, row, kind, other
