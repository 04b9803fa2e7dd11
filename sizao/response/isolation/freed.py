"""Who was set free earlier because the rules changed: the list to be read out on the day of a new edition."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from sizao.records import journal
from sizao.records.models import IsolationOrder, OrderChange, Outbreak
from sizao.terms import OrderAct, OrderEnd


@dataclass(frozen=True, slots=True)
class Freed:
    """One person's order that a change of the rules made shorter: its last day before and since, and by what."""

    order: IsolationOrder
    at: datetime
    was: date
    ends: date
    rules: str

    @property
    def days(self) -> int:
        """How many days earlier."""
        return (self.was - self.ends).days


def freed(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> list[Freed]:
    """List the issued orders of an area that a change of edition shortened or ended by a moment, the latest first."""
    entries = OrderChange.objects.filter(
        order__outbreak=outbreak, order__area_code__startswith=area_code, order__issued_at__lte=as_of, at__lte=as_of,
        by=journal.SYSTEM, act__in=(OrderAct.SHORTENED, OrderAct.ENDED),
    )  # fmt: skip
    rows = entries.select_related("order__person").order_by("-at", "order__area_code", "order_id")
    return list(_by_change(rows.iterator(chunk_size=500)))


def _by_change(entries: Iterator[OrderChange]) -> Iterator[Freed]:
    for one in entries:
        order = one.order
        if one.act == OrderAct.ENDED and one.reason == OrderEnd.NOT_ASKED:
            # The rest of that day is not counted: it had begun.
            ends = timezone.localtime(one.at).date()
            if ends < order.ends_date:
                yield Freed(order, one.at, order.ends_date, ends, "")
        elif one.act == OrderAct.SHORTENED and one.was_ends_date and _is_of_another_edition(one):
            yield Freed(order, one.at, one.was_ends_date, one.ends_date, one.reason)


def _is_of_another_edition(entry: OrderChange) -> bool:
    """Tell a change of the rules from a change of the facts, which shortens under the edition that an order cites."""
    cited = {one["edition"] for one in entry.basis if one.get("gives") == "ends_date"}
    first = next((one["edition"] for one in entry.order.basis if one.get("gives") == "ends_date"), None)
    return bool(cited) and first is not None and first not in cited
