"""Places through which most infectious time of cases passed, as they had been ranked by a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sizao.records import access, journal
from sizao.records.models import Account, Case, Trace
from sizao.response.tracing import presences, tokens
from sizao.response.tracing.trace_places import Spot, spots_of


@dataclass(frozen=True, slots=True)
class Hotspot:
    """
    A place: infectious minutes of all cases, how many cases passed, from the first to the last moment of any.

    `expected` cases would have passed were they like everybody whom the presences tell of; `visitors` are all people
    who were there in that time. `spot` is None where the presences are gone.
    """

    rank: int
    place: str
    spot: Spot | None
    minutes: float
    n_cases: int
    expected: float
    visitors: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class HotspotPage:
    """The ranking of the latest answer that was known, and the cases asked about whom the reader may see."""

    places: tuple[Hotspot, ...]
    n_places: int
    answered_at: datetime | None
    since: datetime | None
    cases: tuple[str, ...]
    n_cases: int


def read(trace: Trace, *, by: Account, now: datetime, as_of: datetime) -> HotspotPage:
    """Read through which places infectious time passed, as it had been ranked by a moment; it is journalled."""
    answer = trace.answers.filter(answered_at__lte=as_of).order_by("-answered_at", "-pk").first()
    rows = answer.facts["hotspots"] if answer else []
    spots = _spots(trace, [row["place"] for row in rows])
    mine = Case.objects.filter(pk__in=trace.cases, person__in=access.people(by)).order_by("number")
    journal.write("trace.hotspots_read", trace, by=by, at=now, number=trace.number, rows=len(rows))
    since = trace.settings.get("since")
    return HotspotPage(
        places=tuple(_hotspot(rank, row, spots) for rank, row in enumerate(rows, start=1)),
        n_places=answer.n_found if answer else 0,
        answered_at=answer.answered_at if answer else None,
        since=datetime.fromisoformat(since) if since else None,
        cases=tuple(mine.values_list("number", flat=True)),
        n_cases=len(trace.cases),
    )


def _spots(trace: Trace, places: Sequence[str]) -> dict[str, Spot]:
    try:
        return spots_of(places, presences.opened(trace.outbreak))
    except (presences.NoPresences, tokens.TokensDestroyed):
        return {}


def _hotspot(rank: int, row: dict, spots: dict[str, Spot]) -> Hotspot:
    return Hotspot(
        rank=rank,
        place=row["place"],
        spot=spots.get(row["place"]),
        minutes=row["minutes"],
        n_cases=row["cases"],
        expected=row["expected"],
        visitors=row["visitors"],
        first=datetime.fromisoformat(row["first"]),
        last=datetime.fromisoformat(row["last"]),
    )
