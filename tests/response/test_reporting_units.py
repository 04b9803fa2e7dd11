"""Units below and beside the counties owe reports, in routine times too, and are named when they do not come."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.records import access
from sizao.records.models import DailyReport, Event, ReportingUnit
from sizao.response.reports import daily_acts, deadlines, owing, units
from sizao.terms import Role, Standing, UnitFigure, UnitKind
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NEXT_MORNING = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)  # 08:30 of the 3rd where it happens
NOTHING = dict.fromkeys(map(str, UnitFigure), 0)


class TestDuty:
    def test_is_given_by_a_level_above_with_its_notice(self, county):
        [unit] = units.add(duties=[duty()], by=county, now=NEXT_MORNING)
        assert (unit.name, unit.basis) == ("藁城区人民医院发热门诊", "石疾控〔2026〕3号")
        assert Event.objects.filter(verb="reporting_unit.added").count() == 1
        assert units.add(duties=[duty()], by=county, now=NEXT_MORNING) == []

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"area_code": "130999"}, access.NotYours),
            ({"area_code": "130109999"}, units.NoSuchArea),
            ({"every_days": 0}, units.BadRhythm),
            ({"due_hour": 90}, units.BadRhythm),
            ({"basis": " "}, units.BasisMissing),
        ],
    )
    def test_is_refused_where_it_cannot_be(self, county, wrong, refusal):
        with pytest.raises(refusal):
            units.add(duties=[duty(**wrong)], by=county, now=NEXT_MORNING)

    def test_has_a_rhythm_and_an_end(self, unit, county):
        weekly = ReportingUnit(first_date=date(2026, 3, 2), every_days=7, due_hour=10)
        assert [weekly.owes(DAY + timedelta(days=n)) for n in (-7, 0, 1, 7)] == [False, True, False, True]
        assert units.last_owed(weekly, date(2026, 3, 12)) == date(2026, 3, 9)
        assert units.last_owed(weekly, DAY) is None
        units.end(unit=unit, last_date=DAY, by=county, now=NEXT_MORNING)
        assert not ReportingUnit.objects.get().owes(DAY + timedelta(days=1))


class TestStating:
    def test_zero_is_a_signed_statement(self, unit, nurse):
        report = units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING)
        assert (report.is_zero, report.submitted_by, report.outbreak) == (True, nurse, None)
        assert daily_acts.signature_holds(report)

    def test_again_changes_nothing_and_other_figures_need_a_correction(self, unit, nurse):
        first = units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING)
        assert units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING) == first
        with pytest.raises(units.StatedAlready):
            units.state(unit=unit, day=DAY, figures=NOTHING | {"fever": 2}, by=nurse, now=NEXT_MORNING)
        new = daily_acts.correct(
            report=first, figures=NOTHING | {"fever": 2}, reason="漏报", by=nurse, now=NEXT_MORNING
        )  # fmt: skip
        assert (new.version, new.is_zero, DailyReport.objects.standing().get()) == (2, False, new)

    @pytest.mark.parametrize("wrong", [{"fever": -1}, {"fever": None}, {"fever": True}, {"fever": 1.5}, {"x": 1}])
    def test_a_figure_that_is_no_count_is_refused(self, unit, nurse, wrong):
        with pytest.raises(units.NotAFigure):
            units.state(unit=unit, day=DAY, figures=NOTHING | wrong, by=nurse, now=NEXT_MORNING)

    def test_a_day_that_is_not_over_or_not_owed_is_refused(self, unit, nurse):
        with pytest.raises(units.DayNotOver):
            units.state(unit=unit, day=date(2026, 3, 3), figures=NOTHING, by=nurse, now=NEXT_MORNING)
        with pytest.raises(units.NotOwed):
            units.state(unit=unit, day=date(2026, 2, 28), figures=NOTHING, by=nurse, now=NEXT_MORNING)

    def test_its_county_approves_but_not_who_stated_it(self, unit, nurse, county):
        report = units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING)
        assert daily_acts.approve(report=report, by=county, now=NEXT_MORNING).approved_by == county.username


class TestOverview:
    def test_works_without_an_outbreak_and_names_who_is_missing(self, unit, county, nurse):
        [silent] = units.add(
            duties=[duty(name="藁城区中医院发热门诊")], by=county, now=NEXT_MORNING - timedelta(days=3)
        )
        units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING)
        for hours, expected in ((1, Standing.WAITING), (5, Standing.MISSING)):
            told = owing.owed("13", DAY, as_of=NEXT_MORNING + timedelta(hours=hours), outbreak=None)
            assert {one.name: one.standing for one in told} == {unit.name: Standing.ZERO, silent.name: expected}

    def test_a_report_after_its_hour_is_late(self, unit, nurse):
        units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING + timedelta(hours=4))
        [told] = owing.owed("130109", DAY, as_of=NEXT_MORNING + timedelta(days=1), outbreak=None)
        assert (told.standing, told.said_by) == (Standing.LATE, "石疾控〔2026〕3号")

    def test_owes_and_is_due_as_each_unit_says(self, county):
        rhythms = ((1, 10, None), (2, 0, None), (7, 72, date(2026, 3, 9)), (31, 26, date(2026, 3, 1)))
        more = [duty(name=f"每{days}日", every_days=days, due_hour=hour) for days, hour, _ in rhythms]
        for one, (_, _, last) in zip(units.add(duties=more, by=county, now=NEXT_MORNING), rhythms, strict=True):
            ReportingUnit.objects.filter(pk=one.pk).update(last_date=last)
        rows = list(ReportingUnit.objects.all())
        for day in (DAY + timedelta(days=n) for n in range(-3, 16)):
            owed = owing.owed("13", day, as_of=NEXT_MORNING, outbreak=None)
            asked = {one.pk: (deadlines.of_unit(one, day).due_at, one.first_of(day)) for one in rows if one.owes(day)}
            assert {one.unit: (one.due_at, one.first_date) for one in owed} == asked

    def test_of_many_units_is_one_question_and_names_the_first(self, unit, county, nurse, django_assert_num_queries):
        other = duty(name="晚报诊所", due_hour=30, basis="石疾控〔2026〕9号")
        more = [duty(name=f"村卫生室 {n}", kind=UnitKind.OTHER) for n in range(60)]
        units.add(duties=[*more, other], by=county, now=NEXT_MORNING - timedelta(days=2))
        units.state(unit=unit, day=DAY, figures=NOTHING, by=nurse, now=NEXT_MORNING)
        asked = {"as_of": NEXT_MORNING + timedelta(hours=5), "outbreak": None}
        with django_assert_num_queries(1):
            told = owing.overview("1301", DAY, **asked, most_named=20, most_owing=2)
        every = owing.owed("1301", DAY, **asked)
        assert told.counts == {one: sum(each.standing == one for each in every) for one in Standing}
        assert (told.n_owed, told.n_in, told.counts[Standing.MISSING]) == (62, 1, 60)
        assert told.named[Standing.MISSING] == [one for one in every if one.standing == Standing.MISSING][:20]
        assert [(part.area_code, part.n_owed, part.n_in) for part in told.parts] == [("130109", 62, 1)]
        assert [(due.said_by, due.count, due.names) for due in told.dues] == [
            ("石疾控〔2026〕3号", 61, [unit.name, "村卫生室 0"]), ("石疾控〔2026〕9号", 1, ["晚报诊所"]),
        ]  # fmt: skip


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def county(db):
    for code in ("13", "1301", "130109"):
        factories.area(code, code)
    return factories.account(role=Role.COMMANDER, area_code="130109")


@pytest.fixture
def nurse(db):
    return factories.account(role=Role.REPORTER, area_code="130109")


@pytest.fixture
def unit(county):
    return units.add(duties=[duty()], by=county, now=NEXT_MORNING - timedelta(days=3))[0]


def duty(**facts):
    said = {
        "area_code": "130109", "name": "藁城区人民医院发热门诊", "kind": UnitKind.FEVER_CLINIC, "due_hour": 10,
        "first_date": date(2026, 3, 1), "basis": "石疾控〔2026〕3号",
    }  # fmt: skip
    return units.Duty(**said | facts)
