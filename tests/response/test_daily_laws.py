"""Daily figures on generated histories: with outcomes, severity and moves between areas, known early or late."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from sizao.engines import daily_figures as engine
from sizao.records.models import Case, CaseFact, DailyReport, FactKeeping
from sizao.response.reports import daily, daily_changes, daily_levels, daily_rows
from sizao.response.reports.daily_rows import Span
from sizao.terms import CASE_MOVES, CONTACT_MOVES, CaseFactKind, CaseStatus, ContactState, Figure
from tests import factories
from tests.response.test_daily_reports import AREAS, COUNTIES, at, case_of, contact_of, random_walk

pytestmark = pytest.mark.django_db
FIRST = date(2021, 1, 2)
N_DAYS = 9
DAYS = [FIRST + timedelta(days=n) for n in range(N_DAYS)]
ENDED = {CaseFactKind.DISCHARGED, CaseFactKind.DIED}


class TestFigures:
    @pytest.mark.parametrize("seed", range(4))
    def test_are_those_of_somebody_who_reads_every_history(self, outbreak, seed):
        histories = generate(outbreak, np.random.default_rng(seed))
        for n, found in enumerate(daily.by_day(outbreak, DAYS[0], DAYS[-1])):
            for area in AREAS:
                told = plainly(histories, area, n)
                assert {figure: found.of(area)[figure] for figure in told} == told

    @pytest.mark.parametrize("seed", range(2))
    def test_are_the_same_counted_by_the_database_and_one_by_one(self, outbreak, seed):
        generate(outbreak, np.random.default_rng(10 + seed))
        span = Span(DAYS[2], DAYS[-1])
        plain = Case.objects.exclude(pk__in=daily_rows._followed_one_by_one(outbreak))
        for case in plain:
            case.onset_date, case.investigated_at = FIRST, case.opened_at + timedelta(hours=3)
            case.save()
        counted = daily_rows.CaseMoves(
            cases=daily_rows._asked(daily_rows._CASES, outbreak, span, daily_rows._followed_one_by_one(outbreak)),
            onset=daily_rows._asked(daily_rows._ONSETS, outbreak, span, daily_rows._followed_one_by_one(outbreak)),
        )
        one_by_one = list(daily_rows.followed(outbreak, list(plain.values_list("pk", flat=True)), span))
        for scheme, moves, kind in ((engine.CASES, counted.cases, "cases"), (engine.ONSET, counted.onset, "onset")):
            followed = [move for one in one_by_one for move in getattr(one, kind)]
            assert tally(scheme, moves) == tally(scheme, followed)

    @pytest.mark.parametrize("seed", range(3))
    def test_stocks_follow_from_flows(self, outbreak, seed):
        generate(outbreak, np.random.default_rng(20 + seed))
        days = daily.by_day(outbreak, DAYS[0], DAYS[-1])
        for before, after in zip(days, days[1:], strict=False):
            for area in AREAS:
                was, now = before.of(area), after.of(area)
                moved = now[Figure.MOVED_IN] - now[Figure.MOVED_OUT]
                assert now[Figure.CONFIRMED] == (
                    was[Figure.CONFIRMED] + now[Figure.NEW_CONFIRMED] - now[Figure.CONFIRMED_DISCARDED] + moved
                )
                if area == "13":  # nothing moves in or out of it: the bulletin's own identities
                    assert now[Figure.PRESENT] == (
                        was[Figure.PRESENT] + now[Figure.NEW_CONFIRMED] - now[Figure.DISCHARGED] - now[Figure.DIED]
                        - now[Figure.CONFIRMED_DISCARDED]
                    )  # fmt: skip
                    assert now[Figure.ASYMPTOMATIC] == (
                        was[Figure.ASYMPTOMATIC] + now[Figure.NEW_ASYMPTOMATIC] - now[Figure.CONVERTED]
                        - now[Figure.RELEASED] - now[Figure.ASYMPTOMATIC_DISCARDED]
                    )  # fmt: skip

    @pytest.mark.parametrize("seed", range(3))
    def test_of_a_level_are_the_sum_below_but_for_moves_inside_it(self, outbreak, seed):
        generate(outbreak, np.random.default_rng(30 + seed))
        for found in daily.by_day(outbreak, DAYS[0], DAYS[-1]):
            for figure in Figure:
                if figure not in (*daily_levels.MOVED, *daily.NO_ROW_TELLS):
                    counties = sum(found.of(code)[figure] for code in COUNTIES)
                    assert counties == found.of("1301")[figure] + found.of("1305")[figure] == found.of("13")[figure]

    def test_leave_out_what_became_known_later(self, outbreak):
        case = case_of(outbreak, (at(0), "confirmed"))
        kept(outbreak)
        fact(case, CaseFactKind.DISCHARGED, at(2), recorded_at=at(4))
        day = daily.day_of(DAYS[2])
        then, now = (daily.figures(outbreak, day, as_of=moment).of("13") for moment in (at(3), at(5)))
        assert [(one[Figure.DISCHARGED], one[Figure.PRESENT]) for one in (then, now)] == [(0, 1), (1, 0)]

    def test_count_a_moved_case_where_it_was_until_the_move_was_known(self, outbreak):
        case = case_of(outbreak, (at(0), "confirmed"), area_code="130109")
        move(case, "130581", at(2))
        confirmed = [daily.figures(outbreak, daily.day_of(DAYS[n])) for n in (1, 2)]
        assert [[one.of(code)[Figure.CONFIRMED] for code in AREAS] for one in confirmed] == [
            [1, 1, 0, 1, 0, 0],
            [1, 0, 1, 0, 0, 1],
        ]
        assert confirmed[1].of("1301")[Figure.MOVED_OUT] == confirmed[1].of("1305")[Figure.MOVED_IN] == 1
        assert confirmed[1].of("13")[Figure.MOVED_IN] == 0

    def test_of_outcomes_are_unknown_where_nobody_enters_them(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), area_code="130109")
        case_of(outbreak, (at(0), "confirmed"), area_code="130581")
        kept(outbreak, "1301", severity_too=False)
        found = daily.figures(outbreak, daily.day_of(FIRST))
        assert [found.of(code)[Figure.PRESENT] for code in ("13", "1301", "130109", "130104", "1305")] == [
            None, 1, 1, 0, None,
        ]  # fmt: skip
        assert found.of("1301")[Figure.SEVERE] is None
        assert found.of("1301")[Figure.NEW_IMPORTED] is None


class TestExplained:
    @pytest.mark.parametrize("seed", range(3))
    def test_causes_add_up_to_the_change(self, outbreak, seed):
        generate(outbreak, np.random.default_rng(40 + seed))
        counted = {found.day: found for found in daily.by_day(outbreak, DAYS[0], DAYS[-1])}
        for day in DAYS[1::3]:
            before = counted[day - timedelta(days=1)]
            for area in ("13", "1305", "130109"):
                told, _ = daily_changes.explained(outbreak, area, None, Span(day, day, at(99)))
                for one in told:
                    causes = sum(because.change for because in one.causes)
                    assert causes == (one.difference if one.figure in daily_changes.STOCKS else one.now)
                silent = set(daily_changes.STOCKS) - {one.figure for one in told}
                for figure in silent:
                    assert counted[day].of(area)[figure] == before.of(area)[figure]

    def test_name_the_cases_behind_a_change(self, outbreak):
        converted = case_of(outbreak, (at(0), "asymptomatic"), (at(1), "confirmed"))
        new = case_of(outbreak, (at(1), "confirmed"))
        told = {one.figure: one for one in explain(outbreak, 1, "13")}
        assert {str(one.cause): one.numbers for one in told[Figure.CONFIRMED].causes} == {
            "reclassified": (converted.number,),
            "new": (new.number,),
        }
        assert told[Figure.ASYMPTOMATIC].difference == -1

    def test_say_what_was_entered_late_for_the_days_before(self, outbreak):
        case = case_of(outbreak, (at(0), "confirmed"))
        kept(outbreak)
        yesterday = DailyReport(
            first_date=DAYS[1],
            date=DAYS[1],
            figures=daily.figures(outbreak, daily.day_of(DAYS[1]), as_of=at(2)).of("13"),
        )
        fact(case, CaseFactKind.DISCHARGED, at(1), recorded_at=at(3))
        told = {one.figure: one for one in explain(outbreak, 2, "13", yesterday)}
        assert [(str(one.cause), one.change) for one in told[Figure.PRESENT].causes] == [("late", -1)]


# --- A plain twin ------------------------------------------------------------------------------


def plainly(histories, area, n):
    """Count stocks at the end of the nth day by looking at each history from its begin."""
    found = Counter()
    for events in histories:
        state = where = None
        severe = False
        for day, what, value in events:
            if day <= n:
                if what == "area":
                    where = value
                elif what == "state":
                    state = value
                else:
                    severe = value
        if where is None or not where.startswith(area) or state is None:
            continue
        found[Figure.CONFIRMED] += state in {"confirmed", *ENDED}
        found[Figure.PRESENT] += state == "confirmed"
        found[Figure.SEVERE] += state == "confirmed" and severe
        found[Figure.ASYMPTOMATIC] += state == "asymptomatic"
        found[Figure.SUSPECTED] += state == "suspected"
        found[Figure.POSITIVE_WAITING] += state in {"positive", "suspected"}
        found[Figure.DISCHARGED_TOTAL] += state == "discharged"
        found[Figure.DIED_TOTAL] += state == "died"
    stocks = (*engine.CASES.stocks, Figure.SEVERE)
    return {figure: found[figure] for figure in stocks}


def generate(outbreak, dice):
    """Write cases with histories as people enter them; give each as a list of (day, what, value)."""
    kept(outbreak)
    for _ in range(15):
        contact_of(outbreak, *random_walk(dice, CONTACT_MOVES, ContactState.FOUND), area_code=dice.choice(COUNTIES))
    return [one_history(outbreak, dice) for _ in range(40)]


def one_history(outbreak, dice):
    walk = random_walk(dice, CASE_MOVES, CaseStatus.POSITIVE)
    area = str(dice.choice(COUNTIES))
    case = case_of(outbreak, *walk, area_code=area)
    days = [(timezone.localtime(moment).date() - FIRST).days for moment, _ in walk]
    events = [(-1, "area", area), *((day, "state", status) for day, (_, status) in zip(days, walk, strict=True))]
    last, status = days[-1], str(walk[-1][1])
    if status == "confirmed" and dice.random() < 0.4:
        fact(case, CaseFactKind.SEVERE, walk[-1][0] + timedelta(minutes=5))
        events.append((last, "severe", True))
    if dice.random() < 0.3:
        area = str(dice.choice([code for code in COUNTIES if code != area]))
        last += int(dice.integers(0, 3))
        move(case, area, at(last, 9))
        events.append((last, "area", area))
    if status in {"confirmed", "asymptomatic"} and dice.random() < 0.6:
        last += int(dice.integers(0, 3))
        kind = "released" if status == "asymptomatic" else str(dice.choice(["discharged", "died"]))
        fact(case, kind, at(last, 10))
        events.append((last, "state", kind))
    return events


def tally(scheme, moves):
    codes, counted = engine.tally(scheme, moves, n_days=N_DAYS - 2, digits=(2, 4, 6))
    return {code: counted[:, n].tolist() for n, code in enumerate(codes)}


def explain(outbreak, n, area, yesterday=None):
    return daily_changes.explained(outbreak, area, yesterday, Span(DAYS[n], DAYS[n], at(99)))[0]


def kept(outbreak, area_code="13", *, severity_too=True):
    return FactKeeping.objects.create(
        outbreak=outbreak, area_code=area_code, first_date=FIRST, severity_too=severity_too, by="test",
        recorded_at=datetime(2021, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def fact(case, kind, happened_at, *, recorded_at=None, **facts):
    return CaseFact.objects.create(
        case=case, kind=kind, happened_at=happened_at, recorded_at=recorded_at or happened_at, by="test",
        **{"area_code": case.area_code} | facts,
    )  # fmt: skip


def move(case, area_code, moved_at):
    fact(case, CaseFactKind.MOVED, moved_at, was_area_code=case.area_code, area_code=area_code)
    case.area_code = area_code
    case.save()


@pytest.fixture
def outbreak(db):
    for code in AREAS:
        factories.area(code, code)
    return factories.outbreak()
