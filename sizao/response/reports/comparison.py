"""
What was proposed, set beside what the authority listed: found or missed, how many days before or after.

A proposal is dated by the day on whose evening it was made, a list by the day it was published. No
lists are at hand for every day (see the scenario's sources), so an area on the first list may have
been named before it. An area that was taken into a wider one, here or on the lists, counts as
standing for as long as that one does: it was not given up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import median

from sizao.engines import zone_comparison
from sizao.engines.zone_comparison import OfficialRow, ProposedRow
from sizao.records.models import OfficialArea, Outbreak, ZoneChange
from sizao.terms import AREA_DIGITS, AreaLevel, ZoneAct, ZoneLevel, ZoneMatch, ZoneReason, ZoneUnit


@dataclass(frozen=True, slots=True)
class Span:
    """A zone on one level from one day to another; `last_date` is None while it stands."""

    zone_id: int
    name: str
    area_code: str
    unit: ZoneUnit
    level: ZoneLevel
    first_date: date
    last_date: date | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An official area; `last_date` is that of the wider area which took it in, where one did."""

    area: OfficialArea
    area_code: str
    unit: str
    level: ZoneLevel
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True)
class OfficialLine:
    """One official area, and the proposal nearest to it."""

    name: str
    area_code: str
    unit: str
    level: ZoneLevel
    first_date: date
    last_date: date
    match: ZoneMatch
    proposed: Span | None
    days_before: int | None  # positive: proposed before it was listed
    same_level: bool | None


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One proposed span, and how the official lists stand to it."""

    proposed: Span
    match: ZoneMatch
    official_name: str | None
    days_before: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """
    The counts of a comparison.

    `found` are official areas proposed as such or inside a wider proposal, `inside_official` proposals
    that lie in a wider official area, `never_official` those that no list named, held or shared a
    county with at the time; `nearby` share a county with something listed.
    """

    official: int
    by_match: dict[ZoneMatch, int]
    found: int
    same_level: int
    before: int
    same_day: int
    after: int
    median_days_before: float | None
    proposed: int
    proposed_by_match: dict[ZoneMatch, int]
    inside_official: int
    nearby: int
    never_official: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides and their counts, so that neither what was missed nor what was too much is hidden."""

    official: tuple[OfficialLine, ...]
    proposed: tuple[ProposedLine, ...]
    summary: Summary


_CODED = frozenset(str(level) for level in AreaLevel)
FOUND = (ZoneMatch.SAME, ZoneMatch.WIDER)


def compared(outbreak: Outbreak, *, as_of: datetime) -> Comparison:
    """Compare the zones proposed by a moment with the areas listed by its day."""
    day = outbreak.day_of(as_of)
    # Only what was asked of people is compared: the open level is no measure on any list.
    spans = [one for one in spans_of(outbreak, as_of=as_of) if one.level != ZoneLevel.LOW]
    listed = list(OfficialArea.objects.filter(outbreak=outbreak, first_date__lte=day).order_by("first_date", "id"))
    found = zone_comparison.compare(spans, [_listed(area, listed) for area in listed])
    official = tuple(_official_line(row) for row in found.official)
    proposed = tuple(_proposed_line(row) for row in found.proposed)
    return Comparison(official, proposed, _summary(official, proposed))


def spans_of(outbreak: Outbreak, *, as_of: datetime) -> list[Span]:
    """Read each zone's history as unbroken spans of one level, by the first day."""
    changes = ZoneChange.objects.filter(zone__outbreak=outbreak, at__lte=as_of).select_related("zone")
    spans, taken_in = [], {}
    for _, group in groupby(changes.order_by("zone_id", "at", "id"), key=lambda change: change.zone_id):
        history = list(group)
        mine = list(_spans(outbreak, history))
        spans += mine
        if wider := _taken_in_by(history[-1]):
            taken_in[mine[-1]] = wider
    ends = [replace(span, last_date=_end_of_wider(span, taken_in, spans)) for span in spans]
    return sorted(ends, key=lambda span: (span.first_date, span.area_code))


def _taken_in_by(change: ZoneChange) -> str | None:
    """Give the code of the wider proposal that a zone was lifted for, if that is why."""
    if change.act != ZoneAct.LIFTED:
        return None
    wider = (one["area_code"] for one in change.reasons if one["kind"] == ZoneReason.IN_WIDER_AREA)
    return next(wider, None)


def _end_of_wider(span: Span, taken_in: Mapping[Span, str], spans: Sequence[Span]) -> date | None:
    if span not in taken_in or span.last_date is None:
        return span.last_date
    took_over = span.last_date + timedelta(days=1)
    ends = [
        wider.last_date
        for wider in spans
        if wider.area_code == taken_in[span] and (wider.last_date is None or wider.last_date >= took_over)
    ]
    return None if None in ends else max((end for end in ends if end is not None), default=span.last_date)


_ENDS = (ZoneAct.LIFTED, ZoneAct.DECLINED)


def _spans(outbreak: Outbreak, history: Sequence[ZoneChange]) -> Iterator[Span]:
    begun = history[0]
    for change in history[1:]:
        if change.level != begun.level or change.act in _ENDS:
            last = max(outbreak.day_of(change.at) - timedelta(days=1), outbreak.day_of(begun.at))
            yield _span(outbreak, begun, last)
            begun = change
    if begun.act not in _ENDS:
        yield _span(outbreak, begun, None)


def _span(outbreak: Outbreak, begun: ZoneChange, last: date | None) -> Span:
    zone = begun.zone
    return Span(
        zone_id=zone.pk,
        name=zone.name,
        area_code=zone.area_code,
        unit=ZoneUnit(zone.unit),
        level=ZoneLevel(begun.level),
        first_date=outbreak.day_of(begun.at),
        last_date=last,
    )


def _listed(area: OfficialArea, listed: Sequence[OfficialArea]) -> Listed:
    last = area.last_date
    for wider in listed:  # by their first day, so that one take-over may follow another
        holds = wider.area_code != area.area_code and area.area_code.startswith(wider.area_code)
        coded = wider.unit in _CODED and AREA_DIGITS[AreaLevel(wider.unit)] == len(wider.area_code)
        if holds and coded and area.first_date <= wider.first_date <= last + timedelta(days=1):
            last = max(last, wider.last_date)
    return Listed(area, area.area_code, area.unit, ZoneLevel(area.level), area.first_date, last)


def _official_line(row: OfficialRow) -> OfficialLine:
    assert isinstance(row.official, Listed)
    area = row.official.area
    assert row.proposed is None or isinstance(row.proposed, Span)
    return OfficialLine(
        name=area.name,
        area_code=area.area_code,
        unit=area.unit,
        level=ZoneLevel(area.level),
        first_date=area.first_date,
        last_date=area.last_date,
        match=row.match,
        proposed=row.proposed,
        days_before=row.days_before,
        same_level=row.same_level,
    )


def _proposed_line(row: ProposedRow) -> ProposedLine:
    assert isinstance(row.proposed, Span)
    assert row.official is None or isinstance(row.official, Listed)
    return ProposedLine(row.proposed, row.match, row.official and row.official.area.name, row.days_before)


def _summary(official: Sequence[OfficialLine], proposed: Sequence[ProposedLine]) -> Summary:
    hits = [line for line in official if line.match in FOUND]
    days = [line.days_before for line in hits if line.days_before is not None]
    by_proposed = _counted(line.match for line in proposed)
    return Summary(
        official=len(official),
        by_match=_counted(line.match for line in official),
        found=len(hits),
        same_level=sum(line.same_level is True for line in hits),
        before=sum(day > 0 for day in days),
        same_day=sum(day == 0 for day in days),
        after=sum(day < 0 for day in days),
        median_days_before=median(days) if days else None,
        proposed=len(proposed),
        proposed_by_match=by_proposed,
        inside_official=by_proposed[ZoneMatch.WIDER],
        nearby=by_proposed[ZoneMatch.NEARBY] + by_proposed[ZoneMatch.PART],
        never_official=by_proposed[ZoneMatch.NONE],
    )


def _counted(matches: Iterable[ZoneMatch]) -> dict[ZoneMatch, int]:
    found = Counter(matches)
    return {match: found[match] for match in ZoneMatch}
