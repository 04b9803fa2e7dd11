"""What the lateness of no plan of trips can be below: work cut into minutes, minutes into slots of the shifts."""

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.vehicles_search import Work
from sizao.engines.sampling.pooled_test import Floats, Ints

SLOT_MINUTES = 10.0
STEPS = 400


def bound(work: Work, negative_pressure: Bools, alone: Bools, *, target: float) -> float:
    """
    Prove what weighted minutes late, and those left, come to at least; `target` is the value of any plan.

    Each load keeps a vehicle busy for a block of P minutes: the shortest way to its door from anywhere a vehicle could
    come from, doors, ride, hand-over, disinfection. Cut the block into minutes; charge the minute at t after the block
    is due (d, the end of the block at which a person becomes late) w/P * (t - d + P/2), and minutes before nothing. A
    block that ends at C >= d + P is then charged w * (C - d), its true lateness; one that ends m < P after d is charged
    w * m * (m + P) / 2P <= w * m, no more than its true lateness. So the cheapest way to put the minutes of all blocks
    anywhere into the minutes that vehicles have is a lower bound (Gelders and Kleindorfer 1974; Bülbül, Kaminsky and
    Yano 2007). Minutes are charged as at the start of their slot; vehicles with and without negative pressure are two
    stocks of minutes; blocks do not begin before a vehicle can be there. What the stocks allow is priced in by
    Lagrange multipliers: any prices prove a bound, steps along the subgradient raise it.

    Where loads may share (`alone` False) an empty way may serve several, so their part is what they would be late if
    each had the nearest vehicle for itself.
    """
    if not len(work.door):
        return 0.0
    comes = _earliest_comes(work)
    direct = np.minimum(_late(work, comes), work.left)
    rows = np.flatnonzero(alone)
    if not len(rows):
        return float(direct.sum())
    together = _of_slots(work, negative_pressure, rows, comes, target - direct[~alone].sum())
    return float(direct[~alone].sum() + max(direct[rows].sum(), together))


def _earliest_comes(work: Work) -> Floats:
    """Give the minute at which the nearest vehicle that fits could be at the door; inf without any."""
    ready = work.begins[None, :] + work.minutes[np.ix_(work.at, work.door)].T
    ready = np.where(work.fits, ready, np.inf).min(axis=1, initial=np.inf)
    comes: Floats = np.maximum(ready, work.earliest)
    return comes


def _late(work: Work, comes: Floats) -> Floats:
    over = np.where(np.isfinite(work.due), np.maximum(comes[:, None] - work.due, 0), 0.0)
    late: Floats = np.nan_to_num((work.weight * over).sum(axis=1), nan=0.0, posinf=np.inf)
    return late


def _of_slots(work: Work, negative_pressure: Bools, rows: Ints, comes: Floats, target: float) -> float:
    coming_from = np.unique(np.concatenate((work.last, work.at)))
    approach = work.minutes[np.ix_(coming_from, work.door[rows])].min(axis=0)
    block = approach + work.busy[rows] + work.clean
    starts = np.arange(work.begins.min(), work.ends.max(), SLOT_MINUTES)
    both: tuple[Bools, Bools] = (negative_pressure, np.logical_not(negative_pressure))
    pools = [pool for pool in both if pool.any()]
    stock = np.concatenate([_minutes_there(work, pool, starts) for pool in pools])
    charge = _charges(work, rows, block, starts)
    early = starts[None, :] + SLOT_MINUTES <= (comes[rows] - approach)[:, None]
    charge = np.where(early, np.inf, charge)
    charges = np.hstack(
        [np.where(work.fits[np.ix_(rows, pool)].any(axis=1, keepdims=True), charge, np.inf) for pool in pools]
    )
    charges = np.hstack((charges, (work.left[rows] / block)[:, None]))
    return _climbed(charges, block, stock, target)


def _charges(work: Work, rows: Ints, block: Floats, starts: Floats) -> Floats:
    charge = np.zeros((len(rows), len(starts)))
    for rank in range(work.due.shape[1]):
        due = (work.due[rows, rank] + work.busy[rows] + work.clean)[:, None]
        after = np.where(np.isfinite(due), starts[None, :] - due, -1.0)
        each = work.weight[rows, rank][:, None] / block[:, None] * (after + block[:, None] / 2)
        charge += np.where(after > 0, each, 0.0)
    return charge


def _minutes_there(work: Work, pool: Bools, starts: Floats) -> Floats:
    begins, ends = work.begins[pool, None], work.ends[pool, None]
    overlap = np.minimum(ends, starts + SLOT_MINUTES) - np.maximum(begins, starts)
    minutes: Floats = np.maximum(overlap, 0).sum(axis=0)
    return minutes


def _climbed(charges: Floats, block: Floats, stock: Floats, target: float) -> float:
    """Raise the bound by Polyak's steps towards the target, shorter whenever nothing was gained for a while."""
    price, best, best_price, reach, idle = np.zeros(len(stock)), -np.inf, np.zeros(len(stock)), 1.0, 0
    every = np.arange(len(block))
    for _ in range(STEPS):
        full = charges + np.append(price, 0.0)
        chosen = full.argmin(axis=1)
        value = float(block @ full[every, chosen] - price @ stock)
        if value > best + 1e-9:
            best, best_price, idle = value, price.copy(), 0
        else:
            idle += 1
        if idle >= 10:
            reach, idle, price = reach / 2, 0, best_price.copy()
            continue
        over = np.bincount(chosen, block, len(stock) + 1)[:-1] - stock
        over = np.where((price <= 0) & (over < 0), 0.0, over)
        length = float(over @ over)
        if length < 1e-12 or target - best <= 1e-9:
            break
        price = np.maximum(price + reach * (target - value) / length * over, 0.0)
    return best
