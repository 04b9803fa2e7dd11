"""
Who rode with a case, and what the seat rule in force makes of where they sat.

The store knows who was in a vehicle; seats are kept beside it, under the same tokens. Nobody is cleared for want of a
seat, nor by a rule that waits for an authority to confirm it: both leave the question open, and say so.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pyarrow as pa
from django.db.models import Max

from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.crossings import Stay, stays
from sizao.adapters.visits.meetings import Manner
from sizao.engines.presences.seats import Reach, Seat, judged
from sizao.protocol.read_vehicles import shipped_seat_rules_at
from sizao.protocol.vehicles import VehicleRule
from sizao.records.models import PresenceSeat, Trace
from sizao.response import outbreaks
from sizao.response.tracing import bearers
from sizao.terms import Layer, Seating, VehicleKind

ORDER = (Seating.NEAR, Seating.UNKNOWN, Seating.APART)
# A vehicle that goes every day under one code: seats of rides count that began so long before the case got off.
LONGEST_RIDE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Ride:
    """
    Time with the case in one vehicle: where both sat, as far as it decided, and what the rule makes of it.

    `reach` is that of the rule; None where none is in force for such a vehicle, or it waits to be confirmed.
    """

    place: str
    kind: VehicleKind | None
    reach: Reach | None
    seating: Seating
    of_case: Seat | None
    of_other: Seat | None
    minutes: float

    @property
    def rows_behind(self) -> int | None:
        """How many rows behind the case they sat, below 0 before it; None where a row is not told."""
        if self.of_case is None or self.of_other is None or None in (self.of_case.row, self.of_other.row):
            return None
        return self.of_other.row - self.of_case.row

    def kept(self) -> dict[str, Any]:
        """Write it down as plain JSON."""
        return {
            "place": self.place, "kind": self.kind and str(self.kind), "reach": self.reach and str(self.reach),
            "seating": str(self.seating), "of_case": _kept(self.of_case), "of_other": _kept(self.of_other),
            "minutes": self.minutes,
        }  # fmt: skip


def read(kept: Mapping[str, Any]) -> Ride:
    """Read a ride that was written down."""
    return Ride(
        place=kept["place"],
        kind=VehicleKind(kept["kind"]) if kept["kind"] else None,
        reach=Reach(kept["reach"]) if kept["reach"] else None,
        seating=Seating(kept["seating"]),
        of_case=Seat(*kept["of_case"]) if kept["of_case"] else None,
        of_other=Seat(*kept["of_other"]) if kept["of_other"] else None,
        minutes=kept["minutes"],
    )


def nearest(ridden: Sequence[Ride]) -> Seating | None:
    """Give what counts of several rides: one within the rule is enough; None without any."""
    return min((one.seating for one in ridden), key=ORDER.index, default=None)


def rules_of(trace: Trace, now: datetime) -> dict[VehicleKind, VehicleRule]:
    """Give the seat rules that may decide at a moment; those that wait to be confirmed are left out."""
    rules = outbreaks.rules_at(trace.outbreak, now, area_code=trace.area_code)
    rows = shipped_seat_rules_at(rules.day, rules.area_code)
    return {kind: row for kind, row in rows.items() if not rules.awaits_confirmation(row.value)}


def seen(trace: Trace, now: datetime) -> str:
    """Sum up what seats rest on: the rules, and which seats had been told."""
    rules = sorted((str(kind), row.value.value) for kind, row in rules_of(trace, now).items())
    latest = PresenceSeat.objects.filter(outbreak=trace.outbreak).aggregate(latest=Max("id"))["latest"] or 0
    return f"{latest}:{sha256(repr(rules).encode()).hexdigest()[:12]}"


def aboard(trace: Trace, store: VisitStore, windows: Sequence[Window], manner: Manner) -> list[Stay]:
    """Give when the case was in vehicles; where the trace asks about one vehicle, in that alone."""
    found = stays(store, windows)
    layers = manner.places.layers(pa.array([stay.place for stay in found], store.places.known.type))
    one = trace.settings.get("vehicle")
    return [
        stay
        for stay, layer in zip(found, layers, strict=True)
        if layer is Layer.VEHICLE and (one is None or stay.place == one)
    ]


def during(windows: Sequence[Window], ridden: Sequence[Stay]) -> list[Window]:
    """Give the time of rides as windows of each token of the case."""
    people = dict.fromkeys(window.person for window in windows)
    return [Window(person, stay.start, stay.end) for person in people for stay in ridden]


def rides(
    trace: Trace, store: VisitStore, windows: Sequence[Window], manner: Manner, wanted: Collection[str], *,
    now: datetime,
) -> dict[str, tuple[Ride, ...]]:  # fmt: skip
    """Say of each of these tokens which vehicles they shared with the case, and what their seats say; nearest first."""
    ridden = aboard(trace, store, windows, manner)
    least = round(trace.least_minutes * 60)
    shared = store.seated(during(windows, ridden), least_seconds=1, rules={}, manner=manner).to_pylist()
    told = _told(trace, ridden, now)
    names = {row["person"] for row in shared} | {token for token, _ in told} | set(wanted)
    stands_for = bearers.alike(trace.outbreak, names, known_as=wanted, now=now)
    held: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for (token, place), seats in told.items():
        held[stands_for.get(token, token), place] += seats
    minutes, kinds = _together(shared, stands_for, wanted)
    rules = {kind: row.rule for kind, row in rules_of(trace, now).items()}
    own = {stands_for.get(one.person, one.person) for one in windows}
    found: dict[str, list[Ride]] = defaultdict(list)
    for (token, place), length in minutes.items():
        kind = kinds[place]
        rule = rules.get(kind) if kind else None
        of_case = [seat for one in sorted(own) for seat in held[one, place]]
        verdict = judged(rule, of_case, held[token, place])
        found[token].append(
            Ride(place, kind, rule and rule.reach, verdict.seating, verdict.of_case, verdict.of_other, length)
        )
    return {token: _long_enough(some, least) for token, some in found.items()}


def _told(trace: Trace, ridden: Sequence[Stay], now: datetime) -> dict[tuple[str, str], list[Seat]]:
    """Give the seats that were told by a moment of the vehicles in which the case was, by token and vehicle."""
    held: dict[tuple[str, str], dict[Seat, None]] = defaultdict(dict)
    for stay in ridden:
        until = datetime.fromtimestamp(stay.end, UTC)
        rows = PresenceSeat.objects.filter(
            outbreak=trace.outbreak, place=stay.place, batch__arrived_at__lte=now,
            started_at__gt=until - LONGEST_RIDE, started_at__lt=until,
        )  # fmt: skip
        for token, carriage, row, is_crew in rows.order_by("pk").values_list("token", "carriage", "row", "is_crew"):
            held[token, stay.place][Seat(carriage or None, row, is_crew)] = None
    return {key: list(seats) for key, seats in held.items()}


def _together(
    shared: Sequence[Mapping[str, Any]], stands_for: Mapping[str, str], wanted: Collection[str]
) -> tuple[dict[tuple[str, str], float], dict[str, VehicleKind | None]]:
    """Say how long each was in each vehicle with the case (of several tokens the longest), and what vehicle it is."""
    minutes: dict[tuple[str, str], float] = {}
    kinds: dict[str, VehicleKind | None] = {}
    for row in shared:
        token, place = stands_for.get(row["person"], row["person"]), row["place"]
        kinds[place] = VehicleKind(row["vehicle_kind"]) if row["vehicle_kind"] else None
        if token in wanted:
            minutes[token, place] = max(minutes.get((token, place), 0.0), round(row["minutes"], 3))
    return minutes, kinds


def _long_enough(ridden: Sequence[Ride], least_seconds: int) -> tuple[Ride, ...]:
    """Leave out rides too short to count; where only all of them together are long enough, keep them."""
    kept = [one for one in ridden if one.minutes * 60 >= least_seconds] or ridden
    return tuple(sorted(kept, key=lambda one: (ORDER.index(one.seating), -one.minutes, one.place)))


def _kept(seat: Seat | None) -> list[Any] | None:
    return None if seat is None else [seat.carriage, seat.row, seat.is_crew]
