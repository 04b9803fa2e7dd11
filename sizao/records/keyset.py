"""
Pages of a list by key instead of by position, in both directions.

The key is a moment and a row number, newest first. The database walks an index to the key, so page
2,000 costs what page 1 costs; a row that arrives meanwhile shifts nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from sizao.errors import SizaoError

PAGE_ROWS = 50
COUNT_UP_TO = 10_000  # beyond it a list says "10,000+": nobody pages through it, and counting costs
COUNT_SEARCHED_UP_TO = 300  # where each row must be looked up elsewhere to be counted
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class NoSuchPage(SizaoError):
    code = "keyset.no_such_page"
    message = "“{key}” is not a page of this list. Open the list from its beginning."


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page begins or ends: a row's moment and its number."""

    moment: datetime
    row: int

    def __str__(self) -> str:
        return f"{(self.moment - _EPOCH) // _MICROSECOND}-{self.row}"


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that stopped at a cap: "10,000+" when there are more."""

    rows: int
    is_capped: bool

    def __str__(self) -> str:
        return f"{self.rows:,}" + "+" * self.is_capped


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, the keys of its neighbours (None where there are none), and a capped count."""

    rows: list[Any]
    newer: Key | None
    older: Key | None
    count: Counted


def read_key(text: str) -> Key:
    """Read a key from an address; refuse anything else."""
    micros, _, row = text.partition("-")
    try:
        return Key(_EPOCH + int(micros) * _MICROSECOND, int(row))
    except (ValueError, OverflowError) as fault:
        raise NoSuchPage(key=text[:40]) from fault


def page(
    rows: QuerySet,
    *,
    moment: str,
    older_than: Key | None = None,
    newer_than: Key | None = None,
    size: int = PAGE_ROWS,
    count_up_to: int = COUNT_UP_TO,
) -> Page:
    """Give one page, newest first: the first, the one after `older_than`, or the one before `newer_than`."""
    ordered = rows.order_by(f"-{moment}", "-pk")
    if newer_than:
        ascending = rows.filter(beyond(moment, newer_than, "gt")).order_by(moment, "pk")
        found = list(ascending[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        older = ordered.filter(beyond(moment, older_than, "lt")) if older_than else ordered
        found = list(older[: size + 1])
        more_newer, more_older = older_than is not None, len(found) > size
        found = found[:size]
    keys = [Key(getattr(row, moment), row.pk) for row in found[:1] + found[-1:]]
    return Page(
        rows=found,
        newer=keys[0] if found and more_newer else None,
        older=keys[-1] if found and more_older else None,
        count=count_capped(rows, up_to=count_up_to),
    )


def count_capped(rows: QuerySet, *, up_to: int = COUNT_UP_TO) -> Counted:
    """Count rows, but stop one past the cap."""
    found = rows.order_by()[: up_to + 1].count()
    return Counted(min(found, up_to), found > up_to)


def beyond(moment: str, key: Key, side: str) -> Q:
    """Match the rows on one side (`lt` older, `gt` newer) of a key."""
    # Written so that the index on (moment, pk) bounds the walk with its first column.
    bound = Q(**{f"{moment}__{side}e": key.moment})
    return bound & (Q(**{f"{moment}__{side}": key.moment}) | Q(**{f"pk__{side}": key.row}))
