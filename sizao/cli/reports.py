"""`sizao reports`: figures out as table or data value set, back in to be compared, and what units state."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sizao.cli import clock, start
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.adapters.dhis2 import Mapped, Value
    from sizao.adapters.uploads import Upload
    from sizao.records.models import Account, Outbreak
    from sizao.response.reports.figure_files import CellFault, Column, Comparison

DAY = click.DateTime(["%Y-%m-%d"])
MOST_SAID = 20


class NotUsable(SizaoError):
    code = "reports.not_usable"
    message = "{n} cells cannot be used; nothing was kept. {said}"


class NobodyOfThatName(SizaoError):
    code = "reports.nobody"
    message = "There is no open account “{username}”. `sizao account list` shows those there are."


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks about which outbreak and days, and when."""

    account: "Account"
    outbreak: "Outbreak"
    first: date
    last: date
    now: datetime

    @property
    def area_code(self) -> str:
        return max(self.outbreak.area_code, self.account.area_code, key=len)


@click.group("reports")
def command() -> None:
    """Write daily figures to files, compare files with them, take in what units state."""


_AS = click.option("--as", "username", required=True, help="The account in whose name it is done; its rights decide.")
_OUTBREAK = click.option("--outbreak", "slug", default="hebei-2021-01", show_default=True, help="Of which outbreak.")
_FIRST = click.option("--from", "first", type=DAY, required=True, help="The first day, such as 2021-01-08.")
_LAST = click.option("--to", "last", type=DAY, help="The last day; without it, the first alone.")
_OUT = click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
_MAPPING = click.option(
    "--mapping", type=click.Path(path_type=Path), required=True, help="What each figure and area is in DHIS2 (TOML)."
)


@command.command("figures")
@_AS
@_OUTBREAK
@_FIRST
@_LAST
@_OUT
def figures(username: str, slug: str, first: datetime, last: datetime | None, out: Path) -> None:
    """Write the figures of all areas and days: CSV, or a workbook where --out ends in .xlsx."""
    from sizao.response.reports import figure_files

    asked = _ask(username, slug, first, last)
    rows = list(figure_files.figure_rows(asked.outbreak, asked.area_code, asked.first, asked.last, as_of=asked.now))
    _write(out, figure_files.FIGURE_COLUMNS, [[row[one.code] for one in figure_files.FIGURE_COLUMNS] for row in rows])
    _journal("reports.exported", asked, len(rows))
    click.echo(f"{len(rows)} rows written to {out}.")


@command.command("compare")
@click.argument("path", type=click.Path(path_type=Path))
@_AS
@_OUTBREAK
@_FIRST
@_LAST
def compare(path: Path, username: str, slug: str, first: datetime, last: datetime | None) -> None:
    """Compare a file of figures with what stands here; list each cell that differs or cannot be read."""
    from sizao.response.reports import figure_files

    asked = _ask(username, slug, first, last)
    columns = figure_files.FIGURE_COLUMNS
    upload = _read(path, columns, figure_files.FIGURE_KEYS)
    present = figure_files.figure_rows(asked.outbreak, asked.area_code, asked.first, asked.last, as_of=asked.now)
    rows = [figure_files.figure_read(row) for row in upload.rows]
    told = figure_files.compare(rows, upload.lines, list(present), columns=columns, keys=figure_files.FIGURE_KEYS)
    _tell(told)


@command.command("compare-list")
@click.argument("kind", type=click.Choice(["cases", "contacts", "people"]))
@click.argument("path", type=click.Path(path_type=Path))
@_AS
@_OUTBREAK
@click.option("--as-of", type=DAY, help="As known at the end of this day; else now.")
def compare_list(kind: str, path: Path, username: str, slug: str, as_of: datetime | None) -> None:
    """Compare a line list that `sizao export` wrote with what stands here; list each cell that differs."""
    asked = _ask(username, slug, clock.here(), None)
    from sizao.cli import export
    from sizao.records import access
    from sizao.response.reports import figure_files
    from sizao.terms import Right

    access.require(asked.account, Right.PERSON_EXPORT, area_code=asked.area_code)
    day, moment = export.known_at(asked.outbreak, as_of.date() if as_of else None, asked.now)
    lines = export.Asked(kind, asked.account, asked.outbreak, asked.area_code, day, moment, asked.now, "zh")
    columns = figure_files.line_columns(export.columns(kind))
    upload = _read(path, columns, ["number"])
    codes = [one.code for one in columns]
    present = [dict(zip(codes, cells, strict=True)) for cells in export.person_cells(lines)]
    rows = [figure_files.line_read(row) for row in upload.rows]
    _journal(f"{kind}.compared", asked, len(rows))
    _tell(figure_files.compare(rows, upload.lines, present, columns=columns, keys=["number"]))


@command.command("values")
@_AS
@_OUTBREAK
@_FIRST
@_LAST
@_MAPPING
@_OUT
def values(username: str, slug: str, first: datetime, last: datetime | None, mapping: Path, out: Path) -> None:  # noqa: PLR0913
    """Write the submitted figures as a data value set of DHIS2 (JSON)."""
    from sizao.adapters import dhis2, tables
    from sizao.response.reports import figure_files

    asked, mapped = _ask(username, slug, first, last), _mapped(mapping)
    found = figure_files.values_of(asked.outbreak, asked.area_code, asked.first, asked.last, as_of=asked.now)
    told, left_out = dhis2.value_set(mapped, found)
    tables.write_whole(out, json.dumps(told, indent=1).encode())
    _journal("reports.exported", asked, len(told["dataValues"]))
    click.echo(f"{len(told['dataValues'])} values written to {out}.")
    if left_out.unmapped:
        click.echo(f"Not in the mapping and left out: {', '.join(left_out.unmapped)}.")
    if left_out.unnamed:
        click.echo(f"DHIS2 has no name for these days; left out: {', '.join(left_out.unnamed)}.")


@command.command("state")
@click.argument("path", type=click.Path(path_type=Path))
@_AS
@click.option("--mapping", type=click.Path(path_type=Path), help="Needed for a data value set (JSON).")
@click.option("--dry-run", is_flag=True, help="Say what is wrong, keep nothing.")
def state(path: Path, username: str, mapping: Path | None, dry_run: bool) -> None:  # noqa: FBT001 — click passes flags so
    """Take in what units state of their days: a table (date, unit, figures) or a data value set of DHIS2."""
    start.django_ready()
    from sizao.response.reports import figure_files

    account = _account(username)
    found = _value_set(path, mapping) if mapping else _table(path)
    if dry_run:
        click.echo(f"{len({(one.unit, one.day) for one in found})} reports can be read; nothing was kept.")
        return
    n = figure_files.take_in(values=found, by=account, now=clock.here())
    click.echo(f"{n} reports stated in the name of {account.username}.")


@command.command("units")
@click.argument("path", type=click.Path(path_type=Path))
@_AS
def units_(path: Path, username: str) -> None:
    """Give units the duty to report, from a table: area_code, name, kind, due_hour, first_date, basis."""
    start.django_ready()
    from sizao.adapters.tables import read_table
    from sizao.response.reports import units
    from sizao.terms import UnitKind

    table = read_table(path, needs=("area_code", "name", "kind", "due_hour", "first_date", "basis"),
                       may_have=("every_days", "source_key"))  # fmt: skip
    kinds = table.read("kind", lambda text: UnitKind(text), what=f"one of {', '.join(UnitKind)}")  # type: ignore[call-arg]
    hours, days = table.read("due_hour", int, what="hours"), table.days("first_date")
    rhythm = table.read("every_days", int, what="days", empty=1) if "every_days" in table else [1] * len(table)
    keys = table.columns.get("source_key", [""] * len(table))
    duties = [
        units.Duty(
            area_code=table.columns["area_code"][row], name=table.columns["name"][row], kind=kinds[row],
            due_hour=hours[row], first_date=days[row] or date.min, basis=table.columns["basis"][row],
            every_days=rhythm[row], source_key=keys[row],
        )
        for row in range(len(table))
    ]  # fmt: skip
    made = units.add(duties=duties, by=_account(username), now=clock.here())
    click.echo(f"{len(made)} units report from now on; {len(duties) - len(made)} did already.")


# --- What the commands share -------------------------------------------------------------------


def _ask(username: str, slug: str, first: datetime, last: datetime | None) -> _Asked:
    start.django_ready()
    from sizao.records import access
    from sizao.response import outbreaks
    from sizao.terms import Right

    account = _account(username)
    access.require(account, Right.REPORT_READ)
    return _Asked(account, outbreaks.called(slug), first.date(), (last or first).date(), clock.here())


def _account(username: str) -> "Account":
    from sizao.records.models import Account

    found = Account.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NobodyOfThatName(username=username)
    return found


def _journal(verb: str, asked: _Asked, n_rows: int) -> None:
    from sizao.records import journal

    journal.write(verb, asked.outbreak, by=asked.account, at=asked.now, rows=n_rows, area_code=asked.area_code)


def _mapped(path: Path) -> "Mapped":
    from sizao.adapters import dhis2

    return dhis2.read_mapping(path)


def _write(out: Path, columns: "Sequence[Column]", rows: Sequence[Sequence[object]]) -> None:
    from sizao.adapters import spreadsheets, tables

    heads = [one.code for one in columns]
    if out.suffix.lower() == ".xlsx":
        with spreadsheets.kept_whole(out, replace=True) as file:
            spreadsheets.write(file, [spreadsheets.Sheet("figures", heads, rows)])  # type: ignore[arg-type]
        return
    tables.write_table(out, {head: [row[at] for row in rows] for at, head in enumerate(heads)})


def _read(path: Path, columns: "Sequence[Column]", needs: Sequence[str]) -> "Upload":
    from sizao.adapters import uploads
    from sizao.adapters.tables import TableUnreadable

    try:
        content = path.read_bytes()
    except OSError as fault:
        raise TableUnreadable(path=path, line=1, reason=f"it cannot be opened ({fault.strerror}).") from fault
    return uploads.read(content, path.name, columns={one.code: (one.zh, one.en) for one in columns}, needs=needs)


def _table(path: Path) -> "list[Value]":
    from sizao.response.reports import figure_files

    upload = _read(path, figure_files.UNIT_COLUMNS, [one.code for one in figure_files.UNIT_COLUMNS])
    found, faults = figure_files.unit_values(upload.rows, upload.lines)
    if faults:
        raise NotUsable(n=len(faults), said=" ".join(_said(one) for one in faults[:MOST_SAID]))
    return found


def _value_set(path: Path, mapping: Path) -> "list[Value]":
    from sizao.adapters import dhis2
    from sizao.adapters.tables import TableUnreadable

    try:
        content = path.read_bytes()
    except OSError as fault:
        raise TableUnreadable(path=path, line=1, reason=f"it cannot be opened ({fault.strerror}).") from fault
    found, faults = dhis2.read_value_set(_mapped(mapping), content)
    if faults:
        said = [f"Value {one.at}: {one.field} is {one.given!r}; it should be {one.should}." for one in faults]
        raise NotUsable(n=len(faults), said=" ".join(said[:MOST_SAID]))
    return found


def _tell(told: "Comparison") -> None:
    for one in told.differences:
        click.echo(f"line {one.line}, {one.key}, {one.column}: here {one.here or '—'}, there {one.there or '—'}")
    for fault in told.faults:
        click.echo(_said(fault))
    for key in told.absent:
        click.echo(f"missing in the file: {key}")
    click.echo(
        f"{told.n_rows} rows: {len(told.differences)} cells differ, {len(told.faults)} cannot be read, "
        f"{len(told.absent)} rows missing."
    )


def _said(fault: "CellFault") -> str:
    return f"line {fault.line}, {fault.column}: {fault.cell!r} should be {fault.should}."
