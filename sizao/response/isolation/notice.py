"""What the person concerned is told: what, where, why, by whose rule, until when, and how to object."""

from dataclasses import dataclass
from datetime import date

from sizao.protocol import basis
from sizao.protocol.laws import shipped_laws
from sizao.records.models import IsolationOrder
from sizao.terms import REVIEW_DAYS, ContactKind, CountedFrom, OrderKind, OrderText, Remedy, ReviewBody


@dataclass(frozen=True, slots=True)
class Notice:
    """The text of an order in one language; `sums` tells each date with its rule."""

    kind: str
    starts_date: date
    ends_date: date
    test_dates: tuple[date, ...]
    reason: str
    sums: tuple[str, ...]
    remedies: tuple[str, ...]


def notice(order: IsolationOrder, language: str) -> Notice:
    """Compose the notice of an order in `zh` or `en`."""
    return Notice(
        kind=OrderKind(order.kind).label(language),
        starts_date=order.starts_date,
        ends_date=order.ends_date,
        test_dates=tuple(order.test_dates),
        reason=reason_told(order, language),
        sums=tuple(basis.told(entry, language) for entry in order.basis),
        remedies=remedies(order.ends_date, language),
    )


def reason_told(order: IsolationOrder, language: str) -> str:
    """Tell in one sentence why an order is proposed."""
    facts = order.reason
    kind = ContactKind(facts["contact_kind"]).label(language)
    origin = CountedFrom(facts["counted_from"]).label(language)
    of = facts.get("index_case")
    if language.startswith("zh"):
        who = f"病例 {of} 的{kind}" if of else kind
        return f"{who}；自{facts['day_zero']}（{origin}）起算。"
    who = f"{kind} of case {of}" if of else kind
    return f"{who}; counted from {facts['day_zero']} ({origin})."


def remedies(ends_date: date, language: str) -> tuple[str, ...]:
    """Say how a person objects and asks for a review, that care is never refused, and that the order ends by itself."""
    hours = shipped_laws().clocks["decide_objection_hours"]
    facts = {
        "days": REVIEW_DAYS,
        "body": ReviewBody.ABOVE.label(language),
        "date": ends_date,
        "hours": hours.whole,
        "unverified": OrderText.UNVERIFIED.label(language) if hours.needs_confirmation else "",
    }
    told = (OrderText.OBJECT, OrderText.NOT_IN_TIME, *Remedy)
    return tuple(text.label(language).format(**facts) for text in told)
