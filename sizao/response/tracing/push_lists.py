"""Whom traces found, by the place where people live: what is ready to be told to the authority there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, Person, Trace, TraceMatch
from sizao.response.tracing.trace_page import homes, n_found, standing_matches
from sizao.terms import AREA_DIGITS, AreaLevel, Layer, Right, Seating, Tier

PAGE_ROWS = 50
NOWHERE = "unknown"  # the list of those whose home nobody knows yet
_PROVINCE, _COUNTY = AREA_DIGITS[AreaLevel.PROVINCE], AREA_DIGITS[AreaLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class AreaList:
    """People whom a trace found in one county, each once; an empty code is for those whose home nobody knows."""

    area_code: str
    people: int


@dataclass(frozen=True, slots=True)
class PushLists:
    """The lists of one trace: counties of the case's province, counties of others, and whose home nobody knows."""

    inside: tuple[AreaList, ...]
    outside: tuple[AreaList, ...]
    nowhere: AreaList | None

    @property
    def people(self) -> int:
        """Everybody on these lists."""
        nowhere = self.nowhere.people if self.nowhere else 0
        return sum(one.people for one in (*self.inside, *self.outside)) + nowhere


@dataclass(frozen=True, slots=True)
class Pushed:
    """One row of a list: as little as the authority there needs to find the person and to decide."""

    number: str
    token: str
    name: str | None
    phone: str | None
    masked: bool
    area_code: str
    layer: Layer
    tier: Tier
    seating: Seating | None
    minutes: float
    meetings: int
    last_at: datetime
    is_generated: bool


@dataclass(frozen=True, slots=True)
class FoundHere:
    """Somebody of the reader's own area whom a trace of another area found; the case stays that area's own."""

    match: TraceMatch
    identity: access.Identity | None
    tier: Tier
    layer: Layer
    from_area: str


@dataclass(frozen=True, slots=True)
class FoundHerePage:
    """A page of them, the latest first, and the row that the next page goes on behind."""

    rows: tuple[FoundHere, ...]
    more: int | None


def lists(trace: Trace, *, as_of: datetime) -> PushLists:
    """Sort whom a trace found by the county of their homes, most people first."""
    by_county: Counter[str] = Counter()
    for code, people in homes(trace, as_of=as_of).items():
        by_county[code[:_COUNTY]] += people
    unknown = n_found(trace, as_of=as_of) - by_county.total() + by_county.pop("", 0)
    ranked = [AreaList(code, people) for code, people in sorted(by_county.items(), key=lambda one: (-one[1], one[0]))]
    province = trace.area_code[:_PROVINCE]
    return PushLists(
        inside=tuple(one for one in ranked if one.area_code.startswith(province)),
        outside=tuple(one for one in ranked if not one.area_code.startswith(province)),
        nowhere=AreaList("", unknown) if unknown > 0 else None,
    )


def export(trace: Trace, area_code: str, *, by: Account, now: datetime, as_of: datetime) -> Iterator[Pushed]:
    """
    Give one list row by row, the closest first; an empty `area_code` is the list of those whose home is not known.

    Names and telephones stand only where the reader may see them, as on every screen. When the last row was given the
    taking away is journalled with what it held, and in the record of each person whose name was in it.
    """
    matches = standing_matches(trace, as_of=as_of)
    later = Q(person__registered_at__gt=as_of)  # nobody knew by then who they are
    wanted = (
        matches.filter(area_code__startswith=area_code).exclude(later)
        if area_code
        else matches.filter(Q(area_code="") | later)
    )
    held: Counter[str] = Counter()
    named: dict[int, Person] = {}
    people = set()
    nearest = F("score").desc(nulls_last=True)
    for match in wanted.select_related("person").order_by(nearest, "pk").iterator(chunk_size=1000):
        row = _pushed(match, by, as_of)
        people.add(match.token)
        held["rows"] += 1
        if match.person_id and not row.masked and row.number:
            named[match.person_id] = match.person
        held["masked"] += row.masked
        held["tokens"] += not row.number
        yield row
    facts = {name: held[name] for name in ("rows", "masked", "tokens")} | {"people": len(people), "named": len(named)}
    about = {"number": trace.number, "area": area_code or NOWHERE, "as_of": as_of.isoformat()}
    journal.write("trace.exported", trace, by=by, at=now, **about, **facts)
    _note(trace, list(named.values()), by=by, now=now)


def _note(trace: Trace, people: Sequence[Person], *, by: Account, now: datetime) -> None:
    """Write into the journal of each of these people that their name was taken away: they may ask who did."""
    about = {"right": str(Right.PERSON_EXPORT), "purpose": trace.purpose, "trace": trace.number}
    for one in people:
        one.outbreak_id = trace.outbreak_id  # whose journal the line belongs to
    journal.write_many([journal.line("person.read", one, by=by, at=now, **about) for one in people])


def _pushed(match: TraceMatch, by: Account, as_of: datetime) -> Pushed:
    known = match.person_id is not None and match.person.registered_at <= as_of
    who = access.identity(match.person, to=by) if known else None
    return Pushed(
        number=who.number if who else "",
        token=match.token,
        name=who.name if who else None,
        phone=who.phone if who else None,
        masked=bool(who and who.masked),
        area_code=match.area_code if known or not match.person_id else "",
        layer=Layer(match.layer),
        tier=Tier(match.tier),
        seating=Seating(match.seating) if match.seating else None,
        minutes=match.minutes,
        meetings=match.meetings,
        last_at=match.last_at,
        is_generated=match.is_generated,
    )


def here(outbreak: Outbreak, reader: Account, *, as_of: datetime, after: int | None = None) -> FoundHerePage:
    """Give the people of the reader's area whom traces of cases elsewhere found, the latest first."""
    access.require(reader, Right.TRACE_ASK)
    found = _here(outbreak, reader, as_of).select_related("person", "trace").order_by("-pk")
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: PAGE_ROWS + 1])
    shown = tuple(_found_here(one, reader) for one in rows[:PAGE_ROWS])
    return FoundHerePage(shown, rows[PAGE_ROWS - 1].pk if len(rows) > PAGE_ROWS else None)


def n_here(outbreak: Outbreak, reader: Account, *, as_of: datetime) -> int:
    """Count the people of the reader's area whom traces of cases elsewhere found, each once."""
    return _here(outbreak, reader, as_of).aggregate(n=Count("token", distinct=True))["n"]


def _here(outbreak: Outbreak, reader: Account, as_of: datetime) -> QuerySet[TraceMatch]:
    mine = TraceMatch.objects.filter(trace__outbreak=outbreak, area_code__startswith=reader.area_code)
    known = mine.filter(found_at__lte=as_of).exclude(gone_at__lte=as_of)
    return known.exclude(trace__area_code__startswith=reader.area_code)


def _found_here(match: TraceMatch, reader: Account) -> FoundHere:
    return FoundHere(
        match=match,
        identity=access.identity(match.person, to=reader) if match.person_id else None,
        tier=Tier(match.tier),
        layer=Layer(match.layer),
        from_area=match.trace.area_code[:_COUNTY],
    )
