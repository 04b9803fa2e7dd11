"""What people inside a zone ask for: by telephone, at the door, by their household's code, or by rule from a need."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from sizao.errors import SizaoError
from sizao.protocol.zone_services import shipped_zone_services
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import (
    Account,
    Household,
    Outbreak,
    Person,
    PersonNeed,
    Stay,
    Zone,
    ZoneRequest,
    ZoneServing,
)
from sizao.response import ledger
from sizao.response.zoning.inside import residents
from sizao.terms import NeedKind, Right, StayKind, ZoneChannel, ZoneOutcome, ZoneRequestKind, ZoneState

FINAL = (ZoneOutcome.SERVED, ZoneOutcome.REFUSED)
CARED_FOR_ELSEWHERE = (StayKind.ROOM, StayKind.BED, StayKind.VEHICLE)


class ZoneNotStanding(SizaoError):
    code = "zone.not_standing"
    message = "{name} does not stand as a zone now, so nothing is asked for or served inside it. Choose one that does."


class RequestUnclear(SizaoError):
    code = "zone.request_unclear"
    message = "Say in a few words what is asked for, and name the household or the person it is for."


class NotInThisZone(SizaoError):
    code = "zone.not_inside"
    message = "That household does not live inside {name}. Check the zone, or ask in the zone that it lives in."


def within(zone: Zone, by: Account) -> str:
    """
    Give the area in which somebody looks after a zone: the zone's own, or their part of it. Raise NotYours.

    A grid worker answers for a village inside a zone that may be a whole county.
    """
    access.require(by, Right.ZONE_SERVE)
    if not (zone.area_code.startswith(by.area_code) or (by.area_code and by.area_code.startswith(zone.area_code))):
        raise NotYours(what="zone", area=by.area_code)
    return max(zone.area_code, by.area_code, key=len)


def standing_zones(outbreak: Outbreak, by: Account) -> QuerySet[Zone]:
    """Give the published zones of an outbreak that somebody looks after from inside."""
    access.require(by, Right.ZONE_SERVE)
    above = [by.area_code[:digits] for digits in range(2, len(by.area_code) + 1)]
    mine = Q(area_code__startswith=by.area_code) | Q(area_code__in=above)
    return Zone.objects.filter(mine, outbreak=outbreak, state=ZoneState.PUBLISHED).order_by("area_code", "pk")


@transaction.atomic
def ask(  # noqa: PLR0913 — what a request is
    *,
    zone: Zone,
    kind: ZoneRequestKind,
    what: str,
    channel: ZoneChannel,
    by: Account | None,
    now: datetime,
    household: Household | None = None,
    person: Person | None = None,
) -> ZoneRequest:
    """
    Take down what somebody inside a zone asks for; its clock runs from now, by the table of services.

    `by` is None for what a household asks itself by its code. Raise ZoneNotStanding, RequestUnclear, NotInThisZone, or
    the door's refusal.
    """
    if by is not None:
        within(zone, by)
    if zone.state != ZoneState.PUBLISHED:
        raise ZoneNotStanding(name=zone.name)
    household = household or (person.household if person else None)
    needs_words = kind not in (ZoneRequestKind.CARE, ZoneRequestKind.WASTE)
    if (household is None and person is None) or (needs_words and not what.strip()):
        raise RequestUnclear
    require_inside(zone, household, person)
    asked = new_request(zone, kind, what, channel, household, person, by=by, now=now)
    asked.save(force_insert=True)
    journal.write("zone.asked", asked, by=by, at=now, kind=str(kind), channel=str(channel))
    return asked


def require_inside(zone: Zone, household: Household | None, person: Person | None) -> None:
    """Refuse whoever does not live inside a zone: else anybody's things could be written down anywhere."""
    people = Person.objects.filter(residents(zone))
    mine = people.filter(pk=person.pk) if person else people.filter(household=household)
    if not mine.exists():
        raise NotInThisZone(name=zone.name)


def new_request(
    zone: Zone, kind: ZoneRequestKind, what: str, channel: ZoneChannel, household: Household | None,
    person: Person | None, *, by: Account | None, now: datetime, asked_at: datetime | None = None, key: str = "",
) -> ZoneRequest:  # fmt: skip
    """Compose a request without writing it; without a `key` the moment and the household make one."""
    asked_at = asked_at or now
    home = household.pk if household else f"p{person.pk if person else 0}"
    return ZoneRequest(
        zone=zone,
        area_code=person.area_code if person else household.area_code if household else zone.area_code,
        household=household,
        person=person,
        kind=kind,
        channel=channel,
        what=what.strip()[:200],
        asked_at=asked_at,
        recorded_at=now,
        asked_by=journal.actor_name(by) if by else str(channel),
        due_at=asked_at + shipped_zone_services().requests[kind].within,
        source_key=key or f"zone:{zone.pk}:asked:{home}:{kind}:{now.isoformat()}",
    )


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Ask for what the standing needs of people inside zones call for, once a need and zone; return how many."""
    rules = shipped_zone_services().needs
    zones = Zone.objects.filter(outbreak=outbreak, state=ZoneState.PUBLISHED, published_at__lte=now)
    fresh: list[ZoneRequest] = []
    for zone in zones.order_by("pk"):
        fresh += [_of_need(zone, need, now) for need in _unasked(zone, [str(kind) for kind in rules], now)]
    ZoneRequest.objects.bulk_create(fresh, batch_size=500)
    journal.write_many([journal.line("zone.asked", one, by=None, at=now, kind=str(one.kind)) for one in fresh])
    return len(fresh)


def _unasked(zone: Zone, kinds: list[str], now: datetime) -> list[PersonNeed]:
    # Whoever is in a room or a bed is looked after there.
    elsewhere = Stay.objects.current(now).filter(kind__in=CARED_FOR_ELSEWHERE)
    people = Person.objects.filter(residents(zone))
    needs = PersonNeed.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now), kind__in=kinds, recorded_at__lte=now, person__in=people
    )
    needs = needs.exclude(person__in=elsewhere.values("person"))
    needs = needs.exclude(person__in=ledger.died(zone.outbreak, as_of=now))
    asked = ZoneRequest.objects.filter(zone=zone, need__isnull=False).values("need")
    return list(needs.exclude(pk__in=asked).select_related("person__household").order_by("pk"))


def _of_need(zone: Zone, need: PersonNeed, now: datetime) -> ZoneRequest:
    rule = shipped_zone_services().needs[NeedKind(need.kind)]
    person = need.person
    words = " ".join(filter(None, (NeedKind(need.kind).label("zh"), need.detail)))
    made = new_request(
        zone, rule.asks, words, ZoneChannel.RULE, person.household, person, by=None, now=now,
        key=f"zone:{zone.pk}:need:{need.pk}",
    )  # fmt: skip
    since = max(filter(None, (zone.published_at, need.recorded_at)), default=now)
    made.need, made.asked_at, made.asked_by, made.due_at = need, since, journal.SYSTEM, since + rule.within
    return made


def open_requests(zone: Zone, *, as_of: datetime) -> QuerySet[ZoneRequest]:
    """Give what was asked for by a moment and was, as far as known then, neither served nor refused."""
    over = ZoneServing.objects.filter(request=OuterRef("pk"), outcome__in=FINAL, recorded_at__lte=as_of)
    return ZoneRequest.objects.filter(zone=zone, recorded_at__lte=as_of).filter(Q(done_at=None) | ~Exists(over))


def refusable(kind: ZoneRequestKind) -> bool:
    """Tell whether a request of this kind may be refused at all."""
    return shipped_zone_services().requests[kind].may_refuse
