"""
Swabs of a drill: who is swabbed, by whom, and what the laboratory tells of it when.

A swab is on record from the morning after it was taken, but for those of people called back in the stage, whom crews
register at the door (`round_officers.call_back`); a result is from the morning by which the laboratory tells it. What
waits there is found again from the records when a drill goes on.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import numpy as np

from sizao.drill.rehearsal import parts, stage_rounds
from sizao.drill.rehearsal.counting import shares_tested
from sizao.drill.rehearsal.laboratory import held_round, swab
from sizao.drill.rehearsal.round_people import go_through_the_stage
from sizao.drill.rehearsal.sending import SOURCE, Sending
from sizao.engines.simulation import orders
from sizao.engines.simulation.care import FEVER_CLINIC
from sizao.engines.simulation.laboratory import HOURS
from sizao.engines.simulation.rng import Ints
from sizao.records.models import Alert, Case, IsolationOrder, Stay, Test
from sizao.response import signals
from sizao.terms import AlertState, OrderState, SignalKind, StayKind, TestResult

# The most urgent first: of the ill, of members of a positive pool, of who is under an order, of patients.
ILL, RECALLED, ORDERED, PATIENT = range(4)
_EVERY_DAYS = 2  # patients are swabbed


def at_doors(sending: Sending, day: int, now: datetime) -> int:
    """Swab some of those who came to a doctor yesterday: at clinics all, where an alert was confirmed."""
    care = sending.rehearsal.care
    if care.names == parts.COUNTS:
        return 0
    people, door = sending.illness.seeking(day - 1)
    chosen = sending.chance("tested at a door", people, 0, shares_tested(sending, door))
    alerted = Alert.objects.filter(
        outbreak=sending.outbreak,
        state__in=(AlertState.CONFIRMED, AlertState.ESCALATED),
        opened_at__gte=now - timedelta(days=care.alerted_days),
    )
    areas = tuple(alerted.values_list("area_code", flat=True))
    if areas:
        inside = np.array([sending.life.village(int(one)).startswith(areas) for one in people], bool)
        chosen |= inside & (door == FEVER_CLINIC)
    return _take(sending, people[chosen], day, ILL, now)


def in_hospital(sending: Sending, day: int, now: datetime) -> int:
    """Swab who came to hospital severely ill yesterday."""
    people = sending.illness.severe_on(day - 1)
    chosen = sending.chance("tested in hospital", people, 0, sending.rehearsal.care.tested_in_hospital)
    return _take(sending, people[chosen], day, ILL, now)


def by_order(sending: Sending, day: int, now: datetime) -> int:
    """Swab, on its days, who is under an order."""
    taken = sending.rehearsal.date_of(day - 1)
    due = IsolationOrder.objects.filter(
        outbreak=sending.outbreak, state=OrderState.ISSUED, test_dates__contains=[taken], issued_at__lt=now
    )
    return _take(sending, _people(sending, due.values_list("person__number", flat=True)), day, ORDERED, now)


def of_patients(sending: Sending, day: int, now: datetime) -> int:
    """Swab cases every second day once they have been in a bed or room for some days, so that they may leave it."""
    noon = sending.life.moment(day - 1, time(12))
    ill = Case.objects.filter(outbreak=sending.outbreak).standing().values("person")
    lying = Stay.objects.filter(kind__in=(StayKind.BED, StayKind.ROOM), period__contains=noon, person__in=ill)
    since = [
        (number, (day - 1) - sending.life.day_of(period.lower) - sending.rehearsal.habits.patients_tested_from_day)
        for number, period in lying.values_list("person__number", "period")
    ]
    due = [number for number, days in since if days >= 0 and days % _EVERY_DAYS == 0]
    return _take(sending, _people(sending, due), day, PATIENT, now)


def recalled(sending: Sending, day: int, now: datetime) -> int:
    """Swab one by one the members of the pools that were told positive yesterday; in the stage they have been."""
    if go_through_the_stage(sending.rehearsal):
        serials = stage_rounds.recalled(sending, day, now)
        _bring_recalled(sending, day, serials)
        return len(serials)
    return _take(sending, sending.bench.told_pools.get(day - 1, np.zeros(0, np.int64)), day, RECALLED, now)


def rounds(sending: Sending, day: int, now: datetime) -> int:
    """Swab in pools whoever had a round yesterday; say how many."""
    if go_through_the_stage(sending.rehearsal):
        return stage_rounds.take(sending, day, now)
    return _count_round(sending, day)


def _count_round(sending: Sending, day: int) -> int:
    if not len(sending.life.with_order(day - 1, orders.TESTING_ROUND)):
        return 0
    held = held_round(sending.life, day - 1)
    sending.bench.bring_round(day - 1, held)
    return held.swabbed


def results(sending: Sending, day: int, now: datetime) -> int:
    """Tell what the laboratory found by this morning; a first positive is a hint too."""
    told = _worked(sending, day)
    read = stage_rounds.read(sending, day, now, (-told[told < 0]).tolist())
    tests = list(Test.objects.filter(pk__in=told.tolist()).select_related("person").order_by("pk"))
    found = {test.pk: _is_positive(sending, test) for test in tests}
    answers = [
        signals.Result(
            person=test.person,
            taken_date=test.taken_date,
            result=TestResult.POSITIVE if found[test.pk] else TestResult.NEGATIVE,
            resulted_date=sending.outbreak.day_of(now),
            source_key=test.source_key,
        )
        for test in tests
    ]
    signals.record_tests(outbreak=sending.outbreak, results=answers, by=None, now=now)
    hints = {test.person_id: _hint(sending, test, now) for test in tests if found[test.pk]}
    signals.receive_many(outbreak=sending.outbreak, hints=list(hints.values()), by=None, now=now)
    return len(tests) + read


def live_again(sending: Sending, day: int) -> None:
    """Bring to the laboratory what came on the morning of a day that is over, and let it work, telling nobody."""
    morning = sending.life.moment(day, time(sending.rehearsal.habits.morning_hour))
    came = Test.objects.filter(outbreak=sending.outbreak, recorded_at=morning).order_by("pk")
    rows = list(came.values_list("pk", "source_key"))
    sending.bench.bring(day - 1, (pk for pk, _ in rows), (int(key.rpartition(":")[2]) for _, key in rows))
    if go_through_the_stage(sending.rehearsal):
        _bring_recalled(sending, day, stage_rounds.recalled_again(sending, day))
        stage_rounds.bring_again(sending, day)
    else:
        _count_round(sending, day)
    _worked(sending, day)


def _bring_recalled(sending: Sending, day: int, serials: Sequence[int]) -> None:
    """Bring single tubes of the stage to the laboratory, where a test of the records has a number above 0."""
    sending.bench.bring(day - 1, (-one for one in serials), (RECALLED for _ in serials))


def _worked(sending: Sending, day: int) -> Ints:
    return sending.bench.work_until(day * HOURS + sending.rehearsal.habits.morning_hour, day)


def _take(sending: Sending, people: Ints, day: int, urgency: int, now: datetime) -> int:
    """Put on record the swabs that were taken yesterday, and bring them to the laboratory; nobody twice a day."""
    taken = sending.rehearsal.date_of(day - 1)
    known = sending.life.registered(np.unique(people), now)
    done = Test.objects.filter(outbreak=sending.outbreak, taken_date=taken, person__in=known.values())
    done_by = set(done.values_list("person_id", flat=True))
    swabs = [
        signals.Result(person, taken, sending.key("test", sending.life.person(number), day - 1, urgency))
        for number, person in sorted(known.items())
        if person.pk not in done_by
    ]
    fresh = signals.record_tests(outbreak=sending.outbreak, results=swabs, by=None, now=now)
    sending.bench.bring(day - 1, (test.pk for test in fresh), (urgency for _ in fresh))
    return len(fresh)


def _is_positive(sending: Sending, test: Test) -> bool:
    day = (test.taken_date - sending.rehearsal.first_date).days
    return bool(swab(sending.life, np.array([sending.life.person(test.person.number)]), day)[0])


def _people(sending: Sending, numbers) -> Ints:  # noqa: ANN001 — register numbers, of a query or a list
    return np.array([sending.life.person(one) for one in numbers if sending.life.is_mine(one)], np.int64)


def _hint(sending: Sending, test: Test, now: datetime) -> signals.Hint:
    return signals.Hint(
        kind=SignalKind.POSITIVE_TEST,
        area_code=test.person.area_code,
        occurred_at=datetime.combine(now.date(), time(now.hour - 1), tzinfo=now.tzinfo),
        source=SOURCE,
        source_key=sending.key("positive", test.person.number),
        person=test.person,
    )
