"""Turn what a file says into a value that can be used, or into None where the file says there is none."""

from datetime import date

from sizao.protocol.marks import Provenance
from sizao.protocol.schema import Key, Kind, fits
from sizao.protocol.values import Setting
from sizao.terms import ValueStatus

# What the editions write where there is nothing. None of it may ever enter a sum.
_NOTHING = (-1, "")
_EMPTY: tuple[object, ...] = (-1, "", [], False)


def fault_of(key: Key, raw: object, provenance: Provenance) -> str | None:
    """Say what is wrong with a value as written, or None when nothing is."""
    if not fits(key.kind, raw):
        return f"is {_told(raw)}, but must be {key.kind}."
    unset = provenance.status is ValueStatus.UNSET
    if unset and raw not in _EMPTY:
        return f"is marked unset but holds {_told(raw)}. Give it another status, or no value."
    if key.required and (unset or raw in _NOTHING):
        return f"must be set in every edition, to {key.kind}."
    return _out_of_range(key, raw)


def reading_of(key: Key, raw: object, provenance: Provenance) -> Setting | None:
    """
    Read a value that has no fault.

    -1 and "" are never values, whatever their status. An empty list or a `false` is a statement unless
    it is marked unset: "no test days" differs from "nothing known about test days".
    """
    nothing = isinstance(raw, int | float | str) and not isinstance(raw, bool) and raw in _NOTHING
    if nothing or provenance.status is ValueStatus.UNSET:
        return None
    if isinstance(raw, list):
        return tuple(raw)
    if key.kind is Kind.NUMBER and isinstance(raw, int | float):
        return float(raw)
    assert isinstance(raw, bool | int | float | str | date)
    return raw


def _out_of_range(key: Key, raw: object) -> str | None:
    name = key.path.rpartition(".")[2]
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if raw < 0 and raw != -1:
            return f"is {raw}, but must be 0 or more, or -1 for no value."
        if name.endswith("_percent") and raw > 100:
            return f"is {raw}, but a percentage is at most 100."
    if isinstance(raw, list) and key.kind is Kind.WHOLES and (min(raw, default=1) < 1 or raw != sorted(set(raw))):
        return f"is {_told(raw)}, but must rise from 1 or more without repeating."
    return None


def _told(raw: object) -> str:
    match raw:
        case bool():
            return str(raw).lower()
        case str():
            return f'"{raw}"'
        case _:
            return str(raw)
