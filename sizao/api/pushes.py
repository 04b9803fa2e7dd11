"""Push lists: to and from the jurisdiction, their people through the mask; receipt, results, what came back."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import PageOf, Who, answers, page
from sizao.records import access, keyset
from sizao.records.models import PushEntry, PushList, Trace
from sizao.response.cooperation import pushed, pushing
from sizao.terms import PushEnd, PushResult, PushState, Right, Tier

router = Router(tags=["cooperation"])


class PushListOut(Schema):
    """A push list as it stood: where it came from and went, its clocks, how many of its people have a result."""

    id: int
    number: str
    outbreak: str
    trace: str
    from_area_code: str
    area_code: str
    state: PushState
    is_late: bool
    people: int
    told: int
    returned: int
    pushed_at: datetime
    pushed_name: str
    receipt_due_at: datetime
    received_at: datetime | None
    received_name: str
    due_at: datetime | None


class PushedOut(Schema):
    """One person of a push list: how near they were, what became of them, what the sender did where they were not."""

    ref: int
    who: Who | None
    tier: Tier
    minutes: float
    last_at: datetime | None
    result: PushResult | None
    note: str
    moved_to: str
    told_at: datetime | None
    end: PushEnd | None
    end_note: str
    pushed_again: str | None


class PushListWhole(PushListOut):
    """A push list with its people, those who came back undelivered first."""

    rows: list[PushedOut]


class PushIn(Schema):
    """The area whose people are pushed to the authority there."""

    area_code: str = Field(pattern=r"^\d{2,12}$")


class PushReceiptIn(Schema):
    """Who receives a list, by name."""

    name: str = Field(min_length=1, max_length=100)


class PushResultIn(Schema):
    """What became of one person of a list, by their number on it."""

    ref: int = Field(ge=1, le=10**8)
    result: PushResult
    note: str = Field("", max_length=pushing.LONGEST_NOTE)
    moved_to: str = Field("", pattern=r"^(\d{2,12})?$", description="Where they live now, if they moved.")


class PushResultsIn(Schema):
    """Results for people of a list; the same again changes nothing."""

    results: list[PushResultIn] = Field(min_length=1, max_length=1000)


class NotAgainIn(Schema):
    """Why somebody who came back undelivered is not pushed again."""

    reason: str = Field(min_length=1, max_length=pushing.LONGEST_NOTE)


@router.get("/outbreaks/{slug}/push-lists", response=answers(PageOf[PushListOut]))
def list_push_lists(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List the push lists from and to the jurisdiction, or from and to a part of it."""
    within, as_of = outbreak(request, slug, to=Right.COOPERATE), asked.moment(request)
    area_code = asked.area_code(account(request), Right.COOPERATE)
    rows = pushed.known(account(request), area_code=area_code).filter(outbreak=within, pushed_at__lte=as_of)
    found = keyset.page(rows, moment="pushed_at", older_than=asked.key(), size=asked.size)
    lines = pushed.lines_of(found.rows, as_of=as_of)
    return page(found, lambda row: _line(lines[row.pk], as_of))


@router.get("/push-lists/{number}", response=answers(PushListWhole))
def read_push_list(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read one list with its people; the reading is journalled."""
    return _whole(request, _found(request, number), asked.moment(request))


@router.post("/traces/{number}/push", response=answers(PushListWhole))
def push(request: HttpRequest, number: int, asked: Query[Asked], what: PushIn) -> Any:
    """Push whom a trace found in one area, and who is on no list of it yet, to the authority there."""
    rows = Trace.objects.select_related("outbreak", "case__person")
    found = access.row(rows, what="trace", to=Right.COOPERATE, by=account(request), pk=number)
    at = act_at(request, found.outbreak, asked)
    return _whole(request, pushing.push(trace=found, area_code=what.area_code, by=account(request), now=at), at)


@router.post("/push-lists/{number}/receive", response=answers(PushListWhole))
def receive(request: HttpRequest, number: int, asked: Query[Asked], what: PushReceiptIn) -> Any:
    """Receive a list for one's own area, by name."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    return _whole(request, pushing.receive(push_list=found, name=what.name, by=account(request), now=at), at)


@router.post("/push-lists/{number}/results", response=answers(PushListWhole))
def tell(request: HttpRequest, number: int, asked: Query[Asked], what: PushResultsIn) -> Any:
    """Tell what became of people of a list, all of them or none; the same again changes nothing."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    told = {one.ref: pushing.Found(one.result, one.note, one.moved_to) for one in what.results}
    pushing.tell(push_list=found, found=told, by=account(request), now=at)
    return _whole(request, found, at)


@router.post("/push-lists/{number}/entries/{ref}/push-again", response=answers(PushListWhole))
def push_again(request: HttpRequest, number: int, ref: int, asked: Query[Asked], what: PushIn) -> Any:
    """Push somebody who came back undelivered to the authority of another area; give the new list."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    entry = pushed.entry(found, ref)
    return _whole(request, pushing.push_again(entry=entry, area_code=what.area_code, by=account(request), now=at), at)


@router.post("/push-lists/{number}/entries/{ref}/give-up", response=answers(PushListWhole))
def give_up(request: HttpRequest, number: int, ref: int, asked: Query[Asked], what: NotAgainIn) -> Any:
    """Say why somebody who came back undelivered is not pushed again."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    pushing.give_up(entry=pushed.entry(found, ref), reason=what.reason, by=account(request), now=at)
    return _whole(request, found, at)


def _found(request: HttpRequest, number: int) -> PushList:
    return pushed.fetch(number, by=account(request))


def _whole(request: HttpRequest, found: PushList, as_of: datetime) -> PushListWhole:
    people = pushed.people_of(found, by=account(request), now=now(request), as_of=as_of)
    line = _line(pushed.line(found, as_of=as_of), as_of)
    return PushListWhole(rows=[_person(one) for one in people], **line.dict())


def _line(one: pushed.PushLine, as_of: datetime) -> PushListOut:
    row = pushed.stood(one.push_list, as_of=as_of)
    names = ("id", "number", "from_area_code", "area_code", "pushed_at", "pushed_name", "receipt_due_at",
             "received_at", "received_name", "due_at")  # fmt: skip
    return PushListOut(
        outbreak=row.outbreak.slug, trace=row.trace.number, state=one.state, is_late=one.is_late, people=row.n_people,
        told=one.told, returned=one.returned, **{name: getattr(row, name) for name in names},
    )  # fmt: skip


def _person(one: pushed.PushedPerson) -> PushedOut:
    entry: PushEntry = one.entry
    return PushedOut(
        ref=entry.ref,
        who=Who.model_validate(one.identity, from_attributes=True) if one.identity else None,
        tier=Tier(entry.tier),  # type: ignore[call-arg]
        minutes=entry.minutes,
        last_at=entry.last_at,
        result=PushResult(entry.result) if entry.result else None,  # type: ignore[call-arg]
        note=entry.note or "",
        moved_to=entry.moved_to,
        told_at=entry.told_at,
        end=PushEnd(entry.end) if entry.end else None,  # type: ignore[call-arg]
        end_note=entry.end_note or "",
        pushed_again=entry.again.push_list.number if entry.end and entry.again else None,
    )
