"""One pass over one report: sentence by sentence, the running date and hour carried along."""

import re
from dataclasses import replace

from sizao.engines.reading.acts import Acts
from sizao.engines.reading.calendar import Calendar, Days, State
from sizao.engines.reading.events import Event
from sizao.engines.reading.page import Page
from sizao.engines.reading.phrases import Phrase, phrases
from sizao.engines.reading.pieces import Piece, pieces
from sizao.engines.reading.stages import stages
from sizao.engines.reading.story import Story
from sizao.engines.reading.text import clauses
from sizao.engines.reading.times import TimeSpan, clock
from sizao.terms import EventKind

_DURING = re.compile(r"^\s*(?:期间|其间|在此期间|目前|现[在已于]?|至今)")
_OTHERWISE = re.compile(r"^\s*(?:其他|其它|其余|剩余)(?:时间|时段|日期)")
# Words that tell nothing by themselves; they are no gap in the reading.
_EMPTY = re.compile(
    r"^[#@\s、:]*(?:期间|其间|其中|每[天日]|上午|午后|下午|晚上?|中午|早上?|凌晨|当[日天晚]|共\d+次|均|后|随后|之后"
    r"|然后|和|及|于|在|约|许|左右|至|-|后?经\w{0,4}专家组?\w{0,6}会诊|综合流行病学史.*|患者|自#?以来|场次的?电影)*"
    r"[#@\s、:。）（]*$"
)
_CARE = {EventKind.TEST, EventKind.ISOLATION, EventKind.HOSPITAL, EventKind.DIAGNOSIS, EventKind.SYMPTOM_ONSET}


class Reader:
    """Reads the pieces of a page in order."""

    def __init__(self, page: Page, calendar: Calendar) -> None:
        self._page = page
        self._calendar = calendar
        self._acts = Acts(page)
        self._story = Story()
        self._unread: list[tuple[int, int]] = []
        self._waiting: TimeSpan | None = None  # an hour whose act comes in the next clause
        self._before_remark: State | None = None

    def read(self) -> tuple[list[Event], list[tuple[int, int]]]:
        """Events in the order of the text, and the spans that told nothing known."""
        sentence = -1
        for piece in pieces(self._page.masked, clauses(self._page.masked)):
            if piece.sentence != sentence:
                sentence = piece.sentence
                self._next_sentence()
            self._remark(piece)
            for part, named in stages(piece, phrases(piece.text)):
                self._part(part, named)
        return self._story.events, self._unread

    def _next_sentence(self) -> None:
        self._waiting = None
        self._calendar.next_sentence()
        self._acts.next_sentence()
        self._story.next_sentence()

    def _remark(self, piece: Piece) -> None:
        """Let the dates of a bracketed remark hold inside it only."""
        if piece.aside and self._before_remark is None:
            self._before_remark = self._calendar.state()
        elif not piece.aside and self._before_remark is not None:
            self._calendar.restore(self._before_remark)
            self._before_remark = None

    def _part(self, piece: Piece, named: list[Phrase]) -> None:
        days = self._days(piece)
        hour = next((t for t in self._page.hours if piece.start <= t.start < piece.end), None)
        if self._story.ends(piece, clock(hour.since) if hour else None) or self._story.fill(piece):
            return
        found = self._acts.read(piece, named)
        if self._is_preamble(piece):
            found = [event for event in found if event.kind in _CARE]
        if not found:
            self._nothing(piece, hour)
            return
        span = hour or self._waiting
        self._waiting = None
        for day in days:
            for event in found:
                self._story.add(_dated(event, day, span), piece)

    def _is_preamble(self, piece: Piece) -> bool:
        """Whether the piece comes before the first date: who the case is, not what they did."""
        return bool(self._page.written) and piece.end <= self._page.written[0].start

    def _nothing(self, piece: Piece, hour: TimeSpan | None) -> None:
        self._waiting = hour or self._waiting
        if not _EMPTY.match(piece.text):
            self._unread.append((piece.start, piece.end))

    def _days(self, piece: Piece) -> tuple[Days, ...]:
        dated = [e for e in self._page.written if piece.start <= e.start < piece.end]
        for expression in dated:
            self._calendar.read(expression)
        running = self._calendar.running
        if not dated and _OTHERWISE.match(piece.text) and self._calendar.spell:
            return (self._calendar.spell,)
        if not dated and running[-1].single and _DURING.match(piece.text):
            return (Days(running[-1].since, None),)
        return running


def _dated(event: Event, days: Days, span: TimeSpan | None) -> Event:
    return replace(
        event,
        date_from=days.since,
        date_to=days.until,
        time_from=clock(span.since) if span else None,
        time_to=clock(span.until) if span else None,
    )
