"""
What each detector would have cost and won here so far: all streams of a kind, judged anew over all their days.

What really was is taken from the cases on record: in each county an outbreak runs from the first onset (or, where
no onset is known, the first report) to the last report; cases further apart than GAP_DAYS belong to two outbreaks.
Only the outbreak that the screen is about is looked at, so an illness that nobody recorded counts as quiet time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from sizao.engines.detection import methods
from sizao.engines.detection.scoring import AtThreshold, Scorecard, TrueOutbreak, scorecard, sweep, worthwhile
from sizao.protocol.triggers import Detector
from sizao.records.models import Outbreak, Stream
from sizao.response.reports.known_cases import COUNTY_DIGITS, known_cases
from sizao.response.reports.standing_streams import streams_at
from sizao.response.signals.judging import judging_at
from sizao.response.signals.known_counts import STEP_DAYS, KnownCounts, known_counts
from sizao.terms import StreamStep

MOST_STREAMS = 200  # more would make a reader wait, and no longer change what is said
GAP_DAYS = 28  # two of the longest incubation periods of 14 days without a case: what follows is another outbreak
# An alarm later than this wins nothing: 14 days, or three weeks for what is counted by weeks.
WITHIN = {StreamStep.DAY: 14, StreamStep.WEEK: 3}
TRIED = 40
_TIMES_OF_YEAR = {StreamStep.DAY: 365, StreamStep.WEEK: 52}


@dataclass(frozen=True, slots=True)
class Episode:
    """An outbreak in one county as the records have it; `reported_date` is when its first case became known."""

    county_code: str
    first_date: date
    last_date: date
    reported_date: date


@dataclass(frozen=True, slots=True)
class MethodScore:
    """
    How one detector did, with its settings in force, on all streams of a kind.

    `lead_days` is how many days before the first report of an outbreak it alarmed, in the middle of the outbreaks
    that it alarmed; negative when it came after, None when it alarmed none. `tried` are other thresholds of the
    same statistic, rising.
    """

    detector: Detector
    card: Scorecard
    lead_days: float | None
    tried: tuple[AtThreshold, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of all detectors of a kind of streams, and what they rest on."""

    n_streams: int
    first_date: date | None
    last_date: date
    episodes: tuple[Episode, ...]
    methods: tuple[MethodScore, ...]


def detector_scores(outbreak: Outbreak, stream: Stream, area_code: str, *, as_of: datetime, day: date) -> Scores:
    """Score the detectors that judge a stream on all streams of its kind in an area, by what was known at `as_of`."""
    alike = _alike(outbreak, stream, area_code, as_of)
    known = known_counts(alike, as_of=as_of, last_date=day)
    found = episodes(outbreak, area_code, as_of=as_of)
    placed = _placed(found, known)
    detectors = judging_at(outbreak, as_of, day).detectors(stream)
    return Scores(
        n_streams=len(alike),
        first_date=known.dates[0] if known.dates else None,
        last_date=day,
        episodes=tuple(dict.fromkeys(episode for _, episode in placed)),
        methods=tuple(_score(one, known, placed) for one in detectors),
    )


def episodes(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> tuple[Episode, ...]:
    """Read which outbreaks the records have, county by county, as they were known at a moment."""
    by_county: dict[str, list[tuple[date, date]]] = {}
    for group in known_cases(outbreak, area_code, as_of=as_of):
        if len(group.county_code) == COUNTY_DIGITS:
            fell_ill = group.onset_date or group.status_date
            by_county.setdefault(group.county_code, []).append((fell_ill, group.status_date))
    return tuple(one for county, days in sorted(by_county.items()) for one in _split(county, sorted(days)))


def _split(county: str, days: Sequence[tuple[date, date]]) -> list[Episode]:
    found: list[Episode] = []
    for fell_ill, known in days:
        latest = found[-1] if found else None
        if latest is None or fell_ill - latest.last_date > timedelta(days=GAP_DAYS):
            found.append(Episode(county, fell_ill, max(fell_ill, known), known))
        else:
            last, reported = max(latest.last_date, known), min(latest.reported_date, known)
            found[-1] = Episode(county, latest.first_date, last, reported)
    return found


def _alike(outbreak: Outbreak, stream: Stream, area_code: str, as_of: datetime) -> list[Stream]:
    """Give the streams that can be judged side by side with one: its kind and step, weeks of its weekday."""
    found = streams_at(outbreak, area_code, as_of=as_of, kinds=[stream.kind]).filter(step=stream.step)
    rows = list(found.order_by("area_code", "pk")[:MOST_STREAMS])
    if stream.step == StreamStep.DAY:
        return rows
    return [one for one in rows if one.first_date.weekday() == stream.first_date.weekday()]


def _placed(found: Sequence[Episode], known: KnownCounts) -> list[tuple[TrueOutbreak, Episode]]:
    """Place outbreaks on the streams of their county and the axis of the counts; cut off what lies outside it."""
    if not known.dates:
        return []
    step = STEP_DAYS[StreamStep(known.streams[0].step)]
    latest = len(known.dates) - 1
    placed = []
    for row, stream in enumerate(known.streams):
        for episode in found:
            first = (episode.first_date - known.dates[0]).days // step
            last = (episode.last_date - known.dates[0]).days // step
            if episode.county_code.startswith(stream.area_code[:COUNTY_DIGITS]) and last >= 0 and first <= latest:
                placed.append((TrueOutbreak(row, max(first, 0), min(last, latest)), episode))
    return placed


def _score(detector: Detector, known: KnownCounts, placed: Sequence[tuple[TrueOutbreak, Episode]]) -> MethodScore:
    step = StreamStep(detector.step)
    said = methods.run(
        detector.method,
        counts=known.counts,
        dates=np.array(known.dates, dtype="datetime64[D]"),
        period=_TIMES_OF_YEAR[step],
        settings=dict(detector.settings),
    )
    judged = said.judged & ~np.isnan(known.counts)
    true = [one for one, _ in placed]
    card = scorecard(said.alarm, judged, true, within=WITHIN[step])
    strength = np.where(judged, said.statistic, np.nan)
    tried = sweep(strength, true, [float(one) for one in worthwhile(strength, TRIED)], within=WITHIN[step])
    return MethodScore(detector, card, _lead(card, placed, known), tried)


def _lead(card: Scorecard, placed: Sequence[tuple[TrueOutbreak, Episode]], known: KnownCounts) -> float | None:
    leads = [
        (episode.reported_date - known.dates[one.first + int(delay)]).days
        for (one, episode), delay in zip(placed, card.delays, strict=True)
        if not np.isnan(delay)
    ]
    return float(np.median(leads)) if leads else None
