"""Isolation sites, their rooms, who waits for one, and the rooms proposed and kept for people."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import answers
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import IsolationOrder, IsolationRoom, IsolationSite, RoomPlacement
from sizao.response.isolation import (
    allocation,
    needs,
    occupancy,
    placements,
    reserve,
    room_board,
    rooms,
    sites,
    waiting,
)
from sizao.terms import NeedKind, PlacementState, Right, RoomStatus, SiteState


class NoSuchRoom(SizaoError):
    code = "isolation.room_list.unreadable"
    message = "There is no room {number}. Take one from the list of a site's rooms."


router = Router(tags=["isolation sites"])
ROWS = 500


class SiteOut(Schema):
    """A site and its rooms by status; `generated` of them were made up, as no capacity is published."""

    id: int
    name: str
    area_code: str
    state: SiteState
    longitude: float | None
    latitude: float | None
    rooms: int
    generated: int
    by_status: dict[RoomStatus, int]
    people: int


class SiteIn(Schema):
    """A site to be registered, in reserve."""

    name: str = Field(max_length=100)
    area_code: str = Field(pattern=r"^\d{2,12}$")
    longitude: float | None = Field(None, ge=-180, le=180)
    latitude: float | None = Field(None, ge=-90, le=90)
    phone: str = Field("", max_length=40)
    in_closed_loop: bool = True
    note: str = Field("", max_length=300)


class RoomIn(Schema):
    """A room to be added."""

    number: str = Field(max_length=20)
    building: str = Field("", max_length=20)
    floor: int = Field(1, ge=-5, le=100)
    position: int | None = Field(None, ge=1, le=5000)
    opposite: bool = False
    beds: int = Field(1, ge=1, le=20)
    is_accessible: bool = False
    is_family: bool = False
    has_carer_bed: bool = False


class RoomOut(RoomIn):
    """A room as it stands."""

    id: int
    status: RoomStatus
    people: int
    is_generated: bool


class Move(Schema):
    """What a site becomes; closing takes a reason."""

    state: SiteState
    reason: str = Field("", max_length=200)


class CountyOut(Schema):
    """The rooms of a county for its people; None where something is not known or not asked for."""

    area_code: str
    name: str
    population: int | None
    rooms: int
    generated: int
    wanted: int | None
    short: int | None


class WaiterOut(Schema):
    """Somebody who waits for a room."""

    person: str
    order: int
    area_code: str
    due_at: datetime | None
    needs: list[NeedKind]


class PlacementOut(Schema):
    """A room proposed or kept for a person."""

    id: int
    person: str
    room: int
    room_name: str
    site: int
    state: PlacementState
    reasons: list[Any]
    change_reason: str
    proposed_at: datetime
    due_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None


class AllocationOut(Schema):
    """One run of the allocation: how many waited, how many have a room proposed, how near to the best, what lacks."""

    id: int
    n_waiting: int
    n_placed: int
    value: float
    bound: float
    shortages: list[dict[str, Any]]
    left: dict[str, int]


class SiteChange(Schema):
    """Another room, and why."""

    room: int = Field(ge=1, le=2**62)
    reason: str = Field(max_length=300)


class RoomWhy(Schema):
    """The reason."""

    reason: str = Field(max_length=300)


class NeedIn(Schema):
    """What a person needs."""

    kind: NeedKind
    detail: str = Field("", max_length=200)


class NeedOut(Schema):
    """A need on record."""

    id: int
    kind: NeedKind
    recorded_at: datetime


# --- Sites -------------------------------------------------------------------------------------


@router.get("/isolation-sites", response=answers(list[SiteOut]))
def list_sites(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """List the sites of the jurisdiction with their rooms by status at the moment asked for."""
    as_of, area_code = asked.moment(request), asked.area_code(account(request), Right.SITUATION_READ)
    found = list(sites.within(area_code, as_of).order_by("area_code", "pk"))
    stand = occupancy.by_site([one.pk for one in found], as_of=as_of)
    return [_site(one, stand[one.pk]) for one in found]


@router.post("/isolation-sites", response=answers(SiteOut))
def register_site(request: HttpRequest, given: SiteIn) -> Any:
    """Register a site in reserve."""
    made = sites.register_site(entry=sites.SiteEntry(**given.dict()), by=account(request), now=now(request))
    return _site(made, occupancy.Occupancy())


@router.get("/isolation-sites/{number}/rooms", response=answers(list[RoomOut]))
def list_rooms(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """List the rooms of a site with how each stands."""
    found = _fetch(request, number, Right.SITUATION_READ)
    return [_room(one, standing) for one, standing in occupancy.rooms_of(found, as_of=asked.moment(request))]


@router.post("/isolation-sites/{number}/rooms", response=answers(list[RoomOut]))
def add_rooms(request: HttpRequest, number: int, given: list[RoomIn]) -> Any:
    """Add rooms to a site, all or none."""
    found = _fetch(request, number, Right.SITE_MANAGE)
    entries = [rooms.RoomEntry(**one.dict()) for one in given]
    made = rooms.add_rooms(site=found, entries=entries, by=account(request), now=now(request))
    return [_room(one, occupancy.Standing(RoomStatus.FREE, 0, 0, 0, -1)) for one in made]


@router.post("/isolation-sites/{number}/move", response=answers(SiteOut))
def move_site(request: HttpRequest, number: int, given: Move) -> Any:
    """Make a site ready, put it to use or into reserve, or close it."""
    found = _fetch(request, number, Right.SITE_MANAGE)
    done = sites.move_site(site=found, state=given.state, reason=given.reason, by=account(request), now=now(request))
    return _site(done, occupancy.by_site([done.pk], as_of=now(request))[done.pk])


@router.get("/outbreaks/{slug}/isolation-reserve", response=answers(list[CountyOut]))
def read_reserve(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """Compare the rooms of each county with what the edition in force asks for."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    return [
        CountyOut(
            area_code=one.area_code, name=one.name, population=one.population, rooms=one.rooms,
            generated=one.generated, wanted=one.wanted, short=one.short,
        )
        for one in reserve.reserve(within, area_code, as_of=asked.moment(request)).counties
    ]  # fmt: skip


# --- Rooms for people --------------------------------------------------------------------------


@router.get("/outbreaks/{slug}/rooms/waiting", response=answers(list[WaiterOut]))
def list_waiting(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List who waits for a room, first found first; `size` of them."""
    within = outbreak(request, slug, to=Right.ROOM_ALLOCATE)
    as_of, area_code = asked.moment(request), asked.area_code(account(request), Right.ROOM_ALLOCATE)
    found = list(waiting.orders(within, area_code, as_of=as_of)[: asked.size])
    return [
        WaiterOut(
            person=one.person.number, order=one.order.pk, area_code=one.order.area_code, due_at=one.due_at,
            needs=list(one.kinds),
        )
        for one in waiting.waiters(found, within, as_of=as_of)
    ]  # fmt: skip


@router.post("/outbreaks/{slug}/rooms/propose", response=answers(AllocationOut))
def propose(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """Propose a room for everybody who waits; nobody is touched until the proposal is accepted."""
    within = outbreak(request, slug, to=Right.ROOM_ALLOCATE)
    area_code, at = asked.area_code(account(request), Right.ROOM_ALLOCATE), act_at(request, within, asked)
    run = allocation.propose(
        outbreak=within, area_code=max(area_code, within.area_code, key=len), by=account(request), now=at
    )
    return AllocationOut(
        id=run.pk, n_waiting=run.n_waiting, n_placed=run.n_placed, value=run.value, bound=run.bound,
        shortages=run.shortages, left=run.settings["left"],
    )  # fmt: skip


@router.get("/outbreaks/{slug}/rooms/placements", response=answers(list[PlacementOut]))
def list_placements(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List the rooms proposed or kept for people who have not arrived; `size` of them."""
    within = outbreak(request, slug, to=Right.ROOM_ALLOCATE)
    area_code = asked.area_code(account(request), Right.ROOM_ALLOCATE)
    found = placements.standing(within, area_code, asked.moment(request))
    return [_placement(one) for one in room_board.shown(found)[: asked.size]]


@router.post("/placements/{number}/accept", response=answers(PlacementOut))
def accept(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Keep a proposed room for its person."""
    found = _placed(request, number)
    at = act_at(request, found.outbreak, asked)
    return _placement(placements.accept(placement=found, by=account(request), now=at))


@router.post("/placements/{number}/change", response=answers(PlacementOut))
def change(request: HttpRequest, number: int, asked: Query[Asked], given: SiteChange) -> Any:
    """Give a person another room, with the reason."""
    found = _placed(request, number)
    room = _named(given.room)
    at = act_at(request, found.outbreak, asked)
    fresh = placements.change(placement=found, room=room, reason=given.reason, by=account(request), now=at)
    return _placement(fresh)


@router.post("/placements/{number}/refuse", response=answers(PlacementOut))
def refuse(request: HttpRequest, number: int, asked: Query[Asked], given: RoomWhy) -> Any:
    """Not take a proposed room, or no longer keep one, with the reason; the person waits again."""
    found = _placed(request, number)
    at = act_at(request, found.outbreak, asked)
    return _placement(placements.refuse(placement=found, reason=given.reason, by=account(request), now=at))


@router.post("/orders/{number}/room", response=answers(PlacementOut))
def keep(request: HttpRequest, number: int, asked: Query[Asked], given: SiteChange) -> Any:
    """Keep a room, chosen by hand, for somebody under an order of central isolation."""
    rows = IsolationOrder.objects.select_related("person", "outbreak")
    order = access.row(rows, what="order", to=Right.ROOM_ALLOCATE, by=account(request), pk=number)
    room = _named(given.room)
    at = act_at(request, order.outbreak, asked)
    return _placement(placements.keep(order=order, room=room, reason=given.reason, by=account(request), now=at))


@router.post("/people/{number}/needs", response=answers(NeedOut))
def record_need(request: HttpRequest, number: str, given: NeedIn) -> Any:
    """Write down what a person needs. It is a reading of the person, and journalled as such."""
    found = access.person(number, to=Right.PERSON_READ, by=account(request), now=now(request), purpose="needs")
    made = needs.record_need(person=found, kind=given.kind, detail=given.detail, by=account(request), now=now(request))
    return NeedOut(id=made.pk, kind=NeedKind(made.kind), recorded_at=made.recorded_at)  # type: ignore[call-arg]


def _named(number: int) -> IsolationRoom:
    found = IsolationRoom.objects.filter(pk=number).first()
    if found is None:
        raise NoSuchRoom(number=number)
    return found


# --- Shapes ------------------------------------------------------------------------------------


def _fetch(request: HttpRequest, number: int, to: Right) -> IsolationSite:
    rows = IsolationSite.objects.select_related("place")
    found: IsolationSite = access.row(rows, what="site", to=to, by=account(request), pk=number)
    return found


def _placed(request: HttpRequest, number: int) -> RoomPlacement:
    by = account(request)
    access.require(by, Right.ROOM_ALLOCATE)
    mine = RoomPlacement.objects.filter(order__area_code__startswith=by.area_code)
    found = mine.select_related("outbreak").filter(pk=number).first()
    if found is None:
        raise access.NotYours(what="placement", area=by.area_code)
    return found


def _site(one: IsolationSite, stands: occupancy.Occupancy) -> SiteOut:
    return SiteOut(
        id=one.pk, name=one.place.name, area_code=one.area_code, state=SiteState(one.state),  # type: ignore[call-arg]
        longitude=one.place.longitude, latitude=one.place.latitude, rooms=stands.rooms, generated=stands.generated,
        by_status=stands.by_status, people=stands.people,
    )  # fmt: skip


def _room(one: IsolationRoom, standing: occupancy.Standing) -> RoomOut:
    told = {name: getattr(one, name) for name in RoomIn.model_fields}
    return RoomOut(
        id=one.pk, status=standing.status, people=standing.inside, is_generated=one.is_generated, **told
    )  # fmt: skip


def _placement(one: RoomPlacement) -> PlacementOut:
    return PlacementOut(
        id=one.pk, person=one.person.number, room=one.room_id, room_name=placements.name_of(one.room), site=one.site_id,
        state=PlacementState(one.state), reasons=one.reasons, change_reason=one.change_reason,  # type: ignore[call-arg]
        proposed_at=one.proposed_at, due_at=one.due_at, decided_at=one.decided_at,
        decided_by=one.decided_by.username if one.decided_by else None,
    )  # fmt: skip
