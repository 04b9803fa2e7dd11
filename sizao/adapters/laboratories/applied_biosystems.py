"""
Exports of Applied Biosystems instruments: 7500, QuantStudio 3, 5, 6, 7 and ViiA 7, as text or CSV.

Lines about the run (“* Instrument Type = …” on the QuantStudio, “Instrument Type⇥…” on the 7500), then [Results] and a
table with a row for each well and gene. Wells are A1 … on the 7500; the QuantStudio numbers them and gives the position
beside. Ct is written “CT”, “Cт” (with a Cyrillic letter) or, since Design & Analysis 2, “Cq”.
"""

import re
from datetime import datetime, timedelta

from sizao.adapters.laboratories.long_tables import Columns, read_long
from sizao.adapters.laboratories.texts import Line, delimiter_of, place_of
from sizao.adapters.laboratories.wells import InstrumentFile
from sizao.terms import Phrase

SECTION = "[results]"
_ABOUT = re.compile(r"\*?\s*([^=\t,]+?)\s*(?:=|\t|,)\s*(.*)")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?(?:\s*([AP]M))?")
_NOON = 12


class NoTable(ValueError):
    """The section of results has no table, or one without the columns that are needed."""


def is_ours(lines: list[Line]) -> bool:
    """Tell whether a file has the section that these instruments write."""
    return any(line.text.strip(" \t,;").lower() == SECTION for line in lines)


def read(lines: list[Line]) -> InstrumentFile:
    """Read the section of results. Raise NoTable."""
    at = next(place for place, line in enumerate(lines) if line.text.strip(" \t,;").lower() == SECTION)
    about = [found for line in lines[:at] if (found := _ABOUT.fullmatch(line.text.strip()))]
    head = next((place for place in range(at + 1, len(lines)) if lines[place].text.strip()), None)
    if head is None:
        raise NoTable(Phrase("the section [Results] is empty", "[Results]部分没有内容"))
    delimiter = delimiter_of(lines[head].text)
    table = read_long(lines[head + 1 :], _columns(lines[head].cells(delimiter)), delimiter)
    plain: dict[str, str] = {found[1].lower(): found[2] for found in about}
    return InstrumentFile(
        layout="applied-biosystems",
        wells=table.wells,
        faults=table.faults,
        instrument=(plain.get("instrument type") or plain.get("instrument name") or "")[:100].strip(" ,;\t"),
        ran_at=_moment(plain.get("experiment run end time", "")),
        cut_at=table.cut_at,
        cut_text=table.cut_text,
    )


def _columns(header: list[str]) -> Columns:
    well = place_of(header, "well position")
    found = {
        "Well": place_of(header, "well") if well is None else well,
        "Sample Name": place_of(header, "sample name", "sample"),
        "Target Name": place_of(header, "target name", "target", "detector name", "detector"),
        "CT": place_of(header, "ct", "cт", "cq"),
    }
    missing = [name for name, place in found.items() if place is None]
    if missing:
        raise NoTable(
            Phrase(f"the table below [Results] has no column {missing[0]}", f"[Results]下的表缺少“{missing[0]}”列")
        )
    task = place_of(header, "task")
    return Columns(
        well=found["Well"] or 0,
        sample=found["Sample Name"] or 0,
        target=found["Target Name"] or 0,
        ct=found["CT"] or 0,
        n_cells=len(header),
        tasks=() if task is None else (task,),
        omit=place_of(header, "omit"),
    )


def _moment(told: str) -> datetime | None:
    """Read a moment by the clock of the instrument; None for "Not Started" and the like."""
    found = _MOMENT.search(told)
    if found is None:
        return None
    try:
        moment = datetime(*(int(part or 0) for part in found.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001 — of the instrument
    except ValueError:
        return None
    return moment + timedelta(hours=_NOON) if found[7] == "PM" and moment.hour < _NOON else moment
