"""Key groups are tested again and again: the loop prepares their next round, and a named person opens it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.protocol import Rules, Value, basis, period_end
from sizao.records import journal
from sizao.records.models import Outbreak, TestingRound
from sizao.response import outbreaks
from sizao.response.testing import destroying, partitions, roster
from sizao.terms import KeyGroup

INTERVAL = {KeyGroup.HIGH_RISK: "testing.occupational.high_risk_interval_days"}
PER_WEEK = {
    KeyGroup.CROWDED_JOBS: "testing.occupational.crowded_jobs_tests_per_week",
    KeyGroup.HOSPITAL_DEPARTMENTS: "testing.occupational.key_hospital_departments_tests_per_week",
    KeyGroup.INSTITUTION_STAFF: "testing.occupational.institution_staff_tests_per_week",
    KeyGroup.INSTITUTION_RESIDENTS: "testing.occupational.institution_resident_tests_per_week",
}
DAYS_OF_A_WEEK = 7
AHEAD = timedelta(days=1)  # a round is prepared the day before it begins
BEGINS = "begins_at"


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Prepare the next round of each key group that was tested before, with the roster of the last; open none.

    The interval is the edition's; where it sets none, or it waits for confirmation, nothing is prepared. Rounds past
    their last day lose their people. Return how many rounds were prepared or destroyed.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    prepared = sum(_prepare(group, outbreak, now) for group in KeyGroup)
    return prepared + destroying.destroy_past_days(outbreak=outbreak, now=now)


def interval_days(rules: Rules, group: KeyGroup) -> tuple[int | None, Value]:
    """Say after how many days a group is tested again, and by which value; never more rarely than asked."""
    key = INTERVAL.get(group) or PER_WEEK[group]
    value = rules.value(key)
    if value.value is None or rules.awaits_confirmation(value):
        return None, value
    return (value.whole if group in INTERVAL else max(1, DAYS_OF_A_WEEK // value.whole)), value


def _prepare(group: KeyGroup, outbreak: Outbreak, now: datetime) -> int:
    prepared = 0
    for area_code in _areas(outbreak, group):
        last = (
            TestingRound.objects.filter(outbreak=outbreak, key_group=group, area_code=area_code)
            .order_by("-begins_at", "-pk")
            .first()
        )
        prepared += _after(last, group, outbreak, now)
    return prepared


def _areas(outbreak: Outbreak, group: KeyGroup) -> list[str]:
    mine = TestingRound.objects.filter(outbreak=outbreak, key_group=group).order_by("area_code")
    return list(mine.values_list("area_code", flat=True).distinct())


def _after(last: TestingRound, group: KeyGroup, outbreak: Outbreak, now: datetime) -> int:
    """Prepare the round after the last one, if its day is near; a round that nobody has opened yet is the next one."""
    if last.opened_at is None or last.archived_at is not None:
        return 0
    rules = outbreaks.rules_at(outbreak, now, area_code=last.area_code)
    days, value = interval_days(rules, group)
    if days is None:
        return 0
    begins_at = max(last.opened_at + timedelta(days=days), now)
    if begins_at > now + AHEAD:
        return 0
    cited = [basis.entry(value, _sum(last, value, group), gives=BEGINS)]
    number = TestingRound.objects.filter(outbreak=outbreak).count() + 1
    made = TestingRound.objects.create(
        outbreak=outbreak, number=f"R{number:03}", name=last.name, area_code=last.area_code, areas=last.areas,
        key_group=group, pool_size=last.pool_size, household_tubes=False, begins_at=begins_at, basis=cited,
        protocol=rules.source, is_generated=last.is_generated, planned_at=now, planned_by=journal.SYSTEM,
    )  # fmt: skip
    journal.write("round.planned", made, by=None, at=now, protocol=rules.source, number=made.number, after=last.number)
    if partitions.exists(partitions.ROSTER, last.pk):
        roster.take_over_roster(testing_round=made, former=last, by=None, now=now)
    return 1


def _sum(last: TestingRound, value: Value, group: KeyGroup):  # noqa: ANN202 — a Sum of days, where there is one
    if group not in INTERVAL:
        return None
    return period_end(timezone.localtime(last.opened_at).date(), value)
