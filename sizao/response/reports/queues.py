"""What waits for somebody: orders to be decided, signals to be verified, places to be matched."""

from datetime import datetime

from django.db.models import Q, QuerySet

from sizao.records.models import IsolationOrder, Outbreak, Signal, UnmatchedPlace
from sizao.response import isolation
from sizao.terms import SignalState


def orders_waiting(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> QuerySet[IsolationOrder]:
    """Give the proposals of an area on which nobody had decided at `as_of`, and which had not ended by themselves."""
    known = isolation.known_at(outbreak, as_of).filter(area_code__startswith=area_code)
    for moment in ("issued_at", "declined_at", "ended_at"):
        known = known.filter(Q(**{f"{moment}__isnull": True}) | Q(**{f"{moment}__gt": as_of}))
    return known


def signals(outbreak: Outbreak, area_code: str, *, as_of: datetime, state: SignalState | None) -> QuerySet[Signal]:
    """Give the signals of an area received by `as_of`, in the state they were in then."""
    known = Signal.objects.filter(outbreak=outbreak, area_code__startswith=area_code, received_at__lte=as_of)
    if state is None:
        return known
    unsettled = Q(settled_at__isnull=True) | Q(settled_at__gt=as_of)
    return known.filter(unsettled) if state == SignalState.NEW else known.filter(settled_at__lte=as_of, state=state)


def unmatched(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> QuerySet[UnmatchedPlace]:
    """Give the places that waited to be matched at `as_of`; one said nowhere in particular belongs to all."""
    waiting = UnmatchedPlace.objects.filter(
        Q(matched_at__isnull=True) | Q(matched_at__gt=as_of), outbreak=outbreak, noted_at__lte=as_of
    )
    return waiting.filter(Q(area_code__startswith=area_code) | Q(area_code=""))


def after_mentions(waiting: QuerySet[UnmatchedPlace], mentions: int, row: int) -> QuerySet[UnmatchedPlace]:
    """Go on behind a place in the order of mentions."""
    return waiting.filter(Q(mentions__lt=mentions) | Q(mentions=mentions, pk__gt=row))
