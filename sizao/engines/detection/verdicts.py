"""What a detector says of each time of each series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """
    One entry a series and time; every array has the shape (series, times) of the counts.

    NaN stands where the method could not say (too few earlier counts, a gap); there `alarm` and `trend`
    are False. `judged` tells both apart. `p_value` is the chance of a count as large or larger under the
    method's own expectation, NaN for methods that have none.
    """

    expected: Floats
    upperbound: Floats
    statistic: Floats
    p_value: Floats
    alarm: Bools
    trend: Bools
    judged: Bools
