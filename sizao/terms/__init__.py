"""
The field's words, each once: its code, its Chinese term, its English term.

The glossary, the screens, the forms and the database constraints all read this page, so that one
word has one meaning everywhere. A lifecycle is a table of allowed moves beside its states.
"""

from sizao.terms.accounts import Right, Role
from sizao.terms.areas import AREA_DIGITS, LEVEL_OF_DIGITS, AreaLevel, AreaPart
from sizao.terms.cases import CASE_MOVES, CaseStatus, FoundBy, Severity, Window
from sizao.terms.isolation import (
    CONTACT_MOVES,
    ORDER_MOVES,
    REVIEW_DAYS,
    ContactKind,
    ContactState,
    CountedFrom,
    OrderEnd,
    OrderKind,
    OrderState,
    Remedy,
    StayKind,
)
from sizao.terms.lists import Clear, Lack, LineColumn, LineList, Moment, Sex
from sizao.terms.outbreaks import OutbreakKind
from sizao.terms.presences import DwellOf, Layer, Seating, Tier, VehicleKind, Ventilation
from sizao.terms.reading import EventKind, PlaceKind
from sizao.terms.rounds import NextRound, PoolInterval, RoundResource, RoundScope
from sizao.terms.rules import NEEDS_CONFIRMATION, ValueStatus
from sizao.terms.signals import (
    ALERT_MOVES,
    SIGNAL_MOVES,
    STREAM_GROUP,
    AlertState,
    Combination,
    SignalKind,
    SignalState,
    StreamGroup,
    StreamKind,
    StreamStep,
)
from sizao.terms.tasks import LEFT_TO_PEOPLE, TASK_MOVES, Figure, TaskEnd, TaskKind, TaskState
from sizao.terms.testing import (
    HOLDS_BACK,
    ROUND_MOVES,
    ExposureScope,
    KeyGroup,
    MeetingSource,
    MissedReason,
    OddityKind,
    RosterKind,
    RoundState,
    SwabAnswer,
    TestMethod,
    TestResult,
    TubeKind,
    VenueMatch,
)
from sizao.terms.traces import TraceCause, TracePurpose, TraceQuestion, TraceState
from sizao.terms.transmission import CountedBy, Delay, DelayShape
from sizao.terms.what_if import Lever, Variant, WhatIfState
from sizao.terms.word import Word, Words
from sizao.terms.zones import ZONE_MOVES, ZoneAct, ZoneLevel, ZoneMatch, ZoneReason, ZoneState

__all__ = [
    # In the order of the glossary.
    "Word",
    "Words",
    "AreaLevel",
    "AREA_DIGITS",
    "LEVEL_OF_DIGITS",
    "AreaPart",
    "OutbreakKind",
    "SignalKind",
    "SignalState",
    "SIGNAL_MOVES",
    "StreamGroup",
    "StreamKind",
    "STREAM_GROUP",
    "StreamStep",
    "Combination",
    "AlertState",
    "ALERT_MOVES",
    "CaseStatus",
    "CASE_MOVES",
    "FoundBy",
    "Severity",
    "Window",
    "TestMethod",
    "TestResult",
    "RoundState",
    "ROUND_MOVES",
    "KeyGroup",
    "RosterKind",
    "MissedReason",
    "TubeKind",
    "SwabAnswer",
    "OddityKind",
    "HOLDS_BACK",
    "VenueMatch",
    "MeetingSource",
    "ExposureScope",
    "RoundScope",
    "NextRound",
    "RoundResource",
    "PoolInterval",
    "TracePurpose",
    "TraceQuestion",
    "TraceState",
    "TraceCause",
    "Layer",
    "Tier",
    "Ventilation",
    "DwellOf",
    "Seating",
    "VehicleKind",
    "ContactKind",
    "ContactState",
    "CONTACT_MOVES",
    "StayKind",
    "OrderKind",
    "OrderState",
    "ORDER_MOVES",
    "CountedFrom",
    "OrderEnd",
    "Remedy",
    "REVIEW_DAYS",
    "ZoneLevel",
    "ZoneState",
    "ZONE_MOVES",
    "ZoneAct",
    "ZoneReason",
    "ZoneMatch",
    "TaskKind",
    "LEFT_TO_PEOPLE",
    "TaskState",
    "TASK_MOVES",
    "TaskEnd",
    "Figure",
    "Delay",
    "DelayShape",
    "CountedBy",
    "Lever",
    "Variant",
    "Variant",
    "WhatIfState",
    "EventKind",
    "PlaceKind",
    "LineList",
    "Sex",
    "LineColumn",
    "Lack",
    "Clear",
    "Moment",
    "Role",
    "Right",
    "ValueStatus",
    "NEEDS_CONFIRMATION",
]
