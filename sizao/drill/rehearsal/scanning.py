"""
Scans of venues in a drill, as their operators send them.

A small town sends all of them each morning. In a great city an operator is asked for the places and days of a case,
so that what is sent follows the outbreak.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.sending import Sending
from sizao.drill.rehearsal.venues import place_code, place_of_code
from sizao.engines.simulation.presence import Presence
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Visit
from sizao.response.tracing import presences

HISTORY_OF_SCANS = 14  # days before the first
_A_DAY = timedelta(days=1)


def scans(sending: Sending, day: int, now: datetime) -> int:
    """Send the scans that are due this morning, those of the morning before that come late, and doubled ones."""
    if sending.rehearsal.life.scans == parts.ASKED:
        return _asked(sending, day, now, is_late=False) + _asked(sending, day, now, is_late=True)
    days = [day - 1] if day else list(range(-HISTORY_OF_SCANS, 0))
    return sum(
        _of_day(sending, one, is_late=False, now=now) + _of_day(sending, one - 1, is_late=True, now=now) for one in days
    )


def _of_day(sending: Sending, day: int, *, is_late: bool, now: datetime) -> int:
    return _receive(sending, sending.life.scans(day), str(day), day, is_late=is_late, now=now)


def _asked(sending: Sending, day: int, now: datetime, *, is_late: bool) -> int:
    """Send the scans of the places and days that cases told of since the morning before."""
    until = now - _A_DAY if is_late else now
    told = Visit.objects.filter(outbreak=sending.outbreak, place__source_key__startswith=sending.key(""))
    fresh = told.filter(recorded_at__gt=until - _A_DAY, recorded_at__lte=until)
    before = set(told.filter(recorded_at__lte=until - _A_DAY).values_list("place__source_key", "first_date"))
    wanted = sorted(set(fresh.values_list("place__source_key", "first_date")) - before)
    rows = [sending.life.scans_at(place_of_code(code), (on - sending.rehearsal.first_date).days) for code, on in wanted]
    return _receive(sending, _joined(rows), f"asked:{day - is_late}", day - is_late, is_late=is_late, now=now)


def _joined(rows: Iterable[Presence]) -> Presence:
    columns = [(one.person, one.place, one.start, one.end) for one in rows]
    empty = [(np.zeros(0, np.int64),) * 4]
    return Presence(*(np.concatenate(column) for column in zip(*empty, *columns, strict=True)))


def _receive(sending: Sending, told: Presence, name: str, day: int, *, is_late: bool, now: datetime) -> int:
    number = np.arange(len(told))
    mine = sending.chance("late", number, day, sending.rehearsal.life.late) == is_late
    doubled = sending.chance("doubled", number, day, sending.rehearsal.life.doubled)
    rows = np.concatenate((np.flatnonzero(mine), np.flatnonzero(mine & doubled)))
    if not len(rows):
        return 0
    batch = presences.receive(
        outbreak=sending.outbreak,
        source="场所码（演练）",
        source_key=sending.key("scans", f"{name}{':late' if is_late else ''}"),
        rows=_table_of(sending.life, told, rows),
        by=None,
        now=now,
        is_generated=True,
    )
    return batch.rows_taken


def _table_of(life: CityLife, told: Presence, rows: Ints) -> pa.Table:
    places, which = np.unique(told.place[rows], return_inverse=True)
    people, who = np.unique(told.person[rows], return_inverse=True)
    codes = np.array([place_code(life, int(one)) for one in places], object)[which]
    numbers = np.array([life.number(int(one)) for one in people], object)[who]
    return pa.table(
        {
            "number": pa.array(numbers.tolist(), pa.string()),
            "place": pa.array(codes.tolist(), pa.string()),
            "start": life.seconds(told.start[rows]),
            "end": life.seconds(told.end[rows]),
        }
    )
