"""
Which seats of a vehicle are near a case: rows of a file, not code.

A file holds one row a kind of vehicle, with its status and sources. In a narrower area a row of the same kind
takes the place of the wider one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sizao.engines.presences.seats import Reach, SeatRule
from sizao.protocol.values import Value
from sizao.terms import VehicleKind


@dataclass(frozen=True, slots=True)
class VehicleRule:
    """A kind of vehicle, who in it sat near a case, and what the rule rests on."""

    kind: VehicleKind
    rule: SeatRule
    value: Value

    @property
    def said(self) -> str:
        """Say the rule in one line, in English."""
        rule = self.rule
        told = {
            Reach.VEHICLE: "everybody",
            Reach.CARRIAGE: "the same carriage or cabin",
            Reach.ROWS: f"the same row, {rule.rows_before} before and {rule.rows_behind} behind",
        }[rule.reach]
        return f"{told}{', and crew' if rule.crew and rule.reach is not Reach.VEHICLE else ''}"


@dataclass(frozen=True, slots=True)
class SeatRules:
    """One file: the rows of one area from its first day on."""

    id: str
    title_zh: str
    title_en: str
    area_code: str
    effective_from: date
    effective_until: date | None
    kinds: tuple[VehicleRule, ...]
    file: str

    def holds(self, day: date, area_code: str) -> bool:
        """Tell whether the file applies on a day in a place."""
        ended = self.effective_until is not None and day > self.effective_until
        return area_code.startswith(self.area_code) and self.effective_from <= day and not ended

    def titles(self) -> Iterator[tuple[str, str, str]]:
        """Yield the key of each value with what it is called in Chinese and in English."""
        for row in self.kinds:
            yield row.value.key, f"{self.title_zh}：{row.kind.zh}", f"{self.title_en}: {row.kind.en}"


def seat_rules_at(day: date, area_code: str, files: Iterable[SeatRules]) -> Mapping[VehicleKind, VehicleRule]:
    """Say what is in force on a day in a place; the row of the smallest area counts, of one area the latest."""
    found: dict[VehicleKind, VehicleRule] = {}
    here = [one for one in files if one.holds(day, area_code)]
    for one in sorted(here, key=lambda file: (len(file.area_code), file.effective_from, file.id)):
        found |= {row.kind: row for row in one.kinds}
    return found
