"""The tables behind `zone_cover`: units without risk dropped, parts joined two by two, fewest people by points."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Whole = NDArray[np.int64]
NEVER = np.int64(2**60)  # more people than there are
_HALVINGS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """
    The units that hold any risk, in the order of the caller, and the tables of all joins where they are filled.

    `rows` are the caller's rows. `people` and `points` are sums with all parts; `reach` are the points that
    allowed units hold.
    """

    rows: Whole
    parent: Whole
    people: Whole
    points: Whole
    allowed: NDArray[np.bool_]
    reach: int
    joins: "Joins | None"


@dataclass(frozen=True, slots=True, eq=False)
class Joins:
    """
    Parts joined two by two, and for each node a table: at w the fewest people of units that hold w points.

    A node below the number of units is a unit, and has in `left` the join of its parts (-1: none); the others
    join two. `root` joins all.
    """

    left: Whole
    right: Whole
    sizes: Whole
    starts: Whole
    table: Whole
    root: int


def tree_of(parent: Whole, people: Whole, points: Whole, allowed: NDArray[np.bool_], *, with_tables: bool) -> Tree:
    """Drop what holds no risk; where asked, lay out the joins and fill the tables from the parts up."""
    all_people, all_points = sums(parent, people), sums(parent, points)
    rows = np.flatnonzero(all_points > 0).astype(np.int64)
    place = np.full(len(parent) + 1, -1, np.int64)
    place[rows] = np.arange(len(rows))
    held = place[parent[rows]]  # -1 finds the last cell, which says -1
    people, points, allowed = all_people[rows], all_points[rows], allowed[rows]
    joins = _joined(held, np.where(allowed, people, NEVER), points) if with_tables and len(rows) else None
    return Tree(rows, held, people, points, allowed, int(_reach(held, points, allowed)), joins)


def edge(tree: Tree) -> tuple[Whole, Whole]:
    """List the points that can be covered at each number of people at which more can be."""
    if tree.joins is None:
        return _hull(tree)
    start = tree.joins.starts[tree.joins.root]
    people = tree.joins.table[start : start + tree.joins.sizes[tree.joins.root] + 1]
    people = people[people < NEVER]
    at = np.flatnonzero(np.append(people[1:] != people[:-1], True))
    at = at[at > 0]
    return at.astype(np.int64), people[at]


def chosen(tree: Tree, wanted: int) -> Whole:
    """Choose units that hold the wanted points: those of fewest people with tables, nearly those without."""
    if tree.joins is None:
        return _near(tree, wanted)
    one, found = tree.joins, np.zeros(len(tree.rows), np.bool_)
    _walk(one.root, wanted, len(tree.rows), one.left, one.right, one.sizes, one.starts, one.table, found)
    return np.flatnonzero(found).astype(np.int64)


def bound(tree: Tree, wanted: int) -> int:
    """
    Say how many people any cover of the wanted points touches at the least.

    For any price of a point, people − price × points of the best cover, plus price × wanted, is no more than
    the people of a cover that holds them (Lagrange). The price that says most is found by halving.
    """
    low, high = _prices(tree, wanted)
    best = 0.0
    for price in (low, high):
        gain, _ = _priced(tree.parent, tree.people, tree.points, tree.allowed, price)
        best = max(best, price * wanted - gain)
    # A machine's rounding may not lift it above the truth.
    return math.ceil(best - 1e-6 * max(1.0, best))


def _near(tree: Tree, wanted: int) -> Whole:
    """Choose what the least sufficient price of a point takes, and let go of what is not needed."""
    taken = _taken(tree.parent, tree.people, tree.points, tree.allowed, _prices(tree, wanted)[1])
    rows = np.flatnonzero(taken)
    spare = int(tree.points[rows].sum()) - wanted
    kept = []
    for row in sorted(rows.tolist(), key=lambda one: (-tree.people[one] / tree.points[one], -tree.people[one], one)):
        if tree.points[row] <= spare:
            spare -= int(tree.points[row])
        else:
            kept.append(row)
    return np.array(sorted(kept), np.int64)


def _prices(tree: Tree, wanted: int) -> tuple[float, float]:
    """Halve down to the price of a point, in people, below which too little is taken and above which enough."""
    # At the highest price one point more is worth more than all people.
    low, high = 0.0, float(tree.people[tree.parent < 0].sum()) + 1.0
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        _, points = _priced(tree.parent, tree.people, tree.points, tree.allowed, price)
        low, high = (price, high) if points < wanted else (low, price)
    return low, high


def _hull(tree: Tree) -> tuple[Whole, Whole]:
    """List what is taken at a range of prices: the corners of the edge, without what lies between them."""
    if not len(tree.rows):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = {}
    for share in np.linspace(0.05, 1.0, 20):
        rows = _near(tree, max(1, int(share * tree.reach)))
        found[int(tree.points[rows].sum())] = int(tree.people[rows].sum())
    points = np.array(sorted(found), np.int64)
    people = np.array([found[int(one)] for one in points], np.int64)
    # What holds less for as many people is no corner.
    fewer_later = np.append(np.minimum.accumulate(people[::-1])[::-1][1:], NEVER)
    return points[people < fewer_later], people[people < fewer_later]


def _joined(parent: Whole, price: Whole, points: Whole) -> Joins:
    left, right, root = _joins(parent)
    sizes = np.concatenate([points, np.zeros(len(left) - len(points), np.int64)])
    _join_sizes(sizes, len(points), left, right)
    starts = np.concatenate([[0], np.cumsum(sizes + 1)]).astype(np.int64)
    return Joins(left, right, sizes, starts, _fill(price, len(points), left, right, sizes, starts), root)


def sums(parent: Whole, values: Whole) -> Whole:
    """Add to each unit what its parts hold; a unit stands after the one that holds it."""
    total: Whole = _sums(np.asarray(parent, np.int64), np.asarray(values, np.int64))
    return total


@njit(cache=True)
def _sums(parent: Any, values: Any) -> Any:
    total = values.copy()
    for row in range(len(parent) - 1, -1, -1):
        if parent[row] >= 0:
            total[parent[row]] += total[row]
    return total


def _joins(parent: Whole) -> tuple[Whole, Whole, int]:
    """
    Lay out joins of two, so that no table is filled more often than the logarithm of the parts.

    Return both sides of each node and the node that joins all (see `Joins`).
    """
    n = len(parent)
    left = np.full(n, -1, np.int64)
    lefts: list[int] = []
    rights: list[int] = []
    parts: list[list[int]] = [[] for _ in range(n)]
    tops: list[int] = []
    for row in range(n):
        (parts[parent[row]] if parent[row] >= 0 else tops).append(row)

    def joined(nodes: list[int]) -> int:
        while len(nodes) > 1:
            pairs = []
            for one in range(0, len(nodes) - 1, 2):
                lefts.append(nodes[one])
                rights.append(nodes[one + 1])
                pairs.append(n + len(lefts) - 1)
            nodes = pairs + nodes[len(nodes) - len(nodes) % 2 :]
        return nodes[0] if nodes else -1

    for row in range(n):
        left[row] = joined(parts[row])
    roots = joined(tops)
    both = np.concatenate([left, np.array(lefts, np.int64)]).astype(np.int64)
    return both, np.concatenate([np.full(n, -1, np.int64), np.array(rights, np.int64)]).astype(np.int64), roots


@njit(cache=True)
def _join_sizes(sizes: Any, n: int, left: Any, right: Any) -> None:
    # A join stands after the joins that it joins; the sizes of units are known.
    for node in range(n, len(left)):
        sizes[node] = sizes[left[node]] + sizes[right[node]]


@njit(cache=True)
def _reach(parent: Any, points: Any, allowed: Any) -> int:
    inside, total = np.zeros(len(parent), np.bool_), 0
    for row in range(len(parent)):
        inside[row] = parent[row] >= 0 and inside[parent[row]]
        if not inside[row] and allowed[row]:
            inside[row] = True
            total += points[row]
    return total


@njit(cache=True)
def _fill(price: Any, n: int, left: Any, right: Any, sizes: Any, starts: Any) -> Any:
    """Fill the tables: at w the fewest people of a node's units that hold at least w steps."""
    table = np.full(starts[-1], NEVER, np.int64)
    done = np.zeros(len(left), np.bool_)
    todo = np.empty(2 * len(left) + 2, np.int64)
    for first in range(len(left)):
        if done[first]:
            continue
        todo[0], depth = first, 1
        while depth > 0:
            node = todo[depth - 1]
            one, other = left[node], right[node]
            if one >= 0 and not done[one]:
                todo[depth] = one
                depth += 1
                continue
            if other >= 0 and not done[other]:
                todo[depth] = other
                depth += 1
                continue
            depth -= 1
            done[node] = True
            table[starts[node]] = 0
            if node < n:
                _fill_unit(node, price[node], one, sizes, starts, table)
            else:
                _fill_join(starts[node], one, other, sizes, starts, table)
    return table


@njit(cache=True)
def _fill_unit(node: int, price: int, parts: int, sizes: Any, starts: Any, table: Any) -> None:
    at = starts[node]
    if parts >= 0:
        for w in range(sizes[parts] + 1):
            table[at + w] = table[starts[parts] + w]
    for w in range(1, sizes[node] + 1):
        table[at + w] = min(table[at + w], price)


@njit(cache=True)
def _fill_join(at: int, one: int, other: int, sizes: Any, starts: Any, table: Any) -> None:
    for a in range(sizes[one] + 1):
        base = table[starts[one] + a]
        if base >= NEVER:
            break
        for b in range(sizes[other] + 1):
            people = base + table[starts[other] + b]
            if people < table[at + a + b]:
                table[at + a + b] = people


@njit(cache=True)
def _walk(root: int, target: int, n: int, left: Any, right: Any, sizes: Any, starts: Any, table: Any,
          found: Any) -> None:  # fmt: skip
    nodes, wanted = np.empty(2 * len(left) + 2, np.int64), np.empty(2 * len(left) + 2, np.int64)
    nodes[0], wanted[0], depth = root, target, 1
    while depth > 0:
        depth -= 1
        node, w = nodes[depth], wanted[depth]
        if w == 0:
            continue
        people = table[starts[node] + w]
        one, other = left[node], right[node]
        if node < n:
            below = one >= 0 and w <= sizes[one] and table[starts[one] + w] == people
            if below:
                nodes[depth], wanted[depth] = one, w
                depth += 1
            else:
                found[node] = True
            continue
        for a in range(max(0, w - sizes[other]), min(w, sizes[one]) + 1):
            if table[starts[one] + a] + table[starts[other] + w - a] == people:
                nodes[depth], wanted[depth] = one, a
                nodes[depth + 1], wanted[depth + 1] = other, w - a
                depth += 2
                break


@njit(cache=True)
def _priced(parent: Any, people: Any, points: Any, allowed: Any, price: float) -> Any:
    """Take the units with most of price × points − people; give that gain and the points they hold."""
    n = len(parent)
    gain, held = np.zeros(n + 1), np.zeros(n + 1, np.int64)
    for row in range(n - 1, -1, -1):
        mine = price * points[row] - people[row]
        if allowed[row] and mine > gain[row]:
            gain[row], held[row] = mine, points[row]
        above = parent[row] if parent[row] >= 0 else n
        gain[above] += gain[row]
        held[above] += held[row]
    return gain[n], held[n]


@njit(cache=True)
def _taken(parent: Any, people: Any, points: Any, allowed: Any, price: float) -> Any:
    """Mark the units that `_priced` takes."""
    n = len(parent)
    gain, whole = np.zeros(n), np.zeros(n, np.bool_)
    for row in range(n - 1, -1, -1):
        mine = price * points[row] - people[row]
        if allowed[row] and mine > gain[row]:
            gain[row], whole[row] = mine, True
        if parent[row] >= 0:
            gain[parent[row]] += gain[row]
    inside = np.zeros(n, np.bool_)
    for row in range(n):
        inside[row] = parent[row] >= 0 and (inside[parent[row]] or whole[parent[row]])
    return whole & ~inside
