"""
The laboratory of a drill: tubes of single people, and of rounds by the hundred thousand, and when it tells.

Tubes of single people go first, by urgency. Those of a round wait behind them in the order in which they were filled;
what is negative among them is counted and never made, so that the cost follows the positive ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sizao.drill.rehearsal.city_life import MOVED, CityLife
from sizao.drill.rehearsal.parts import Means
from sizao.engines.simulation import laboratory, orders, rng
from sizao.engines.simulation.laboratory import HOURS
from sizao.engines.simulation.rng import Ints


@dataclass(frozen=True, slots=True)
class Round:
    """One day of a testing round: people swabbed, tubes filled, and the members of each positive one by its number."""

    swabbed: int
    tubes: int
    positive: dict[int, Ints]


def swab(life: CityLife, people: Ints, day: int, *, size: int = 1) -> np.ndarray:
    """Say whose swab of a day turns a tube of `size` swabs positive."""
    key = np.uint64(rng.stream(life.rehearsal.seed, "swab"))
    since = life.since_infection(people, day)
    return laboratory.swabs(int(key), life.disease.pcr, people, since, day, size=size)


def held_round(life: CityLife, day: int) -> Round:
    """
    Swab everybody of the communities that have a round on a day, in pools of neighbours.

    Who is under an order is swabbed by it and not in the round; a village that was moved out as a whole is.
    """
    communities = life.with_order(day, orders.TESTING_ROUND)
    held = under_orders(life, day)
    size = life.rehearsal.means.pool_size
    swabbed = tubes = 0
    positive: dict[int, Ints] = {}
    found = found_on(life, day, size)
    found = found[~np.isin(found, held)]
    of = life.city.community
    for community in communities.tolist():
        living = life.residents_of(community)
        apart = held[of[held] == community]
        free = len(living) - len(apart)
        mine = found[of[found] == community]
        if len(mine):
            there = np.setdiff1d(living, apart)
            for pool in np.unique(np.searchsorted(there, mine) // size).tolist():
                positive[tubes + pool] = there[pool * size : (pool + 1) * size]
        swabbed += free
        tubes += -(-free // size)
    return Round(swabbed, tubes, positive)


def found_on(life: CityLife, day: int, size: int) -> Ints:
    """Give all whose swab of a day would turn a pool positive; others than the infected never do."""
    ledger = life.outbreak.ledger
    recent = ledger.person[day + life.lead - ledger.day < len(life.disease.pcr)].astype(np.int64)
    return np.sort(recent[swab(life, recent, day, size=size)])


def under_orders(life: CityLife, day: int) -> Ints:
    """Give who is kept by an order of their own on a day; who was moved out with the village is not among them."""
    ever = np.flatnonzero(life.log.orders.last)
    kept = life.kept(ever, np.full(len(ever), day + life.lead))
    from_city = np.uint8(orders.ISOLATION | orders.HOME_ISOLATION)
    return ever[((kept & from_city) > 0) & ((kept & np.uint8(MOVED)) == 0)]


@dataclass
class Bench:
    """
    Tubes on their way through the laboratory, hour by hour; hours count from the first midnight of the drill.

    `told_pools[day]` are the members of the pools that were told positive by the morning of a day; `told_tubes[day]`
    the first and the last number, counted from 0 over all rounds, of the tubes told then, negative ones among them.
    """

    means: Means
    hour: int
    told_pools: dict[int, Ints] = field(default_factory=dict)
    told_tubes: dict[int, tuple[int, int]] = field(default_factory=dict)
    positive_tubes: set[int] = field(default_factory=set)
    _arrivals: dict[int, list[tuple[Ints, Ints]]] = field(default_factory=dict)
    _rounds: dict[int, Round] = field(default_factory=dict)
    _waiting: list[tuple[int, Ints]] = field(default_factory=list)  # positive pools: number in the row of all, members
    _filled: int = 0
    _done: int = 0
    _running: list[tuple[int, Ints]] = field(default_factory=list)  # single tubes: hour of the result, numbers
    _running_pools: list[tuple[int, Ints]] = field(default_factory=list)
    _marks: list[tuple[int, int]] = field(default_factory=list)  # hour of the results, tubes read until then
    _told: int = 0

    def __post_init__(self) -> None:
        self._single = laboratory.Laboratory(
            tubes_per_day=self.means.tubes_per_day, run_hours=self.means.run_hours, hour=self.hour
        )

    def bring(self, day: int, tubes: Iterable[int], urgency: Iterable[int]) -> None:
        """Bring single tubes of a day, by numbers of their own; the lowest urgency goes first."""
        hour = day * HOURS + self.means.swabs_arrive_hour
        told = np.fromiter(tubes, np.int64), np.fromiter(urgency, np.int64)
        self._arrivals.setdefault(hour, []).append(told)

    def bring_round(self, day: int, held: Round) -> None:
        """Bring the tubes of one day of a round."""
        self._rounds[day * HOURS + self.means.swabs_arrive_hour] = held

    def work_until(self, hour: int, day: int) -> Ints:
        """Work on to before an hour, the morning of a day; give the single tubes that are told by then."""
        while self.hour < hour:
            self._work()
        told = _ripe(self._running, hour)
        self._running = [one for one in self._running if one[0] > hour]
        self.told_pools[day] = _ripe(self._running_pools, hour)
        self._running_pools = [one for one in self._running_pools if one[0] > hour]
        read = max((done for at, done in self._marks if at <= hour), default=self._told)
        self._marks = [one for one in self._marks if one[0] > hour]
        self.told_tubes[day], self._told = (self._told, read), read
        return told

    @property
    def waiting(self) -> int:
        """Count the tubes that wait."""
        return self._filled - self._done + len(self._single.backlog)

    def _work(self) -> None:
        hour = self.hour
        come = self._arrivals.pop(hour, [(np.zeros(0, np.int64), np.zeros(0, np.int64))])
        tubes, urgency = (np.concatenate(column) for column in zip(*come, strict=True))
        if hour in self._rounds:
            filled = self._rounds.pop(hour)
            self._waiting += [(self._filled + number, members) for number, members in sorted(filled.positive.items())]
            self.positive_tubes |= {self._filled + number for number in filled.positive}
            self._filled += filled.tubes
        per_day = self.means.tubes_per_day
        capacity = (hour + 1) * per_day // HOURS - hour * per_day // HOURS
        begun, results = self._single.step(tubes, urgency=urgency)
        if len(begun):
            self._running.append((int(results[0]), begun))
        done = min(self._done + capacity - len(begun), self._filled)
        if done > self._done:
            self._marks.append((hour + self.means.run_hours, done))
        self._done = done
        while self._waiting and self._waiting[0][0] < self._done:
            self._running_pools.append((hour + self.means.run_hours, self._waiting.pop(0)[1]))
        self.hour += 1


def _ripe(running: list[tuple[int, Ints]], hour: int) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *(numbers for told, numbers in running if told <= hour)])
