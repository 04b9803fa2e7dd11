"""
The law a measure on a person rests on, and the clocks around it: rows of a file, not code.

An order proposes what is in force on its first day for its kind; an officer may write another basis, never none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.protocol.values import Value
from sizao.terms import OrderKind, ValueStatus

FILE = "laws.toml"
_ROW: Fields = {
    "id": (Kind.TEXT, True),
    "kinds": (Kind.TEXTS, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    "article_zh": (Kind.TEXT, True),
    "article_en": (Kind.TEXT, True),
    "text_zh": (Kind.TEXT, True),
    "text_en": (Kind.TEXT, True),
    "in_force_from": (Kind.DAY, True),
    "in_force_until": (Kind.DAY, False),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
}
_HOURS = ("serve_hours", "decide_objection_hours", "code_days")
_CLOCKS: Fields = dict.fromkeys(_HOURS, (Kind.WHOLE, True)) | {"status": (Kind.TEXT, True), "note": (Kind.TEXT, True)}


@dataclass(frozen=True, slots=True)
class Law:
    """One article in force from a day to a day (`until` None: still), and the kinds of order it speaks of."""

    id: str
    kinds: tuple[OrderKind, ...]
    title_zh: str
    title_en: str
    article_zh: str
    article_en: str
    text_zh: str
    text_en: str
    since: date
    until: date | None
    status: ValueStatus
    sources: tuple[str, ...]

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def cited(self, language: str) -> str:
        """Cite it in one line: the title and the article, where one is known."""
        if language.startswith("zh"):
            return f"{self.title_zh}{self.article_zh}"
        return f"{self.title_en}{f', {self.article_en}' if self.article_en else ''}"

    def told(self, language: str) -> str:
        """Cite it with what it says."""
        zh = language.startswith("zh")
        return f"{self.cited(language)}{'：' if zh else ': '}{self.text_zh if zh else self.text_en}"


@dataclass(frozen=True, slots=True)
class Laws:
    """All rows of the file: what orders rest on, what people are owed, and the clocks."""

    bases: tuple[Law, ...]
    owed: tuple[Law, ...]
    clocks: Mapping[str, Value]

    def basis_of(self, kind: OrderKind, day: date) -> tuple[Law, ...]:
        """Give what an order of this kind rests on, on a day; empty where no row is in force."""
        return tuple(law for law in self.bases if kind in law.kinds and law.holds_on(day))

    def owed_under(self, kind: OrderKind, day: date) -> tuple[Law, ...]:
        """Give what somebody under such an order is owed by law, on a day."""
        return tuple(law for law in self.owed if kind in law.kinds and law.holds_on(day))


@cache
def shipped_laws() -> Laws:
    """Load the laws that come with the package; raise FaultyProtocol with all faults."""
    return load_laws(shipped_text(FILE), FILE)


def proposed_basis(kind: OrderKind, day: date) -> str:
    """Write down in Chinese what an order of this kind rests on, on a day; empty where no law is known."""
    return "、".join(law.cited("zh") for law in shipped_laws().basis_of(kind, day))


def load_laws(text: str, file: str) -> Laws:
    """Read a file of laws; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    bases, told = tables_of(whole, "laws")
    owed, more = tables_of(whole, "owed")
    told += [*more, *_wrong_rows("laws", bases), *_wrong_rows("owed", owed)]
    clocks = whole.get("clocks", {})
    told += [(f"clocks.{field}", said) for field, said in _wrong_clocks(clocks)]
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    return Laws(tuple(map(_law, bases)), tuple(map(_law, owed)), {key: _clock(key, clocks) for key in _HOURS})


def _wrong_rows(table: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"{table}[{number}]"
        wrong = list(field_faults(f"A row of [[{table}]]", row, _ROW)) or list(_wrong_row(row))
        yield from ((f"{at}.{field}", text) for field, text in wrong)
        if row.get("id") in seen:
            yield f"{at}.id", f"sets {row['id']} a second time. Keep one."
        seen.add(str(row.get("id")))


def _wrong_row(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in row["kinds"]:
        if kind not in [*map(str, OrderKind)]:
            yield "kinds", f"holds {kind}. {allowed(kind, [*map(str, OrderKind)])}"
    if "in_force_until" in row and row["in_force_until"] < row["in_force_from"]:
        yield "in_force_until", f"is before {row['in_force_from']}, from which it is in force."
    yield from _wrong_status(row)


def _wrong_clocks(clocks: object) -> Iterator[tuple[str, str]]:
    table = clocks if isinstance(clocks, dict) else {}
    wrong = list(field_faults("[clocks]", table, _CLOCKS))
    yield from wrong
    if not wrong:
        yield from ((name, "must be above zero.") for name in _HOURS if table[name] <= 0)
        yield from _wrong_status(table)


def _wrong_status(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    statuses = [*map(str, ValueStatus)]
    if row["status"] not in statuses:
        yield "status", f"holds {row['status']}. {allowed(row['status'], statuses)}"


def _law(row: Mapping[str, Any]) -> Law:
    return Law(
        id=row["id"],
        kinds=tuple(kind for kind in OrderKind if kind in row["kinds"]),
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        article_zh=row["article_zh"],
        article_en=row["article_en"],
        text_zh=row["text_zh"],
        text_en=row["text_en"],
        since=row["in_force_from"],
        until=row.get("in_force_until"),
        status=next(word for word in ValueStatus if word == row["status"]),
        sources=tuple(row["sources"]),
    )


def _clock(key: str, table: Mapping[str, Any]) -> Value:
    status = next(word for word in ValueStatus if word == table["status"])
    return Value(f"laws.{key}", table[key], "laws", status, status, note=table["note"])
