"""
Objections: what people say against an order, a risk area or a hold, and what somebody else decides, within its time.

`take`, `decide` and `withdraw` are acts of people; `advance` ends a measure by rule when nobody decided in time and it
does not rest on a pathogen test of the person.
"""

from sizao.response.objections.deciding import (
    DecidedAlready,
    DecidedByTheSame,
    DecisionUnknown,
    NotInPart,
    advance,
    decide,
    withdraw,
)
from sizao.response.objections.measures import Measure, NothingToObjectTo, measure_of
from sizao.response.objections.taking import ObjectedAlready, ObjectionEmpty, concerning, known_at, state_at, take

__all__ = [
    "DecidedAlready",
    "DecidedByTheSame",
    "DecisionUnknown",
    "Measure",
    "NotInPart",
    "NothingToObjectTo",
    "ObjectedAlready",
    "ObjectionEmpty",
    "advance",
    "concerning",
    "decide",
    "known_at",
    "measure_of",
    "state_at",
    "take",
    "withdraw",
]
