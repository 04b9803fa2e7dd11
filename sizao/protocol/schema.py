"""Which keys a protocol holds, and of what kind: read from the rule classes, so there is one list only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, get_type_hints

from sizao.protocol.rules import Sections
from sizao.protocol.values import Setting


class Kind(StrEnum):
    """What a key holds, in the words of a fault."""

    FLAG = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    TEXT = "a text"
    DAY = "a date"
    WHOLES = "a list of whole numbers"
    TEXTS = "a list of texts"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its path, its section, its kind, and whether every edition must set it."""

    path: str
    section: str
    kind: Kind
    required: bool


_KINDS: dict[Any, tuple[Kind, bool]] = {
    bool: (Kind.FLAG, True),
    int: (Kind.WHOLE, True),
    str: (Kind.TEXT, True),
    date: (Kind.DAY, True),
    bool | None: (Kind.FLAG, False),
    int | None: (Kind.WHOLE, False),
    float | None: (Kind.NUMBER, False),
    str | None: (Kind.TEXT, False),
    tuple[int, ...] | None: (Kind.WHOLES, False),
    tuple[str, ...] | None: (Kind.TEXTS, False),
}


def _keys(holder: type, section: str = "") -> Iterator[Key]:
    for name, hint in get_type_hints(holder).items():
        path = f"{section}.{name}" if section else name
        if is_dataclass(hint):
            yield from _keys(hint, path)  # type: ignore[arg-type]
        else:
            kind, required = _KINDS[hint]
            yield Key(path, section, kind, required)


KEYS: Mapping[str, Key] = {key.path: key for key in _keys(Sections)}
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in KEYS.values()))


def _is_day(raw: object) -> bool:
    return isinstance(raw, date) and not isinstance(raw, datetime)


def _is_whole(raw: object) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool)


_FITS: Mapping[Kind, Callable[[object], bool]] = {
    Kind.FLAG: lambda raw: isinstance(raw, bool),
    Kind.WHOLE: _is_whole,
    Kind.NUMBER: lambda raw: isinstance(raw, float) or _is_whole(raw),
    Kind.TEXT: lambda raw: isinstance(raw, str),
    Kind.DAY: _is_day,
    Kind.WHOLES: lambda raw: isinstance(raw, list) and all(_is_whole(one) for one in raw),
    Kind.TEXTS: lambda raw: isinstance(raw, list) and all(isinstance(one, str) for one in raw),
}


def fits(kind: Kind, raw: object) -> bool:
    """Tell whether what TOML read is of this kind; a yes or no is never a number."""
    return _FITS[kind](raw)


def build(values: Mapping[str, Setting | None]) -> dict[str, Any]:
    """Make the sections from values by key; the result are the arguments of `Sections` and of `Rules`."""
    return _arguments(Sections, "", values)


def _arguments(holder: Any, section: str, values: Mapping[str, Setting | None]) -> dict[str, Any]:
    hints = get_type_hints(holder)
    made: dict[str, Any] = {}
    for field in fields(holder):
        path = f"{section}.{field.name}" if section else field.name
        hint = make = hints[field.name]
        inner = _arguments(hint, path, values) if is_dataclass(hint) else None
        made[field.name] = values[path] if inner is None else make(**inner)
    return made
