"""Text → a file of seat rules, or exactly what is wrong with it: every fault at once, with file, line and key."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sizao.engines.presences.seats import Reach, SeatRule, SeatRuleImpossible
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import load_each, shipped_text, shipped_texts
from sizao.protocol.sources import load_sources
from sizao.protocol.values import Value
from sizao.protocol.vehicles import SeatRules, VehicleRule, seat_rules_at
from sizao.terms import ValueStatus, VehicleKind

FOLDER = "vehicles"
_FILE: Fields = {
    "id": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "title_en": (Kind.TEXT, True),
    "area_code": (Kind.TEXT, True),
    "effective_from": (Kind.DAY, True),
    "effective_until": (Kind.DAY, False),
}
_ROW: Fields = {
    "key": (Kind.TEXT, True),
    "reach": (Kind.TEXT, True),
    "rows_before": (Kind.WHOLE, False),
    "rows_behind": (Kind.WHOLE, False),
    "crew": (Kind.FLAG, True),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
    "note": (Kind.TEXT, True),
}
_WORDS = {"key": [*map(str, VehicleKind)], "reach": [*map(str, Reach)], "status": [*map(str, ValueStatus)]}


@cache
def shipped_seat_rules() -> tuple[SeatRules, ...]:
    """Load the files that come with the package; raise FaultyProtocol with the faults of all together."""
    files = tuple(load_each(load_seat_rules, shipped_texts(FOLDER)))
    sources = load_sources(shipped_text("sources.toml"), "sources.toml")
    faults = [
        Fault(file.file, 0, row.value.key, f"cites {source}, which sources.toml does not hold. Add it there.")
        for file in files
        for row in file.kinds
        for source in row.value.sources
        if source not in sources
    ]
    if faults:
        raise FaultyProtocol(faults)
    return files


@lru_cache(maxsize=4096)
def shipped_seat_rules_at(day: date, area_code: str) -> Mapping[VehicleKind, VehicleRule]:
    """Say what the shipped files put in force on a day in a place."""
    return seat_rules_at(day, area_code, shipped_seat_rules())


def load_seat_rules(text: str, file: str) -> SeatRules:
    """Read one file; raise FaultyProtocol with all that is wrong with the text itself."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    told = [*field_faults("A file of seat rules", whole, _FILE, inner=("kinds",))]
    rows, unfit = tables_of(whole, "kinds")
    told += [*unfit, *_wrong_rows(rows)]
    faults = unread + [Fault(file, line_of(marks, key), key, text) for key, text in told]
    if faults:
        raise FaultyProtocol(faults)
    about: dict[str, Any] = {name: whole.get(name) for name in _FILE}
    return SeatRules(**about, kinds=tuple(_rule(whole["id"], row) for row in rows), file=file)


def _wrong_rows(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"kinds[{number}]"
        wrong = list(field_faults("A row of [[kinds]]", row, _ROW)) or list(_wrong_row(row))
        yield from ((f"{at}.{field}", text) for field, text in wrong)
        key = str(row.get("key", ""))
        if key in seen:
            yield f"{at}.key", f"sets {key} a second time. Keep one."
        seen.add(key)


def _wrong_row(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, known in _WORDS.items():
        if row[field] not in known:
            yield field, f"holds {row[field]}. {allowed(row[field], known)}"
            return
    try:
        rule = _seats(row)
    except SeatRuleImpossible as impossible:
        yield "reach", str(impossible)
        return
    missing = [name for name in ("rows_before", "rows_behind") if name not in row]
    if rule.reach is Reach.ROWS and missing:
        yield missing[0], "is missing: a rule by rows says how many before and behind, if only 0."


def _seats(row: Mapping[str, Any]) -> SeatRule:
    return SeatRule(Reach(row["reach"]), row.get("rows_before", 0), row.get("rows_behind", 0), row["crew"])


def _rule(origin: str, row: Mapping[str, Any]) -> VehicleRule:
    kind: VehicleKind = next(word for word in VehicleKind if word == row["key"])
    status: ValueStatus = next(word for word in ValueStatus if word == row["status"])
    seats = _seats(row)
    value = Value(
        key=f"vehicles.{kind}",
        value=f"{seats.reach}; {seats.rows_before}; {seats.rows_behind}{'; crew' if seats.crew else ''}",
        edition=origin,
        status=status,
        rests_on=status,
        sources=tuple(row["sources"]),
        note=row["note"],
        meaning=f"Who sat near a case: {kind.en}",
    )
    return VehicleRule(kind, seats, value)
