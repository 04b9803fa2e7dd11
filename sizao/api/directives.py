"""Directives: those issued by or to the jurisdiction, what became of them, and what an area does with its part."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, Moment, account, act_at, now
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import Directive, DirectivePart
from sizao.response.tasks import directives
from sizao.terms import AreaLevel, PartState, Right, Role, Urgency

router = Router(tags=["directives"])
LONGEST_KEY = 100


class DirectiveLevelOut(Schema):
    """One level of the jurisdiction: how many parts, received in the version in force, done, accepted, late."""

    level: AreaLevel
    parts: int
    received: int
    done: int
    accepted: int
    late: int
    n_done: int | None
    n_total: int | None


class DirectiveOut(Schema):
    """What a directive says, and what became of it in the jurisdiction, level by level."""

    id: int
    number: str
    outbreak: str | None
    area_code: str
    title: str
    text: str
    reason: str
    basis: str
    urgency: Urgency
    due_at: datetime
    items: list[str]
    counts: str
    version: int
    issued_at: datetime
    issued_name: str
    withdrawn_at: datetime | None
    withdraw_reason: str
    levels: list[DirectiveLevelOut]


class PartOut(Schema):
    """A directive in one area: of whom it is asked, and how it stands."""

    id: int
    directive: str
    area_code: str
    role: Role
    team: str | None
    state: PartState
    above: str
    note: str
    answers_for: str
    issued_at: datetime
    due_at: datetime
    received_at: datetime | None
    received_version: int
    n_done: int | None
    n_total: int | None
    checks: list[int]
    closed_at: datetime | None
    decided_at: datetime | None


class DirectiveReceiptIn(Schema):
    """A receipt under a key of the sender's own; `happened_at` for one that was given without a signal."""

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    answers_for: str = Field("", max_length=100)
    happened_at: Moment | None = None


class ToldIn(Schema):
    """How far it is: words, n of m, the items done by their place on the list; what is left out was not told."""

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    text: str = Field("", max_length=1000)
    n_done: int | None = Field(None, ge=0, le=10**8)
    n_total: int | None = Field(None, ge=0, le=10**8)
    checks: list[int] | None = Field(None, max_length=100)
    happened_at: Moment | None = None


class ClosingIn(ToldIn):
    """That it is done: signed; `exception` says what is not done and why."""

    signed_as: str = Field(min_length=1, max_length=60)
    exception: str = Field("", max_length=300)


@router.get("/directives", response=answers(PageOf[DirectiveOut]))
def list_directives(request: HttpRequest, asked: Query[AskedList]) -> Any:
    """List the directives issued by or to the jurisdiction, of all its outbreaks and of routine work."""
    reader, as_of = account(request), asked.moment(request)
    area_code = asked.area_code(reader, Right.DIRECTIVE_WORK)
    rows = directives.concerning(reader, outbreaks=list(access.outbreaks(reader)), as_of=as_of).order_by()
    found = keyset.page(rows, moment="issued_at", older_than=asked.key(), size=min(asked.size, 100))
    return page(found, lambda row: _directive(row, area_code, as_of))


@router.get("/directives/{number}", response=answers(DirectiveOut))
def read_directive(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read one directive, and what became of it in the jurisdiction."""
    found = directives.called(number, by=account(request))
    return _directive(found, account(request).area_code, asked.moment(request))


@router.get("/directives/{number}/parts", response=answers(PageOf[PartOut]))
def list_parts(request: HttpRequest, number: int, asked: Query[AskedList]) -> Any:
    """List the parts of a directive in the jurisdiction, or in a part of it."""
    found = directives.called(number, by=account(request))
    area_code = asked.area_code(account(request), Right.DIRECTIVE_WORK)
    as_of = asked.moment(request)
    rows = DirectivePart.objects.filter(directive=found, area_code__startswith=area_code, issued_at__lte=as_of)
    rows = rows.select_related("team")
    given = keyset.page(rows, moment="issued_at", older_than=asked.key(), size=asked.size)
    return page(given, lambda row: _part(row, found))


@router.post("/directives/parts/{number}/receive", response=answers(PartOut))
def receive(request: HttpRequest, number: int, asked: Query[Asked], what: DirectiveReceiptIn) -> Any:
    """Sign for a directive and say who answers for it; the same key again changes nothing."""
    by = _by(request, number, asked, what.source_key, what.happened_at)
    return _said(directives.receive(answers_for=what.answers_for, **by))


@router.post("/directives/parts/{number}/report", response=answers(PartOut))
def report(request: HttpRequest, number: int, asked: Query[Asked], what: ToldIn) -> Any:
    """Tell how far a directive is here; the same key again changes nothing."""
    return _said(directives.report(told=_told(what), **_by(request, number, asked, what.source_key, what.happened_at)))


@router.post("/directives/parts/{number}/close", response=answers(PartOut))
def close(request: HttpRequest, number: int, asked: Query[Asked], what: ClosingIn) -> Any:
    """Say that a directive is done here, signed; the level above accepts or returns it."""
    by = _by(request, number, asked, what.source_key, what.happened_at)
    return _said(directives.close(told=_told(what), signed_as=what.signed_as, exception=what.exception, **by))


def _by(
    request: HttpRequest, number: int, asked: Asked, source_key: str, happened_at: datetime | None
) -> dict[str, Any]:
    found = directives.part(number, by=account(request))
    within = found.directive.outbreak
    at = act_at(request, within, asked) if within is not None else now(request)
    key = f"api:{account(request).pk}:{source_key}"
    return {"part": found, "by": account(request), "now": at, "source_key": key, "happened_at": happened_at}


def _told(what: ToldIn) -> directives.Told:
    return directives.Told(text=what.text, n_done=what.n_done, n_total=what.n_total, checks=what.checks)


def _said(row: DirectivePart) -> PartOut:
    return _part(row, row.directive)


def _part(row: DirectivePart, of: Directive) -> PartOut:
    others = ("directive", "role", "state", "team")
    named = {name: getattr(row, name) for name in PartOut.model_fields if name not in others}
    return PartOut(
        directive=of.number,
        role=Role(row.role),  # type: ignore[call-arg]
        state=PartState(row.state),  # type: ignore[call-arg]
        team=row.team.name if row.team else None,
        **named,
    )


def _directive(row: Directive, area_code: str, as_of: datetime) -> DirectiveOut:
    levels = [
        DirectiveLevelOut(
            level=level, parts=one.parts, received=one.received, done=one.done, accepted=one.accepted, late=one.late,
            n_done=one.n_done, n_total=one.n_total,
        )
        for level, one in directives.by_level(row, area_code, as_of=as_of)
    ]  # fmt: skip
    gone = row.withdrawn_at if row.withdrawn_at is not None and row.withdrawn_at <= as_of else None
    return DirectiveOut(
        id=row.pk, number=row.number, outbreak=row.outbreak.slug if row.outbreak else None, area_code=row.area_code,
        title=row.title, text=row.text, reason=row.reason, basis=row.basis, urgency=Urgency(row.urgency),  # type: ignore[call-arg]
        due_at=row.due_at, items=row.items, counts=row.counts, version=row.version, issued_at=row.issued_at,
        issued_name=row.issued_name, withdrawn_at=gone, withdraw_reason=row.withdraw_reason if gone else "",
        levels=levels,
    )  # fmt: skip
