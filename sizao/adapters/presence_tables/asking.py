"""Ask tables of presences, through any engine, what a store would be asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sizao.adapters.presence_tables import layout, questions
from sizao.adapters.presence_tables.questions import Question
from sizao.adapters.visits.reading import Window, windows_of
from sizao.adapters.visits.tokens import Tokens


class Engine(Protocol):
    """What answers a question over `by_place` and `by_person`; `given` are small tables that belong to it."""

    def ask(self, question: Question, given: Mapping[str, pa.Table]) -> pa.Table:
        """Answer as an Arrow table."""


class PresenceTables:
    """
    Tables of presences open for questions.

    Raise TablesMissing or TablesDamaged.
    """

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.tables = layout.read_whole(folder)
        self.engine = engine
        self.persons = Tokens(self.tables.kinds["person"])  # of which kind they are; the tables know them, not we

    def unknown(self, people: Sequence[Any]) -> list[Any]:
        """List the tokens that no presence bears."""
        cases = self._cases([Window(person, 0, 0) for person in people])
        question = questions.known(_few(cases["person"]), self._buckets(cases["person"]))
        found = set(self.engine.ask(question, {"cases": cases}).column("person").to_pylist()) if people else set()
        return [one for one in people if one not in found]

    def companions(self, windows: Sequence[Window], *, least_seconds: int) -> pa.Table:
        """
        Find who shared a place with each case for at least so long in one meeting; as `VisitStore.companions`.

        The rows are ordered by case and person.
        """
        least = max(least_seconds, 1)
        exposures = self.exposures(windows, least=least)
        near = self._by_day(exposures, least=least)
        if not len(near):
            return self._answer(None)
        places = near["place"]
        days = near["day"].unique().to_pylist()
        question = questions.companions(_few(places), self._buckets(places), days, least=least)
        return self._answer(self.engine.ask(question, {"exposures": near}))

    def exposures(self, windows: Sequence[Window], *, least: int) -> pa.Table:
        """Find where the cases were within their windows: case, place, since, until, in seconds."""
        cases = self._cases(windows)
        days = self._days(cases["since"], cases["until"])
        if not len(cases) or not days:
            return self._schema("place", "since", "until").empty_table()
        question = questions.exposures(_few(cases["person"]), self._buckets(cases["person"]), days, least=least)
        found = self.engine.ask(question, {"cases": cases})
        return found.cast(self._schema("place", "since", "until"))

    def _cases(self, windows: Sequence[Window]) -> pa.Table:
        people = list(dict.fromkeys(one.person for one in windows))
        rows = [(one, *window) for one in people for window in windows_of(windows, one).tolist()]
        person, since, until = zip(*rows, strict=True) if rows else ((), (), ())
        kind = layout.ARROW[self.persons.kind]
        return pa.table({"person": pa.array(person, kind), "since": pa.array(since, pa.int64()),
                         "until": pa.array(until, pa.int64())})  # fmt: skip

    def _by_day(self, exposures: pa.Table, *, least: int) -> pa.Table:
        """Repeat each exposure for each day on which a presence that meets it may start."""
        since, until = (np.asarray(exposures[name]) for name in ("since", "until"))
        parts = []
        for one in self.tables.days:
            near = (one.first_start <= until - least) & (one.latest_end >= since + least)
            days = pa.array(np.full(int(near.sum()), one.day, np.int32))
            parts.append(exposures.filter(pa.array(near)).append_column("day", days))
        return pa.concat_tables(parts).combine_chunks()

    def _days(self, since: pa.ChunkedArray, until: pa.ChunkedArray) -> list[int]:
        """List the days on which presences start that reach into any of the windows."""
        low, high = pc.min(since).as_py(), pc.max(until).as_py()
        if low is None:
            return []
        return [one.day for one in self.tables.days if one.first_start < high and one.latest_end > low]

    def _buckets(self, tokens: pa.ChunkedArray) -> list[int]:
        found: list[int] = np.unique(layout.buckets_of(tokens.unique(), self.tables.buckets)).tolist()
        return found

    def _schema(self, *seconds: str) -> pa.Schema:
        kinds = {"place": layout.ARROW[self.tables.kinds["place"]]}
        return pa.schema(
            {"case": layout.ARROW[self.persons.kind]} | {name: kinds.get(name, pa.int64()) for name in seconds}
        )

    def _answer(self, found: pa.Table | None) -> pa.Table:
        """Give what an engine found the shape of a store's answer."""
        kind, time = layout.ARROW[self.persons.kind], self.tables.time
        names = {"case": kind, "person": kind, "minutes": pa.float64(), "meetings": pa.uint32()}
        schema = pa.schema(names | {"first": time, "last": time})
        if found is None:
            return schema.empty_table()
        minutes = pc.divide(found["seconds"].cast(pa.float64()), 60.0)
        answer = found.append_column("minutes", minutes).select(schema.names).cast(schema)
        return answer.sort_by([("case", "ascending"), ("person", "ascending")])


def _few(tokens: pa.ChunkedArray) -> list[Any]:
    """Give the tokens where they are few enough to be named in a question, else none."""
    distinct = tokens.unique()
    return distinct.to_pylist() if len(distinct) <= questions.LISTED else []
