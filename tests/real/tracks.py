"""GPS tracks (GeoLife, Beijing) as presences in cells of 50 m, and the truth by distance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import cKDTree

from sizao.adapters.visits import Window
from sizao.engines.presences.cells import square_at
from tests.real import rows_of, store_of

CELL_METRES, BIN = 50, 300
METRES_NORTH, METRES_EAST = 111_320, 111_320 * np.cos(np.radians(40))  # of a degree, near enough within a city
# Pairs and in how many bins they shared a cell, from the README of the data; all others never.
KNOWN = {(3, 5): 33, (3, 4): 29, (0, 1): 2, (0, 3): 2, (2, 6): 1, (5, 7): 1, (5, 8): 1}

Meeting = tuple[int, int, int]  # case, other, bin of the case
Presence = tuple[str, str, int, int]


@dataclass(frozen=True)
class Tracks:
    """Points of people: degrees, seconds from 1970; by person and time."""

    user: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    second: np.ndarray

    @property
    def metres(self) -> np.ndarray:
        return np.column_stack((self.latitude * METRES_NORTH, self.longitude * METRES_EAST))

    @property
    def known_cells(self) -> list[str]:
        """Name the cells with which the known answers come out: squares at 40 degrees north."""
        return [f"{north} {east}" for north, east in np.floor(self.metres / CELL_METRES).astype(np.int64).tolist()]

    @cached_property
    def cells(self) -> list[str]:
        """Name the cells as the platform does."""
        points = zip(self.latitude.tolist(), self.longitude.tolist(), strict=True)
        return [str(square_at(*point, side_m=CELL_METRES)) for point in points]

    def near(self, metres: float, seconds: int) -> set[Meeting]:
        """Give who had a point within so many metres and seconds of a point of whom, by bin of the latter."""
        # In units of both limits: first what lies in a ball around the cylinder, then the cylinder itself.
        scaled = np.column_stack((self.metres / metres, self.second / seconds))
        trees = {int(user): cKDTree(scaled[self.user == user]) for user in np.unique(self.user)}
        pairs = [(case, other) for case in trees for other in trees if case != other]
        return {(*pair, one) for pair in pairs for one in _bins_near(trees[pair[0]], trees[pair[1]], seconds)}


def tracks() -> Tracks:
    """Read the points."""
    rows = rows_of("mobility", "geolife_beijing_subset.csv.gz")
    second = np.array([int(datetime.fromisoformat(row["utc"]).timestamp()) for row in rows], dtype=np.int64)
    user = np.array([int(row["user"]) for row in rows])
    places = np.array([(float(row["lat"]), float(row["lng"])) for row in rows])
    order = np.lexsort((second, user))
    return Tracks(user[order], *places[order].T, second[order])


def _bins_near(tree: cKDTree, theirs: cKDTree, seconds: int) -> set[int]:
    apart, _ = theirs.query(tree.data, distance_upper_bound=np.sqrt(2))
    bins: set[int] = set()
    for one in tree.data[np.isfinite(apart)]:
        around = np.abs(theirs.data[theirs.query_ball_point(one, np.sqrt(2))] - one)
        if ((np.hypot(around[:, 0], around[:, 1]) <= 1) & (around[:, 2] <= 1)).any():
            bins.add(round(one[2] * seconds) // BIN)
    return bins


def in_bins(points: Tracks, cells: list[str]) -> Iterator[Presence]:
    """Put each person into each cell for the whole of each bin in which a point of theirs lies in it."""
    for user, cell, one in sorted(set(zip(points.user.tolist(), cells, (points.second // BIN).tolist(), strict=True))):
        yield str(user), cell, one * BIN, (one + 1) * BIN


def stays(points: Tracks, cells: list[str], *, pad_seconds: int) -> Iterator[Presence]:
    """Give a presence from the first to the last point of each stay in a cell, longer by a pad at both ends."""
    name = np.array(cells)
    broken = (name[1:] != name[:-1]) | (points.user[1:] != points.user[:-1]) | (np.diff(points.second) > BIN)
    first = np.flatnonzero(np.r_[True, broken])
    last = np.r_[first[1:], len(name)] - 1
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        start, stop = int(points.second[begin]), int(points.second[end])
        yield str(points.user[begin]), cells[begin], start - pad_seconds, stop + 1 + pad_seconds


def meetings(presences: list[Presence], *, around: bool = False) -> set[Meeting]:
    """Ask the store whom each person met in which bins; `around` takes who was in a neighbour cell for met, too."""
    store, _ = store_of(presences)
    asks = store.companions_near if around else store.companions
    first, last = min(one[2] for one in presences) // BIN, max(one[3] for one in presences) // BIN
    return {
        (int(case), int(other), one)
        for case in {presence[0] for presence in presences}
        for one, others in _halved(asks, case, first, last + 1)
        for other in others
    }


def _halved(asks: Callable[..., pa.Table], case: str, first: int, beyond: int) -> Iterator[tuple[int, set[str]]]:
    """Ask for a span of bins; then for the halves of the time in which anybody was met, down to single bins."""
    answer = asks([Window(case, first * BIN, beyond * BIN)], least_seconds=1)
    if not answer.num_rows:
        return
    first, beyond = pc.min(answer["first"]).as_py() // BIN, -(-pc.max(answer["last"]).as_py() // BIN)
    if beyond == first + 1:
        yield first, set(answer.column("person").to_pylist())
        return
    middle = (first + beyond) // 2
    yield from _halved(asks, case, first, middle)
    yield from _halved(asks, case, middle, beyond)
