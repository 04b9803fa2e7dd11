"""By when somebody has to have arrived, and in which step of a transfer the time was lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sizao.protocol import Rules, basis
from sizao.records.models import TransferLeg, TransferRequest
from sizao.response.clocks import clock
from sizao.terms import LateStep, TransferKind

CONTACT_HOURS, CASE_HOURS = "contacts.close.transfer_hours", "transport.case_transfer_hours"
NOT_SET = "not_set"
COUNTY = 6


def due(rules: Rules, key: str, start: datetime | None) -> tuple[datetime | None, list[dict[str, Any]]]:
    """Say by when something is due that was known at a moment; a missing or unconfirmed value sets no clock."""
    if start is None:
        return None, []
    value = rules.value(key)
    if value.value is None:
        return None, [basis.entry(value, gives=NOT_SET)]
    return clock(rules, key, start)


@dataclass(frozen=True, slots=True)
class Steps:
    """The moments of one transfer, each None while it is not known."""

    asked_at: datetime
    approved_at: datetime | None
    planned_at: datetime | None
    set_out_at: datetime | None
    boarded_at: datetime | None
    arrived_at: datetime | None

    def lengths(self, until: datetime) -> list[tuple[LateStep, timedelta]]:
        """Give each step that has begun with how long it took, or has taken until a moment."""
        moments = (self.asked_at, self.approved_at, self.planned_at, self.set_out_at, self.boarded_at, self.arrived_at)
        lengths, since = [], self.asked_at
        for step, moment in zip(LateStep, moments[1:], strict=True):
            ended_at = moment if moment is not None else max(until, since)
            lengths.append((step, max(timedelta(), ended_at - since)))
            if moment is None:
                break
            since = max(since, moment)
        return lengths


@dataclass(frozen=True, slots=True)
class Timed:
    """One transfer against its deadline: whether it is late, by how much, and the step that took longest."""

    request: TransferRequest
    steps: Steps
    late_by: timedelta | None  # None: no clock runs
    step: LateStep | None  # of a late one: where most of the time went

    @property
    def is_late(self) -> bool:
        return self.late_by is not None and self.late_by > timedelta()


@dataclass(frozen=True, slots=True)
class Kept:
    """The share of deadlines kept in one county, for one kind of transfer; those without a clock are counted apart."""

    area_code: str
    kind: TransferKind
    with_clock: int
    in_time: int
    without_clock: int

    @property
    def share(self) -> float | None:
        """In time of all with a clock; None where none has one."""
        return self.in_time / self.with_clock if self.with_clock else None


def timed(requests: Sequence[TransferRequest], as_of: datetime) -> list[Timed]:
    """Hold transfers against their deadlines at a moment; what happened later is not known yet."""
    legs: dict[int, list[TransferLeg]] = {one.pk: [] for one in requests}
    known = TransferLeg.objects.filter(request__in=legs, trip__made_at__lte=as_of).select_related("trip")
    for leg in known.order_by("pk"):
        legs[leg.request_id].append(leg)
    return [_timed(one, legs[one.pk], as_of) for one in requests]


def kept(found: Iterable[Timed]) -> list[Kept]:
    """Count by county and kind how many arrived in time, or may still."""
    counts: dict[tuple[str, TransferKind], list[int]] = {}
    for one in found:
        county = one.request.area_code[:COUNTY]
        row = counts.setdefault((county, TransferKind(one.request.kind)), [0, 0, 0])
        row[0] += one.late_by is not None
        row[1] += one.late_by is not None and not one.is_late
        row[2] += one.late_by is None
    return [Kept(code, kind, *row) for (code, kind), row in sorted(counts.items())]


def _timed(request: TransferRequest, legs: Sequence[TransferLeg], as_of: datetime) -> Timed:
    # Of several tries the one that got somewhere counts, else the latest.
    leg = next((one for one in legs if one.boarded_at is not None), legs[-1] if legs else None)
    steps = Steps(
        asked_at=request.asked_at,
        approved_at=_known(request.approved_at, as_of),
        planned_at=_known(leg and leg.trip.made_at, as_of),
        set_out_at=_known(leg and leg.trip.set_out_at, as_of),
        boarded_at=_known(leg and leg.boarded_at, as_of),
        arrived_at=_known(leg and leg.arrived_at, as_of),
    )
    over_at = steps.arrived_at or as_of
    late_by = None if request.due_at is None else over_at - request.due_at
    is_late = late_by is not None and late_by > timedelta()
    step = max(steps.lengths(over_at), key=lambda one: one[1])[0] if is_late else None
    return Timed(request, steps, late_by, step)


def _known(moment: datetime | None, as_of: datetime) -> datetime | None:
    return moment if moment is not None and moment <= as_of else None
