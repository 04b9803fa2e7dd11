"""
What scripted officers do in isolation, where it goes through its stage: orders served, rooms, looks, the way home.

Sites are made up, checked and labelled so. Who is ill is asked of the city; all else stands in the records. Each duty
looks for what waits, so that doing it twice changes nothing.
"""

from datetime import datetime, timedelta

from sizao.drill.rehearsal import parts
from sizao.drill.rehearsal.office import WHY, Office, each
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.errors import SizaoError
from sizao.protocol.home_care import shipped_home_rules
from sizao.records.models import (
    CommunityHandOver,
    HomeVisit,
    IsolationOrder,
    IsolationRoom,
    IsolationSite,
    Observation,
    Person,
    RoomPlacement,
    Stay,
)
from sizao.response import isolation
from sizao.response.isolation import allocation, occupancy, placements, rooms, serving, site_checks, sites
from sizao.response.isolation.days import handing_over, inside, observing, releasing
from sizao.response.isolation.home import checks, doing
from sizao.response.isolation.rooms import RoomRange
from sizao.response.isolation.serving import Service
from sizao.terms import (
    CheckMark,
    FamilyTold,
    PlacementState,
    Role,
    RoomStatus,
    Seen,
    ServedHow,
    SiteCheckItem,
    SiteState,
    StayKind,
    Symptom,
    VisitOutcome,
)

ROOMS_OF_A_SITE, PER_FLOOR = 120, 20
WELL_C, FEVERISH_C = 36.5, 38.2
SIGNED = "演练脚本"
SOURCE = "演练虚构"


def go_through_the_stage(rehearsal: Rehearsal) -> bool:
    """Say whether isolation in a drill is that of the stage, with sites, orders served and vehicles."""
    return rehearsal.means.isolation == parts.STAGE


def prepare_sites(office: Office, now: datetime) -> int:
    """Register the sites of the drill once, with as many rooms as it has, checked and ready."""
    if not go_through_the_stage(office.rehearsal) or IsolationSite.objects.exists():
        return 0
    left, number = office.rehearsal.means.rooms, 0
    while left > 0:
        number += 1
        floors = -(-min(left, ROOMS_OF_A_SITE) // PER_FLOOR)
        _prepare(office, number, floors, now)
        left -= floors * PER_FLOOR
    return number


def _prepare(office: Office, number: int, floors: int, now: datetime) -> None:
    by, seat = office.staff[Role.ISOLATION_COORDINATOR], office.rehearsal.seat
    area = max(office.outbreak.area_code, seat.code if seat else "", key=len)  # one lies within the other
    entry = sites.SiteEntry(
        f"演练隔离点{number}", area, latitude=seat and seat.latitude, longitude=seat and seat.longitude, source=SOURCE
    )
    site = sites.register_site(entry=entry, by=by, now=now)
    plan = RoomRange(first_floor=1, n_floors=floors, per_floor=PER_FLOOR)
    rooms.add_rooms(site=site, entries=plan.entries(), by=by, now=now)
    IsolationRoom.objects.filter(site=site).update(is_generated=True)
    site_checks.check_site(
        site=site, outbreak=office.outbreak, checked_at=now, signed_as=SIGNED, by=by, now=now,
        findings={item: site_checks.Finding(CheckMark.PASSED) for item in SiteCheckItem},
    )  # fmt: skip
    sites.move_site(site=site, state=SiteState.READY, by=by, now=now)


def serve_orders(office: Office, now: datetime) -> int:
    """Tell each person at the door what was ordered, in person."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    waiting = list(serving.unserved(office.outbreak, "", as_of=now).select_related("person", "outbreak"))
    served, refused = isolation.serve_many(
        chosen=waiting, service=Service(ServedHow.IN_PERSON, FamilyTold.WITH_THEM),
        by=office.staff[Role.GRID_WORKER], now=now,
    )  # fmt: skip
    for refusal in refused:
        office.asking.note(refusal)
    return len(served)


def give_rooms(office: Office, now: datetime) -> int:
    """Have rooms proposed for all who wait for one, and keep them."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    by = office.staff[Role.ISOLATION_COORDINATOR]
    try:
        allocation.propose(outbreak=office.outbreak, area_code=office.outbreak.area_code, by=by, now=now)
    except allocation.NobodyWaits:
        return 0
    except SizaoError as refusal:
        office.asking.note(refusal)
        return 0
    proposed = RoomPlacement.objects.filter(outbreak=office.outbreak, state=PlacementState.PROPOSED).order_by("pk")
    kept, refused = placements.accept_many(placements=list(proposed), by=by, now=now)
    for refusal in refused:
        office.asking.note(refusal)
    return len(kept)


def look_after_rooms(office: Office, now: datetime) -> int:
    """See everybody in a site once a session, with a thermometer; who has symptoms is feverish."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    return sum(_look(office, site, now) for site in _sites(office))


def _look(office: Office, site: IsolationSite, now: datetime) -> int:
    found = inside.people_in(site, as_of=now)
    since = now - timedelta(hours=1)
    seen = set(Observation.objects.filter(site=site, observed_at__gt=since).values_list("person", flat=True))
    sent = [_seen(office, one.person, now) for one in found if one.person.pk not in seen]
    told = observing.record_observations(
        site=site, outbreak=office.outbreak, observations=sent, by=office.staff[Role.SITE_WORKER], now=now
    )
    for one in told:
        if one.refusal is not None:
            office.asking.note(one.refusal)
    return len(told)


def _seen(office: Office, person: Person, now: datetime) -> observing.ObservationSent:
    is_ill = office.asking.is_ill(person, now)
    return observing.ObservationSent(
        source_key=f"look:{person.number}:{now.isoformat()}", person=person.number, observed_at=now, seen=Seen.SEEN,
        temperature_c=FEVERISH_C if is_ill else WELL_C, symptoms=(Symptom.FEVER,) if is_ill else (),
    )  # fmt: skip


def sign_who_leaves(office: Office, now: datetime) -> int:
    """Sign for those whose order ends today, in the evening; who is positive is not signed for."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    by, today, done = office.staff[Role.ISOLATION_COORDINATOR], office.outbreak.day_of(now), 0
    for site in _sites(office):
        for one in releasing.leaving(site, today, outbreak=office.outbreak, as_of=now):
            if one.signed is None:
                done += _sign(office, site, one, by, now)
    return done


def _sign(office: Office, site: IsolationSite, one: releasing.Leaving, by, now: datetime) -> int:  # noqa: ANN001 — an account
    try:
        releasing.sign(
            site=site, order=one.order, outbreak=office.outbreak, signed_as=SIGNED, reason=WHY if one.lacks else "",
            by=by, now=now,
        )  # fmt: skip
    except SizaoError as refusal:
        office.asking.note(refusal)
        return 0
    return 1


def clean_rooms(office: Office, now: datetime) -> int:
    """Disinfect the rooms that people have left."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    standing = occupancy.of_rooms([one.pk for one in _sites(office)], as_of=now, outbreak=office.outbreak)
    left = [pk for pk, one in standing.items() if one.status == RoomStatus.TO_DISINFECT]
    by = office.staff[Role.SITE_WORKER]
    return each(
        office,
        IsolationRoom.objects.filter(pk__in=left),
        lambda one: rooms.disinfected(room=one, at=now, by=by, now=now),
    )


def receive_at_home(office: Office, now: datetime) -> int:
    """Take over who came home."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    at_home = Stay.objects.current(now).filter(kind=StayKind.HOME).values("person")
    waiting = CommunityHandOver.objects.filter(outbreak=office.outbreak, received_at=None, person__in=at_home)
    # Who was never away from home by the ledger has nothing to come back from.
    by = office.staff[Role.GRID_WORKER]
    return each(office, waiting, lambda one: handing_over.receive(hand_over=one, by=by, now=now))


def look_at_homes(office: Office, now: datetime) -> int:
    """See whether each home will do before isolation there, and do what is to be done at doors today."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    by = office.staff[Role.GRID_WORKER]
    marks = {one.item: CheckMark.PASSED for one in shipped_home_rules().checks}

    def look(order: IsolationOrder) -> None:
        checks.record_check(order=order, marks=marks, by=by, now=now)

    done = each(office, checks.unchecked(office.outbreak, as_of=now), look)
    today = office.outbreak.day_of(now)
    due = HomeVisit.objects.filter(outbreak=office.outbreak, due_date=today, done_at=None).select_related("person")
    sent = [_at_door(office, one, now) for one in due.order_by("pk")]
    told = doing.record(outbreak=office.outbreak, acts=sent, by=by, now=now) if sent else []
    for one in told:
        if one.why is not None:
            office.asking.note(one.why)
    return done + len(told)


def _at_door(office: Office, visit: HomeVisit, now: datetime) -> doing.DoorSent:
    is_ill = office.asking.is_ill(visit.person, now)
    return doing.DoorSent(
        source_key=f"door:{visit.pk}", visit=visit.pk, happened_at=now,
        outcome=VisitOutcome.WORSE if is_ill else VisitOutcome.DONE,
        temperature_c=FEVERISH_C if is_ill else WELL_C, symptoms=(Symptom.FEVER,) if is_ill else (),
    )  # fmt: skip


def _sites(office: Office) -> list[IsolationSite]:
    usable = IsolationSite.objects.filter(area_code__startswith=office.outbreak.area_code, state__in=sites.USABLE)
    return list(usable.select_related("place").order_by("pk"))
