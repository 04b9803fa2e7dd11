"""From one piece of text to the events it tells, not yet dated."""

import re

from sizao.engines.reading import kinds
from sizao.engines.reading.events import Event
from sizao.engines.reading.page import Page
from sizao.engines.reading.phrases import Phrase
from sizao.engines.reading.pieces import Piece
from sizao.engines.reading.places import VILLAGE
from sizao.engines.reading.results import diagnosis_result, test_result
from sizao.engines.reading.transport import transport
from sizao.terms import EventKind, PlaceKind

Place = tuple[Phrase, PlaceKind | None]

_HOME_WORDS = re.compile(r"家中|家里|自家|自己家|本村|村里|村内|居家|居村|在家|在村|回家|返家|到家")
_AT_HOME = re.compile(r"居家|在(?:自己|自)?家|家中|家里|居村|在村")
_PASSING = ("途经", "途径", "路过", "经过")
_TAKEN = ("转", "送", "运")
_LIVED_IN = (PlaceKind.VILLAGE, PlaceKind.HOME, PlaceKind.RESIDENTIAL)
_BANQUET = re.compile(r"婚宴|婚礼|喜宴|喜酒|宴席|寿宴|满月|升学宴|订婚|定亲宴")
_BANQUET_HELD_AT = (PlaceKind.HOTEL, PlaceKind.RESTAURANT, None)
_KIND_BY_ACT = {
    EventKind.MEAL: PlaceKind.RESTAURANT,
    EventKind.SHOPPING: PlaceKind.SHOP,
    EventKind.CLINIC: PlaceKind.CLINIC,
    EventKind.WORK: PlaceKind.WORKPLACE,
    EventKind.SCHOOL: PlaceKind.SCHOOL,
}
# Where a medical event takes place; any place will do for a test, none is told for the other two.
_CARE_PLACES: dict[EventKind, tuple[PlaceKind, ...]] = {
    EventKind.HOSPITAL: (PlaceKind.HOSPITAL, PlaceKind.CLINIC),
    EventKind.ISOLATION: (PlaceKind.ISOLATION_SITE, PlaceKind.HOTEL),
    EventKind.DIAGNOSIS: (),
    EventKind.SYMPTOM_ONSET: (),
}


class Acts:
    """Reads pieces in order; remembers the last village, and of whom the sentence speaks."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._last_village: str | None = None
        self._of_contacts = False

    def next_sentence(self) -> None:
        """Begin a sentence: it speaks of the case again."""
        self._of_contacts = False

    def read(self, piece: Piece, named: list[Phrase]) -> list[Event]:
        """The events of a piece that names these places."""
        if kinds.of_others(piece.text):
            return []
        of_contacts = kinds.of_contacts(piece.text)
        self._of_contacts = self._of_contacts or of_contacts
        places = [(phrase, self._page.place_kind(phrase, piece)) for phrase in named]
        care = kinds.care(piece.text, [kind for _, kind in places])
        if self._of_contacts:
            care = [kind for kind in care if kind is not EventKind.ISOLATION]
        events = [self._care(kind, piece, places) for kind in care]
        if not care:
            return [] if of_contacts else self._everyday(piece, places)
        if care in ([EventKind.SYMPTOM_ONSET], [EventKind.TEST]):
            # 因发热到诊所就诊 tells two things, 到医院采样 one.
            told = set(kinds.acts(piece.text, places[0][1] if places else None)) - {EventKind.OTHER_VISIT}
            events += [event for event in self._everyday(piece, places) if event.kind in told]
        return events

    def _care(self, kind: EventKind, piece: Piece, places: list[Place]) -> Event:
        phrase, place = self._care_place(kind, places)
        if kind is EventKind.ISOLATION and phrase is None and "居家" in piece.text:
            place = PlaceKind.HOME
        moved = kind in (EventKind.HOSPITAL, EventKind.ISOLATION)
        return Event(
            kind=kind,
            span=(piece.start, piece.end),
            place_text=self._page.place_text(phrase, piece) if phrase else None,
            place_kind=place,
            area_code=self._area(phrase, piece) if phrase else None,
            transport=transport(piece.text) if moved else None,
            result=_result(kind, piece.text),
        )

    def _care_place(self, kind: EventKind, places: list[Place]) -> tuple[Phrase | None, PlaceKind | None]:
        for phrase, place in places:
            if kind is EventKind.TEST and not phrase.lead.startswith(_TAKEN):
                return phrase, place
            if place in _CARE_PLACES.get(kind, ()):
                return phrase, place
        return None, None

    def _everyday(self, piece: Piece, places: list[Place]) -> list[Event]:
        stops = [place for place in places if place[0].lead not in _PASSING] or places
        if not stops:
            told = kinds.everyday(piece.text, None, placed=False)
            return [self._unplaced(kind, piece) for kind in told]
        return [
            self._visit(kind, piece, phrase, place)
            for phrase, place in stops
            for kind in self._kinds(piece, phrase, place)
        ]

    def _kinds(self, piece: Piece, phrase: Phrase, place: PlaceKind | None) -> list[EventKind]:
        found = kinds.everyday(piece.text, place, placed=True)
        back = phrase.lead.startswith(("返", "回")) and not kinds.others_home(phrase.words)
        if back and found == [EventKind.OTHER_VISIT] and place in _LIVED_IN and not kinds.acts(piece.text, place):
            return [EventKind.HOME]
        return found

    def _visit(self, kind: EventKind, piece: Piece, phrase: Phrase, place: PlaceKind | None) -> Event:
        return Event(
            kind=kind,
            span=(piece.start, piece.end),
            place_text=self._page.place_text(phrase, piece),
            place_kind=_kind_of_visit(kind, place, piece.text),
            area_code=self._area(phrase, piece),
            transport=transport(piece.text),
        )

    def _unplaced(self, kind: EventKind, piece: Piece) -> Event:
        home = (_HOME_WORDS if kind is EventKind.HOME else _AT_HOME).search(piece.text)
        event = Event(kind=kind, span=(piece.start, piece.end), transport=transport(piece.text))
        if home is None:
            return event
        return Event(
            kind=kind,
            span=event.span,
            place_text=home[0].lstrip("居在回返到") or None,
            place_kind=PlaceKind.VILLAGE if "村" in home[0] else PlaceKind.HOME,
            area_code=self._page.home,
            transport=event.transport,
        )

    def _area(self, phrase: Phrase, piece: Piece) -> str | None:
        code = self._page.area(phrase, piece, self._last_village)
        if code and len(code) == VILLAGE:
            self._last_village = code
        return code


def _kind_of_visit(kind: EventKind, place: PlaceKind | None, text: str) -> PlaceKind | None:
    if kind is EventKind.GATHERING and place in _BANQUET_HELD_AT and _BANQUET.search(text):
        return PlaceKind.BANQUET
    if kind is EventKind.GATHERING and place is None and "聚餐" in text:
        return PlaceKind.RESTAURANT
    return place or _KIND_BY_ACT.get(kind)


def _result(kind: EventKind, text: str) -> str | None:
    if kind is EventKind.TEST:
        return test_result(text)
    return diagnosis_result(text) if kind is EventKind.DIAGNOSIS else None
