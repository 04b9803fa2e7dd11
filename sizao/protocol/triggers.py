"""
Which method judges which stream, and what must come together before somebody is rung: rows of a file, not code.

A file of early warning holds detectors and trigger rules, each row with its status and sources. In a narrower area
a row of the same key takes the place of the wider one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sizao.engines.detection.trigger import TriggerRule
from sizao.protocol.values import Value
from sizao.terms import Role, StreamKind, StreamStep


@dataclass(frozen=True, slots=True)
class Detector:
    """A method with its settings, and the kinds of streams of one step that it judges."""

    key: str
    title_zh: str
    title_en: str
    kinds: frozenset[StreamKind]
    step: StreamStep
    method: str
    settings: tuple[tuple[str, Any], ...]
    value: Value

    @property
    def said(self) -> str:
        """Say the method and its settings in one line."""
        return " ".join([self.method, *(f"{key}={value}" for key, value in self.settings)])

    def judges(self, kind: StreamKind, step: StreamStep) -> bool:
        """Tell whether streams of this kind and step are judged by it."""
        return kind in self.kinds and step == self.step


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    A trigger rule with its name, who answers, and the hours within which; `clock` is None where none is set.

    `is_finding`: it rests on something that was found, such as a positive swab, and not on a comparison of counts;
    such an alert has no p-value and comes before those that have one.
    """

    rule: TriggerRule
    title_zh: str
    title_en: str
    role: Role
    is_finding: bool
    value: Value
    clock: Value | None

    @property
    def key(self) -> str:
        """Name the rule as its file does."""
        return self.rule.key

    def title(self, language: str) -> str:
        """Say what it is called, in `zh` or `en`."""
        return self.title_zh if language.startswith("zh") else self.title_en


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """One file of early warning: the rows of one area from its first day on."""

    id: str
    title_zh: str
    title_en: str
    area_code: str
    effective_from: date
    effective_until: date | None
    detectors: tuple[Detector, ...]
    triggers: tuple[Trigger, ...]
    file: str

    def holds(self, day: date, area_code: str) -> bool:
        """Tell whether the file applies on a day in a place."""
        ended = self.effective_until is not None and day > self.effective_until
        return area_code.startswith(self.area_code) and self.effective_from <= day and not ended

    def titles(self) -> Iterator[tuple[str, str, str]]:
        """Yield the key of each value with what it is called in Chinese and in English."""
        for row in self.detectors:
            yield row.value.key, row.title_zh, row.title_en
        for rule in self.triggers:
            yield rule.value.key, rule.title_zh, rule.title_en
            if rule.clock is not None:
                yield rule.clock.key, f"{rule.title_zh}：核实时限（小时）", f"{rule.title_en}: hours to answer"


@dataclass(frozen=True, slots=True)
class Watch:
    """What is in force in one place on one day: how streams are judged, and what rings."""

    detectors: tuple[Detector, ...] = ()
    triggers: tuple[Trigger, ...] = ()

    def values(self) -> Iterator[Value]:
        """Yield all values, each of which an authority may have to confirm."""
        yield from (detector.value for detector in self.detectors)
        for trigger in self.triggers:
            yield trigger.value
            if trigger.clock is not None:
                yield trigger.clock


def watch_at(day: date, area_code: str, files: Iterable[EarlyWarning]) -> Watch:
    """Say what is in force on a day in a place; the row of the smallest area counts, of one area the latest."""
    detectors: dict[str, Detector] = {}
    triggers: dict[str, Trigger] = {}
    here = [one for one in files if one.holds(day, area_code)]
    for one in sorted(here, key=lambda file: (len(file.area_code), file.effective_from, file.id)):
        detectors |= {row.key: row for row in one.detectors}
        triggers |= {row.key: row for row in one.triggers}
    return Watch(tuple(detectors.values()), tuple(triggers.values()))
