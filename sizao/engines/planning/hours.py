"""
A planned round hour by hour: swabs at tables, tubes on the road, in the queue and in the machine, until the last
result.
"""

from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.delivery import BOX_HOURS, Delivery
from sizao.engines.planning.round_inputs import HOURS_OF_DAY, Laboratories, Terms
from sizao.engines.sampling.pooled_test import Floats, Ints

# No round lasts longer; what has not ended by then never does.
LONGEST_HOURS = 90 * HOURS_OF_DAY


@dataclass(frozen=True, slots=True)
class Course:
    """
    The round hour by hour from the order on; rows are hours.

    `swabbed` people (hours, sites); `arrived` and `taken` tubes (hours, laboratories), `waiting` those in the queue
    at the end of the hour. `swabbed_hours` is when the last swab is taken, `laboratory_ends` when each laboratory
    tells its last result (NaN for one without tubes), `ends_hours` when the last result is on the platform; infinite
    when never.
    """

    swabbed: Floats
    arrived: Floats
    taken: Floats
    waiting: Floats
    swabbed_hours: float
    laboratory_ends: Floats
    ends_hours: float


def course(people: Ints, tables: Ints, delivery: Delivery, laboratories: Laboratories, terms: Terms) -> Course:
    """
    Follow a plan: `people` and `tables` by site, and where the tubes go.

    Tables work at their pace in opening hours from the first on; tubes leave at the end of each hour and wait their
    turn, first come first served.
    """
    swabbed = _swabbed(people, tables, terms)
    arrived = _arrived(swabbed, people, delivery, len(laboratories.at))
    taken, waiting = _served(arrived, laboratories.tubes_per_hour)
    last = np.array([np.flatnonzero(one)[-1] if one.any() else -1 for one in (taken > 1e-9).T])
    ends = np.where(last >= 0, last + 1 + laboratories.result_hours, np.nan)
    ends[waiting[-1] > 1e-6] = np.inf
    never = delivery.left.any() or float(swabbed.sum()) < people.sum() - 1e-6
    told = ends[~np.isnan(ends)]
    ends_hours = float("inf") if never else float(told.max() + terms.push_hours if len(told) else 0.0)
    busy = np.flatnonzero(swabbed.sum(axis=1) > 0)
    return Course(swabbed, arrived, taken, waiting, float(busy[-1] + 1 if len(busy) else 0), ends, ends_hours)


def _swabbed(people: Ints, tables: Ints, terms: Terms) -> Floats:
    pace = tables * terms.people_per_table_hour
    with np.errstate(divide="ignore", invalid="ignore"):
        hours = np.where(people > 0, people / pace, 0.0)
    needed = float(hours.max(initial=0.0))
    opened = terms.open_hours(LONGEST_HOURS)
    n_open = int(min(np.ceil(min(needed, LONGEST_HOURS)), len(opened)))
    upto = int(opened[n_open - 1]) + 1 if n_open else 0
    swabbed = np.zeros((upto, len(people)))
    for rank, hour in enumerate(opened[:n_open]):
        swabbed[hour] = np.clip(people - rank * pace, 0, pace)
    return swabbed


def _arrived(swabbed: Floats, people: Ints, delivery: Delivery, n_laboratories: int) -> Floats:
    """Let the tubes of each hour leave at its end; they are there from the first whole hour after the trip on."""
    trips, tubes = delivery.trips, delivery.tubes
    later = np.ceil(BOX_HOURS + trips.cost - 1e-9).astype(np.int64)
    arrived = np.zeros((len(swabbed) + int(later.max(initial=0)), n_laboratories))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(people > 0, swabbed / people, 0.0)
    for hour in range(len(swabbed)):
        np.add.at(arrived, (hour + later, trips.site), share[hour, trips.village] * tubes)
    return arrived


def _served(arrived: Floats, tubes_per_hour: Floats) -> tuple[Floats, Floats]:
    queue = np.zeros(arrived.shape[1])
    taken, waiting = [], []
    for hour in range(LONGEST_HOURS):
        if hour < len(arrived):
            queue = queue + arrived[hour]
        elif not (queue * (tubes_per_hour > 0) > 1e-9).any():
            break
        now = np.minimum(queue, tubes_per_hour)
        queue = queue - now
        taken.append(now)
        waiting.append(queue)
    if not taken:
        return np.zeros((1, arrived.shape[1])), np.zeros((1, arrived.shape[1]))
    return np.array(taken), np.array(waiting)
