"""An edition as loaded: its values, its companion documents, its days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sizao.protocol.values import Value


@dataclass(frozen=True, slots=True)
class Companion:
    """
    A document in force beside an edition from its own day on.

    `changes` hold from `effective_from`; `before` holds what was in force until then, for values that the
    edition's file already states as this document sets them. Most companions change nothing.
    """

    id: str
    kind: str
    title_zh: str
    effective_from: date
    effective_until: date | None
    note: str
    changes: Mapping[str, Value]
    before: Mapping[str, Value]

    def in_force(self, day: date) -> bool:
        """Tell whether the document holds on a day."""
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One edition of the protocol, as its file states it."""

    id: str
    title_zh: str
    published_date: date
    effective_from: date
    effective_until: date
    base: str | None
    values: Mapping[str, Value]
    companions: tuple[Companion, ...]
    file: str
    lines: Mapping[str, int]

    def values_on(self, day: date) -> tuple[dict[str, Value], tuple[str, ...]]:
        """
        Say this edition's values on a day, and which companion documents were in force on it.

        Documents yet to come are undone from the latest to the earliest, then those in force are applied
        from the earliest to the latest, so the nearest document always has the last word.
        """
        values = dict(self.values)
        by_day = sorted(self.companions, key=lambda companion: companion.effective_from)
        for companion in reversed(by_day):
            if companion.effective_from > day:
                values.update(companion.before)
        in_force = [companion for companion in by_day if companion.in_force(day)]
        for companion in in_force:
            values.update(companion.changes)
        return values, tuple(companion.id for companion in in_force)
