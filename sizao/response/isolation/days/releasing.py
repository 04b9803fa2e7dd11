"""
Who leaves a site: what is known of each, what is lacking, and who signed for it.

An order ends on its last day at 24:00, signed or not: what is lacking holds nobody. To keep somebody longer takes an
extension, which is an officer's own act with a cause of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    CommunityHandOver,
    EnvironmentSample,
    IsolationOrder,
    IsolationSite,
    Observation,
    Outbreak,
    SiteRelease,
)
from sizao.response import outbreaks
from sizao.response.isolation import secondary
from sizao.response.isolation.days import environment, exposures, handing_over, test_days
from sizao.response.isolation.days.inside import Inside, people_in
from sizao.response.isolation.days.test_days import TestDay
from sizao.terms import Dependency, OrderKind, OrderState, ReleaseLack, Right

SIGN_AHEAD = timedelta(days=1)  # the list of tomorrow is signed today


class NotLeaving(SizaoError):
    code = "release.not_leaving"
    message = "{number} is not in this site under an order that ends by {day}. Open the list again."


class SignedAlready(SizaoError):
    code = "release.signed_already"
    message = "The leaving of {number} is signed already, by {by}. Nothing was changed."


class SignatureMissing(SizaoError):
    code = "release.signature_missing"
    message = "Type your name as the signature: the list names who answers for it."


class ReleaseReasonMissing(SizaoError):
    code = "release.reason_missing"
    message = "Something is lacking for {number}. Say why they may leave all the same, or see to it first."


class PositiveCannotLeave(SizaoError):
    code = "release.positive"
    message = "A test of {number} is positive, so nobody signs for their way home. They go to hospital as a case."


class NothingToWithdraw(SizaoError):
    code = "release.nothing_to_withdraw"
    message = "This leaving is not signed for any more. Open the list again."


class WithdrawReasonMissing(SizaoError):
    code = "release.withdraw_reason_missing"
    message = "Say why the signature is withdrawn: the community that waits will ask."


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody whose order ends on a day: tests, objects swabbed, what is lacking, whether it is signed."""

    inside: Inside
    order: IsolationOrder
    tests: tuple[TestDay, ...]
    objects: tuple[EnvironmentSample, ...]
    lacks: tuple[ReleaseLack, ...]
    signed: SiteRelease | None
    hand_over: CommunityHandOver | None
    waits_until: date | None = None


def leaving(site: IsolationSite, last_date: date, *, outbreak: Outbreak, as_of: datetime) -> list[Leaving]:
    """Give who is in a site under an order that ends on a day, as one walks by, with what is known at a moment."""
    ending = {
        one.order.pk: one
        for one in people_in(site, as_of=as_of)
        if one.order and one.order.kind == OrderKind.CENTRAL and one.order.ends_date == last_date
    }
    orders = [one.order for one in ending.values() if one.order]
    tests = test_days.of_orders(orders, as_of=as_of)
    objects = environment.of_orders(orders, as_of=as_of)
    signed = {one.order_id: one for one in _standing(orders)}
    told = {one.order_id: one for one in CommunityHandOver.objects.filter(order__in=orders)}
    asks = _Asks(
        objects=environment.asked(outbreaks.rules_at(outbreak, as_of)),
        alarmed=_alarmed(site, last_date, as_of),
        near=exposures.people_waiting(site, as_of=as_of),
        waits=_secondary(orders, outbreak, as_of),
    )
    return [
        Leaving(
            ending[order.pk],
            order,
            tests[order.pk],
            tuple(objects.get(order.pk, ())),
            lacks(tests[order.pk], objects.get(order.pk, ()), order, asks),
            signed.get(order.pk),
            told.get(order.pk),
            asks.waits.get(order.pk),
        )
        for order in orders
    ]


@dataclass(frozen=True, slots=True)
class _Asks:
    """What decides about all who leave together: whether objects are asked for, who had symptoms, who waits."""

    objects: bool
    alarmed: Collection[int]
    near: Collection[int]
    waits: Mapping[int, date]


def lacks(
    tests: Sequence[TestDay], objects: Sequence[EnvironmentSample], order: IsolationOrder, asks: _Asks
) -> tuple[ReleaseLack, ...]:
    """Say what is lacking before somebody leaves, the gravest first."""
    found = {
        ReleaseLack.TEST_POSITIVE: test_days.positive(tests),
        ReleaseLack.SYMPTOMS: order.person_id in asks.alarmed,
        ReleaseLack.EXPOSURE_OPEN: order.person_id in asks.near,
        ReleaseLack.TEST_MISSING: any(one.is_open for one in tests),
        ReleaseLack.TEST_WAITING: any(not one.is_open and one.result is None for one in tests),
        ReleaseLack.OBJECTS_MISSING: asks.objects and not objects,
        ReleaseLack.OBJECTS_WAITING: any(one.is_positive is None for one in objects),
        ReleaseLack.OBJECTS_POSITIVE: any(bool(one.is_positive) for one in objects),
        ReleaseLack.SECONDARY_WAITS: order.pk in asks.waits,
    }
    return tuple(one for one, lacking in found.items() if lacking)


@transaction.atomic
def sign(
    *,
    site: IsolationSite,
    order: IsolationOrder,
    outbreak: Outbreak,
    signed_as: str,
    reason: str = "",
    by: Account,
    now: datetime,
) -> SiteRelease:
    """
    Sign for somebody's leaving in an officer's own name; the community of their home is told.

    A positive object, a missing test and whatever else is lacking take a reason that is kept; a positive test of the
    person is not signed for. Raise NotLeaving, SignedAlready, SignatureMissing, ReleaseReasonMissing,
    PositiveCannotLeave or the door's refusal.
    """
    access.require(by, Right.SITE_MANAGE, area_code=site.area_code)
    order = IsolationOrder.objects.select_for_update(of=["self"]).select_related("person").get(pk=order.pk)
    found = _leaving_one(site, order, outbreak, now)
    _require_signable(found, signed_as, reason)
    release = SiteRelease(
        outbreak_id=order.outbreak_id,
        site=site,
        order=order,
        person=order.person,
        release_date=order.ends_date,
        lacks=[str(one) for one in found.lacks],
        facts=_facts(found),
        reason=reason.strip()[:300],
        signed_at=now,
        signed_by=by,
        signed_as=signed_as.strip()[:60],
        source_key=f"release:{order.pk}:{SiteRelease.objects.filter(order=order).count()}",
    )
    try:
        with transaction.atomic():
            release.save(force_insert=True)
    except IntegrityError as clash:
        # Somebody else signed between our look and our write.
        raise SignedAlready(number=order.person.number, by="—") from clash
    journal.write("release.signed", release, by=by, at=now, lacks=release.lacks)
    handing_over.tell(release=release, by=by, now=now)
    return release


@transaction.atomic
def withdraw(*, release: SiteRelease, reason: str, by: Account, now: datetime) -> SiteRelease:
    """
    Take a signature back before the person was received at home; the community is told no more.

    Raise NothingToWithdraw, WithdrawReasonMissing or the door's refusal.
    """
    release = SiteRelease.objects.select_for_update(of=["self"]).select_related("site").get(pk=release.pk)
    access.require(by, Right.SITE_MANAGE, area_code=release.site.area_code)
    received = CommunityHandOver.objects.filter(order=release.order_id, received_at__isnull=False)
    if release.withdrawn_at is not None or received.exists():
        raise NothingToWithdraw
    if not reason.strip():
        raise WithdrawReasonMissing
    _withdraw([release], reason.strip()[:300], by=by, now=now)
    return release


def lapse(*, outbreak: Outbreak, now: datetime) -> int:
    """Withdraw by rule the signatures for a day on which an order does not end any more; return how many."""
    found = SiteRelease.objects.filter(outbreak=outbreak, withdrawn_at=None, signed_at__lte=now)
    moved = list(found.exclude(order__ends_date=F("release_date")).order_by("pk"))
    _withdraw(moved, str(ReleaseLack.EXPOSURE_OPEN), by=None, now=now)
    return len(moved)


# --- Parts -------------------------------------------------------------------------------------


def _leaving_one(site: IsolationSite, order: IsolationOrder, outbreak: Outbreak, now: datetime) -> Leaving:
    latest = outbreak.day_of(now + SIGN_AHEAD)
    if order.state != OrderState.ISSUED or order.ends_date > latest:
        raise NotLeaving(number=order.person.number, day=latest)
    for one in leaving(site, order.ends_date, outbreak=outbreak, as_of=now):
        if one.order.pk == order.pk:
            return one
    raise NotLeaving(number=order.person.number, day=latest)


def _require_signable(found: Leaving, signed_as: str, reason: str) -> None:
    number = found.inside.person.number
    if found.signed is not None:
        raise SignedAlready(number=number, by=found.signed.signed_as)
    if not signed_as.strip():
        raise SignatureMissing
    if ReleaseLack.TEST_POSITIVE in found.lacks:
        raise PositiveCannotLeave(number=number)
    if found.lacks and not reason.strip():
        raise ReleaseReasonMissing(number=number)


def _facts(found: Leaving) -> dict[str, object]:
    return {
        "tests": [[one.date.isoformat(), one.result and str(one.result)] for one in found.tests],
        "objects": [[one.what, one.is_positive] for one in found.objects],
    }


def _standing(orders: Sequence[IsolationOrder]) -> Sequence[SiteRelease]:
    return list(SiteRelease.objects.filter(order__in=orders, withdrawn_at=None).select_related("signed_by"))


def _alarmed(site: IsolationSite, day: date, as_of: datetime) -> set[int]:
    """Say who had fever or symptoms on the day they leave, or the day before."""
    found = Observation.objects.filter(site=site, is_alarming=True, recorded_at__lte=as_of, observed_at__lte=as_of)
    near = found.filter(observed_at__date__gte=day - SIGN_AHEAD)
    return {
        person
        for person, counts, settled in near.values_list("person", "counts", "settled_at")
        if counts or not settled
    }


def _secondary(orders: Sequence[IsolationOrder], outbreak: Outbreak, as_of: datetime) -> Mapping[int, date]:
    """Say by order until when at most its end waits for the tests of somebody else; never without a day."""
    contacts = {one.contact_id: one for one in orders if one.contact_id}
    found = [one.contact for one in IsolationOrder.objects.filter(pk__in=[one.pk for one in orders]).select_related(
        "contact"
    ) if one.contact is not None and one.contact.kind == "secondary"]  # fmt: skip
    if not found:
        return {}
    rules = outbreaks.rules_at(outbreak, as_of)
    known = secondary.standings(found, rules, as_of=as_of)
    return {
        contacts[pk].pk: one.at_most
        for pk, one in known.items()
        if one.dependency == Dependency.WAITS and one.at_most is not None
    }


def _withdraw(releases: Sequence[SiteRelease], reason: str, *, by: Account | None, now: datetime) -> None:
    for one in releases:
        one.withdrawn_at, one.withdrawn_by, one.withdrawn_reason = now, journal.actor_name(by), reason
    SiteRelease.objects.bulk_update(releases, ["withdrawn_at", "withdrawn_by", "withdrawn_reason"], batch_size=500)
    journal.write_many([journal.line("release.withdrawn", one, by=by, at=now) for one in releases])
    handing_over.take_back(orders=[one.order_id for one in releases], by=by, now=now)
