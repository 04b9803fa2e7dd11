"""
The situation that a question starts from: who is infected today, found or not, in draws that fit what is known.

What a line list and a nowcast say (onsets by day, how many are not found yet, how fast it spreads) becomes people of
the city: those found, whose part is over; those who fell ill and are not found; those infected who will fall ill.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import rng
from sizao.engines.simulation.areas import COUNTY, Areas
from sizao.engines.simulation.city import City
from sizao.engines.simulation.disease import Disease
from sizao.engines.simulation.responder import Responder
from sizao.engines.simulation.rng import Floats, Ints
from sizao.engines.simulation.spread import Outbreak
from sizao.errors import SizaoError

KEPT_SINCE_DAYS = 7  # companions in rooms today came there on one of so many days
COMMUNITY_PEOPLE, TOWN_COMMUNITIES = 3_000, 10


class NobodyToStartWith(SizaoError):
    """A situation without anybody infected, or one that no city of this size can hold."""

    code = "simulation.nobody_to_start_with"
    message = "The situation cannot be started from: {reason}"


@dataclass(frozen=True)
class Start:
    """
    The situation on the eve of day 0.

    `unseen[draw, k]`: how many who are not found yet fall ill, or would, on day `first_day + k`.
    `kept`: share of them who are kept as companions already. `found_onsets`: days of onset of the cases found, as far
    back as they may still need a bed. `zones` and `weights`: where the infected live. `mixing[draw]`: factor on how
    much infection passes outside households. `rooms`: people in rooms on each day from day 0, of those there today.
    """

    unseen: Ints
    first_day: int
    kept: float
    found_onsets: Ints
    zones: Ints
    weights: Floats
    mixing: Floats
    rooms: Ints

    def rooms_on(self, days: int) -> Ints:
        """Give the rooms taken on so many days; beyond what is told, none."""
        told = np.zeros(days, np.int64)
        told[: len(self.rooms)] = self.rooms[:days]
        return told

    def draw_of(self, seed: int) -> int:
        """Say which draw a seed takes."""
        return int(rng.below(rng.words(rng.stream(seed, "start: draw"), 0, 0), len(self.unseen))[0])


@dataclass(frozen=True)
class Known:
    """
    What is known by a line list and a nowcast. Day 0 is the first that is simulated; what is known ends on day -1.

    `onsets[k]`: cases found, by day of onset, one a day up to day -1. `missing[k]`: the share of those not found yet
    who fell ill on that day; sums to 1. `not_found`: how many they are, at the chances of `levels`. `reproduction`: the
    present reproduction number at the same chances. `interval[k]`: chance that a case falls ill k days after the one
    who infected it.
    """

    onsets: Floats
    missing: Floats
    levels: Floats
    not_found: Floats
    reproduction: Floats
    interval: Floats


def county_areas(codes: Sequence[int], population: Sequence[int]) -> Areas:
    """Divide counties, of which only the population is known, into communities of 3,000, ten of them a town."""
    rows, people = [], []
    for code, living in zip(codes, population, strict=True):
        count = max(round(living / COMMUNITY_PEOPLE), 1)
        number = np.arange(count)
        size = np.full(count, living // count, np.int64)
        size[: living % count] += 1
        town = code * 1000 + number // TOWN_COMMUNITIES
        same = np.ones(count, np.int64)
        rows.append(
            np.column_stack((code * 100_000 + number, town, code * same, code // 100 * same, code // 10_000 * same))
        )
        people.append(size)
    return Areas(np.concatenate(rows), np.concatenate(people))


def draws(known: Known, disease: Disease, *, n: int, seed: int) -> tuple[Ints, int, Floats]:
    """
    Draw `n` situations that fit what is known: unseen people by day of onset, its first day, reproduction numbers.

    Besides those who fell ill unseen: who will fall ill was infected by now with the chance that incubation takes
    longer than the days until then; how many will, follows from the renewal equation with the reproduction number.
    """
    level = np.arange(n) + 0.5
    ranks = [np.argsort(rng.words(rng.stream(seed, f"start: {name}"), np.arange(n), 0)) for name in ("unseen", "rt")]
    missing, reproduction = (
        np.interp(level[rank] / n, known.levels, values)
        for rank, values in zip(ranks, (known.not_found, known.reproduction), strict=True)
    )
    reach = len(disease.incubation)
    before = len(known.onsets)
    curve = np.zeros((n, before + reach))
    unseen = np.outer(missing, known.missing)
    curve[:, :before] = known.onsets + unseen
    weights = known.interval
    for ahead in range(before, before + reach):
        back = min(ahead, len(weights) - 1)
        recent = curve[:, ahead - back : ahead][:, ::-1]
        curve[:, ahead] = reproduction * (recent @ weights[1 : back + 1])
    longer = 1 - np.cumsum(disease.incubation)
    # Whoever falls ill on day t was infected by the eve of day 0 if the incubation takes longer than t days.
    to_come = curve[:, before:] * longer
    expected = np.concatenate([unseen, to_come], axis=1)
    dice = rng.words(rng.stream(seed, "start: rounding"), np.arange(n)[:, None], np.arange(expected.shape[1])[None, :])
    whole = np.floor(expected).astype(np.int64)
    return whole + rng.happens(dice, rng.thresholds(expected - whole)), -before, reproduction


def begin(outbreak: Outbreak, responder: Responder, start: Start, *, keep: bool = True) -> int:
    """Put a situation into the outbreak of a run, by the draw of its seed; give how many had been found."""
    city, seed = outbreak.world.city, outbreak.seed
    counts = start.unseen[start.draw_of(seed)]
    onset = np.repeat(start.first_day + np.arange(len(counts)), counts)
    n = len(onset) + len(start.found_onsets)
    people = _people(city, start, seed, n)
    unseen, found = people[: len(onset)], people[len(onset) :]
    spreading = np.arange(n) < len(onset)
    outbreak.take_over(people, np.concatenate([onset, start.found_onsets]), spreading)
    drawn = rng.words(rng.stream(seed, "start: kept"), unseen, 0)
    kept = unseen[rng.happens(drawn, rng.thresholds(start.kept if keep else 0.0))]
    began = -1 - rng.below(rng.words(rng.stream(seed, "start: kept since"), kept, 0), KEPT_SINCE_DAYS)
    responder.take_over(found, kept, began)
    return len(found)


def _people(city: City, start: Start, seed: int, n: int) -> Ints:
    """Choose so many people, each once, where the infected live."""
    living = int(city.zones.size[start.zones].sum())
    if 2 * n > living:
        raise NobodyToStartWith(reason=f"{n} infected are more than half of the {living} people of these areas.")
    cumulative = rng.cumulative(start.weights)
    chosen: NDArray[np.int64] = np.zeros(0, np.int64)
    turn = 0
    while len(chosen) < n:
        number = np.arange(turn, turn + 2 * n + 16)
        turn += len(number)
        zone = start.zones[rng.drawn_from(cumulative, rng.words(rng.stream(seed, "start: zone"), number, 0))]
        who = rng.below(rng.words(rng.stream(seed, "start: who"), number, 0), city.zones.size[zone])
        fresh = np.append(chosen, city.zones.start[zone] + who)
        _, first = np.unique(fresh, return_index=True)
        chosen = fresh[np.sort(first)]
    return chosen[:n]


def zones_of_counties(city: City, codes: Sequence[int]) -> Ints:
    """Give the zones of counties by the caller's numbers."""
    first, beyond = (int(city.zones.base[level]) for level in (COUNTY, COUNTY + 1))
    of = {int(code): first + at for at, code in enumerate(city.zones.code[first:beyond])}
    return np.array([of[code] for code in codes], np.int64)
