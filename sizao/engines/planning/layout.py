"""
Which sites open, with how many tables, and who goes where: a layout and how far it can be from the best.

The bound (`bound`) tells which sites a good layout uses; given these, HiGHS sends everybody at least cost
(`transport`), tables follow, and small changes make it cheaper (`improving`). Small layouts are solved whole (`exact`).
The gap is the cost beside the bound, both of this question.
"""

from dataclasses import dataclass, replace

import numpy as np

from sizao.engines.planning.bound import Bound, SiteCosts, climb, proved
from sizao.engines.planning.exact import SMALL_ARCS, SMALL_SITES, solve_whole
from sizao.engines.planning.improving import improved
from sizao.engines.planning.reach import Arcs, nearest
from sizao.engines.planning.transport import Flows, least_cost, whole
from sizao.engines.sampling.pooled_test import Floats, Ints

# Nearest sites looked at by village: in cities of 15,000 villages and 2,000 sites no price reached farther.
NEAREST = 12
USED = 0.5
# Where somebody finds no room, so many times as many sites are looked at; then free room anywhere, up to so many arcs.
FARTHER, MOST_ARCS = 4, 400_000
# Sites near a village to which its people may be sent when another closes; how often changes are looked for.
NEAR_ENOUGH, LOOKS = 24, 2
# A bound is proved over all sites that prices reach. Where that loses more than this share, prices climb again with the
# sites that gain by them, at most so many times in all.
LOST, CLIMBS = 1e-3, 6
# Room to spare among the sites opened, so that nobody is sent across the city to fill the last place.
SPARE = 1.02


@dataclass(frozen=True, slots=True)
class Layout:
    """
    Arcs that are used with the people on each, tables by site (0: closed), people without a place by village.

    `cost` and `bound` are in hours of people (see `Costs`), for those who have a place; `gap` is how much more than the
    bound the layout costs, NaN where people are left without a place.
    """

    arcs: Arcs
    people: Ints
    tables: Ints
    unplaced: Ints
    cost: float
    bound: float

    @property
    def gap(self) -> float:
        """Give the share by which the layout may cost more than the best."""
        if self.unplaced.any():
            return float("nan")
        return max(0.0, self.cost / self.bound - 1) if self.bound > 0 else float("nan" if self.cost > 0 else 0)

    def site_people(self) -> Ints:
        """Count people by site."""
        return np.bincount(self.arcs.site, self.people, len(self.tables)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Question:
    """Where people and sites are, what sites cost and take, hours a metre of walk, the longest straight walk."""

    villages: Floats
    people: Ints
    sites: Floats
    costs: SiteCosts
    hours_per_metre: float
    metres: float | None
    most_tables: int | None = None


def lay_out(asked: Question) -> Layout:
    """
    Lay a round out. People without a site in reach, or without room, come back as `unplaced`; they are never dropped.

    The bound is of the question without the limit on all tables together, so it holds with it too.
    """
    usable = np.flatnonzero(asked.costs.most > 0)
    some = nearest(asked.villages, asked.sites[usable], hours_per_metre=asked.hours_per_metre, most=NEAREST,
                   metres=asked.metres) if len(usable) else _none()  # fmt: skip
    reached = np.zeros(len(asked.people), np.bool_)
    reached[some.village] = asked.people[some.village] > 0
    if not reached.any():
        tables = np.zeros(len(asked.sites), np.int64)
        return Layout(_none(), np.zeros(0, np.int64), tables, asked.people.copy(), 0.0, 0.0)
    rows = np.flatnonzero(reached)
    part = _part(asked, rows, usable)
    layout = _of_reached(part)
    unplaced = np.where(reached, 0, asked.people)
    unplaced[rows] += layout.unplaced
    tables = np.zeros(len(asked.sites), np.int64)
    tables[usable] = layout.tables
    arcs = Arcs(rows[layout.arcs.village], usable[layout.arcs.site], layout.arcs.metres, layout.arcs.cost)
    return Layout(arcs, layout.people, tables, unplaced, layout.cost, layout.bound)


def _none() -> Arcs:
    rows, numbers = np.zeros(0, np.int64), np.zeros(0)
    return Arcs(rows, rows, numbers, numbers)


def _part(asked: Question, rows: Ints, usable: Ints) -> Question:
    costs = SiteCosts(asked.costs.site, asked.costs.table, asked.costs.table_people, asked.costs.most[usable])
    return Question(asked.villages[rows], asked.people[rows], asked.sites[usable], costs, asked.hours_per_metre,
                    asked.metres, asked.most_tables)  # fmt: skip


def _of_reached(asked: Question) -> Layout:
    found = _bounded(asked)
    bound = found.value
    layout = _improved(asked, _sent(asked, _chosen(asked, found)))
    small = len(asked.sites) <= SMALL_SITES and len(asked.people) * len(asked.sites) <= SMALL_ARCS
    if small and not layout.unplaced.any():
        every = nearest(asked.villages, asked.sites, hours_per_metre=asked.hours_per_metre, most=len(asked.sites),
                        metres=asked.metres)  # fmt: skip
        best = solve_whole(every, asked.people, asked.costs)
        if best is not None:
            bound = max(bound, best.bound)
            layout = _cheaper(layout, _kept(asked, every, best.people))
    if asked.most_tables is not None and layout.tables.sum() > asked.most_tables:
        layout = _with_fewer_tables(asked, layout)
    return Layout(layout.arcs, layout.people, layout.tables, layout.unplaced, layout.cost, bound)


def _bounded(asked: Question) -> Bound:
    """
    Give prices, and the bound that they prove over every walk that is allowed.

    Prices climb over the nearest sites first; where others would gain by them, over those too.
    """
    arcs = nearest(
        asked.villages, asked.sites, hours_per_metre=asked.hours_per_metre, most=NEAREST, metres=asked.metres
    )
    found = best = climb(arcs, asked.people, asked.costs)
    for look in range(CLIMBS):
        value, more = proved(asked.villages, asked.people, asked.sites, asked.costs, found.prices,
                             hours_per_metre=asked.hours_per_metre, metres=asked.metres)  # fmt: skip
        best = replace(found, value=max(0.0, value)) if look == 0 or value > best.value else best
        if value > (1 - LOST) * found.value or look + 1 == CLIMBS:
            break
        arcs = _joined(arcs, more, len(asked.sites))
        found = climb(arcs, asked.people, asked.costs, begin=found)
    return best


def _improved(asked: Question, layout: Layout) -> Layout:
    """
    Give up sites and tables, and open others, where that saves hours; then send everybody to these tables at the least
    cost, and look once more.
    """
    if not len(layout.people):
        return layout
    near = nearest(asked.villages, asked.sites, hours_per_metre=asked.hours_per_metre, most=NEAR_ENOUGH,
                   metres=asked.metres)  # fmt: skip
    for turn in range(LOOKS):
        arcs, people = _among(asked, near, layout)
        layout = _kept(asked, arcs, improved(arcs, people, asked.costs))
        if turn + 1 < LOOKS:
            arcs, _ = _among(asked, _to(asked, np.flatnonzero(layout.tables > 0), NEAREST), layout)
            room = np.minimum(asked.costs.most, layout.tables * asked.costs.table_people)
            placed = asked.people - layout.unplaced
            flows = least_cost(arcs, placed.astype(np.float64), room.astype(np.float64))
            layout = _cheaper(layout, _kept(asked, arcs, whole(arcs, flows.amounts, placed)))
    return layout


def _among(asked: Question, arcs: Arcs, layout: Layout) -> tuple[Arcs, Ints]:
    """Join these arcs and those of a layout, in order of village; give how many people go along each."""
    both = _joined(arcs, layout.arcs, len(asked.sites))
    place = np.searchsorted(_keys(both, len(asked.sites)), _keys(layout.arcs, len(asked.sites)))
    return both, np.bincount(place, layout.people, len(both)).astype(np.int64)


def _joined(one: Arcs, other: Arcs, n_sites: int) -> Arcs:
    """Join arcs, each pair once, in order of village and site."""
    both = one.and_also(other)
    return both.of(np.unique(_keys(both, n_sites), return_index=True)[1])


def _keys(arcs: Arcs, n_sites: int) -> Ints:
    return arcs.village * n_sites + arcs.site


def _chosen(asked: Question, found: Bound) -> Ints:
    """Open what the relaxed answer mostly uses, and more until there is room for all."""
    order = np.lexsort((np.arange(len(found.opened)), -found.opened))
    room = np.cumsum(asked.costs.most[order])
    needed = int(np.searchsorted(room, SPARE * asked.people.sum())) + 1
    mostly = int((found.opened > USED).sum())
    return np.sort(order[: max(needed, mostly)])


def _sent(asked: Question, opened: Ints, most: Ints | None = None) -> Layout:
    """
    Send everybody to the sites opened. As long as somebody finds no room, open sites near them, open all, look farther.

    With `most` given (room by site, where samplers decide), no further site opens.
    """
    room, k = (asked.costs.most if most is None else most).astype(np.float64), NEAREST
    while True:
        arcs = _to(asked, opened, k)
        flows = least_cost(arcs, asked.people.astype(np.float64), room)
        homeless = np.flatnonzero(flows.at_home > 0.5)
        if room[opened].sum() - flows.amounts.sum() < 0.5 and len(opened) == len(asked.sites):
            break  # every place is taken
        wider = _wider(asked, opened, homeless, k) if len(homeless) and most is None else opened
        if len(wider) > len(opened):
            opened = wider
        elif not len(homeless) or k > NEAREST:
            break
        else:
            k = FARTHER * NEAREST
    people = _whole_people(asked, arcs, flows)
    return _kept(asked, *_filled(asked, arcs, people, opened, room))


def _filled(asked: Question, arcs: Arcs, people: Ints, opened: Ints, room: Floats) -> tuple[Arcs, Ints]:
    """Send who is still without room wherever room is left, however far a walk may be."""
    left = asked.people - np.bincount(arcs.village, people, len(asked.people)).astype(np.int64)
    free = (room - np.bincount(arcs.site, people, len(room))).astype(np.int64)
    rows, sites = np.flatnonzero(left > 0), opened[free[opened] > 0]
    if not len(rows) or not len(sites):
        return arcs, people
    found = nearest(asked.villages[rows], asked.sites[sites], hours_per_metre=asked.hours_per_metre,
                    most=min(len(sites), MOST_ARCS // len(rows) + 1), metres=asked.metres)  # fmt: skip
    flows = least_cost(found, left[rows].astype(np.float64), free[sites].astype(np.float64))
    more = whole(found, flows.amounts, left[rows] - np.round(flows.at_home).astype(np.int64))
    there = Arcs(rows[found.village], sites[found.site], found.metres, found.cost)
    return arcs.and_also(there), np.concatenate((people, more))


def _to(asked: Question, opened: Ints, k: int) -> Arcs:
    """Give the nearest `k` of the sites opened, by village."""
    arcs = nearest(
        asked.villages, asked.sites[opened], hours_per_metre=asked.hours_per_metre, most=k, metres=asked.metres
    )
    return Arcs(arcs.village, opened[arcs.site], arcs.metres, arcs.cost)


def _wider(asked: Question, opened: Ints, homeless: Ints, k: int) -> Ints:
    """Open the sites near those without room; where these are open already, all: others may have to make room."""
    near = nearest(asked.villages[homeless], asked.sites, hours_per_metre=asked.hours_per_metre, most=k,
                   metres=asked.metres).site  # fmt: skip
    wider = np.union1d(opened, near)
    return wider if len(wider) > len(opened) else np.arange(len(asked.sites))


def _whole_people(asked: Question, arcs: Arcs, flows: Flows) -> Ints:
    placed = asked.people - np.round(flows.at_home).astype(np.int64)
    return whole(arcs, flows.amounts, placed)


def _kept(asked: Question, arcs: Arcs, people: Ints) -> Layout:
    """Keep the arcs that people use, and give each site as many tables as they need."""
    used = people > 0
    arcs, people = arcs.of(used), people[used]
    at_site = np.bincount(arcs.site, people, len(asked.sites)).astype(np.int64)
    tables = -(-at_site // asked.costs.table_people)
    unplaced = asked.people - np.bincount(arcs.village, people, len(asked.people)).astype(np.int64)
    cost = (
        float(arcs.cost @ people) + asked.costs.site * int((tables > 0).sum()) + asked.costs.table * int(tables.sum())
    )
    return Layout(arcs, people, tables, unplaced, cost, 0.0)


def _cheaper(one: Layout, other: Layout) -> Layout:
    return min((one, other), key=lambda layout: (int(layout.unplaced.sum()), layout.cost))


def _with_fewer_tables(asked: Question, layout: Layout) -> Layout:
    """Spread no more tables than there are samplers: the fullest last tables stay, and people go where tables are."""
    most = asked.most_tables or 0
    exact = layout.site_people() / asked.costs.table_people
    tables = np.floor(exact + 1e-9).astype(np.int64)
    order = np.lexsort((np.arange(len(tables)), -(exact - tables)))
    left = most - int(tables.sum())
    if left >= 0:
        tables[order[:left]] += (exact > tables)[order[:left]]
    else:
        # Not even the full tables can be staffed: those stay that serve the most people each.
        for row in order[::-1][: len(order)]:
            take = min(int(tables[row]), -left)
            tables[row] -= take
            left += take
            if left >= 0:
                break
    opened = np.flatnonzero(tables > 0)
    room = np.minimum(tables * asked.costs.table_people, asked.costs.most)
    return _sent(asked, opened, room)
