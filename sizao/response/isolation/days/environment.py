"""
Swabs of the objects in a room before somebody leaves it, where the edition asks for them.

A positive object is not a positive person: it stops nobody by itself. Who signs for the leaving decides, and says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access, journal
from sizao.records.models import Account, EnvironmentSample, IsolationOrder, IsolationRoom, Outbreak
from sizao.terms import Right, SampledObject

ASKED = "contacts.close.environment_sampling_at_release"
LONGEST_TUBE = 20


class SampleTaken(SizaoError):
    code = "environment.taken"
    message = "{what} of room {room} is on record for this day already. Enter its result there."


class ResultStands(SizaoError):
    code = "environment.result_stands"
    message = "This sample has a result, entered by {by}. It is not written over: take another sample."


class SampleInTheFuture(SizaoError):
    code = "environment.in_the_future"
    message = "A sample cannot be taken after now. Check the time."


def asked(rules: Rules) -> bool:
    """Tell whether the edition in force asks for objects to be swabbed; not while that waits for confirmation."""
    value = rules.value(ASKED)
    return value.value is not None and value.flag and not rules.awaits_confirmation(value)


@transaction.atomic
def take_sample(
    *,
    room: IsolationRoom,
    outbreak: Outbreak,
    what: SampledObject,
    taken_at: datetime,
    by: Account,
    now: datetime,
    tube: str = "",
    order: IsolationOrder | None = None,
) -> EnvironmentSample:
    """
    Record a swab of an object in a room, for the leaving of somebody where `order` names it.

    Raise SampleTaken for a second one of its kind, day and order, SampleInTheFuture, or the door's refusal.
    """
    site = room.site
    access.require(by, Right.SITE_WORK, area_code=site.area_code)
    if taken_at > now:
        raise SampleInTheFuture
    day = outbreak.day_of(taken_at)
    sample, is_new = EnvironmentSample.objects.get_or_create(
        source_key=f"environment:{room.pk}:{order.pk if order else ''}:{what}:{day}",
        defaults={
            "outbreak": outbreak,
            "site": site,
            "place": room.place,
            "order": order,
            "what": what,
            "tube": tube.strip()[:LONGEST_TUBE],
            "taken_at": taken_at,
            "taken_by": by.username,
        },
    )
    if not is_new:
        raise SampleTaken(what=what, room=room.number)
    journal.write("environment.sampled", sample, by=by, at=now, what=str(what))
    return sample


@transaction.atomic
def record_result(*, sample: EnvironmentSample, is_positive: bool, by: Account, now: datetime) -> EnvironmentSample:
    """Record what was found on an object. Raise ResultStands or the door's refusal."""
    sample = EnvironmentSample.objects.select_for_update(of=["self"]).select_related("site", "place").get(pk=sample.pk)
    access.require(by, Right.SITE_WORK, area_code=sample.site.area_code)
    if sample.result_at is not None:
        raise ResultStands(by=sample.result_by)
    sample.is_positive, sample.result_at, sample.result_by = is_positive, now, by.username
    sample.save(update_fields=["is_positive", "result_at", "result_by"])
    journal.write("environment.answered", sample, by=by, at=now, positive=is_positive)
    return sample


def of_orders(
    orders: Iterable[IsolationOrder], *, since: date | None = None, as_of: datetime
) -> Mapping[int, list[EnvironmentSample]]:
    """Give the samples taken for the leaving of people, by the ids of their orders; a later result is not known yet."""
    found: dict[int, list[EnvironmentSample]] = defaultdict(list)
    rows = EnvironmentSample.objects.filter(order__in=[one.pk for one in orders], taken_at__lte=as_of)
    if since is not None:
        rows = rows.filter(taken_at__date__gte=since)
    for one in rows.order_by("taken_at", "pk"):
        if one.result_at is not None and one.result_at > as_of:
            one.is_positive, one.result_at = None, None
        found[one.order_id].append(one)
    return found
