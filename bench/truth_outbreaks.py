"""
Fit the simulated city to some outbreaks and test it on others, as it would be asked on the day of a decision.

A run begins with one infection, spreads unseen until so many are infected (drawn, from 3 to 400 on a log scale), and
is then answered by the reference responder and by what the city is known to have done. Runs whose cases by a day
are not those that were known then are another outbreak, and left out. Two numbers are fitted, on a grid: a factor
on all infection outside homes, the same for every variant, and the reach of the response, a share of what the
reference responder finds by tracing, by asking the ill and by rounds. Everything else is as shipped or as published.
"""

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FACTORS = (0.5, 0.7, 1.0, 1.4)
REACHES = (0.5, 0.65, 0.8, 0.9, 1.0)
PEOPLE, COMMUNITY = 300_000, 3000
UNSEEN = (3, 400)
AT_HOME_WHEN_CLOSED = 0.9  # some work on, some shop; assumed
WINDOW = 0.3  # of what was known by the day: so far off may a run be that is counted
HORIZON, LONGEST_UNSEEN = 70, 60
WIDE_LOG_SIZE, WIDE_DAYS = 0.35, 6.0  # of the kernels that say how well a run fits
RUNAWAY = 8  # times the published size: such a run is stopped, and counted as larger than any


@dataclass(frozen=True)
class Facts:
    """One outbreak as published; see the file for what each means."""

    name: str
    use: str
    variant: str
    size: int
    days: int
    known_by: int
    known: int
    rounds: int
    rounds_from: int
    doses: tuple[float, ...]
    source: str
    closed: int | None = None


class Run(NamedTuple):
    """What came of one run that fits what was known: as found, and of the truth where it happened."""

    size: float
    days: float
    villages: tuple[float, ...]
    households: float
    contacts: float
    attacked: float


def facts() -> list[Facts]:
    told = tomllib.loads((Path(__file__).parent / "truth_outbreaks.toml").read_text(encoding="utf-8"))
    return [Facts(**{**one, "doses": tuple(one["doses"])}) for one in told["outbreak"]]


def _responder(outbreak: Any, policy: Any, days: int, rounds_from: int) -> Any:
    """Make a reference responder whose rounds of tests begin on the day on which they did."""
    from sizao.engines.simulation.responder import Responder

    class Late(Responder):
        def _is_round(self, day: int) -> bool:
            since = -1 if self._first_found is None else day - self._first_found - rounds_from
            return since >= 0 and since % policy.round_every == 0

    return Late(outbreak, policy, days=days)


class Stage:
    """A city for one outbreak, packed once, on which it is run again and again."""

    def __init__(self, told: Facts) -> None:
        from sizao.drill import variants
        from sizao.engines.simulation import areas, city
        from sizao.engines.simulation.orders import OrderLog
        from sizao.engines.simulation.packed import packed
        from sizao.engines.simulation.people import Makeup
        from sizao.engines.simulation.world import world

        self.told = told
        makeup = Makeup(doses=np.tile(told.doses, (9, 1)))
        self.town = city.build(areas.made_up_areas(PEOPLE, community=COMMUNITY), seed=1, makeup=makeup)
        log = OrderLog(self.town.zones, self.town.people, first_day=0, n_days=0)
        self.place = world(self.town, log.orders, seed=1)
        self.ready = packed(self.place)
        self.disease = variants.read(told.variant)

    def run(self, factor: float, reach: float, draw: int) -> Run | None:
        """Run once; None where it dies out, or is another outbreak than what was known."""
        begun = self._unseen(factor, draw)
        return None if begun is None else self._answered(begun, reach)

    def _unseen(self, factor: float, draw: int) -> Any:
        from sizao.engines.simulation.orders import OrderLog
        from sizao.engines.simulation.spread import Outbreak

        told, town = self.told, self.town
        chance = np.random.default_rng((draw, len(told.name)))
        goal = math.exp(chance.uniform(*np.log(UNSEEN)))
        log = OrderLog(town.zones, town.people, first_day=-10, n_days=LONGEST_UNSEEN + HORIZON + 10)
        rates = self.disease.rates * np.array([1.0, factor, factor, factor, factor])
        outbreak = Outbreak(
            self.place._replace(orders=log.orders), log, replace(self.disease, rates=rates), seed=draw, ready=self.ready
        )
        outbreak.infect(chance.integers(town.people, size=1))
        while len(outbreak.ledger) < goal:
            if outbreak.day > LONGEST_UNSEEN or outbreak.ledger.last.max() < outbreak.day:
                return None
            outbreak.step(outbreak.day)
        return outbreak

    def _answered(self, outbreak: Any, reach: float) -> Run | None:
        from sizao.engines.simulation.policy import Policy

        told, start = self.told, outbreak.day
        usual = Policy("reference")
        policy = replace(
            usual,
            testing=usual.testing * reach,
            traced=tuple(share * reach for share in usual.traced),
            look_back_days=4,
            isolation_days=30,
            round_every=told.rounds,
            round_coverage=usual.round_coverage * reach,
            close_at=3,
        )
        responder = _responder(outbreak, policy, start + HORIZON, told.rounds_from)
        first = None
        for day in range(start, start + HORIZON):
            if first is not None and day - first == told.closed:
                self._at_home(outbreak, day)
            responder.step(day)
            found = responder.course.found[: day + 1]
            first = day if first is None and found[day] else first
            if first is None and day > start + 14:
                return None
            if first is not None and not self._is_this(found, day - first):
                return None
            if found.sum() > RUNAWAY * told.size:
                return Run(math.inf, math.inf, (), *[math.nan] * 3)
            if outbreak.ledger.last.max() < day - 14:
                break
        return self._seen(outbreak, responder.course.found, first)

    def _at_home(self, outbreak: Any, day: int) -> None:
        """Have most households stay at home from a day on."""
        from sizao.engines.simulation import rng
        from sizao.engines.simulation.orders import HOME_ISOLATION

        person = np.arange(self.town.people)
        drawn = rng.words(rng.stream(outbreak.seed, "truth: stays at home"), person - self.town.offset, 0)
        chosen = rng.happens(drawn, rng.thresholds(AT_HOME_WHEN_CLOSED))
        outbreak.log.hold(person[chosen], day, day + HORIZON, HOME_ISOLATION)

    def _is_this(self, found: Any, since: int) -> bool:
        known, room = self.told.known, max(WINDOW * self.told.known, 5)
        if since < self.told.known_by:
            return bool(found.sum() <= known + room)
        return since > self.told.known_by or bool(abs(found.sum() - known) <= room)

    def _seen(self, outbreak: Any, found: Any, first: int | None) -> Run:
        assert first is not None
        ledger, town = outbreak.ledger, self.town
        struck = np.bincount(town.community[ledger.person], minlength=len(town.zones.of[0]))
        share = np.sort(struck / town.zones.size[: len(struck)])[::-1]
        # A cluster: a place at which one infected another, as two cases or more.
        places = np.unique(ledger.place[ledger.layer >= 0])
        homes = (places >> 44) == 0
        days = int(np.flatnonzero(found)[-1]) - first + 1
        return Run(float(found.sum()), days, tuple(share[:3].tolist()), float(homes.mean()), *self._contacts(outbreak))

    def _contacts(self, outbreak: Any) -> tuple[float, float]:
        """Count the contacts of a case, from four days before onset to two days after, and the share infected."""
        from sizao.engines.simulation.presence import met_between

        ledger, size = outbreak.ledger, self.town.size.astype(np.int64)
        case, onset = ledger.person.astype(np.int64), ledger.onset.astype(np.int64)
        met = met_between(outbreak.packed, case, np.maximum(onset - 4, 0), np.minimum(onset + 2, outbreak.day - 1))
        pairs = len(np.unique(np.column_stack((met.case, met.person)), axis=0)) + (size[case] - 1).sum()
        return float(pairs / len(case)), float((ledger.infector >= 0).sum() / pairs)


def weights(told: list[Facts], draws: int) -> np.ndarray:
    """Say how well each pair of the grid fits the outbreaks that are fitted, as weights that sum to 1."""
    total = np.ones((len(FACTORS), len(REACHES)))
    for one in told:
        stage = Stage(one)
        fits = np.array([[_fit(stage, factor, reach, draws) for reach in REACHES] for factor in FACTORS])
        print(f"fit to {one.name} (rows: factor {FACTORS}; columns: reach {REACHES}):")
        print(
            "\n".join("   " + " ".join(f"{value / max(fits.max(), 1e-12):6.3f}" for value in row) for row in fits),
            flush=True,
        )
        total = total * fits
    return total / total.sum()


def _fit(stage: Stage, factor: float, reach: float, draws: int) -> float:
    told = stage.told
    found = [stage.run(factor, reach, draw) for draw in range(draws)]
    kept = [run for run in found if run is not None and math.isfinite(run.size)]
    near = (
        math.exp(-0.5 * (math.log(run.size / told.size) / WIDE_LOG_SIZE) ** 2)
        * math.exp(-0.5 * ((run.days - told.days) / WIDE_DAYS) ** 2)
        for run in kept
    )
    return sum(near) / draws + 1e-6


def predicted(stage: Stage, weight: np.ndarray, *, wanted: int, most: int) -> Iterator[Run]:
    """Run an outbreak with numbers drawn by their weights until so many runs fit what was known."""
    chance = np.random.default_rng(7)
    kept = 0
    for draw in range(100_000, 100_000 + most):
        row, column = divmod(int(chance.choice(weight.size, p=weight.ravel())), len(REACHES))
        run = stage.run(FACTORS[row], REACHES[column], draw)
        if run is not None:
            kept += 1
            yield run
        if kept == wanted:
            return
