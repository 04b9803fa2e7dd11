"""What crews told and does not agree with what is known: settled by a person, with a word of what came of it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import Account, Outbreak, TransferOddity
from sizao.response.transport import standing
from sizao.response.transport.requests import hold
from sizao.terms import Right


class TripOddityOver(SizaoError):
    code = "transport.oddity_over"
    message = "This was settled by {by} at {at:%Y-%m-%d %H:%M} already. Nothing was changed."


class TripOutcomeMissing(SizaoError):
    code = "transport.outcome_missing"
    message = "Say in a few words what came of it: where the person was, and how you know."


def waiting(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[TransferOddity]:
    """Give what waits for a person in an area, the oldest first."""
    noted = TransferOddity.objects.filter(
        outbreak=outbreak, area_code__startswith=area_code, recorded_at__lte=as_of
    ).exclude(settled_at__lte=as_of)
    return noted.select_related("trip__vehicle", "leg__request").order_by("recorded_at", "pk")


@transaction.atomic
def settle_oddity(*, outbreak: Outbreak, number: int, outcome: str, by: Account, now: datetime) -> TransferOddity:
    """
    Say what came of something that did not agree; the trip is then worked out anew with what is known by now.

    Raise TripOutcomeMissing, TripOddityOver or the door's refusal.
    """
    access.require(by, Right.TRANSFER_DISPATCH)
    hold(outbreak.pk)
    mine = TransferOddity.objects.select_for_update(of=["self"]).filter(outbreak=outbreak, pk=number)
    found = mine.filter(area_code__startswith=by.area_code).first()
    if found is None:
        raise NotYours(what="oddity", area=by.area_code)
    if found.settled_at is not None:
        raise TripOddityOver(by=found.settled_by, at=found.settled_at)
    if not outcome.strip():
        raise TripOutcomeMissing
    found.settled_at, found.settled_by, found.outcome = now, by.username, outcome.strip()[:300]
    found.sent = None
    found.save(update_fields=["settled_at", "settled_by", "outcome", "sent"])
    journal.write("trip.settled", found, by=by, at=now, kind=found.kind)
    if found.trip_id is not None:
        standing.work_out([found.trip_id], by=by, now=now)
    return found
