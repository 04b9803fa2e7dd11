"""
Data value sets of DHIS2 (`dataValueSets` of its Web API, JSON): figures out and back in, by a mapping that is data.

A value stands under a data element, an organisation unit and a period: of a day it is written 20210108, of a week from
Monday to Sunday 2021W4. Other spans of days have no name in DHIS2; figures of them are left out and named. The mapping
file says which data element each figure is and which organisation unit each area or unit. What is not
mapped is left out and named; what is not known is left out, never sent as zero.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sizao.errors import SizaoError

_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
_COUNT = re.compile(r"\d{1,9}")
_DAY = re.compile(r"\d{8}")
_WEEK = re.compile(r"(\d{4})W(\d{1,2})")
MOST_FAULTS = 200
_SHOULD = {
    "period": "a day as 20210108 or a week as 2021W4",
    "orgUnit": "an organisation unit of the mapping",
    "dataElement": "a data element of the mapping",
    "value": "a whole number, zero or more, as text",
    "twice": "one value for each data element, unit and period",
}


class MappingUnreadable(SizaoError):
    code = "dhis2.mapping_unreadable"
    message = "{path}: {reason} Correct the mapping; nothing was sent or kept."


class ValueSetUnreadable(SizaoError):
    code = "dhis2.value_set_unreadable"
    message = "This is no data value set: {reason} Nothing was kept."


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which data set, data elements (by figure) and organisation units (by area code or key of a unit) are meant."""

    data_set: str
    data_elements: Mapping[str, str]
    org_units: Mapping[str, str]
    category_option_combo: str | None
    attribute_option_combo: str | None


@dataclass(frozen=True, slots=True)
class Value:
    """
    One figure of one area or unit; a count of None is not known.

    `day` is the last of the period, `first_date` its first where that is told and is another day.
    """

    unit: str
    day: date
    figure: str
    count: int | None
    first_date: date | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a value set does not hold: figures and units that are not mapped, and the days of a unit without a name."""

    unmapped: list[str]
    unnamed: list[str]  # a unit and its days, as 130109 2021-01-06/2021-01-10


@dataclass(frozen=True, slots=True)
class Fault:
    """A field of a value set that cannot be used: at which value (counted from 0), what stands there, what should."""

    at: int
    field: str
    given: str
    should: str


def read_mapping(path: Path) -> Mapped:
    """Read a mapping file (TOML). Raise MappingUnreadable, which names the key at fault."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise MappingUnreadable(path=path.name, reason=f"it cannot be read ({fault}).") from fault
    unknown = set(told) - {
        "data_set", "data_elements", "org_units", "category_option_combo", "attribute_option_combo",
    }  # fmt: skip
    if unknown:
        raise MappingUnreadable(path=path.name, reason=f"there is no key {sorted(unknown)[0]}.")
    return Mapped(
        data_set=_uid(path, "data_set", told.get("data_set")),
        data_elements=_uids(path, "data_elements", told.get("data_elements")),
        org_units=_uids(path, "org_units", told.get("org_units")),
        category_option_combo=_optional(path, told, "category_option_combo"),
        attribute_option_combo=_optional(path, told, "attribute_option_combo"),
    )


def _uid(path: Path, key: str, given: object) -> str:
    if not isinstance(given, str) or not _UID.fullmatch(given):
        reason = f"{key} is {str(given)[:40]!r}; it should be an identifier of DHIS2: a letter, then 10 of 0-9A-Za-z."
        raise MappingUnreadable(path=path.name, reason=reason)
    return given


def _uids(path: Path, table: str, given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not given:
        raise MappingUnreadable(path=path.name, reason=f"the table [{table}] is missing or empty.")
    found = {key: _uid(path, f"{table}.{key}", uid) for key, uid in given.items()}
    if len(set(found.values())) < len(found):
        raise MappingUnreadable(path=path.name, reason=f"[{table}] gives one identifier to two keys.")
    return found


def _optional(path: Path, told: Mapping[str, object], key: str) -> str | None:
    return _uid(path, key, told[key]) if key in told else None


def value_set(mapped: Mapped, values: Iterable[Value]) -> tuple[dict[str, Any], LeftOut]:
    """
    Compose a data value set, ready for JSON, and name what was left out because the mapping does not hold it, or
    because DHIS2 has no name for its days.

    Values that are not known are left out silently: DHIS2 knows no other way to say so.
    """
    rows: list[dict[str, str]] = []
    unmapped: set[str] = set()
    unnamed: set[str] = set()
    combos = {
        "categoryOptionCombo": mapped.category_option_combo,
        "attributeOptionCombo": mapped.attribute_option_combo,
    }
    always = {key: uid for key, uid in combos.items() if uid}
    for one in values:
        element, unit = mapped.data_elements.get(one.figure), mapped.org_units.get(one.unit)
        unmapped |= {name for name, uid in ((one.figure, element), (one.unit, unit)) if uid is None}
        if (period := period_called(one.first_date or one.day, one.day)) is None:
            unnamed.add(f"{one.unit} {one.first_date}/{one.day}")
        if element is not None and unit is not None and one.count is not None and period is not None:
            told = {"dataElement": element, "period": period, "orgUnit": unit, "value": str(one.count)}
            rows.append(told | always)
    return {"dataSet": mapped.data_set, "dataValues": rows}, LeftOut(sorted(unmapped), sorted(unnamed))


def period_called(first: date, last: date) -> str | None:
    """Call a period as DHIS2 does: a day, or a week from Monday to Sunday; None for what has no name there."""
    if first == last:
        return f"{last:%Y%m%d}"
    year, week, weekday = first.isocalendar()
    return f"{year}W{week}" if (weekday, last - first) == (1, timedelta(days=6)) else None


def read_value_set(mapped: Mapped, content: bytes) -> tuple[list[Value], list[Fault]]:
    """
    Read a data value set back: its values, and each field that cannot be used.

    Period and organisation unit may stand once for all values, as DHIS2 allows. Raise ValueSetUnreadable for what is
    no value set at all or one of another data set.
    """
    told = _loaded(mapped, content)
    figures = {uid: figure for figure, uid in mapped.data_elements.items()}
    units = {uid: unit for unit, uid in mapped.org_units.items()}
    values: list[Value] = []
    faults: list[Fault] = []
    seen: set[tuple[str, date, str]] = set()
    for at, row in enumerate(told["dataValues"]):
        given = {key: str(row.get(key, told.get(key, ""))) for key in ("period", "orgUnit", "dataElement", "value")}
        days = _period(given["period"])
        wrong = [
            field
            for field, fits in (
                ("period", days is not None),
                ("orgUnit", given["orgUnit"] in units),
                ("dataElement", given["dataElement"] in figures),
                ("value", bool(_COUNT.fullmatch(given["value"]))),
            )
            if not fits
        ]
        if not wrong and days is not None:
            first, last = days
            value = Value(
                units[given["orgUnit"]], last, figures[given["dataElement"]], int(given["value"]),
                None if first == last else first,
            )  # fmt: skip
            if (value.unit, value.day, value.figure) in seen:
                faults.append(Fault(at, "dataElement", given["dataElement"], _SHOULD["twice"]))
            seen.add((value.unit, value.day, value.figure))
            values.append(value)
        faults += [Fault(at, field, given[field][:40], _SHOULD[field]) for field in wrong]
    return values, faults[:MOST_FAULTS]


def _loaded(mapped: Mapped, content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise ValueSetUnreadable(reason="it is not JSON.") from fault
    rows: Sequence[object] | None = told.get("dataValues") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueSetUnreadable(reason="it holds no list dataValues.")
    if not rows:
        raise ValueSetUnreadable(reason="dataValues is empty.")
    if told.get("dataSet", mapped.data_set) != mapped.data_set:
        raise ValueSetUnreadable(reason=f"it is of the data set {str(told['dataSet'])[:20]}, not {mapped.data_set}.")
    return dict(told)


def _period(given: str) -> tuple[date, date] | None:
    """Read a period as its first and last day."""
    try:
        if _DAY.fullmatch(given):
            day = datetime.strptime(given, "%Y%m%d").date()  # noqa: DTZ007 — a civil day
            return day, day
        if week := _WEEK.fullmatch(given):
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return monday, monday + timedelta(days=6)
    except (ValueError, OverflowError):
        return None
    return None
