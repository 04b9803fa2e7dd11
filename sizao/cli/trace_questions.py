"""What `sizao trace` can ask of a store, and how each answer is told in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sizao.adapters.tables import write_whole
from sizao.errors import SizaoError

if TYPE_CHECKING:
    import pyarrow as pa

    from sizao.adapters.visits import VisitStore, Window
    from sizao.engines.presences.crowding import Dilution

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
        told = f"{found.num_rows:,} companions of {n_cases} cases."
        if (keep := self.asked["keep"]) is None:
            return told
        spread = self.store.dilution(self.windows, least_seconds=self.least_seconds, keep=keep)
        return f"{told}\n{_spread(spread, keep)}"


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


class Hotspots(Question):
    """Where the cases spent infectious time."""

    def answer(self) -> "pa.Table":
        return self.store.hotspots(self.windows, since=self.asked["since"])

    def told(self, found: "pa.Table", n_cases: int) -> str:
        minutes = sum(found.column("minutes").to_pylist())
        return f"{n_cases} cases spent {minutes:,.0f} infectious minutes at {found.num_rows:,} places."


def _spread(spread: "Dilution", keep: int) -> str:
    """Tell how companions are spread, and what a cut leaves out."""
    from sizao.engines.presences.crowding import CROWDS, MINUTES

    minutes = ", ".join(f"{count:,} from {low}" for low, count in zip(MINUTES, spread.by_minutes, strict=True))
    crowds = ", ".join(f"{count:,} up to {most:,}" for most, count in zip(CROWDS, spread.by_crowd, strict=False))
    lines = [
        f"Minutes shared: {minutes}.",
        f"Smallest crowd of a meeting: {crowds}, {spread.by_crowd[-1]:,} more.",
        f"Keeping the {keep:,} closest would leave out nobody.",
    ]
    if spread.left_out:
        lines[-1] = (
            f"Keeping the {keep:,} closest would leave out {spread.left_out:,} companions with "
            f"{spread.share_of_minutes:.1%} of all minutes ({spread.share_of_weight:.1%} weighted by crowd), among "
            f"them one of {spread.longest_minutes:,.0f} minutes and one met in a crowd of {spread.smallest_crowd:,}."
        )
    return "\n".join(lines)


class OneQuestion(SizaoError):
    code = "trace.one_question"
    message = "--{first} and --{second} are two questions. Ask one at a time; nothing was written."


def question_of(
    store: "VisitStore", windows: "Sequence[Window]", least_seconds: int, asked: Mapping[str, Any]
) -> Question:
    """Choose the question by the options."""
    chosen = [name for name in KINDS if asked[name]]
    if len(chosen) > 1:
        first, second, *_ = (name.replace("_", "-") for name in chosen)
        raise OneQuestion(first=first, second=second)
    kind = KINDS[chosen[0]] if chosen else Question
    return kind(store, windows, least_seconds, asked)


def parquet(found: "pa.Table") -> bytes:
    """Give a table as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(found, sink, compression="zstd")
    return bytes(sink.getvalue())


KINDS: dict[str, type[Question]] = {"common_source": CommonSource, "second_ring": SecondRing, "hotspots": Hotspots}
