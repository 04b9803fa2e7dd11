"""The pages that values rest on."""

from dataclasses import dataclass

from sizao.protocol.faults import Fault, FaultyProtocol
from sizao.protocol.fields import Fields, field_faults
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind

_GRADES = ("A", "B", "C", "D")
_FIELDS: Fields = dict.fromkeys(("grade", "title", "address", "supports"), (Kind.TEXT, True))


@dataclass(frozen=True, slots=True)
class Source:
    """
    A page: its grade, title, address and what it supports.

    Grades: A statute or government page, B media and official press, C copy by someone else, D machine
    translation or rewritten page.
    """

    id: str
    grade: str
    title: str
    address: str
    supports: str


def load_sources(text: str, file: str) -> dict[str, Source]:
    """Read the sources by id; raise FaultyProtocol with all that is wrong."""
    tables, unread = parse(text, file)
    faults = [
        Fault(file, 0, name, f"must be a table [{name}], but is {table!r}.")
        for name, table in tables.items()
        if not isinstance(table, dict)
    ]
    tables = {name: table for name, table in tables.items() if isinstance(table, dict)}
    faults += [
        Fault(file, 0, f"{name}.{field}", text)
        for name, table in tables.items()
        for field, text in field_faults("A source", table, _FIELDS)
    ]
    faults += [
        Fault(file, 0, f"{name}.grade", f"is {table['grade']}, but must be one of {', '.join(_GRADES)}.")
        for name, table in tables.items()
        if table.get("grade", "A") not in _GRADES
    ]
    if faults := unread + faults:
        raise FaultyProtocol(faults)
    return {name: Source(name, **table) for name, table in tables.items()}
