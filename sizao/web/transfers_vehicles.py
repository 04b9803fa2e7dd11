"""Vehicles: which there are, who is in them, their crews and history; registered by hand or from a list."""

from collections.abc import Callable, Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, CrewShift, TransferTrip, TransferVehicle
from sizao.response import outbreaks, transport
from sizao.response.transport import shifts
from sizao.response.transport.shifts import ShiftUnreadable
from sizao.response.transport.vehicles import people_in
from sizao.terms import Right, TransferVehicleKind, TripState, VehicleState
from sizao.web import refusals, shell, transfers, uploaded

# The headings that may stand over each column, as offices write them.
COLUMNS: Mapping[str, Sequence[str]] = {
    "plate": ("车牌号", "号牌"),
    "kind": ("类型", "车辆类型"),
    "area_code": ("行政区划代码", "县区代码"),
    "seats": ("座位数", "载客座位"),
    "base": ("驻地", "所属单位"),
    "negative_pressure": ("负压",),
    "cab_separated": ("驾驶室隔离",),
    "stretcher_places": ("担架位",),
    "wheelchair_places": ("轮椅位",),
    "latitude": ("纬度",),
    "longitude": ("经度",),
}
NEEDS = ("plate", "kind", "area_code", "seats")
MOST_TRIPS = 100


class NoVehicleFile(SizaoError):
    code = "transfers.no_file"
    message = "No file was chosen. Choose the workbook or CSV file that holds the vehicles."


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which vehicles are there, where do they stand, and which county falls short of its reserve?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRANSFER_DISPATCH if request.method == "POST" else Right.SITUATION_READ)
    faulty: dict[str, object] = {}
    if request.method == "POST":
        try:
            n = _register(request)
        except transport.VehiclesRefused as refusal:
            messages.warning(request, refusals.sentence(refusal))
            if "vehicles" in request.FILES:
                faulty = uploaded.faults(refusal.facts["errors"], _upload(request), _should())
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, n)
            return redirect(f"{reverse('transfers_vehicles')}?{chosen.query}")
    found = list(_mine(request).order_by("area_code", "plate"))
    aboard = people_in(found)
    rules = outbreaks.rules_at(chosen.outbreak, chosen.as_of, area_code=chosen.area_code)
    reserve = transport.reserve(rules=rules, by=request.user, area_code=chosen.area_code, as_of=chosen.as_of)
    shown = {
        **faulty,
        "rows": [(one, TransferVehicleKind(one.kind), VehicleState(one.state), aboard.get(one.pk, 0)) for one in found],
        "n_aboard": sum(aboard.values()),
        "reserve": reserve,
        "n_short": sum(bool(one.buses_short or one.drivers_short) for one in reserve.counties),
        "kinds": list(TransferVehicleKind),
        "columns": [(column, headings[0], _should()[column]) for column, headings in COLUMNS.items()],
        "given": request.POST,
    }
    return render(request, "web/transfers_vehicles.html", shown | transfers.common(request, "vehicles"))


@require_GET
def one(request: HttpRequest, vehicle_id: int) -> HttpResponse:
    """Answer: who is in this vehicle, who drives it, and what did it do?"""
    chosen, found = shell.chosen(request), _fetch(request, vehicle_id, to=Right.SITUATION_READ)
    trips = TransferTrip.objects.filter(vehicle=found, outbreak=chosen.outbreak, made_at__lte=chosen.as_of)
    shown = {
        "vehicle": found,
        "kind": TransferVehicleKind(found.kind),
        "state": VehicleState(found.state),
        "n_aboard": people_in([found]).get(found.pk, 0),
        "trips": [(trip, TripState(trip.state)) for trip in trips.order_by("-planned_start_at", "-pk")[:MOST_TRIPS]],
        "shifts": CrewShift.objects.filter(vehicle=found, recorded_at__lte=chosen.as_of)
        .select_related("driver")
        .order_by("-starts_at")[:MOST_TRIPS],
        "drivers": shifts.drivers(request.user) if access.may(request.user, Right.TRANSFER_DISPATCH) else (),
        "out": VehicleState.OUT_OF_SERVICE,
    }
    return render(request, "web/transfers_vehicle.html", shown | transfers.common(request, "vehicles"))


@require_POST
def act(request: HttpRequest, vehicle_id: int) -> HttpResponse:
    """Take a vehicle out of service, put it back, or say who is with it from when to when."""
    chosen, given = shell.chosen(request), request.POST
    found = _fetch(request, vehicle_id, to=Right.TRANSFER_DISPATCH)
    facts = {"vehicle": found, "by": request.user, "now": chosen.moment}
    acts: dict[str, Callable[[], object]] = {
        "take_out": lambda: transport.take_out(reason=given.get("reason", ""), **facts),
        "put_back": lambda: transport.put_back(**facts),
        "shift": lambda: _start_shift(request, facts),
    }
    back = reverse("transfers_vehicle", args=[found.pk])
    return transfers.done(request, acts.get(given.get("act", "")), gettext("Done in your name."), back)


def _start_shift(request: HttpRequest, facts: dict[str, object]) -> CrewShift:
    given = request.POST
    starts_at, ends_at = transfers.moment_of(given.get("starts", "")), transfers.moment_of(given.get("ends", ""))
    if starts_at is None or ends_at is None:
        raise ShiftUnreadable
    driver = Account.objects.filter(pk=transfers.number(given.get("driver", "")) or 0).first()
    return transport.start_shift(
        starts_at=starts_at, ends_at=ends_at, driver=driver, crew=given.get("crew", ""), **facts
    )


def _register(request: HttpRequest) -> str:
    chosen, given = shell.chosen(request), request.POST
    rehearsed = given.get("dry_run") == "1"
    if given.get("from") == "file":
        entries = [transport.VehicleEntry(**_with_kind(row)) for row in _upload(request).rows]
        source = request.FILES["vehicles"].name[:120]
    else:
        told = {column: given.get(column, "").strip() for column in COLUMNS}
        entries, source = [transport.VehicleEntry(**told)], ""
    made = transport.register_vehicles(
        entries=entries, by=request.user, now=chosen.moment, source=source, dry_run=rehearsed
    )
    if rehearsed:
        return ngettext(
            "The file is right: {n} vehicle. Nothing was kept.",
            "The file is right: {n} vehicles. Nothing was kept.",
            len(entries),
        ).format(n=len(entries))
    return ngettext("{n} vehicle is registered.", "{n} vehicles are registered.", len(made)).format(n=len(made))


def _with_kind(row: Mapping[str, str]) -> dict[str, str]:
    """Read a kind as offices write it: our code, or its Chinese or English word."""
    words = {word: str(one) for one in TransferVehicleKind for word in (str(one), one.zh, one.en.lower())}
    told = row.get("kind", "").strip()
    return {**row, "kind": words.get(told, words.get(told.lower(), told))}


def _upload(request: HttpRequest):
    return uploaded.read(request, "vehicles", columns=COLUMNS, needs=NEEDS, missing=NoVehicleFile)


def _should() -> dict[str, str]:
    yes = gettext("yes or no")
    return {
        "plate": gettext("1 to 20 characters, each plate once"),
        "kind": gettext("ambulance, negative_pressure, car or bus"),
        "area_code": gettext("the county or a finer area of yours"),
        "seats": gettext("people carried, without the crew: 1 to 80"),
        "base": gettext("where it stands"),
        "negative_pressure": yes,
        "cab_separated": yes,
        "stretcher_places": gettext("a whole number"),
        "wheelchair_places": gettext("a whole number"),
        "latitude": gettext("of the base, WGS-84"),
        "longitude": gettext("of the base, WGS-84"),
    }


def _mine(request: HttpRequest):
    chosen = shell.chosen(request)
    return TransferVehicle.objects.filter(area_code__startswith=chosen.area_code, registered_at__lte=chosen.as_of)


def _fetch(request: HttpRequest, vehicle_id: int, *, to: Right) -> TransferVehicle:
    found = TransferVehicle.objects.select_related("place")
    return access.row(found, what="vehicle", to=to, by=request.user, pk=vehicle_id)
