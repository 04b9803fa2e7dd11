"""
By which values the members of a positive pool are held and called back, with their sums.

No edition known says for how long. Where it says how long a swab is under way and how long a laboratory may take, a
hold usually ends when a swab taken at its beginning has its result; never later than the law allows.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from sizao.protocol import Rules, Value, basis, deadline

ACTION = "testing.pool.positive_pool_action"
TRANSPORT = "testing.region.transport_hours"
LABORATORY = "testing.region.lab_result_hours"
RECALL = "recall"


def proposal(rules: Rules) -> list[dict[str, Any]]:
    """Give what a proposal rests on: what the edition does with a positive pool; nothing where it does not say."""
    value = rules.value(ACTION)
    return [basis.entry(value, gives="hold")] if value.value else []


def action(rules: Rules) -> dict[str, Any]:
    """Give what an order rests on. Raise NoValue or NeedsConfirmation where the edition does not say it."""
    return basis.entry(rules.need(ACTION), gives="hold")


def usual_end(rules: Rules, now: datetime) -> datetime | None:
    """Say when a swab taken now has its result by the edition; None where it does not say, or nobody confirmed it."""
    hours = _hours(rules)
    return now + timedelta(hours=sum(one.whole for one in hours)) if hours else None


def recall_due(rules: Rules, now: datetime, expires_at: datetime) -> tuple[datetime | None, list[dict[str, Any]]]:
    """
    Say by when single swabs must be taken so that their results are there when the hold ends, with its sums.

    None where that is at once, where the edition does not say how long a result takes, or nobody confirmed it.
    """
    hours = _hours(rules)
    if not hours:
        return None, []
    slack = expires_at - timedelta(hours=sum(one.whole for one in hours))
    start, cited = timezone.localtime(max(now, slack)), []
    for one in hours:
        total = deadline(start, one)
        cited.append(basis.entry(one, total, gives=RECALL))
        start = total.result
    return (slack if slack > now else None), cited


def _hours(rules: Rules) -> tuple[Value, ...]:
    """Give the hours on the way and in the laboratory; nothing unless both are known and confirmed."""
    hours = (rules.value(TRANSPORT), rules.value(LABORATORY))
    known = all(one.value is not None and not rules.awaits_confirmation(one) for one in hours)
    return hours if known else ()
