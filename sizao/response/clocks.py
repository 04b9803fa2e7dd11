"""The one clock: a deadline with its sum, none where the edition sets none or it is not yet confirmed."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from sizao.protocol import Rules, basis, deadline

AWAITS = "awaits_confirmation"


def clock(
    rules: Rules, key: str | None, start: datetime, *, gives: str = "due_at"
) -> tuple[datetime | None, list[dict[str, Any]]]:
    """
    Say when something asked at a moment is due, and by which value; `gives` names what the moment is.

    A value that waits for confirmation sets no clock, and is named as such.
    """
    if key is None or not rules.says(key):
        return None, []
    if rules.awaits_confirmation(rules.value(key)):
        return None, [basis.entry(rules.value(key), gives=AWAITS)]
    # Shown in the time of the place.
    total = deadline(timezone.localtime(start), rules.need(key))
    return total.result, [basis.entry(rules.need(key), total, gives=gives)]
