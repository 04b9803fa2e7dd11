"""What `sizao trace` can ask of a store, and how each answer is told in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sizao.adapters.tables import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from sizao.adapters.visits import VisitStore, Window

UNLIKELY = 0.05


@dataclass(frozen=True, slots=True)
class Question:
    """Who was there with each case; the other questions differ in `answer` and `told`."""

    store: "VisitStore"
    windows: "Sequence[Window]"
    least_seconds: int
    asked: Mapping[str, Any]

    def answer(self) -> "pa.Table":
        """Ask the store."""
        return self.store.companions(self.windows, least_seconds=self.least_seconds)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        """Say what was found, and write what was asked for beside it."""
        return f"{found.num_rows:,} companions of {n_cases} cases."


class CommonSource(Question):
    """What the cases shared before they fell ill."""

    def answer(self) -> "pa.Table":
        span = max(round(self.asked["span_hours"] * 3600), 1)
        return self.store.common_sources(self.windows, span_seconds=span, least_seconds=self.least_seconds)

    def told(self, found: "pa.Table", n_cases: int) -> str:
        unlikely = sum(one <= UNLIKELY for one in found.column("q_value").to_pylist())
        told = f"{found.num_rows:,} places and spans link {n_cases} cases; {unlikely:,} have q up to {UNLIKELY}."
        if path := self.asked["visitors"]:
            people = self.store.visitors_of(found.slice(0, unlikely), least_seconds=self.least_seconds)
            write_whole(path, parquet(people))
            told += f" {people.num_rows:,} visitors of these are in {path}."
        return told


class SecondRing(Question):
    """Who met a contact of a case after that one's first exposure."""

    def answer(self) -> "pa.Table":
        return self.store.second_ring(self.windows, least_seconds=self.least_seconds, limits=self.asked["limits"])

    def told(self, found: "pa.Table", n_cases: int) -> str:
        return f"{found.num_rows:,} people of the second ring of {n_cases} cases."


def question_of(
    store: "VisitStore", windows: "Sequence[Window]", least_seconds: int, asked: Mapping[str, Any]
) -> Question:
    """Choose the question by the options."""
    kind = next((kind for name, kind in KINDS.items() if asked[name]), Question)
    return kind(store, windows, least_seconds, asked)


def parquet(found: "pa.Table") -> bytes:
    """Give a table as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(found, sink, compression="zstd")
    return bytes(sink.getvalue())


KINDS: dict[str, type[Question]] = {"common_source": CommonSource, "second_ring": SecondRing}
