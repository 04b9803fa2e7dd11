"""How the rounds of a drill went that were held through the stage: who came and who did not, how soon it was read."""

from django.db import connection

from sizao.drill.rehearsal.looking import Looking
from sizao.drill.rehearsal.round_people import go_through_the_stage
from sizao.records.models import PoolHold, PoolMember, Signal, TestingRound
from sizao.response.testing import coverage, positives
from sizao.response.testing.coverage import Coverage
from sizao.terms import SignalKind

Told = tuple[str, str, str, float | None, str]  # key, Chinese, English, value, unit


def told(looking: Looking) -> list[Told]:
    """Say what the rounds came to; nothing where they were counted only."""
    if not go_through_the_stage(looking.running.rehearsal):
        return []
    until = looking.life.moment(looking.days)
    # The swabs of a day are on record from the next morning on.
    held = TestingRound.objects.filter(outbreak=looking.outbreak, opened_at__isnull=False, archived_at=None)
    rounds = list(held.filter(begins_at__lt=looking.life.moment(looking.days - 1)))
    total = sum((coverage.total(one, as_of=until) for one in rounds), Coverage())
    holds = PoolHold.objects.filter(round__in=rounds)
    by_rounds = Signal.objects.filter(outbreak=looking.outbreak, kind=SignalKind.POSITIVE_TEST, source=positives.SOURCE)
    hours, slowest = _hours(rounds)
    return [
        ("rounds_held", "检测轮次", "Testing rounds held", float(len(rounds)), ""),
        ("round_coverage", "应检尽检", "Share of those expected who were swabbed", total.share, "share"),
        ("round_missed", "应检未检人次", "Expected and not swabbed", float(total.missed), ""),
        ("round_unexplained", "未检原因不明", "Missed, and nobody has said why", float(total.unexplained), ""),
        ("round_hours_to_result", "采样至结果（平均）", "Hours from swab to result, on average", hours, "h"),
        ("round_hours_slowest", "采样至结果（最慢1%）", "Hours from swab to result, the slowest 1 %", slowest, "h"),
        ("pools_positive", "阳性混管", "Positive pools", float(holds.count()), ""),
        ("pools_held", "管控混管", "Positive pools held by order", float(holds.exclude(ordered_at=None).count()), ""),
        ("pool_members", "混管阳性涉及人数", "People in positive pools",
         float(PoolMember.objects.filter(round__in=rounds).count()), ""),
        ("found_by_rounds", "轮次检出阳性", "Found positive by rounds", float(by_rounds.count()), ""),
    ]  # fmt: skip


def _hours(rounds: list[TestingRound]) -> tuple[float | None, float | None]:
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [[one.pk for one in rounds]])
        mean, slowest = cursor.fetchone()
    return (None if mean is None else float(mean)), (None if slowest is None else float(slowest))


_HOURS = """
    SELECT avg(hours), percentile_cont(0.99) WITHIN GROUP (ORDER BY hours)
    FROM (
        SELECT extract(epoch FROM t.resulted_at - s.taken_at) / 3600 AS hours
        FROM records_swab s JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
        WHERE s.round_id = ANY(%s::bigint[]) AND NOT s.is_double AND t.resulted_at IS NOT NULL
    ) waited
"""
