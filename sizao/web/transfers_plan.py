"""Planning a shift: the hours, the proposal beside its bound, who is left and why, and accepting it."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import CrewShift, TransferPlan, TransferRequest
from sizao.response import transport
from sizao.response.transport.plans import PlanUnreadable
from sizao.terms import NotCarried, Right, TransferState, TransferVehicleKind
from sizao.web import refusals, shell, transfers

MOST_PLANS = 20
A_SHIFT = timedelta(hours=8)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Show who could be planned and which crews are on, and the plans made before; or make one."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRANSFER_DISPATCH)
    if request.method == "POST":
        try:
            made = _plan(request)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            return redirect(f"{reverse('transfers_plan_one', args=[made.pk])}?{chosen.query}")
    mine = {"outbreak": chosen.outbreak, "area_code__startswith": request.user.area_code}
    plans = TransferPlan.objects.filter(made_at__lte=chosen.as_of, **mine)
    starts_at = _next_quarter(chosen.moment)
    shown = {
        "n_waiting": TransferRequest.objects.filter(state=TransferState.APPROVED, **mine).count(),
        "n_crews": CrewShift.objects.filter(
            vehicle__area_code__startswith=request.user.area_code, starts_at__lt=starts_at + A_SHIFT,
            ends_at__gt=starts_at,
        ).count(),
        "plans": plans.select_related("made_by").order_by("-pk")[:MOST_PLANS],
        "starts_at": timezone.localtime(starts_at),
        "ends_at": timezone.localtime(starts_at + A_SHIFT),
    }  # fmt: skip
    return render(request, "web/transfers_plan.html", shown | transfers.common(request, "plan"))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a plan: its trips, who comes late, who is left and why; or accept it in one's own name."""
    chosen = shell.chosen(request)
    mine = TransferPlan.objects.filter(outbreak=chosen.outbreak).select_related("made_by", "accepted_by")
    found = access.row(mine, what="plan", to=Right.TRANSFER_DISPATCH, by=request.user, pk=plan_id)
    if request.method == "POST":
        _accept(request, found)
        return redirect(f"{reverse('transfers_plan_one', args=[found.pk])}?{chosen.query}")
    result = found.result
    numbers = dict(
        TransferRequest.objects.filter(
            pk__in=[row["request"] for row in (*result["late"], *result["unserved"])]
        ).values_list("pk", "number")
    )
    value, bound = result["value"], result["bound"]
    shown = {
        "plan": found,
        "trips": [_trip(trip) for trip in sorted(result["trips"], key=lambda trip: (trip["start"], trip["plate"]))],
        "n_people": sum(len(trip["rides"]) for trip in result["trips"]),
        "late": [(numbers[row["request"]], row["minutes"]) for row in result["late"]],
        "unserved": [(numbers[row["request"]], NotCarried(row["why"])) for row in result["unserved"]],
        "gap": round(100 * (value - bound) / value) if value > 0 else 0,
        "more": [(TransferVehicleKind(row["kind"]), row["minutes_late"], row["carried"]) for row in result["more"]],
    }
    return render(request, "web/transfers_plan_one.html", shown | transfers.common(request, "plan"))


def _plan(request: HttpRequest) -> TransferPlan:
    chosen, given = shell.chosen(request), request.POST
    starts_at, ends_at = transfers.moment_of(given.get("starts", "")), transfers.moment_of(given.get("ends", ""))
    if starts_at is None or ends_at is None:
        raise PlanUnreadable
    return transport.plan_shift(
        outbreak=chosen.outbreak, starts_at=starts_at, ends_at=ends_at, anew=given.get("anew") == "1", by=request.user,
        now=chosen.moment,
    )  # fmt: skip


def _accept(request: HttpRequest, found: TransferPlan) -> None:
    try:
        made, refused = transport.accept_plan(plan=found, by=request.user, now=shell.chosen(request).moment)
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return
    said = ngettext("{n} trip stands in your name.", "{n} trips stand in your name.", len(made))
    messages.success(request, said.format(n=len(made)))
    for sentence in dict.fromkeys(refusals.sentence(one) for one in refused[:5]):
        messages.warning(request, sentence)


def _trip(trip: dict) -> dict[str, object]:
    moments = {"start": _moment(trip["start"]), "end": _moment(trip["end"])}
    rides = [
        {"number": one["number"], "pick_up": _moment(one["pick_up_at"]), "arrival": _moment(one["arrival_at"])}
        for one in trip["rides"]
    ]
    return {"plate": trip["plate"], "rides": rides} | moments


def _moment(written: str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(written))


def _next_quarter(moment: datetime) -> datetime:
    local = timezone.localtime(moment)
    day = datetime.combine(local.date(), time(), tzinfo=local.tzinfo)
    quarters = (local - day) // timedelta(minutes=15) + 1
    return day + quarters * timedelta(minutes=15)
