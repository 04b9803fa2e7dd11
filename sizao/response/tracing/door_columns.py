"""Columns of presences as senders give them, made into those that a store takes; who people are stays outside."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from numpy.typing import NDArray

from sizao.engines.presences.layout import LONGEST
from sizao.errors import SizaoError
from sizao.terms import Layer, Phrase, VehicleKind

NEEDED = ("place", "start", "end")
SEATS = ("carriage", "row", "is_crew")
RIDES = ("carriage", "row", "vehicle_kind")  # whoever tells these tells of a vehicle
LONGEST_CODE, LONGEST_CARRIAGE = 200, 20
_ROW = re.compile(r"[0-9]{1,4}")
_YES, _NO = {"1", "true"}, {"", "0", "false"}
_KINDS, _NOWHERE = (pa.string(), pa.int64(), pa.bool_()), ("", None, False)
_SECONDS = re.compile(r"-?[0-9]{1,12}")

Make = Callable[[str], str | None]


class PresencesUnreadable(SizaoError):
    code = "presences.unreadable"
    message = "The batch cannot be read: {reason}. Correct it and send it again; nothing was kept."


@dataclass(frozen=True, slots=True)
class Read:
    """
    Rows for the store (person, place, start, end, layer, vehicle_kind), and rows refused by reason.

    `first_rows` names the first row of each reason, counted from 1, so that the sender finds it. `seats` (person,
    place, start, carriage, row, is_crew) are those of the rows that tell one, and `unread_seats` counts the rows whose
    seat could not be read: the presence itself is taken, since it may be all that tells of somebody. `kinds` are the
    kinds of identity that told who it was.
    """

    rows: pa.Table
    seats: pa.Table
    refused: Mapping[str, int]
    first_rows: Mapping[str, int]
    unread_seats: int
    kinds: tuple[str, ...]


def read(rows: pa.Table, *, makers: Mapping[str, Make], bounds: tuple[int, int]) -> Read:
    """
    Turn a batch into tokens, codes and seconds.

    `makers` turn an identity of each kind into a token. A presence that began before the first bound is too old to
    be kept, one that starts after the second has not happened. Raise PresencesUnreadable for a batch that is no
    batch: without rows, or without one of the columns. All that a store refuses is refused here, since a store keeps
    what it refuses.
    """
    _check(rows, list(makers))
    person, faults, kinds = _persons(rows, makers)
    place = _codes(rows)
    start, unread_start = _seconds(rows, "start")
    end, unread_end = _seconds(rows, "end")
    layer, unread_layer = _layers(rows)
    vehicle_kind = _optional(rows, "vehicle_kind")
    earliest, latest = bounds
    _say(faults, place == "", "no place")
    _say(faults, unread_layer, "unknown layer")
    _say(faults, ~np.isin(vehicle_kind.astype(str), ["", *map(str, VehicleKind)]), "unknown kind of vehicle")
    _say(faults, unread_start | unread_end, "time unreadable")
    _say(faults, np.isnan(start), "no start")
    _say(faults, start > latest, "starts in the future")
    _say(faults, end < start, "ends before it starts")
    _say(faults, end - start > LONGEST, "longer than can be kept")
    _say(faults, start < earliest, "past the days kept")
    good = faults == ""
    table = pa.table(
        {
            "person": pa.array(person[good], pa.string()),
            "place": pa.array(place[good], pa.string()),
            "start": pa.array(start[good].astype(np.int64)),
            "end": pa.array(end[good], from_pandas=True).cast(pa.int64()),
            "layer": pa.array(layer[good], pa.string()),
            "vehicle_kind": pa.array([one or None for one in vehicle_kind[good]], pa.string()),
        }
    )
    seats, unread_seats = _seats(rows, table, good)
    reasons, first, count = np.unique(faults[~good], return_index=True, return_counts=True)
    at = np.flatnonzero(~good)[first] + 1
    return Read(
        table,
        seats,
        dict(zip(reasons.tolist(), count.tolist(), strict=True)),
        dict(zip(reasons.tolist(), at.tolist(), strict=True)),
        unread_seats,
        kinds,
    )


def content(rows: pa.Table) -> bytes:
    """Give what a batch says as bytes, the same for the same batch sent again."""
    names = sorted(rows.column_names)
    parts = [rows.column(name).cast(pa.string()).fill_null("\0").to_pylist() for name in names]
    return repr((names, parts)).encode()


def _check(rows: pa.Table, kinds: list[str]) -> None:
    there = rows.column_names
    if len(set(there)) < len(there):
        raise PresencesUnreadable(reason=Phrase("a column stands in it twice", "有重复的列"))
    missing = [name for name in NEEDED if name not in there]
    if missing:
        raise PresencesUnreadable(
            reason=Phrase(
                f"the column {missing[0]} is missing; there is {', '.join(there) or 'none'}",
                f"缺少 {missing[0]} 列；现有：{'、'.join(there) or '无'}",
            )
        )
    if not set(kinds) & set(there):
        raise PresencesUnreadable(
            reason=Phrase(
                f"nothing says who; one of the columns {', '.join(kinds)} is needed",
                f"没有标明人员的列；须有下列之一：{'、'.join(kinds)}",
            )
        )
    if not rows.num_rows:
        raise PresencesUnreadable(reason=Phrase("it holds no rows", "没有数据行"))


def _say(faults: NDArray[np.object_], where: NDArray[np.bool_], reason: str) -> None:
    """Note a reason where none was noted before: one row, one reason."""
    faults[where & (faults == "")] = reason


def _persons(
    rows: pa.Table, makers: Mapping[str, Make]
) -> tuple[NDArray[np.object_], NDArray[np.object_], tuple[str, ...]]:
    """Give the token of each row, of the first kind of identity that says anything in it, and the kinds that did."""
    kinds = []
    found = np.full(rows.num_rows, "", dtype=object)
    faults = np.full(rows.num_rows, "", dtype=object)
    for kind, make in makers.items():
        if kind not in rows.column_names:
            continue
        told = _texts(rows, kind)
        known, numbers = np.unique(told.astype(str), return_inverse=True)  # each identity is hashed once
        made = np.array([make(text) or "" if text else "" for text in known.tolist()], dtype=object)[numbers]
        empty = (found == "") & (faults == "")
        found[empty] = made[empty]
        kinds += [kind] if (made[empty] != "").any() else []
        faults[empty & (told != "") & (made == "")] = f"{kind} unreadable"
    _say(faults, found == "", "nobody named")
    return found, faults, tuple(kinds)


def _codes(rows: pa.Table) -> NDArray[np.object_]:
    codes = _texts(rows, "place")
    return np.array([code if len(code) <= LONGEST_CODE else "" for code in codes.tolist()], dtype=object)


def _layers(rows: pa.Table) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    told = _optional(rows, "layer")
    for name in set(RIDES) & set(rows.column_names):
        told[(told == "") & (_optional(rows, name) != "")] = str(Layer.VEHICLE)
    told[told == ""] = str(Layer.VENUE)
    return told, ~np.isin(told.astype(str), [str(one) for one in Layer])


def _seats(rows: pa.Table, taken: pa.Table, good: NDArray[np.bool_]) -> tuple[pa.Table, int]:
    """Give the seats of the rows that are taken, and count those that cannot be read."""
    told = [_optional(rows, name)[good].tolist() if name in rows.column_names else None for name in SEATS]
    columns = [[""] * taken.num_rows if one is None else one for one in told]
    here, seats, unread = [], [], 0
    for at, cells in enumerate(zip(*columns, strict=True) if any(told) else ()):
        seat = _seat(*cells)
        unread += seat is None
        if seat is not None and seat != _NOWHERE:
            here.append(at)
            seats.append(seat)
    found = taken.select(["person", "place", "start"]).take(pa.array(here, pa.int64()))
    for name, kind, cells in zip(SEATS, _KINDS, zip(*seats, strict=True) if seats else [()] * 3, strict=True):
        found = found.append_column(name, pa.array(cells, kind))
    return found, unread


def _seat(carriage: str, row: str, is_crew: str) -> tuple[str, int | None, bool] | None:
    """Read one seat; None for what is none."""
    crew = is_crew.lower()
    whole = not row or (_ROW.fullmatch(row) is not None and int(row) > 0)
    if not whole or len(carriage) > LONGEST_CARRIAGE or crew not in _YES | _NO:
        return None
    return carriage, int(row) if row else None, crew in _YES


def _optional(rows: pa.Table, name: str) -> NDArray[np.object_]:
    return _texts(rows, name) if name in rows.column_names else np.full(rows.num_rows, "", dtype=object)


def _texts(rows: pa.Table, name: str) -> NDArray[np.object_]:
    try:
        column = rows.column(name).cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as fault:
        reason = Phrase(f"the column {name} holds no texts or numbers", f"{name} 列的内容不是文本或数字")
        raise PresencesUnreadable(reason=reason) from fault
    trimmed = pc.utf8_trim_whitespace(column.fill_null(""))
    return np.array(trimmed.to_pylist(), dtype=object)


def _seconds(rows: pa.Table, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give a column of times as seconds (NaN where there is none), and where a text could not be read."""
    column = rows.column(name)
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _of_timestamps(column), np.zeros(len(column), np.bool_)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        plain = column.cast(pa.float64()).to_numpy().astype(np.float64)
        return np.floor(plain), np.isinf(plain)
    texts = _texts(rows, name)
    known, numbers = np.unique(texts.astype(str), return_inverse=True)
    read_once = [_moment(text) for text in known.tolist()]
    values = np.array([np.nan if one is None else one for one in read_once], np.float64)[numbers]
    return values, np.isnan(values) & (texts != "")


def _of_timestamps(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Give timestamps as seconds; those without a zone are told by the clocks of the jurisdiction."""
    if column.type.tz is None:
        zone = str(timezone.get_default_timezone())
        column = pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="latest")
    whole = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", column.type.tz)).cast(pa.int64())
    return np.asarray(whole.cast(pa.float64()).to_numpy(), np.float64)


def _moment(text: str) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = found if found.tzinfo else timezone.make_aware(found)
    try:
        return float(int(aware.timestamp()))
    except (OverflowError, ValueError):
        return None
