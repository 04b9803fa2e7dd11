"""The four clears: whom an outbreak concerns, where each is, under what control, and what is unclear."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import AskedList, account, outbreak
from sizao.api.shapes import answers
from sizao.response.reports.four_clears import four_clears
from sizao.response.reports.four_clears_people import Narrowed, people
from sizao.terms import Clear, Concern, Control, NotCounted, Right, Unclear, Whereabouts

router = Router(tags=["reports"])


class CellOut(Schema):
    """How many people of one group are in one place under one control."""

    concern: Concern
    place: Whereabouts
    control: Control
    people: int


class UnclearReasonOut(Schema):
    """How many records of a group are nobody of its figure, for one reason."""

    reason: NotCounted
    rows: int


class GroupOut(Schema):
    """A group reconciled with its source: `rows` = `people` + those not counted + `unexplained`."""

    concern: Concern
    rows: int
    people: int
    not_counted: list[UnclearReasonOut]
    unexplained: int


class LackOut(Schema):
    """How many lack one of the four clears."""

    clear: Clear
    count: int


class AreaClearsOut(Schema):
    """An area directly below; `is_known_below` is false for people known to no area below."""

    area_code: str
    name: str
    people: int
    lacking: list[LackOut]
    is_known_below: bool


class UnclearOut(Schema):
    """How many people have one thing to be settled."""

    unclear: Unclear
    people: int


class FourClearsOut(Schema):
    """The whole answer for one area at one moment."""

    area_code: str
    as_of: datetime
    people: int
    unexplained: int
    cells: list[CellOut]
    groups: list[GroupOut]
    areas: list[AreaClearsOut]
    unclear: list[UnclearOut]
    uncounted_cases: int
    zones_unread: list[str]


class PersonClearOut(Schema):
    """Somebody of a figure, through the reader's mask; `due_at` is null where no clock runs."""

    id: int
    number: str
    name: str | None
    masked: bool
    area_code: str
    concern: Concern
    place: Whereabouts
    control: Control
    since: datetime | None
    due_at: datetime | None
    unclear: list[Unclear]


class AskedPeople(AskedList):
    """Whose names: those of a group, a place, a control, or of whom something is unclear."""

    concern: Concern | None = None
    place: Whereabouts | None = None
    control: Control | None = None
    unclear: Unclear | None = None
    behind: int = Field(0, ge=0, le=2**62, description="`id` of the last person of the page before.")


@router.get("/outbreaks/{slug}/four-clears", response=answers(FourClearsOut))
def read_four_clears(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """Say how many people are concerned in an area, where each is, under what control, and what is unclear."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    found = four_clears(within, area_code, as_of=asked.moment(request))
    return {
        "area_code": found.area_code,
        "as_of": found.as_of,
        "people": found.people,
        "unexplained": found.unexplained,
        "cells": [
            {"concern": concern, "place": place, "control": control, "people": count}
            for (concern, place, control), count in sorted(found.cells.items())
        ],
        "groups": [
            {
                "concern": one.concern,
                "rows": one.rows,
                "people": one.people,
                "not_counted": [{"reason": why, "rows": count} for why, count in one.not_counted],
                "unexplained": one.unexplained,
            }
            for one in found.groups
        ],
        "areas": [
            {
                "area_code": one.area_code,
                "name": one.name,
                "people": one.people,
                "lacking": [{"clear": clear, "count": count} for clear, count in one.lacking],
                "is_known_below": one.is_known_below,
            }
            for one in found.areas
        ],
        "unclear": [{"unclear": word, "people": count} for word, count in found.unclear],
        "uncounted_cases": found.uncounted_cases,
        "zones_unread": list(found.zones_unread),
    }


@router.get("/outbreaks/{slug}/four-clears/people", response=answers(list[PersonClearOut]))
def list_people(request: HttpRequest, slug: str, asked: Query[AskedPeople]) -> Any:
    """List the people of a figure in the order of the register; outside the jurisdiction names are masked."""
    within = outbreak(request, slug, to=Right.PERSON_LIST)
    area_code = asked.area_code(account(request), Right.PERSON_LIST)
    narrowed = Narrowed(asked.concern, asked.place, asked.control, asked.unclear)
    return [
        PersonClearOut.model_validate(one, from_attributes=True)
        for one in people(
            within,
            area_code,
            narrowed,
            as_of=asked.moment(request),
            by=account(request),
            after=asked.behind,
            size=asked.size,
        )
    ]
