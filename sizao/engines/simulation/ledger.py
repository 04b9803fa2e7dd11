"""The truth of a simulated outbreak: who was infected by whom, where and when, and what came of it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.rng import Ints

IMPORTED = -1  # in place of the infector and layer of those who brought it in

# A great wave writes millions of rows, so each column is as narrow as its numbers allow: 38 bytes a row in all.
_KINDS: dict[str, type[np.generic]] = {
    "person": np.int32,
    "infector": np.int32,
    "layer": np.int8,
    "place": np.int64,
    "day": np.int32,
    "second": np.int32,
    "onset": np.int32,
    "symptomatic": np.bool_,
    "first": np.int16,
    "last": np.int16,
    "scale": np.int32,
}
Narrow = NDArray[np.int32]


class Ledger(NamedTuple):
    """
    Columns of equal length, one row an infection, in the order of time.

    `infector` is a person number, or IMPORTED. `layer` counts in `disease.LAYERS`. `second` counts from midnight.
    `onset` is the day of first symptoms, or on which they would have come to those without (`symptomatic`).
    `first` and `last` are the infectious days; `scale` is the person's infectiousness, in units of 2^-16.
    Columns are narrow: take them to 64 bits before shifting them or multiplying days beyond seconds.
    """

    person: Narrow
    infector: Narrow
    layer: NDArray[np.int8]
    place: Ints
    day: Narrow
    second: Narrow
    onset: Narrow
    symptomatic: NDArray[np.bool_]
    first: NDArray[np.int16]
    last: NDArray[np.int16]
    scale: Narrow

    def __len__(self) -> int:
        return len(self.person)


class LedgerRoom:
    """A ledger that grows, row by row, without being copied each day."""

    def __init__(self) -> None:
        self.count = 0
        self._columns: dict[str, NDArray[Any]] = {name: np.empty(1024, kind) for name, kind in _KINDS.items()}

    def add(self, **columns: NDArray[Any]) -> None:
        """Add rows; every column of the ledger is given."""
        before, self.count = self.count, self.count + len(columns["person"])
        for name in Ledger._fields:
            held = self._columns[name]
            if self.count > len(held):
                wider = np.empty(max(self.count, 2 * len(held)), held.dtype)
                wider[:before] = held[:before]
                self._columns[name] = held = wider
            held[before : self.count] = columns[name]

    def read(self) -> Ledger:
        """Give the rows so far, without copying them."""
        return Ledger(**{name: held[: self.count] for name, held in self._columns.items()})
