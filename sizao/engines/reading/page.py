"""What is known of one report while it is read: its text, its area names, the home of the case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sizao.engines.reading.dates import Expression, expressions
from sizao.engines.reading.gazetteer import Gazetteer
from sizao.engines.reading.phrases import Phrase
from sizao.engines.reading.pieces import Piece
from sizao.engines.reading.places import VILLAGE, Located, area_code, home_village, locate
from sizao.engines.reading.text import plain
from sizao.engines.reading.times import TimeSpan, times
from sizao.engines.reading.venues import kind_of
from sizao.terms import PlaceKind

_OWN_VILLAGE = re.compile(r"(?:本|居|在|自己)村|村[里内中]")
_OWN_HOME = re.compile(r"^(?:自己|自)?家(?:中|里)?$|^居住[地处]$|^住[处所]$")
_SAME_VILLAGE = re.compile(r"[该同]村")
_SEAT = re.compile(r"[（(][^（）()]*(?:座|车厢|排|车\d)[^（）()]*[）)]$")
_MAY_BE_AREA = {None, PlaceKind.PUBLIC_PLACE, PlaceKind.TOWN, PlaceKind.SHOP, PlaceKind.MARKET, PlaceKind.VILLAGE}


@dataclass(frozen=True)
class Page:
    """One report: `masked` has dates as # and clock times as @, and the same length as the text."""

    text: str
    masked: str
    written: tuple[Expression, ...]
    hours: tuple[TimeSpan, ...]
    located: tuple[Located, ...]
    home: str | None

    def place_kind(self, phrase: Phrase, piece: Piece) -> PlaceKind | None:
        """Tell the kind of a place: a village or town where the register says so, else by its ending."""
        kind = kind_of(phrase.words)
        end = piece.start + phrase.end
        named = next((n for n in self.located if n.end == end), None)
        if named and kind in _MAY_BE_AREA:
            return PlaceKind.VILLAGE if named.digits == VILLAGE else PlaceKind.TOWN
        return kind

    def place_text(self, phrase: Phrase, piece: Piece) -> str:
        """The place as the report writes it, without a seat."""
        written = self.text[piece.start + phrase.start : piece.start + phrase.end]
        return _SEAT.sub("", written).strip()

    def area(self, phrase: Phrase, piece: Piece, last_village: str | None) -> str | None:
        """The village or county of a place; 该村 is the village named last, 本村 the case's own."""
        start, end = piece.start + phrase.start, piece.start + phrase.end
        code = area_code([n for n in self.located if start <= n.start < end])
        if code:
            return code
        if _SAME_VILLAGE.search(phrase.words):
            return last_village
        own = _OWN_VILLAGE.search(phrase.words) or _OWN_HOME.match(phrase.words)
        return self.home if own else None


def open_page(text: str, gazetteer: Gazetteer, around: Sequence[str]) -> Page:
    """Find dates, times and area names of a report; `around` are counties that neighbours name."""
    even = plain(text)
    written = expressions(even)
    masked = _masked(even, [(e.start, e.end) for e in written], "#")
    free = times(masked)
    masked = _masked(masked, [(t.start, t.end) for t in free], "@")
    hours = sorted([*free, *(e.clock for e in written if e.clock)], key=lambda t: t.start)
    located = tuple(locate(even, gazetteer, around))
    return Page(text, masked, tuple(written), tuple(hours), located, home_village(even, located))


def _masked(text: str, spans: Sequence[tuple[int, int]], sign: str) -> str:
    parts, last = [], 0
    for start, end in sorted(spans):
        parts += [text[last:start], sign * (end - max(start, last))]
        last = max(end, last)
    return "".join(parts) + text[last:]
