"""The seats that people had in vehicles, from a file."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sizao.adapters.tables import read_table
from sizao.adapters.visits.errors import NOT_WHOLE, PresencesUnreadable
from sizao.engines.presences.seats import Seat
from sizao.errors import SizaoError
from sizao.terms import Phrase

COLUMNS = ("carriage", "row", "is_crew")
UNTOLD = (None, "")


class SeatUnreadable(SizaoError):
    code = "visits.seat_unreadable"
    message = "{path}: the {column} of {person} in {place} is {told!r}; it should be {what}. Correct the file."


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats that people had in vehicles, by tokens of person and place; a seat nobody told is not here."""

    held: Mapping[tuple[Any, Any], tuple[Seat, ...]] = field(default_factory=dict)

    def of(self, person: Any, place: Any) -> tuple[Seat, ...]:
        """Give the seats that somebody had in a vehicle."""
        return self.held.get((person, place), ())


NO_SEATS = Seats()


def read_seats(path: Path, *, persons: Callable[[str], Any], places: Callable[[str], Any]) -> Seats:
    """
    Read seats from CSV or Parquet with person, place, and any of carriage, row (a whole number) and is_crew (0 or 1).

    A Parquet file of presences with such columns serves as well. `persons` and `places` make tokens of texts.
    Several seats of one person in one vehicle are all kept. Raise SeatUnreadable, or that the file cannot be read.
    """
    rows = _parquet(path) if path.suffix == ".parquet" else _csv(path, persons, places)
    held: dict[tuple[Any, Any], dict[Seat, None]] = defaultdict(dict)
    for person, place, *told in rows:
        if person is not None and place is not None and any(one not in UNTOLD for one in told):
            held[person, place][_seat(path, person, place, told)] = None
    return Seats({key: tuple(seats) for key, seats in held.items()})


def said(seats: Sequence[Seat]) -> str | None:
    """Write seats as carriage/row, a question mark for what is not known; None where none was told."""
    return "; ".join(map(_said, seats)) or None


def _said(seat: Seat) -> str:
    carriage, row = ("?" if one is None else one for one in (seat.carriage, seat.row))
    return f"{carriage}/{row}{' crew' if seat.is_crew else ''}"


def _seat(path: Path, person: Any, place: Any, told: Sequence[Any]) -> Seat:
    carriage, row, is_crew = told
    facts = {"path": path, "person": person, "place": place}
    try:
        number = None if row in UNTOLD else int(row)
    except (TypeError, ValueError) as fault:
        raise SeatUnreadable(**facts, column="row", told=str(row)[:40], what="a whole number") from fault
    if is_crew not in (*UNTOLD, 0, 1, "0", "1"):
        raise SeatUnreadable(**facts, column="is_crew", told=str(is_crew)[:40], what="0 or 1")
    return Seat(None if carriage in UNTOLD else str(carriage), number, is_crew in (1, "1"))


def _csv(path: Path, persons: Callable[[str], Any], places: Callable[[str], Any]) -> list[tuple[Any, ...]]:
    table = read_table(path, needs=("person", "place"), may_have=COLUMNS)
    columns = [
        table.read("person", persons, what="a person as the store knows them"),
        table.read("place", places, what="a place as the store knows them"),
        *(table.columns[name] if name in table else [None] * len(table) for name in COLUMNS),
    ]
    return list(zip(*columns, strict=True))


def _parquet(path: Path) -> list[tuple[Any, ...]]:
    try:
        names = pq.read_schema(path).names
        if not {"person", "place"} <= set(names):
            raise PresencesUnreadable(
                path=path, reason=Phrase("the columns person and place are needed.", "须有 person 与 place 两列。")
            )
        table = pq.read_table(path, columns=["person", "place", *(name for name in COLUMNS if name in names)])
    except (OSError, pa.ArrowInvalid) as fault:
        raise PresencesUnreadable(path=path, reason=NOT_WHOLE) from fault
    told = table.group_by(table.column_names).aggregate([])
    return list(zip(
        *(told[name].to_pylist() if name in told.column_names else [None] * len(told)
          for name in ("person", "place", *COLUMNS)), strict=True,
    ))  # fmt: skip
