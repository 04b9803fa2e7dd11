"""Which places of a store lie beside which: by a table, or by the names of cells."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sizao.adapters.tables import read_table
from sizao.adapters.visits.tokens import Tokens
from sizao.engines.presences.cells import neighbours_of


@dataclass(frozen=True, slots=True)
class Neighbours:
    """
    Which places lie beside which.

    `table` gives the tokens beside each token; without one, the names of cells tell (`engines.presences.cells`).
    """

    table: Mapping[Any, Sequence[Any]] | None = None

    def beside(self, places: Tokens, numbers: Iterable[int]) -> dict[int, list[int]]:
        """Give the numbers of the places beside each of some places, of those that the store knows."""
        own = list(dict.fromkeys(numbers))
        tokens = places.known.take(pa.array(own, pa.int64())).to_pylist()
        pairs = [(number, other) for number, token in zip(own, tokens, strict=True) for other in self._of(token)]
        others = list(dict.fromkeys(other for _, other in pairs))
        found = places.find(pa.array(others, places.known.type)).tolist()
        known = {token: number for token, number in zip(others, found, strict=True) if number >= 0}
        beside: dict[int, list[int]] = defaultdict(list)
        for number, other in pairs:
            if other in known:
                beside[number].append(known[other])
        return beside

    def _of(self, token: Any) -> Sequence[Any]:
        if self.table is not None:
            return self.table.get(token, ())
        return neighbours_of(token)


BY_NAME = Neighbours()


def read_neighbours(path: Path, *, integers: bool) -> Neighbours:
    """Read pairs of places that lie beside each other (CSV with place, neighbour); each pair counts both ways."""
    table = read_table(path, needs=("place", "neighbour"))
    what = "a whole number, as the store's places are"
    columns = [
        table.read(name, int, what=what) if integers else table.read(name, str, what="a place")
        for name in ("place", "neighbour")
    ]
    beside: dict[Any, dict[Any, None]] = defaultdict(dict)
    for one, other in zip(*columns, strict=True):
        if one != other:
            beside[one][other] = beside[other][one] = None
    return Neighbours({place: tuple(others) for place, others in beside.items()})
