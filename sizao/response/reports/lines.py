"""One line of the line list: what its columns say of a person, by what was known at a moment."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Model, QuerySet

from sizao.records import access
from sizao.records.models import Account, Area, Case, CaseChange, Contact, ContactChange, Outbreak, Person, Stay
from sizao.terms import CaseStatus, ContactKind, ContactState, FoundBy, LineColumn, LineList, Sex, StayKind, Word

Cell = Word | str | date | datetime | int | None
COUNTY_DIGITS = 6
EXPORT_ROWS_AT_ONCE = 1000

_WHO = (LineColumn.NUMBER, LineColumn.NAME, LineColumn.SEX, LineColumn.BIRTH_DATE, LineColumn.COUNTY, LineColumn.HOME)
COLUMNS: dict[LineList, tuple[LineColumn, ...]] = {
    LineList.CASES: (
        *_WHO, LineColumn.STATUS, LineColumn.FOUND_BY, LineColumn.ONSET, LineColumn.POSITIVE,
        LineColumn.WHEREABOUTS, LineColumn.UNREAD, LineColumn.KNOWN_SINCE,
    ),
    LineList.CONTACTS: (
        *_WHO, LineColumn.KIND, LineColumn.STATUS, LineColumn.EXPOSURE, LineColumn.INDEX_CASE,
        LineColumn.WHEREABOUTS, LineColumn.KNOWN_SINCE,
    ),
    LineList.PEOPLE: (*_WHO, LineColumn.STATUS, LineColumn.WHEREABOUTS, LineColumn.KNOWN_SINCE),
}  # fmt: skip
_LEFT_OUT_AT_FIRST = {LineColumn.SEX, LineColumn.BIRTH_DATE, LineColumn.FOUND_BY}
AT_FIRST = {
    which: tuple(column for column in columns if column not in _LEFT_OUT_AT_FIRST) for which, columns in COLUMNS.items()
}


@dataclass(frozen=True, slots=True)
class Line:
    """A person's number, what each chosen column says, and whether identity is hidden from this reader."""

    number: str
    cells: tuple[tuple[LineColumn, Cell], ...]
    masked: bool


@dataclass(frozen=True, slots=True)
class _Around:
    """What the lines of one page need beyond their rows, fetched once for all of them."""

    reader: Account
    as_of: datetime
    areas: dict[str, str]
    statuses: dict[int, Word]
    stays: dict[int, StayKind]


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, of which outbreak, and by what was known at which moment."""

    outbreak: Outbreak
    reader: Account
    as_of: datetime


def lines(which: LineList, rows: Sequence[Any], columns: Sequence[LineColumn], reading: Reading) -> list[Line]:
    """Say what the chosen columns tell of each row, through the reader's mask."""
    people = [_person(row) for row in rows]
    around = _Around(
        reader=reading.reader,
        as_of=reading.as_of,
        areas=area_names(one.area_code for one in people),
        statuses=_statuses(which, rows, reading.outbreak, reading.as_of),
        stays=_stays([one.pk for one in people], reading.as_of) if LineColumn.WHEREABOUTS in columns else {},
    )
    return [_line(row, columns, around) for row in rows]


def all_lines(which: LineList, found: QuerySet, columns: Sequence[LineColumn], reading: Reading) -> Iterator[Line]:
    """Give all lines of a list, some at a time, for an export."""
    rows = found.iterator(chunk_size=EXPORT_ROWS_AT_ONCE)
    while batch := list(islice(rows, EXPORT_ROWS_AT_ONCE)):
        yield from lines(which, batch, columns, reading)


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Name areas and their counties by code; an area that is not registered is left out."""
    wanted = set(codes)
    wanted |= {code[:COUNTY_DIGITS] for code in wanted}
    return dict(Area.objects.filter(code__in=wanted).values_list("code", "name"))


def _person(row: Any) -> Person:
    return row if isinstance(row, Person) else row.person


def _line(row: Any, columns: Sequence[LineColumn], around: _Around) -> Line:
    person = _person(row)
    shown = access.identity(person, to=around.reader)
    cells = tuple((column, _SAYS[column](row, shown, around)) for column in columns)
    return Line(number=person.number, cells=cells, masked=shown.masked)


def _statuses(which: LineList, rows: Sequence[Any], outbreak: Outbreak, as_of: datetime) -> dict[int, Word]:
    """Give each row's status at the moment, by the row's number."""
    keys = [row.pk for row in rows]
    if which == LineList.CASES:
        return latest(CaseChange, "case", "status", CaseStatus, keys, as_of)
    if which == LineList.CONTACTS:
        return latest(ContactChange, "contact", "state", ContactState, keys, as_of)
    cases = dict(Case.objects.filter(outbreak=outbreak, person__in=keys).values_list("pk", "person_id"))
    contacts = dict(Contact.objects.filter(outbreak=outbreak, person__in=keys).values_list("pk", "person_id"))
    as_contact = latest(ContactChange, "contact", "state", ContactState, contacts, as_of)
    as_case = latest(CaseChange, "case", "status", CaseStatus, cases, as_of)
    # Whoever is both is first of all a case.
    return {contacts[key]: word for key, word in as_contact.items()} | {
        cases[key]: word for key, word in as_case.items()
    }


def latest(
    changes: type[Model], owner: str, field: str, words: type[Word], keys: Iterable[int], as_of: datetime
) -> dict[int, Word]:
    known = changes.objects.filter(**{f"{owner}__in": list(keys)}, at__lte=as_of)
    latest = known.order_by(owner, "-at", "-pk").distinct(owner)
    return {key: words(code) for key, code in latest.values_list(f"{owner}_id", field)}


def _stays(people: list[int], as_of: datetime) -> dict[int, StayKind]:
    known = Stay.objects.current(as_of).filter(person__in=people, recorded_at__lte=as_of)
    return {person: StayKind(kind) for person, kind in known.values_list("person_id", "kind")}


def _investigated(case: Case, as_of: datetime) -> bool:
    return case.investigated_at is not None and case.investigated_at <= as_of


def _onset(case: Case, _: access.Identity, around: _Around) -> date | None:
    return case.onset_date if _investigated(case, around.as_of) else None


def _unread(case: Case, _: access.Identity, around: _Around) -> int | None:
    return case.unread_spans if _investigated(case, around.as_of) else None


def _index_case(contact: Contact, _: access.Identity, around: _Around) -> str | None:
    index = contact.index_case
    return index.number if index and index.opened_at <= around.as_of else None


def _known_since(row: Any, _: access.Identity, __: _Around) -> datetime:
    return row.opened_at if isinstance(row, Case) else row.found_at if isinstance(row, Contact) else row.registered_at


_SAYS: dict[LineColumn, Callable[[Any, access.Identity, _Around], Cell]] = {
    LineColumn.NUMBER: lambda _, shown, __: shown.number,
    LineColumn.NAME: lambda _, shown, __: shown.name,
    LineColumn.SEX: lambda _, shown, __: Sex(shown.sex) if shown.sex else None,
    LineColumn.BIRTH_DATE: lambda _, shown, __: shown.birth_date,
    LineColumn.COUNTY: lambda row, _, around: around.areas.get(_person(row).area_code[:COUNTY_DIGITS]),
    LineColumn.HOME: lambda row, _, around: around.areas.get(_person(row).area_code, _person(row).area_code),
    LineColumn.STATUS: lambda row, _, around: around.statuses.get(row.pk),
    LineColumn.KIND: lambda row, _, __: ContactKind(row.kind),
    LineColumn.FOUND_BY: lambda row, _, __: FoundBy(row.found_by) if row.found_by else None,
    LineColumn.ONSET: _onset,
    LineColumn.POSITIVE: lambda row, _, __: row.first_positive_date,
    LineColumn.EXPOSURE: lambda row, _, __: row.last_exposure_date,
    LineColumn.INDEX_CASE: _index_case,
    LineColumn.WHEREABOUTS: lambda row, _, around: around.stays.get(_person(row).pk),
    LineColumn.UNREAD: _unread,
    LineColumn.KNOWN_SINCE: _known_since,
}
