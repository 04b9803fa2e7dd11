"""How far a local annex may go: one bound for each key that is open to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed, allowed_keys
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import KEYS, Kind
from sizao.protocol.values import Setting, Value
from sizao.terms import ValueStatus

_FIELDS: Fields = {
    "keys": (Kind.TEXTS, True),
    "direction": (Kind.TEXT, True),
    "at_least": (Kind.WHOLE, False),
    "at_most": (Kind.WHOLE, False),
    "at_most_key": (Kind.TEXT, False),
    "needs": (Kind.TEXT, False),
    "why": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
}
_DIRECTIONS = {
    "raise": (Kind.WHOLE,),
    "lower": (Kind.WHOLE,),
    "add": (Kind.WHOLES, Kind.TEXTS),
    "remove": (Kind.WHOLES, Kind.TEXTS),
    "switch": (Kind.FLAG,),
}
# Sections that no annex may touch, whatever the file of bounds says.
_CLOSED = ("meta", "limits")


@dataclass(frozen=True, slots=True)
class Bound:
    """How far one key may be changed locally, and why no further."""

    key: str
    direction: str
    at_least: int | None
    at_most: int | None
    at_most_key: str | None
    needs: str | None
    why: str


def load_bounds(text: str, file: str) -> dict[str, Bound]:
    """Read the bounds by key; raise FaultyProtocol with all that is wrong."""
    whole, faults = parse(text, file)
    marks = find_marks(text)
    tables, unfit = tables_of(whole, "bounds")
    faults += [Fault(file, 0, name, text) for name, text in unfit]
    bounds: dict[str, Bound] = {}
    for number, table in enumerate(tables):
        told = list(field_faults("A bound", table, _FIELDS)) or _wrong_words(table)
        wrong = [
            Fault(file, line_of(marks, f"bounds[{number}].{name}"), f"bounds[{number}].{name}", text)
            for name, text in told
        ]
        faults += wrong
        if not wrong:
            bounds |= {key: _bound(key, table) for key in table["keys"]}
    if faults:
        raise FaultyProtocol(faults)
    return bounds


def refusal(bound: Bound | None, key: str, new: Setting, values: Mapping[str, Value]) -> str | None:
    """
    Say why an annex may not set `key` to `new` where `values` hold nationally, or None when it may.

    One sentence, naming the bound and where it comes from.
    """
    national = values[key]
    if national.status is ValueStatus.LAW or national.rests_on is ValueStatus.LAW:
        return f"is fixed by law ({', '.join(national.sources)}) and is not open to an annex."
    if bound is None or KEYS[key].section in _CLOSED:
        return "is not open to an annex. The open keys stand in the library's bounds.toml."
    if bound.needs and values[bound.needs].value is not True:
        limit = values[bound.needs]
        return f"may not be changed locally: {bound.needs} is {limit.shown or 'not set'} in {limit.origin}."
    return _beyond(bound, new, national, values)


def _beyond(bound: Bound, new: Setting, national: Value, values: Mapping[str, Value]) -> str | None:
    match bound.direction, new, national.value:
        case "raise" | "lower", int(), _:
            return _beyond_number(bound, new, national, values)
        case "add", tuple(), held if missing := sorted(set(_listed(held)) - set(new), key=str):
            return f"leaves out {_told(missing)} of {national.origin}. An annex may only add."
        case "remove", tuple(), held if extra := sorted(set(new) - set(_listed(held)), key=str):
            return f"adds {_told(extra)} to the list of {national.origin}. An annex may only take away."
        case "remove", tuple(), _ if not new:
            return "takes everything away. Keep one at least."
    return None


def _beyond_number(bound: Bound, new: int, national: Value, values: Mapping[str, Value]) -> str | None:
    most = values[bound.at_most_key].value if bound.at_most_key else bound.at_most
    held = national.value
    if bound.at_most_key and most is None:
        return f"has no upper bound: {bound.at_most_key} is not set in {national.origin}."
    if isinstance(most, int) and new > most:
        return f"is {new}, above the bound of {most} ({bound.at_most_key or bound.why})."
    if bound.at_least is not None and new < bound.at_least:
        return f"is {new}, below the bound of {bound.at_least} ({bound.why})."
    if isinstance(held, int) and bound.direction == "raise" and new < held:
        return f"is {new}, below the national {held} of {national.origin}. An annex may only raise it."
    if isinstance(held, int) and bound.direction == "lower" and new > held:
        return f"is {new}, above the national {held} of {national.origin}. An annex may only lower it."
    return None


def _bound(key: str, table: Mapping[str, Any]) -> Bound:
    return Bound(
        key=key,
        direction=table["direction"],
        at_least=table.get("at_least"),
        at_most=table.get("at_most"),
        at_most_key=table.get("at_most_key"),
        needs=table.get("needs"),
        why=table["why"],
    )


def _wrong_words(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    wrong: list[tuple[str, str]] = []
    direction = table.get("direction")
    if direction not in _DIRECTIONS:
        wrong.append(("direction", f"is {direction}. {allowed(str(direction), _DIRECTIONS)}"))
    wrong.extend(
        (name, f"names {table[name]}. {allowed_keys(table[name], KEYS)}")
        for name in ("needs", "at_most_key")
        if name in table and table[name] not in KEYS
    )
    for key in table.get("keys", ()):
        if key not in KEYS:
            wrong.append(("keys", f"names {key}. {allowed_keys(key, KEYS)}"))
        elif KEYS[key].section in _CLOSED:
            wrong.append(("keys", f"names {key}, but [{KEYS[key].section}] is never open to an annex."))
        elif direction in _DIRECTIONS and KEYS[key].kind not in _DIRECTIONS[direction]:
            wrong.append(("keys", f"names {key}, which is {KEYS[key].kind} and has no direction {direction}."))
    return wrong


def _listed(held: Setting | None) -> tuple[int | str, ...]:
    return held if isinstance(held, tuple) else ()


def _told(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
