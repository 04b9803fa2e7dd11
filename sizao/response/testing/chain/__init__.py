"""
From the tube to the laboratory: boxes are labelled, packed, closed, carried and received, every hand-over timed.

What a device says of a box may come late, twice and in any order: where a box stands follows from all that was said.
"""

from sizao.response.testing.chain.acts import BoxActSent, BoxActTold
from sizao.response.testing.chain.desk import ActUnreadable, TooManyActs, record_acts
from sizao.response.testing.chain.figures import (
    CAPACITY_CHANGED,
    InTransit,
    LaboratoryLoad,
    OnTheWay,
    capacities,
    in_transit,
    laboratory_load,
    on_the_way,
)
from sizao.response.testing.chain.finding import NoSuchBox
from sizao.response.testing.chain.keeping import advance
from sizao.response.testing.chain.labels import BoxesOutside, print_boxes
from sizao.response.testing.chain.queue import ActStillWaits, settle_box_oddity
from sizao.response.testing.chain.receiving import (
    LaboratoryNotOpen,
    ListUnknown,
    NothingReceived,
    Receipt,
    TooManyTubes,
    receive_box,
    receive_tubes,
)

__all__ = [
    "CAPACITY_CHANGED",
    "ActStillWaits",
    "ActUnreadable",
    "BoxActSent",
    "BoxActTold",
    "BoxesOutside",
    "InTransit",
    "OnTheWay",
    "on_the_way",
    "LaboratoryLoad",
    "LaboratoryNotOpen",
    "ListUnknown",
    "NoSuchBox",
    "NothingReceived",
    "Receipt",
    "TooManyActs",
    "TooManyTubes",
    "advance",
    "capacities",
    "in_transit",
    "laboratory_load",
    "print_boxes",
    "receive_box",
    "receive_tubes",
    "record_acts",
    "settle_box_oddity",
]
