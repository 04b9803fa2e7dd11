"""Shapes that several stages answer with."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from ninja import Schema

from sizao.api.refusals import Refusal
from sizao.records import access, keyset
from sizao.records.models import Person

Row = TypeVar("Row")

REFUSED = frozenset({401, 403, 404, 409, 422})


def answers(shape: object) -> dict[object, object]:
    """Declare what an address answers: its shape, or a refusal."""
    return {200: shape, REFUSED: Refusal}


class PageOf(Schema, Generic[Row]):
    """Some rows of a list, newest first; `next` asks for those after them and is null at the end."""

    rows: list[Row]
    next: str | None


def page(found: keyset.Page, shape: Callable[[Any], Row]) -> dict[str, object]:
    """Answer with one page, each row in its shape."""
    return {"rows": [shape(row) for row in found.rows], "next": str(found.older) if found.older else None}


class Who(Schema):
    """Who a person is, as far as the reader may know: outside the jurisdiction identity is masked."""

    number: str
    name: str | None
    sex: str | None
    birth_date: date | None
    phone: str | None
    id_number: str | None
    address: str | None
    masked: bool


class Change(Schema):
    """One entry of a history."""

    at: datetime
    status: str
    by: str


def who(person: Person, reader: Any) -> Who:
    """Show who a person is through the reader's mask."""
    return Who.model_validate(access.identity(person, to=reader), from_attributes=True)


def changes(rows: Iterable[Any], field: str) -> list[Change]:
    """Write a history, oldest first."""
    return [Change(at=row.at, status=getattr(row, field), by=row.by) for row in rows]
