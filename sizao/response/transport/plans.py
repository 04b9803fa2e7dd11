"""
A plan of a shift: which vehicle picks up whom in which order; the engine works it out, a person accepts it.

Trips that have set out stay as they are; those only planned stay too, unless the dispatcher asks to plan them anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Avg

from sizao.engines.planning import vehicles as engine
from sizao.engines.planning.routes import straight_minutes
from sizao.engines.planning.vehicles_inputs import (
    NO_PLACE,
    NO_STRAIN,
    Requests,
    Sharing,
    TransferQuestion,
    Vehicles,
)
from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    CrewShift,
    Outbreak,
    Place,
    TransferLeg,
    TransferPlan,
    TransferRequest,
    TransferTrip,
)
from sizao.response import outbreaks
from sizao.response.transport.feasible import PREFERRED
from sizao.response.transport.requests import AS_A_CASE, hold
from sizao.response.transport.trips import Ride, cancel_trip, make_trip
from sizao.terms import (
    NeedKind,
    Right,
    TransferKind,
    TransferState,
    TransferVehicleKind,
    TripState,
    VehicleState,
)

KMH = 40.0  # in towns and on county roads, stops included; a straight line is made longer by the engine's detour
LONGEST_PLAN = timedelta(hours=24)
FEW = 400  # of so many requests it is also worked out what one more vehicle would save
STEPS, STEPS_OF_MANY = 3_000, 1_500
REPLANNED = "重新排班"


class PlanUnreadable(SizaoError):
    code = "transport.plan.unreadable"
    message = "A plan begins before it ends and covers at most 24 hours. Check the two times."


class NobodyWaits(SizaoError):
    code = "transport.nobody_waits"
    message = "No approved transfer of your area waits for a vehicle. Approve some first."


class NoCrewOnShift(SizaoError):
    code = "transport.no_crew_on_shift"
    message = "No vehicle of your area has a crew in these hours. Enter shifts first, or choose other hours."


class PlanAccepted(SizaoError):
    code = "transport.plan_accepted"
    message = "{by} accepted this plan at {at:%Y-%m-%d %H:%M}. Plan again for who still waits."


@dataclass(frozen=True, slots=True)
class Setting:
    """What one plan is made from: its hours, who waits, and the shifts with where each vehicle is from when on."""

    starts_at: datetime
    requests: Sequence[TransferRequest]
    shifts: Sequence[CrewShift]
    last_trips: Mapping[int, TransferTrip]

    def minute(self, moment: datetime) -> float:
        return (moment - self.starts_at).total_seconds() / 60

    def moment(self, minute: float) -> datetime:
        return self.starts_at + timedelta(seconds=round(minute * 60))


@transaction.atomic
def plan_shift(
    *, outbreak: Outbreak, starts_at: datetime, ends_at: datetime, by: Account, now: datetime, anew: bool = False
) -> TransferPlan:
    """
    Propose trips for everybody approved in a dispatcher's area, with the vehicles that have a crew in these hours.

    `anew` also takes those whose trips are planned and have not set out; accepting the plan cancels these trips. Raise
    PlanUnreadable, NobodyWaits, NoCrewOnShift or the door's refusal.
    """
    access.require(by, Right.TRANSFER_DISPATCH)
    if not timedelta() < ends_at - starts_at <= LONGEST_PLAN:
        raise PlanUnreadable
    begins = max(starts_at, now)
    replaced = list(_not_set_out(outbreak, by)) if anew else []
    requests = _waiting(outbreak, by, replaced)
    if not requests:
        raise NobodyWaits
    shifts = _shifts(by, begins, ends_at)
    if not shifts:
        raise NoCrewOnShift
    setting = Setting(begins, requests, shifts, _last_trips(shifts, {one.pk for one in replaced}))
    rules = outbreaks.rules_at(outbreak, now, area_code=by.area_code)
    result = _planned(setting, ends_at, rules) | {"replaces": [one.pk for one in replaced]}
    plan = TransferPlan.objects.create(
        outbreak=outbreak,
        area_code=by.area_code,
        made_at=now,
        made_by=by,
        starts_at=begins,
        ends_at=ends_at,
        n_requests=len(requests),
        n_vehicles=len(shifts),
        result=result,
    )
    journal.write("transfers.planned", plan, by=by, at=now, requests=len(requests), vehicles=len(shifts))
    return plan


@transaction.atomic
def accept_plan(*, plan: TransferPlan, by: Account, now: datetime) -> tuple[list[TransferTrip], list[SizaoError]]:
    """
    Make the trips of a plan in one's own name; what has changed since is left out, and told.

    Return the trips, and why each of the others was refused. Raise PlanAccepted or the door's refusal.
    """
    access.require(by, Right.TRANSFER_DISPATCH, area_code=plan.area_code)
    hold(plan.outbreak_id)
    plan = TransferPlan.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=plan.pk)
    if plan.accepted_at is not None:
        raise PlanAccepted(by=plan.accepted_by.username, at=plan.accepted_at)
    for trip in TransferTrip.objects.filter(pk__in=plan.result["replaces"], state=TripState.PLANNED).order_by("pk"):
        cancel_trip(trip=trip, reason=REPLANNED, by=by, now=now)
    made, refused = [], []
    for told in plan.result["trips"]:
        try:
            made.append(_made(plan, told, by=by, now=now))
        except SizaoError as refusal:
            refused.append(refusal)
    plan.accepted_at, plan.accepted_by = now, by
    plan.save(update_fields=["accepted_at", "accepted_by"])
    journal.write("transfers.plan_accepted", plan, by=by, at=now, trips=len(made), refused=len(refused))
    return made, refused


def _made(plan: TransferPlan, told: Mapping[str, Any], *, by: Account, now: datetime) -> TransferTrip:
    found = TransferRequest.objects.in_bulk([one["request"] for one in told["rides"]])
    rides = [Ride(found[one["request"]], _read(one["pick_up_at"]), _read(one["arrival_at"])) for one in told["rides"]]
    shift = CrewShift.objects.select_related("vehicle").get(pk=told["shift"])
    return make_trip(
        outbreak=plan.outbreak, vehicle=shift.vehicle, rides=rides, start=_read(told["start"]), end=_read(told["end"]),
        by=by, now=now,
    )  # fmt: skip


def _read(written: str) -> datetime:
    return datetime.fromisoformat(written)


# --- What the plan is made from ----------------------------------------------------------------


def _waiting(outbreak: Outbreak, by: Account, replaced: Sequence[TransferTrip]) -> list[TransferRequest]:
    mine = TransferRequest.objects.filter(outbreak=outbreak, area_code__startswith=by.area_code)
    approved = mine.filter(state=TransferState.APPROVED)
    again = mine.filter(legs__trip__in=replaced, legs__ended_at=None, state=TransferState.PLANNED)
    found = TransferRequest.objects.filter(
        pk__in=[*approved.values_list("pk", flat=True), *again.values_list("pk", flat=True)]
    )
    # A household is one row after the other, so that it stays together.
    return list(found.select_related("from_place__parent", "to_place__parent", "person").order_by("party", "pk"))


def _not_set_out(outbreak: Outbreak, by: Account) -> Sequence[TransferTrip]:
    mine = TransferTrip.objects.filter(outbreak=outbreak, area_code__startswith=by.area_code)
    return list(mine.filter(state=TripState.PLANNED).order_by("pk"))


def _shifts(by: Account, starts_at: datetime, ends_at: datetime) -> list[CrewShift]:
    """Give one shift for each vehicle that has a crew in these hours: its first."""
    mine = CrewShift.objects.filter(
        vehicle__area_code__startswith=by.area_code, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    able = mine.exclude(vehicle__state=VehicleState.OUT_OF_SERVICE).select_related("vehicle__place")
    first: dict[int, CrewShift] = {}
    for shift in able.order_by("starts_at", "pk"):
        first.setdefault(shift.vehicle_id, shift)
    return sorted(first.values(), key=lambda one: one.vehicle_id)


def _last_trips(shifts: Sequence[CrewShift], but: set[int]) -> dict[int, TransferTrip]:
    """Give the last trip of each vehicle that is not over; the plan begins after it."""
    open_trips = TransferTrip.objects.filter(
        vehicle__in=[one.vehicle_id for one in shifts],
        state__in=(TripState.PLANNED, TripState.UNDER_WAY, TripState.TO_DISINFECT),
    )
    return {one.vehicle_id: one for one in open_trips.exclude(pk__in=but).order_by("planned_end_at", "pk")}


class Spots:
    """Places on the map by row; where one has no coordinates, the middle of the places known in its area stands in."""

    def __init__(self) -> None:
        self.at: list[tuple[float, float]] = []
        self.rows: dict[tuple[float, float], int] = {}
        self.middles: dict[str, tuple[float, float] | None] = {}
        self.n_estimated = 0

    def row(self, place: Place | None, area_code: str) -> int:
        """Give the row of a place, or of the area it lies in; -1 where nothing of it is known."""
        spot = _spot(place) or _spot(place.parent if place else None)
        if spot is None:
            spot = self._middle(area_code)
            self.n_estimated += spot is not None
        if spot is None:
            return NO_PLACE
        if spot not in self.rows:
            self.rows[spot] = len(self.at)
            self.at.append(spot)
        return self.rows[spot]

    def _middle(self, area_code: str) -> tuple[float, float] | None:
        for digits in (12, 9, 6):
            prefix = area_code[:digits]
            if prefix not in self.middles:
                known = Place.objects.filter(area_code__startswith=prefix, longitude__isnull=False)
                mean = known.aggregate(longitude=Avg("longitude"), latitude=Avg("latitude"))
                has = mean["longitude"] is not None
                self.middles[prefix] = (mean["longitude"], mean["latitude"]) if has else None
            if self.middles[prefix] is not None:
                return self.middles[prefix]
        return None


def _spot(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.longitude is None or place.latitude is None:
        return None
    return place.longitude, place.latitude


# --- The question, and what the engine says -----------------------------------------------------


def _planned(setting: Setting, ends_at: datetime, rules: Rules) -> dict[str, Any]:
    spots = Spots()
    requests = _requests(setting, rules, spots)
    vehicles = _vehicles(setting, ends_at, spots)
    at = np.array(spots.at or [(0.0, 0.0)])
    asked = TransferQuestion(
        requests, vehicles, straight_minutes(at, kmh=KMH), sharing=Sharing(contacts_in_buses=False, released=True)
    )
    many = len(setting.requests) > FEW
    plan = engine.plan_transfers(asked, steps=STEPS_OF_MANY if many else STEPS)
    more = [] if many else engine.one_more(asked, plan)
    return {
        "trips": [_trip(one, setting) for one in plan.trips],
        "late": [
            {"request": setting.requests[row].pk, "minutes": round(float(plan.lateness[row]))}
            for row in np.flatnonzero(plan.lateness > 0).tolist()
        ],
        "unserved": [
            {"request": setting.requests[row].pk, "why": str(why)} for row, why in sorted(plan.unserved.items())
        ],
        "minutes_late": round(float(plan.late)),
        "value": round(float(plan.value)),
        "bound": round(float(plan.bound)),
        "minutes_driven": round(float(plan.driven)),
        "more": [
            {
                "kind": setting.shifts[one.like].vehicle.kind, "minutes_late": round(one.late), "carried": one.carried,
            }
            for one in more
        ],
        "estimated": spots.n_estimated,
    }  # fmt: skip


def _requests(setting: Setting, rules: Rules, spots: Spots) -> Requests:
    waiting = setting.requests
    wanted = rules.value(PREFERRED)
    asks = wanted.value is not None and "negative_pressure" in wanted.text
    pick_up = [spots.row(one.from_place, one.from_area_code) for one in waiting]
    drop = [spots.row(one.to_place, one.to_area_code) for one in waiting]
    return Requests(
        party=np.array([one.party for one in waiting], np.int64),
        pick_up=np.array(pick_up, np.int64),
        drop=np.array(drop, np.int64),
        earliest=np.zeros(len(waiting)),
        due=np.array([np.nan if one.due_at is None else setting.minute(one.due_at) for one in waiting]),
        kind=tuple(TransferKind(one.kind) for one in waiting),
        strain=np.full(len(waiting), NO_STRAIN, np.int64),
        stretcher=np.array([NeedKind.STRETCHER in one.needs for one in waiting], np.bool_),
        wheelchair=np.array(
            [NeedKind.WHEELCHAIR in one.needs and NeedKind.STRETCHER not in one.needs for one in waiting], np.bool_
        ),
        negative_pressure=np.array([asks and one.kind in AS_A_CASE for one in waiting], np.bool_),
        weight=np.ones(len(waiting)),
    )


def _vehicles(setting: Setting, ends_at: datetime, spots: Spots) -> Vehicles:
    fleet = [one.vehicle for one in setting.shifts]
    kinds = list(TransferVehicleKind)
    base = [spots.row(one.place, one.area_code) for one in fleet]
    at = [_stands(setting.last_trips.get(one.pk), spots, home) for one, home in zip(fleet, base, strict=True)]
    begins = [max(one.starts_at, _free_at(setting.last_trips.get(one.vehicle_id), setting)) for one in setting.shifts]
    return Vehicles(
        at=np.array(at, np.int64),
        base=np.array(base, np.int64),
        begins=np.array([max(0.0, setting.minute(one)) for one in begins]),
        ends=np.array([setting.minute(min(one.ends_at, ends_at)) for one in setting.shifts]),
        kind=np.array([kinds.index(TransferVehicleKind(one.kind)) for one in fleet], np.int64),
        seats=np.array([one.seats for one in fleet], np.int64),
        stretchers=np.array([one.stretcher_places for one in fleet], np.int64),
        wheelchairs=np.array([one.wheelchair_places for one in fleet], np.int64),
        # Without a separated cab no case gets in, whatever the pressure.
        negative_pressure=np.array([one.negative_pressure and one.cab_separated for one in fleet], np.bool_),
        bus=np.array([one.kind == TransferVehicleKind.BUS for one in fleet], np.bool_),
        dirty=np.array([_is_dirty(setting.last_trips.get(one.pk)) for one in fleet], np.bool_),
    )


def _stands(trip: TransferTrip | None, spots: Spots, base: int) -> int:
    if trip is None:
        return base
    last = TransferLeg.objects.filter(trip=trip, taken_off_at=None).select_related("request__to_place__parent")
    leg = last.order_by("-planned_arrival_at", "-pk").first()
    if leg is None:
        return base
    row = spots.row(leg.request.to_place, leg.request.to_area_code)
    return base if row == NO_PLACE else row


def _free_at(trip: TransferTrip | None, setting: Setting) -> datetime:
    # One that waits for disinfection is free once that is done: the engine adds its minutes.
    if trip is None or trip.state == TripState.TO_DISINFECT:
        return setting.starts_at
    return trip.planned_end_at


def _is_dirty(trip: TransferTrip | None) -> bool:
    return trip is not None and trip.state == TripState.TO_DISINFECT


def _trip(one: Any, setting: Setting) -> dict[str, Any]:
    boards = {row: stop.comes for stop in one.stops for row in stop.boards}
    leaves = {row: stop.goes for stop in one.stops for row in stop.leaves}
    shift = setting.shifts[one.vehicle]
    return {
        "shift": shift.pk,
        "vehicle": shift.vehicle_id,
        "plate": shift.vehicle.plate,
        "start": setting.moment(one.sets_out).isoformat(),
        "end": setting.moment(one.ends).isoformat(),
        "rides": [
            {
                "request": setting.requests[row].pk,
                "number": setting.requests[row].number,
                "pick_up_at": setting.moment(boards[row]).isoformat(),
                "arrival_at": setting.moment(leaves[row]).isoformat(),
            }
            for row in sorted(boards, key=boards.__getitem__)
        ],
    }
