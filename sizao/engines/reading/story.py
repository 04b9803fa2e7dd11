"""The events of a report as they are told: what belongs to an earlier event is joined to it."""

import re
from dataclasses import replace

from sizao.engines.reading import kinds
from sizao.engines.reading.events import Event
from sizao.engines.reading.pieces import Piece
from sizao.engines.reading.results import test_result
from sizao.terms import EventKind

_MERGING = {
    EventKind.SYMPTOM_ONSET,
    EventKind.TEST,
    EventKind.ISOLATION,
    EventKind.HOSPITAL,
    EventKind.DIAGNOSIS,
}
_OVER = re.compile(
    r"^[#@\s]*(?:每[天日])?(?:上午|中午|下午|晚上?|当[日晚天])?[@\s]*"
    r"(?:正常)?(?:下班|下课|放学|退房|散场|\w{0,4}结束|离店|离开)(?:后|时)?$"
)
_OFF_DUTY = re.compile(r"下班|下课|放学")
_SHIFTS = {EventKind.WORK, EventKind.SCHOOL}
_ALL_ABOVE = re.compile(r"上述|以上|前\d次|^\s*(?:\d+次)?结果(?:均|都|全)")
_AGAIN = re.compile(r"复[核检测查]|再次|第[二三四]次|又")


class Story:
    """Events in the order of the text."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._sentence = 0  # index of the first event of the running sentence

    def next_sentence(self) -> None:
        """Begin a sentence: pieces are joined inside one sentence only."""
        self._sentence = len(self.events)

    def add(self, event: Event, piece: Piece) -> None:
        """Append an event, or join it to the one that it continues."""
        earlier = self.events[-1] if len(self.events) > self._sentence else None
        if event.kind is EventKind.HOME and earlier and _absorbs(earlier, event, piece):
            self.events[-1] = replace(earlier, span=(earlier.span[0], event.span[1]))
            return
        for i in reversed(range(self._sentence, len(self.events))):
            if _continues(self.events[i], event, piece.text):
                self.events[i] = _merged(self.events[i], event)
                return
        self.events.append(event)

    def ends(self, piece: Piece, until: str | None) -> bool:
        """Note when a stay was over (18时下班); whether the piece tells that."""
        if not _OVER.search(piece.text):
            return False
        ended = _SHIFTS if _OFF_DUTY.search(piece.text) else set(EventKind)
        last = next((i for i in reversed(range(len(self.events))) if self.events[i].kind in ended), None)
        if last is not None and until and self._runs_until(last, until):
            self.events[last] = replace(self.events[last], time_to=until)
        return True

    def _runs_until(self, i: int, until: str) -> bool:
        event = self.events[i]
        today = event.date_from == self.events[-1].date_from
        return today and event.time_to is None and event.time_from is not None and event.time_from < until

    def fill(self, piece: Piece) -> bool:
        """Give its result to every test above that has none (上述3次检测均为阴性); whether it was told."""
        dated = "#" in piece.text
        result = test_result(piece.text) if not dated and _ALL_ABOVE.search(piece.text) else None
        waiting = [i for i, e in enumerate(self.events) if e.kind is EventKind.TEST and e.result is None]
        if not (waiting and result):
            return False
        for i in waiting:
            self.events[i] = replace(self.events[i], result=result)
        return True


def _absorbs(earlier: Event, event: Event, piece: Piece) -> bool:
    """Whether a return home adds nothing to the event before: 回家后未外出, 购物后回家."""
    if not _same_days(earlier, event) or event.time_from:
        return False
    attached = piece.text.startswith("后") and earlier.span[1] >= piece.start
    trailing = attached and kinds.only_returned(piece.text) and not event.transport
    return earlier.kind is EventKind.HOME or trailing


def _continues(earlier: Event, later: Event, text: str) -> bool:
    """Whether two pieces of a sentence tell one event (采集咽拭子，结果呈阳性)."""
    if later.kind not in _MERGING or earlier.kind is not later.kind or not _same_days(earlier, later):
        return False
    two_places = earlier.place_text and later.place_text and earlier.place_text != later.place_text
    two_times = earlier.time_from and later.time_from and earlier.time_from != later.time_from
    return not (two_places or two_times or earlier.result or _AGAIN.search(text))


def _same_days(earlier: Event, later: Event) -> bool:
    return (earlier.date_from, earlier.date_to) == (later.date_from, later.date_to)


def _merged(earlier: Event, later: Event) -> Event:
    placed = earlier if earlier.place_text else later
    return replace(
        earlier,
        span=(earlier.span[0], max(earlier.span[1], later.span[1])),
        result=later.result,
        place_text=placed.place_text,
        place_kind=earlier.place_kind or later.place_kind,
        area_code=earlier.area_code or later.area_code,
        transport=earlier.transport or later.transport,
        time_from=earlier.time_from or later.time_from,
    )
