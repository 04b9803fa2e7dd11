"""
The clocks of a box: from the first swab in it to its receipt, and from its receipt to its results, by the edition.

A value that waits for confirmation, or that the edition does not set, gives no moment; it is kept with the reason.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from sizao.protocol import Rules, basis, deadline
from sizao.records.models import Outbreak
from sizao.response import outbreaks
from sizao.response.testing.timing import AWAITS
from sizao.terms import TubeKind

TRANSPORT = "testing.region.transport_hours"
SINGLE_RESULT = "testing.region.lab_result_hours"  # of priority samples: tubes of one person, and recalled people
POOL_RESULT = "testing.region.pooled_result_hours"
TRANSPORT_DUE, RESULT_DUE, NOT_SET = "transport_due_at", "result_due_at", "not_set"

Told = tuple[datetime | None, list[dict[str, Any]]]


class Standing:
    """The rules of a moment, asked for once for each area: boxes of a city come by the thousand."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._known: dict[tuple[int, str], Rules] = {}

    def rules(self, outbreak: Outbreak, area_code: str) -> Rules:
        """Give the rules for a part of an outbreak."""
        key = outbreak.pk, area_code
        if key not in self._known:
            self._known[key] = outbreaks.rules_at(outbreak, self.now, area_code=area_code)
        return self._known[key]


def transport(rules: Rules, first_swab_at: datetime | None) -> Told:
    """Say by when a box is to be received, and by which value; nothing before a swab in it is on record."""
    return _counted(rules, TRANSPORT, first_swab_at, TRANSPORT_DUE)


def results(rules: Rules, received_at: datetime | None, kinds: Iterable[TubeKind]) -> Told:
    """
    Say by when the first of a box's tubes are to be read, and by which values.

    Tubes of one person go before pools where the edition says so; a box that holds both is due by the earlier.
    """
    found = set(kinds)
    keys = [
        key for key, is_in in ((SINGLE_RESULT, TubeKind.SINGLE in found), (POOL_RESULT, _has_pools(found))) if is_in
    ]
    told = [_counted(rules, key, received_at, RESULT_DUE) for key in keys]
    return (
        min((due_at for due_at, _ in told if due_at is not None), default=None),
        [entry for _, cited in told for entry in cited],
    )


def sets_results(rules: Rules) -> bool:
    """Tell whether any of the clocks of a laboratory can run."""
    values = [rules.value(key) for key in (SINGLE_RESULT, POOL_RESULT)]
    return any(one.value is not None and not rules.awaits_confirmation(one) for one in values)


def result_key(kind: TubeKind) -> str:
    """Name the value that decides how soon a tube of this kind is to be read."""
    return SINGLE_RESULT if kind == TubeKind.SINGLE else POOL_RESULT


def _has_pools(kinds: set[TubeKind]) -> bool:
    return bool(kinds - {TubeKind.SINGLE})


def _counted(rules: Rules, key: str, start: datetime | None, gives: str) -> Told:
    if start is None:
        return None, []
    value = rules.value(key)
    if value.value is None:
        return None, [basis.entry(value, gives=NOT_SET)]
    if rules.awaits_confirmation(value):
        return None, [basis.entry(value, gives=AWAITS)]
    total = deadline(timezone.localtime(start), value)
    return total.result, [basis.entry(value, total, gives=gives)]
