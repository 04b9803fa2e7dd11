"""
Outbreaks as published, and one run of the simulated city in the place of each, asked as on the day of a decision.

A run begins with a few infections side by side, spreads unseen until so many are infected, and is then answered by
the reference responder and by what the city is known to have done. Runs whose cases by the days told are not
those that were known are another outbreak, and left out. What nobody published is drawn for each run (`Guess`).
"""

import math
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

PEOPLE, POOL = 1_000_000, 10
WINDOW = 0.3  # of what was known on the day of the decision: so far off may a run be that is counted
EARLIER = 1.6  # times as many, or as few, at the days before
ROOM = 5  # people, beside that
HORIZON, LONGEST_UNSEEN = 75, 60
LOOK_BACK = 4  # days before onset that contacts are looked for
RUNAWAY = 5  # times the published size: such a run is stopped, and counted as larger than any


@dataclass(frozen=True)
class Facts:
    """One outbreak as published; see the file for what each means."""

    name: str
    use: str
    variant: str
    size: int
    days: int
    known: tuple[tuple[int, int], ...]
    rounds: int
    rounds_from: int
    round_days: int
    doses: tuple[float, ...]
    source: str
    alarm: int = 0
    careful: int | None = None
    closed: int | None = None
    closing: str = "community"
    habits: str = "town"
    community: int = 3000


class Guess(NamedTuple):
    """
    What a run needs and nobody published, each within its BOUNDS.

    FITTED, and the same in every city: `factor` on all infection outside homes; `reach`: share of the reference
    response (tests of the ill, tracing, rounds) that was reached; `staying`: of households that stay at home where
    people are told to be careful. Drawn anew for each run: `seeking`: share of the ill who come; `unalarmed`: of those
    tests of the ill that are made until doctors are told to look for more; `leak`: how often
    neighbours meet in closed areas, beside usual; `laboratory`: share of all people whose swabs of a round are run in a
    day; cases traced a day; days until results, until contacts are named, until people are moved; how many began the
    outbreak, side by side (`began`), and how many were infected when the response began (`unseen`).
    """

    factor: float
    reach: float
    staying: float
    seeking: float
    unalarmed: float
    leak: float
    laboratory: float
    cases_traced: float
    result_days: float
    trace_days: float
    move_days: float
    began: float
    unseen: float


FITTED = ("factor", "reach", "staying")
# From what to what each may be, thought of before any outbreak was looked at; whole numbers are rounded.
BOUNDS: dict[str, tuple[float, float]] = {
    "factor": (0.35, 2.0),
    "reach": (0.4, 1.0),
    "staying": (0.2, 0.8),
    "seeking": (0.4, 0.9),
    "unalarmed": (0.05, 0.5),
    "leak": (0.1, 1.0),
    "laboratory": (0.1, 0.6),
    "cases_traced": (30, 300),
    "result_days": (0.5, 2.5),
    "trace_days": (0.5, 3.5),
    "move_days": (-0.5, 2.5),
    "began": (0.5, 5.5),
    "unseen": (3, 1000),
}
# These are drawn by their logarithms.
LOGARITHMIC = ("factor", "laboratory", "cases_traced", "unseen")


def guess(level: dict[str, float]) -> Guess:
    """Give the guess whose numbers lie so far, from 0 to 1, between their bounds."""
    return Guess(**{name: _between(name, level[name]) for name in Guess._fields})


def _between(name: str, level: float) -> float:
    low, high = BOUNDS[name]
    return low * (high / low) ** level if name in LOGARITHMIC else low + (high - low) * level


class Run(NamedTuple):
    """What came of one run that fits what was known: as found, and of the truth where it happened."""

    size: float
    days: float
    villages: tuple[float, ...]
    households: tuple[float, float]
    contacts: float
    attacked: float


def facts() -> list[Facts]:
    told = tomllib.loads((Path(__file__).parent / "truth_outbreaks.toml").read_text(encoding="utf-8"))
    return [
        Facts(**{**one, "doses": tuple(one["doses"]), "known": tuple(map(tuple, one["known"]))})
        for one in told["outbreak"]
    ]


class Stage:
    """A city for one outbreak, packed once, on which it is run again and again."""

    def __init__(self, told: Facts) -> None:
        from sizao.drill import variants
        from sizao.engines.simulation import areas, city, slots
        from sizao.engines.simulation.orders import OrderLog
        from sizao.engines.simulation.packed import packed
        from sizao.engines.simulation.people import Makeup
        from sizao.engines.simulation.world import world

        self.told = told
        makeup = Makeup(doses=np.tile(told.doses, (9, 1)))
        self.town = city.build(areas.made_up_areas(PEOPLE, community=told.community), seed=1, makeup=makeup)
        log = OrderLog(self.town.zones, self.town.people, first_day=0, n_days=0)
        table = slots.slot_table(slots.VILLAGE_SLOTS if told.habits == "village" else slots.SLOTS)
        self.place = world(self.town, log.orders, seed=1, slots=table)
        self.ready = packed(self.place)
        self.disease = variants.read(told.variant)

    def run(self, given: Guess, draw: int) -> Run | None:
        """Run once; None where it dies out, or is another outbreak than what was known."""
        begun = self._unseen(given, draw)
        return None if begun is None else self._answered(begun, given)

    def _unseen(self, given: Guess, draw: int) -> Any:
        from sizao.engines.simulation import packed, rng
        from sizao.engines.simulation.orders import OrderLog
        from sizao.engines.simulation.spread import Outbreak

        town = self.town
        log = OrderLog(town.zones, town.people, first_day=-10, n_days=LONGEST_UNSEEN + HORIZON + 10)
        rates = self.disease.rates * np.array([1.0, *[given.factor] * 4])
        slots = self.ready.slots.copy()
        slots[:, packed.WHEN_CLOSED] = np.where(slots[:, packed.NEAR], rng.thresholds(given.leak), 0)
        outbreak = Outbreak(
            self.place._replace(orders=log.orders),
            log,
            replace(self.disease, rates=rates),
            seed=draw,
            ready=self.ready._replace(slots=slots),
        )
        first = np.random.default_rng((draw, len(self.told.name))).integers(town.people - round(given.began))
        outbreak.infect(first + np.arange(round(given.began)))
        while len(outbreak.ledger) < given.unseen:
            if outbreak.day > LONGEST_UNSEEN or outbreak.ledger.last.max() < outbreak.day:
                return None
            outbreak.step(outbreak.day)
        return outbreak

    def policy(self, given: Guess) -> Any:
        """Give what the reference responder does in this outbreak."""
        from sizao.engines.simulation.policy import Policy

        told, usual = self.told, Policy("reference")
        return replace(
            usual,
            seeking=given.seeking,
            unalarmed=given.unalarmed if told.alarm else 1.0,
            alarm_days=told.alarm,
            testing=usual.testing * given.reach,
            result_days=round(given.result_days),
            traced=tuple(share * given.reach for share in usual.traced),
            trace_days=round(given.trace_days),
            cases_traced=round(given.cases_traced),
            look_back_days=LOOK_BACK,
            isolation_days=30,
            move_days=round(given.move_days),
            round_every=told.rounds,
            round_from=told.rounds_from,
            round_days=told.round_days,
            round_coverage=usual.round_coverage * given.reach,
            round_pool=POOL,
            laboratory=round(given.laboratory * PEOPLE / POOL),
            close_at=3 if told.closing == "community" else 5,
            close_level=told.closing,
        )

    def _answered(self, outbreak: Any, given: Guess) -> Run | None:
        from sizao.engines.simulation.responder import Responder

        told, start = self.told, outbreak.day
        responder = Responder(outbreak, self.policy(given), days=start + HORIZON)
        first = None
        for day in range(start, start + HORIZON):
            if first is not None:
                self._order(outbreak, given, day, day - first)
            responder.step(day)
            found = responder.course.found[: day + 1]
            first = day if first is None and found[day] else first
            if first is None and day > start + 14:
                return None
            if first is not None and not self._is_this(int(found.sum()), day - first):
                return None
            if found.sum() > RUNAWAY * told.size:
                return Run(math.inf, math.inf, (), (math.nan, math.nan), math.nan, math.nan)
            if outbreak.ledger.last.max() < day - 14:
                break
        return self._seen(outbreak, responder.course.found, first)

    def _order(self, outbreak: Any, given: Guess, day: int, since: int) -> None:
        """Have households stay at home where people are told to be careful, and all where a city is closed."""
        from sizao.engines.simulation import rng
        from sizao.engines.simulation.orders import AREA_CLOSED, HOME_ISOLATION

        town = self.town
        if since == self.told.careful:
            person = np.arange(town.people)
            drawn = rng.words(rng.stream(outbreak.seed, "truth: stays at home"), person - town.offset, 0)
            chosen = rng.happens(drawn, rng.thresholds(given.staying))
            outbreak.log.hold(person[chosen], day, day + HORIZON, HOME_ISOLATION)
        if since == self.told.closed:
            outbreak.log.order_area(len(town.zones.start) - 1, day, day + HORIZON, AREA_CLOSED)

    def _is_this(self, found: int, since: int) -> bool:
        (*earlier, (decided, known)) = self.told.known
        for day, number in earlier:
            if since == day and not number / EARLIER - ROOM <= found <= number * EARLIER + ROOM:
                return False
        room = max(WINDOW * known, ROOM)
        if since < decided:
            return found <= known + room
        return since > decided or abs(found - known) <= room

    def _seen(self, outbreak: Any, found: Any, first: int | None) -> Run:
        assert first is not None
        ledger, town = outbreak.ledger, self.town
        struck = np.bincount(town.community[ledger.person], minlength=len(town.zones.of[0]))
        share = np.sort(struck / town.zones.size[: len(struck)])[::-1]
        days = int(np.flatnonzero(found)[-1]) - first + 1
        contacts = self._contacts(outbreak)
        return Run(float(found.sum()), days, tuple(share[:3].tolist()), self._at_home(ledger), *contacts)

    def _at_home(self, ledger: Any) -> tuple[float, float]:
        """
        Give the share of households among clusters.

        As investigators count them: a home with two infected or more, however they were; any other place at which
        one infected another, and second, any at which two others or more were infected.
        """
        person = ledger.person.astype(np.int64)
        homes = np.bincount(np.unique(person - self.town.offset[person], return_inverse=True)[1])
        _, counts = np.unique(ledger.place[(ledger.layer >= 0) & (ledger.place >> 44 > 0)], return_counts=True)
        at_home = int((homes > 1).sum())
        one, two = (at_home / max(at_home + int((counts >= least).sum()), 1) for least in (1, 2))
        return one, two

    def _contacts(self, outbreak: Any) -> tuple[float, float]:
        """Count the contacts of a case, from four days before onset to two days after, and the share infected."""
        from sizao.engines.simulation.presence import met_between

        ledger, size = outbreak.ledger, self.town.size.astype(np.int64)
        case, onset = ledger.person.astype(np.int64), ledger.onset.astype(np.int64)
        first, last = np.maximum(onset - LOOK_BACK, 0), np.minimum(onset + 2, outbreak.day - 1)
        met = met_between(outbreak.packed, case, first, last)
        pairs = len(np.unique(np.column_stack((met.case, met.person)), axis=0)) + (size[case] - 1).sum()
        return float(pairs / len(case)), float((ledger.infector >= 0).sum() / pairs)
