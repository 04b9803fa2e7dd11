"""
What ties a place to the risk, in whole points: so that covers of least people can be worked out exactly.

A point is a twentieth of a case that lives there. The weights are ours and unverified: an officer sees them
beside every proposal, and may ask with others.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RiskWeights:
    """
    Points of each tie of a place to the risk.

    `case_at_home`: an infected person lives there. `positive_test`: somebody with a positive test who is not
    yet a case lives there. `contact`: a close contact lives there (about one in ten becomes a case). A visit
    of an infectious person gives a point for each `minutes_per_point` begun, at most `visit_at_most`;
    `visit_unknown` where nobody knows the minutes.
    """

    case_at_home: int = 20
    positive_test: int = 20
    contact: int = 2
    minutes_per_point: int = 30
    visit_at_most: int = 10
    visit_unknown: int = 2


def visit_points(minutes: float | None, weights: RiskWeights) -> int:
    """Give the points of one visit while infectious; unknown minutes (None) have a weight of their own."""
    if minutes is None:
        return weights.visit_unknown
    begun = max(1, math.ceil(minutes / weights.minutes_per_point))
    return min(begun, weights.visit_at_most)
