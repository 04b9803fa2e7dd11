"""
The text of a bulletin: words that an officer may edit, with gaps into which the locked figures are written.

A number of people or cases written by hand is refused; so no text can say other than the rows do.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from sizao.errors import SizaoError
from sizao.response.reports.bulletin_figures import Told
from sizao.terms import AREA_DIGITS, AreaLevel, BulletinGap, BulletinText, Figure

LONGEST = 4000
OLDEST_STOCK_DAYS = 3
NEEDED = (BulletinGap.CONFIRMED, BulletinGap.ASYMPTOMATIC)
_GAP = re.compile(r"\{([^{}]*)\}")
_BY_HAND = re.compile(
    r"[0-9０-９〇一二两三四五六七八九十百千万][0-9０-９,，.〇一二三四五六七八九十百千万]*\s*"
    r"(?:例|名|人(?!民|以上|以下)|"
    r"(?:[a-z-]+\s+){0,2}(?:cases?|people|persons?|infections?|deaths?|contacts?|patients?)\b)",
    re.IGNORECASE,
)
_CITY, _COUNTY = AREA_DIGITS[AreaLevel.CITY], AREA_DIGITS[AreaLevel.COUNTY]


class GapUnknown(SizaoError):
    code = "bulletin.gap.unreadable"
    message = "“{given}” is no gap of a bulletin. Those there are: {known}."


class GapMissing(SizaoError):
    code = "bulletin.gap_missing.unreadable"
    message = "The text lacks {missing}. A bulletin tells these figures; put the gaps back."


class FigureByHand(SizaoError):
    code = "bulletin.figure_by_hand.unreadable"
    message = "“{given}” is a figure written by hand. Figures come from the rows: use a gap, or leave it out."


class TextUnfit(SizaoError):
    code = "bulletin.text.unreadable"
    message = "The text of a bulletin has 1 to {most} characters in each language. Shorten it, or write it."


def draft(language: str) -> str:
    """Give the text that a bulletin begins with, with all its gaps."""
    return BulletinText.DRAFT.label(language).replace("{{", "{").replace("}}", "}")


def check(text: str) -> str:
    """
    Give an edited text as it is kept.

    Raise TextUnfit, GapUnknown, GapMissing, or FigureByHand.
    """
    text = "\n".join(line.strip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not 0 < len(text) <= LONGEST:
        raise TextUnfit(most=LONGEST)
    gaps = _GAP.findall(text)
    known = [str(gap) for gap in BulletinGap]
    strange = next((gap for gap in gaps if gap not in known), None)
    plain = _GAP.sub("", text)
    if strange is not None or "{" in plain or "}" in plain:
        raise GapUnknown(given=(strange or "{")[:40], known=", ".join(f"{{{gap}}}" for gap in known))
    missing = [f"{{{gap}}}" for gap in NEEDED if gap not in gaps]
    if missing:
        raise GapMissing(missing=", ".join(missing))
    by_hand = _BY_HAND.search(plain)
    if by_hand:
        raise FigureByHand(given=by_hand.group()[:40])
    return text


def paragraphs(
    text: str, told: Told, *, day: date, area_code: str, names: Mapping[str, str], language: str
) -> list[str]:
    """Write the figures into a text; the first paragraph is the sentence that matters. Empty ones are left out."""
    said = _Said(told, day, area_code, names, language)
    filled = _GAP.sub(lambda gap: said.gap(BulletinGap(gap.group(1))), text)
    return [line for line in (one.strip() for one in filled.split("\n")) if line]


class _Said:
    """The figures of one bulletin, said in one language."""

    def __init__(self, told: Told, day: date, area_code: str, names: Mapping[str, str], language: str) -> None:
        self.told, self.day, self.area_code, self.names, self.language = told, day, area_code, names, language

    def gap(self, gap: BulletinGap) -> str:
        """Say what stands in a gap."""
        return {
            BulletinGap.DAY: lambda: day_said(self.day, self.language),
            BulletinGap.AREA: lambda: self.names.get(self.area_code, self.area_code),
            BulletinGap.CONFIRMED: lambda: self._new(
                Figure.NEW_CONFIRMED, BulletinText.NEW_CONFIRMED, BulletinText.NO_CONFIRMED
            ),
            BulletinGap.CONVERTED: self._converted,
            BulletinGap.ASYMPTOMATIC: lambda: self._new(
                Figure.NEW_ASYMPTOMATIC, BulletinText.NEW_ASYMPTOMATIC, BulletinText.NO_ASYMPTOMATIC
            ),
            BulletinGap.ENDED: self._ended,
            BulletinGap.STOCKS: lambda: self._by_day(_STOCKS),
            BulletinGap.CONTACTS: lambda: self._by_day(_CONTACTS),
        }[gap]()

    def _converted(self) -> str:
        none = self.told.cell(Figure.CONVERTED, self.area_code) == 0
        return "" if none else self._say(BulletinText.CONVERTED, n=self._count(Figure.CONVERTED))

    def _new(self, figure: Figure, some: BulletinText, none: BulletinText) -> str:
        count = self.told.cell(figure, self.area_code)
        if count == 0:
            quiet = self.told.quiet_days
            return self._say(none, quiet=self._say(BulletinText.QUIET, n=quiet) if quiet > 1 else "")
        return self._say(some, n=self._cases(count), where=self._where(figure, count))

    def _where(self, figure: Figure, total: int | None) -> str:
        cells = self.told.cells[figure]
        inner = [code for code in cells if code != self.area_code and self._is_next(code)]
        places = [
            self._say(BulletinText.PLACE, name=self.names.get(code, code), n=self._cases(cells[code]))
            for code in sorted(inner, key=lambda one: (-(cells[one] or 0), one))
            if cells[code]
        ]
        if places and total and (rest := total - sum(cells[code] or 0 for code in inner)):
            places.append(self._say(BulletinText.ELSEWHERE, n=self._cases(rest)))
        elif places and any(cells[code] is None for code in inner):
            places.append(self._say(BulletinText.SOME_PLACES))
        comma = "、" if self.language == "zh" else ", "
        return self._say(BulletinText.WHERE, places=comma.join(places)) if places else ""

    def _is_next(self, code: str) -> bool:
        """Tell whether an area is told in the sentence: the cities of a province, the counties of a city."""
        return len(code) == (_CITY if len(self.area_code) < _CITY else _COUNTY)

    def _ended(self) -> str:
        parts = [
            self._say(text, n=self._count(figure))
            for figure, text in _ENDED.items()
            if self.told.knows(figure) and self.told.cell(figure, self.area_code) != 0
        ]
        return self._say(BulletinText.ENDED, parts=self._joined(parts)) if parts else ""

    def _by_day(self, texts: Mapping[Figure, BulletinText]) -> str:
        """
        Say stocks, those of one day together: where a value may not be told, the last one stands with its day.

        One that is older than a few days is left out: "none so far" of last week misleads.
        """
        days: dict[str, list[str]] = {}
        for figure, text in texts.items():
            value, day = self.told.stocks.get(figure, (0, ""))
            if day and (self.day - date.fromisoformat(day)).days <= OLDEST_STOCK_DAYS:
                n = self._cases(value) if figure != Figure.CONTACTS_OBSERVED else str(value)
                days.setdefault(day, []).append(self._say(text, n=n))
        told = [
            self._say(BulletinText.AS_OF, day=day_said(date.fromisoformat(day), self.language),
                      parts=self._joined(parts))
            for day, parts in sorted(days.items(), reverse=True)
        ]  # fmt: skip
        return ("" if self.language == "zh" else " ").join(told)

    def _joined(self, parts: list[str]) -> str:
        return ("，" if self.language == "zh" else ", ").join(parts)

    def _count(self, figure: Figure) -> str:
        return self._cases(self.told.cell(figure, self.area_code))

    def _cases(self, count: int | None) -> str:
        return self._say(BulletinText.FEW) if count is None else self._say(BulletinText.CASES, n=count)

    def _say(self, text: BulletinText, **facts: object) -> str:
        return text.label(self.language).format(**facts)


_ENDED = {
    Figure.DISCHARGED: BulletinText.DISCHARGED,
    Figure.DIED: BulletinText.DIED,
    Figure.RELEASED: BulletinText.RELEASED,
}
_STOCKS = {
    Figure.CONFIRMED: BulletinText.CONFIRMED_SO_FAR,
    Figure.PRESENT: BulletinText.PRESENT,
    Figure.ASYMPTOMATIC: BulletinText.ASYMPTOMATIC_NOW,
}
_CONTACTS = {Figure.CONTACTS_OBSERVED: BulletinText.OBSERVED}


def day_said(day: date, language: str) -> str:
    """Say a day as texts do."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"


def table_rows(told: Told, area_code: str, names: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Give the rows of the table by area: code, name, new confirmed, new asymptomatic; hidden ones as a star."""
    both = (Figure.NEW_CONFIRMED, Figure.NEW_ASYMPTOMATIC)
    for code in sorted({area_code, *(one for figure in both for one in told.cells[figure])}):
        confirmed, asymptomatic = ("*" if cell is None else str(cell) for cell in (told.cell(f, code) for f in both))
        yield code, names.get(code, code), confirmed, asymptomatic
