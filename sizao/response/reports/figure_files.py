"""
Figures and lines as tables that leave and come back: one schema for both ways.

What comes back changes no figure by itself: figures are counted from rows. Each cell that is not what stands here is
listed, each that cannot be read is named. Only what units state of their day is taken in, as their reports.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.adapters.dhis2 import Value
from sizao.errors import SizaoError
from sizao.records.models import Account, Area, DailyReport, Outbreak, ReportingUnit
from sizao.response.reports import units
from sizao.terms import Figure, LineColumn, UnitFigure, Word

MOST_TOLD = 200
Texts = Mapping[str, frozenset[str]]  # by column: the ways in which a cell may be written


class OtherPeriod(SizaoError):
    code = "unit_report.other_period"
    message = (
        "{unit} reports {first} to {last} together; the values are of {first_given} to {last}. Give them of its period."
    )


class UnitUnknown(SizaoError):
    code = "unit_report.unknown_unit"
    message = "There is no reporting unit {unit} in your jurisdiction. Give it the duty first."


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its code, its headings, and whether its cells are read (`fits`) or only shown."""

    code: str
    zh: str
    en: str
    fits: Callable[[str], bool] | None = None
    should: str = ""

    def head(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


def _is_count(text: str) -> bool:
    return text == "" or (text.isascii() and text.isdigit())


def _is_day(text_: str) -> bool:
    try:
        return text_ == "" or bool(date.fromisoformat(text_))
    except ValueError:
        return False


# A row is called by the last day it holds; flows are those since the first.
DATE, AREA = Column("date", "日期", "Date"), Column("area_code", "区划代码", "Area code")
FIGURE_COLUMNS = (
    DATE,
    AREA,
    Column("first_date", "起始日期", "From", _is_day, "a day like 2021-01-08"),
    Column("area", "地区", "Area"),
    Column("version", "版本", "Version", _is_count, "a whole number"),
    Column("is_zero", "零报告", "Zero report", lambda text: text in {"0", "1"}, "0 or 1"),
    *(
        Column(str(one), one.zh, one.en, _is_count, "a whole number, zero or more, or empty: not known")
        for one in Figure
    ),
    Column("submitted_by", "报送人", "Submitted by"),
)
FIGURE_KEYS = ("date", "area_code")


@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell that is not what stands here."""

    line: int
    key: str
    column: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be read, or a row that is not here."""

    line: int
    column: str
    cell: str
    should: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing a table with what stands here."""

    n_rows: int
    differences: tuple[CellDifference, ...]
    faults: tuple[CellFault, ...]
    absent: tuple[str, ...]  # rows that stand here and not in the table

    @property
    def is_same(self) -> bool:
        return not (self.differences or self.faults or self.absent)


def figure_rows(
    outbreak: Outbreak, area_code: str, first: date, last: date, *, as_of: datetime
) -> Iterator[dict[str, str | int | None]]:
    """Give the standing version of each report that ends on some days, of an area and those inside, as cells."""
    rows = DailyReport.objects.filter(
        outbreak=outbreak, date__gte=first, date__lte=last, area_code__startswith=area_code
    )
    found = rows.of_areas().standing_at(as_of).select_related("submitted_by").order_by("date", "area_code")
    names = dict(Area.objects.within(area_code).values_list("code", "name"))
    for one in found.iterator(chunk_size=1000):
        submitted = one.submitted_by if one.submitted_at and one.submitted_at <= as_of else None
        yield {
            "date": str(one.date), "area_code": one.area_code, "first_date": str(one.first_date),
            "area": names.get(one.area_code, ""), "version": one.version, "is_zero": int(one.is_zero),
            "submitted_by": submitted.username if submitted else None,
            **{str(figure): one.figures.get(figure) for figure in Figure},
        }  # fmt: skip


def compare(
    rows: Sequence[Mapping[str, str]], lines: Sequence[int], present: Sequence[Mapping[str, object]], *,
    columns: Sequence[Column], keys: Sequence[str],
) -> Comparison:  # fmt: skip
    """
    Compare the rows of a table (text by column, and on which line each stands) with those here, cell by cell.

    A word may be written as its code or in either language. Columns that the table lacks are not compared.
    """
    here = {tuple(text(row[key]) for key in keys): row for row in present}
    by_code = {one.code: one for one in columns}
    differences: list[CellDifference] = []
    faults: list[CellFault] = []
    seen = set()
    for line, row in zip(lines, rows, strict=True):
        key = tuple(row.get(name, "") for name in keys)
        if key not in here or key in seen:
            should = "a row once" if key in seen else "a row that stands here"
            faults.append(CellFault(line, " ".join(keys), " ".join(key), should))
            continue
        seen.add(key)
        for code, cell in row.items():
            column = by_code[code]
            if column.fits is not None and not column.fits(cell):
                faults.append(CellFault(line, code, cell, column.should))
            elif cell not in ways(here[key].get(code)):
                differences.append(CellDifference(line, " ".join(key), code, text(here[key].get(code)), cell))
    absent = [" ".join(key) for key in here if key not in seen]
    return Comparison(len(rows), tuple(differences[:MOST_TOLD]), tuple(faults[:MOST_TOLD]), tuple(absent[:MOST_TOLD]))


def text(cell: object) -> str:
    """Write a cell as the text of its table: unknown is empty, a moment is told to the minute."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
    return str(int(cell)) if isinstance(cell, bool) else str(cell)


def ways(cell: object) -> frozenset[str]:
    """Give every way in which a cell may come back: words by code and in both languages."""
    return frozenset({str(cell), cell.zh, cell.en} if isinstance(cell, Word) else {text(cell)})


def read_moment(given: str) -> str:
    """Write a moment of an office program (2021-01-08T12:33:59.999) as this table does, to the minute."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return given
    # A workbook counts days in floating point: 12:34:00 may come back a hair before.
    return f"{moment + timedelta(milliseconds=500):%Y-%m-%d %H:%M}"


_DAYS = {LineColumn.ONSET, LineColumn.POSITIVE, LineColumn.EXPOSURE, LineColumn.BIRTH_DATE}
_MOMENTS = {LineColumn.KNOWN_SINCE}


def line_columns(columns: Iterable[LineColumn]) -> list[Column]:
    """Give the columns of a line list as those of a table that comes back."""
    return [
        Column(str(one), one.zh, one.en, *((_is_day, "a day like 2021-01-08, or empty") if one in _DAYS else ()))
        for one in columns
    ]


def figure_read(row: Mapping[str, str]) -> dict[str, str]:
    """Write days as this table does: office programs give them a time."""
    return {code: cell[:10] if code in {"date", "first_date"} else cell for code, cell in row.items()}


def line_read(row: Mapping[str, str]) -> dict[str, str]:
    """Write cells as this table does: office programs give days a time, and moments parts of a second."""
    midnight = "T00:00:00"
    return {
        code: cell.removesuffix(midnight) if code in _DAYS else read_moment(cell) if code in _MOMENTS else cell
        for code, cell in row.items()
    }


# --- Values of DHIS2 ---------------------------------------------------------------------------


def values_of(outbreak: Outbreak, area_code: str, first: date, last: date, *, as_of: datetime) -> Iterator[Value]:
    """Give the figures of submitted reports as values of a data value set; drafts are nobody's statement."""
    rows = DailyReport.objects.filter(
        outbreak=outbreak, date__gte=first, date__lte=last, area_code__startswith=area_code, submitted_at__lte=as_of
    )
    for one in rows.of_areas().standing_at(as_of).order_by("date", "area_code").iterator(chunk_size=1000):
        first = None if one.first_date == one.date else one.first_date
        for figure in Figure:
            yield Value(one.area_code, one.date, str(figure), one.figures.get(figure), first)


@transaction.atomic
def take_in(*, values: Sequence[Value], by: Account, now: datetime, outbreak: Outbreak | None = None) -> int:
    """
    Take values in as reports of units, each in the name of who sends them, all or none; sent again they change nothing.

    A figure that is missing is refused, not taken for zero. Raise UnitUnknown, OtherPeriod where values name a
    first day that is not the unit's, or what `units.state` raises.
    """
    by_report: dict[tuple[str, date], dict[str, int | None]] = defaultdict(dict)
    for value in values:
        by_report[value.unit, value.day][value.figure] = value.count
    firsts = {(one.unit, one.day): one.first_date for one in values if one.first_date is not None}
    mine = ReportingUnit.objects.filter(area_code__startswith=by.area_code)
    found = {one.source_key: one for one in mine.filter(source_key__in={key for key, _ in by_report})}
    for (key, day), figures in sorted(by_report.items()):
        if key not in found:
            raise UnitUnknown(unit=key)
        unit = found[key]
        first, given = unit.first_of(day), firsts.get((key, day))
        if given is not None and given != first:
            raise OtherPeriod(unit=unit.name, first=first, last=day, first_given=given)
        within = outbreak if outbreak and unit.area_code.startswith(outbreak.area_code) else None
        units.state(unit=unit, day=day, figures=figures, by=by, now=now, outbreak=within)
    return len(by_report)


UNIT_COLUMNS = (
    DATE,
    Column("unit", "报告单位编号", "Unit"),
    *(Column(str(one), one.zh, one.en, str.isdecimal, "a whole number; zero is a statement") for one in UnitFigure),
)  # fmt: skip


def unit_values(rows: Sequence[Mapping[str, str]], lines: Sequence[int]) -> tuple[list[Value], list[CellFault]]:
    """Read a table of what units state (`UNIT_COLUMNS`) as values, and each cell that cannot be read."""
    values: list[Value] = []
    faults: list[CellFault] = []
    for line, row in zip(lines, rows, strict=True):
        try:
            day = date.fromisoformat(row["date"][:10])
        except ValueError:
            faults.append(CellFault(line, "date", row["date"], "a day like 2021-01-08"))
            continue
        for column in UNIT_COLUMNS[2:]:
            cell = row.get(column.code, "")
            if column.fits is not None and not column.fits(cell):
                faults.append(CellFault(line, column.code, cell, column.should))
            else:
                values.append(Value(row["unit"], day, column.code, int(cell)))
    return values, faults[:MOST_TOLD]
