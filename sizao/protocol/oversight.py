"""Oversight as data: hours to mend and to answer, the lines that make a rule propose a finding, and checklists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.protocol.values import Value
from sizao.terms import Gravity, Stage, ValueStatus

FILE = "oversight.toml"
_MEND = {gravity: f"{gravity}_mend_hours" for gravity in Gravity}
ANSWER = "answer_hours"
_BACKED: Fields = {"status": (Kind.TEXT, True), "note": (Kind.TEXT, True)}
_CLOCKS: Fields = {**dict.fromkeys([*_MEND.values(), ANSWER], (Kind.WHOLE, True)), **_BACKED}
_WHOLE_RULES = ("fewest", "days", "late_hours", "missed", "gather")
_RULES: Fields = {"share_kept": (Kind.NUMBER, True), **dict.fromkeys(_WHOLE_RULES, (Kind.WHOLE, True)), **_BACKED}
_CHECKLIST: Fields = {
    "id": (Kind.TEXT, True),
    "stage": (Kind.TEXT, True),
    "zh": (Kind.TEXT, True),
    "en": (Kind.TEXT, True),
    "status": (Kind.TEXT, True),
    "sources": (Kind.TEXTS, True),
}
_ITEM: Fields = {"id": (Kind.TEXT, True), "zh": (Kind.TEXT, True), "en": (Kind.TEXT, True)}


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line of a checklist; `key` names it in findings, together with its list."""

    key: str
    zh: str
    en: str

    def label(self, language: str) -> str:
        """Say it in the language of the reader."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a round of inspection looks at."""

    id: str
    stage: Stage
    zh: str
    en: str
    status: ValueStatus
    sources: tuple[str, ...]
    items: tuple[ChecklistItem, ...]

    def label(self, language: str) -> str:
        """Say its name in the language of the reader."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Lines:
    """When a rule proposes a finding: below a share kept, or after so many clocks missed by so long."""

    share_kept: float
    fewest: int
    days: int
    late_hours: int
    missed: int
    gather: int
    status: ValueStatus


@dataclass(frozen=True, slots=True)
class Oversight:
    """All of the file."""

    clocks: Mapping[str, Value]
    lines: Lines
    checklists: tuple[Checklist, ...]

    def mend_clock(self, gravity: Gravity) -> Value:
        """Give the hours within which a finding is to be mended."""
        return self.clocks[_MEND[gravity]]

    @property
    def answer_clock(self) -> Value:
        """Give the hours within which a resident is to be answered."""
        return self.clocks[ANSWER]

    def item(self, key: str) -> ChecklistItem | None:
        """Find a line of a checklist by its key; None where it is none."""
        return next((item for one in self.checklists for item in one.items if item.key == key), None)


@cache
def shipped_oversight() -> Oversight:
    """Load what comes with the package; raise FaultyProtocol with all faults."""
    return load_oversight(shipped_text(FILE), FILE)


def load_oversight(text: str, file: str) -> Oversight:
    """Read a file of oversight; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    checklists, told = tables_of(whole, "checklists")
    clocks, rules = whole.get("clocks", {}), whole.get("rules", {})
    told += [*_wrong_table("clocks", clocks, _CLOCKS), *_wrong_table("rules", rules, _RULES)]
    told += _wrong_lists(checklists)
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    return Oversight(
        clocks={key: _clock(key, clocks) for key in [*_MEND.values(), ANSWER]},
        lines=Lines(
            share_kept=float(rules["share_kept"]),
            **{name: rules[name] for name in _WHOLE_RULES},
            status=_status(rules),
        ),
        checklists=tuple(map(_checklist, checklists)),
    )


def _wrong_table(name: str, given: object, fields: Fields) -> Iterator[tuple[str, str]]:
    table = given if isinstance(given, dict) else {}
    wrong = list(field_faults(f"[{name}]", table, fields))
    yield from ((f"{name}.{field}", said) for field, said in wrong)
    if not wrong:
        yield from ((f"{name}.{field}", "must be above zero.") for field in fields if _not_above_zero(table[field]))
        yield from _wrong_status(name, table)


def _not_above_zero(value: object) -> bool:
    return isinstance(value, int | float) and value <= 0


def _wrong_status(at: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    statuses = [*map(str, ValueStatus)]
    if table["status"] not in statuses:
        yield f"{at}.status", f"holds {table['status']}. {allowed(table['status'], statuses)}"


def _wrong_lists(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"checklists[{number}]"
        wrong = list(field_faults("A checklist", row, _CHECKLIST, inner=["items"]))
        yield from ((f"{at}.{field}", said) for field, said in wrong)
        yield from ((f"{at}.items", said) for said in _wrong_items(row.get("items")))
        if not wrong:
            yield from _wrong_row(at, row, seen)


def _wrong_row(at: str, row: Mapping[str, Any], seen: set[str]) -> Iterator[tuple[str, str]]:
    stages = [*map(str, Stage)]
    if row["stage"] not in stages:
        yield f"{at}.stage", f"holds {row['stage']}. {allowed(row['stage'], stages)}"
    if row["id"] in seen:
        yield f"{at}.id", f"sets {row['id']} a second time. Keep one."
    seen.add(row["id"])
    yield from _wrong_status(at, row)


def _wrong_items(items: object) -> Iterator[str]:
    if not isinstance(items, list) or not items:
        yield "must be a list of items, each with id, zh and en."
        return
    seen: set[str] = set()
    for one in items:
        wrong = list(field_faults("An item", one, _ITEM)) if isinstance(one, dict) else [("", "is no item.")]
        yield from (f"{field} {said}" for field, said in wrong)
        if not wrong and one["id"] in seen:
            yield f"holds {one['id']} a second time. Keep one."
        seen.add(one["id"] if not wrong else "")


def _checklist(row: Mapping[str, Any]) -> Checklist:
    return Checklist(
        id=row["id"],
        stage=next(one for one in Stage if one == row["stage"]),
        zh=row["zh"],
        en=row["en"],
        status=_status(row),
        sources=tuple(row["sources"]),
        items=tuple(ChecklistItem(f"{row['id']}:{one['id']}", one["zh"], one["en"]) for one in row["items"]),
    )


def _status(table: Mapping[str, Any]) -> ValueStatus:
    return next(word for word in ValueStatus if word == table["status"])


def _clock(key: str, table: Mapping[str, Any]) -> Value:
    return Value(f"oversight.{key}", table[key], "oversight", _status(table), _status(table), note=table["note"])
