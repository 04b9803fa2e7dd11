"""Text → the rules of response levels, or exactly what is wrong with it: every fault at once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed, allowed_keys
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.response_levels import Condition, LevelRules, ShorterClock, Switch
from sizao.protocol.schema import KEYS, Kind
from sizao.protocol.shipped import shipped_text
from sizao.protocol.sources import load_sources
from sizao.protocol.values import Value
from sizao.terms import AreaLevel, LevelFact, ResponseLevel, ValueStatus

FILE = "response_levels.toml"
_FILE: Fields = {"id": (Kind.TEXT, True), "title_zh": (Kind.TEXT, True), "title_en": (Kind.TEXT, True)}
_BACKED: Fields = {"status": (Kind.TEXT, True), "sources": (Kind.TEXTS, True), "note": (Kind.TEXT, True)}
_COMPARED: Fields = {
    "key": (Kind.TEXT, True),
    "at": (Kind.TEXTS, True),
    "fact": (Kind.TEXT, True),
    "at_least": (Kind.WHOLE, False),
    "at_most": (Kind.WHOLE, False),
    "within_days": (Kind.WHOLE, False),
    **_BACKED,
}
_TABLES: Mapping[str, Fields] = {
    "conditions": {"level": (Kind.TEXT, True), **_COMPARED},
    "returns": _COMPARED,
    "switches": {
        "level": (Kind.TEXT, True),
        "teams": (Kind.TEXTS, True),
        "ready_hours": (Kind.WHOLE, True),
        "report_every_days": (Kind.WHOLE, True),
        "report_due_hour": (Kind.WHOLE, True),
        "review_hours": (Kind.WHOLE, False),
        "most_days": (Kind.WHOLE, False),
        "leads": (Kind.TEXTS, True),
        **_BACKED,
    },
    "clocks": {
        "level": (Kind.TEXT, True),
        "key": (Kind.TEXT, True),
        "at_most": (Kind.WHOLE, True),
        **_BACKED,
    },
}
_WORDS: Mapping[str, Sequence[str]] = {
    "level": [*map(str, ResponseLevel)],
    "fact": [*map(str, LevelFact)],
    "at": [*map(str, AreaLevel)],
    "status": [*map(str, ValueStatus)],
}
_HOURS_OF_A_DAY = 24


@cache
def shipped_level_rules() -> LevelRules:
    """Load the file that comes with the package; raise FaultyProtocol with all faults, unknown sources included."""
    rules = load_level_rules(shipped_text(FILE), FILE)
    sources = load_sources(shipped_text("sources.toml"), "sources.toml")
    values = [one.value for one in (*rules.conditions, *rules.returns)]
    values += [one.value for one in rules.switches.values()] + [one.value for one in rules.clocks]
    faults = [
        Fault(FILE, 0, value.key, f"cites {source}, which sources.toml does not hold. Add it there.")
        for value in values
        for source in value.sources
        if source not in sources
    ]
    if faults:
        raise FaultyProtocol(faults)
    return rules


def load_level_rules(text: str, file: str) -> LevelRules:
    """Read the rules of response levels; raise FaultyProtocol with all that is wrong with the text."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    told = [*field_faults("A file of response levels", whole, _FILE, inner=_TABLES)]
    told += [fault for name in _TABLES for fault in _wrong_table(whole, name)]
    told += list(_without_switch(whole)) if not told else []
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    return LevelRules(
        **{name: whole[name] for name in _FILE},
        conditions=tuple(_condition(whole["id"], row) for row in whole["conditions"]),
        returns=tuple(_condition(whole["id"], row) for row in whole["returns"]),
        switches={ResponseLevel(row["level"]): _switch(whole["id"], row) for row in whole["switches"]},  # type: ignore[call-arg]
        clocks=tuple(_clock(whole["id"], row) for row in whole.get("clocks", ())),
    )


def _wrong_table(whole: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    rows, told = tables_of(whole, name)
    yield from told
    if not told and not rows and name != "clocks":
        yield name, "is missing. Add at least one row."
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"{name}[{number}]"
        wrong = list(field_faults(f"A row of [[{name}]]", row, _TABLES[name])) or list(_wrong_row(name, row))
        yield from ((f"{at}.{field}", said) for field, said in wrong)
        key = f"{row.get('level', '') if name in ('switches', 'clocks') else ''}:{row.get('key', '')}"
        if key in seen:
            yield f"{at}.{'level' if name == 'switches' else 'key'}", "stands there a second time. Keep one."
        seen.add(key)


def _wrong_row(name: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, words in _WORDS.items():
        given = row.get(field, [])
        unknown = [one for one in (given if isinstance(given, list) else [given]) if one not in words]
        yield from ((field, f"holds {one}. {allowed(one, words)}") for one in unknown)
    if name in ("conditions", "returns"):
        yield from _wrong_bounds(row)
    elif name == "switches":
        yield from _wrong_switch(row)
    elif row["key"] not in KEYS:
        yield "key", f"names {row['key']}. {allowed_keys(row['key'], KEYS)}"


def _wrong_bounds(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "at_least" not in row and "at_most" not in row:
        yield "at_least", "is missing: a condition says at_least or at_most, or both."
    if row.get("within_days", 0) < 0:
        yield "within_days", f"must be 0 or more, but is {row['within_days']}."


def _wrong_switch(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if row["report_every_days"] < 1:
        yield "report_every_days", f"must be 1 or more, but is {row['report_every_days']}."
    if not 0 <= row["report_due_hour"] < _HOURS_OF_A_DAY:
        yield "report_due_hour", f"must be an hour of the day, but is {row['report_due_hour']}."
    for field in ("review_hours", "most_days"):
        if row["level"] != ResponseLevel.ROUTINE and row.get(field, 0) < 1:
            yield field, "is missing: a level above routine says when it is looked at again and how long it may last."


def _without_switch(whole: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = {row["level"] for row in whole["switches"]}
    for level in ResponseLevel:
        if level not in known:
            yield "switches", f"has no row for {level}. Add one."


def _condition(origin: str, row: Mapping[str, Any]) -> Condition:
    bounds = [f"≥ {row['at_least']}"] if "at_least" in row else []
    bounds += [f"≤ {row['at_most']}"] if "at_most" in row else []
    return Condition(
        key=row["key"],
        level=ResponseLevel(row["level"]) if "level" in row else None,  # type: ignore[call-arg]
        at=tuple(AreaLevel(one) for one in row["at"]),  # type: ignore[call-arg]
        fact=LevelFact(row["fact"]),  # type: ignore[call-arg]
        at_least=row.get("at_least"),
        at_most=row.get("at_most"),
        within_days=row.get("within_days", 0),
        value=_value(origin, row, f"response_levels.{row['key']}", " ".join(bounds)),
    )


def _switch(origin: str, row: Mapping[str, Any]) -> Switch:
    level: ResponseLevel = ResponseLevel(row["level"])  # type: ignore[call-arg]
    return Switch(
        level=level,
        teams=tuple(row["teams"]),
        ready_hours=row["ready_hours"],
        report_every_days=row["report_every_days"],
        report_due_hour=row["report_due_hour"],
        review_hours=row.get("review_hours"),
        most_days=row.get("most_days"),
        leads=tuple(row["leads"]),
        value=_value(origin, row, f"response_levels.{level}", row["report_every_days"]),
    )


def _clock(origin: str, row: Mapping[str, Any]) -> ShorterClock:
    level: ResponseLevel = ResponseLevel(row["level"])  # type: ignore[call-arg]
    return ShorterClock(level, row["key"], row["at_most"], _value(origin, row, row["key"], row["at_most"]))


def _value(origin: str, row: Mapping[str, Any], key: str, value: int | str) -> Value:
    status: ValueStatus = ValueStatus(row["status"])  # type: ignore[call-arg]
    return Value(
        key=key,
        value=value,
        edition=origin,
        status=status,
        rests_on=status,
        sources=tuple(row["sources"]),
        note=row["note"],
        meaning=row["note"],
    )
