"""Common exposures: the places, and days at places, that link more cases before they fell ill than chance."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
from django.db.models import Max

from sizao.engines.common_exposures import CaseVisits, Exposure, Windows, common_exposures
from sizao.records import journal
from sizao.records.models import SharedExposure
from sizao.response.tracing.known import Being, Known, day_number, day_of_number
from sizao.terms import EventKind, PlaceKind

# How many rows of a ranking are kept for each day: more than anybody reads, fewer than all.
KEPT = 50
_FIELDS = (
    "rank", "place_id", "scope", "kind", "first_date", "last_date",
    "observed", "expected", "p_value", "q_value", "people",
)  # fmt: skip


def rank(known: Known) -> int:
    """
    Rank common exposures by what is known now; a ranking is kept for each day on which it changed.

    Return how many rows were written.
    """
    outbreak, now = known.outbreak, known.now
    today = outbreak.day_of(now)
    wanted = ranking(known, today)
    rankings = SharedExposure.objects.filter(outbreak=outbreak, as_of__lte=today)
    latest = rankings.aggregate(day=Max("as_of"))["day"]
    standing = rankings.filter(as_of=latest).order_by("rank")
    if [_content(row) for row in standing] == [_content(row) for row in wanted]:
        return 0
    rankings.filter(as_of=today).delete()
    SharedExposure.objects.bulk_create(wanted)
    journal.write("exposures.ranked", outbreak, by=None, at=now, rows=len(wanted))
    return len(wanted)


def _content(row: SharedExposure) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _FIELDS)


def ranking(known: Known, today: date) -> list[SharedExposure]:
    """
    Work out the ranking of one day, its first rows.

    The window of a case runs from its look-back to the day before its onset, or before its first positive
    test where no onset is known. Being in a village is no exposure; a gathering there is.
    """
    cases = [course for course in known.courses.values() if course.case.investigated_at]
    if not cases:
        return []
    numbers = {course.person: number for number, course in enumerate(cases)}
    beings = [one for one in known.beings if one.person in numbers and _counts(known, one)]
    if not beings:
        return []
    days_back = known.rules.need("investigation.trajectory_lookback_days").whole
    starts = [day_number(course.start_date) for course in cases]
    windows = Windows(
        first_day=np.array([start - days_back for start in starts], np.int64),
        last_day=np.array([start - 1 for start in starts], np.int64),
    )
    visits = CaseVisits(
        case=np.array([numbers[one.person] for one in beings], np.int64),
        place=np.array([one.place for one in beings], np.int64),
        day=np.array([one.day for one in beings], np.int64),
    )
    kinds = {place: list(PlaceKind).index(kind) for place, kind in known.place_kinds.items()}
    found = common_exposures(visits, windows, kinds)[:KEPT]
    people = [course.person for course in cases]
    at_place: dict[int, list[Being]] = defaultdict(list)
    for being in beings:
        at_place[being.place].append(being)
    return [_row(known, today, rank, one, people, at_place[one.place]) for rank, one in enumerate(found, start=1)]


def _counts(known: Known, one: Being) -> bool:
    wide = known.place_kinds[one.place] in (PlaceKind.VILLAGE, PlaceKind.TOWN)
    return not wide or one.kind == EventKind.GATHERING


def _row(
    known: Known, today: date, rank: int, one: Exposure, people: Sequence[int], beings_there: Sequence[Being]
) -> SharedExposure:
    days = range(one.first_day, one.last_day + 1)
    there = {people[case] for case in one.cases}
    # By person, not by day: who works at a hall is there often, and is not why the guests came.
    told = {(being.person, being.kind) for being in beings_there if being.day in days}
    kinds = Counter(kind for person, kind in told if person in there)
    return SharedExposure(
        outbreak=known.outbreak,
        as_of=today,
        rank=rank,
        place_id=one.place,
        scope=one.scope,
        kind=min(kinds, key=lambda kind: (-kinds[kind], kind)),
        first_date=day_of_number(one.first_day),
        last_date=day_of_number(one.last_day),
        observed=one.observed,
        expected=one.expected,
        p_value=one.p_value,
        q_value=one.q_value,
        people=sorted(there),
    )
