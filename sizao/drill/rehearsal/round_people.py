"""
Who of the city stands on the roster of a round, under which number, and who stands in which tube.

A roster lists the residents of the round's communities one after the other, so that a number on it is a person of the
city. Both follow from the areas of the round alone: a drill that goes on finds them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.laboratory import Round, found_on, under_orders
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Outbreak, TestingRound


def go_through_the_stage(rehearsal: Rehearsal) -> bool:
    """Say whether the rounds of a drill are rounds of the stage, with rosters and readings."""
    return rehearsal.means.rounds == parts.STAGE


class Listing:
    """The communities of a round, in the order of its roster."""

    def __init__(self, life: CityLife, areas: Sequence[str]) -> None:
        self.life = life
        found = [life.within(code) for code in areas]
        self.communities: Ints = np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
        self.size: Ints = life.city.zones.size[self.communities].astype(np.int64)
        self._start: Ints = life.city.zones.start[self.communities].astype(np.int64)
        self._before: Ints = np.cumsum(self.size) - self.size

    @property
    def villages(self) -> list[str]:
        return [self.life.codes[int(one)] for one in self.communities]

    def entries(self, people: Ints) -> Ints:
        """Give the numbers on the roster of residents of these communities."""
        row = np.searchsorted(self.communities, self.life.city.community[people])
        return people - self._start[row] + self._before[row] + 1

    def people(self, entries: Ints) -> Ints:
        """Say who of the city numbers on the roster are."""
        row = np.searchsorted(self._before, entries - 1, side="right") - 1
        return entries - 1 - self._before[row] + self._start[row]

    def most_tubes(self, pool_size: int) -> int:
        """Say how many tubes are filled if everybody comes; each community begins with an empty one."""
        return int((-(-self.size // pool_size)).sum())


@dataclass(frozen=True, slots=True)
class Swabbed:
    """One day of a round: who was swabbed into which tube, counted from 0; who was kept elsewhere; what is positive."""

    people: Ints
    tube: Ints
    kept: Ints
    held: Round


def swabbed(listing: Listing, day: int, away: np.ndarray, *, since: int = 0) -> Swabbed:
    """
    Swab who lives in the communities of a round and comes, in pools of neighbours.

    `away` tells for everybody of the city who does not come; who is under an order is swabbed by it. `since` are the
    tubes that other rounds fill on that day before this one.
    """
    life, size = listing.life, listing.life.rehearsal.means.pool_size
    kept = np.zeros(life.city.people, bool)
    kept[under_orders(life, day)] = True
    came, tubes, filled = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    apart = [np.zeros(0, np.int64)]
    for community in listing.communities.tolist():
        living = life.residents_of(community)
        there = living[~(kept[living] | away[living])]
        came.append(there)
        tubes.append(filled + np.arange(len(there)) // size)
        apart.append(living[kept[living]])
        filled += -(-len(there) // size)
    people, tube = np.concatenate(came), np.concatenate(tubes)
    found = tube[np.isin(people, found_on(life, day, size))]
    positive = {int(one) + since: people[tube == one] for one in np.unique(found)}
    return Swabbed(people, tube, np.concatenate(apart), Round(len(people), filled, positive))


def rounds_of(outbreak: Outbreak, at: datetime, life: CityLife, day: int) -> list[TestingRound]:
    """Give the rounds that swab on a day, of those that were opened before a moment."""
    opened = TestingRound.objects.filter(outbreak=outbreak, is_generated=True, opened_at__lt=at)
    mine = opened.filter(begins_at__gte=life.moment(day), begins_at__lt=life.moment(day + 1))
    return list(mine.select_related("outbreak").order_by("pk"))
