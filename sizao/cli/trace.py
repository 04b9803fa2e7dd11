"""`sizao trace`: who was there with these cases, from a store or a Parquet file, without a database."""

import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sizao.adapters.tables import read_table, write_whole
from sizao.cli.trace_questions import Question, parquet, question_of
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.adapters.visits import VisitStore, Window


class WindowEmpty(SizaoError):
    code = "trace.window_empty"
    message = "{path}, line {line}: the window of {person} ends before it begins. Correct it; nothing was written."


PATH = click.Path(path_type=Path)


@click.command("trace")
@click.argument("presences", type=PATH)
@click.option("--cases", required=True, type=PATH, help="CSV with person, from, to.")
@click.option("--min-minutes", default=10.0, show_default=True, help="A meeting counts from so many minutes on.")
@click.option("--out", required=True, type=PATH, help="Where the answer goes (Parquet).")
@click.option("--timing", type=PATH, help="Where the seconds of the warm query go (JSON).")
@click.option("--common-source", is_flag=True, help="Ask what the cases shared before they fell ill.")
@click.option("--span-hours", default=6.0, show_default=True, help="Common source: test places in spans so long.")
@click.option("--visitors", type=PATH, help="Common source: where all who were at those with q up to 0.05 go.")
def command(presences: Path, cases: Path, min_minutes: float, out: Path, timing: Path | None, **asked: Any) -> None:
    """
    Find who shared a place with each case for long enough, or what several cases shared.

    PRESENCES is a store (see `sizao visits`) or a Parquet file with person, place, start, end. A meeting is one
    presence of the case, cut to its window, and one presence of somebody else at the same place; it counts when
    it lasts --min-minutes. Columns out: case, person, minutes and meetings (of those that count), first (start
    of the earliest), last (end of the latest).

    With --common-source, the window of a case is its time before it fell ill. Columns out: scope (a span at a
    place, or the place over the whole time), place, from, to, cases and people (who of them was there), expected
    (how many cases would be there were they like everybody), visitors, p_value, q_value, first, last.
    """
    from sizao.adapters.visits import VisitStore

    with ExitStack() as held:
        store = VisitStore(_store_of(presences, held))
        windows = _windows(cases, store)
        unknown = store.unknown(list(dict.fromkeys(one.person for one in windows)))
        question = question_of(store, windows, round(min_minutes * 60), asked)
        found = question.answer()
        if timing:
            _time(question, timing)
        write_whole(out, parquet(found))
        click.echo(question.told(found, len({one.person for one in windows}) - len(unknown)), err=True)
    if unknown:
        shown = ", ".join(map(str, unknown[:5])) + (" …" if len(unknown) > 5 else "")
        click.echo(f"{len(unknown)} cases have no presence in the store: {shown}.", err=True)


def _store_of(presences: Path, held: ExitStack) -> Path:
    if presences.is_dir():
        return presences
    from sizao.adapters.visits import VisitWriter

    store = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="sizao-trace-")))
    with VisitWriter(store) as writer:
        found = writer.ingest(presences)
    if found["refused"]:
        click.echo(f"{found['refused']:,} rows of {presences} cannot be used and were left out.", err=True)
    return store


def _windows(path: Path, store: "VisitStore") -> "Sequence[Window]":
    from sizao.adapters.visits import Window
    from sizao.cli.visits import moment

    table = read_table(path, needs=("person", "from", "to"))
    people: list[Any] = table.columns["person"]
    if store.persons.kind == "integers":
        people = table.read("person", int, what="a whole number, as the store's persons are")
    what = "a whole second, or a moment like 2021-01-08T10:30"
    starts, ends = (table.read(name, _second(moment), what=what) for name in ("from", "to"))
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if end < start:
            raise WindowEmpty(path=path, line=table.lines[row], person=people[row])
    return [Window(*one) for one in zip(people, starts, ends, strict=True)]


def _second(moment: Any) -> Any:
    def read(text: str) -> int:
        try:
            return int(moment(text))
        except click.BadParameter as fault:
            raise ValueError(text) from fault

    return read


def _time(question: Question, path: Path) -> None:
    """Ask again, now that all is in memory, and write how long the whole answer took."""
    began = time.perf_counter()
    rows = question.answer().num_rows
    seconds = time.perf_counter() - began
    write_whole(path, json.dumps({"seconds": seconds, "rows": rows}).encode())
