"""Signals: what other systems have learnt enters here, each hint once, all of a sending or none of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, Moment, account, act_at, outbreak
from sizao.api.refusals import told
from sizao.api.shapes import PageOf, answers, page
from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.records.models import Area, Outbreak, Person, Signal
from sizao.response import register, signals
from sizao.terms import Right, SignalKind, SignalState

router = Router(tags=["signals"])
ROWS_AT_ONCE = 1000


class SignalIn(Schema):
    """One hint: what was heard, where, when, from whom, and about whom as far as that is known."""

    source_key: str = Field(min_length=1, max_length=120, description="The sender's own key; the same key is one hint.")
    kind: SignalKind
    area_code: str = Field(
        pattern=r"^\d{6}(\d{3}(\d{3})?)?$", description="County, township or village, in the register."
    )
    occurred_at: Moment
    source: str = Field(min_length=1, max_length=300, description="The laboratory, clinic or letter it comes from.")
    person: str | None = Field(
        None, min_length=1, max_length=40, description="The person's number, where one is named."
    )
    facts: dict[str, bool | int | float | str | None] = Field(
        default_factory=dict,
        description="Answers to the criteria of the case definition, such as clinical.any_symptom.",
    )


class SignalsIn(Schema):
    """A sending of hints."""

    signals: list[SignalIn] = Field(min_length=1, max_length=ROWS_AT_ONCE)


class SignalOut(Schema):
    """One signal and what became of it by the moment asked for."""

    id: int
    kind: SignalKind
    state: SignalState
    area_code: str
    person: str | None
    occurred_at: datetime
    received_at: datetime
    source: str
    reason: str


class Taken(Schema):
    """What became of one hint of a sending."""

    source_key: str
    id: int | None
    is_new: bool


class TakenIn(Schema):
    """What became of a sending. After a dry run nothing is kept, and new signals have no id yet."""

    dry_run: bool
    new: int
    known: int
    rows: list[Taken]


class Reason(Schema):
    """Why it is no case."""

    reason: str = Field(max_length=300)


class RowsRefused(SizaoError):
    code = "signals.unreadable"
    message = "{count} of {rows} rows cannot be taken; nothing was kept. First: {first}. All are in facts.errors."


@router.get("/outbreaks/{slug}/signals", response=answers(PageOf[SignalOut]))
def list_signals(request: HttpRequest, slug: str, asked: Query[AskedList], state: SignalState | None = None) -> Any:
    """List the signals of the jurisdiction as they stood at the moment asked for."""
    within = outbreak(request, slug, to=Right.PERSON_LIST)
    as_of = asked.moment(request)
    area_code = asked.area_code(account(request), Right.PERSON_LIST)
    known = Signal.objects.filter(outbreak=within, area_code__startswith=area_code, received_at__lte=as_of)
    rows = _in_state(known, state, as_of).select_related("person")
    found = keyset.page(rows, moment="received_at", older_than=asked.key(), size=asked.size)
    return page(found, lambda row: _signal(row, as_of))


@router.post("/outbreaks/{slug}/signals", response=answers(TakenIn))
def send_signals(
    request: HttpRequest, slug: str, sent: SignalsIn, asked: Query[Asked], *, dry_run: bool = False
) -> Any:
    """
    Take in up to 1,000 hints, all or none; sending them again changes nothing.

    A dry run checks and answers as if, and keeps nothing. A refusal names each row and field.
    """
    within = outbreak(request, slug, to=Right.SIGNAL_SEND)
    at = act_at(request, within, asked)
    _check(request, sent.signals, at)
    keys = {_key(request, one): one for one in sent.signals}
    with transaction.atomic():
        # One sender after the other: a person or hint sent twice at once is registered once.
        Outbreak.objects.select_for_update().get(pk=within.pk)
        known = dict(Signal.objects.filter(source_key__in=keys).values_list("source_key", "pk"))
        ids = known if dry_run else _take(request, within, keys, at)
    rows = [Taken(source_key=one.source_key, id=ids.get(key), is_new=key not in known) for key, one in keys.items()]
    return TakenIn(dry_run=dry_run, new=len(keys) - len(known), known=len(known), rows=rows)


@router.post("/signals/{number}/verify", response=answers(SignalOut))
def verify(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Say that a signal is true; by rule it may then become a case."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    return _signal(signals.verify(signal=found, by=account(request), now=at), at)


@router.post("/signals/{number}/dismiss", response=answers(SignalOut))
def dismiss(request: HttpRequest, number: int, asked: Query[Asked], why: Reason) -> Any:
    """Say that a signal is no case, and why."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    done = signals.dismiss(signal=found, reason=why.reason, by=account(request), now=at)
    return _signal(done, at)


def _take(request: HttpRequest, within: Outbreak, keys: dict[str, SignalIn], at: datetime) -> dict[str, int]:
    by = account(request)
    homes = {one.person: one.area_code for one in keys.values() if one.person}
    people = {one.number: one for one in Person.objects.filter(number__in=homes)}
    # Only numbers that nobody has yet: a hint does not change where a known person is at home.
    fresh = [register.PersonEntry(number, code) for number, code in homes.items() if number not in people]
    people |= register.register_people(fresh, by=by, now=at)
    hints = [
        signals.Hint(
            kind=one.kind,
            area_code=one.area_code,
            occurred_at=one.occurred_at,
            source=one.source,
            source_key=key,
            person=people[one.person] if one.person else None,
            facts=dict(one.facts),
        )
        for key, one in keys.items()
    ]
    taken = signals.receive_many(outbreak=within, hints=hints, by=by, now=at)
    return {one.source_key: one.pk for one in taken}


def _key(request: HttpRequest, one: SignalIn) -> str:
    # Each sender has a name space of its own: nobody learns what another has sent, or takes its key.
    return f"api:{account(request).username}:{one.source_key}"[:200]


def _check(request: HttpRequest, sent: list[SignalIn], at: datetime) -> None:
    areas = set(Area.objects.filter(code__in={one.area_code for one in sent}).values_list("code", flat=True))
    keys: dict[str, int] = {}
    errors = []
    for row, one in enumerate(sent, start=1):
        errors += [{"row": row, "field": field, "reason": why} for field, why in _faults(request, one, areas, at)]
        if one.source_key in keys:
            reason = f"stands in row {keys[one.source_key]} too; a key is one hint"
            errors.append({"row": row, "field": "source_key", "reason": reason})
        keys.setdefault(one.source_key, row)
    if errors:
        count = len({error["row"] for error in errors})
        raise RowsRefused(count=count, rows=len(sent), first=told(errors[0]), errors=errors)


def _faults(request: HttpRequest, one: SignalIn, areas: set[str], at: datetime) -> Iterator[tuple[str, str]]:
    mine = access.covers(account(request), one.area_code)
    if not mine or one.area_code not in areas:
        yield "area_code", f"{one.area_code} is no area of your jurisdiction ({account(request).area_code})"
    if not one.source.strip():
        yield "source", "is blank; name the laboratory, the clinic or the letter"
    if one.occurred_at > at:
        yield "occurred_at", f"{one.occurred_at.isoformat()} lies after {at.isoformat(timespec='minutes')}"


def _in_state(known: QuerySet[Signal], state: SignalState | None, as_of: datetime) -> QuerySet[Signal]:
    if state is None:
        return known
    settled = known.filter(settled_at__lte=as_of)
    return known.exclude(settled_at__lte=as_of) if state == SignalState.NEW else settled.filter(state=state)


def _found(request: HttpRequest, number: int) -> Signal:
    rows = Signal.objects.select_related("person")
    found: Signal = access.row(rows, what="signal", to=Right.SIGNAL_VERIFY, by=account(request), pk=number)
    return found


def _signal(row: Signal, as_of: datetime) -> SignalOut:
    settled = row.settled_at is not None and row.settled_at <= as_of
    return SignalOut(
        id=row.pk,
        kind=SignalKind(row.kind),  # type: ignore[call-arg]
        state=SignalState(row.state) if settled else SignalState.NEW,  # type: ignore[call-arg]
        area_code=row.area_code,
        person=row.person.number if row.person else None,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        source=row.source,
        reason=row.reason if settled else "",
    )
