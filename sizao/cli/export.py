"""`sizao export`: people, cases, contacts or daily reports as a workbook, in the name of an account."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sizao.cli import clock, start
from sizao.errors import SizaoError
from sizao.terms import Figure, LineColumn, LineList, Right, Word

if TYPE_CHECKING:
    from sizao.adapters.spreadsheets import Cell, Sheet
    from sizao.records.models import Account, Outbreak

KINDS = {str(which): which for which in LineList}
REPORTS = "reports"
# What another office needs to go on; who somebody is stays where it is looked after.
IDENTITY = {LineColumn.NAME, LineColumn.SEX, LineColumn.BIRTH_DATE, LineColumn.UNREAD}
NOTICE = {
    "zh": "含个人信息：不得外传，用毕销毁。",
    "en": "Personal data. Do not pass on; destroy when no longer needed.",
}
_ORIGIN = {
    "zh": ("来源", "项目", "内容", "导出人", "导出时间", "疫情", "区域", "截至", "内容类别", "行数", "声明"),
    "en": ("Origin", "What", "Value", "Taken by", "Taken at", "Outbreak", "Area", "Known at the end of", "Kind",
           "Rows", "Notice"),
}  # fmt: skip
_REPORT_HEADS = {
    "zh": ("起始日期", "日期", "区划代码", "零报告", "报送人", "报送时间"),
    "en": ("From", "Date", "Area code", "Zero", "Submitted by", "Submitted at"),
}


class NobodyNamed(SizaoError):
    code = "export.nobody"
    message = "There is no open account “{username}”. `sizao account list` shows those there are."


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported, by whom, of where, as known when, in which language."""

    kind: str
    account: "Account"
    outbreak: "Outbreak"
    area_code: str
    day: date
    as_of: datetime
    now: datetime
    language: str


@click.command("export")
@click.argument("kind", type=click.Choice([*KINDS, REPORTS]))
@click.option("--as", "username", required=True, help="The account in whose name it is taken; its rights decide.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write (.xlsx or .csv).")
@click.option("--outbreak", "slug", default="hebei-2021-01", show_default=True, help="Of which outbreak.")
@click.option("--area", "area_code", default="", help="Only this area: a division code such as 130109.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="As known at the end of this day; else now.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of the headings.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(
    kind: str, username: str, out: Path, slug: str, area_code: str, as_of: datetime | None, language: str,
    force: bool,  # noqa: FBT001 — click passes flags so
) -> None:  # fmt: skip
    """
    Write people, cases, contacts or daily reports to a workbook or a table (CSV).

    The rights of the account decide what may be taken, and the journal keeps who took how many rows of
    what. Names, sex and dates of birth are never exported. A workbook's second sheet says where it comes from.
    """
    start.django_ready()
    from sizao.response import outbreaks

    now = clock.here()
    outbreak = outbreaks.called(slug)
    account = _account(username)
    day, moment = known_at(outbreak, as_of.date() if as_of else None, now)
    code = area_code or max(outbreak.area_code, account.area_code, key=len)
    asked = Asked(kind, account, outbreak, code, day, moment, now, language)
    click.echo(f"{export(asked, out, replace=force)} rows written to {out}.")


def export(asked: Asked, out: Path, *, replace: bool = False) -> int:
    """Write the workbook and its line in the journal, both or neither; return the number of rows."""
    from django.db import transaction

    from sizao.adapters import spreadsheets, tables
    from sizao.records import access

    right = Right.REPORT_READ if asked.kind == REPORTS else Right.PERSON_EXPORT
    access.require(asked.account, right, area_code=asked.area_code)
    counted = _Counted(_report_rows(asked) if asked.kind == REPORTS else _person_rows(asked))
    sheet = _sheet(asked, counted)
    with transaction.atomic():
        if out.suffix.lower() == ".csv":
            content = _csv(out, sheet, replace=replace)
            _journal(asked, counted, sheet)
            tables.write_whole(out, content)
        else:
            with spreadsheets.kept_whole(out, replace=replace) as file:
                spreadsheets.write(file, [sheet, _origin(asked, counted)])
                _journal(asked, counted, sheet)
    return counted.n


def _journal(asked: Asked, counted: "_Counted", sheet: "Sheet") -> None:
    from sizao.records import journal

    journal.write(
        f"{asked.kind}.exported", asked.outbreak, by=asked.account, at=asked.now,
        rows=counted.n, area_code=asked.area_code, as_of=asked.as_of.isoformat(), columns=list(sheet.heads),
    )  # fmt: skip


def _csv(out: Path, sheet: "Sheet", *, replace: bool) -> bytes:
    import csv
    import io

    from sizao.adapters import spreadsheets
    from sizao.response.reports.figure_files import text

    if out.exists() and not replace:
        raise spreadsheets.FileExists(path=out)
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(sheet.heads)
    writer.writerows([text(cell) for cell in row] for row in sheet.rows)  # type: ignore[union-attr]
    return told.getvalue().encode("utf-8-sig")


class _Counted:
    """Rows that are read once and counted on the way."""

    def __init__(self, rows: Iterable[Sequence["Cell"]]) -> None:
        self._rows, self.n = rows, 0

    def __iter__(self) -> Iterator[Sequence["Cell"]]:
        for row in self._rows:
            self.n += 1
            yield row


def _account(username: str) -> "Account":
    from sizao.records.models import Account

    found = Account.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NobodyNamed(username=username)
    return found


def known_at(outbreak: "Outbreak", day: date | None, now: datetime) -> tuple[date, datetime]:
    """Say the day and its last moment; what has happened by now when none is given or it is not over."""
    from django.utils import timezone

    day = day or min(outbreak.day_of(now), outbreak.last_date or date.max)
    over = timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) - timedelta(microseconds=1)
    return day, min(over, now)


# --- Rows --------------------------------------------------------------------------------------


def columns(kind: str) -> tuple[LineColumn, ...]:
    """Name the columns of a list that leave: all but who somebody is."""
    from sizao.response.reports.lines import COLUMNS

    return tuple(column for column in COLUMNS[KINDS[kind]] if column not in IDENTITY)


def _person_rows(asked: Asked) -> Iterator[Sequence["Cell"]]:
    for cells in person_cells(asked):
        yield [_plain(cell, asked.language) for cell in cells]


def person_cells(asked: Asked) -> Iterator[Sequence[object]]:
    """Give the cells of a list's lines, in the order of `columns`, as values of the field."""
    from sizao.response.reports import line_list
    from sizao.response.reports.line_list import KNOWN_SINCE, Choice
    from sizao.response.reports.lines import Reading, all_lines

    which = KINDS[asked.kind]
    found = line_list.rows(which, asked.outbreak, Choice(asked.area_code), as_of=asked.as_of)
    reading = Reading(asked.outbreak, asked.account, asked.as_of)
    for line in all_lines(which, found.order_by(KNOWN_SINCE[which], "pk"), columns(asked.kind), reading):
        yield [cell for _, cell in line.cells]


def _report_rows(asked: Asked) -> Iterator[Sequence["Cell"]]:
    from sizao.records.models import DailyReport

    rows = DailyReport.objects.filter(outbreak=asked.outbreak, area_code__startswith=asked.area_code)
    reports = rows.of_areas().standing_at(asked.as_of).select_related("submitted_by")
    for one in reports.order_by("date", "area_code").iterator(chunk_size=1000):
        submitted_at = one.submitted_at if one.submitted_at and one.submitted_at <= asked.as_of else None
        by = one.submitted_by.username if submitted_at and one.submitted_by else None
        said = (one.first_date, one.date, one.area_code, int(one.is_zero), by, _plain(submitted_at, asked.language))
        yield [*said, *(one.figures.get(figure) for figure in Figure)]


def _plain(cell: object, language: str) -> "Cell":
    from django.utils import timezone

    if isinstance(cell, Word):
        return cell.label(language)
    return timezone.localtime(cell) if isinstance(cell, datetime) else cell  # type: ignore[return-value]


# --- Sheets ------------------------------------------------------------------------------------


def _sheet(asked: Asked, rows: Iterable[Sequence["Cell"]]) -> "Sheet":
    from sizao.adapters.spreadsheets import Sheet

    if asked.kind == REPORTS:
        heads = [*_REPORT_HEADS[asked.language], *(figure.label(asked.language) for figure in Figure)]
        return Sheet(REPORTS, heads, rows)
    heads = [column.label(asked.language) for column in columns(asked.kind)]
    return Sheet(KINDS[asked.kind].label(asked.language), heads, rows)


def _origin(asked: Asked, counted: _Counted) -> "Sheet":
    from sizao.adapters.spreadsheets import Sheet

    title, what, value, *labels = _ORIGIN[asked.language]

    def rows() -> list[tuple[str, "Cell"]]:
        values: tuple[Cell, ...] = (
            f"{asked.account.username} ({asked.account.area_code})", _plain(asked.now, asked.language),
            asked.outbreak.slug, asked.area_code, asked.day, asked.kind, counted.n, NOTICE[asked.language],
        )  # fmt: skip
        return list(zip(labels, values, strict=True))

    return Sheet(title, (what, value), rows)
