"""Text → case definitions, or what is wrong with them; and whether they fit the editions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sizao.engines.classification import AtLeast, Criterion, Not, Tree, contradicted
from sizao.protocol.definitions import ClassDefinition, Definitions
from sizao.protocol.faults import Fault, FaultyProtocol, allowed
from sizao.protocol.fields import Fields, field_faults
from sizao.protocol.marks import Mark, find_marks, line_of
from sizao.protocol.parse import parse
from sizao.protocol.schema import Kind
from sizao.protocol.values import Value
from sizao.terms import CaseStatus, ValueStatus

_STATUSES = {str(status): status for status in ValueStatus}
_CLASSES = {str(status): status for status in CaseStatus}
_BRANCHES = ("all", "any", "at_least", "of", "not", "class")
_ABOUT: Fields = {"status": (Kind.TEXT, True), "sources": (Kind.TEXTS, True), "note": (Kind.TEXT, False)}


def load_criteria(text: str, file: str) -> dict[str, tuple[str, str]]:
    """Read the criteria and their labels (Chinese, English) from their file."""
    criteria = _parsed(text, file).get("criteria", {})
    if not isinstance(criteria, dict) or not criteria:
        raise FaultyProtocol([Fault(file, 0, "criteria", "is missing, empty or no table [criteria].")])
    wrong = [
        Fault(file, 0, code, "must be a list of two texts: Chinese and English.")
        for code, labels in criteria.items()
        if not (isinstance(labels, list) and len(labels) == 2 and all(isinstance(one, str) for one in labels))
    ]
    if wrong:
        raise FaultyProtocol(wrong)
    return {code: (zh, en) for code, (zh, en) in criteria.items()}


def load_definitions(text: str, file: str, criteria: Iterable[str]) -> Definitions:
    """Read the definitions of one file; raise FaultyProtocol with all that is wrong."""
    reader = _Reader(file, _parsed(text, file), frozenset(criteria), find_marks(text))
    definitions = reader.read()
    if reader.faults:
        raise FaultyProtocol(reader.faults)
    return definitions


class _Reader:
    def __init__(
        self, file: str, tables: Mapping[str, Any], criteria: frozenset[str], marks: Mapping[str, Mark]
    ) -> None:
        self.file, self.tables, self.criteria, self.marks = file, tables, criteria, marks
        self.faults: list[Fault] = []

    def fault(self, key: str, text: str) -> None:
        self.faults.append(Fault(self.file, line_of(self.marks, key), key, text))

    def read(self) -> Definitions:
        for name in self.tables:
            if name not in ("id", "editions", "classes"):
                self.fault(name, f"is unknown. {allowed(name, ('id', 'editions', 'classes'))}")
        if not isinstance(self.tables.get("id"), str):
            self.fault("id", "is missing, or not a text.")
        editions = self.tables.get("editions", [])
        if not _texts(editions):
            self.fault("editions", "is missing, or not a list of edition ids.")
            editions = []
        classes = self.tables.get("classes", {})
        if not isinstance(classes, dict) or not all(isinstance(one, dict) for one in classes.values()):
            self.fault("classes", "must be tables such as [classes.confirmed].")
            classes = {}
        elif not classes:
            self.fault("classes", "is missing: a file defines one class of case at least.")
        read = [self._class(name, table, classes) for name, table in classes.items()]
        return Definitions(
            id=str(self.tables.get("id")),
            editions=tuple(editions),
            classes={one.status: one for one in read if one is not None},
            file=self.file,
        )

    def _class(self, name: str, table: Mapping[str, Any], classes: Mapping[str, Any]) -> ClassDefinition | None:
        key = f"classes.{name}"
        before = len(self.faults)
        if name not in _CLASSES:
            self.fault(key, f"is no class of case. {allowed(name, _CLASSES)}")
        about = {part: one for part, one in table.items() if part in _ABOUT}
        for part, text in field_faults("A class", about, _ABOUT):
            self.fault(f"{key}.{part}", text)
        standing = str(table.get("status"))
        if standing not in _STATUSES or standing == ValueStatus.UNSET:
            self.fault(f"{key}.status", f"is {standing}. {allowed(standing, _STATUSES)}")
        branch = {part: one for part, one in table.items() if part not in _ABOUT}
        tree = self._tree(key, branch, classes, (name,))
        if tree is not None and (torn := contradicted(tree)):
            self.fault(key, f"asks for {', '.join(torn)} both plain and negated. Ask for it one way only.")
        if tree is None or len(self.faults) > before:
            return None
        return ClassDefinition(
            status=_CLASSES[name],
            tree=tree,
            standing=_STATUSES[standing],
            sources=tuple(table["sources"]),
            note=table.get("note", ""),
        )

    def _tree(self, key: str, raw: Any, classes: Mapping[str, Any], within: tuple[str, ...]) -> Tree | None:
        match raw:
            case str(name):
                return self._criterion(key, name)
            case {"all": list(parts), **rest} if not rest:
                return self._branch(key, len(parts), parts, classes, within)
            case {"any": list(parts), **rest} if not rest:
                return self._branch(key, 1, parts, classes, within)
            case {"at_least": int(count), "of": list(parts), **rest} if not rest:
                return self._branch(key, count, parts, classes, within)
            case {"not": part, **rest} if not rest:
                inner = self._tree(key, part, classes, within)
                return None if inner is None else Not(inner)
            case {"class": str(name), **rest} if not rest:
                return self._reference(key, name, classes, within)
        found = ", ".join(raw) if isinstance(raw, dict) else repr(raw)
        self.fault(key, f"holds {found or 'nothing'}, which is no branch. A branch is one of: {', '.join(_BRANCHES)}.")
        return None

    def _criterion(self, key: str, name: str) -> Tree | None:
        if name in self.criteria:
            return Criterion(name)
        self.fault(key, f"asks for {name}, which is no criterion. {allowed(name, self.criteria)}")
        return None

    def _branch(
        self, key: str, count: int, parts: list[Any], classes: Mapping[str, Any], within: tuple[str, ...]
    ) -> Tree | None:
        trees = [tree for part in parts if (tree := self._tree(key, part, classes, within)) is not None]
        if not 1 <= count <= len(parts):
            self.fault(key, f"asks for {count} of {len(parts)}. Ask for 1 to {len(parts)}.")
            return None
        return AtLeast(count, tuple(trees)) if len(trees) == len(parts) else None

    def _reference(self, key: str, name: str, classes: Mapping[str, Any], within: tuple[str, ...]) -> Tree | None:
        if name not in classes:
            self.fault(key, f"rests on the class {name}. {allowed(name, classes)}")
            return None
        if name in within:
            self.fault(key, f"rests on itself: {' → '.join((*within, name))}.")
            return None
        branch = {part: one for part, one in classes[name].items() if part not in _ABOUT}
        return self._tree(key, branch, classes, (*within, name))


def _parsed(text: str, file: str) -> dict[str, Any]:
    tables, unread = parse(text, file)
    if unread:
        raise FaultyProtocol(unread)
    return tables


def _texts(raw: object) -> bool:
    return isinstance(raw, list) and bool(raw) and all(isinstance(one, str) for one in raw)


def mismatches(definitions: Iterable[Definitions], editions: Mapping[str, Mapping[str, Value]]) -> Iterator[Fault]:
    """Yield where definitions and editions contradict: a class without its category, an edition without any."""
    held: dict[str, str] = {}
    for one in definitions:
        for edition in one.editions:
            if edition not in editions:
                yield Fault(one.file, 0, "editions", f"names {edition}. {allowed(edition, editions)}")
                continue
            if edition in held:
                yield Fault(one.file, 0, "editions", f"names {edition}, which {held[edition]} defines already.")
            held[edition] = one.id
            yield from _categories(one, edition, editions[edition])
    for edition in editions:
        if edition not in held:
            yield Fault(edition, 0, "case", "has no case definitions. Add a file to library/definitions.")


def _categories(one: Definitions, edition: str, values: Mapping[str, Value]) -> Iterator[Fault]:
    for status in (CaseStatus.SUSPECTED, CaseStatus.ASYMPTOMATIC):
        known = values[f"case.{status}_category"].value is True
        if known != (status in one.classes):
            has = "knows" if known else "does not know"
            holds = "define it" if status in one.classes else "do not"
            yield Fault(one.file, 0, f"classes.{status}", f"{edition} {has} this class, but its definitions {holds}.")
