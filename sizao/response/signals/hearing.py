"""From the standing verdicts of streams to the stories that trigger rules make of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from sizao.engines.detection.trigger import Fired, Story, StreamDay, fired_on, stories
from sizao.protocol.triggers import Trigger
from sizao.records.models import Outbreak, Stream, Verdict
from sizao.response.signals.judging import Judging
from sizao.response.signals.known_counts import STEP_DAYS
from sizao.response.signals.looking import standing_verdicts
from sizao.response.signals.scope import alerts_of, streams_of
from sizao.terms import AlertState, StreamKind, StreamStep

# An alarm older than this, such as one of a stream that was only just opened, is history and rings no more.
NEWS_DAYS = 14
# What these alerts told is settled; the same counts do not ring again.
SETTLED = (AlertState.DISMISSED, AlertState.CLOSED)

Told = tuple[str, str, int]  # stream, day, count


@dataclass(frozen=True, slots=True)
class Hearing:
    """The stories of a moment, the triggers that may have told them, and the verdict behind each alarm."""

    stories: tuple[Story, ...]
    triggers: Mapping[str, Trigger]
    streams: Mapping[int, Stream]
    alarms: Mapping[tuple[int, date], Verdict]
    first_date: date

    def is_generated(self, story: Story) -> bool:
        """Tell whether a story is of streams that a model made up."""
        return self.streams[story.alarms[0].stream].is_generated


def hear_stories(outbreak: Outbreak | None, judging: Judging, *, now: datetime) -> Hearing:
    """Say what the streams of an outbreak tell together, by what was known and judged at a moment."""
    streams = {one.pk: one for one in streams_of(outbreak).filter(opened_at__lte=now).order_by("pk")}
    rules = judging.triggers(stream.area_code for stream in streams.values())
    longest = max((rule.rule.window_days for rule in rules), default=1)
    first = judging.day - timedelta(days=NEWS_DAYS + longest)
    verdicts = standing_verdicts(streams, as_of=now, first_date=first - timedelta(days=7))
    silent = _settled(outbreak, first)
    # What a model made up never speaks together with what was counted.
    said: dict[bool, dict[date, list[StreamDay]]] = {made_up: defaultdict(list) for made_up in (False, True)}
    alarms: dict[tuple[int, date], Verdict] = {}
    for verdict in verdicts.values():
        stream = streams[verdict.stream_id]
        one = _stream_day(stream, verdict, judging.day, silent)
        said[stream.is_generated][one.day].append(one)
        if one.is_alarm and _is_clearer(verdict, alarms.get((stream.pk, one.day))):
            alarms[stream.pk, one.day] = verdict
    told = []
    for words in said.values():
        fired = [found for rule, areas in rules.items() for found in _fired(rule, areas, words, judging.day)]
        told += stories(fired)
    return Hearing(tuple(told), {rule.key: rule for rule in rules}, streams, alarms, first)


def _stream_day(stream: Stream, verdict: Verdict, today: date, silent: set[Told]) -> StreamDay:
    # A week is known on its last day, or as far as it has come.
    day = min(verdict.date + timedelta(days=STEP_DAYS[StreamStep(stream.step)] - 1), today)
    is_told = (stream.source_key, verdict.date.isoformat(), verdict.count) in silent
    return StreamDay(
        stream=stream.pk,
        kind=StreamKind(stream.kind),
        area=stream.area_code,
        day=day,
        count=verdict.count,
        expected=np.nan if verdict.expected is None else verdict.expected,
        p_value=np.nan if verdict.p_value is None else verdict.p_value,
        is_alarm=verdict.is_alarm and not is_told,
    )


def _is_clearer(one: Verdict, other: Verdict | None) -> bool:
    """Of several methods that alarm on one day, one that has a bound is told, then the smallest p-value."""
    if other is None:
        return True
    return _clarity(one) < _clarity(other)


def _clarity(verdict: Verdict) -> tuple[bool, float, str]:
    return verdict.upperbound is None, 2.0 if verdict.p_value is None else verdict.p_value, verdict.method


def _settled(outbreak: Outbreak | None, first: date) -> set[Told]:
    told = alerts_of(outbreak).filter(state__in=SETTLED, last_date__gte=first).values_list("reasons", flat=True)
    return {(one["stream"], one["date"], one["count"]) for reasons in told for one in reasons}


def _fired(
    rule: Trigger, areas: frozenset[str], said: Mapping[date, Sequence[StreamDay]], today: date
) -> Iterator[Fired]:
    heard = {day: [one for one in words if one.area in areas and rule.rule.hears(one)] for day, words in said.items()}
    news = today - timedelta(days=NEWS_DAYS - 1)
    # A rule fires first on the day of the last alarm that it needed, so the other days need no look.
    for day in sorted(day for day, words in heard.items() if day >= news and any(one.is_alarm for one in words)):
        window = [day - timedelta(days=back) for back in range(rule.rule.window_days)]
        yield from fired_on(rule.rule, [one for near in window for one in heard.get(near, ())], day)
