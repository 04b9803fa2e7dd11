"""
Inside a zone, as a table: how soon what people ask for is served, what a need asks for by itself, how often goods come.

No edition gives these numbers, so all rows are unverified, and what rests on them says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.terms import NeedKind, ValueStatus, Word, ZoneRequestKind

FILE = "zone_services.toml"
_BACKED: Fields = {"status": (Kind.TEXT, True), "sources": (Kind.TEXTS, True), "note": (Kind.TEXT, True)}
_TABLES: Mapping[str, Fields] = {
    "requests": {"kind": (Kind.TEXT, True), "hours": (Kind.WHOLE, True), "may_refuse": (Kind.FLAG, True)},
    "needs": {"need": (Kind.TEXT, True), "asks": (Kind.TEXT, True), "hours": (Kind.WHOLE, True)},
}
_SUPPLIES: Fields = {"every_days": (Kind.WHOLE, True), **_BACKED}
_WORDS: Mapping[tuple[str, str], Sequence[str]] = {
    ("requests", "kind"): [*map(str, ZoneRequestKind)],
    ("needs", "need"): [*map(str, NeedKind)],
    ("needs", "asks"): [*map(str, ZoneRequestKind)],
}


@dataclass(frozen=True, slots=True)
class RequestRule:
    """How soon a request of a kind is served, and whether it may be refused at all."""

    kind: ZoneRequestKind
    within: timedelta
    may_refuse: bool
    status: ValueStatus


@dataclass(frozen=True, slots=True)
class NeedRule:
    """What a need on record asks for by itself, and how soon after the announcement it is served."""

    need: NeedKind
    asks: ZoneRequestKind
    within: timedelta
    status: ValueStatus


@dataclass(frozen=True, slots=True)
class ZoneServices:
    """All rows of the table; `supplies_every` is the time from one delivery of goods to the next."""

    requests: Mapping[ZoneRequestKind, RequestRule]
    needs: Mapping[NeedKind, NeedRule]
    supplies_every: timedelta
    supplies_status: ValueStatus


@cache
def shipped_zone_services() -> ZoneServices:
    """Load the table that comes with the package; raise FaultyProtocol with all faults."""
    return load_zone_services(shipped_text(FILE), FILE)


def load_zone_services(text: str, file: str) -> ZoneServices:
    """Read a table of services inside zones; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    told = [fault for name in _TABLES for fault in _wrong_table(whole, name)]
    supplies = whole.get("supplies", {})
    told += [(f"supplies.{field}", said) for field, said in field_faults("[supplies]", supplies, _SUPPLIES)]
    names = [*_TABLES, "supplies"]
    told += [(one, f"is no table of services. {allowed(one, names)}") for one in whole if one not in names]
    told += _missing(whole) if not told else []
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    return _services(whole)


def _wrong_table(whole: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    rows, told = tables_of(whole, name)
    yield from told
    for number, row in enumerate(rows):
        at = f"{name}[{number}]"
        wrong = list(field_faults(f"A row of [[{name}]]", row, {**_TABLES[name], **_BACKED}))
        yield from ((f"{at}.{field}", said) for field, said in wrong or _wrong_words(name, row))


def _wrong_words(name: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = {field: words for (table, field), words in _WORDS.items() if table == name}
    known["status"] = [*map(str, ValueStatus)]
    for field, words in known.items():
        if row[field] not in words:
            yield field, f"holds {row[field]}. {allowed(row[field], words)}"
    if row["hours"] < 1:
        yield "hours", f"must be 1 or more, but is {row['hours']}."


def _missing(whole: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every kind of request has a clock, and nobody may be refused care: the statute's, not the table's."""
    rows = {row["kind"]: row for row in whole.get("requests", [])}
    lacking = [str(kind) for kind in ZoneRequestKind if str(kind) not in rows]
    told = [("requests", f"lacks {', '.join(lacking)}. Add a row for each.")] if lacking else []
    if rows.get(str(ZoneRequestKind.CARE), {}).get("may_refuse"):
        told.append(("requests", "lets care be refused; nobody may be refused care. Set may_refuse = false."))
    if whole["supplies"]["every_days"] < 1:
        told.append(("supplies.every_days", f"must be 1 or more, but is {whole['supplies']['every_days']}."))
    return told


def _word(kind: type[Word], given: str) -> Any:
    return next(one for one in kind if one == given)


def _services(whole: Mapping[str, Any]) -> ZoneServices:
    requests = (
        RequestRule(_word(ZoneRequestKind, row["kind"]), timedelta(hours=row["hours"]), row["may_refuse"],
                    _word(ValueStatus, row["status"]))
        for row in whole["requests"]
    )  # fmt: skip
    needs = (
        NeedRule(_word(NeedKind, row["need"]), _word(ZoneRequestKind, row["asks"]), timedelta(hours=row["hours"]),
                 _word(ValueStatus, row["status"]))
        for row in whole["needs"]
    )  # fmt: skip
    supplies = whole["supplies"]
    return ZoneServices(
        requests={one.kind: one for one in requests},
        needs={one.need: one for one in needs},
        supplies_every=timedelta(days=supplies["every_days"]),
        supplies_status=_word(ValueStatus, supplies["status"]),
    )
