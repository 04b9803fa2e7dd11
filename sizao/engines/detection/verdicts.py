"""What a detector says of each time of each series."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdicts:
    """
    One entry a series and time; every array has the shape (series, times) of the counts.

    NaN stands where the method could not say (too few earlier counts, a gap); there `alarm` and `trend`
    are False. `judged` tells both apart. `chance` is what `p_value` gives, or works out when it is asked for:
    most who judge want alarms only. `p_value` is the chance of a count as large or larger under the
    method's own expectation, NaN for methods that have none.
    """

    expected: Floats
    upperbound: Floats
    statistic: Floats
    chance: Floats | Callable[[], Floats]
    alarm: Bools
    trend: Bools
    judged: Bools

    @cached_property
    def p_value(self) -> Floats:
        """Give the chances, one a series and time."""
        return self.chance() if callable(self.chance) else self.chance
