"""
What the city sends to the platform, through the doors that a real city would use.

Each source looks at the truth and tells a part of it, late, doubled or not at all, as the scenario says. What it
sends bears a key, so that sending it again changes nothing. A stage adds its source to SOURCES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import pyarrow as pa

from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.drill.rehearsal.venues import place_code
from sizao.engines.simulation import rng
from sizao.engines.simulation.presence import Presence
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Alert, IsolationOrder, Outbreak, Person
from sizao.response import signals
from sizao.response.tracing import presences
from sizao.terms import AlertState, OrderState, SignalKind, StreamKind, TestResult

SOURCE = "演练数据 drill"
HISTORY_OF_SCANS = 14  # days before the first
ALERTED_DAYS = 7  # for so long after a confirmed alert clinics test everybody with symptoms
# What clinics of so many people see on a day without the outbreak: the rest of winter's coughs.
BACKGROUND_PER_100_000 = 40


@dataclass(frozen=True, slots=True)
class Sending:
    """What a source works with."""

    rehearsal: Rehearsal
    outbreak: Outbreak
    life: CityLife

    def chance(self, purpose: str, who: Ints, day: int, share: float) -> np.ndarray:
        """Draw, for each of `who`, whether a thing of a share happens on a day."""
        drawn = rng.words(rng.stream(self.rehearsal.seed, purpose), who, rng.moment(day + 1024))
        return rng.happens(drawn, rng.thresholds(share))


Source = Callable[[Sending, int, datetime], int]


def send(sending: Sending, day: int, now: datetime) -> dict[str, int]:
    """Let every source tell of the day before; say how much each told."""
    return {name: source(sending, day, now) for name, source in SOURCES.items()}


def clinics(sending: Sending, day: int, now: datetime) -> int:
    """Count who came to the fever clinics of each township yesterday; before the first day, the history too."""
    rehearsal, outbreak = sending.rehearsal, sending.outbreak
    towns = sending.life.towns()
    entries = [
        signals.StreamEntry(
            source_key=f"drill:{rehearsal.slug}:clinic:{code}",
            kind=StreamKind.FEVER_CLINIC,
            area_code=code,
            name=f"{name}发热门诊（演练）",
            source=SOURCE,
            first_date=rehearsal.date_of(-rehearsal.history_days),
            is_generated=True,
        )
        for code, name, _ in towns
    ]
    streams = signals.open_streams(outbreak=outbreak, entries=entries, by=None, now=now)
    days = [day - 1] if day else list(range(-rehearsal.history_days, 0))
    said = []
    for number, ((code, _, people), stream) in enumerate(zip(towns, streams, strict=True)):
        mean = int(BACKGROUND_PER_100_000 / 100_000 * people * rng.MEAN_UNIT)
        for one in days:
            drawn = rng.words(rng.stream(rehearsal.seed, "background of clinics"), number, rng.moment(one + 1024))
            counts, bound = rng.poissons(_table(), np.array([mean]), drawn)
            kept = round(int(counts[0]) * mean / max(int(bound[0]), 1))
            truly = len(_seeking(sending, one, code))
            said.append(signals.Said(stream, rehearsal.date_of(one), kept + truly))
    signals.hear(outbreak=outbreak, said=said, by=None, now=now)
    return len(said)


_TABLE: list[np.ndarray] = []


def _table() -> np.ndarray:
    if not _TABLE:
        _TABLE.append(rng.poisson_table())
    return _TABLE[0]


def _seeking(sending: Sending, day: int, area: str = "") -> Ints:
    """Give who fell ill on a day and goes to a doctor, the day after."""
    ill = sending.life.with_onset_on(day - 1)
    ill = ill[sending.chance("seeks care", ill, 0, sending.rehearsal.life.seeks_care)]
    return ill[[sending.life.village(int(one)).startswith(area) for one in ill]] if area else ill


def clinic_tests(sending: Sending, day: int, now: datetime) -> int:
    """Test some of those who came to a clinic yesterday: all of them where an alert was confirmed."""
    sick = _seeking(sending, day - 1)
    since = now - timedelta(days=ALERTED_DAYS)
    alerted = Alert.objects.filter(
        outbreak=sending.outbreak, state__in=(AlertState.CONFIRMED, AlertState.ESCALATED), opened_at__gte=since
    )
    areas = tuple(alerted.values_list("area_code", flat=True))
    chosen = sending.chance("tested at a clinic", sick, 0, sending.rehearsal.life.tested_at_clinic)
    if areas:
        chosen |= np.array([sending.life.village(int(one)).startswith(areas) for one in sick], bool)
    return _swab(sending, sick[chosen], day - 1, now)


def order_tests(sending: Sending, day: int, now: datetime) -> int:
    """Swab, on its days, who is under an order; the result is told the next morning."""
    taken = sending.rehearsal.date_of(day - 1)
    due = IsolationOrder.objects.filter(
        outbreak=sending.outbreak, state=OrderState.ISSUED, test_dates__contains=[taken], issued_at__lt=now
    )
    numbers = due.order_by("person__number").values_list("person__number", flat=True)
    return _swab(sending, np.array([sending.life.person(one) for one in numbers], np.int64), day - 1, now)


def rounds(sending: Sending, day: int, now: datetime) -> int:
    """Swab the whole area in pools, as often as the scenario says; whoever is in a positive pool is swabbed alone."""
    habits = sending.rehearsal.habits
    if not habits.round_every_days or not sending.life.testing_round(day - 1):
        return 0
    members = sending.life.pooled(day - 1, sending.rehearsal.means.pool_size)
    return _swab(sending, members, day - 1, now)


def scans(sending: Sending, day: int, now: datetime) -> int:
    """Send the scans of venues of yesterday, and of the day before those that come late; doubled ones too."""
    days = [day - 1] if day else list(range(-HISTORY_OF_SCANS, 0))
    return sum(
        _scans(sending, one, is_late=False, now=now) + _scans(sending, one - 1, is_late=True, now=now) for one in days
    )


def _scans(sending: Sending, day: int, *, is_late: bool, now: datetime) -> int:
    told = sending.life.scans(day)
    number = np.arange(len(told))
    mine = sending.chance("late", number, day, sending.rehearsal.life.late) == is_late
    doubled = sending.chance("doubled", number, day, sending.rehearsal.life.doubled)
    rows = np.concatenate((np.flatnonzero(mine), np.flatnonzero(mine & doubled)))
    if not len(rows):
        return 0
    batch = presences.receive(
        outbreak=sending.outbreak,
        source="场所码（演练）",
        source_key=f"drill:{sending.rehearsal.slug}:scans:{day}{':late' if is_late else ''}",
        rows=_table_of(sending.life, told, rows),
        by=None,
        now=now,
        is_generated=True,
    )
    return batch.rows_taken


def _table_of(life: CityLife, told: Presence, rows: Ints) -> pa.Table:
    places, which = np.unique(told.place[rows], return_inverse=True)
    people, who = np.unique(told.person[rows], return_inverse=True)
    codes = np.array([place_code(life, int(one)) for one in places], object)[which]
    numbers = np.array([life.number(int(one)) for one in people], object)[who]
    return pa.table(
        {
            "number": pa.array(numbers.tolist(), pa.string()),
            "place": pa.array(codes.tolist(), pa.string()),
            "start": life.seconds(told.start[rows]),
            "end": life.seconds(told.end[rows]),
        }
    )


def _swab(sending: Sending, people: Ints, day: int, now: datetime) -> int:
    """Take swabs on a day and tell the results; a first positive is a hint too."""
    people = np.unique(people)
    if not len(people):
        return 0
    life, outbreak = sending.life, sending.outbreak
    positive = life.swab(people, day)
    known = life.registered(people, now)
    taken = sending.rehearsal.date_of(day)
    results = [
        signals.Result(
            person=known[life.number(int(one))],
            taken_date=taken,
            result=TestResult.POSITIVE if found else TestResult.NEGATIVE,
            resulted_date=outbreak.day_of(now),
            source_key=f"drill:{sending.rehearsal.slug}:test:{one}:{day}",
        )
        for one, found in zip(people.tolist(), positive.tolist(), strict=True)
    ]
    signals.record_tests(outbreak=outbreak, results=results, by=None, now=now)
    hints = [_hint(sending, known[life.number(int(one))], day, now) for one in people[positive]]
    signals.receive_many(outbreak=outbreak, hints=hints, by=None, now=now)
    return len(people)


def _hint(sending: Sending, person: Person, day: int, now: datetime) -> signals.Hint:
    del day
    return signals.Hint(
        kind=SignalKind.POSITIVE_TEST,
        area_code=person.area_code,
        occurred_at=datetime.combine(now.date(), time(7), tzinfo=now.tzinfo),
        source=SOURCE,
        source_key=f"drill:{sending.rehearsal.slug}:positive:{person.number}",
        person=person,
    )


# In the order in which they arrive in the morning. A stage adds what its doors hear.
SOURCES: dict[str, Source] = {
    "clinics": clinics,
    "scans": scans,
    "clinic_tests": clinic_tests,
    "order_tests": order_tests,
    "rounds": rounds,
}
