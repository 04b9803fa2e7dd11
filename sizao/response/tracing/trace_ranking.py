"""The ranking of whom a trace found in one layer: page by page, one line explained, and what a cut leaves out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Case, Contact, Trace, TraceMatch
from sizao.response.tracing import rides
from sizao.response.tracing.asked_layers import may_only_be_invited
from sizao.response.tracing.rides import Ride
from sizao.response.tracing.trace_page import standing_matches
from sizao.terms import Layer, Seating, Tier

PAGE_ROWS = 30
TINIEST = 1e-300  # so that nothing is divided by nothing


class NoSuchRank(SizaoError):
    code = "trace.rank.unreadable"
    message = "“{key}” is no place in this list. Open the list from its beginning."


@dataclass(frozen=True, slots=True)
class Listed:
    """One companion in the ranking; who it is only where the register knows, masked for who may not see."""

    match: TraceMatch
    rank: int
    tier: Tier
    identity: access.Identity | None
    contact: bool
    case: bool

    @property
    def rides(self) -> tuple[Ride, ...]:
        """The vehicles that they shared with the case, the nearest seats first."""
        return tuple(rides.read(one) for one in self.match.rides)

    @property
    def seating(self) -> Seating | None:
        """What the seat rule says of the nearest ride; None outside vehicles."""
        return Seating(self.match.seating) if self.match.seating else None

    @property
    def is_later(self) -> bool:
        """Whether the register learnt only after the moment who this is, and so where they live."""
        return self.identity is None and self.match.person_id is not None

    @property
    def may_be_contact(self) -> bool:
        """Whether an officer could make them a contact: known by name, at the same place, and neither yet."""
        only_invited = may_only_be_invited(Layer(self.match.layer), self.tier)
        return self.identity is not None and not (only_invited or self.contact or self.case)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Some rows of a ranking, and the key that the next ones follow; empty when there are none."""

    rows: tuple[Listed, ...]
    more: str

    @property
    def may_make_contacts(self) -> bool:
        """Whether an officer could make a contact of anybody here."""
        return any(row.may_be_contact for row in self.rows)


@dataclass(frozen=True, slots=True)
class Cut:
    """
    What a list of one layer cut at `keep` leaves out.

    Of those: their number, their share of the weight, the longest time in minutes and the most days of any.
    """

    keep: int
    left_out: int
    share_left_out: float
    longest_minutes: float
    most_days: int


def ranked(
    trace: Trace, layer: Layer, *, reader: Account, as_of: datetime, after: str = "", seating: Seating | None = None
) -> Ranking:
    """
    Give a page of the companions in one layer, the closest first; with `seating` those in vehicles who sat so.

    `after` is the key of the page before. Raise NoSuchRank for one that is none.
    """
    matches = standing_matches(trace, as_of=as_of).filter(layer=layer).select_related("person")
    matches = matches if seating is None else matches.filter(seating=seating)
    score, row, rank = _read_key(after) if after else (None, 0, 0)
    found = list(_beyond(matches, score, row, is_first=not after)[: PAGE_ROWS + 1])
    rows = found[:PAGE_ROWS]
    shown = _listed(trace, rows, reader, as_of, first_rank=rank + 1)
    more = _key(rows[-1], rank + len(rows)) if len(found) > PAGE_ROWS else ""
    return Ranking(tuple(shown), more)


def _beyond(matches: QuerySet[TraceMatch], score: float | None, row: int, *, is_first: bool) -> QuerySet[TraceMatch]:
    """Go on behind a place of the ranking. Who has no score comes first in the database, so it is put last here."""
    ordered = matches.order_by(F("score").desc(nulls_last=True), "pk")
    scored = matches.filter(score__isnull=False).order_by("-score", "pk")
    if is_first:
        return scored if not matches.filter(score__isnull=True).exists() else ordered
    if score is None:
        return matches.filter(score__isnull=True, pk__gt=row).order_by("pk")
    behind = Q(score__lt=score) | Q(score=score, pk__gt=row)
    if not matches.filter(score__isnull=True).exists():
        # The bound on its own lets the index be walked from the right place.
        return scored.filter(Q(score__lte=score) & behind)
    return ordered.filter(behind | Q(score__isnull=True))


def _key(match: TraceMatch, rank: int) -> str:
    return f"{'' if match.score is None else repr(match.score)}~{match.pk}~{rank}"


def _read_key(text: str) -> tuple[float | None, int, int]:
    score, *rest = text.split("~")
    try:
        row, rank = map(int, rest)
        return (float(score) if score else None), row, rank
    except ValueError as fault:
        raise NoSuchRank(key=text[:40]) from fault


def _listed(
    trace: Trace, rows: Sequence[TraceMatch], reader: Account, as_of: datetime, *, first_rank: int
) -> Iterable[Listed]:
    people = {one.person_id for one in rows if one.person_id}
    about = {"outbreak_id": trace.outbreak_id, "person__in": people}
    contacts = set(Contact.objects.filter(found_at__lte=as_of, **about).values_list("person_id", flat=True))
    cases = set(Case.objects.filter(opened_at__lte=as_of, **about).values_list("person_id", flat=True))
    for rank, one in enumerate(rows, start=first_rank):
        known = one.person if one.person_id and one.person.registered_at <= as_of else None
        yield Listed(
            match=one,
            rank=rank,
            tier=Tier(one.tier),
            identity=access.identity(known, to=reader) if known else None,
            contact=one.person_id in contacts,
            case=one.person_id in cases,
        )


def cut_at(trace: Trace, layer: Layer, *, as_of: datetime, keep: int) -> Cut:
    """Say what a list of one layer cut at `keep` would leave out; who has no score weighs nothing and stands last."""
    matches = standing_matches(trace, as_of=as_of).filter(layer=layer)
    whole = matches.order_by().aggregate(n=Count("pk"), weight=Sum("score"))
    behind = matches.order_by(F("score").desc(nulls_last=True), "pk")[keep:]
    left = behind.aggregate(n=Count("pk"), weight=Sum("score"), minutes=Max("minutes"), days=Max("days"))
    return Cut(
        keep=min(keep, whole["n"]),
        left_out=left["n"],
        share_left_out=(left["weight"] or 0) / max(whole["weight"] or 0, TINIEST),
        longest_minutes=left["minutes"] or 0,
        most_days=left["days"] or 0,
    )


def dilution(trace: Trace, layer: Layer, *, as_of: datetime, keep: int = 0) -> tuple[tuple[int, float], ...]:
    """
    Give pairs (N, share of the weight that the first N of one layer hold), close together where N is small.

    The weight is the score of the ranking. `keep` is among the lengths where it is one.
    """
    matches = standing_matches(trace, as_of=as_of).filter(layer=layer)
    weights = np.array(list(matches.order_by().values_list("score", flat=True)), np.float64)
    held = np.cumsum(-np.sort(-np.nan_to_num(weights)))
    held /= max(float(held[-1]) if len(held) else 0, TINIEST)
    n = len(held)
    return tuple((at, round(float(held[at - 1]), 4)) for at in _lengths(n, min(keep, n)))


def _lengths(n: int, keep: int) -> list[int]:
    """Choose lengths of a list for a curve: close together where it is short, and the chosen one."""
    if n == 0:
        return []
    spread = np.unique(np.round(np.geomspace(1, n, min(n, 120))).astype(int)).tolist()
    return sorted({*spread, *([keep] if keep else [])})


def one_listed(match: TraceMatch, *, reader: Account, as_of: datetime) -> Listed:
    """Say who one companion is as far as the reader may know, and where they stand in the ranking of their layer."""
    ahead = standing_matches(match.trace, as_of=as_of).filter(layer=match.layer)
    better = Q(score=match.score, pk__lt=match.pk)
    better |= Q(score__isnull=False) if match.score is None else Q(score__gt=match.score)
    rank = ahead.filter(better).count() + 1
    return next(iter(_listed(match.trace, [match], reader, as_of, first_rank=rank)))
