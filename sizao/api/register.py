"""Areas, outbreaks and people are known."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, now, outbreak
from sizao.api.lines import Line, line_page
from sizao.api.shapes import Change, PageOf, Who, answers, changes, who
from sizao.records import access
from sizao.records.models import Area, CaseChange, ContactChange, IsolationOrder, Person, Stay, Test, Visit
from sizao.response import isolation
from sizao.terms import AreaLevel, LineList, Right

router = Router(tags=["register"])
AREAS_PAGE = 1000


class OutbreakOut(Schema):
    """An outbreak: what, where, whether it is real, replayed or drilled."""

    slug: str
    name: str
    name_en: str
    disease: str
    kind: str
    area_code: str
    first_date: date
    last_date: date | None
    opened_at: datetime
    closed_at: datetime | None


class AreaOut(Schema):
    """One node of the official division tree."""

    code: str
    name: str
    level: str
    population: int | None


class AreasOut(Schema):
    """Areas by code; `next` is the code after which the rest begins."""

    rows: list[AreaOut]
    next: str | None


class StayOut(Schema):
    """Where a person was, from when to when."""

    kind: str
    area_code: str
    place: str | None
    started_at: datetime
    ended_at: datetime | None


class TestOut(Schema):
    """One specimen and what was found; a result not yet known is null."""

    method: str
    taken_date: date
    result: str | None
    resulted_date: date | None


class VisitOut(Schema):
    """Where a case was and what it did there."""

    kind: str
    place: str | None
    place_kind: str
    area_code: str
    first_date: date
    last_date: date
    started_at: datetime | None
    ended_at: datetime | None
    transport: str


class OrderOfPerson(Schema):
    """An order about the person, as it stood."""

    id: int
    kind: str
    state: str
    starts_date: date
    ends_date: date


class PersonOut(Schema):
    """One person, with all that was known of them at the moment asked for."""

    who: Who
    area_code: str
    as_case: list[Change]
    as_contact: list[Change]
    tests: list[TestOut]
    stays: list[StayOut]
    visits: list[VisitOut]
    orders: list[OrderOfPerson]


@router.get("/outbreaks", response=answers(list[OutbreakOut]))
def list_outbreaks(request: HttpRequest) -> Any:
    """List the outbreaks that concern the jurisdiction."""
    access.require(account(request), Right.SITUATION_READ)
    return access.outbreaks(account(request)).order_by("-opened_at", "slug")


@router.get("/areas", response=answers(AreasOut))
def list_areas(
    request: HttpRequest,
    within: str = Query("", pattern=r"^\d{0,12}$"),
    level: AreaLevel | None = None,
    after: str = "",
) -> Any:
    """List the areas below a code, by code."""
    access.require(account(request), Right.SITUATION_READ)
    found = Area.objects.within(within).filter(code__gt=after).order_by("code")
    rows = list((found.at_level(level) if level else found)[: AREAS_PAGE + 1])
    return {"rows": rows[:AREAS_PAGE], "next": rows[AREAS_PAGE - 1].code if len(rows) > AREAS_PAGE else None}


@router.get("/outbreaks/{slug}/people", response=answers(PageOf[Line]))
def list_people(request: HttpRequest, slug: str, asked: Query[AskedList], search: str = "") -> Any:
    """List the people of the jurisdiction; `search` takes a number, an exact name or pinyin initials."""
    return line_page(request, LineList.PEOPLE, slug, asked, search=search)


@router.get("/outbreaks/{slug}/people/{number}", response=answers(PersonOut))
def read_person(
    request: HttpRequest, slug: str, number: Path[str], asked: Query[Asked], purpose: str = Query("", max_length=200)
) -> Any:
    """Read one person. The reading is journalled with its purpose."""
    within = outbreak(request, slug, to=Right.PERSON_READ)
    reader = account(request)
    found = access.person(number, to=Right.PERSON_READ, by=reader, now=now(request), purpose=purpose)
    as_of = asked.moment(request)
    known = {"person": found, "outbreak": within}
    return PersonOut(
        who=who(found, reader),
        area_code=found.area_code,
        as_case=changes(_moves(CaseChange, "case", known, as_of), "status"),
        as_contact=changes(_moves(ContactChange, "contact", known, as_of), "state"),
        tests=[
            _shape(TestOut, one)
            for one in Test.objects.filter(**known, recorded_at__lte=as_of).order_by("taken_date", "id")
        ],
        stays=_stays(found, as_of),
        visits=_visits(known, as_of),
        orders=_orders(known, as_of),
    )


def _moves(table: Any, owner: str, known: dict[str, object], as_of: datetime) -> Any:
    mine = {f"{owner}__{name}": value for name, value in known.items()}
    return table.objects.filter(**mine, at__lte=as_of).order_by("at", "id")


def _shape(shape: type[Schema], row: object) -> Any:
    return shape.model_validate(row, from_attributes=True)


def _stays(person: Person, as_of: datetime) -> list[StayOut]:
    rows = Stay.objects.filter(person=person, recorded_at__lte=as_of).select_related("place").order_by("period")
    return [
        StayOut(
            kind=row.kind,
            area_code=row.area_code,
            place=row.place.name if row.place else None,
            started_at=row.period.lower,
            ended_at=row.period.upper if row.period.upper and row.period.upper <= as_of else None,
        )
        for row in rows
    ]


def _visits(known: dict[str, object], as_of: datetime) -> list[VisitOut]:
    rows = Visit.objects.filter(**known, recorded_at__lte=as_of).select_related("place").order_by("first_date", "id")
    return [
        VisitOut(
            kind=row.kind,
            place=row.place.name if row.place else row.place_text or None,
            place_kind=row.place_kind,
            area_code=row.area_code,
            first_date=row.first_date,
            last_date=row.last_date,
            started_at=row.started_at,
            ended_at=row.ended_at,
            transport=row.transport,
        )
        for row in rows
    ]


def _orders(known: dict[str, object], as_of: datetime) -> list[OrderOfPerson]:
    rows = IsolationOrder.objects.filter(**known, proposed_at__lte=as_of).order_by("proposed_at", "id")
    return [
        OrderOfPerson(
            id=row.pk,
            kind=row.kind,
            state=isolation.state_at(row, as_of) or row.state,
            starts_date=row.starts_date,
            ends_date=row.ends_date,
        )
        for row in rows
    ]
