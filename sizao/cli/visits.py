"""`sizao visits`: the store of bulk presence, on files, without a database."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sizao.cli.amounts import HOURS
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.adapters.visits.points import SetAside
    from sizao.engines.presences.clocks import Offset


class NoPoints(SizaoError):
    code = "visits.no_points"
    message = (
        "{path} does not tell where by lon and lat (or tells places as well), so that --datum, --resolution and --box "
        "would change nothing. Leave them out; nothing was written."
    )


LAST_SECOND = 253_402_300_800  # the year 9999 ends
STORE = click.argument("store", type=click.Path(path_type=Path))


def shifted(_context: click.Context, _option: click.Parameter, told: tuple[str, ...]) -> dict[str, int]:
    """Read SOURCE=SECONDS, several times."""
    found = {}
    for one in told:
        source, sign, seconds = one.rpartition("=")
        if not sign or not source or not re.fullmatch(r"[+-]?[0-9]{1,9}", seconds):
            reason = f"{one!r} is no shift. Write SOURCE=SECONDS, like gates=-7200."
            raise click.BadParameter(reason)
        found[source] = int(seconds)
    return found


def boxed(_context: click.Context, _option: click.Parameter, told: str | None) -> tuple[float, ...] | None:
    """Read WEST,SOUTH,EAST,NORTH in degrees."""
    if told is None:
        return None
    try:
        west, south, east, north = map(float, told.split(","))
    except ValueError:
        west, south, east, north = 0.0, 0.0, 0.0, 0.0
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        reason = f"{told!r} is no box. Write WEST,SOUTH,EAST,NORTH in degrees, like 114.3,37.8,115.5,38.8."
        raise click.BadParameter(reason)
    return west, south, east, north


def place_codes(path: Path | None) -> dict[str, str]:
    """Read the codes that places had before and have now."""
    from sizao.adapters.tables import read_table

    if path is None:
        return {}
    table = read_table(path, needs=("old", "new"))
    found: dict[str, str] = {}
    for row, (old, new) in enumerate(zip(table.columns["old"], table.columns["new"], strict=True)):
        if found.setdefault(old, new) != new:
            raise table.refuse(row, f"{old} has two codes of today, {found[old]} and {new}.")
    return found


@click.group("visits")
def command() -> None:
    """
    Keep who was where in a store that answers in milliseconds.

    A store is a folder. Presences come as Parquet with person, place, start and end: integers or texts,
    whole seconds or timestamps; lon and lat may stand for place. Tokens only: no names belong here.
    """


@command.command()
@click.argument("presences", type=click.Path(path_type=Path))
@click.option("--store", required=True, type=click.Path(path_type=Path), help="The folder; made when it is not there.")
@click.option(
    "--longest-hours", type=HOURS, default=12.0, show_default=True, help="A missing end is the next presence, or this."
)
@click.option(
    "--coalesce", is_flag=True,
    help="Make presences of one person at one place that overlap on one day in this file one.",
)  # fmt: skip
@click.option("--epoch", default="", help="The name of the key under which tokens were made; a store has one.")
@click.option("--place-codes", type=click.Path(path_type=Path), help="CSV old,new: codes that places had before.")
@click.option(
    "--shift",
    "shifts",
    multiple=True,
    metavar="SOURCE=SECONDS",
    callback=shifted,
    help="Add seconds to the times of a source whose clock is off (see `clocks`); what it said is kept.",
)
@click.option("--gentle", is_flag=True, help="Use one thread that waits for others, while people ask questions.")
@click.option("--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), default="wgs84", show_default=True,
              help="Points: in what lon and lat are given (Chinese maps: gcj02, Baidu: bd09).")  # fmt: skip
@click.option("--resolution", type=click.IntRange(0, 15), default=8, show_default=True,
              help="Points: the resolution of their cells of H3 (8: 0.74 square kilometres).")  # fmt: skip
@click.option("--box", callback=boxed, metavar="WEST,SOUTH,EAST,NORTH",
              help="Points: in degrees of WGS-84; a point outside is no presence, and kept apart.")  # fmt: skip
def ingest(presences: Path, store: Path, longest_hours: float, **intake: Any) -> None:
    """
    Take a Parquet file into a store, whole or not at all; the same file again changes nothing.

    Rows that cannot be used are kept below STORE/refused with the reason. Columns layer (venue, vehicle, cell),
    ventilation (outdoor, ventilated, closed) and vehicle_kind say of a place what it is, once and for all.
    PRESENCES may also be a folder that `sizao visits export` wrote.

    What the store holds already changes nothing, and a missing end is closed by the person's next presence in
    whatever file it comes: several files, in any order, give the store that one file of all would give.
    """
    from sizao.adapters.presence_tables import presences_file
    from sizao.adapters.visits import VisitWriter
    from sizao.adapters.visits.bulk import key_of_file, opened, rows_of
    from sizao.adapters.visits.points import SetAside
    from sizao.cli.trace_inputs import describe_places

    with presences_file(presences) as given, _in_cells(given, intake) as (file, aside):
        bar = click.progressbar(length=rows_of(file), label="Reading presences", file=sys.stderr)
        codes = place_codes(intake.pop("place_codes"))
        with VisitWriter(store, longest_hours=longest_hours, place_codes=codes, **intake) as writer, bar as shown:
            describe_places(file, store)
            found = writer.ingest(file, tick=shown.update)
            if isinstance(aside, SetAside) and "taken before" not in found:
                aside.keep(store, key_of_file(file, opened(file)))
                found |= aside.found
    click.echo(_told(found))


@contextmanager
def _in_cells(given: Path, intake: dict[str, Any]) -> "Iterator[tuple[Path, SetAside | None]]":
    """Give presences at points as presences in cells, and others as they are."""
    from sizao.adapters.visits.points import Grid, are_points, cells_file

    grid = Grid(*(intake.pop(name) for name in ("datum", "resolution", "box")))
    if are_points(given):
        with cells_file(given, grid) as found:
            yield found
        return
    if grid != Grid():
        raise NoPoints(path=given)
    yield given, None


@command.command()
@click.argument("presences", type=click.Path(path_type=Path))
@click.option("--reference", help="The source whose clock is trusted; else the one with most presences.")
def clocks(presences: Path, reference: str | None) -> None:
    """
    Say by how much the clock of each source is off, from people whom two sources report; change nothing.

    PRESENCES needs a column source. A clock is called ahead when changes of one person (arrivals, departures) come
    later by it than by the reference, more often by one same time than chance and the rhythm of days would give.
    """
    from sizao.adapters.visits.clocks import clocks as estimated

    trusted, found = estimated(presences, reference=reference)
    click.echo(f"Against {trusted}:" if found else f"There is no source but {trusted}, so no clock to compare.")
    for one in found:
        click.echo(
            f"{one.source}: {_off(one.offset)} ({one.presences:,} presences, {one.shared_people:,} people in both)."
        )
        if one.offset and one.offset.believed and one.offset.seconds:
            click.echo(f"  To mend it: sizao visits ingest … --shift {one.source}={-one.offset.seconds:+d}")


@command.command()
@STORE
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder of tables; must not be there.")
@click.option("--buckets", type=click.IntRange(1, 4096), help="Files a day and order; else one for 3 million rows.")
@click.option("--by", default="", help="Who makes the copy, for the store's list of copies.")
@click.option("--keep-until", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which the copy may be kept.")
def export(store: Path, out: Path, buckets: int | None, by: str, keep_until: datetime | None) -> None:
    """
    Write a store as Parquet for DuckDB and Spark: by day and bucket, sorted by place and by person.

    OUT/origin.json says what the copy was made from and until when it may be kept. The store remembers the copy:
    `sizao visits forget` cannot reach it, and says so.
    """
    from sizao.adapters import presence_tables, visits
    from sizao.adapters.visits import exports
    from sizao.cli import clock

    opened = visits.VisitStore(store)
    with click.progressbar(length=opened.manifest.rows, label="Writing tables", file=sys.stderr) as shown:
        tables = presence_tables.export(store, out, buckets=buckets, tick=shown.update)
    last_day = keep_until.date() if keep_until else None
    exports.note(opened, out, by=by, keep_until=last_day, now=clock.now())
    click.echo(f"{tables.rows:,} presences of {len(tables.days)} days in {tables.buckets} buckets are in {out}.")
    if last_day is None:
        click.echo("Nobody said until when this copy may be kept (--keep-until); destroy it with the store's days.",
                   err=True)  # fmt: skip


@command.command()
@STORE
def compact(store: Path) -> None:
    """Make one segment a day of those that small batches left."""
    from sizao.adapters import visits

    click.echo(f"{visits.compact(store)} segments made fewer; the store holds {visits.VisitStore(store).told}.")


@command.command()
@STORE
def verify(store: Path) -> None:
    """Check every file against its checksum; exit with 1 when one is not what was written."""
    from sizao.adapters import visits

    faults = visits.verify(store)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"All is as it was written: {visits.VisitStore(store).told}.")


@command.command()
@STORE
@click.option("--before", help="Destroy what started before: a day (UTC) or a whole second.")
@click.option("--keep-days", type=click.IntRange(1), help="Or what started before so many whole days (UTC) ago.")
@click.option("--by", required=True, help="Who destroys it, for the certificate.")
@click.option("--reason", required=True, help="Why, for the certificate.")
def forget(store: Path, before: str | None, keep_days: int | None, **told: str) -> None:
    """Destroy presences that are past their day, and print the certificate of destruction."""
    from sizao.adapters import visits
    from sizao.cli import clock

    if (before is None) == (keep_days is None):
        raise click.UsageError("Say either --before or --keep-days.")
    if before is not None:
        certificate = visits.forget(store, before=moment(before), now=clock.now(), **told)
    else:
        certificate = visits.keep_days(store, days=keep_days, now=clock.now(), **told)
    click.echo(json.dumps(certificate, ensure_ascii=False, indent=1))
    for copy in certificate["copies_beyond_reach"]:
        state = "is there still: delete it" if copy["is_there"] else "is not where it was put: see that it is deleted"
        until = f", to be kept until {copy['keep_until']}" if copy["keep_until"] else ""
        click.echo(
            f"A copy made on {copy['at'][:10]}{until} holds what was destroyed. {copy['out']} {state}.", err=True
        )


def moment(text: str) -> int:
    """
    Read a second from 1970, or a day or moment like 2021-01-08T10:30 (UTC unless it says another zone).

    Eight digits that could be a day (20210108) are refused: as a second they would be one of 1970.
    """
    if _may_be_day(text):
        second = datetime.fromtimestamp(int(text), UTC)
        reason = (
            f"{text!r} may be a day or a second. Write {text[:4]}-{text[4:6]}-{text[6:]} for the day, or "
            f"{second:%Y-%m-%dT%H:%M:%S} for the second."
        )
        raise click.BadParameter(reason)
    if re.fullmatch(r"-?[0-9]+", text):
        if abs(int(text)) <= LAST_SECOND:
            return int(text)
        reason = f"{text!r} lies beyond the year 9999. Write seconds from 1970, not milliseconds."
        raise click.BadParameter(reason)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        reason = f"{text!r} is no moment. Write a whole second, or a day like 2021-01-08."
        raise click.BadParameter(reason) from fault
    return int((found if found.tzinfo else datetime.fromisoformat(f"{found.isoformat()}+00:00")).timestamp())


def _may_be_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"(19|20)[0-9]{6}", text)) and bool(datetime.strptime(text, "%Y%m%d"))  # noqa: DTZ007
    except ValueError:
        return False


def _told(found: Mapping[str, int]) -> str:
    from sizao.adapters.visits.points import NO_POINT, OUTSIDE

    if "taken before" in found:
        return f"This file was taken before ({found['taken before']:,} rows); nothing changed."
    words = {
        "taken": "presences taken",
        "refused": "rows refused",
        "renamed": "places under a code they had before",
        "shifted": "presences whose clock was off and set right",
        "imputed": "ends missing and closed",
        "repeated": "rows that repeat another",
        "overlapping": "presences that overlap another of the same person and place",
        "elsewhere": "presences of people in two places at once",
        NO_POINT: "rows whose point is none of the globe, kept apart",
        OUTSIDE: "rows whose point lies outside the box, kept apart",
    }
    always = ("taken", "refused", "imputed", "repeated", "overlapping", "elsewhere")
    named = [name for name in words if name in always or found.get(name)]
    return "; ".join(f"{found.get(name, 0):,} {words[name]}" for name in named) + "."


def _off(offset: "Offset | None") -> str:
    if offset is None or not offset.believed:
        return "nothing can be told, too few changes agree"
    direction = "ahead" if offset.seconds > 0 else "behind"
    times = f"{offset.support:,.0f} changes agree beyond the {offset.expected:,.0f} that chance would give"
    way = f"{abs(offset.seconds):,} seconds {direction}" if offset.seconds else "right to the minute"
    return f"{way}; {times}"
