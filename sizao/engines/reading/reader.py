"""Read activity reports: sentence by sentence, the running date carried along."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sizao.engines.reading import kinds
from sizao.engines.reading.calendar import Calendar, Days, first_date, has_year
from sizao.engines.reading.dates import Expression, expressions
from sizao.engines.reading.events import Event, Reading
from sizao.engines.reading.gazetteer import Gazetteer
from sizao.engines.reading.phrases import Phrase, phrases
from sizao.engines.reading.pieces import Piece, pieces
from sizao.engines.reading.places import COUNTY, VILLAGE, Located, area_code, home_village, left_open, locate
from sizao.engines.reading.results import diagnosis_result, test_result
from sizao.engines.reading.stages import stages
from sizao.engines.reading.text import clauses, plain
from sizao.engines.reading.times import TimeSpan, clock, times
from sizao.engines.reading.transport import transport
from sizao.engines.reading.venues import kind_of
from sizao.terms import EventKind, PlaceKind

NEIGHBOURS = 8  # reports on either side that were published together

_CARE = {EventKind.TEST, EventKind.ISOLATION, EventKind.HOSPITAL, EventKind.DIAGNOSIS, EventKind.SYMPTOM_ONSET}
_MERGING = {EventKind.SYMPTOM_ONSET, EventKind.TEST, EventKind.ISOLATION, EventKind.HOSPITAL, EventKind.DIAGNOSIS}
_OWN_VILLAGE = re.compile(r"(?:本|居|在|自己)村|村[里内中]")
_OWN_HOME = re.compile(r"^(?:自己|自)?家(?:中|里)?$|^居住[地处]$|^住[处所]$")
_SAME_VILLAGE = re.compile(r"[该同]村")
_HOME_WORDS = re.compile(r"家中|家里|自家|自己家|本村|村里|村内|居家|居村|在家|在村|回家|返家|到家")
_AT_HOME = re.compile(r"居家|在(?:自己|自)?家|家中|家里|居村|在村")
_OFF_WORK = re.compile(
    r"^[#@\s]*(?:每[天日])?(?:上午|中午|下午|晚上?|当[日晚天])?[@\s]*(?:正常)?(?:下班|下课|放学|退房|散场|\w{0,4}结束|离店|离开)(?:后|时)?$"
)
_ALL_ABOVE = re.compile(r"上述|以上|前\d次|^\s*(?:\d+次)?结果(?:均|都|全)")
_AGAIN = re.compile(r"复[核检测查]|再次|第[二三四]次|又")
_RESULT_ONLY = re.compile(r"^[\s#@]*(?:当[日晚天])?(?:检测|核酸)?(?:结果|均|呈|报告)")
_DURING = re.compile(r"^[\s]*(?:期间|其间|在此期间)")
_OTHERWISE = re.compile(r"^\s*(?:其他|其它|其余|剩余)(?:时间|时段|日期)")
_STILL = re.compile(r"^[\s]*(?:目前|现[在已于]?|至今)")
_NO_EVENT = re.compile(
    r"^[#@\s、:]*(?:期间|其间|其中|每[天日]|上午|午后|下午|晚上?|中午|早上?|凌晨|当[日天晚]|共\d+次|均|后|随后|之后|然后|和|及|于|在|约|许|左右|至|-|后?经\w{0,4}专家组?\w{0,6}会诊|综合流行病学史.*|患者|自#?以来|场次的?电影)*[#@\s、:。）（]*$"
)
_PASSING = ("途经", "途径", "路过", "经过")

_LIVED_IN = (PlaceKind.VILLAGE, PlaceKind.HOME, PlaceKind.RESIDENTIAL)
_BANQUET_WORDS = re.compile(r"婚宴|婚礼|喜宴|喜酒|宴席|寿宴|满月|升学宴|订婚")
_KIND_BY_ACT = {
    EventKind.MEAL: PlaceKind.RESTAURANT,
    EventKind.SHOPPING: PlaceKind.SHOP,
    EventKind.CLINIC: PlaceKind.CLINIC,
    EventKind.WORK: PlaceKind.WORKPLACE,
    EventKind.SCHOOL: PlaceKind.SCHOOL,
}


@dataclass(frozen=True)
class Report:
    """A report to be read. `year`, when known, is the year of its first date."""

    report_id: str
    text: str
    year: int | None = None


@dataclass(frozen=True)
class Page:
    """What is known of one report while it is read."""

    masked: str  # dates as #, clock times as @, same length as the text
    located: tuple[Located, ...]
    home: str | None


def read(report: Report, gazetteer: Gazetteer, around: Sequence[str] = (), near_year: date | None = None) -> Reading:
    """
    Read one report into events and unread stretches.

    `around` are codes of counties that neighbouring reports name, and `near_year` a day near
    which its dates lie when it writes no year at all. Never raises on any text.
    """
    text = plain(report.text)
    written = expressions(text)
    masked = _masked(text, [(e.start, e.end) for e in written], "#")
    hours = times(masked)
    hours += [e.clock for e in written if e.clock]
    masked = _masked(masked, [(t.start, t.end) for t in hours if masked[t.start] != "#"], "@")
    located = tuple(locate(text, gazetteer, around))
    page = Page(masked, located, home_village(text, located))
    start = first_date(text, report.year) or near_year
    events, unread = _Reader(page, Calendar(start), written, hours).read()
    named = tuple(n.codes[0] for n in located if n.settled and n.digits >= COUNTY)
    open_ = start is None or left_open(located)
    return Reading(report.report_id, tuple(events), tuple(unread), page.home, named, left_open=open_)


def read_all(reports: Sequence[Report], gazetteer: Gazetteer) -> list[Reading]:
    """
    Read reports that were published together, in their order.

    What one report leaves open (which of several villages of one name, which year) is taken from
    its neighbours where they agree.
    """
    first = [read(report, gazetteer) for report in reports]
    return [_reread(reports, first, i, gazetteer) if reading.left_open else reading for i, reading in enumerate(first)]


def _reread(reports: Sequence[Report], first: Sequence[Reading], i: int, gazetteer: Gazetteer) -> Reading:
    beside = [*first[max(0, i - NEIGHBOURS) : i], *first[i + 1 : i + 1 + NEIGHBOURS]]
    votes = Counter(code[:COUNTY] for r in beside for code in set(r.named_areas))
    around = [code for code, count in votes.most_common() if count >= 2]
    near = None
    if reports[i].year is None and not has_year(plain(reports[i].text)):
        near = next((e.date_from for r in beside for e in r.events if e.date_from), None)
    return read(reports[i], gazetteer, around, near)


def _masked(text: str, spans: Sequence[tuple[int, int]], sign: str) -> str:
    parts, last = [], 0
    for start, end in sorted(spans):
        parts += [text[last:start], sign * (end - max(start, last))]
        last = max(end, last)
    return "".join(parts) + text[last:]


class _Reader:
    """One pass over one report."""

    def __init__(self, page: Page, calendar: Calendar, written: Sequence[Expression], hours: Sequence[TimeSpan]):
        self._page = page
        self._calendar = calendar
        self._written = sorted(written, key=lambda e: e.start)
        self._hours = sorted(hours, key=lambda t: t.start)
        self._events: list[Event] = []
        self._unread: list[tuple[int, int]] = []
        self._sentence_start = 0  # index into events
        self._waiting_time: TimeSpan | None = None
        self._last_village: str | None = None
        self._of_contacts = False  # the sentence has come to speak of contacts

    def read(self) -> tuple[list[Event], list[tuple[int, int]]]:
        sentence, kept = -1, None
        for piece in pieces(self._page.masked, clauses(self._page.masked)):
            if piece.sentence != sentence:
                sentence, self._sentence_start, self._waiting_time = piece.sentence, len(self._events), None
                self._of_contacts = False
                self._calendar.running = (
                    self._calendar.running[-1:] if len(self._calendar.running) > 1 else self._calendar.running
                )
            if piece.aside and kept is None:
                kept = self._calendar.snapshot()
            elif not piece.aside and kept is not None:
                self._calendar.restore(kept)
                kept = None
            self._piece(piece)
        return self._events, self._unread

    def _piece(self, piece: Piece) -> None:
        for part, named in stages(piece, phrases(piece.text)):
            self._part(part, named)

    def _part(self, piece: Piece, named: list[Phrase]) -> None:
        days = self._days(piece)
        hour = next((t for t in self._hours if piece.start <= t.start < piece.end), None)
        if self._ends_work(piece, hour) or self._fill(piece):
            return
        found = self._found(piece, named)
        if found:
            span = hour or self._waiting_time
            self._waiting_time = None
            for day in days:
                for event in found:
                    self._add(piece, self._dated(event, day, span))
        else:
            self._waiting_time = hour or self._waiting_time
            if not _NO_EVENT.match(piece.text):
                self._unread.append((piece.start, piece.end))

    def _ends_work(self, piece: Piece, hour: TimeSpan | None) -> bool:
        """Whether the piece tells when work or school was over (18时下班), and note it."""
        if not _OFF_WORK.search(piece.text):
            return False
        last = self._events[-1] if self._events else None
        until = clock(hour.since) if hour else None
        if last and until and last.time_to is None and last.time_from and last.time_from < until:
            self._events[-1] = replace(last, time_to=until)
        return True

    def _days(self, piece: Piece) -> tuple[Days, ...]:
        dated = [e for e in self._written if piece.start <= e.start < piece.end]
        for expression in dated:
            self._calendar.read(expression)
        running = self._calendar.running
        if not dated and _OTHERWISE.match(piece.text) and self._calendar.spell:
            return (self._calendar.spell,)
        if not dated and running[-1].single and (_DURING.match(piece.text) or _STILL.match(piece.text)):
            return (Days(running[-1].since, None),)
        return running

    def _dated(self, event: Event, days: Days, span: TimeSpan | None) -> Event:
        return replace(
            event,
            date_from=days.since,
            date_to=days.until,
            time_from=clock(span.since) if span else None,
            time_to=clock(span.until) if span else None,
        )

    # --- what a piece tells ---

    def _found(self, piece: Piece, named: list[Phrase]) -> list[Event]:
        if kinds.of_others(piece.text):
            return []
        self._of_contacts = self._of_contacts or kinds.of_contacts(piece.text)
        places = [self._place_kind(p, piece) for p in named]
        care = [k for k in kinds.care(piece.text, places) if not (k is EventKind.ISOLATION and self._of_contacts)]
        events = [self._care_event(kind, piece, named, places) for kind in care]
        if not care:
            events += self._everyday(piece, named, places)
        elif care in ([EventKind.SYMPTOM_ONSET], [EventKind.TEST]):
            told = set(kinds.acts(piece.text, places[0] if places else None)) - {EventKind.OTHER_VISIT}
            events += [e for e in self._everyday(piece, named, places) if e.kind in told]
        return events

    def _care_event(self, kind: EventKind, piece: Piece, named: list[Phrase], places: list[PlaceKind | None]) -> Event:
        wanted = {
            EventKind.HOSPITAL: (PlaceKind.HOSPITAL, PlaceKind.CLINIC),
            EventKind.ISOLATION: (PlaceKind.ISOLATION_SITE, PlaceKind.HOTEL),
        }
        choice = [(p, k) for p, k in zip(named, places, strict=True) if kind not in wanted or k in wanted[kind]]
        if kind in (EventKind.DIAGNOSIS, EventKind.SYMPTOM_ONSET):
            choice = []
        if kind is EventKind.TEST:
            choice = [(p, k) for p, k in choice if not p.lead.startswith(("转", "送", "运"))]
        phrase, place = choice[0] if choice else (None, None)
        result = {EventKind.TEST: test_result, EventKind.DIAGNOSIS: diagnosis_result}.get(kind, lambda _: None)(
            piece.text
        )
        moved = kind in (EventKind.HOSPITAL, EventKind.ISOLATION)
        if kind is EventKind.ISOLATION and phrase is None and "居家" in piece.text:
            place = PlaceKind.HOME
        return Event(
            kind=kind,
            span=(piece.start, piece.end),
            place_text=phrase.words if phrase else None,
            place_kind=place,
            area_code=self._area(phrase, piece) if phrase else None,
            transport=transport(piece.text) if moved else None,
            result=result,
        )

    def _everyday(self, piece: Piece, named: list[Phrase], places: list[PlaceKind | None]) -> list[Event]:
        events = []
        chosen = [(p, k) for p, k in zip(named, places, strict=True) if p.lead not in _PASSING] or list(
            zip(named, places, strict=True)
        )
        nowhere: list[tuple[Phrase | None, PlaceKind | None]] = [(None, None)]
        for phrase, place in [*chosen] or nowhere:
            for kind in self._kinds(piece, phrase, place):
                events.append(self._visit(kind, piece, phrase, place))
        return events

    def _kinds(self, piece: Piece, phrase: Phrase | None, place: PlaceKind | None) -> list[EventKind]:
        found = kinds.everyday(piece.text, place, placed=phrase is not None)
        back = phrase is not None and phrase.lead.startswith(("返", "回")) and not kinds.others_home(phrase.words)
        if back and found == [EventKind.OTHER_VISIT] and place in _LIVED_IN and not kinds.acts(piece.text, place):
            return [EventKind.HOME]
        return found

    def _visit(self, kind: EventKind, piece: Piece, phrase: Phrase | None, place: PlaceKind | None) -> Event:
        words = phrase.words if phrase else None
        code = self._area(phrase, piece) if phrase else None
        if (
            kind is EventKind.GATHERING
            and _BANQUET_WORDS.search(piece.text)
            and place in (PlaceKind.HOTEL, PlaceKind.RESTAURANT, None)
            and phrase
        ):
            place = PlaceKind.BANQUET
        if kind is EventKind.GATHERING and place is None and "聚餐" in piece.text:
            place = PlaceKind.RESTAURANT
        home = (_HOME_WORDS if kind is EventKind.HOME else _AT_HOME).search(piece.text)
        if phrase is None and home:
            words = home[0].lstrip("居在回返到") or None
            place, code = self._at_home(home[0], code)
        if place is None and phrase:
            place = _KIND_BY_ACT.get(kind)
        return Event(
            kind=kind,
            span=(piece.start, piece.end),
            place_text=words,
            place_kind=place,
            area_code=code,
            transport=transport(piece.text),
        )

    def _at_home(self, words: str, code: str | None) -> tuple[PlaceKind, str | None]:
        return (PlaceKind.VILLAGE if "村" in words else PlaceKind.HOME), code or self._page.home

    # --- places ---

    def _place_kind(self, phrase: Phrase, piece: Piece) -> PlaceKind | None:
        kind = kind_of(phrase.words)
        end = piece.start + phrase.end
        named = next((n for n in self._page.located if n.end == end and n.start < end), None)
        if named and kind in (None, PlaceKind.PUBLIC_PLACE, PlaceKind.TOWN, PlaceKind.SHOP, PlaceKind.VILLAGE):
            return PlaceKind.VILLAGE if named.digits == VILLAGE else PlaceKind.TOWN
        return kind

    def _area(self, phrase: Phrase, piece: Piece) -> str | None:
        start, end = piece.start + phrase.start, piece.start + phrase.end
        code = area_code([n for n in self._page.located if start <= n.start < end])
        if code and len(code) == VILLAGE:
            self._last_village = code
        if code is None and _SAME_VILLAGE.search(phrase.words):
            return self._last_village
        if code is None and (_OWN_VILLAGE.search(phrase.words) or _OWN_HOME.match(phrase.words)):
            return self._page.home
        return code

    # --- joining ---

    def _add(self, piece: Piece, event: Event) -> None:
        earlier = self._events[-1] if len(self._events) > self._sentence_start else None
        if event.kind is EventKind.HOME and earlier and _absorbs(earlier, event, piece):
            self._events[-1] = replace(earlier, span=(earlier.span[0], event.span[1]))
            return
        if event.kind in _MERGING:
            for i in range(len(self._events) - 1, self._sentence_start - 1, -1):
                if merged := _merged(self._events[i], event, piece.text):
                    self._events[i] = merged
                    return
        self._events.append(event)

    def _fill(self, piece: Piece) -> bool:
        """Give the result to every test above that has none (上述3次核酸检测结果均为阴性)."""
        result = test_result(piece.text) if _ALL_ABOVE.search(piece.text) and "#" not in piece.text else None
        waiting = [i for i, e in enumerate(self._events) if e.kind is EventKind.TEST and e.result is None]
        for i in waiting if result else ():
            self._events[i] = replace(self._events[i], result=result)
        return bool(waiting and result)


def _absorbs(earlier: Event, event: Event, piece: Piece) -> bool:
    """Whether a return home adds nothing to the event before: 回家后未外出, 购物后回家."""
    if (earlier.date_from, earlier.date_to) != (event.date_from, event.date_to) or event.time_from:
        return False
    attached = piece.text.startswith("后") and earlier.span[1] >= piece.start
    trailing = attached and kinds.only_returned(piece.text) and not event.transport
    return earlier.kind is EventKind.HOME or trailing


def _merged(earlier: Event, later: Event, text: str) -> Event | None:
    """One event of two pieces of a sentence (采集咽拭子，结果呈阳性), or None when they are two."""
    same_days = (earlier.date_from, earlier.date_to) == (later.date_from, later.date_to)
    if earlier.kind is not later.kind or not same_days or _AGAIN.search(text):
        return None
    if earlier.place_text and later.place_text and earlier.place_text != later.place_text:
        return None
    if earlier.result and later.result:
        return None
    if later.time_from and earlier.time_from and later.time_from != earlier.time_from:
        return None
    if earlier.result and not later.result:
        return None
    return replace(
        earlier,
        span=(earlier.span[0], max(earlier.span[1], later.span[1])),
        result=earlier.result or later.result,
        place_text=earlier.place_text or later.place_text,
        place_kind=earlier.place_kind or later.place_kind,
        area_code=earlier.area_code or later.area_code,
        transport=earlier.transport or later.transport,
        time_from=earlier.time_from or later.time_from,
    )
