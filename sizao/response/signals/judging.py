"""
Which rows of early warning may be used where: those that need no confirmation, or have it, or serve a rehearsal.

A confirmation holds in the area of the officer who gave it and below, as for every value of the protocol.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sizao.protocol import Value
from sizao.protocol.read_triggers import shipped_watch_at
from sizao.protocol.triggers import Detector, Trigger, Watch
from sizao.records.models import Outbreak, ProtocolConfirmation, Stream
from sizao.response.signals.scope import rehearsed
from sizao.terms import AREA_DIGITS, AreaLevel, StreamKind, StreamStep

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class Judging:
    """What is in force on a day, place by place."""

    day: date
    is_rehearsal: bool
    confirmed: Mapping[str, tuple[str, ...]]  # the id of a value, and the areas whose authority answered for it

    def watch(self, area_code: str) -> Watch:
        """Give the rows in force at a place that may be used there."""
        whole = shipped_watch_at(self.day, area_code[:COUNTY])
        return Watch(
            tuple(row for row in whole.detectors if self.may_use(row.value, area_code)),
            tuple(row for row in whole.triggers if self.may_use(row.value, area_code)),
        )

    def detectors(self, stream: Stream) -> tuple[Detector, ...]:
        """Give the detectors that judge a stream."""
        kind, step = StreamKind(stream.kind), StreamStep(stream.step)
        return tuple(row for row in self.watch(stream.area_code).detectors if row.judges(kind, step))

    def triggers(self, area_codes: Iterable[str]) -> dict[Trigger, frozenset[str]]:
        """Give the trigger rules of places, each with those of the places where it may be used."""
        found: dict[Trigger, set[str]] = defaultdict(set)
        for area_code in sorted(set(area_codes)):
            for row in self.watch(area_code).triggers:
                found[row].add(area_code)
        return {row: frozenset(areas) for row, areas in found.items()}

    def may_use(self, value: Value, area_code: str) -> bool:
        """Tell whether a value may decide in a place."""
        if self.is_rehearsal or not value.needs_confirmation:
            return True
        return area_code.startswith(self.confirmed.get(value.id, ()))

    def name(self, stream: Stream) -> str:
        """Name all that a stream is judged by and may ring; another name means that it is looked at again."""
        watch = self.watch(stream.area_code)
        rows = [row.value.id for row in self.detectors(stream)] + [row.value.id for row in watch.triggers]
        return sha256("\n".join(rows).encode()).hexdigest()


def judging_at(outbreak: Outbreak | None, now: datetime, day: date) -> Judging:
    """Say what is in force at a moment; in a rehearsal nothing waits for confirmation."""
    if rehearsed(outbreak):
        return Judging(day, is_rehearsal=True, confirmed={})
    standing = ProtocolConfirmation.objects.filter(at__lte=now).exclude(withdrawn_at__lte=now)
    confirmed: dict[str, list[str]] = defaultdict(list)
    for one in standing.order_by("at", "id"):
        confirmed[f"{one.edition}:{one.key}={one.value}"].append(one.area_code)
    return Judging(day, is_rehearsal=False, confirmed={name: tuple(areas) for name, areas in confirmed.items()})
