"""Layouts the slow way: every number of tables at every site, one after the other, people sent by a plain program."""

from itertools import product

import numpy as np
from scipy.optimize import linprog


def best_cost(people, cost, tables, table_people, most, site_cost, table_cost):
    """
    Give the least cost over all layouts, infinite when nobody fits; `cost` is (villages, sites), infinite out of reach.
    """
    best = np.inf
    for layout in product(*(range(n + 1) for n in tables)):
        fixed = site_cost * sum(n > 0 for n in layout) + table_cost * sum(layout)
        room = np.minimum(np.array(layout) * table_people, most)
        if fixed >= best or room.sum() < sum(people):
            continue
        sent = sending_cost(people, cost, room)
        if sent is not None:
            best = min(best, fixed + sent)
    return best


def value_of_prices(people, cost, prices, table_people, most, site_cost, table_cost):
    """
    Give what prices of villages sum to, less what each site gains at the best of all its numbers of tables.

    A site sells its places one by one to whoever pays most beyond the walk.
    """
    value = float(prices @ people)
    for site in range(cost.shape[1]):
        pays = sorted(
            (p - c for n, p, c in zip(people, prices, cost[:, site], strict=True) for _ in range(n)), reverse=True
        )
        pays = [one for one in pays if one > 0][: most[site]]
        tables = range(1, -(-len(pays) // table_people) + 1)
        gains = [sum(pays[: n * table_people]) - site_cost - n * table_cost for n in tables]
        value -= max([0.0, *gains])
    return value


def sending_cost(people, cost, room):
    """Send everybody at least cost; None when they do not fit."""
    n_villages, n_sites = cost.shape
    reach = np.isfinite(cost).ravel()
    everybody = np.kron(np.eye(n_villages), np.ones(n_sites))
    fitting = np.kron(np.ones(n_villages), np.eye(n_sites))
    found = linprog(
        np.where(reach, cost.ravel(), 0.0), A_ub=fitting, b_ub=room, A_eq=everybody, b_eq=people,
        bounds=[(0, None) if one else (0, 0) for one in reach], method="highs",
    )  # fmt: skip
    return found.fun if found.status == 0 else None


def course(  # noqa: C901 — plain on purpose, in one piece
    people, tables, sent, tubes_per_hour, result_hours, pace, open_at, later
):
    """
    Follow a round minute detail aside: hour by hour, site by site, tubes as fractions in queues of laboratories.

    `sent[site]` is a list of (laboratory, tubes, hours later); `open_at(hour)` says whether tables swab. Gives when the
    last swab is taken and the last result told.
    """
    left = [float(one) for one in people]
    arriving = {}
    queue = [0.0] * len(tubes_per_hour)
    last_swab, last_result, hour = 0, 0.0, 0
    while any(one > 1e-9 for one in left) or arriving or any(one > 1e-9 for one in queue):
        if open_at(hour):
            for site, waiting in enumerate(left):
                now = min(waiting, tables[site] * pace)
                if now <= 0:
                    continue
                left[site] -= now
                last_swab = hour + 1
                for laboratory, tubes, after in sent[site]:
                    arriving.setdefault(hour + after, []).append((laboratory, tubes * now / people[site]))
        for laboratory, tubes in arriving.pop(hour, []):
            queue[laboratory] += tubes
        for laboratory, capacity in enumerate(tubes_per_hour):
            now = min(queue[laboratory], capacity)
            queue[laboratory] -= now
            if now > 1e-9:
                last_result = max(last_result, hour + 1 + result_hours[laboratory])
        hour += 1
    return last_swab, last_result + later
