"""The history of an order: one entry for each act, with its last day from then on; written with the act itself."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from sizao.records import journal
from sizao.records.models import Account, IsolationOrder, OrderChange
from sizao.terms import OrderAct

LONGEST_TEXT = 300


def entry(  # noqa: PLR0913 — what one line of a history holds
    order: IsolationOrder,
    act: OrderAct,
    *,
    by: Account | None,
    at: datetime,
    was: date | None = None,
    reason: str = "",
    basis: Sequence[dict[str, Any]] = (),
) -> OrderChange:
    """Compose one entry for an order as it stands now, without writing it; `was` is its last day before."""
    return OrderChange(
        order=order,
        act=act,
        at=at,
        by=journal.actor_name(by),
        ends_date=order.ends_date,
        was_ends_date=was,
        reason=reason[:LONGEST_TEXT],
        basis=list(basis),
        # One act of a kind at one moment; an extension to another day is another act.
        source_key=f"change:{order.pk}:{act}:{at.isoformat()}:{order.ends_date}",
    )


def write(entries: Iterable[OrderChange]) -> None:
    """Write entries; one that was written already is left as it is."""
    OrderChange.objects.bulk_create(entries, batch_size=1000, ignore_conflicts=True)


def of(order: IsolationOrder, as_of: datetime) -> QuerySet[OrderChange]:
    """Give what had happened to an order by a moment, oldest first."""
    return OrderChange.objects.filter(order=order, at__lte=as_of).order_by("at", "pk")
