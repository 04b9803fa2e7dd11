"""What a file says of each well, whoever wrote it: the sample, the cycle threshold of each gene, a result in words."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sizao.engines.readings import HIGHEST_CT
from sizao.terms import Phrase, Reading

_WELL = re.compile(r"([A-P])0?([1-9]|1\d|2[0-4])")
# As instruments, their operators and office programs write that nothing was amplified. An empty cell says nothing.
_NOTHING = frozenset(
    {"undetermined", "undet", "undet.", "n/a", "na", "nan", "noct", "no ct", "nd", "-", "--", "/", "未检出", "无"}
)
_POSITIVE_CONTROL = frozenset(
    {"pc", "pos", "pos ctrl", "positive", "positive control", "positive_control", "阳性对照", "阳性质控"}
)
_NEGATIVE_CONTROL = frozenset(
    {"nc", "ntc", "nec", "neg", "neg ctrl", "negative", "negative control", "negative_control", "no template",
     "阴性对照", "阴性质控", "空白", "空白对照"}
)  # fmt: skip


_SAID = {
    "positive": Reading.POSITIVE, "pos": Reading.POSITIVE, "detected": Reading.POSITIVE, "+": Reading.POSITIVE,
    "阳": Reading.POSITIVE, "阳性": Reading.POSITIVE, "检出": Reading.POSITIVE,
    "negative": Reading.NEGATIVE, "neg": Reading.NEGATIVE, "not detected": Reading.NEGATIVE,
    "阴": Reading.NEGATIVE, "阴性": Reading.NEGATIVE, "未检出": Reading.NEGATIVE,
    "inconclusive": Reading.INCONCLUSIVE, "可疑": Reading.INCONCLUSIVE, "灰区": Reading.INCONCLUSIVE,
    "复检": Reading.INCONCLUSIVE, "待复检": Reading.INCONCLUSIVE, "单靶标阳性": Reading.INCONCLUSIVE,
    "invalid": Reading.INVALID, "无效": Reading.INVALID,
}  # fmt: skip


class WellRole(StrEnum):
    """What stands in a well."""

    SAMPLE = "sample"
    POSITIVE_CONTROL = "PC"
    NEGATIVE_CONTROL = "NC"


@dataclass(frozen=True, slots=True)
class WellRead:
    """
    One well as the file tells it, from a line of the file on.

    `ct` is by gene as the file writes it, None where nothing was amplified. `said` is a result in words, if given.
    """

    line: int
    sample: str
    role: WellRole
    ct: Mapping[str, float | None]
    well: str | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be read: where it stands, what is wrong with it, and all of it."""

    line: int
    column: str
    reason: Phrase
    text: str


@dataclass(frozen=True, slots=True)
class InstrumentFile:
    """
    All that a file says. `cut_at` is the length of what is whole, in characters, where the file ends in mid-row.

    `ran_at` is by the clock of the instrument, without a zone.
    """

    layout: str
    wells: tuple[WellRead, ...]
    faults: tuple[RowFault, ...] = ()
    instrument: str = ""
    ran_at: datetime | None = None
    cut_at: int | None = None
    cut_text: str = ""


class CtUnreadable(ValueError):
    """What was sent is no cycle threshold or no one result, and why in both languages."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why)
        self.why = why


def ct_of(cell: str) -> float | None:
    """Read a cycle threshold; None for the words that say nothing was amplified. Raise CtUnreadable."""
    plain = cell.strip().lower()
    if plain in _NOTHING:
        return None
    try:
        ct = float(plain)
    except ValueError as fault:
        given = cell.strip()[:20]
        raise CtUnreadable(Phrase(f"“{given}” is no cycle threshold", f"“{given}”不是Ct值")) from fault
    if not math.isfinite(ct) or not 0 < ct <= HIGHEST_CT:
        given = cell.strip()[:20]
        raise CtUnreadable(Phrase(f"{given} cycles cannot be", f"Ct值不可能为{given}"))
    return ct


def reading_of(said: str) -> Reading | None:
    """Read a result in words, such as 阴性(-) or Positive; None for what is none of them."""
    plain = re.sub(r"\s*[\(（].*[\)）]\s*$", "", said.strip().lower())
    return _SAID.get(plain)


def well_of(cell: str) -> str | None:
    """Read the position of a well, such as A1 or A01; None for what is none."""
    found = _WELL.fullmatch(cell.strip().upper())
    return f"{found[1]}{found[2]}" if found else None


def role_of(*told: str) -> WellRole:
    """Say from a name and a task whether a well holds a control."""
    for cell in told:
        plain = re.sub(r"[-_ ]*\d+$", "", cell.strip().lower())
        if plain in _POSITIVE_CONTROL:
            return WellRole.POSITIVE_CONTROL
        if plain in _NEGATIVE_CONTROL:
            return WellRole.NEGATIVE_CONTROL
    return WellRole.SAMPLE
