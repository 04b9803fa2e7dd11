"""
Rows for questions that come with every request of a device.

Composing a question from the definitions of tables costs several times what asking it does; here it is composed once.
And asking several at once costs little more than asking one.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from django.db import connection, models
from django.db.models import JSONField, Model

from sizao.records.secrecy import SealedField

Row = TypeVar("Row", bound=Model)
Question = tuple[str, Sequence[object] | Mapping[str, object] | None]  # None: no gaps, or filled already


def asked(*questions: Question | None) -> list[list[tuple]]:
    """
    Ask several questions in one go, one after the other; give the rows of each, in their order, none for None.

    Each sees what those before it wrote, or waited for.
    """
    answers: list[list[tuple]] = [[] for _ in questions]
    places = [place for place, one in enumerate(questions) if one is not None]
    if not places:
        return answers
    with connection.cursor() as cursor:
        cursor.execute(";".join(cursor.mogrify(*one) for one in questions if one is not None))
        for place in places:
            answers[place] = cursor.fetchall() if cursor.description else []
            cursor.nextset()
    return answers


def filled(text: str, facts: Mapping[str, object]) -> str:
    """
    Put values into the gaps of a question, `%(name)s`, each written as the database reads it.

    For texts of thousands of letters: looking for their gaps would cost more each time than asking.
    """
    with connection.cursor() as cursor:
        return text % {name: cursor.mogrify("%s", [value]) for name, value in facts.items()}


@lru_cache(maxsize=32)
def columns(model: type[Model], alias: str) -> str:
    """Name the columns of a table as a question selects them; those whose values need opening are left for later."""
    return ", ".join(f'{alias}."{one.column}"' for one in _plain(model))


def made(model: type[Row], values: Sequence[object]) -> Row:
    """Make a row of what was selected by `columns`."""
    return model.from_db(connection.alias, [one.attname for one in _plain(model)], values)


def width(model: type[Model]) -> int:
    """Say how many columns `columns` names."""
    return len(_plain(model))


@lru_cache(maxsize=32)
def _plain(model: type[Model]) -> tuple[models.Field, ...]:
    return tuple(one for one in model._meta.concrete_fields if not isinstance(one, JSONField | SealedField))
