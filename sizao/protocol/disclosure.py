"""What of a day's figures is told to everybody, as data: the levels told whatever their size, and the least number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.terms import LEVEL_OF_DIGITS, AreaLevel, ValueStatus

FILE = "disclosure.toml"
_TABLE = "disclosure"
_FIELDS: Fields = {
    "always": (Kind.TEXTS, True),
    "least": (Kind.WHOLE, True),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
    "note": (Kind.TEXT, True),
}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The levels whose totals are told whatever their size, and the smallest number told of anything else."""

    always: frozenset[AreaLevel]
    least: int
    status: ValueStatus
    sources: tuple[str, ...]
    note: str

    def is_always_told(self, area_code: str) -> bool:
        """Tell whether the totals of an area are told whatever their size."""
        return LEVEL_OF_DIGITS[len(area_code)] in self.always

    def may_tell(self, count: int, area_code: str) -> bool:
        """Tell whether a count of an area may be told for itself."""
        return count == 0 or count >= self.least or self.is_always_told(area_code)


@cache
def shipped_disclosure() -> Disclosure:
    """Load what comes with the package; raise FaultyProtocol with all faults."""
    return load_disclosure(shipped_text(FILE), FILE)


def load_disclosure(text: str, file: str) -> Disclosure:
    """Read a file of what is told; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    given = whole.get(_TABLE, {})
    table = given if isinstance(given, dict) else {}
    told = list(field_faults(f"[{_TABLE}]", table, _FIELDS)) or list(_wrong(table))
    faults = unread + [Fault(file, line_of(marks, f"{_TABLE}.{key}"), f"{_TABLE}.{key}", said) for key, said in told]
    if faults:
        raise FaultyProtocol(faults)
    return Disclosure(
        always=frozenset(level for level in AreaLevel if level in table["always"]),
        least=table["least"],
        status=next(word for word in ValueStatus if word == table["status"]),
        sources=tuple(table["sources"]),
        note=table["note"],
    )


def _wrong(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    levels, statuses = [*map(str, AreaLevel)], [*map(str, ValueStatus)]
    yield from (("always", f"holds {one}. {allowed(one, levels)}") for one in table["always"] if one not in levels)
    if table["least"] < 1:
        yield "least", "must be 1 or more."
    if table["status"] not in statuses:
        yield "status", f"holds {table['status']}. {allowed(table['status'], statuses)}"
