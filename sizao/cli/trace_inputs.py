"""What `sizao trace` reads beside the presences: places, neighbours, seats, weights."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sizao.errors import SizaoError

if TYPE_CHECKING:
    from sizao.adapters.visits import VisitStore
    from sizao.adapters.visits.meetings import Manner
    from sizao.adapters.visits.neighbours import Neighbours
    from sizao.adapters.visits.places import Places
    from sizao.adapters.visits.seats import Seats
    from sizao.adapters.visits.space_time import SpaceTime
    from sizao.adapters.visits.tokens import Tokens
    from sizao.engines.presences.dilution import Weights
    from sizao.engines.presences.seats import SeatRule
    from sizao.terms import VehicleKind


class NoCells(SizaoError):
    code = "trace.no_cells"
    message = (
        "No place in {path} is a cell by its name (H3, or 800m:ROW:COL). Say with --neighbours-of which places lie "
        "beside each other; nothing was written."
    )


class NoSuchWeight(SizaoError):
    code = "trace.no_such_weight"
    message = "--weight {told} is not NAME=NUMBER, 0 or more, with a name of {allowed}. Nothing was written."


class SpaceTimeUnsaid(SizaoError):
    code = "trace.space_time_unsaid"
    message = (
        "--space-time needs --{missing}: the rule is a local one and has no value of its own. Say what the annex "
        "in force says; nothing was written."
    )


def describe_places(presences: Path, store: Path) -> None:
    """Keep beside a store what a Parquet file of presences tells of its places; the caller may write to the store."""
    import pyarrow.parquet as pq

    from sizao.adapters.visits.bulk import rows_of
    from sizao.adapters.visits.places import describe, read_places, told_in

    rows_of(presences)  # refuses what is no Parquet file
    if told_in(pq.read_schema(presences)):
        describe(store, read_places(presences, integers=False))


def manner_of(asked: Mapping[str, Any], store: "VisitStore") -> "Manner":
    """Say how presences are to be looked at."""
    from sizao.adapters.visits.meetings import Manner

    return Manner(
        places=_places(asked["places"], store),
        neighbours=neighbours_of(asked, store) if asked["neighbours"] or asked["neighbours_of"] else None,
        pad_seconds=round(asked["pad_minutes"] * 60),
        utc_offset_seconds=round(asked["utc_offset"] * 3600),
    )


def neighbours_of(asked: Mapping[str, Any], store: "VisitStore") -> "Neighbours":
    """Read which places lie beside which; without a file their names say so. Raise NoCells where none does."""
    from sizao.adapters.visits.neighbours import BY_NAME, read_neighbours

    if path := asked["neighbours_of"]:
        return read_neighbours(path, integers=store.places.kind == "integers")
    if not _has_cells(store):
        raise NoCells(path=asked.get("presences", store.path))
    return BY_NAME


def seats_of(path: Path | None, store: "VisitStore") -> "Seats":
    """Read who sat where."""
    from sizao.adapters.visits.seats import NO_SEATS, read_seats

    if path is None:
        return NO_SEATS
    return read_seats(path, persons=_token(store.persons), places=_token(store.places))


def seat_rules(asked: Mapping[str, Any], last_second: int) -> "Mapping[VehicleKind, SeatRule]":
    """Give the seat rules in force on the day asked for, else on the day of a second."""
    from sizao.protocol.read_vehicles import shipped_seat_rules_at

    told: datetime | None = asked["rules_on"]
    day: date = (told or datetime.fromtimestamp(last_second + asked["utc_offset"] * 3600, UTC)).date()
    return {kind: row.rule for kind, row in shipped_seat_rules_at(day, asked["area"]).items()}


def space_time_of(asked: Mapping[str, Any], least_seconds: int) -> "SpaceTime":
    """Give the space-time rule as it was said. Raise SpaceTimeUnsaid where a part of it was not."""
    from sizao.adapters.visits.space_time import SpaceTime
    from sizao.terms import DwellOf

    for name in ("dwell_hours", "lookback_days", "dwell_of"):
        if asked[name] is None:
            raise SpaceTimeUnsaid(missing=name.replace("_", "-"))
    whose = next(one for one in DwellOf if one == asked["dwell_of"])
    return SpaceTime(least_seconds, round(asked["dwell_hours"] * 3600), asked["lookback_days"], whose)


def weights_of(told: tuple[str, ...]) -> "Weights":
    """Read the weights of a ranking, NAME=NUMBER each. Raise NoSuchWeight."""
    from dataclasses import fields

    from sizao.engines.presences.dilution import Weights

    names = [one.name for one in fields(Weights)]
    given = {}
    for one in told:
        name, _, number = one.partition("=")
        try:
            given[name] = float(number)
        except ValueError:
            given[name] = -1.0
        if name not in names or not 0 <= given[name] < float("inf"):
            raise NoSuchWeight(told=one, allowed=", ".join(names))
    return Weights(**given)


def _places(path: Path | None, store: "VisitStore") -> "Places":
    from sizao.adapters.visits.places import known_places, read_places

    known = known_places(store.path)
    return known.joined(read_places(path, integers=store.places.kind == "integers")) if path else known


def _has_cells(store: "VisitStore") -> bool:
    """Say whether any place looks like a cell; by pattern, because there may be millions."""
    import pyarrow.compute as pc

    from sizao.engines.presences.cells import CELL_PATTERN, LOWEST_H3

    known = store.places.known
    looks = pc.greater_equal(known, LOWEST_H3) if store.places.kind == "integers" else (
        pc.match_substring_regex(known, CELL_PATTERN))  # fmt: skip
    return bool(pc.any(looks).as_py())


def _token(tokens: "Tokens") -> Callable[[str], Any]:
    return int if tokens.kind == "integers" else str
