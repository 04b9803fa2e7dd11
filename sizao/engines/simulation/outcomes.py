"""What came of one run: how many, how long, and the most of everything that was needed at a time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import care
from sizao.engines.simulation.ledger import Ledger
from sizao.engines.simulation.people import bands
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.queues import NEVER, Occupied
from sizao.engines.simulation.responder import Responder
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.spread import Outbreak

# Of those who are critical and get no intensive care, and would have lived with it, so many die. An assumption.
DIE_WITHOUT = 0.5
# Days beyond the last one for which beds are counted: whoever falls ill at the end needs them later.
BEDS_LATER = 60
_AT_ONCE = 1 << 18
OUTCOMES = (
    "size", "found", "days", "rooms", "tests", "vehicles", "beds", "intensive", "no_bed", "no_intensive", "antivirals",
    "deaths", "closed",
)  # fmt: skip
BY_DAY = ("infections", "found", "rooms", "beds", "intensive")


class Outcome(NamedTuple):
    """
    One run. `size` infections, `found` of them, `days` until the last one.

    The most at a time of people in `rooms`, `tests` a day, `vehicles`, `beds` and `intensive` care; `no_bed` and
    `no_intensive` count the severe and critical who never got one; courses of `antivirals`, `deaths`, most people
    in `closed` areas. `zero`: nobody was infected any more from the day asked for. `by_day`: BY_DAY, a row each.
    """

    size: int
    found: int
    days: int
    rooms: int
    tests: int
    vehicles: int
    beds: int
    intensive: int
    no_bed: int
    no_intensive: int
    antivirals: int
    deaths: int
    closed: int
    zero: int
    by_day: Ints


def outcome(
    outbreak: Outbreak, responder: Responder, policy: Policy, *, known: int, days: int, zero_by: int
) -> Outcome:
    """Work out what came of a run of so many days; `known` cases were found before it began and are not counted."""
    course, told = responder.course, _fates(outbreak, responder)
    dies = told.death != NEVER
    beds, care_given = _wards(told, policy, days)
    without = (beds.since == NEVER) & (care_given.since == NEVER)
    left_out = (care_given.since == NEVER) & _needed(told.critical, told.leaves, days)
    also = left_out & ~dies & care.without_bed(outbreak.seed, told.people, DIE_WITHOUT)
    ledger = outbreak.ledger
    # Whoever was infected before day 0 and not found yet counts; the last infection of nobody is on day 0.
    last = max(int(ledger.day.max(initial=0)), 0)
    a_vehicle = policy.rides * policy.seats
    return Outcome(
        size=len(ledger) - known,
        found=int(course.found.sum()),
        days=last,
        rooms=int(course.rooms.max(initial=0)),
        tests=int(course.tests.max(initial=0)),
        vehicles=-(-int(course.moved.max(initial=0)) // a_vehicle),
        beds=int(beds.taken.max(initial=0)),
        intensive=int(care_given.taken.max(initial=0)),
        no_bed=int((without & _needed(told.severe, told.leaves, days)).sum()),
        no_intensive=int(left_out.sum()),
        antivirals=int(course.antivirals.sum()),
        deaths=int((dies | also).sum()),
        closed=int(course.closed.max(initial=0)),
        zero=int(last < zero_by),
        by_day=np.array([course.infections, course.found, course.rooms, beds.taken[:days], care_given.taken[:days]]),
    )


def _needed(begin: Ints, end: Ints, days: int) -> NDArray[np.bool_]:
    """Say who needed a place on any of the days that are counted."""
    needed: NDArray[np.bool_] = (begin != NEVER) & (np.maximum(begin, 0) < end) & (begin < days + BEDS_LATER)
    return needed


class _Ill(NamedTuple):
    """The severe: who, and the days on which their illness turns (see `care.Fates`)."""

    people: Ints
    severe: Ints
    critical: Ints
    death: Ints
    leaves: Ints


def _fates(outbreak: Outbreak, responder: Responder) -> _Ill:
    """Draw who falls severely ill, in parts: a wave has millions of rows."""
    ledger = outbreak.ledger
    parts = [_severe(outbreak, ledger, slice(at, at + _AT_ONCE)) for at in range(0, max(len(ledger), 1), _AT_ONCE)]
    joined = _Ill(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    lucky: NDArray[np.bool_] = np.isin(joined.people, responder.antivirals.spared())
    return _Ill(*(column[~lucky] for column in joined))


def _severe(outbreak: Outbreak, ledger: Ledger, rows: slice) -> _Ill:
    city = outbreak.world.city
    people = ledger.person[rows].astype(np.int64)
    band, doses = bands(city.age[people]), city.doses[people].astype(np.int64)
    told = care.fates(outbreak.seed, outbreak.disease, people, ledger.onset[rows].astype(np.int64), band, doses)
    ill = told.severe != NEVER
    return _Ill(people[ill], *(column[ill] for column in told))


def _wards(told: _Ill, policy: Policy, days: int) -> tuple[Occupied, Occupied]:
    span = range(min(int(told.severe.min(initial=0)), 0), days + BEDS_LATER)
    fates = care.Fates(told.severe, told.critical, told.death, told.leaves)
    beds, intensive = care.wards(fates, beds=policy.beds, intensive=policy.intensive, days=span)
    # From day 0 on: who lay in a bed before it may still do so.
    return tuple(Occupied(one.since, one.taken[-span.start :], one.waiting[-span.start :]) for one in (beds, intensive))  # type: ignore[return-value]
