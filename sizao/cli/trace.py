"""`sizao trace`: who was there with these cases, from a store or a Parquet file, without a database."""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sizao.adapters.tables import Table, read_table, write_whole
from sizao.cli.amounts import MINUTES, SPAN_HOURS
from sizao.cli.trace_engines import ENGINES, KERNEL, tables_of
from sizao.cli.trace_inputs import describe_places, manner_of, seats_of
from sizao.cli.trace_options import near_and_ranked, vehicles_and_dwelling
from sizao.cli.trace_questions import Question, parquet, question_of
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.adapters.visits import Limits, VisitStore, Window


class WindowEmpty(SizaoError):
    code = "trace.window_empty"
    message = "{path}, line {line}: the window of {person} ends before it begins. Correct it; nothing was written."


class SamePath(SizaoError):
    code = "trace.same_path"
    message = "{path} is named for two things. Give each a file of its own; nothing was written."


PATH = click.Path(path_type=Path)


@click.command("trace")
@click.argument("presences", type=PATH)
@click.option("--cases", required=True, type=PATH, help="CSV with person, from, to.")
@click.option(
    "--min-minutes", type=MINUTES, default=10.0, show_default=True, help="A meeting counts from so many minutes on."
)
@click.option("--out", required=True, type=PATH, help="Where the answer goes (Parquet).")
@click.option("--timing", type=PATH, help="Where the seconds of the warm query go (JSON).")
@click.option("--common-source", is_flag=True, help="Ask what the cases shared before they fell ill.")
@click.option("--span-hours", type=SPAN_HOURS, default=6.0, show_default=True,
              help="Common source: test places in spans so long.")  # fmt: skip
@click.option("--visitors", type=PATH, help="Common source: where all who were at those with q up to 0.05 go.")
@click.option("--second-ring", is_flag=True, help="Ask who met a contact after that one's first exposure.")
@click.option("--set-apart", type=PATH, help="Second ring: CSV with person, at; from then on a contact meets nobody.")
@click.option("--known", type=PATH, help="Second ring: CSV with person; these are left out.")
@click.option("--hotspots", is_flag=True, help="Ask where the cases spent infectious time.")
@click.option("--since", help="Hotspots: only from this moment on (a day, a moment or a whole second).")
@click.option("--keep", type=click.IntRange(0), help="Companions: say what keeping the closest so many leaves out.")
@click.option("--closest", type=click.IntRange(1), help="Second ring: of so many contacts, by minutes; else of all.")
@near_and_ranked
@vehicles_and_dwelling
@click.option("--engine", type=click.Choice(ENGINES), default=KERNEL, show_default=True, help="What answers.")
@click.option("--master", default="local[*]", show_default=True, help="Spark: the cluster, like spark://host:7077.")
def command(presences: Path, cases: Path, min_minutes: float, out: Path, timing: Path | None, **asked: Any) -> None:
    """
    Find who shared a place with each case for long enough, who met these afterwards, or what several
    cases shared.

    PRESENCES is a store (see `sizao visits`), a Parquet file with person, place, start, end, or, for DuckDB and
    Spark, what `sizao visits export` wrote. A meeting is one presence of the case, cut to its window, and one
    presence of somebody else at the same place; it counts when it lasts --min-minutes. Columns out: case, person,
    minutes and meetings (of those that count), first (start of the earliest), last (end of the latest).

    With --common-source, the window of a case is its time before it fell ill. Columns out: scope (a span at a
    place, or the place over the whole time), place, from, to, cases and people (who of them was there), expected
    (how many cases would be there were they like everybody), visitors, p_value, q_value, first, last.

    With --neighbours, a column tier says whether it was the same place or a neighbour; who did both has two rows.

    With --by-layer, --imputed or --pad-minutes, a meeting is a stretch of time without a gap during which both
    were at one place, whatever pieces the sources told, and each row is of one layer (venue, vehicle or cell) and
    one tier. A venue lies in a cell: minutes of two layers are never added up. Columns days (civil days on which
    they met) and occupancy (the fewest people who met the case in one of these stays) are added.

    With --ranked, one row a person and case, the highest score first, with the layer and tier that score most.
    The score sums the minutes of each meeting, times the weight of its air and tier, divided by the number of
    people who met the case in that stay; each further day on which they met adds a quarter. It orders a list and
    is nobody's chance of infection. Column band: 1 holds half of the score of the case, 2 the next 30 %, 3 the
    next 15 %, 4 the rest (a choice).

    With --seats, who shared a vehicle with a case, one row a vehicle: seating is near, unknown or apart by the
    seat rules in force (`sizao protocol show`). Nobody is left out.

    With --space-time, who was in the same cell and dwelt there for so long (时空伴随者): a local rule, off unless
    an annex turns it on, and by itself no reason to isolate anybody.

    With --second-ring, columns out: person, minutes (of its presences that count, while any contact was there),
    meetings (those presences), first, last, contact (one met at first) and contact_exposed (since when it counts).
    """
    from sizao.adapters.visits import VisitStore
    from sizao.cli.visits import moment

    _check_paths(cases, out, timing, asked["cuts"], asked["visitors"])
    with ExitStack() as held:
        on_tables = asked["engine"] != KERNEL
        store = tables_of(presences, asked, held) if on_tables else VisitStore(_store_of(presences, held))
        windows = _windows(cases, store)
        unknown = store.unknown(list(dict.fromkeys(one.person for one in windows)))
        asked |= {
            "presences": presences,
            "limits": _limits(asked, store),
            "since": None if not asked["since"] else moment(asked["since"]),
        }
        if not on_tables:
            asked |= {"manner": manner_of(asked, store), "held_seats": seats_of(asked["seats"], store)}
        question = question_of(store, windows, round(min_minutes * 60), asked)
        found = question.answer()
        if timing:
            _time(question, timing)
        write_whole(out, parquet(found))
        click.echo(question.told(found, len({one.person for one in windows}) - len(unknown)), err=True)
    if unknown:
        shown = ", ".join(map(str, unknown[:5])) + (" …" if len(unknown) > 5 else "")
        click.echo(f"{len(unknown)} cases have no presence in the store: {shown}.", err=True)


def _check_paths(*paths: Path | None) -> None:
    """Refuse a file that would be written over by another answer, or that holds the cases."""
    seen: set[Path] = set()
    for path in (one.absolute() for one in paths if one is not None):
        if path in seen:
            raise SamePath(path=path)
        seen.add(path)


def _store_of(presences: Path, held: ExitStack) -> Path:
    from sizao.adapters.presence_tables import are_tables, presences_file
    from sizao.adapters.visits import VisitWriter

    if presences.is_dir() and not are_tables(presences):
        return presences
    store = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="sizao-trace-")))
    with VisitWriter(store) as writer, presences_file(presences) as file:
        describe_places(file, store)
        found = writer.ingest(file)
    if found["refused"]:
        click.echo(f"{found['refused']:,} rows of {presences} cannot be used and were left out.", err=True)
    return store


def _windows(path: Path, store: "VisitStore") -> "Sequence[Window]":
    from sizao.adapters.visits import Window

    table = read_table(path, needs=("person", "from", "to"))
    people = _people(table, store)
    starts, ends = (_moments(table, name) for name in ("from", "to"))
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if end < start:
            raise WindowEmpty(path=path, line=table.lines[row], person=people[row])
    return [Window(*one) for one in zip(people, starts, ends, strict=True)]


def _limits(asked: Mapping[str, Any], store: "VisitStore") -> "Limits":
    from sizao.adapters.visits import Limits

    known: list[Any] = []
    set_apart: dict[Any, int] = {}
    if path := asked["known"]:
        known = _people(read_table(path, needs=("person",)), store)
    if path := asked["set_apart"]:
        table = read_table(path, needs=("person", "at"))
        for person, at in zip(_people(table, store), _moments(table, "at"), strict=True):
            set_apart[person] = min(at, set_apart.get(person, at))
    return Limits(set_apart, known, asked["closest"])


def _people(table: Table, store: "VisitStore") -> list[Any]:
    if store.persons.kind == "integers":
        return table.read("person", _token, what="a whole number of 64 bits, as the store's persons are")
    return table.read("person", str, what="the token of a person")


def _token(text: str) -> int:
    found = int(text)
    if not -(1 << 63) <= found < 1 << 63:
        raise ValueError(text)
    return found


def _moments(table: Table, name: str) -> list[int]:
    from sizao.cli.visits import moment

    def read(text: str) -> int:
        try:
            return int(moment(text))
        except click.BadParameter as fault:
            raise ValueError(text) from fault

    return table.read(name, read, what="a whole second, or a moment like 2021-01-08T10:30")


def _time(question: Question, path: Path) -> None:
    """Ask again, now that all is in memory, and write how long the whole answer took."""
    began = time.perf_counter()
    rows = question.answer().num_rows
    seconds = time.perf_counter() - began
    write_whole(path, json.dumps({"seconds": seconds, "rows": rows}).encode())
