"""The running date of a report: which day a written date means, given all that was read before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sizao.engines.reading.dates import Expression, Form, Mention

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[年/.-]\s*\d{1,2}\s*[月/.-]")


@dataclass(frozen=True)
class Days:
    """A first and a last day; None is not known (居家至今 has no last day)."""

    since: date | None
    until: date | None

    @property
    def single(self) -> bool:
        """Whether this is one known day."""
        return self.since is not None and self.since == self.until


UNKNOWN = Days(None, None)
State = tuple[date | None, Days | None, tuple[Days, ...]]


def first_date(written: Sequence[Expression], year: int | None = None) -> date | None:
    """
    The first date of a report, as a reader of the whole report would date it.

    An explicit year wins; else `year`; else the year that brings it nearest to the first date
    of the report that has a year. None where no year is to be had.
    """
    mentions = [m for e in written for piece in e.pieces for m in piece if m.month and m.day]
    if not mentions:
        return None
    dated = next((d for m in mentions if m.year and (d := _on(m.year, m.month, m.day))), None)
    first = mentions[0]
    if first.year or (year is None and dated is None):
        return dated
    if year is not None:
        return _on(year, first.month, first.day)
    assert dated is not None
    return _nearest(dated, first.month, first.day)


class Calendar:
    """Turns written dates into days, one expression after the other."""

    def __init__(self, start: date | None) -> None:
        self._anchor = start  # the latest day read; dates without a year lie near it
        self._range: Days | None = None  # the latest range, in which 期间3日 is looked for
        self.running: tuple[Days, ...] = (UNKNOWN,)

    def read(self, written: Expression) -> tuple[Days, ...]:
        """Move the running date to what is written, and return it: one `Days` for each listed date."""
        days = [d for i, piece in enumerate(written.pieces) if (d := self._piece(piece, listed=i > 0))]
        if not days:
            return self.running
        self.running = tuple(self._opened(written, d) for d in days)
        return self.running

    @property
    def spell(self) -> Days | None:
        """The latest range that was read (12月24日至1月3日期间), whatever days came after it."""
        return self._range

    def next_sentence(self) -> None:
        """Begin a sentence: of a list of days the last runs on."""
        self.running = self.running[-1:]

    def state(self) -> State:
        """Everything that reading changes, to be given back after a bracketed remark."""
        return self._anchor, self._range, self.running

    def restore(self, kept: State) -> None:
        """Return to an earlier state."""
        self._anchor, self._range, self.running = kept

    def _opened(self, written: Expression, days: Days) -> Days:
        if written.before_days is not None and days.since:
            return Days(days.since - timedelta(written.before_days), days.since - timedelta(1))
        if written.open_start:
            return Days(None, days.until - timedelta(1) if days.until else None)
        return Days(days.since, None) if written.open_end and days.single else days

    def _piece(self, piece: tuple[Mention, ...], *, listed: bool) -> Days | None:
        since = self._day(piece[0], listed=listed)
        if piece[0].form is Form.PERIOD:
            return self._third(piece[0])
        if len(piece) == 1 or since is None:
            if since:
                self._anchor = since
            return Days(since, since) if since else None
        self._anchor = since
        until = self._day(piece[1], listed=True)
        if until is None or until < since:
            return Days(since, since)
        self._anchor = until
        self._range = Days(since, until)
        return self._range

    def _third(self, mention: Mention) -> Days | None:
        since = self._day(mention, listed=False)
        if since is None:
            return None
        after = (since.replace(day=1) + timedelta(32)).replace(day=1)
        until = since.replace(day=mention.last_day) if mention.last_day else after - timedelta(1)
        self._anchor, self._range = until, Days(since, until)
        return self._range

    def _day(self, mention: Mention, *, listed: bool) -> date | None:
        if mention.form is Form.SHIFT:
            return self._anchor + timedelta(mention.shift) if self._anchor else None
        if mention.year:
            return _on(mention.year, mention.month, mention.day)
        if self._anchor is None:
            return None
        if mention.month:
            return _nearest(self._anchor, mention.month, mention.day)
        return self._day_of_month(mention.day or 0, listed=listed)

    def _day_of_month(self, day: int, *, listed: bool) -> date | None:
        anchor = self._anchor
        assert anchor is not None
        inside = self._inside_range(day, after=anchor if listed else None)
        if inside:
            return inside
        same = _on(anchor.year, anchor.month, day)
        turned = (anchor.replace(day=1) + timedelta(32)).replace(day=1)
        after = _on(turned.year, turned.month, day)
        if same is None:
            return after
        # A list or range goes forward (30日至2日); else a jump far back is the turn of a month.
        back = (anchor - same).days
        return after if after and ((listed and back > 0) or back >= 15) else same

    def _inside_range(self, day: int, after: date | None) -> date | None:
        spell = self._range
        if spell is None or spell.since is None or spell.until is None:
            return None
        months = {(spell.since.year, spell.since.month), (spell.until.year, spell.until.month)}
        days = sorted(d for y, m in months if (d := _on(y, m, day)) and spell.since <= d <= spell.until)
        later = [d for d in days if after is None or d >= after]
        return later[0] if later else None


def has_year(text: str) -> bool:
    """Whether any date of the text is written with its year."""
    return _YEAR.search(text) is not None


def _on(year: int | None, month: int | None, day: int | None) -> date | None:
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


def _nearest(anchor: date, month: int | None, day: int | None) -> date | None:
    options = [d for y in (anchor.year - 1, anchor.year, anchor.year + 1) if (d := _on(y, month, day))]
    return min(options, key=lambda d: abs((d - anchor).days), default=None)
