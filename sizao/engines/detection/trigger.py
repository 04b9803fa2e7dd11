"""
The multi-point trigger: some of the streams that watch one area speak within a few days.

A rule is a value that an annex of the protocol fills in. What several triggers tell of one area, or of an
area and a part of it, in overlapping days, is one story.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from sizao.engines.detection.fusion import combined, smallest_of
from sizao.errors import SizaoError
from sizao.terms import LEVEL_OF_DIGITS, STREAM_GROUP, Combination, StreamGroup, StreamKind


class TriggerRuleImpossible(SizaoError):
    code = "trigger.rule_impossible"
    message = "The trigger rule {key} can never be used: {reason} Correct it in its annex."


@dataclass(frozen=True, slots=True)
class StreamDay:
    """
    What a detector said of one day of one stream.

    `p_value` is NaN for methods that have none, and where the method could not say (a gap); `expected` is NaN
    where it could not say. `area` is an official code of any level.
    """

    stream: int
    kind: StreamKind
    area: str
    day: date
    count: float
    expected: float
    p_value: float
    is_alarm: bool

    @property
    def group(self) -> StreamGroup:
        """Whether it watches people, goods or places."""
        return STREAM_GROUP[self.kind]

    @property
    def is_judged(self) -> bool:
        """Whether the detector could say anything."""
        return self.is_alarm or not np.isnan(self.p_value)


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """
    Fire in an area when enough of its streams alarm within a window of days.

    Only streams of these `kinds` and these `groups` are heard (empty: of any). At least `streams_at_least`
    different streams must alarm, and they must be of at least `groups_at_least` different groups. All streams
    heard that could say anything, alarmed or not, then give one combined p-value, which may be `max_p` at most.
    `area_digits` is the length of the area codes within which they must agree.
    """

    key: str
    streams_at_least: int
    window_days: int
    area_digits: int
    groups_at_least: int = 1
    kinds: frozenset[StreamKind] = field(default_factory=frozenset)
    groups: frozenset[StreamGroup] = field(default_factory=frozenset)
    max_p: float = 1.0
    combination: Combination = Combination.FISHER

    def __post_init__(self) -> None:
        if reason := _impossible(self):
            raise TriggerRuleImpossible(key=self.key, reason=reason)

    def hears(self, said: StreamDay) -> bool:
        """Whether this rule listens to a stream at all."""
        return (
            (not self.kinds or said.kind in self.kinds)
            and (not self.groups or said.group in self.groups)
            and len(said.area) >= self.area_digits
            and said.is_judged
        )


@dataclass(frozen=True, slots=True)
class Fired:
    """
    A rule that fired in an area.

    `alarms` are the stream-days that alarmed, in order of day and stream; `first_day` and `last_day` are theirs.
    `n_streams` could say anything, alarmed or not. `p_value` is combined over these; NaN when none has one.
    """

    rule: str
    area: str
    first_day: date
    last_day: date
    p_value: float
    n_streams: int
    alarms: tuple[StreamDay, ...]

    @property
    def groups(self) -> frozenset[StreamGroup]:
        return frozenset(said.group for said in self.alarms)


@dataclass(frozen=True, slots=True)
class Story:
    """
    Triggers that tell the same: of one area or parts of it, in overlapping days.

    `area` is the widest of theirs, `rules` are in alphabetical order, `alarms` are each said once. `p_value` is
    that of the strongest trigger: they share streams, so their p-values may not be combined again.
    """

    area: str
    first_day: date
    last_day: date
    p_value: float
    rules: tuple[str, ...]
    alarms: tuple[StreamDay, ...]

    @property
    def groups(self) -> frozenset[StreamGroup]:
        return frozenset(said.group for said in self.alarms)


def fired_on(rule: TriggerRule, said: Iterable[StreamDay], day: date) -> tuple[Fired, ...]:
    """
    Say in which areas a rule fires, looking back from `day` over its window; in order of area.

    A day of a stream on which its detector could not say, and a stream of a wider area than the rule asks for, say
    nothing. A stream speaks with its best day, corrected for how many days it had (`smallest_of`). A combined
    p-value of NaN (no method gave one) does not hold a rule back: its count of alarms then decides alone.
    """
    first = day - timedelta(days=rule.window_days - 1)
    areas: dict[str, list[StreamDay]] = defaultdict(list)
    for one in said:
        if first <= one.day <= day and rule.hears(one):
            areas[one.area[: rule.area_digits]].append(one)
    found = [_fired_in(rule, area, heard) for area, heard in sorted(areas.items())]
    return tuple(fired for fired in found if fired is not None)


def stories(fired: Sequence[Fired]) -> tuple[Story, ...]:
    """
    Merge triggers that tell the same story; in order of area and first day.

    Two triggers are one story when their areas are the same or one lies in the other, and their days overlap.
    So are two that are each one story with a third.
    """
    parent = list(range(len(fired)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    at: Mapping[str, list[int]] = _numbers_by_area(fired)
    for number, one in enumerate(fired):
        for digits in range(1, len(one.area) + 1):
            for other in at.get(one.area[:digits], ()):
                if _overlap(one, fired[other]):
                    parent[root(number)] = root(other)
    together: dict[int, list[Fired]] = defaultdict(list)
    for number, one in enumerate(fired):
        together[root(number)].append(one)
    return tuple(sorted((_story(told) for told in together.values()), key=lambda story: (story.area, story.first_day)))


def _impossible(rule: TriggerRule) -> str | None:
    """Say why a rule makes no sense, or None."""
    heard = {STREAM_GROUP[kind] for kind in rule.kinds or StreamKind} & set(rule.groups or StreamGroup)
    reasons = {
        "at least one stream must alarm.": rule.streams_at_least < 1,
        "its window is shorter than a day.": rule.window_days < 1,
        f"no area code has {rule.area_digits} digits.": rule.area_digits not in LEVEL_OF_DIGITS,
        "its largest p-value does not lie above 0 and up to 1.": not 0 < rule.max_p <= 1,
        "it asks for more groups than streams.": rule.groups_at_least > rule.streams_at_least,
        "it asks for more groups than it hears.": rule.groups_at_least > len(heard),
        "at least one group must alarm.": rule.groups_at_least < 1,
    }
    return next((reason for reason, is_so in reasons.items() if is_so), None)


def _fired_in(rule: TriggerRule, area: str, heard: Sequence[StreamDay]) -> Fired | None:
    alarms = sorted((one for one in heard if one.is_alarm), key=lambda one: (one.day, one.stream))
    groups = {one.group for one in alarms}
    if len({one.stream for one in alarms}) < rule.streams_at_least or len(groups) < rule.groups_at_least:
        return None
    p_values: dict[int, list[float]] = defaultdict(list)
    for one in heard:
        p_values[one.stream].append(one.p_value)
    p = combined([smallest_of(days) for _, days in sorted(p_values.items())], rule.combination)
    if p > rule.max_p:
        return None
    return Fired(rule.key, area, alarms[0].day, alarms[-1].day, p, len(p_values), tuple(alarms))


def _numbers_by_area(fired: Sequence[Fired]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(fired):
        numbers[one.area].append(number)
    return numbers


def _overlap(one: Fired, other: Fired) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def _story(told: Sequence[Fired]) -> Story:
    p_values = [one.p_value for one in told if not np.isnan(one.p_value)]
    alarms = {(said.day, said.area, said.stream): said for one in told for said in one.alarms}
    return Story(
        area=min((one.area for one in told), key=len),
        first_day=min(one.first_day for one in told),
        last_day=max(one.last_day for one in told),
        p_value=min(p_values, default=float("nan")),
        rules=tuple(sorted({one.rule for one in told})),
        alarms=tuple(alarms[key] for key in sorted(alarms)),
    )
