"""`sizao links`: cases and whom they met in, the likely source of each out. Needs no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from sizao.adapters.tables import read_table, write_table
from sizao.cli import pictures
from sizao.cli.amounts import INTERVAL_DAYS, INTERVAL_SPREAD_DAYS
from sizao.engines.transmission.links import Course, Interval, Links, Meetings, likely_sources
from sizao.errors import SizaoError

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("case", "person", "minutes", "first", "last")
DAY_SECONDS = 86_400
SHOWN = 5
PATH = click.Path(path_type=Path)


class NoInterval(SizaoError):
    code = "links.no_interval"
    message = "No serial interval is given. Give either --serial-interval, or --si-mean with --si-sd."


class CaseTwice(SizaoError):
    code = "links.case_twice"
    message = "{path}, line {line}: {person} stands twice. Keep one row for each case; nothing was written."


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases by name, their onset in days from 1970 (NaN: unknown), and the lane in which each is drawn."""

    names: list[str]
    onset: np.ndarray
    lanes: list[str]


@click.command("links")
@click.argument("cases", type=PATH)
@click.option("--meetings", required=True, type=PATH,
              help="Who met whom, as `sizao trace` writes it (Parquet or CSV).")  # fmt: skip
@click.option("--si-mean", type=INTERVAL_DAYS, help="Mean of the serial interval, in days.")
@click.option("--si-sd", type=INTERVAL_SPREAD_DAYS, help="Standard deviation of the serial interval, in days.")
@click.option("--si-family", type=click.Choice(["gamma", "normal"]), default="gamma", show_default=True,
              help="A gamma of a day at least, or a normal, which may be negative.")  # fmt: skip
@click.option("--serial-interval", "si_file", type=PATH, help="CSV with k,probability; k may be negative.")
@click.option("--infectious-before", default=2.0, show_default=True, help="Days before onset in which a case infects.")
@click.option("--infectious-after", default=14.0, show_default=True, help="Days after onset in which a case infects.")
@click.option("--incubation-least", default=1.0, show_default=True, help="Days from infection to onset, at least.")
@click.option("--incubation-most", default=float("inf"), help="Days from infection to onset, at most; else any.")
@click.option("--half-minutes", type=float, help="After so many minutes half the chance; else it goes with minutes.")
@click.option("--unseen-minutes", default=0.0, show_default=True,
              help="Weigh a source nobody knows like one met for so long at the likeliest interval.")  # fmt: skip
@click.option("--both-ways", is_flag=True, help="Each meeting is told once: take it in both directions.")
@click.option("--lanes", help="Column of CASES (household, ward, village) by which --plot lays cases into lanes.")
@click.option("--plot", type=PATH, help="Draw the transmission graph (.png, .svg, .pdf).")
@click.option("--out", type=PATH, help="Where the result goes (CSV); else the standard output.")
def command(cases: Path, meetings: Path, plot: Path | None, out: Path | None, **options: Any) -> None:
    """
    Find who probably infected whom.

    CASES is a CSV file with person and onset (a day like 2021-01-08; empty when unknown). Meetings have case,
    person, minutes, first, last: the case could have infected the person. Times are whole seconds from 1970 or
    moments, of the same clock as the days.

    Candidates are cases met within their infectious window and the incubation window of the case. Each gets a
    chance by the serial interval at the days between both onsets times the minutes shared then, so that the
    chances of a case sum to 1. Columns out: case, source, probability, rank, days (between onsets), minutes,
    unseen (the chance of a source that nobody knows) and finding; a case without a candidate has a row with
    no source, whose finding says why.
    """
    pictures.check(plot)
    told = _cases(cases, options["lanes"])
    met = _meetings(meetings, told, both_ways=options["both_ways"])
    found = likely_sources(told.onset, met, _course(options))
    write_table(out, _columns(told, found))
    click.echo(_told(told, found), err=True)
    if plot:
        from sizao.cli import link_graph

        pictures.save(link_graph.drawn(found, told.names, told.onset, told.lanes), plot)


def _cases(path: Path, lanes: str | None) -> Cases:
    table = read_table(path, needs=("person", "onset", *([lanes] if lanes else [])))
    names = table.columns["person"]
    seen: set[str] = set()
    for row, name in enumerate(names):
        if name in seen:
            raise CaseTwice(path=path, line=table.lines[row], person=name)
        seen.add(name)
    days = [np.nan if day is None else day_number(day) for day in table.days("onset", may_be_empty=True)]
    return Cases(names, np.array(days, dtype=np.float64), table.columns[lanes] if lanes else [""] * len(names))


def day_number(day: date) -> int:
    """Give the days from 1970."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _meetings(path: Path, cases: Cases, *, both_ways: bool) -> Meetings:
    """Read the meetings of two cases; those with anybody else are counted and passed over."""
    columns = _of_parquet(path) if path.suffix.lower() == ".parquet" else _of_csv(path)
    number = {name: row for row, name in enumerate(cases.names)}
    pairs = zip(columns["case"], columns["person"], strict=True)
    kept = [row for row, (case, person) in enumerate(pairs) if case in number and person in number]
    if (others := len(columns["case"]) - len(kept)) > 0:
        click.echo(f"{others:,} meetings with people who are no cases were passed over.", err=True)
    source, other = ([number[columns[name][row]] for row in kept] for name in ("case", "person"))
    seconds = (np.asarray(columns[name], dtype=np.float64)[kept] / DAY_SECONDS for name in ("first", "last"))
    minutes = np.asarray(columns["minutes"], dtype=np.float64)[kept]
    met = Meetings(np.array(source, np.int64), np.array(other, np.int64), minutes, *seconds)
    return met.both_ways() if both_ways else met


def _of_csv(path: Path) -> dict[str, Sequence[Any]]:
    table = read_table(path, needs=COLUMNS)
    moments = {name: table.read(name, _second, what="a whole second or a moment") for name in ("first", "last")}
    return table.columns | moments | {"minutes": table.numbers("minutes")}


def _second(text: str) -> float:
    if text.lstrip("-").isdigit():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _of_parquet(path: Path) -> dict[str, Sequence[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sizao.adapters.tables import TableUnreadable

    try:
        table = pq.read_table(path, columns=list(COLUMNS))
    except (OSError, pa.ArrowInvalid) as fault:
        wanted = ", ".join(COLUMNS)
        reason = f"it cannot be read as Parquet with the columns {wanted}."
        raise TableUnreadable(path=path, line=1, reason=reason) from fault
    times = {name: _seconds(table.column(name)) for name in ("first", "last")}
    people = {name: [str(one) for one in table.column(name).to_pylist()] for name in ("case", "person")}
    return people | times | {"minutes": table.column("minutes").to_numpy()}


def _seconds(column: "pa.ChunkedArray") -> np.ndarray:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("s", column.type.tz), safe=False)
    return np.asarray(column.cast(pa.int64()).to_numpy())


def _course(options: dict[str, Any]) -> Course:
    names = ("infectious_before", "infectious_after", "incubation_least", "incubation_most", "half_minutes",
             "unseen_minutes")  # fmt: skip
    return Course(_interval(options), **{name: options[name] for name in names})


def _interval(options: dict[str, Any]) -> Interval:
    moments = (options["si_mean"], options["si_sd"])
    if (options["si_file"] is None) == (None in moments):
        raise NoInterval
    if options["si_file"] is None:
        return Interval.normal(*moments) if options["si_family"] == "normal" else Interval.gamma(*moments)
    table = read_table(options["si_file"], needs=("k", "probability"))
    days = table.read("k", int, what="a whole number of days")
    for row, day in enumerate(days):
        if day != days[0] + row:
            raise table.refuse(row, f"k is {day}; {days[0] + row} comes next, since days go on without gaps.")
    return Interval(days[0], table.numbers("probability"))


def _columns(cases: Cases, found: Links) -> dict[str, Any]:
    rows = _rows(found, len(cases.names))
    linked = [row for _, row in rows]
    rank = np.arange(len(found)) - np.searchsorted(found.case, found.case) + 1
    return {
        "case": [cases.names[case] for case, _ in rows],
        "source": ["" if row < 0 else cases.names[found.source[row]] for row in linked],
        "probability": _picked(found.probability, linked),
        "rank": ["" if row < 0 else int(rank[row]) for row in linked],
        "days": ["" if row < 0 else int(found.days[row]) for row in linked],
        "minutes": _picked(found.minutes, linked),
        "unseen": [float(found.unseen[case]) for case, _ in rows],
        "finding": [str(found.finding[case]) for case, _ in rows],
    }


def _rows(found: Links, n_cases: int) -> list[tuple[int, int]]:
    """Give (case, row of its link), in the order of the cases; -1 for a case without one."""
    ends = np.searchsorted(found.case, np.arange(n_cases + 1))
    rows: list[tuple[int, int]] = []
    for case in range(n_cases):
        rows += [(case, row) for row in range(ends[case], ends[case + 1])] or [(case, -1)]
    return rows


def _picked(values: np.ndarray, rows: list[int]) -> list[float | None]:
    return [None if row < 0 else float(values[row]) for row in rows]


def _told(cases: Cases, found: Links) -> str:
    n_linked = len(np.unique(found.case))
    offspring = found.offspring()
    most = [row for row in np.argsort(-offspring, kind="stable")[:SHOWN].tolist() if offspring[row] > 0]
    lines = [f"{n_linked} of {len(cases.names)} cases have a likely source among the cases they met."]
    for finding in dict.fromkeys(found.finding):
        if finding != "candidates":
            named = [name for name, one in zip(cases.names, found.finding, strict=True) if one == finding]
            shown = ", ".join(named[:SHOWN]) + (" …" if len(named) > SHOWN else "")
            lines.append(f"{len(named)} have none ({finding}): {shown}.")
    if most:
        shown = ", ".join(f"{cases.names[row]} ({offspring[row]:.1f})" for row in most)
        lines.append(f"Infected most, as expected numbers: {shown}.")
    return "\n".join(lines)
