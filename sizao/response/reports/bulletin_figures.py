"""
What of a day's figures may be told to everybody.

The totals of a province, a city and a county are told whatever their size: authorities publish them each day. Of any
other area no number of 1 to 4 people is told, nor any that would let somebody work one out, from the totals, from the
other areas, or from the days before. Levels and number are data (`protocol.disclosure`). What is hidden is kept out of
the row, so that no page or file can show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sizao.engines.disclosure import Release, hidden_cells, release
from sizao.protocol.disclosure import Disclosure, shipped_disclosure
from sizao.response.reports.daily import DayFigures
from sizao.terms import LEVEL_OF_DIGITS, AreaLevel, Figure

# Told by area. The sums of areas are the figures of the area above, so that each table is protected as a whole.
BY_AREA = (Figure.NEW_CONFIRMED, Figure.NEW_ASYMPTOMATIC)
# Told of the whole area alone.
OVERALL = (Figure.CONVERTED, Figure.DISCHARGED, Figure.DIED, Figure.RELEASED, Figure.CONTACTS_RELEASED)
# Stocks of the whole area, each with the flows it changes by: whoever knows these knows what is left.
STOCKS: dict[Figure, dict[Figure, int]] = {
    Figure.CONFIRMED: {Figure.NEW_CONFIRMED: 1},
    Figure.PRESENT: {Figure.NEW_CONFIRMED: 1, Figure.DISCHARGED: -1, Figure.DIED: -1},
    Figure.ASYMPTOMATIC: {Figure.NEW_ASYMPTOMATIC: 1, Figure.CONVERTED: -1, Figure.RELEASED: -1},
    Figure.CONTACTS_OBSERVED: {Figure.CONTACTS_RELEASED: -1},
}
_TOLD_LEVELS = (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.COUNTY)


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of a bulletin as they are kept: hidden ones are None, and unknown ones are not there."""

    cells: Mapping[str, Mapping[str, int | None]]  # by figure and area; of those left out, see `cell`
    stocks: Mapping[str, tuple[int, str]]  # by figure: the last value told, and of which day
    quiet_days: int  # in a row, until this day, without a new infection of either kind
    least: int  # the smallest number that is told where not every one is
    whole_digits: tuple[int, ...]  # codes so long are told whatever their count: one that is left out has nothing
    leaves_out: bool  # an area with a number too small to be told is not named

    def cell(self, figure: Figure, area_code: str) -> int | None:
        """Give a figure of an area that is told by this bulletin; None where it is hidden, or none or too few."""
        left_out = 0 if len(area_code) in self.whole_digits else None
        return self.cells.get(figure, {}).get(area_code, left_out)

    def knows(self, figure: Figure) -> bool:
        """Tell whether anything is known of a figure."""
        return figure in self.cells


def told_of(row: Mapping[str, Any]) -> Told:
    """Read the figures of a kept bulletin."""
    stocks = {name: (value, day) for name, (value, day) in row["stocks"].items()}
    # Rows of before hid cells of counties as NULL, and left out those of nothing.
    digits = row.get("whole_digits", list(LEVEL_OF_DIGITS))
    return Told(row["cells"], stocks, row["quiet_days"], row["least"], tuple(digits), row.get("leaves_out", False))


def may_be_told(
    area_code: str, counted: DayFigures, before: Mapping[str, Any] | None, rule: Disclosure | None = None
) -> dict[str, Any]:
    """
    Work out what may be told of a day, as it is kept in its bulletin.

    `counted` are the figures of the day, `before` the row of the day before, whose state of each stock goes on here;
    `rule` says what is told whatever its size, None: as the library says.
    """
    rule = rule or shipped_disclosure()
    counts = {str(figure): _counts(area_code, counted, figure) for figure in BY_AREA}
    cells: dict[str, dict[str, int | None]] = {name: _table(area_code, found, rule) for name, found in counts.items()}
    leaves_out = any(len(cells[name]) < len(found) for name, found in counts.items())
    cells |= _overall(area_code, counted, rule)
    stocks, state = _stocks(area_code, counted, cells, before or {"state": {}, "stocks": {}}, rule)
    quiet = all(not counted.of(area_code)[figure] for figure in BY_AREA)
    return {
        "cells": cells, "stocks": stocks, "state": state, "least": rule.least, "leaves_out": leaves_out,
        "whole_digits": sorted(digits for digits, level in LEVEL_OF_DIGITS.items() if level in rule.always),
        "quiet_days": (before or {}).get("quiet_days", 0) + 1 if quiet else 0,
    }  # fmt: skip


def _counts(area_code: str, counted: DayFigures, figure: Figure) -> dict[str, int]:
    counts = {code: count for code, found in counted.items() if code.startswith(area_code)
              and LEVEL_OF_DIGITS[len(code)] in _TOLD_LEVELS and (count := found[figure])}  # fmt: skip
    counts.setdefault(area_code, 0)
    return counts


def _table(area_code: str, counts: Mapping[str, int], rule: Disclosure) -> dict[str, int | None]:
    """Leave out what is hidden, as what is nothing is left out; the whole stays, as None where it is hidden."""
    within = {code: above for code in counts if (above := _above(code, counts, area_code))}
    always = [code for code in counts if rule.is_always_told(code)]
    hidden = hidden_cells(counts, within, least=rule.least, always=always)
    table: dict[str, int | None] = {code: count for code, count in sorted(counts.items()) if code not in hidden}
    return table if area_code in table else {area_code: None} | table


def _above(code: str, counts: Mapping[str, int], area_code: str) -> str:
    """Name the next larger area of the table that holds an area; none for the whole."""
    shorter = [digits for digits in LEVEL_OF_DIGITS if len(area_code) <= digits < len(code)]
    return next((code[:digits] for digits in sorted(shorter, reverse=True) if code[:digits] in counts), "")


def _overall(area_code: str, counted: DayFigures, rule: Disclosure) -> dict[str, dict[str, int | None]]:
    whole = counted.of(area_code)
    known = {figure: count for figure in OVERALL if (count := whole[figure]) is not None}
    told: dict[str, dict[str, int | None]] = {
        str(figure): {area_code: count if rule.may_tell(count, area_code) else None} for figure, count in known.items()
    }
    # "Of which": the others of them are what is left of all new ones.
    rest = (whole[Figure.NEW_CONFIRMED] or 0) - known[Figure.CONVERTED]
    if known[Figure.CONVERTED] and not rule.may_tell(rest, area_code):
        told[Figure.CONVERTED] = {area_code: None}
    return told


def _stocks(
    area_code: str, counted: DayFigures, cells: Mapping[str, Mapping[str, int | None]], before: Mapping[str, Any],
    rule: Disclosure,
) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
    whole, stocks, state = counted.of(area_code), dict(before["stocks"]), {}
    for figure, flows in STOCKS.items():
        stock = whole[figure]
        if stock is None:
            stocks.pop(str(figure), None)
            continue
        told = [
            (sign * (whole[flow] or 0), flow not in cells or cells[flow][area_code] is None)
            for flow, sign in flows.items()
        ]
        then = Release(*before["state"].get(figure, (None, 0, 0)))
        if rule.is_always_told(area_code):
            now, may = Release(stock), True
        else:
            now, may = release(then, stock, told, least=rule.least)
        if figure == Figure.PRESENT and may and not rule.may_tell((whole[Figure.CONFIRMED] or 0) - stock, area_code):
            now, may = _not_told(then, told), False  # all confirmed less those in hospital: who left it or died
        state[str(figure)] = [now.value, now.told, now.n_hidden]
        if may:
            stocks[str(figure)] = [stock, counted.day.isoformat()]
    return stocks, state


def _not_told(then: Release, flows: list[tuple[int, bool]]) -> Release:
    told = sum(flow for flow, is_hidden in flows if not is_hidden)
    return Release(then.value, then.told + told, then.n_hidden + sum(is_hidden for flow, is_hidden in flows if flow))
