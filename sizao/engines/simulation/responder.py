"""
A reference responder: tests, traces, isolates, quarantines and closes by rules, inside the simulation.

It stands in for a whole response where policies are compared by the thousand; it sees only what its tests
find. Each measure draws from a stream of its own, so that switching one leaves all else as it was.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import rng
from sizao.engines.simulation.areas import COMMUNITY
from sizao.engines.simulation.disease import HOUSEHOLD
from sizao.engines.simulation.orders import AREA_CLOSED, HOME_ISOLATION, ISOLATION
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.presence import look_back, met_between
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.spread import Outbreak
from sizao.engines.simulation.world import GROUP, KIND_SHIFT

# Longer than anybody is infectious or tests positive: infections before are not looked at again.
LONGEST_ILLNESS = 40


@dataclass(frozen=True, slots=True)
class Course:
    """
    What a response saw and used, an entry a day: infections (the truth), cases found, tests taken, people in rooms.

    `rooms` counts the isolated and the quarantined at the end of the day, `closed` the people of closed communities.
    """

    infections: Ints
    found: Ints
    tests: Ints
    rooms: Ints
    closed: Ints


class Responder:
    """
    A policy at work on one outbreak: `step` runs a day of both.

    Draws come from the seed of the outbreak: a pair of runs with one seed differ only in what their policies change.
    """

    def __init__(self, outbreak: Outbreak, policy: Policy, *, days: int) -> None:
        self._outbreak, self._policy = outbreak, policy
        people = outbreak.world.city.people
        # One more than the day, 0 for never.
        self._found: NDArray[np.int16] = np.zeros(people, np.int16)
        self._kept_from: NDArray[np.int16] = np.zeros(people, np.int16)
        self._kept_until: NDArray[np.int16] = np.zeros(people, np.int16)
        self._results: dict[int, list[Ints]] = defaultdict(list)
        self._to_trace: dict[int, list[Ints]] = defaultdict(list)
        self._quarantines: list[tuple[int, int]] = []
        self._cases_at: dict[int, list[int]] = defaultdict(list)
        self._closed_until: dict[int, int] = {}
        self._days = days
        self._counts = {name: np.zeros(days, np.int64) for name in ("infections", "found", "tests", "rooms", "closed")}
        self._first_found: int | None = None
        names = ("symptoms", "specimen", "round", "tracing")
        self._keys = {name: rng.stream(outbreak.seed, f"response: {name}") for name in names}
        self._pcr = rng.thresholds(np.append(outbreak.disease.pcr, 0.0))

    @property
    def course(self) -> Course:
        """Give what was seen and used so far."""
        return Course(**self._counts)

    def step(self, day: int) -> None:
        """Run a day: take samples, read results, trace, close, and let the disease spread."""
        self._sample(day)
        self._read(day)
        self._trace(day)
        self._close(day)
        before = len(self._outbreak.ledger)
        self._outbreak.step(day)
        self._counts["infections"][day] = len(self._outbreak.ledger) - before

    def _sample(self, day: int) -> None:
        ledger, policy = self._outbreak.ledger, self._policy
        recent = np.searchsorted(ledger.day, day - LONGEST_ILLNESS)
        person, infected, onset = ledger.person[recent:], ledger.day[recent:], ledger.onset[recent:]
        unknown = self._found[person] == 0
        ill = unknown & ledger.symptomatic[recent:] & (onset <= day) & (day < onset + policy.testing_days)
        asked = ill & self._draw("symptoms", person, day, policy.testing)
        since = day - (self._kept_from[person].astype(np.int64) - 1) + 1
        kept = (self._kept_from[person] > 0) & (day < self._kept_until[person] - 1)
        checked = unknown & kept & np.isin(since, policy.test_days)
        self._counts["tests"][day] += asked.sum() + self._quarantine_tests(day)
        sampled = asked | checked
        if self._is_round(day):
            self._counts["tests"][day] += round(self._outbreak.world.city.people * policy.round_coverage)
            sampled |= unknown & self._draw("round", person, day, policy.round_coverage)
        chance = self._pcr[np.minimum(day - infected, len(self._pcr) - 1)]
        specimen = rng.words(self._keys["specimen"], person, rng.moment(day))
        positive = np.flatnonzero(sampled & rng.happens(specimen, chance))
        self._results[day + policy.result_days].append(recent + positive)

    def _draw(self, name: str, person: Ints, day: int, chance: float) -> NDArray[np.bool_]:
        return rng.happens(rng.words(self._keys[name], person, rng.moment(day)), int(rng.thresholds(chance)))

    def _quarantine_tests(self, day: int) -> int:
        return sum(count for began, count in self._quarantines if day - began + 1 in self._policy.test_days)

    def _is_round(self, day: int) -> bool:
        every, first = self._policy.round_every, self._first_found
        return every > 0 and first is not None and day > first and (day - first - 1) % every == 0

    def _read(self, day: int) -> None:
        """Isolate those whose results come today."""
        rows = np.unique(np.concatenate([np.zeros(0, np.int64), *self._results.pop(day, [])]))
        people = self._outbreak.ledger.person[rows]
        rows, people = rows[self._found[people] == 0], people[self._found[people] == 0]
        if len(people) == 0:
            return
        self._first_found = day if self._first_found is None else self._first_found
        self._found[people] = day + 1
        self._counts["found"][day] = len(people)
        until = day + self._policy.isolation_days
        self._outbreak.log.hold(people, day, until, ISOLATION)
        in_room = 0 if self._policy.quarantine_at_home else self._kept_until[people].astype(np.int64) - 1
        self._add_rooms(np.clip(in_room, day, until) + np.zeros(len(people), np.int64), until)
        self._to_trace[day + self._policy.trace_days].append(rows)
        for zone in self._outbreak.world.city.community[people].tolist():
            self._cases_at[zone].append(day)

    def _trace(self, day: int) -> None:
        """Quarantine those whom today's traced cases met."""
        rows = np.concatenate([np.zeros(0, np.int64), *self._to_trace.pop(day, [])])
        limit = self._policy.cases_traced
        if limit >= 0 and len(rows) > limit:
            self._to_trace[day + 1].insert(0, rows[limit:])
            rows = rows[:limit]
        if len(rows) == 0 or not any(self._policy.traced):
            return
        met = self._companions(rows)
        free = (self._found[met] == 0) & (self._kept_until[met] <= day + 1)
        self._quarantine(np.unique(met[free]), day)

    def _quarantine(self, people: Ints, day: int) -> None:
        until = day + self._policy.quarantine_days
        self._kept_from[people], self._kept_until[people] = day + 1, until + 1
        self._outbreak.log.hold(people, day, until, HOME_ISOLATION if self._policy.quarantine_at_home else ISOLATION)
        self._quarantines.append((day, len(people)))
        if not self._policy.quarantine_at_home:
            self._add_rooms(np.full(len(people), day), until)

    def _companions(self, rows: Ints) -> Ints:
        """Find the companions of cases that tracing reaches, some of them several times."""
        outbreak, city, ledger = self._outbreak, self._outbreak.world.city, self._outbreak.ledger
        cases = ledger.person[rows]
        last = self._found[cases].astype(np.int64) - 1
        told = np.where(ledger.symptomatic[rows], np.minimum(ledger.onset[rows], last), last)
        case, person, place = self._met(cases, told - self._policy.look_back_days, last)
        kind = place >> KIND_SHIFT
        layer = np.where(kind == GROUP, city.group_layer[np.maximum(city.group[case], 0)], 0)
        away = kind > GROUP
        layer[away] = outbreak.world.slots.layer[kind[away] - GROUP - 1]
        mates = self._mates(cases)
        case, person = np.append(case, mates[0]), np.append(person, mates[1])
        layer = np.append(layer, np.full(len(mates[0]), HOUSEHOLD))
        # One draw for a pair and layer, however often they met.
        pair = rng.words(rng.words(self._keys["tracing"], case, 0), person, rng.moment(0, layer))
        reached = rng.happens(pair, rng.thresholds(self._policy.traced)[layer])
        return person[reached]

    def _met(self, cases: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
        outbreak = self._outbreak
        if outbreak.engine == "numba":
            met = met_between(outbreak.packed, cases, first, last)
            return met.case, met.person, met.place
        world = outbreak.world._replace(orders=outbreak.log.orders)
        parts = [
            look_back(world, np.array([case]), np.arange(low, high + 1), engine="numpy")
            for case, low, high in zip(cases.tolist(), first.tolist(), last.tolist(), strict=True)
        ]
        columns = zip(*((part.case, part.person, part.place) for part in parts), strict=True)
        case, person, place = (np.concatenate(column) for column in columns)
        return case, person, place

    def _mates(self, cases: Ints) -> tuple[Ints, Ints]:
        city = self._outbreak.world.city
        size = city.size[cases].astype(np.int64)
        case = np.repeat(cases, size)
        turn = np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size)
        mate = case - city.offset[case] + turn
        return case[mate != case], mate[mate != case]

    def _close(self, day: int) -> None:
        policy = self._policy
        if policy.close_at == 0:
            return
        population = self._outbreak.world.city.zones.size
        for community, days in self._cases_at.items():
            recent = sum(one > day - 7 for one in days)
            if recent >= policy.close_at and self._closed_until.get(community, 0) <= day:
                zone = int(self._outbreak.world.city.zones.of[COMMUNITY, community])
                self._closed_until[community] = day + policy.close_days
                self._outbreak.log.order_area(zone, day, day + policy.close_days, AREA_CLOSED)
                self._counts["closed"][day : day + policy.close_days] += population[zone]

    def _add_rooms(self, begin: Ints, until: int) -> None:
        """Count people in rooms from their days to before another."""
        came = np.cumsum(np.bincount(np.minimum(begin, self._days), minlength=self._days + 1))
        self._counts["rooms"][:until] += came[: min(until, self._days)]


def respond(outbreak: Outbreak, policy: Policy, *, days: int) -> Course:
    """Run an outbreak under a policy for some days from day 0."""
    responder = Responder(outbreak, policy, days=days)
    for day in range(days):
        responder.step(day)
    return responder.course
