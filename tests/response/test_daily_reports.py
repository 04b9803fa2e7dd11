"""Daily reports: counted from rows, the same at every level, and zero is said."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from sizao.records import access
from sizao.records.models import CaseChange, Contact, ContactChange, DailyReport, Event, Test
from sizao.response import reports
from sizao.response.reports import daily, daily_acts
from sizao.terms import (
    CASE_MOVES,
    CONTACT_MOVES,
    CaseStatus,
    ContactKind,
    ContactState,
    Figure,
    OutbreakKind,
    Role,
    TestMethod,
)
from tests import factories

pytestmark = pytest.mark.django_db
NOON = datetime(2021, 1, 2, 4, 0, tzinfo=UTC)
FIRST = date(2021, 1, 2)
COUNTIES = ("130109", "130104", "130581")
AREAS = ("13", "1301", "1305", *COUNTIES)


def at(day, hour=0):
    """A moment of the outbreak's nth day, counted from its noon."""
    return NOON + timedelta(days=day, hours=hour)


class TestFigures:
    def test_count_a_case_on_the_day_it_moved(self, outbreak):
        case = case_of(outbreak, (at(0), "positive"), (at(1), "asymptomatic"), (at(2), "confirmed"))
        shown = (
            Figure.NEW_POSITIVE, Figure.POSITIVE_WAITING, Figure.NEW_ASYMPTOMATIC, Figure.ASYMPTOMATIC,
            Figure.NEW_CONFIRMED, Figure.CONVERTED, Figure.CONFIRMED,
        )  # fmt: skip
        by_day = [[of(outbreak, day, case.area_code[:6])[figure] for figure in shown] for day in range(4)]
        assert by_day == [[1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0, 1]]

    def test_a_day_ends_at_midnight_of_the_place(self, outbreak):
        last_second = datetime(2021, 1, 2, 15, 59, 59, tzinfo=UTC)
        case_of(outbreak, (last_second, "confirmed"))
        case_of(outbreak, (last_second + timedelta(seconds=1), "confirmed"))
        assert [of(outbreak, day, "13")[Figure.NEW_CONFIRMED] for day in (0, 1)] == [1, 1]

    def test_a_discarded_case_leaves_the_stock(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), (at(1), "discarded"))
        case_of(outbreak, (at(0), "asymptomatic"), (at(1), "discarded"))
        case_of(outbreak, (at(0), "positive"), (at(1), "discarded"))
        found = of(outbreak, 1, "13")
        stocks = [found[figure] for figure in (Figure.CONFIRMED, Figure.ASYMPTOMATIC, Figure.POSITIVE_WAITING)]
        assert stocks == [0, 0, 0]
        assert (found[Figure.CONFIRMED_DISCARDED], found[Figure.ASYMPTOMATIC_DISCARDED]) == (1, 1)

    def test_the_same_status_again_is_no_news(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), (at(1), "confirmed"))
        assert of(outbreak, 1, "13")[Figure.NEW_CONFIRMED] == 0

    def test_onset_counts_as_unknown_until_the_investigation_told_it(self, outbreak):
        case = case_of(outbreak, (at(0), "confirmed"))
        case.onset_date, case.investigated_at = date(2020, 12, 30), at(1)
        case.save()
        case_of(outbreak, (at(0), "confirmed"))
        assert [of(outbreak, day, "13")[Figure.ONSET_UNKNOWN] for day in (0, 1)] == [2, 1]

    def test_contacts_by_what_became_of_them(self, outbreak):
        contact_of(outbreak, (at(0), "found"), (at(0, 1), "placed"), (at(1), "released"), (at(2), "became_case"))
        contact_of(outbreak, (at(0), "found"), (at(1), "excluded"), (at(2), "found"))
        shown = (
            Figure.CONTACTS_NEW, Figure.CONTACTS_PLACED, Figure.CONTACTS_RELEASED, Figure.CONTACTS_POSITIVE,
            Figure.CONTACTS_EXCLUDED, Figure.CONTACTS, Figure.CONTACTS_WAITING, Figure.CONTACTS_OBSERVED,
        )  # fmt: skip
        by_day = [[of(outbreak, day, "13")[figure] for figure in shown] for day in range(3)]
        assert by_day == [[2, 1, 0, 0, 0, 2, 1, 1], [0, 0, 1, 0, 1, 2, 0, 0], [0, 0, 0, 1, 0, 2, 1, 0]]

    def test_contacts_who_were_made_up_count_in_a_drill_alone(self, outbreak):
        for within, counted in ((outbreak, 0), (factories.outbreak(kind=OutbreakKind.DRILL), 1)):
            made_up = contact_of(within, (at(0), "found"))
            type(made_up.person).objects.filter(pk=made_up.person_id).update(is_generated=True)
            assert of(within, 0, "13")[Figure.CONTACTS_NEW] == counted

    def test_tests_on_the_day_they_became_known(self, outbreak):
        for result in ("positive", "negative", None):
            person = factories.person()
            Test.objects.create(
                outbreak=outbreak, person=person, method=TestMethod.NUCLEIC_ACID, taken_date=FIRST, result=result,
                area_code=person.area_code, recorded_at=at(1), source_key=f"test:{person.pk}",
            )  # fmt: skip
        assert [of(outbreak, day, "13")[Figure.TESTS_RECORDED] for day in (0, 1)] == [0, 3]
        assert of(outbreak, 1, "13")[Figure.TESTS_POSITIVE] == 1

    def test_what_no_row_can_tell_is_unknown(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"))
        found = of(outbreak, 0, "13")
        assert [found[figure] for figure in (Figure.DISCHARGED, Figure.DIED, Figure.PRESENT)] == [None, None, None]

    def test_a_case_without_a_county_is_counted_above_it_and_named(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), area_code="1301")
        assert of(outbreak, 0, "1301")[Figure.NEW_CONFIRMED] == 1
        assert of(outbreak, 0, "1301")[Figure.WITHOUT_COUNTY] == 1

    def test_other_outbreaks_do_not_count(self, outbreak, noise):
        case_of(noise, (at(0), "confirmed"))
        assert daily.figures(outbreak, daily.day_of(FIRST)) == {}


class TestLaws:
    """What must hold for any history that keeps to the lifecycles."""

    @pytest.mark.parametrize("seed", range(5))
    def test_levels_agree_and_stocks_follow_from_flows(self, outbreak, seed):
        dice = np.random.default_rng(seed)
        for _ in range(30):
            case_of(outbreak, *random_walk(dice, CASE_MOVES, CaseStatus.POSITIVE), area_code=dice.choice(COUNTIES))
            contact_of(outbreak, *random_walk(dice, CONTACT_MOVES, ContactState.FOUND), area_code=dice.choice(COUNTIES))
        days = [daily.figures(outbreak, daily.day_of(FIRST + timedelta(days=n))) for n in range(8)]
        for found in days:
            for figure in daily.COUNTED:
                county, city, province = (
                    sum(one[figure] for code, one in found.items() if len(code) == digits) for digits in (6, 4, 2)
                )
                assert county == city == province
        for before, after in pairwise(found.get("13", daily.zeros()) for found in days):
            assert_stocks_follow(before, after)


def assert_stocks_follow(before, after):
    f = Figure
    assert after[f.CONFIRMED] == before[f.CONFIRMED] + after[f.NEW_CONFIRMED] - after[f.CONFIRMED_DISCARDED]
    assert after[f.ASYMPTOMATIC] == (
        before[f.ASYMPTOMATIC] + after[f.NEW_ASYMPTOMATIC] - after[f.CONVERTED] - after[f.ASYMPTOMATIC_DISCARDED]
    )
    assert after[f.CONTACTS] == before[f.CONTACTS] + after[f.CONTACTS_NEW]
    assert after[f.CONTACTS_WAITING] + after[f.CONTACTS_OBSERVED] <= after[f.CONTACTS]
    assert after[f.ONSET_UNKNOWN] <= after[f.CONFIRMED]


class TestAdvance:
    def test_drafts_every_area_for_every_day_that_is_over(self, outbreak, areas):
        assert reports.advance(outbreak=outbreak, now=at(0)) == 0
        assert reports.advance(outbreak=outbreak, now=at(2)) == 2 * len(AREAS)
        assert set(DailyReport.objects.values_list("date", flat=True)) == {FIRST, FIRST + timedelta(days=1)}

    def test_says_zero_aloud(self, outbreak, areas):
        case_of(outbreak, (at(0), "confirmed"), area_code="130109110212")
        reports.advance(outbreak=outbreak, now=at(1))
        zero = dict(DailyReport.objects.values_list("area_code", "is_zero"))
        assert zero == {"13": False, "1301": False, "130109": False, "130104": True, "1305": True, "130581": True}
        nothing = DailyReport.objects.get(area_code="130581").figures
        assert nothing == {str(figure): None if figure in daily.NOT_RECORDED else 0 for figure in Figure}

    def test_twice_at_one_moment_changes_nothing(self, outbreak, areas, noise):
        reports.advance(outbreak=outbreak, now=at(2))
        before = list(DailyReport.objects.order_by("id").values()), Event.objects.count()
        assert reports.advance(outbreak=outbreak, now=at(2)) == 0
        assert (list(DailyReport.objects.order_by("id").values()), Event.objects.count()) == before

    def test_fills_what_a_run_that_died_left_out(self, outbreak, areas):
        reports.advance(outbreak=outbreak, now=at(1))
        DailyReport.objects.filter(area_code__in=["1301", "130109"]).delete()
        assert reports.advance(outbreak=outbreak, now=at(1)) == 2

    def test_stops_with_the_last_day_of_the_outbreak(self, areas):
        ended = factories.outbreak(last_date=FIRST)
        assert reports.advance(outbreak=ended, now=at(30)) == len(AREAS)


class TestSubmit:
    def test_names_the_reporter(self, outbreak, areas, reporter):
        report = drafted(outbreak)
        submitted = daily_acts.submit(report=report, by=reporter, now=at(2))
        assert (submitted.submitted_by, submitted.submitted_at) == (reporter, at(2))
        line = Event.objects.get(verb="report.submitted")
        assert (line.actor, line.facts["is_zero"]) == (reporter.username, True)

    def test_refuses_a_second_time(self, outbreak, areas, reporter):
        report = daily_acts.submit(report=drafted(outbreak), by=reporter, now=at(2))
        with pytest.raises(daily_acts.AlreadySubmitted, match=reporter.username):
            daily_acts.submit(report=report, by=reporter, now=at(3))

    def test_refuses_another_area(self, outbreak, areas):
        with pytest.raises(access.NotYours):
            daily_acts.submit(
                report=drafted(outbreak), by=factories.account(role=Role.REPORTER, area_code="1305"), now=at(2)
            )

    def test_refuses_a_role_without_the_right(self, outbreak, areas):
        with pytest.raises(access.NotAllowed):
            daily_acts.submit(report=drafted(outbreak), by=factories.account(role=Role.INVESTIGATOR), now=at(2))


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    return factories.outbreak()


@pytest.fixture
def areas(db):
    for code in (*AREAS, "130109110", "130109110212", "41"):
        factories.area(code, code)


@pytest.fixture
def reporter(db):
    return factories.account(role=Role.REPORTER, area_code="130109")


def drafted(outbreak):
    reports.advance(outbreak=outbreak, now=at(1))
    return DailyReport.objects.get(area_code="130109")


def of(outbreak, day, area_code):
    found = daily.figures(outbreak, daily.day_of(FIRST + timedelta(days=day)))
    return found.get(area_code) or daily.zeros()


def case_of(outbreak, *history, area_code=factories.VILLAGE):
    person = factories.person(area_code=area_code)
    case = factories.case(of=person, within=outbreak, status=history[-1][1], opened_at=history[0][0])
    CaseChange.objects.bulk_create(
        CaseChange(case=case, status=status, at=moment, by="test", source_key=f"case:{case.pk}:{n}")
        for n, (moment, status) in enumerate(history)
    )
    return case


def contact_of(outbreak, *history, area_code=factories.VILLAGE):
    person = factories.person(area_code=area_code)
    contact = Contact.objects.create(
        outbreak=outbreak, person=person, kind=ContactKind.CLOSE, state=history[-1][1], area_code=area_code,
        found_at=history[0][0], source="test", source_key=f"contact:{person.pk}",
    )  # fmt: skip
    ContactChange.objects.bulk_create(
        ContactChange(contact=contact, state=state, at=moment, by="test", source_key=f"contact:{contact.pk}:{n}")
        for n, (moment, state) in enumerate(history)
    )
    return contact


def random_walk(dice, moves, start):
    """A history through a lifecycle, with a few moves on random later days."""
    state, day = start, int(dice.integers(0, 4))
    history = [(at(day), state)]
    for _ in range(int(dice.integers(0, 4))):
        if not moves[state]:
            break
        state = sorted(moves[state])[int(dice.integers(0, len(moves[state])))]
        day += int(dice.integers(0, 3))
        history.append((at(day, len(history)), state))
    return history
