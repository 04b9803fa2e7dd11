"""
What should be done: the rules of the authority as data.

Editions, companion documents, local annexes and case definitions are files in `library/`. Ask
`rules_at(day, area_code)` for the rules of a day and place, and `rules.need(key)` for a value.
"""

from sizao.protocol.adoptions import Adoption
from sizao.protocol.annexes import Annex, load_annex
from sizao.protocol.days import Sum, deadline, numbered_dates, period_end
from sizao.protocol.faults import Fault, FaultyProtocol
from sizao.protocol.in_force import NoProtocolInForce, rules_at
from sizao.protocol.rules.rules import NeedsConfirmation, NoSuchRule, NoValue, Rules
from sizao.protocol.shelf import Library
from sizao.protocol.shipped import shipped
from sizao.protocol.values import Confirmation, Value

__all__ = [
    "Adoption",
    "Annex",
    "Confirmation",
    "Fault",
    "FaultyProtocol",
    "Library",
    "NeedsConfirmation",
    "NoProtocolInForce",
    "NoSuchRule",
    "NoValue",
    "Rules",
    "Sum",
    "Value",
    "deadline",
    "load_annex",
    "numbered_dates",
    "period_end",
    "rules_at",
    "shipped",
]
