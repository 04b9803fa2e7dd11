"""Streams of a drill: how many came to each door of care yesterday, township by township, and no names."""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.laboratory import swab
from sizao.drill.rehearsal.sending import SOURCE, Sending
from sizao.engines.simulation import care
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Stream
from sizao.response import signals
from sizao.terms import StreamKind

_DOORS = {
    parts.FEVER_CLINIC: (care.FEVER_CLINIC, StreamKind.FEVER_CLINIC),
    parts.VILLAGE_DOCTOR: (care.VILLAGE_DOCTOR, StreamKind.SENTINEL_CLINIC),
    parts.PHARMACY: (care.PHARMACY, StreamKind.ANTIPYRETIC_SALES),
}
_LABORATORY = "laboratory"
_DOOR_SHARE = {care.VILLAGE_DOCTOR: 0, care.PHARMACY: 1, care.FEVER_CLINIC: 2}  # of `Care.tested`


def counts(sending: Sending, day: int, now: datetime) -> int:
    """Tell how many came to each door that reports yesterday; before the first day, the history too."""
    rehearsal = sending.rehearsal
    days = [day - 1] if day else list(range(-rehearsal.history_days, 0))
    said: list[signals.Said] = []
    for name in rehearsal.care.reports:
        door, kind = _DOORS[name]
        streams = _opened(sending, name, kind, now)
        said += _said(sending, streams, days, lambda one, door=door: _came(sending, door, one))
    if rehearsal.care.names == parts.COUNTS:
        streams = _opened(sending, _LABORATORY, StreamKind.LABORATORY, now)
        said += _said(sending, streams, days, lambda one: positives(sending, one))
    signals.hear(outbreak=sending.outbreak, said=said, by=None, now=now)
    return len(said)


def positives(sending: Sending, day: int) -> Ints:
    """Count, by township, who was swabbed at a door on a day and is positive."""
    people, door = sending.illness.seeking(day)
    chosen = people[sending.chance("tested at a door", people, 0, shares_tested(sending, door))]
    found = chosen[swab(sending.life, chosen, day)]
    return _by_town(sending, found)


def shares_tested(sending: Sending, door: Ints) -> np.ndarray:
    """Give the share of those with the disease who are swabbed at each door."""
    tested = np.zeros(len(care.DOORS))
    for one, column in _DOOR_SHARE.items():
        tested[one] = sending.rehearsal.care.tested[column]
    return tested[door]


def _came(sending: Sending, door: int, day: int) -> Ints:
    people, doors = sending.illness.seeking(day)
    return sending.illness.background(door, day) + _by_town(sending, people[doors == door])


def _by_town(sending: Sending, people: Ints) -> Ints:
    return np.bincount(sending.illness.town_of(people), minlength=len(sending.illness.towns))


def _opened(sending: Sending, name: str, kind: StreamKind, now: datetime) -> list[Stream]:
    names, rehearsal = sending.life.names, sending.rehearsal
    entries = [
        signals.StreamEntry(
            source_key=sending.key(name, code),
            kind=kind,
            area_code=code,
            name=f"{names.get(code, code)}{kind.zh}（演练）",
            source=SOURCE,
            first_date=rehearsal.date_of(-rehearsal.history_days),
            is_generated=True,
        )
        for code in sending.illness.town_codes
    ]
    return signals.open_streams(outbreak=sending.outbreak, entries=entries, by=None, now=now)


def _said(
    sending: Sending, streams: list[Stream], days: list[int], count: Callable[[int], Ints]
) -> list[signals.Said]:  # fmt: skip
    return [
        signals.Said(stream, sending.rehearsal.date_of(one), value)
        for one in days
        for stream, value in zip(streams, count(one).tolist(), strict=True)
    ]
