"""
Isolation and monitoring at home, as a table: what makes a home fit, how often somebody looks in, who comes first.

The editions say who may stay at home and for how many days; how a home is looked after stands in annexes and in no
number, so most rows are unverified, and what rests on them says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.shipped import shipped_text
from sizao.terms import HomeCheckItem, NeedKind, OrderKind, Symptom, ValueStatus, VisitKind, Word

FILE = "home_care.toml"
AGES = {"age_80": (80, None), "age_60": (60, None), "under_15": (0, 15)}  # from, and up to but not including
_BACKED: Fields = {"status": (Kind.TEXT, True), "sources": (Kind.TEXTS, True), "note": (Kind.TEXT, True)}
_TABLES: Mapping[str, Fields] = {
    "checks": {"item": (Kind.TEXT, True), "decides": (Kind.FLAG, True), "bring": (Kind.FLAG, False)},
    "visits": {
        "order": (Kind.TEXT, True),
        "kind": (Kind.TEXT, True),
        "every_days": (Kind.WHOLE, True),
        "times": (Kind.WHOLE, True),
    },
    "first": {"group": (Kind.TEXT, True), "points": (Kind.WHOLE, True)},
    "worse": {
        "symptoms": (Kind.TEXTS, True),
        "transfer": (Kind.FLAG, True),
        "zh": (Kind.TEXT, True),
        "en": (Kind.TEXT, True),
    },
}
_LIMITS: Fields = {"medicine_lead_days": (Kind.WHOLE, True), "unanswered_before_task": (Kind.WHOLE, True), **_BACKED}
_WORDS: Mapping[tuple[str, str], Sequence[str]] = {
    ("checks", "item"): [*map(str, HomeCheckItem)],
    ("visits", "order"): [str(OrderKind.HOME), str(OrderKind.MONITORING)],
    ("visits", "kind"): [*map(str, VisitKind)],
    ("first", "group"): [*AGES, *map(str, NeedKind)],
    ("worse", "symptoms"): [*map(str, Symptom)],
}


@dataclass(frozen=True, slots=True)
class CheckRule:
    """An item of the check of a home: whether the home will do without it, and whether it can be brought."""

    item: HomeCheckItem
    decides: bool
    bring: bool
    status: ValueStatus
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitRule:
    """How often something is done for somebody under an order: `times` on every `every_days`-th day of it."""

    order: OrderKind
    kind: VisitKind
    every_days: int
    times: int
    status: ValueStatus


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do at once where somebody has one of these symptoms; the first that fits is said."""

    symptoms: frozenset[Symptom]
    transfer: bool
    zh: str
    en: str
    status: ValueStatus

    def told(self, language: str) -> str:
        """Say it in the language of the reader."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class HomeRules:
    """All rows of the table. `first_needs` and `first_ages` give points; the highest that fits somebody counts."""

    checks: tuple[CheckRule, ...]
    visits: tuple[VisitRule, ...]
    first_needs: Mapping[NeedKind, int]
    first_ages: Mapping[str, int]
    worse: tuple[Advice, ...]
    medicine_lead_days: int
    unanswered_before_task: int

    def advice(self, symptoms: Sequence[Symptom]) -> Advice | None:
        """Give what to do for these symptoms, the gravest first; None where there is none."""
        return next((one for one in self.worse if one.symptoms & set(symptoms)), None)


@cache
def shipped_home_rules() -> HomeRules:
    """Load the table that comes with the package; raise FaultyProtocol with all faults."""
    return load_home_rules(shipped_text(FILE), FILE)


def load_home_rules(text: str, file: str) -> HomeRules:
    """Read a table of home care; raise FaultyProtocol with all that is wrong with it."""
    whole, unread = parse(text, file)
    marks = find_marks(text)
    told = [fault for name in _TABLES for fault in _wrong_table(whole, name)]
    limits = whole.get("limits", {})
    told += [(f"limits.{field}", said) for field, said in field_faults("[limits]", limits, _LIMITS)]
    told += [(name, f"is no table of home care. {allowed(name, [*_TABLES, 'limits'])}") for name in _unknown(whole)]
    faults = unread + [Fault(file, line_of(marks, key), key, sentence) for key, sentence in told]
    if faults:
        raise FaultyProtocol(faults)
    return _rules(whole)


def _unknown(whole: Mapping[str, Any]) -> list[str]:
    return [name for name in whole if name not in _TABLES and name != "limits"]


def _wrong_table(whole: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    rows, told = tables_of(whole, name)
    yield from told
    if not told and not rows:
        yield name, "is missing. Add at least one row."
    for number, row in enumerate(rows):
        at = f"{name}[{number}]"
        wrong = list(field_faults(f"A row of [[{name}]]", row, {**_TABLES[name], **_BACKED}))
        yield from ((f"{at}.{field}", said) for field, said in wrong or _wrong_words(name, row))


def _wrong_words(name: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    statuses = [*map(str, ValueStatus)]
    if row["status"] not in statuses:
        yield "status", f"holds {row['status']}. {allowed(row['status'], statuses)}"
    for (table, field), words in _WORDS.items():
        given = row.get(field) if table == name else None
        for one in given if isinstance(given, list) else [given] if given is not None else []:
            if one not in words:
                yield field, f"holds {one}. {allowed(one, words)}"
    for field in ("every_days", "times"):
        if field in row and row[field] < 1:
            yield field, f"must be 1 or more, but is {row[field]}."


def _word(kind: type[Word], given: str) -> Any:
    return next(one for one in kind if one == given)


def _rules(whole: Mapping[str, Any]) -> HomeRules:
    groups = {row["group"]: int(row["points"]) for row in whole["first"]}
    return HomeRules(
        checks=tuple(
            CheckRule(
                _word(HomeCheckItem, row["item"]),
                row["decides"],
                row.get("bring", False),
                _word(ValueStatus, row["status"]),
                tuple(row["sources"]),
            )
            for row in whole["checks"]
        ),
        visits=tuple(
            VisitRule(
                _word(OrderKind, row["order"]),
                _word(VisitKind, row["kind"]),
                row["every_days"],
                row["times"],
                _word(ValueStatus, row["status"]),
            )
            for row in whole["visits"]
        ),
        first_needs={_word(NeedKind, name): points for name, points in groups.items() if name not in AGES},
        first_ages={name: points for name, points in groups.items() if name in AGES},
        worse=tuple(
            Advice(
                frozenset(_word(Symptom, one) for one in row["symptoms"]),
                row["transfer"],
                row["zh"],
                row["en"],
                _word(ValueStatus, row["status"]),
            )
            for row in whole["worse"]
        ),
        medicine_lead_days=whole["limits"]["medicine_lead_days"],
        unanswered_before_task=whole["limits"]["unanswered_before_task"],
    )
