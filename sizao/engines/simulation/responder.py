"""
A reference responder: tests, traces, isolates, quarantines and closes by rules, inside the simulation.

It stands in for a whole response where policies are compared by the thousand; it sees only what its tests
find. Each measure draws from a stream of its own, so that switching one leaves all else as it was.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import laboratory, rng
from sizao.engines.simulation.closing import Closing
from sizao.engines.simulation.disease import HOUSEHOLD, VENUE
from sizao.engines.simulation.keeping import COMPANION, SECOND, Keeping
from sizao.engines.simulation.medicines import Antivirals, Vaccination
from sizao.engines.simulation.orders import AREA_CLOSED, VENUES_CLOSED
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.presence import look_back, met_between
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.spread import Outbreak
from sizao.engines.simulation.tubes import TubeQueue
from sizao.engines.simulation.world import GROUP, KIND_SHIFT

# Longer than anybody is infectious or tests positive: infections before are not looked at again.
LONGEST_ILLNESS = 40
WEEK_DAYS, FREE_FROM = 7, 5  # Monday is day 0 of the week
_NOBODY = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Course:
    """
    What a response saw and used, an entry a day: infections (the truth), cases found, tests taken, people in rooms.

    `rooms` counts the isolated and the quarantined at the end of the day, `waiting` those for whom there is no room or
    no ride yet, `moved` people brought to rooms, `closed` the people of closed areas, `antivirals` courses given.
    """

    infections: Ints
    found: Ints
    tests: Ints
    rooms: Ints
    waiting: Ints
    moved: Ints
    closed: Ints
    antivirals: Ints


class Responder:
    """
    A policy at work on one outbreak: `step` runs a day of both.

    Draws come from the seed of the outbreak: a pair of runs with one seed differ only in what their policies change.
    """

    def __init__(self, outbreak: Outbreak, policy: Policy, *, days: int, rooms_taken: Ints | None = None) -> None:
        """Begin on the day that the outbreak stands at; `rooms_taken` are the rooms that others have on each day."""
        self._outbreak, self._policy, city = outbreak, policy, outbreak.world.city
        # One more than the day, 0 for never; 1 also for before day 0.
        self._found: NDArray[np.int16] = np.zeros(city.people, np.int16)
        self.keeping = Keeping(outbreak.log, policy, people=city.people, days=days, taken=rooms_taken)
        self._closings = (
            Closing(outbreak.log, city.zones, level=policy.close_level, cases=policy.close_at,
                    days=policy.close_days, kind=AREA_CLOSED),
            Closing(outbreak.log, city.zones, level=policy.shut_level, cases=policy.shut_at,
                    days=policy.shut_days, kind=VENUES_CLOSED),
        )  # fmt: skip
        self.antivirals = Antivirals(outbreak, policy, days=days)
        self._vaccination = Vaccination(outbreak, policy)
        self._results: dict[int, list[Ints]] = defaultdict(list)
        self._to_trace: dict[int, list[Ints]] = defaultdict(list)
        self._to_second: dict[int, list[Ints]] = defaultdict(list)
        self._days = days
        self._counts = {name: np.zeros(days, np.int64) for name in ("infections", "found", "tests", "closed", "shut")}
        self._first_found: int | None = None
        self._tubes = TubeQueue(policy.laboratory)
        names = ("seeks", "symptoms", "queue", "turn", "specimen", "round", "tracing", "second ring")
        self._keys = {name: rng.stream(outbreak.seed, f"response: {name}") for name in names}
        curve = np.append(outbreak.disease.pcr, 0.0)
        self._pcr = rng.thresholds(curve)
        pooled = laboratory.sensitivity(curve, np.arange(len(curve)), size=policy.round_pool)
        self._pcr_pooled = rng.thresholds(pooled)

    @property
    def course(self) -> Course:
        """Give what was seen and used so far."""
        counts, keeping = self._counts, self.keeping
        return Course(
            infections=counts["infections"],
            found=counts["found"],
            tests=counts["tests"],
            rooms=keeping.rooms,
            waiting=keeping.waiting,
            moved=keeping.moved,
            closed=counts["closed"],
            antivirals=self.antivirals.given,
        )

    def take_over(self, found: Ints, kept: Ints, began: Ints) -> None:
        """Go on from before day 0: who was found, and which companions are kept since which days."""
        self._found[found] = 1
        self._first_found = -1 if len(found) else None
        self.keeping.take_over(kept, began)

    def step(self, day: int) -> None:
        """Run a day: vaccinate, take samples, read results, trace, close, and let the disease spread."""
        self._vaccination.step(day)
        self._sample(day)
        found = self._read(day)
        self._trace(day)
        self._trace_second(day)
        self.keeping.settle(day)
        community = self._outbreak.world.city.community[found]
        for closing, name in zip(self._closings, ("closed", "shut"), strict=True):
            closing.step(day, community, self._counts[name])
        self._counts["infections"][day] = self._outbreak.step(day)

    def _sample(self, day: int) -> None:
        urgent, turn = self.keeping.tests(day), self._turn(day)
        swabbed = self._swabbed_in_round(turn)
        self._counts["tests"][day] += urgent + swabbed
        if not (turn >= 0 or self._tubes.backlog or self._policy.testing or self.keeping.anybody):
            return
        ledger = self._outbreak.ledger
        recent = int(np.searchsorted(ledger.day, day - LONGEST_ILLNESS))
        rows = recent + np.flatnonzero(self._found[ledger.person[recent:]] == 0)
        asked = self._asked(rows, day)
        self._counts["tests"][day] += len(asked)
        alone = np.union1d(asked, rows[self.keeping.tested(ledger.person[rows], day)])
        self._swab(alone, day, self._pcr, np.zeros(len(alone), np.int64))
        others = self._called(np.setdiff1d(rows, alone), day, turn)
        place = rng.words(self._keys["queue"], ledger.person[others], rng.moment(day))
        waits = self._tubes.step(urgent + len(asked), -(-swabbed // self._policy.round_pool), place)
        self._swab(others, day, self._pcr_pooled, waits)

    def _turn(self, day: int) -> int:
        """Say which day of a round this is, counted from 0; -1 between rounds."""
        policy, first = self._policy, self._first_found
        if not policy.round_every or first is None or day < first + policy.round_from:
            return -1
        turn = (day - first - policy.round_from) % policy.round_every
        return turn if turn < policy.round_days else -1

    def _swabbed_in_round(self, turn: int) -> int:
        share = self._policy.round_coverage / self._policy.round_days if turn >= 0 else 0.0
        return round(self._outbreak.world.city.people * share)

    def _called(self, rows: Ints, day: int, turn: int) -> Ints:
        """Give those infected whose turn it is in a round, and who come."""
        if turn < 0:
            return _NOBODY
        person = self._outbreak.ledger.person[rows]
        own = rng.below(rng.words(self._keys["turn"], person, 0), self._policy.round_days)
        called: Ints = rows[(own == turn) & self._draw("round", person, day, self._policy.round_coverage)]
        return called

    def _asked(self, rows: Ints, day: int) -> Ints:
        """Give those with symptoms who are tested because of them on a day."""
        ledger, policy = self._outbreak.ledger, self._policy
        onset = ledger.onset[rows]
        ill = rows[ledger.symptomatic[rows] & (onset <= day) & (day < onset + policy.testing_days)]
        seeks = rng.words(self._keys["seeks"], ledger.person[ill], 0)
        ill = ill[rng.happens(seeks, rng.thresholds(policy.seeking))]
        alarmed = self._first_found is not None and day > self._first_found + policy.alarm_days
        chance = policy.testing * (1.0 if alarmed else policy.unalarmed)
        return ill[self._draw("symptoms", ledger.person[ill], day, chance)]

    def _swab(self, rows: Ints, day: int, sensitivity: Ints, waits: Ints) -> None:
        """Send swabs to the laboratory, where they wait for days, and put down when the positive ones will be known."""
        ledger = self._outbreak.ledger
        since = np.minimum(day - ledger.day[rows], len(sensitivity) - 1)
        specimen = rng.words(self._keys["specimen"], ledger.person[rows], rng.moment(day))
        positive = rng.happens(specimen, sensitivity[since])
        for wait in np.unique(waits[positive]).tolist():
            self._results[day + self._policy.result_days + wait].append(rows[positive & (waits == wait)])

    def _draw(self, name: str, person: NDArray[np.int32], day: int, chance: float) -> NDArray[np.bool_]:
        return rng.happens(rng.words(self._keys[name], person, rng.moment(day)), int(rng.thresholds(chance)))

    def _read(self, day: int) -> Ints:
        """Isolate those whose results come today, and give them."""
        rows: Ints = np.unique(np.concatenate([_NOBODY, *self._results.pop(day, [])]))
        people: Ints = self._outbreak.ledger.person[rows].astype(np.int64)
        rows, people = rows[self._found[people] == 0], people[self._found[people] == 0]
        if len(people) == 0:
            return people
        self._first_found = day if self._first_found is None else self._first_found
        self._found[people] = day + 1
        self._counts["found"][day] = len(people)
        self.keeping.isolate(people, day)
        self.antivirals.give(rows, day)
        self._to_trace[day + self._policy.trace_days].append(rows)
        return people

    def _trace(self, day: int) -> None:
        """Quarantine those whom today's traced cases met."""
        rows = np.concatenate([_NOBODY, *self._to_trace.pop(day, [])])
        limit = self._policy.cases_traced
        if limit >= 0 and len(rows) > limit:
            self._to_trace[day + 1].insert(0, rows[limit:])
            rows = rows[:limit]
        if len(rows) == 0 or not any(self._policy.traced):
            return
        ledger = self._outbreak.ledger
        cases = ledger.person[rows].astype(np.int64)
        last = self._found[cases].astype(np.int64) - 1
        told = np.where(ledger.symptomatic[rows], np.minimum(ledger.onset[rows], last), last)
        reached = self._companions(cases, told - self._policy.look_back_days, last, self._policy.traced, "tracing")
        kept = self._quarantine(reached, day, COMPANION)
        if any(self._policy.secondary):
            self._to_second[day + self._policy.secondary_trace_days].append(kept)

    def _trace_second(self, day: int) -> None:
        """Quarantine those whom companions met before they were kept."""
        policy = self._policy
        people = np.concatenate([_NOBODY, *self._to_second.pop(day, [])])
        if len(people):
            last = np.full(len(people), day - policy.secondary_trace_days)
            first = last - policy.secondary_look_back_days
            self._quarantine(self._companions(people, first, last, policy.secondary, "second ring"), day, SECOND)

    def _quarantine(self, people: Ints, day: int, kind: int) -> Ints:
        people = np.unique(people)
        people = people[(self._found[people] == 0) & self.keeping.is_free(people, day)]
        self.keeping.quarantine(people, day, kind)
        return people

    def _companions(self, cases: Ints, first: Ints, last: Ints, shares: tuple[float, ...], name: str) -> Ints:
        """Find the companions of people that tracing reaches, some of them several times."""
        if any(shares[VENUE:]):
            case, person, layer = self._met_anywhere(cases, first, last)
        else:
            case, person, layer = self._met_in_groups(cases, first, last)
        mates = self._mates(cases)
        case, person = np.append(case, mates[0]), np.append(person, mates[1])
        layer = np.append(layer, np.full(len(mates[0]), HOUSEHOLD))
        # One draw for a pair and layer, however often they met.
        pair = rng.words(rng.words(self._keys[name], case, 0), person, rng.moment(0, layer))
        reached = rng.happens(pair, rng.thresholds(shares)[layer])
        return person[reached]

    def _met_anywhere(self, cases: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
        """Give whom each met away from home, and in which layer."""
        outbreak, city = self._outbreak, self._outbreak.world.city
        case, person, place = self._met(cases, first, last)
        kind = place >> KIND_SHIFT
        layer = np.where(kind == GROUP, city.group_layer[np.maximum(city.group[case], 0)], 0).astype(np.int64)
        away = kind > GROUP
        layer[away] = outbreak.world.slots.layer[kind[away] - GROUP - 1]
        return case, person, layer

    def _met_in_groups(self, cases: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
        """Give the others of each one's class or team, where a working day lies in between; who was away counts too."""
        city, weekday = self._outbreak.world.city, self._outbreak.world.first_weekday
        ahead = np.arange(WEEK_DAYS)
        days = first[:, None] + ahead
        worked = ((days <= last[:, None]) & ((days + weekday) % WEEK_DAYS < FREE_FROM)).any(axis=1)
        cases = cases[worked & (city.group[cases] >= 0)]
        group = city.group[cases].astype(np.int64)
        begin = city.group_start[group].astype(np.int64)
        size = city.group_start[group + 1] - begin
        case = np.repeat(cases, size)
        turn = np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size)
        person = city.members[np.repeat(begin, size) + turn].astype(np.int64)
        layer = np.repeat(city.group_layer[group].astype(np.int64), size)
        other = person != case
        return case[other], person[other], layer[other]

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


def respond(outbreak: Outbreak, policy: Policy, *, days: int) -> Course:
    """Run an outbreak under a policy for some days from day 0."""
    responder = Responder(outbreak, policy, days=days)
    for day in range(days):
        responder.step(day)
    return responder.course
