"""Every table, one noun a file."""

from .account import Account, ApiToken
from .alert import Alert, AlertChange
from .area import Area
from .case import Case, CaseChange
from .contact import Contact, ContactChange
from .event import Event
from .isolation_order import IsolationOrder
from .laboratory import LabMessage, LabOddity, Laboratory, LabReading, LabRun, Plate
from .outbreak import Outbreak, ProtocolAnnex, ProtocolConfirmation
from .person import Household, Person
from .place import Place, UnmatchedPlace
from .pool_hold import PoolHold, PoolMember, ResultCode
from .presence import PresenceBatch, PresenceSeat, TokenBearer, TokenKey, TokensDue
from .report import DailyReport
from .sample_box import HandOver, SampleBox, TubeStep
from .signal import Signal
from .stay import Stay
from .stream import Stream, StreamCount, Verdict
from .swab import RosterEntry, Swab, TestingCount, TestingOddity, Tube
from .task import Task
from .test import Test
from .testing_plan import TestingPlan
from .testing_round import TestingRound, TestingSite, TubeLot
from .trace import Trace, TraceAnswer, TraceMatch
from .visit import Encounter, SharedExposure, Visit
from .what_if import WhatIf
from .zone import OfficialArea, Zone, ZoneChange

__all__ = [
    "Account", "Alert", "AlertChange", "ApiToken", "Area", "Case", "CaseChange", "Contact", "ContactChange",
    "DailyReport", "Encounter", "Event", "HandOver", "Household", "IsolationOrder", "LabMessage", "LabOddity",
    "LabReading", "LabRun", "Laboratory", "OfficialArea", "Outbreak", "Person", "Place", "Plate", "PoolHold",
    "PoolMember", "PresenceBatch", "PresenceSeat", "ProtocolAnnex", "ProtocolConfirmation", "ResultCode",
    "RosterEntry", "SampleBox", "SharedExposure", "Signal", "Stay", "Stream", "StreamCount", "Swab", "Task", "Test",
    "TestingCount", "TestingOddity", "TestingPlan", "TestingRound", "TestingSite", "TokenBearer", "TokenKey",
    "TokensDue", "Trace", "TraceAnswer", "TraceMatch", "Tube", "TubeLot", "TubeStep", "UnmatchedPlace", "Verdict",
    "Visit", "WhatIf", "Zone", "ZoneChange",
]  # fmt: skip
