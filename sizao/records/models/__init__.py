"""Every table, one noun a file."""

from .account import Account, ApiToken
from .alert import Alert, AlertChange
from .area import Area
from .case import Case, CaseChange
from .contact import Contact, ContactChange
from .event import Event
from .isolation_order import IsolationOrder
from .outbreak import Outbreak, ProtocolAnnex, ProtocolConfirmation
from .person import Household, Person
from .place import Place, UnmatchedPlace
from .presence import PresenceBatch, PresenceSeat, TokenBearer, TokenKey, TokensDue
from .report import DailyReport
from .signal import Signal
from .stay import Stay
from .stream import Stream, StreamCount, Verdict
from .swab import RosterEntry, Swab, TestingCount, TestingOddity, Tube
from .task import Task
from .test import Test
from .testing_round import TestingRound, TestingSite, TubeLot
from .trace import Trace, TraceAnswer, TraceMatch
from .visit import Encounter, SharedExposure, Visit
from .what_if import WhatIf
from .zone import OfficialArea, Zone, ZoneChange

__all__ = [
    "Account", "Alert", "AlertChange", "ApiToken", "Area", "Case", "CaseChange", "Contact", "ContactChange",
    "DailyReport", "Encounter", "Event", "Household", "IsolationOrder", "OfficialArea", "Outbreak", "Person", "Place",
    "PresenceBatch", "PresenceSeat", "ProtocolAnnex", "ProtocolConfirmation", "RosterEntry", "SharedExposure", "Signal",
    "Stay", "Stream", "StreamCount", "Swab", "Task", "Test", "TestingCount", "TestingOddity", "TestingRound",
    "TestingSite", "TokenBearer", "TokenKey", "TokensDue", "Trace", "TraceAnswer", "TraceMatch", "Tube", "TubeLot",
    "UnmatchedPlace", "Verdict", "Visit", "WhatIf", "Zone", "ZoneChange",
]  # fmt: skip
