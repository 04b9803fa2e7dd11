"""Settings of detectors: what each key is called, holds and means; read strictly from text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sizao.errors import SizaoError


class SettingUnknown(SizaoError):
    """A key that this method does not have."""

    code = "detection.setting_unknown"
    message = "The method {method} has no setting {key}. It has: {allowed}."


class SettingUnreadable(SizaoError):
    """A value that this key cannot hold."""

    code = "detection.setting_unreadable"
    message = "The setting {key} of {method} cannot be {value}. It must be {wanted}; without it, {default} is taken."


@dataclass(frozen=True)
class Kind:
    """What a value may be: `wanted` says it in words, `read` makes it from text or raises ValueError."""

    wanted: str
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Key:
    """One setting: its kind, the text of its default as a user would write it, and one line of meaning."""

    kind: Kind
    default: str
    meaning: str


def whole(least: int, most: int | None = None) -> Kind:
    """Allow whole numbers from `least` to `most`, both included."""

    def read(text: str) -> int:
        value = int(text)
        if value < least or (most is not None and value > most):
            raise ValueError(text)
        return value

    return Kind(f"a whole number, {least} " + ("or more" if most is None else f"to {most}"), read)


def multiple(of: int, least: int) -> Kind:
    """Allow multiples of a number from `least` on."""

    def read(text: str) -> int:
        value = int(text)
        if value < least or value % of:
            raise ValueError(text)
        return value

    return Kind(f"a multiple of {of}, {least} or more", read)


def number(least: float = 0.0, most: float = float("inf"), *, open_ended: bool = False) -> Kind:
    """Allow numbers from `least` to `most`; both ends are left out when `open_ended`."""

    def read(text: str) -> float:
        value = float(text)
        inside = least < value < most if open_ended else least <= value <= most
        if not inside or value in (float("inf"), float("-inf")):
            raise ValueError(text)
        return value

    if most == float("inf"):
        return Kind(f"a number above {least:g}" if open_ended else f"a number, {least:g} or more", read)
    return Kind(
        f"a number {'between' if open_ended else 'from'} {least:g} {'and' if open_ended else 'to'} {most:g}", read
    )


def span() -> Kind:
    """Allow FIRST or FIRST:LAST, counted from 1, as the pair (first, last); last is None to the end."""

    def read(text: str) -> tuple[int, int | None]:
        first, _, last = text.partition(":")
        pair = int(first), int(last) if last else None
        if pair[0] < 1 or (pair[1] is not None and pair[1] < pair[0]):
            raise ValueError(text)
        return pair

    return Kind("FIRST or FIRST:LAST, whole numbers counted from 1", read)


def choice(*words: str) -> Kind:
    """Allow one of these words."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return Kind(f"one of {', '.join(words)}", read)


def either(kind: Kind, *words: str) -> Kind:
    """Allow what `kind` allows, or one of these words, which stay text; the word `none` becomes None."""

    def read(text: str) -> Any:
        if text.lower() in words:
            return None if text.lower() == "none" else text.lower()
        return kind.read(text)

    return Kind(f"{kind.wanted}, or {' or '.join(words)}", read)


def _truth(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]


YES_NO = Kind("true or false", _truth)


def read_settings(method: str, keys: Mapping[str, Key], given: Mapping[str, object]) -> dict[str, Any]:
    """
    Read what is given, as text or as a value, and take defaults for the rest.

    Capitals, dots and underscores do not matter in a key, so that R's `c.ARL` and `noPeriods` are found as
    `c_arl` and `no_periods`. Raise SettingUnknown or SettingUnreadable.
    """
    names = {_plain(name): name for name in keys}
    values = {name: key.kind.read(key.default) for name, key in keys.items()}
    for key, value in given.items():
        name = names.get(_plain(key))
        if name is None:
            raise SettingUnknown(method=method, key=key, allowed=", ".join(keys) or "none")
        values[name] = _value(method, name, keys[name], value)
    return values


def _value(method: str, name: str, key: Key, value: object) -> Any:
    text = str(value).strip()
    try:
        return key.kind.read(text)
    except (ValueError, KeyError) as fault:
        wanted, default = key.kind.wanted, key.default
        raise SettingUnreadable(method=method, key=name, value=repr(text), wanted=wanted, default=default) from fault


def _plain(name: str) -> str:
    return re.sub(r"[._]", "", name).lower()
