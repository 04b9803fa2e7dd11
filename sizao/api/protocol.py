"""The rules of the authority: editions, and what is in force on a day in a place."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from sizao import protocol
from sizao.api.door import Asked, account, outbreak
from sizao.api.shapes import answers
from sizao.protocol import Rules, Value
from sizao.records import access
from sizao.response import outbreaks
from sizao.terms import Right

router = Router(tags=["protocol"])


class EditionOut(Schema):
    """One edition and the documents in force beside it from their own day on."""

    id: str
    title: str
    published_date: date
    effective_from: date
    effective_until: date
    documents: list[str]


class ValueOut(Schema):
    """One value: what it is, where it comes from, and whether it waits for confirmation."""

    key: str
    value: Any
    unit: str
    origin: str
    status: str
    rests_on: str
    sources: list[str]
    awaits_confirmation: bool


class RulesOut(Schema):
    """The rules in force on a day in a place."""

    day: date
    area_code: str
    edition: str
    source: str
    companions: list[str]
    annexes: list[str]
    values: list[ValueOut]


@router.get("/protocol/editions", response=answers(list[EditionOut]))
def list_editions(request: HttpRequest) -> Any:
    """List the editions that the library holds, oldest first."""
    access.require(account(request), Right.PROTOCOL_READ)
    return [
        EditionOut(
            id=one.id,
            title=one.title_zh,
            published_date=one.published_date,
            effective_from=one.effective_from,
            effective_until=one.effective_until,
            documents=[companion.id for companion in one.companions],
        )
        for one in protocol.shipped().editions
    ]


@router.get("/protocol/rules", response=answers(RulesOut))
def read_rules(request: HttpRequest, day: date, area: str = Query("", pattern=r"^\d{0,12}$"), section: str = "") -> Any:
    """Say the national rules of a day, or those of a place that adopted an edition on a day of its own."""
    access.require(account(request), Right.PROTOCOL_READ)
    return _rules(protocol.rules_at(day, area), section)


@router.get("/outbreaks/{slug}/rules", response=answers(RulesOut))
def read_rules_of_outbreak(request: HttpRequest, slug: str, asked: Query[Asked], section: str = "") -> Any:
    """Say the rules that held for an outbreak, local annexes and confirmations included."""
    within = outbreak(request, slug, to=Right.PROTOCOL_READ)
    return _rules(outbreaks.rules_at(within, asked.moment(request)), section)


def _rules(rules: Rules, section: str) -> RulesOut:
    chosen = [value for key, value in rules.values.items() if key.startswith(section)]
    if not chosen:
        rules.value(section)  # refuses, and says what was allowed
    return RulesOut(
        day=rules.day,
        area_code=rules.area_code,
        edition=rules.edition,
        source=rules.source,
        companions=list(rules.companions),
        annexes=list(rules.annexes),
        values=[_value(value, rules) for value in chosen],
    )


def _value(value: Value, rules: Rules) -> ValueOut:
    return ValueOut(
        key=value.key,
        value=value.value,
        unit=value.unit,
        origin=value.origin,
        status=str(value.status),
        rests_on=str(value.rests_on),
        sources=list(value.sources),
        awaits_confirmation=rules.awaits_confirmation(value),
    )
