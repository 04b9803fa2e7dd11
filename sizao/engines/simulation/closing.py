"""Areas that are closed, and venues that are shut, because of the cases found there."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.areas import LEVELS, Zones
from sizao.engines.simulation.orders import OrderLog
from sizao.engines.simulation.rng import Ints

WINDOW_DAYS = 7  # in which cases are counted


class Closing:
    """One rule on areas: so many cases found in seven days begin an order, which ends so many days after the last."""

    def __init__(self, log: OrderLog, zones: Zones, *, level: str, cases: int, days: int, kind: int) -> None:
        """Take the rule: `kind` is the order's, `cases` 0 for never."""
        self._log, self._zones, self._kind = log, zones, kind
        self._level, self._cases, self._days = LEVELS.index(level), cases, days
        self._found: dict[int, list[int]] = defaultdict(list)
        self._until: dict[int, int] = {}

    def step(self, day: int, communities: NDArray[np.int32], people: Ints) -> None:
        """Take in where cases were found on a day, and add those whom the rule closes in by day to `people`."""
        if self._cases == 0:
            return
        found = self._zones.of[self._level, communities].tolist()
        for zone in sorted(set(found)):
            self._found[zone] = [one for one in self._found[zone] if one > day - WINDOW_DAYS] + [day] * found.count(
                zone
            )
            was_until = self._until.get(zone, 0)
            if was_until > day or len(self._found[zone]) >= self._cases:
                begin, until = max(was_until, day), day + self._days
                if until > begin:
                    self._until[zone] = until
                    self._log.order_area(zone, begin, until, self._kind)
                    people[begin:until] += self._zones.size[zone]
