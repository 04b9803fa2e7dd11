"""Where a case was and who was there with it: read from the presences each time, never kept beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from sizao.adapters.visits import VisitStore, Window
from sizao.adapters.visits.crossings import Stay, crossings, stays
from sizao.adapters.visits.places import known_places
from sizao.engines.presences.cells import middle_of, neighbours_of
from sizao.engines.presences.stays import joined
from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.models import Account, Place, Trace, TraceMatch
from sizao.response.tracing import bearers, presences, second_ring, tokens
from sizao.response.tracing.companions import least_seconds
from sizao.terms import Layer, PlaceKind, Tier

MOST_STAYS = 400  # of a case on its map; a fortnight has a few dozen


class PresencesGone(SizaoError):
    code = "trace.presences_gone"
    message = (
        "The presences of this outbreak are no longer here: they were destroyed on their last day. What was found "
        "from them is listed; when and where cannot be looked up any more."
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a presence: its name and kind where the register knows it, and where it lies as far as known."""

    code: str
    name: str
    kind: PlaceKind | None
    layer: Layer
    area_code: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class CaseStay:
    """A stay of the case: where, from when to when, and how many others were there for long enough meanwhile."""

    spot: Spot
    start: datetime
    end: datetime
    others: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """A stretch that somebody spent at one place with the case, or with a contact of it."""

    spot: Spot
    start: datetime
    end: datetime

    @property
    def minutes(self) -> float:
        return (self.end - self.start).total_seconds() / 60


def stays_of_case(trace: Trace, *, by: Account, now: datetime, as_of: datetime) -> list[CaseStay]:
    """
    Give where the case of a trace was within its window, up to a moment; the reading is journalled.

    Raise PresencesGone where they were destroyed.
    """
    store, least = _store(trace), least_seconds(trace)
    found = _joined(stays(store, _windows(trace, as_of)))[:MOST_STAYS]
    spots = spots_of([stay.place for stay in found], store)
    told = [CaseStay(spots[stay.place], moment(stay.start), moment(stay.end), _others(store, stay, least))
            for stay in found]  # fmt: skip
    journal.write("trace.places_read", trace, by=by, at=now, number=trace.number, stays=len(told))
    return told


def _others(store: VisitStore, stay: Stay, least: int) -> int:
    there = store.visitors(stay.place, stay.start, stay.end, least_seconds=least).num_rows
    own = stay.end - stay.start >= least
    return max(0, there - own)


def meetings(match: TraceMatch, *, by: Account, now: datetime, as_of: datetime) -> list[Meeting]:
    """
    Say when and where a companion was with the case, up to a moment; the reading is journalled as one of a person.

    Raise PresencesGone where the presences were destroyed.
    """
    trace = match.trace
    subject = match.person if match.person_id else match
    facts = {"right": "trace.ask", "purpose": trace.purpose, "trace": trace.number}
    journal.write("person.read" if match.person_id else "trace.match_read", subject, by=by, at=now, **facts)
    store = _store(trace)
    found = _crossed(match, store, as_of)
    spots = spots_of([stay.place for stay in found], store)
    told = (Meeting(spots[stay.place], moment(stay.start), moment(stay.end)) for stay in found)
    return [meeting for meeting in told if meeting.spot.layer == match.layer]


def _crossed(match: TraceMatch, store: VisitStore, as_of: datetime) -> list[Stay]:
    """
    Give where somebody crossed the case, or its contacts where that is how they were found.

    Under each token that they may bear: what several tell of one hour is one stretch.
    """
    least = least_seconds(match.trace)
    borne = [match.token]
    if match.person_id is not None:
        borne = sorted({match.token, *bearers.tokens_of_people(match.trace.outbreak, [match.person_id])})
    if match.tier != Tier.SECOND_RING:
        near = neighbours_of if match.tier == Tier.NEIGHBOUR else None
        asked = _windows(match.trace, as_of)
        pieces = [one for token in borne for one in crossings(store, asked, token, least_seconds=1, near=near)]
        return [one for one in _joined(pieces) if one.end - one.start >= least]
    until = int(as_of.timestamp())
    asked = [Window(one.person, one.start, min(one.end, until))
             for one in second_ring.exposed(match.trace, store, as_of) if one.start < until]  # fmt: skip
    return _joined([one for token in borne for one in crossings(store, asked, token, least_seconds=least)])


def _joined(pieces: Iterable[Stay]) -> list[Stay]:
    """Make pieces of time at one place that overlap or touch one, by start."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in pieces:
        spans.setdefault(one.place, []).append((one.start, one.end))
    whole = [Stay(place, *span) for place, some in spans.items() for span in joined(some)]
    return sorted(whole, key=lambda stay: (stay.start, stay.end, str(stay.place)))


def moment(seconds: int) -> datetime:
    """Give the moment of a time of the store."""
    return datetime.fromtimestamp(seconds, UTC)


def spots_of(codes: Sequence[str], store: VisitStore) -> dict[str, Spot]:
    """Say what the register and the sources know of places of presences, each once."""
    wanted = sorted(set(codes))
    known = {place.source_key: place for place in Place.objects.filter(source_key__in=wanted)}
    layers = known_places(store.path).layers(pa.array(wanted, pa.string()))
    return {code: _spot(code, known.get(code), layer) for code, layer in zip(wanted, layers, strict=True)}


def _spot(code: str, place: Place | None, layer: Layer) -> Spot:
    latitude, longitude = (place.latitude, place.longitude) if place else (middle_of(code) or (None, None))
    return Spot(
        code=code,
        name=place.name if place else code,
        kind=PlaceKind(place.kind) if place else None,
        layer=layer,
        area_code=place.area_code if place else "",
        latitude=latitude,
        longitude=longitude,
    )


def _store(trace: Trace) -> VisitStore:
    try:
        return presences.opened(trace.outbreak)
    except (presences.NoPresences, tokens.TokensDestroyed) as fault:
        raise PresencesGone from fault


def _windows(trace: Trace, as_of: datetime) -> list[Window]:
    """Give the window of the case under each token that it may bear."""
    start, end = int(trace.begins_at.timestamp()), int(min(trace.ends_at, as_of).timestamp())
    known = tokens.tokens_of(trace.outbreak, trace.case.person)
    return [Window(token, start, max(end, start)) for token in known]
