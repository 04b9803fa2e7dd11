"""
At home: whether the home will do, what is done at its door and when, what was found there, and whom to call.

`advance` plans visits by rule; `record_check`, `record`, `ask_visit`, `name_carer` and `set_contact` are people's.
Nothing here sanctions anybody: who is worse is a signal, who is not there is a fact told to a person.
"""

from sizao.response.isolation.home.checks import (
    ItemsUnanswered,
    NotForThisOrder,
    failing_items,
    home_area,
    record_check,
    unchecked,
    unfit,
)
from sizao.response.isolation.home.contacts import ContactIncomplete, contact_of, set_contact
from sizao.response.isolation.home.dependents import (
    CarerMissing,
    LeftAlone,
    flagged,
    left_alone,
    name_carer,
    require_carer,
)
from sizao.response.isolation.home.doing import DoorSent, DoorTold, NotThisMoment, TemperatureImpossible, record
from sizao.response.isolation.home.doors import AreaTooWide, Door, Someone, Thing, by_area, doors, open_visits
from sizao.response.isolation.home.visits import AT_HOME, VisitInThePast, VisitUnclear, advance, ask_visit
from sizao.response.isolation.home.worse import Unreached, unreached, waiting_for_transfer, worse

__all__ = [
    "AT_HOME",
    "AreaTooWide",
    "CarerMissing",
    "ContactIncomplete",
    "Door",
    "DoorSent",
    "DoorTold",
    "ItemsUnanswered",
    "LeftAlone",
    "NotForThisOrder",
    "NotThisMoment",
    "Someone",
    "TemperatureImpossible",
    "Thing",
    "Unreached",
    "VisitInThePast",
    "VisitUnclear",
    "advance",
    "ask_visit",
    "by_area",
    "contact_of",
    "doors",
    "failing_items",
    "flagged",
    "home_area",
    "left_alone",
    "name_carer",
    "open_visits",
    "record",
    "record_check",
    "require_carer",
    "set_contact",
    "unchecked",
    "unfit",
    "unreached",
    "waiting_for_transfer",
    "worse",
]
