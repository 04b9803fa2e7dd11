"""
Who is kept apart from when to when, in a room or at home, and what that takes: rooms, rides, tests.

Where rooms or vehicles are short, the found go first, then companions, then companions of companions; who waits does so
at home, with the household.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import queues
from sizao.engines.simulation.orders import HOME_ISOLATION, ISOLATION, OrderLog
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.queues import Held, Waiting
from sizao.engines.simulation.rng import Ints

Bools = NDArray[np.bool_]
FOUND, COMPANION, SECOND = range(3)  # why somebody is kept, and in what order rooms are given


class Stage(NamedTuple):
    """How companions of one kind are kept: so many days first, in a room or not, then so many at home, with tests."""

    days: int
    in_room: bool
    home_days: int
    test_days: tuple[int, ...]


class Keeping:
    """
    The people kept apart in one run.

    Days from which and until which somebody is kept are one more than the day, 0 for never. `rooms`, `moved` and
    `waiting` count by day, at its end.
    """

    def __init__(self, log: OrderLog, policy: Policy, *, people: int, days: int, taken: Ints | None = None) -> None:
        """Begin with nobody kept; `taken` are rooms that others have on each day."""
        self._log, self._policy, self._days = log, policy, days
        self._from: NDArray[np.int16] = np.zeros(people, np.int16)
        self._until: NDArray[np.int16] = np.zeros(people, np.int16)
        self._room_until: NDArray[np.int16] = np.zeros(people, np.int16)
        self._kind: NDArray[np.uint8] = np.zeros(people, np.uint8)
        self._before: NDArray[np.uint8] = np.zeros(people, np.uint8)  # days kept before day 0
        self._stages = (
            Stage(policy.isolation_days, in_room=True, home_days=0, test_days=()),
            Stage(policy.quarantine_days, not policy.quarantine_at_home, policy.home_days, policy.tested_on),
            Stage(policy.secondary_days, not policy.secondary_at_home, 0, policy.secondary_test_days),
        )
        self._batches: list[tuple[int, int, int]] = []
        self._to_move: dict[int, list[tuple[Ints, int, int]]] = defaultdict(list)
        self._is_short = policy.rooms >= 0 or policy.vehicles >= 0
        self._queue, self._held = queues.nobody(), queues.no_places()
        self._taken = np.zeros(days, np.int64) if taken is None else taken
        self.rooms, self.moved, self.waiting = self._taken.copy(), np.zeros(days, np.int64), np.zeros(days, np.int64)

    def is_free(self, people: Ints, day: int) -> Bools:
        """Say who is not kept as a companion on a day (whoever was found is no companion any more)."""
        free: Bools = self._until[people] <= day + 1
        return free

    @property
    def anybody(self) -> bool:
        """Say whether any companion was ever kept."""
        return bool(self._batches)

    def tested(self, people: NDArray[np.int32], day: int) -> Ints:
        """Say who is tested on a day because of being kept: where they stand among `people`."""
        kept = np.flatnonzero((self._from[people] > 0) & (day < self._until[people] - 1))
        since = day - self._from[people[kept]].astype(np.int64) + 2 + self._before[people[kept]]
        tested = np.zeros(len(kept), np.bool_)
        for kind in (COMPANION, SECOND):
            tested |= (self._kind[people[kept]] == kind) & np.isin(since, self._stages[kind].test_days)
        return kept[tested]

    def tests(self, day: int) -> int:
        """Count the tests of a day of all who are kept."""
        return sum(count for began, count, kind in self._batches if day - began + 1 in self._stages[kind].test_days)

    def isolate(self, people: Ints, day: int) -> None:
        """Keep the found, from a day on."""
        self._in_rooms(people, day, day + self._policy.isolation_days, FOUND)

    def quarantine(self, people: Ints, day: int, kind: int) -> None:
        """Keep companions, or companions of companions (`kind`), from a day on."""
        stage = self._stages[kind]
        until = day + stage.days
        self._from[people], self._until[people] = day + 1, until + stage.home_days + 1
        self._kind[people] = kind
        self._batches.append((day, len(people), kind))
        if stage.in_room:
            self._in_rooms(people, day, until, kind)
        else:
            self._log.hold(people, day, until, HOME_ISOLATION)
        if stage.home_days:
            self._log.hold(people, until, until + stage.home_days, HOME_ISOLATION)

    def take_over(self, people: Ints, began: Ints) -> None:
        """Go on keeping companions who are in rooms since days before day 0; their rooms are among those `taken`."""
        stage = self._stages[COMPANION]
        until = np.maximum(began + stage.days, 1)
        self._from[people], self._until[people] = 1, until + stage.home_days + 1
        self._before[people] = -began
        first, counts = np.unique(began, return_counts=True)
        self._batches += [(day, n, COMPANION) for day, n in zip(first.tolist(), counts.tolist(), strict=True)]
        self._kind[people] = COMPANION
        self._log.hold(people, 0, until, ISOLATION if stage.in_room else HOME_ISOLATION)
        if stage.home_days:
            self._log.hold(people, until, until + stage.home_days, HOME_ISOLATION)

    def settle(self, day: int) -> None:
        """Bring those who wait into rooms, as far as rooms and rides go; at the end of each day."""
        for people, until, kind in self._to_move.pop(day, []):
            self._bring(people, day, until, kind)
        if not self._is_short:
            return
        who, since, urgency, _ = self._queue
        stay = self._room_until[who].astype(np.int64) - 1 - day
        queue = Waiting(*(column[stay > 0] for column in (who, since, urgency, stay)))
        inside = int((self._held.until > day).sum())
        policy, places = self._policy, inside + len(queue)
        if policy.rooms >= 0:
            places = min(places, max(policy.rooms - int(self._taken[day]), 0))
        if policy.vehicles >= 0:
            places = min(places, inside + policy.moved_a_day)
        got, self._queue, self._held = queues.admit(queue, queues.nobody(), self._held, places=places, now=day)
        self._log.hold(got.who, day, day + got.stay, ISOLATION)
        self.moved[day] += len(got)
        self.rooms[day] += len(self._held)
        self.waiting[day] = len(self._queue)

    def _in_rooms(self, people: Ints, day: int, until: int, kind: int) -> None:
        moved = day + self._policy.move_days
        if moved == day:
            self._bring(people, day, until, kind)
            return
        self._log.hold(people, day, min(moved, until), HOME_ISOLATION)
        if moved < until:
            self._to_move[moved].append((people, until, kind))

    def _bring(self, people: Ints, day: int, until: int, kind: int) -> None:
        had = self._room_until[people].astype(np.int64) - 1
        self._room_until[people] = np.maximum(had, until) + 1
        if self._is_short:
            self._ask(people, day, until, kind)
            return
        self._log.hold(people, day, until, ISOLATION)
        self.moved[day] += (had <= day).sum()
        # Who has a room for longer than this needs no other.
        came = np.cumsum(np.bincount(np.clip(had, day, self._days), minlength=self._days + 1))
        end = min(until, self._days)
        self.rooms[day:end] += came[day:end]

    def _ask(self, people: Ints, day: int, until: int, kind: int) -> None:
        """Let people wait at home for a room, each once; who has one stays on in it."""
        self._log.hold(people, day, until, HOME_ISOLATION)
        inside = np.isin(people, self._held.who[self._held.until > day])
        self._log.hold(people[inside], day, until, ISOLATION)
        longer = np.isin(self._held.who, people[inside])
        self._held = Held(self._held.who, np.where(longer, np.maximum(self._held.until, until), self._held.until))
        who, since, urgency, stay = self._queue
        urgency = np.where(np.isin(who, people), np.minimum(urgency, kind), urgency)
        fresh = people[~inside & ~np.isin(people, who)]
        more = queues.arriving(fresh, day, urgency=kind, stay=until - day)
        pairs = zip((who, since, urgency, stay), more, strict=True)
        self._queue = Waiting(*(np.append(one, other) for one, other in pairs))
