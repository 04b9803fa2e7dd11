"""Every table, one noun a file."""

from .account import Account, ApiToken
from .alert import Alert, AlertChange
from .area import Area
from .bulletin import Bulletin
from .card import Card
from .case import Case, CaseChange
from .case_fact import CaseFact, FactKeeping
from .change_mark import ChangeMark
from .clock_count import ClockChange, ClockDay
from .complaint import Complaint
from .contact import Contact, ContactChange
from .cooperation import Authority, CooperationPerson, CooperationRequest, ExchangeMessage
from .directive import Directive, DirectiveAct, DirectivePart, DirectivePhoto, DirectiveVersion
from .event import Event
from .finding import Finding, FindingAct, FindingPhoto
from .home_care import CareContact, CommunityHandOver, DependentCare, DoorAct, HomeCheck, HomeVisit
from .isolation_order import IsolationOrder, OrderChange
from .isolation_site import IsolationRoom, IsolationSite, SiteCheck, SitePhoto
from .journal_seal import JournalSeal
from .laboratory import LabMessage, LabOddity, Laboratory, LabReading, LabRun, Plate
from .notice import Notice, NoticeDelivery, NoticeSettings
from .objection import Objection
from .observation import EnvironmentSample, Observation, SiteExposure, SiteRelease, SiteStaff, StaffTest
from .outbreak import Outbreak, ProtocolAnnex, ProtocolConfirmation
from .person import Household, Person
from .person_need import PersonNeed
from .place import Place, UnmatchedPlace
from .pool_hold import PoolHold, PoolMember, ResultCode
from .presence import PresenceBatch, PresenceSeat, TokenBearer, TokenKey, TokensDue
from .push import PushEntry, PushList
from .report import DailyReport, ReportingUnit
from .response_level import LevelDecision, LevelLeftItem, LevelProposal
from .reward import Reward
from .room_placement import RoomAllocation, RoomPlacement
from .sample_box import HandOver, LateSwab, SampleBox, TubeStep
from .signal import Signal
from .stay import Stay
from .stream import Stream, StreamCount, Verdict
from .swab import RosterEntry, Swab, TestingCount, TestingOddity, TestingTotal, Tube
from .task import Answerable, Task, TaskStep
from .team import (
    CallAnswer,
    LoopStay,
    Team,
    TeamAbsence,
    TeamCall,
    TeamKindList,
    TeamLoan,
    TeamMember,
    TeamShift,
)
from .test import Test
from .testing_plan import TestingPlan
from .testing_round import TestingRound, TestingSite, TubeLot
from .trace import Trace, TraceAnswer, TraceMatch
from .transfer import (
    CrewShift,
    TransferLeg,
    TransferOddity,
    TransferPlan,
    TransferRequest,
    TransferTrip,
    TransferVehicle,
    TripAct,
)
from .visit import Encounter, SharedExposure, Visit
from .what_if import WhatIf
from .zone import OfficialArea, Zone, ZoneChange
from .zone_inside import ZoneGate, ZonePassage, ZonePermit, ZoneRequest, ZoneServing

__all__ = [
    "CaseFact", "FactKeeping", "ReportingUnit", "ClockChange", "ClockDay", "Complaint", "Finding", "FindingAct",
    "FindingPhoto", "JournalSeal", "Reward",
    "Bulletin", "Card",
    "Account", "Alert", "AlertChange", "Answerable", "ApiToken", "Area", "Authority", "CareContact", "Case",
    "CaseChange", "ChangeMark", "CommunityHandOver", "Contact", "ContactChange", "CooperationPerson",
    "CooperationRequest", "CrewShift", "DailyReport", "DependentCare", "Directive", "DirectiveAct", "DirectivePart",
    "DirectivePhoto", "DirectiveVersion", "DoorAct", "Encounter", "EnvironmentSample", "Event", "ExchangeMessage",
    "HandOver", "HomeCheck", "HomeVisit", "Household", "IsolationOrder", "IsolationRoom", "IsolationSite",
    "LabMessage", "LabOddity", "LabReading", "LabRun", "Laboratory", "LateSwab", "LevelDecision", "LevelLeftItem",
    "LevelProposal", "Notice", "NoticeDelivery", "NoticeSettings", "Objection", "Observation", "OfficialArea",
    "OrderChange", "Outbreak", "Person", "PersonNeed", "Place", "Plate", "PoolHold", "PoolMember", "PresenceBatch",
    "PresenceSeat", "ProtocolAnnex", "ProtocolConfirmation", "ResultCode", "RoomAllocation", "RoomPlacement",
    "RosterEntry", "SampleBox", "SharedExposure", "Signal", "SiteCheck", "SiteExposure", "SitePhoto", "SiteRelease",
    "SiteStaff", "StaffTest", "Stay", "Stream", "StreamCount", "Swab", "Task", "TaskStep", "Test", "TestingCount",
    "TestingOddity", "TestingPlan", "TestingRound", "TestingSite", "TestingTotal", "TokenBearer", "TokenKey",
    "TokensDue", "Trace", "TraceAnswer", "TraceMatch", "TransferLeg", "TransferOddity", "TransferPlan",
    "TransferRequest", "TransferTrip", "TransferVehicle", "TripAct", "Tube", "TubeLot", "TubeStep", "UnmatchedPlace",
    "Verdict", "Visit", "WhatIf",
    "CallAnswer", "LoopStay", "Team", "TeamAbsence", "TeamCall", "TeamKindList", "TeamLoan", "TeamMember", "TeamShift",
    "PushEntry", "PushList",
    "Zone", "ZoneChange", "ZoneGate", "ZonePassage", "ZonePermit", "ZoneRequest", "ZoneServing",
]  # fmt: skip
