"""A number with its interval."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value between the two ends of its interval, in the unit of the value; infinite ends are possible."""

    value: float
    lower: float
    upper: float
