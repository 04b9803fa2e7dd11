"""
What scripted officers decide about testing: they open and close rounds, find out who was missed, hold positive pools.

When a round is held, and where, the scenario says in its measures, counted from the first case; the coordinator opens
it the evening before. A positive pool is held for as long as the law allows, by whoever is on duty, and crews swab its
people singly at the next hour at which they work.
"""

from collections import Counter
from datetime import datetime, time, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from sizao.drill.rehearsal import effects, parts
from sizao.drill.rehearsal.office import WHY, Office, each
from sizao.drill.rehearsal.round_people import Listing, go_through_the_stage
from sizao.drill.rehearsal.stage_rounds import OPENS, laboratory_code
from sizao.engines.simulation.laboratory import HOURS
from sizao.errors import SizaoError
from sizao.records.models import Area, Laboratory, PoolHold, PoolMember, RosterEntry, Swab, TestingRound, TubeLot
from sizao.response import testing
from sizao.response.testing import generated, holds, laboratory
from sizao.response.testing.swabs import MOST_AT_ONCE
from sizao.response.testing.tubes import codes_of
from sizao.terms import HoldState, MissedReason, Role, TubeKind

LAW = "《传染病防治法》第三十九条（演练）"
UNDECIDED = timedelta(hours=6)  # then who is in a positive pool is called back without an order
HELD_HOURS = 24  # the longest that the law allows
PEOPLE_PER_TABLE, MOST_TABLES = 1_500, 200


def open_rounds(office: Office, now: datetime) -> int:
    """In the evening, plan and open the rounds that the scenario asks for tomorrow; it asks for each once."""
    if (
        not go_through_the_stage(office.rehearsal)
        or timezone.localtime(now).hour < office.rehearsal.habits.office_hours[-1]
    ):
        return 0
    life = office.asking.life
    tomorrow = life.day_of(now) + 1
    known = office.outbreak.cases.standing().filter(opened_at__lt=now).order_by("opened_at", "pk")
    villages = list(known.values_list("area_code", flat=True))
    if not villages or tomorrow >= office.rehearsal.n_days:
        return 0
    since, done = tomorrow - life.day_of(known[0].opened_at), 0
    for measure in office.rehearsal.measures:
        turn = effects.turn_of(measure, since) if measure.kind == parts.TESTING_ROUND else None
        if turn is not None and len(villages) >= measure.from_cases:
            done += _open(office, effects.areas_of(life, measure, turn, Counter(villages)), tomorrow, now)
    return done


def _open(office: Office, areas: list[str], day: int, now: datetime) -> int:
    by, begins_at = office.staff[Role.TESTING_COORDINATOR], office.asking.life.moment(day, OPENS)
    rounds = TestingRound.objects.filter(outbreak=office.outbreak, begins_at=begins_at)
    if not areas or rounds.filter(areas=sorted(areas)).exists():
        return 0
    try:
        found = testing.plan_round(
            outbreak=office.outbreak, name=f"第{rounds.count() + 1}轮 {begins_at:%m-%d}", areas=areas,
            pool_size=office.rehearsal.means.pool_size, begins_at=begins_at, by=by, now=now, is_generated=True,
        )  # fmt: skip
    except SizaoError as refusal:
        office.asking.note(refusal)
        return 0
    listing = Listing(office.asking.life, found.areas)
    generated.make_generated_roster(
        testing_round=found, villages=listing.villages, people=listing.size.tolist(), by=by, now=now
    )
    # A label for each tube, and one for everybody who may be called back.
    labels = listing.most_tubes(found.pool_size) + int(listing.size.sum())
    testing.print_lot(testing_round=found, size=min(labels, testing.tubes.MOST_LABELS), by=by, now=now)
    known = dict(Area.objects.filter(code__in=found.areas).values_list("code", "name"))
    for code in found.areas:
        people = int(
            sum(size for village, size in zip(listing.villages, listing.size, strict=True) if village.startswith(code))
        )
        tables = min(-(-people // PEOPLE_PER_TABLE), MOST_TABLES) or 1
        testing.add_site(
            testing_round=found, name=f"{known[code]}采样点（演练）", area_code=code, n_tables=tables, by=by, now=now
        )
    _laboratory(office, now)
    testing.open_round(testing_round=found, by=by, now=now)
    return 1


def _laboratory(office: Office, now: datetime) -> None:
    code, means = laboratory_code(office.rehearsal.slug), office.rehearsal.means
    if not Laboratory.objects.filter(code=code).exists():
        laboratory.add_laboratory(
            laboratory_code=code, name="检测实验室（演练）", area_code=office.rehearsal.area_code[:4],
            tubes_per_hour=min(max(means.tubes_per_day // HOURS, 1), laboratory.laboratories.MOST_AN_HOUR),
            by=office.staff[Role.TESTING_COORDINATOR], now=now,
        )  # fmt: skip


def close_rounds(office: Office, now: datetime) -> int:
    """Close the rounds of past days: nobody was found at the doors of those missed, and that is on the record."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    today = office.asking.life.moment(office.asking.life.day_of(now), time())
    over = TestingRound.objects.filter(
        outbreak=office.outbreak, is_generated=True, opened_at__isnull=False, closed_at=None, begins_at__lt=today
    )
    by = office.staff[Role.TESTING_COORDINATOR]

    def close(found: TestingRound) -> None:
        came = Swab.objects.filter(round=found, is_double=False).values("entry")
        left = RosterEntry.objects.filter(round=found, missed_reason=None).exclude(number__in=came).order_by("number")
        entries = list(left.values_list("number", flat=True))
        if entries:
            generated.explain_generated(
                testing_round=found, entries=entries, reason=MissedReason.NOT_FOUND, by=by, now=now
            )
        testing.close_round(testing_round=found, by=by, now=now)

    return each(office, over.select_related("outbreak"), close)


def call_back(office: Office, now: datetime) -> int:
    """
    Swab one by one the people of pools whose hold was ordered before now, or that nobody decided on for hours.

    Each swab is registered where and when it is taken, as crews with devices do; the tubes reach the laboratory
    with the others of the day. Who has been swabbed singly since, or is free again, is not.
    """
    if not go_through_the_stage(office.rehearsal):
        return 0
    undecided = Q(hold__state=HoldState.PROPOSED, added_at__lt=now - UNDECIDED)
    waiting = PoolMember.objects.filter(
        Q(hold__state=HoldState.ORDERED, hold__ordered_at__lt=now) | undecided, round__outbreak=office.outbreak,
        ended_at=None,
    )  # fmt: skip
    return sum(
        _swab_singly(office, TestingRound.objects.select_related("outbreak").get(pk=pk), waiting.filter(round=pk), now)
        for pk in waiting.order_by("round").values_list("round", flat=True).distinct()
    )


def _swab_singly(office: Office, found: TestingRound, waiting: QuerySet[PoolMember], now: datetime) -> int:
    done = found.swabs.filter(is_recall=True).values("entry")
    entries = list(waiting.exclude(entry__in=done).order_by("entry").values_list("entry", flat=True).distinct())
    # Labels behind those of all pools; some have been used for others who were called back.
    used = found.tubes.filter(kind=TubeKind.SINGLE).count()
    first = Listing(office.asking.life, found.areas).most_tubes(found.pool_size) + used
    lot = TubeLot.objects.filter(round=found).order_by("pk").first()
    swabs = [
        testing.SwabSent(f"recall:{now.isoformat()}:{entry}", code, now, TubeKind.SINGLE, entry=entry)
        for entry, code in zip(entries, codes_of(lot, start=first, most=len(entries)), strict=True)
    ]
    by = office.staff[Role.SAMPLER]
    for start in range(0, len(swabs), MOST_AT_ONCE):
        testing.register_swabs(testing_round=found, swabs=swabs[start : start + MOST_AT_ONCE], by=by, now=now)
    return len(swabs)


def hold_pools(office: Office, now: datetime) -> int:
    """Order each positive pool that is proposed to be held, until its people have their own result."""
    proposed = PoolHold.objects.filter(round__outbreak=office.outbreak, state=HoldState.PROPOSED)
    by, until = office.staff[Role.DUTY_OFFICER], now + timedelta(hours=HELD_HOURS)
    waiting = proposed.filter(members__ended_at=None).annotate(latest=Max("members__added_at"))
    return each(
        office, waiting, lambda one: holds.order(hold=one, legal_basis=f"{LAW} {WHY}", by=by, now=now, expires_at=until)
    )
