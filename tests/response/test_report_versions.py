"""A report's way upwards: signed, approved or returned, corrected in a new version; late rows change nothing signed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from sizao.records import access
from sizao.records.models import CaseFact, DailyReport, Event, Stay
from sizao.response import register, reports, tasks
from sizao.response.reports import case_facts, daily, daily_acts, daily_levels, owing
from sizao.terms import REPORT_MOVES, CaseFactKind, Figure, LevelCause, ReportState, Role, Standing, StayKind, TaskKind
from tests import factories
from tests.response.test_daily_laws import kept, move
from tests.response.test_daily_reports import AREAS, FIRST, at, case_of

pytestmark = pytest.mark.django_db
COUNTY = "130109"


class TestJudging:
    def test_the_level_above_approves(self, submitted, commander):
        approved = daily_acts.approve(report=submitted, by=commander, now=at(2, 1))
        assert (approved.state_at(at(3)), approved.approved_by) == (ReportState.APPROVED, commander.username)
        assert approved.state_at(at(2)) == ReportState.SUBMITTED
        assert Event.objects.get(verb="report.approved").actor == commander.username

    def test_the_own_level_does_not(self, submitted):
        with pytest.raises(daily_acts.NotTheLevelAbove):
            daily_acts.approve(report=submitted, by=commander_of(COUNTY), now=at(2, 1))

    def test_another_area_does_not(self, submitted):
        with pytest.raises(access.NotYours):
            daily_acts.approve(report=submitted, by=commander_of("1305"), now=at(2, 1))

    def test_the_highest_level_approves_its_own_but_nobody_their_own_report(self, outbreak):
        boss = commander_of("13")
        report = submit(outbreak, "13")
        assert daily_acts.approve(report=report, by=boss, now=at(2, 1)).approved_by == boss.username
        DailyReport.objects.filter(area_code="1301").update(submitted_at=at(2), submitted_by=boss)
        with pytest.raises(daily_acts.OwnReport):
            daily_acts.approve(report=DailyReport.objects.get(area_code="1301"), by=boss, now=at(2, 1))

    def test_a_draft_is_not_approved(self, outbreak, commander):
        with pytest.raises(daily_acts.CannotMove, match="Not yet submitted"):
            daily_acts.approve(report=report_of(outbreak, COUNTY), by=commander, now=at(2))

    def test_returning_needs_a_reason(self, submitted, commander):
        with pytest.raises(daily_acts.ReasonMissing):
            daily_acts.send_back(report=submitted, reason=" ", by=commander, now=at(2, 1))

    def test_all_or_none_are_approved(self, outbreak, submitted, commander):
        draft = report_of(outbreak, "130104")
        with pytest.raises(daily_acts.CannotMove), transaction.atomic():
            daily_acts.approve_many(reports=[submitted, draft], by=commander, now=at(2, 1))
        submitted.refresh_from_db()
        assert submitted.approved_at is None

    def test_a_returned_report_is_owed_again(self, outbreak, submitted, commander):
        tasks.advance(outbreak=outbreak, now=at(1))
        open_tasks = outbreak.tasks.filter(kind=TaskKind.DAILY_REPORT, area_code=COUNTY, done_at__isnull=True)
        assert not open_tasks.exists()
        daily_acts.send_back(report=submitted, reason="发病日期未核实", by=commander, now=at(1, 1))
        tasks.advance(outbreak=outbreak, now=at(1, 2))
        assert open_tasks.count() == 1

    def test_a_report_that_was_asked_for_is_asked_for_again_when_returned(self, outbreak, commander):
        asked = outbreak.tasks.filter(kind=TaskKind.DAILY_REPORT, area_code=COUNTY)
        tasks.advance(outbreak=outbreak, now=at(1))
        report = submit(outbreak, COUNTY)
        tasks.advance(outbreak=outbreak, now=at(1, 1))
        daily_acts.send_back(report=report, reason="发病日期未核实", by=commander, now=at(1, 2))
        tasks.advance(outbreak=outbreak, now=at(1, 3))
        tasks.advance(outbreak=outbreak, now=at(1, 4))
        assert [one.done_at is None for one in asked.order_by("pk")] == [False, True]


class TestCorrecting:
    def test_keeps_the_old_version_and_shows_the_difference(self, outbreak, submitted, reporter):
        before = dict(submitted.figures)
        case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)
        new = daily_acts.correct(report=submitted, reason="补录一例", by=reporter, now=at(2, 2))
        submitted.refresh_from_db()
        assert submitted.figures == before
        assert (submitted.state_at(at(3)), new.version, new.state_at(at(3))) == ("corrected", 2, "submitted")
        changed = Event.objects.get(verb="report.corrected").facts["changed"]
        assert changed["new_confirmed"] == [0, 1]
        assert new.correction_reason == "补录一例"

    def test_needs_something_to_correct(self, submitted, reporter):
        with pytest.raises(daily_acts.NothingToCorrect):
            daily_acts.correct(report=submitted, reason="?", by=reporter, now=at(2, 2))

    def test_after_a_return_the_same_figures_may_stand(self, submitted, commander, reporter):
        daily_acts.send_back(report=submitted, reason="请核实", by=commander, now=at(2, 1))
        new = daily_acts.correct(report=submitted, reason="已核实无误", by=reporter, now=at(2, 2))
        assert daily_acts.approve(report=new, by=commander, now=at(2, 3)).version == 2

    def test_an_old_version_is_not_corrected_again(self, outbreak, submitted, reporter):
        case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)
        daily_acts.correct(report=submitted, reason="补录", by=reporter, now=at(2, 2))
        with pytest.raises(daily_acts.CannotMove):
            daily_acts.correct(report=submitted, reason="补录", by=reporter, now=at(2, 3))

    def test_every_move_of_the_lifecycle_and_no_other_is_possible(self, outbreak):
        reached = {ReportState.DRAFTED: {"submitted_at"}, ReportState.SUBMITTED: {"approved_at", "returned_at"}}
        for state, fields in reached.items():
            for field in fields:
                after = DailyReport(submitted_at=at(1), **({field: at(2)} if field != "submitted_at" else {}))
                assert after.state_at(at(3)) in REPORT_MOVES[state]


class TestSigned:
    def test_figures_cannot_be_changed_by_any_way(self, submitted):
        with pytest.raises(DatabaseError, match="make a new version"), transaction.atomic():
            DailyReport.objects.filter(pk=submitted.pk).update(figures={})

    def test_signature_tells_a_change(self, submitted):
        assert daily_acts.signature_holds(submitted) is True
        submitted.figures = submitted.figures | {"died": 1}
        assert daily_acts.signature_holds(submitted) is False

    def test_rows_that_change_later_mark_the_report_and_leave_it(self, outbreak, submitted):
        before = dict(submitted.figures)
        case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)  # entered late, about the reported day
        reports.advance(outbreak=outbreak, now=at(2))
        submitted.refresh_from_db()
        assert (submitted.figures, submitted.differs_at) == (before, at(2))
        other = report_of(outbreak, "130581")
        assert other.differs_at is None


class TestOverview:
    def test_names_who_is_missing_late_zero_and_returned(self, outbreak, submitted, commander):
        submit(outbreak, "130581", now=at(5))  # after the bulletin that rests on it
        returned = submit(outbreak, "1301")
        daily_acts.send_back(report=returned, reason="请核实", by=commander_of("13"), now=at(2, 1))
        found = {one.area_code: one.standing for one in owed(outbreak, at(6))}
        assert found == {
            "13": Standing.MISSING, "1301": Standing.RETURNED, "1305": Standing.MISSING, COUNTY: Standing.ZERO,
            "130104": Standing.MISSING, "130581": Standing.LATE,
        }  # fmt: skip
        told = owing.overview("13", FIRST, as_of=at(6), outbreak=outbreak, most_named=2, most_owing=2)
        cities = {one.area_code: one for one in told.parts}
        assert {code: (one.n_owed, one.n_in) for code, one in cities.items()} == {
            "13": (1, 0), "1301": (3, 1), "1305": (2, 1),
        }  # fmt: skip

    def test_before_its_time_nothing_is_missing(self, outbreak):
        assert {one.standing for one in owed(outbreak, at(1))} == {Standing.WAITING}

    def test_tells_the_past_as_it_was(self, outbreak, submitted, commander):
        daily_acts.send_back(report=submitted, reason="请核实", by=commander, now=at(2, 5))
        before, after = ({one.area_code: one.standing for one in owed(outbreak, at(2, h))} for h in (1, 6))
        assert (before[COUNTY], after[COUNTY]) == (Standing.ZERO, Standing.RETURNED)


class TestSumsOfLevels:
    def test_agree_when_counted_together(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)
        reports.advance(outbreak=outbreak, now=at(1))
        assert daily_levels.disagreements(outbreak, "13", FIRST, as_of=at(1)).differences == ()
        assert daily_levels.disagreements(outbreak, COUNTY, FIRST, as_of=at(1)) is None

    def test_name_cases_without_a_county(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), area_code="1301")
        reports.advance(outbreak=outbreak, now=at(1))
        told = disagreeing(outbreak, "1301")
        assert told[Figure.NEW_CONFIRMED] == ((LevelCause.WITHOUT_AREA, 1),)
        assert daily_levels.disagreements(outbreak, "13", FIRST, as_of=at(1)).differences == ()

    def test_name_a_version_made_since(self, outbreak, submitted, reporter):
        case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)
        daily_acts.correct(report=submitted, reason="补录", by=reporter, now=at(2, 2))
        assert disagreeing(outbreak, "1301")[Figure.CONFIRMED] == ((LevelCause.VERSION, -1),)

    def test_name_moves_inside_an_area(self, outbreak):
        case = case_of(outbreak, (at(-1), "confirmed"), area_code=COUNTY)
        move(case, "130104", at(0))
        reports.advance(outbreak=outbreak, now=at(1))
        told = disagreeing(outbreak, "1301")
        assert told == {Figure.MOVED_IN: ((LevelCause.MOVED, -1),), Figure.MOVED_OUT: ((LevelCause.MOVED, -1),)}

    def test_name_an_area_that_has_no_report(self, outbreak):
        case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)
        reports.advance(outbreak=outbreak, now=at(1))
        DailyReport.objects.filter(area_code=COUNTY).delete()
        assert disagreeing(outbreak, "1301")[Figure.CONFIRMED] == ((LevelCause.MISSING, 1),)


class TestFactsOfCases:
    @pytest.fixture
    def confirmed(self, outbreak):
        return case_of(outbreak, (at(0), "confirmed"), area_code=COUNTY)

    def test_bear_a_name(self, confirmed, officer):
        fact = case_facts.enter(case=confirmed, kind=CaseFactKind.DISCHARGED, happened_at=at(1), by=officer, now=at(2))
        assert (fact.by, fact.recorded_at) == (officer.username, at(2))
        assert Event.objects.get(verb="case.fact_entered").facts["kind"] == "discharged"

    def test_are_refused_where_they_do_not_fit(self, outbreak, confirmed, officer):
        with pytest.raises(case_facts.FactDoesNotFit):
            case_facts.enter(case=confirmed, kind=CaseFactKind.RELEASED, happened_at=at(1), by=officer, now=at(2))
        with pytest.raises(case_facts.FactDoesNotFit):  # before it was a case at all
            case_facts.enter(case=confirmed, kind=CaseFactKind.DIED, happened_at=at(-1), by=officer, now=at(2))
        with pytest.raises(case_facts.NotYet):
            case_facts.enter(case=confirmed, kind=CaseFactKind.DIED, happened_at=at(3), by=officer, now=at(2))

    def test_end_a_case_once_until_withdrawn(self, confirmed, officer):
        wrong = case_facts.enter(case=confirmed, kind=CaseFactKind.DIED, happened_at=at(1), by=officer, now=at(2))
        with pytest.raises(case_facts.AlreadyEnded):
            case_facts.enter(case=confirmed, kind=CaseFactKind.DISCHARGED, happened_at=at(1), by=officer, now=at(2))
        case_facts.withdraw(fact=wrong, reason="同名误录", by=officer, now=at(3))
        case_facts.enter(case=confirmed, kind=CaseFactKind.DISCHARGED, happened_at=at(1), by=officer, now=at(3))
        kept(confirmed.outbreak)
        told = [daily.figures(confirmed.outbreak, daily.day_of(FIRST + timedelta(days=1)), as_of=moment).of("13")
                for moment in (at(2), at(4))]  # fmt: skip
        assert [(one[Figure.DIED], one[Figure.DISCHARGED]) for one in told] == [(1, 0), (0, 1)]

    def test_who_died_occupies_no_bed(self, confirmed, officer):
        bed = Stay.objects.create(
            person=confirmed.person, kind=StayKind.BED, area_code=COUNTY, party=-confirmed.pk, source_key="bed",
            period=(at(0), None), recorded_at=at(0),
        )  # fmt: skip
        case_facts.enter(case=confirmed, kind=CaseFactKind.DIED, happened_at=at(1), by=officer, now=at(2))
        bed.refresh_from_db()
        assert (bed.period.lower, bed.period.upper) == (at(0), at(1))
        assert not Stay.objects.filter(person=confirmed.person, period__contains=at(2)).exists()
        assert Event.objects.get(verb="person.stay_ended").actor == officer.username
        assert register.end_stay(person=confirmed.person, at=at(3), by=officer, now=at(3)) is None

    def test_a_move_changes_where_a_case_is_counted(self, confirmed, officer):
        case_facts.move(case=confirmed, area_code="130581", reason="现住址核实", by=officer, now=at(2))
        confirmed.refresh_from_db()
        assert confirmed.area_code == "130581"
        fact = CaseFact.objects.get()
        with pytest.raises(case_facts.MoveStays):
            case_facts.withdraw(fact=fact, reason="?", by=officer, now=at(3))

    @pytest.mark.parametrize("area_code", ["130109", "410102", "139999"])
    def test_a_move_goes_to_another_area_of_the_outbreak(self, confirmed, officer, area_code):
        everywhere = factories.account(role=Role.INVESTIGATOR, area_code="")
        with pytest.raises((case_facts.NoSuchArea, access.NotYours)):
            case_facts.move(case=confirmed, area_code=area_code, reason="?", by=officer, now=at(2))
        with pytest.raises(access.NotYours):
            case_facts.move(case=confirmed, area_code="130581", reason="?", by=everywhere, now=at(2))

    def test_outcomes_are_stated_to_be_entered_once(self, outbreak, reporter):
        kept_row = case_facts.keep(
            outbreak=outbreak, area_code=COUNTY, first_date=FIRST, severity_too=False, by=reporter, now=at(1)
        )
        with pytest.raises(case_facts.AlreadyKept):
            case_facts.keep(
                outbreak=outbreak, area_code=COUNTY, first_date=FIRST, severity_too=True, by=reporter, now=at(1)
            )
        case_facts.stop_keeping(kept=kept_row, by=reporter, now=at(2))
        found = [daily.figures(outbreak, daily.day_of(FIRST), as_of=moment).of(COUNTY)[Figure.DIED]
                 for moment in (at(1), at(2))]  # fmt: skip
        assert found == [0, None]


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    for code in AREAS:
        factories.area(code, code)
    return factories.outbreak()


@pytest.fixture
def commander(db):
    return commander_of("1301")


@pytest.fixture
def reporter(db):
    return factories.account(role=Role.REPORTER, area_code=COUNTY)


@pytest.fixture
def officer(db):
    return factories.account(role=Role.INVESTIGATOR, area_code="13")


@pytest.fixture
def submitted(outbreak):
    return submit(outbreak, COUNTY)


def commander_of(area_code):
    return factories.account(role=Role.COMMANDER, area_code=area_code)


def report_of(outbreak, area_code):
    reports.advance(outbreak=outbreak, now=at(1))
    return DailyReport.objects.get(area_code=area_code, date=FIRST)


def submit(outbreak, area_code, now=None):
    by = factories.account(role=Role.REPORTER, area_code=area_code)
    return daily_acts.submit(report=report_of(outbreak, area_code), by=by, now=now or at(1, 1))


def owed(outbreak, as_of):
    return owing.owed("13", FIRST, as_of=as_of, outbreak=outbreak)


def disagreeing(outbreak, area_code):
    told = daily_levels.disagreements(outbreak, area_code, FIRST, as_of=at(9)).differences
    for one in told:
        assert sum(share for _, share in one.causes) == one.total - one.below
    return {one.figure: one.causes for one in told}
