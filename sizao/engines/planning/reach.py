"""Which sites the people of a village may go to, and what the walk costs them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sizao.engines.sampling.pooled_test import Floats, Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BySite:
    """Arcs in order of their site: those of site j stand from `start[j]` to before `start[j + 1]`."""

    start: Ints
    village: Ints
    cost: Floats


@dataclass(frozen=True, slots=True)
class Arcs:
    """
    From villages to sites, in order of village: row, row, metres in a straight line, hours a person that goes.

    A village without an arc has no site in reach.
    """

    village: Ints
    site: Ints
    metres: Floats
    cost: Floats

    def __len__(self) -> int:
        return len(self.village)

    def of(self, chosen: Ints | Bools) -> "Arcs":
        """Keep some, by a mask or by rows."""
        return Arcs(self.village[chosen], self.site[chosen], self.metres[chosen], self.cost[chosen])

    def and_also(self, other: "Arcs") -> "Arcs":
        """Put other arcs behind these."""
        return Arcs(
            np.concatenate((self.village, other.village)),
            np.concatenate((self.site, other.site)),
            np.concatenate((self.metres, other.metres)),
            np.concatenate((self.cost, other.cost)),
        )

    def dearer(self, hours: Floats | float) -> "Arcs":
        """Give the same arcs, each so many hours dearer."""
        return Arcs(self.village, self.site, self.metres, self.cost + hours)

    def by_site(self, n_sites: int) -> BySite:
        """Put them in order of their site, cheapest first."""
        order = np.lexsort((self.village, self.cost, self.site))
        start = np.searchsorted(self.site[order], np.arange(n_sites + 1))
        return BySite(start, self.village[order], self.cost[order])


def nearest(villages: Floats, sites: Floats, *, hours_per_metre: float, most: int, metres: float | None) -> Arcs:
    """
    Give each village's nearest sites, `most` at the most, none farther than `metres` (None: any distance).

    `villages` and `sites` have the shape (rows, 2), in metres.
    """
    far = np.inf if metres is None else float(metres)
    k = min(most, len(sites))
    away, found = cKDTree(sites).query(villages, k=k, distance_upper_bound=np.nextafter(far, np.inf))
    away, found = away.reshape(len(villages), k), found.reshape(len(villages), k)
    inside = np.isfinite(away)
    village = np.repeat(np.arange(len(villages)), inside.sum(axis=1))
    return Arcs(village, found[inside].astype(np.int64), away[inside], away[inside] * hours_per_metre)
