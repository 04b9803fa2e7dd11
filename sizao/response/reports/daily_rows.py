"""
The rows behind daily figures, as moves: counted by the database for all, and case by case where one must be named.

Both ways follow one rule. The database counts everybody in one pass; cases that were counted elsewhere for a time or
whose severity was entered are few, and are followed one by one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from sizao.engines.daily_figures import BEFORE, CONFIRMED_EVER, ELSEWHERE, KNOWN, NOWHERE, SEVERE, UNPLACED, Moves
from sizao.records.models import Case, CaseChange, CaseFact, Contact, ContactChange, Outbreak
from sizao.terms import AREA_DIGITS, AreaLevel, CaseFactKind, CaseStatus, OutbreakKind

REPORTING_DIGITS = tuple(AREA_DIGITS[level] for level in (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.COUNTY))
COUNTY = max(REPORTING_DIGITS)
OUTCOMES = (CaseFactKind.DISCHARGED, CaseFactKind.DIED, CaseFactKind.RELEASED)
_SEVERITY = {CaseFactKind.SEVERE: True, CaseFactKind.EASED: False}
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_OUT_OF_COUNT = {NOWHERE, ELSEWHERE, str(CaseStatus.DISCARDED)}


@dataclass(frozen=True, slots=True)
class Span:
    """
    Consecutive civil days of the jurisdiction, and by what was known when; None is everything known now.

    `within` leaves out the rows of other areas, so that a county's page does not count the province.
    """

    first: date
    last: date
    as_of: datetime | None = None
    within: str = ""

    @property
    def n_days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.n_days)

    @property
    def end_at(self) -> datetime:
        """The moment at which the last day is over."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time()))

    def index(self, moment: datetime) -> int:
        """Say on which of the days a moment falls, BEFORE for earlier ones."""
        return max((timezone.localtime(moment).date() - self.first).days, BEFORE)

    def knows(self, recorded_at: datetime) -> bool:
        """Tell whether something recorded then is known."""
        return self.as_of is None or recorded_at <= self.as_of


@dataclass(slots=True)
class CaseMoves:
    """Moves of cases, and of what stands beside their state: onset known, severe."""

    cases: list[Moves] = field(default_factory=list)
    onset: list[Moves] = field(default_factory=list)
    severity: list[Moves] = field(default_factory=list)

    def without_county(self) -> list[Moves]:
        """Give the same moves of cases not known to a county, as whether they count there at all."""
        marked = [
            Moves(one.area_code, one.day, _unplaced(one.was), _unplaced(one.now), one.n, one.above)
            for one in self.cases
            if len(one.area_code) < COUNTY
        ]
        return [one for one in marked if one.was != one.now]


def _unplaced(state: str) -> str:
    return NOWHERE if state in _OUT_OF_COUNT else UNPLACED


# --- Counted by the database -------------------------------------------------------------------

_TOLD = """
WITH told AS (
    SELECT ch.case_id, ch.status AS state, ch.at, 0 AS rank, ch.id
    FROM records_casechange ch JOIN records_case c ON c.id = ch.case_id
    WHERE c.outbreak_id = %(outbreak)s AND ch.at < %(end)s AND ch.at <= %(as_of)s AND c.area_code LIKE %(within)s
    UNION ALL
    SELECT f.case_id, f.kind, f.happened_at, 1, f.id
    FROM records_casefact f JOIN records_case c ON c.id = f.case_id
    WHERE c.outbreak_id = %(outbreak)s AND f.kind = ANY(%(outcomes)s) AND f.happened_at < %(end)s
      AND c.area_code LIKE %(within)s
      AND f.recorded_at <= %(as_of)s AND (f.withdrawn_at IS NULL OR f.withdrawn_at > %(as_of)s)
), moved AS (
    SELECT case_id, state, at, lag(state) OVER w AS was, lead(at) OVER w AS until
    FROM told WHERE NOT case_id = ANY(%(apart)s)
    WINDOW w AS (PARTITION BY case_id ORDER BY at, rank, id)
)
"""
_DAY = "greatest(({moment} AT TIME ZONE %(zone)s)::date - %(first)s, -1)"
_CASES = f"""{_TOLD}
SELECT left(c.area_code, 6), {_DAY.format(moment="m.at")}, coalesce(m.was, ''), m.state, count(*)
FROM moved m JOIN records_case c ON c.id = m.case_id
WHERE m.was IS DISTINCT FROM m.state GROUP BY 1, 2, 3, 4
"""  # noqa: S608 — the parts are this module's own
_ONSETS = f"""{_TOLD}, known AS (
    SELECT left(c.area_code, 6) AS code, greatest(m.at, c.investigated_at) AS since, m.until
    FROM moved m JOIN records_case c ON c.id = m.case_id
    WHERE m.state = ANY(%(confirmed)s) AND c.onset_date IS NOT NULL AND c.investigated_at < %(end)s
      AND c.investigated_at <= %(as_of)s AND (m.until IS NULL OR m.until > c.investigated_at)
)
SELECT code, {_DAY.format(moment="since")}, '', 'known', count(*) FROM known GROUP BY 1, 2
UNION ALL
SELECT code, {_DAY.format(moment="until")}, 'known', '', count(*) FROM known WHERE until IS NOT NULL GROUP BY 1, 2
"""  # noqa: S608 — the parts are this module's own
_CONTACTS = f"""
WITH moved AS (
    SELECT ch.contact_id, ch.state, ch.at, lag(ch.state) OVER w AS was
    FROM records_contactchange ch JOIN records_contact c ON c.id = ch.contact_id
    WHERE c.outbreak_id = %(outbreak)s AND ch.at < %(end)s AND ch.at <= %(as_of)s AND c.area_code LIKE %(within)s
      AND (%(made_up_too)s OR NOT EXISTS (SELECT FROM records_person p WHERE p.id = c.person_id AND p.is_generated))
    WINDOW w AS (PARTITION BY ch.contact_id ORDER BY ch.at, ch.id)
)
SELECT left(c.area_code, 6), {_DAY.format(moment="m.at")}, coalesce(m.was, ''), m.state, count(*)
FROM moved m JOIN records_contact c ON c.id = m.contact_id
WHERE m.was IS DISTINCT FROM m.state GROUP BY 1, 2, 3, 4
"""  # noqa: S608 — the parts are this module's own
_TESTS = f"""
SELECT left(area_code, 6), {_DAY.format(moment="recorded_at")}, '', coalesce(result, 'unknown'), count(*)
FROM records_test
WHERE outbreak_id = %(outbreak)s AND recorded_at >= %(start)s AND recorded_at < %(end)s AND recorded_at <= %(as_of)s
  AND area_code LIKE %(within)s
GROUP BY 1, 2, 4
"""  # noqa: S608 — the parts are this module's own


def case_moves(outbreak: Outbreak, span: Span) -> CaseMoves:
    """Count the moves of all cases of an outbreak by area and day."""
    apart = _followed_one_by_one(outbreak)
    found = CaseMoves(
        cases=_asked(_CASES, outbreak, span, apart),
        onset=_asked(_ONSETS, outbreak, span, apart),
    )
    for one in followed(outbreak, apart, span):
        found.cases += one.cases
        found.onset += one.onset
        found.severity += one.severity
    return found


def contact_moves(outbreak: Outbreak, span: Span) -> list[Moves]:
    """Count the moves of all contacts of an outbreak by area and day; but in a drill nobody counts who was made up."""
    return _asked(_CONTACTS, outbreak, span, ())


def test_moves(outbreak: Outbreak, span: Span) -> list[Moves]:
    """Count tests by area, the day they became known, and result."""
    return _asked(_TESTS, outbreak, span, ())


test_moves.__test__ = False  # type: ignore[attr-defined]  # not for pytest


def _followed_one_by_one(outbreak: Outbreak) -> list[int]:
    kinds = (CaseFactKind.MOVED, *_SEVERITY)
    facts = CaseFact.objects.filter(case__outbreak=outbreak, kind__in=kinds)
    return list(facts.values_list("case_id", flat=True).distinct())


def _asked(sql: str, outbreak: Outbreak, span: Span, apart: Collection[int]) -> list[Moves]:
    start = timezone.make_aware(datetime.combine(span.first, time()))
    given = {
        "outbreak": outbreak.pk,
        "start": start,
        "end": span.end_at,
        "as_of": span.as_of or _FOR_EVER,
        "first": span.first,
        "zone": timezone.get_current_timezone_name(),
        "outcomes": [str(kind) for kind in OUTCOMES],
        "confirmed": sorted(CONFIRMED_EVER),
        "apart": list(apart),
        "within": f"{span.within}%",
        "made_up_too": outbreak.kind == OutbreakKind.DRILL,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [Moves(*row) for row in cursor.fetchall()]


# --- Followed one by one -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing told of a case: a state, an area, a severity or that its onset is known; the others are None."""

    at: datetime
    rank: int
    row: int
    state: str | None = None
    area_code: str | None = None
    severe: bool | None = None
    onset_known: bool | None = None


def followed(outbreak: Outbreak, case_ids: Collection[int], span: Span) -> Iterator[CaseMoves]:
    """Follow cases one by one, in the order of their ids; the plain way of what the database counts."""
    cases = Case.objects.filter(outbreak=outbreak, pk__in=case_ids).order_by("pk")
    changes = CaseChange.objects.filter(case__in=case_ids, at__lt=span.end_at).order_by("case_id", "at", "id")
    by_case = {pk: list(rows) for pk, rows in groupby(changes, key=attrgetter("case_id"))}
    facts: dict[int, list[CaseFact]] = defaultdict(list)
    for fact in CaseFact.objects.filter(case__in=case_ids).order_by("happened_at", "id"):
        facts[fact.case_id].append(fact)
    for case in cases:
        yield _follow(case, by_case.get(case.pk, []), facts[case.pk], span)


def _follow(case: Case, changes: Sequence[CaseChange], facts: Sequence[CaseFact], span: Span) -> CaseMoves:
    told = [_Told(one.at, 0, one.pk, state=one.status) for one in changes if span.knows(one.at)]
    told += [_of_fact(one) for one in facts if _holds(one, span)]
    if case.onset_date and case.investigated_at and span.knows(case.investigated_at):
        told.append(_Told(case.investigated_at, -1, 0, onset_known=True))
    told = [one for one in told if one.at < span.end_at]
    found, state, area = CaseMoves(), NOWHERE, _first_area(case, facts, span)
    severe = known = False
    marks = (NOWHERE, NOWHERE)
    for one in sorted(told, key=attrgetter("at", "rank", "row")):
        was_state, was_area, was_marks = state, area, marks
        state, area = one.state or state, one.area_code or area
        severe = severe if one.severe is None else one.severe
        known = known or bool(one.onset_known)
        marks = (
            SEVERE if severe and state == CaseStatus.CONFIRMED else NOWHERE,
            KNOWN if known and state in CONFIRMED_EVER else NOWHERE,
        )
        day = span.index(one.at)
        found.cases += _between(was_area, area, day, was_state, state, left=ELSEWHERE)
        found.severity += _between(was_area, area, day, was_marks[0], marks[0], left=NOWHERE)
        found.onset += _between(was_area, area, day, was_marks[1], marks[1], left=NOWHERE)
    return found


def _of_fact(fact: CaseFact) -> _Told:
    kind = CaseFactKind(fact.kind)  # type: ignore[call-arg]
    if kind == CaseFactKind.MOVED:
        return _Told(fact.happened_at, 2, fact.pk, area_code=fact.area_code)
    if kind in _SEVERITY:
        return _Told(fact.happened_at, 2, fact.pk, severe=_SEVERITY[kind])
    return _Told(fact.happened_at, 1, fact.pk, state=str(kind))


def _holds(fact: CaseFact, span: Span) -> bool:
    withdrawn = fact.withdrawn_at is not None and span.knows(fact.withdrawn_at)
    return span.knows(fact.recorded_at) and not withdrawn


def _first_area(case: Case, facts: Iterable[CaseFact], span: Span) -> str:
    """Say where a case was counted before it was moved; a move that is not known yet has not taken place."""
    moves = [one for one in facts if one.kind == CaseFactKind.MOVED]
    known = [one for one in moves if _holds(one, span)]
    return next((one.was_area_code for one in (*known, *moves)), case.area_code)


def _between(was_area: str, area: str, day: int, was: str, now: str, *, left: str) -> Iterator[Moves]:  # noqa: PLR0913
    """Say a change of state as one move, a change of area as two, below the level that the areas share."""
    was_code, code = was_area[:COUNTY], area[:COUNTY]
    if was_code == code:
        if was != now:
            yield Moves(code, day, was, now)
        return
    above = shared_digits(was_code, code)
    if was != NOWHERE:
        yield Moves(was_code, day, was, left, above=above)
    if now != NOWHERE:
        yield Moves(code, day, left if was != NOWHERE else NOWHERE, now, above=above if was != NOWHERE else 0)


def shared_digits(one: str, other: str) -> int:
    """Say the digits of the lowest reporting level that two areas have in common, 0 for none."""
    return max((size for size in REPORTING_DIGITS if len(one) >= size and one[:size] == other[:size]), default=0)


# --- Who moved on a day ------------------------------------------------------------------------


def cases_moving(outbreak: Outbreak, area_code: str, span: Span) -> Iterator[tuple[str, list[Moves]]]:
    """Give the numbers of the cases of an area that moved on the days of the span, each with its moves then."""
    start = timezone.make_aware(datetime.combine(span.first, time()))
    on_days = {"at__gte": start, "at__lt": span.end_at}
    changed = CaseChange.objects.filter(case__outbreak=outbreak, **on_days).values_list("case_id", flat=True)
    happened = CaseFact.objects.filter(
        case__outbreak=outbreak, happened_at__gte=start, happened_at__lt=span.end_at
    ).values_list("case_id", flat=True)
    # Who was ever counted here is here now, or was moved from here or to here.
    here = Q(area_code__startswith=area_code) | Q(was_area_code__startswith=area_code)
    moved = CaseFact.objects.filter(here, case__outbreak=outbreak, kind=CaseFactKind.MOVED).values_list("case_id")
    ours = Case.objects.filter(Q(area_code__startswith=area_code) | Q(pk__in=moved), outbreak=outbreak)
    told = ours.filter(Q(pk__in=changed) | Q(pk__in=happened)).order_by("pk")
    numbers = dict(told.values_list("pk", "number"))
    for number, found in zip(numbers.values(), followed(outbreak, numbers, span), strict=True):
        moves = [one for one in found.cases if one.day != BEFORE and _seen(one, area_code)]
        if moves:
            yield number, moves


def _seen(move: Moves, area_code: str) -> bool:
    return move.area_code.startswith(area_code) and move.above < len(area_code)


def contacts_moving(outbreak: Outbreak, area_code: str, span: Span) -> Iterator[tuple[str, list[Moves]]]:
    """Give the numbers of the people of an area whose standing as a contact moved on the days of the span."""
    start = timezone.make_aware(datetime.combine(span.first, time()))
    changed = ContactChange.objects.filter(
        contact__outbreak=outbreak, contact__area_code__startswith=area_code, at__gte=start, at__lt=span.end_at
    ).values_list("contact_id", flat=True)
    if outbreak.kind != OutbreakKind.DRILL:
        changed = changed.filter(contact__person__is_generated=False)
    people = Contact.objects.filter(pk__in=set(changed)).order_by("pk")
    numbers = {pk: (number, code) for pk, number, code in people.values_list("pk", "person__number", "area_code")}
    changes = ContactChange.objects.filter(contact__in=numbers, at__lt=span.end_at).order_by("contact_id", "at", "id")
    for pk, rows in groupby(changes, key=attrgetter("contact_id")):
        number, code = numbers[pk]
        was, moves = NOWHERE, []
        for one in rows:
            if span.knows(one.at) and one.state != was:
                moves.append(Moves(code[:COUNTY], span.index(one.at), was, one.state))
                was = one.state
        if now := [one for one in moves if one.day != BEFORE]:
            yield number, now
