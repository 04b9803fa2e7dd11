"""
How presences lie in memory: three 32-bit words a record, in two orders, with a directory to each.

By place, a record is (start, length, person); by person it is (start, length, place). Records of one
place (person) lie together, ordered by start. Seconds count from 1970 and fit until 2106.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]

START, LENGTH, OTHER = 0, 1, 2

# The upper bits of a length are flags, the lower ones seconds (8.5 years).
LENGTH_MASK = np.uint32(0x0FFFFFFF)
IMPUTED = np.uint32(0x10000000)  # the end was missing, and closed by rule
SHIFT_BITS = 29  # from here on, the number of the shift that was added to the times; 0 for none
SHIFTS = 7  # numbers of shifts that fit
LONGEST = int(LENGTH_MASK) - 1
MISSING = LENGTH_MASK  # while presences are prepared: nobody said when it ended

# Records of the place order share one entry of the directory: enough to skip, few enough to keep in cache.
BLOCK = 128
BLOCK_BITS = 7


@dataclass(frozen=True, slots=True)
class Presences:
    """Columns of equal length, in no order; `length` is in seconds, with its flags, MISSING where nobody said."""

    person: Words
    place: Words
    start: Words
    length: Words

    def __len__(self) -> int:
        return len(self.person)

    def where(self, rows: NDArray[Any]) -> "Presences":
        """Keep some rows, or put them in another order."""
        return Presences(self.person[rows], self.place[rows], self.start[rows], self.length[rows])


@dataclass(frozen=True, slots=True)
class Order:
    """
    Records (n, 3) sorted by a key, and where each key begins.

    Key `keys[i]` holds the records from `offsets[i]` to `offsets[i + 1]`; `keys` is empty where every
    number below `len(offsets) - 1` has its entry (a dense directory).
    """

    records: Words
    keys: Words
    offsets: Words


@dataclass(frozen=True, slots=True)
class Segment:
    """
    Presences in both orders. `block_start` and `block_end` tell of each BLOCK records by place
    the first start and the latest end, so that a long stay that began early is never missed.
    """

    by_place: Order
    by_person: Order
    block_start: Words
    block_end: Words

    def __len__(self) -> int:
        return len(self.by_place.records)

    @property
    def first_start(self) -> int:
        """Give the earliest start, in seconds."""
        return int(self.by_place.records[:, START].min())

    @property
    def last_start(self) -> int:
        """Give the latest start, in seconds."""
        return int(self.by_place.records[:, START].max())

    @property
    def latest_end(self) -> int:
        """Give the latest end, in seconds."""
        return int(self.block_end.max())
