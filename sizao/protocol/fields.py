"""Check the plain fields of a table in a library file against what it may hold."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sizao.protocol.faults import allowed
from sizao.protocol.schema import Kind, fits

# A field's kind, and whether the table must have it.
Fields = Mapping[str, tuple[Kind, bool]]


def tables_of(whole: Mapping[str, Any], name: str) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Find the tables [[name]] of a file; give them, or the fault that something else stands there."""
    tables = whole.get(name, [])
    if isinstance(tables, list) and all(isinstance(one, dict) for one in tables):
        return tables, []
    return [], [(name, f"must be tables [[{name}]], but is {tables!r}.")]


def field_faults(
    owner: str, table: Mapping[str, Any], fields: Fields, *, inner: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """
    Yield name and sentence for each field that is unknown, missing or of the wrong kind.

    `owner` names the table in a sentence ("A companion"); `inner` are tables or values of another kind
    that the caller checks itself.
    """
    known = (*fields, *inner)
    for name in table:
        if name not in known:
            yield name, f"{owner} has no {name}. {allowed(name, known)}"
    for name, (kind, required) in fields.items():
        if name not in table:
            if required:
                yield name, f"is missing. Add it: {kind}."
        elif not fits(kind, table[name]):
            yield name, f"must be {kind}, but is {table[name]!r}."
