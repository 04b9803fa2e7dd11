"""Local annexes: what a place decided for itself, inside its bounds, for a stated time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sizao.protocol.bounds import Bound, refusal
from sizao.protocol.editions import Edition
from sizao.protocol.faults import Fault, FaultyProtocol, allowed, allowed_keys
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import KEYS, Kind, fits
from sizao.protocol.sense import nonsense
from sizao.protocol.values import Setting, Value
from sizao.terms import ValueStatus

_FIELDS: Fields = {
    "id": (Kind.TEXT, True),
    "title": (Kind.TEXT, True),
    "area_code": (Kind.TEXT, True),
    "issuer": (Kind.TEXT, True),
    "document_no": (Kind.TEXT, True),
    "effective_from": (Kind.DAY, True),
    "effective_until": (Kind.DAY, True),
    "editions": (Kind.TEXTS, True),
    "drill": (Kind.FLAG, False),
}
_OVERRIDE: Fields = {"key": (Kind.TEXT, True), "source": (Kind.TEXT, True), "reason": (Kind.TEXT, True)}


@dataclass(frozen=True, slots=True)
class Override:
    """One value that an annex sets, and on what ground."""

    key: str
    value: Setting
    source: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Annex:
    """
    A local document that changes values of named editions in one area and below it.

    It always ends: a measure must state how long it is expected to last. One marked `drill` is never
    applied to a real outbreak.
    """

    id: str
    title: str
    area_code: str
    issuer: str
    document_no: str
    effective_from: date
    effective_until: date
    editions: tuple[str, ...]
    drill: bool
    overrides: tuple[Override, ...]
    file: str

    def holds(self, edition: str, day: date, area_code: str) -> bool:
        """Tell whether the annex applies to an edition on a day in a place."""
        here = area_code.startswith(self.area_code)
        return here and edition in self.editions and self.effective_from <= day <= self.effective_until


def load_annex(text: str, file: str) -> Annex:
    """Read one annex; raise FaultyProtocol with all that is wrong with the text itself."""
    tables, faults = parse(text, file)
    marks = find_marks(text)
    if tables or not faults:
        wrong = [*_wrong_fields(tables), *_wrong_overrides(tables)]
        unread = {fault.key for fault in faults}
        faults += [Fault(file, line_of(marks, key), key, told) for key, told in wrong if key not in unread]
    if faults:
        raise FaultyProtocol(faults)
    overrides = tuple(
        Override(
            key=table["key"],
            value=_setting(KEYS[table["key"]].kind, table["value"]),
            source=table["source"],
            reason=table["reason"],
            line=line_of(marks, f"overrides[{number}].value"),
        )
        for number, table in enumerate(tables["overrides"])
    )
    fields: dict[str, Any] = {name: tables.get(name, False) for name in _FIELDS}
    fields["editions"] = tuple(fields["editions"])
    return Annex(**fields, overrides=overrides, file=file)


def inadmissible(annex: Annex, editions: Iterable[Edition], bounds: Mapping[str, Bound]) -> Iterator[Fault]:
    """
    Yield why an annex goes beyond its bounds on any day of its validity.

    A companion document can move a bound within an edition, so every day on which something changes is
    looked at; the sentence names the first day that fails.
    """
    known = {edition.id: edition for edition in editions}
    for name in annex.editions:
        if name not in known:
            yield Fault(annex.file, 0, "editions", f"names {name}. {allowed(name, known)}")
            continue
        days = _days_of_change(annex, known[name])
        if not days:
            span = f"{annex.effective_from} to {annex.effective_until}"
            yield Fault(annex.file, 0, "editions", f"names {name}, which is not in force from {span}.")
        for override in annex.overrides:
            if fault := _first_fault(annex, override, known[name], days, bounds):
                yield fault


def apply(annexes: Iterable[Annex], values: Mapping[str, Value]) -> dict[str, Value]:
    """Put the values of annexes in place of national ones; the annex of the smallest area comes last."""
    changed = dict(values)
    for annex in sorted(annexes, key=lambda one: len(one.area_code)):
        for override in annex.overrides:
            changed[override.key] = _overridden(override, annex.id, values[override.key])
    return changed


def _overridden(override: Override, annex: str, national: Value) -> Value:
    return replace(
        national,
        value=override.value,
        status=ValueStatus.LOCAL,
        rests_on=ValueStatus.LOCAL,
        sources=(override.source,),
        note=override.reason,
        annex=annex,
        instead_of=national,
    )


def _first_fault(
    annex: Annex, override: Override, edition: Edition, days: list[date], bounds: Mapping[str, Bound]
) -> Fault | None:
    for day in days:
        values, _ = edition.values_on(day)
        why = refusal(bounds.get(override.key), override.key, override.value, values)
        if why is None:
            changed = {**values, override.key: _overridden(override, annex.id, values[override.key])}
            clash = [text for key, text in nonsense(changed, ()) if key == override.key]
            why = clash[0] if clash else None
        if why:
            return Fault(annex.file, override.line, override.key, f"{why} (On {day}, {edition.id}.)")
    return None


def _days_of_change(annex: Annex, edition: Edition) -> list[date]:
    start = max(annex.effective_from, edition.effective_from)
    ends = [companion.effective_from for companion in edition.companions]
    days = {start, *(day for day in ends if day > start)}
    return sorted(day for day in days if day <= min(annex.effective_until, edition.effective_until))


def _wrong_fields(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    wrong = list(field_faults("An annex", tables, _FIELDS, inner=("overrides",)))
    yield from wrong
    overrides, unfit = tables_of(tables, "overrides")
    yield from unfit
    if not overrides and not unfit:
        yield "overrides", "is missing: an annex changes one value at least."
    bad = {name for name, _ in wrong}
    if not bad & {"effective_from", "effective_until"} and tables["effective_until"] < tables["effective_from"]:
        yield "effective_until", f"is {tables['effective_until']}, before the annex starts."
    if not bad & {"document_no", "drill"} and not tables["document_no"] and not tables.get("drill"):
        yield "document_no", "is empty. Name the document, or mark the annex `drill = true`."
    if "area_code" not in bad and not (tables["area_code"].isascii() and tables["area_code"].isalnum()):
        yield "area_code", "must be a division code, such as 4101."


def _wrong_overrides(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, table in enumerate(tables_of(tables, "overrides")[0]):
        at = f"overrides[{number}]"
        wrong = list(field_faults("An override", table, _OVERRIDE, inner=("value",)))
        yield from ((f"{at}.{name}", text) for name, text in wrong)
        if wrong:
            continue
        key = table["key"]
        if key not in KEYS:
            yield f"{at}.key", f"names {key}. {allowed_keys(key, KEYS)}"
        elif "value" not in table or not fits(KEYS[key].kind, table["value"]) or table["value"] in (-1, ""):
            yield f"{at}.value", f"must be {KEYS[key].kind} for {key}, but is {table.get('value', 'missing')!r}."
        if key in seen:
            yield f"{at}.key", f"sets {key} a second time. Keep one."
        seen.add(key)


def _setting(kind: Kind, raw: Any) -> Setting:
    if kind in (Kind.WHOLES, Kind.TEXTS):
        return tuple(raw)
    value: Setting = float(raw) if kind is Kind.NUMBER else raw
    return value
