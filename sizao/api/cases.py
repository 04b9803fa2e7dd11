"""Cases: who meets the definition, by what was known when."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, now, outbreak
from sizao.api.lines import Line, line_page
from sizao.api.shapes import Change, PageOf, Who, answers, changes, who
from sizao.records import access
from sizao.records.models import Case
from sizao.terms import CaseStatus, LineList, Right

router = Router(tags=["cases"])


class CaseOut(Schema):
    """One case with its course and the ground of each step."""

    number: str
    who: Who
    area_code: str
    opened_at: datetime
    found_by: str
    onset_date: date | None
    first_positive_date: date | None
    investigated_at: datetime | None
    unread_spans: int | None
    course: list[Change]


@router.get("/outbreaks/{slug}/cases", response=answers(PageOf[Line]))
def list_cases(
    request: HttpRequest, slug: str, asked: Query[AskedList], status: CaseStatus | None = None, search: str = ""
) -> Any:
    """List the cases of the jurisdiction with their status at the moment asked for."""
    return line_page(request, LineList.CASES, slug, asked, status=status or "", search=search)


@router.get("/outbreaks/{slug}/cases/{number}", response=answers(CaseOut))
def read_case(
    request: HttpRequest, slug: str, number: str, asked: Query[Asked], purpose: str = Query("", max_length=200)
) -> Any:
    """Read one case. It is a reading of the person, and journalled as such."""
    within = outbreak(request, slug, to=Right.PERSON_READ)
    reader, as_of = account(request), asked.moment(request)
    case = access.row(
        Case.objects.filter(outbreak=within).known_at(as_of).select_related("person"),
        what="case",
        to=Right.PERSON_READ,
        by=reader,
        number=number,
    )
    person = access.person(case.person.number, to=Right.PERSON_READ, by=reader, now=now(request), purpose=purpose)
    investigated = case.investigated_at is not None and case.investigated_at <= as_of
    return CaseOut(
        number=case.number,
        who=who(person, reader),
        area_code=case.area_code,
        opened_at=case.opened_at,
        found_by=case.found_by,
        onset_date=case.onset_date if investigated else None,
        first_positive_date=case.first_positive_date,
        investigated_at=case.investigated_at if investigated else None,
        unread_spans=case.unread_spans if investigated else None,
        course=changes(case.changes.filter(at__lte=as_of).order_by("at", "id"), "status"),
    )
