"""The truth of a simulated outbreak: who was infected by whom, where and when, and what came of it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.rng import Ints

IMPORTED = -1  # in place of the infector and layer of those who brought it in


class Ledger(NamedTuple):
    """
    Columns of equal length, one row an infection, in the order of time.

    `infector` is a person number, or IMPORTED. `layer` counts in `disease.LAYERS`. `second` counts from midnight.
    `onset` is the day of first symptoms, or on which they would have come to those without (`symptomatic`).
    `first` and `last` are the infectious days; `scale` is the person's infectiousness, in units of 2^-16.
    """

    person: Ints
    infector: Ints
    layer: Ints
    place: Ints
    day: Ints
    second: Ints
    onset: Ints
    symptomatic: NDArray[np.bool_]
    first: Ints
    last: Ints
    scale: Ints

    def __len__(self) -> int:
        return len(self.person)


class LedgerRoom:
    """A ledger that grows, row by row, without being copied each day."""

    def __init__(self) -> None:
        self._count = 0
        self._columns: dict[str, NDArray[Any]] = {name: np.empty(1024, np.int64) for name in Ledger._fields}
        self._columns["symptomatic"] = np.empty(1024, np.bool_)

    def add(self, **columns: NDArray[Any]) -> None:
        """Add rows; every column of the ledger is given."""
        before, self._count = self._count, self._count + len(columns["person"])
        for name in Ledger._fields:
            held = self._columns[name]
            if self._count > len(held):
                wider = np.empty(max(self._count, 2 * len(held)), held.dtype)
                wider[:before] = held[:before]
                self._columns[name] = held = wider
            held[before : self._count] = columns[name]

    def read(self) -> Ledger:
        """Give the rows so far, without copying them."""
        return Ledger(**{name: held[: self._count] for name, held in self._columns.items()})
