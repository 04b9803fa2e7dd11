"""Text → an edition, or exactly what is wrong with it: every fault at once, each with file, line and key."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sizao.protocol.editions import Companion, Edition
from sizao.protocol.faults import Fault, FaultyProtocol, allowed, allowed_keys
from sizao.protocol.fields import Fields, field_faults, tables_of
from sizao.protocol.marks import Provenance, find_marks, line_of, read_provenance
from sizao.protocol.parse import parse
from sizao.protocol.read_value import fault_of, reading_of
from sizao.protocol.schema import KEYS, SECTIONS, Kind, fits
from sizao.protocol.sense import nonsense
from sizao.protocol.values import Value
from sizao.terms import ValueStatus

_EXTRA_TABLES = ("provenance", "companions")
_COMPANION_FIELDS: Fields = {
    "id": (Kind.TEXT, True),
    "kind": (Kind.TEXT, True),
    "title_zh": (Kind.TEXT, True),
    "effective_from": (Kind.DAY, True),
    "effective_until": (Kind.DAY, False),
    "note": (Kind.TEXT, True),
}
_COMMENT_FORM = "Write `meaning | status sources (note)` behind it"


def load_edition(text: str, file: str) -> Edition:
    """
    Read one edition from its text; raise FaultyProtocol with all that is wrong.

    `file` is only the name that faults carry.
    """
    reader = _Reader(text, file)
    edition = reader.read()
    if reader.faults or edition is None:
        raise FaultyProtocol(reader.faults)
    return edition


class _Reader:
    """Walks one file once and gathers faults on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.tables, self.faults = parse(text, file)
        self.unread = {fault.key for fault in self.faults}
        self.marks = find_marks(text)

    def fault(self, key: str, text: str) -> None:
        self.faults.append(Fault(self.file, line_of(self.marks, key), key, text))

    def read(self) -> Edition | None:
        """Read the whole file; the result counts only when no fault was found."""
        if not self.tables:
            if not self.faults:
                self.fault("", f"is empty. An edition holds: {', '.join(SECTIONS)}.")
            return None
        written = dict(self._written(self.tables, ""))
        edition = str(written.get("meta.id", ""))
        unread = {key for key in KEYS if key.rpartition(".")[2] in self.unread}
        for missing in [key for key in KEYS if key not in written and key not in unread]:
            self.fault(missing, f'is missing. Add it to [{KEYS[missing].section}], with -1, "" or [] for no value.')
        values = {key: value for key, raw in written.items() if (value := self._value(edition, key, key, raw))}
        self._compare_provenance(values)
        companions = tuple(self._companions(edition))
        if not self.faults:
            for key, text in nonsense(values, companions):
                self.fault(key, text)
        return None if self.faults else self._edition(values, companions)

    def _written(self, table: Mapping[str, Any], section: str) -> Iterator[tuple[str, Any]]:
        for name, raw in table.items():
            path = f"{section}.{name}" if section else name
            if not section and name in _EXTRA_TABLES:
                continue
            if path in KEYS:
                yield path, raw
            elif isinstance(raw, dict) and any(one == path or one.startswith(f"{path}.") for one in SECTIONS):
                yield from self._written(raw, path)
            else:
                self._unknown(path, name, section)

    def _unknown(self, path: str, name: str, section: str) -> None:
        depth = section.count(".") + 2 if section else 1
        within = [one for one in KEYS if not section or one.startswith(f"{section}.")]
        names = {".".join(one.split(".")[:depth]).rpartition(".")[2] for one in within}
        owner = f"[{section}]" if section else "An edition"
        self.fault(path, f"{owner} has no rule called {name}. {allowed(name, names)}")

    def _value(self, edition: str, key: str, mark: str, raw: Any) -> Value | None:
        provenance = self._provenance(mark)
        if provenance is None:
            return None
        if text := fault_of(KEYS[key], raw, provenance):
            self.fault(mark, text)
            return None
        return Value(
            key=key,
            value=reading_of(KEYS[key], raw, provenance),
            edition=edition,
            status=provenance.status,
            rests_on=provenance.status,
            sources=provenance.sources,
            note=provenance.note,
            meaning=provenance.meaning,
        )

    def _provenance(self, mark: str) -> Provenance | None:
        comment = self.marks[mark].comment if mark in self.marks else ""
        provenance = read_provenance(comment)
        if provenance is None:
            status = comment.rpartition(" | ")[2].partition(" ")[0]
            what = f"has the unknown status {status}" if status else "has no comment with its status"
            self.fault(mark, f"{what}. {_COMMENT_FORM}; a status is one of: {', '.join(ValueStatus)}.")
        return provenance

    def _compare_provenance(self, values: Mapping[str, Value]) -> None:
        listed: dict[str, str] = {}
        for status, keys in self._tables("provenance").items():
            if status not in set(ValueStatus):
                self.fault(f"provenance.{status}", f"is no status. {allowed(status, set(ValueStatus))}")
            elif not fits(Kind.TEXTS, keys):
                self.fault(f"provenance.{status}", f"must be {Kind.TEXTS}, but is {keys!r}.")
            else:
                self._list_provenance(status, keys, listed)
        for key, value in values.items():
            if listed.get(key) != value.status:
                where = f"as {listed[key]}" if key in listed else "nowhere"
                self.fault(key, f"is {value.status} by its comment, but [provenance] lists it {where}.")

    def _list_provenance(self, status: str, keys: list[str], listed: dict[str, str]) -> None:
        for key in keys:
            if key not in KEYS:
                self.fault(f"provenance.{status}", f"lists {key}, which is no rule. {allowed_keys(key, KEYS)}")
            elif key in listed:
                self.fault(f"provenance.{status}", f"lists {key}, which {listed[key]} lists already. Keep one.")
            listed[key] = status

    def _companions(self, edition: str) -> Iterator[Companion]:
        seen: set[str] = set()
        for number, table in enumerate(self._list("companions")):
            mark = f"companions[{number}]"
            before = len(self.faults)
            for field, text in field_faults("A companion", table, _COMPANION_FIELDS, inner=("changes", "before")):
                self.fault(f"{mark}.{field}", text)
            name = str(table.get("id"))
            if name in seen:
                self.fault(mark, f"repeats the id {name}. Each document stands once in an edition.")
            seen.add(name)
            changes = self._changes(edition, mark, "changes", table)
            until_then = self._changes(edition, mark, "before", table)
            if len(self.faults) == before:
                yield _companion(table, changes, until_then)

    def _changes(self, edition: str, mark: str, name: str, table: Mapping[str, Any]) -> dict[str, Value]:
        made: dict[str, Value] = {}
        changes = table.get(name, {})
        if not isinstance(changes, dict):
            self.fault(f"{mark}.{name}", f"must be a table of keys and values, but is {changes!r}.")
            return made
        for key, raw in changes.items():
            at = f"{mark}.{name}.{key}"
            if key not in KEYS:
                self.fault(at, f"is no rule that a companion could change. {allowed_keys(key, KEYS)}")
            elif value := self._value(edition, key, at, raw):
                companion = str(table.get("id")) if name == "changes" else None
                made[key] = replace(value, companion=companion)
        return made

    def _tables(self, name: str) -> dict[str, Any]:
        table = self.tables.get(name, {})
        if isinstance(table, dict):
            return table
        self.fault(name, f"must be a table [{name}], but is {table!r}.")
        return {}

    def _list(self, name: str) -> list[dict[str, Any]]:
        tables, wrong = tables_of(self.tables, name)
        for key, text in wrong:
            self.fault(key, text)
        return tables

    def _edition(self, values: Mapping[str, Value], companions: tuple[Companion, ...]) -> Edition:
        return Edition(
            id=values["meta.id"].text,
            title_zh=values["meta.title_zh"].text,
            published_date=values["meta.published"].day,
            effective_from=values["meta.effective_from"].day,
            effective_until=values["meta.effective_until"].day,
            base=values["meta.base"].text if values["meta.base"].value else None,
            values={key: values[key] for key in KEYS},
            companions=tuple(_with_meaning(companion, values) for companion in companions),
            file=self.file,
            lines={key: line_of(self.marks, key) for key in KEYS},
        )


def _companion(table: Mapping[str, Any], changes: dict[str, Value], before: dict[str, Value]) -> Companion:
    fields = {name: table.get(name) for name in _COMPANION_FIELDS}
    return Companion(**fields, changes=changes, before=before)  # type: ignore[arg-type]  # checked above


def _with_meaning(companion: Companion, values: Mapping[str, Value]) -> Companion:
    """Let a changed value keep the meaning that its edition gives the key."""

    def told(table: Mapping[str, Value]) -> dict[str, Value]:
        return {key: replace(one, meaning=one.meaning or values[key].meaning) for key, one in table.items()}

    return replace(companion, changes=told(companion.changes), before=told(companion.before))
