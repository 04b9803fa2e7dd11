"""
Transport: who has to be carried where by when, in which vehicle, and each moment of the way.

`advance` asks by rule; a named person approves, a dispatcher plans, a crew tells what it did. Who is in a vehicle, and
who has arrived, stands in the one ledger of stays.
"""

from sizao.response.transport.acts import ActSent, ActTold
from sizao.response.transport.crew import CrewList, read_list
from sizao.response.transport.desk import TooManyTripActs, record_acts
from sizao.response.transport.feasible import (
    CabNotSeparated,
    NobodyToCarry,
    NoCrew,
    NotApproved,
    OneHousehold,
    TripsOverlap,
    TripUnreadable,
    VehicleFull,
    VehicleUnfit,
    WantsNegativePressure,
)
from sizao.response.transport.plans import NobodyWaits, NoCrewOnShift, PlanAccepted, accept_plan, plan_shift
from sizao.response.transport.queue import TripOddityOver, TripOutcomeMissing, settle_oddity
from sizao.response.transport.requests import (
    DestinationMissing,
    NoBasis,
    NoCase,
    NotForMany,
    TransferCannotMove,
    TransferOpen,
    TransferReasonMissing,
    approve,
    approve_many,
    ask,
    cancel,
    refuse,
    say_destination,
)
from sizao.response.transport.reserve import Reserve, reserve
from sizao.response.transport.returning import NoRoomLeft, NotAtCare, at_care, bring_back
from sizao.response.transport.rule import advance
from sizao.response.transport.shifts import (
    NoDriver,
    ShiftHasTrips,
    ShiftOutOfService,
    ShiftTwice,
    ShiftUnreadable,
    end_shift,
    start_shift,
)
from sizao.response.transport.trips import (
    AlreadyPlanned,
    NotOnTrip,
    OtherOutbreak,
    Ride,
    TripUnderWay,
    cancel_trip,
    make_trip,
    move_to,
    take_off,
)
from sizao.response.transport.vehicles import (
    VehicleBusy,
    VehicleEntry,
    VehicleInService,
    VehicleReasonMissing,
    VehiclesRefused,
    put_back,
    register_vehicles,
    take_out,
)

__all__ = [
    "ActSent",
    "ActTold",
    "AlreadyPlanned",
    "CabNotSeparated",
    "CrewList",
    "DestinationMissing",
    "NoBasis",
    "NoCase",
    "NoCrew",
    "NoCrewOnShift",
    "NoDriver",
    "NoRoomLeft",
    "NobodyToCarry",
    "NobodyWaits",
    "NotApproved",
    "NotAtCare",
    "NotForMany",
    "NotOnTrip",
    "OneHousehold",
    "OtherOutbreak",
    "PlanAccepted",
    "Reserve",
    "Ride",
    "ShiftHasTrips",
    "ShiftOutOfService",
    "ShiftTwice",
    "ShiftUnreadable",
    "TooManyTripActs",
    "TransferCannotMove",
    "TransferOpen",
    "TransferReasonMissing",
    "TripOddityOver",
    "TripOutcomeMissing",
    "TripUnderWay",
    "TripUnreadable",
    "TripsOverlap",
    "VehicleBusy",
    "VehicleEntry",
    "VehicleFull",
    "VehicleInService",
    "VehicleReasonMissing",
    "VehicleUnfit",
    "VehiclesRefused",
    "WantsNegativePressure",
    "accept_plan",
    "advance",
    "approve",
    "approve_many",
    "ask",
    "at_care",
    "bring_back",
    "cancel",
    "cancel_trip",
    "end_shift",
    "make_trip",
    "move_to",
    "plan_shift",
    "put_back",
    "read_list",
    "record_acts",
    "refuse",
    "register_vehicles",
    "reserve",
    "say_destination",
    "settle_oddity",
    "start_shift",
    "take_off",
    "take_out",
]
