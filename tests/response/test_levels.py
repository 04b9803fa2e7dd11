"""A level is proposed by its conditions, decided by a named officer, switches what it says, and is left in order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.records import access
from sizao.records.models import (
    Area,
    CaseChange,
    Event,
    IsolationOrder,
    LevelDecision,
    LevelProposal,
    ProtocolAnnex,
    Task,
    Zone,
)
from sizao.response import flow, outbreaks, tasks
from sizao.response.tasks import levels
from sizao.response.tasks.levels import deciding, returning
from sizao.response.tasks.teams import readiness
from sizao.terms import (
    CaseStatus,
    ConditionMet,
    LeftKind,
    LevelProposalState,
    LevelReach,
    OrderKind,
    OrderState,
    OutbreakKind,
    ResponseLevel,
    Role,
    TaskKind,
    ZoneLevel,
    ZoneState,
    ZoneUnit,
)
from tests import factories
from tests.response import ringing

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 10, 4, 0, tzinfo=UTC)  # noon in the place
TODAY = date(2021, 1, 10)
COUNTY, CITY, PROVINCE, ELSEWHERE = "130109", "1301", "13", "130502"
BESIDE = "130183"  # borders on COUNTY


@pytest.fixture
def areas(db):
    for code, name in ((PROVINCE, "河北"), (CITY, "石家庄"), ("1305", "邢台"), (COUNTY, "藁城区"), (BESIDE, "晋州市"),
                       (ELSEWHERE, "襄都区")):  # fmt: skip
        factories.area(code, name)


@pytest.fixture
def outbreak(areas):
    return factories.outbreak()


@pytest.fixture
def real(areas):
    return factories.outbreak(kind=OutbreakKind.REAL)


@pytest.fixture
def commander(db):
    return factories.account(role=Role.COMMANDER, area_code=COUNTY)


def days(count):
    return timedelta(days=count)


def found(within, *, at=NOW, status=CaseStatus.CONFIRMED, area_code=f"{COUNTY}110212"):
    case = factories.case(of=factories.person(area_code=area_code), within=within, status=status, opened_at=at)
    CaseChange.objects.create(case=case, status=status, at=at, by="sizao", source_key=f"change:{case.pk}:{at}")
    return case


def decide(by, level=ResponseLevel.EMERGENCY, area_code=COUNTY, *, now=NOW, **facts):
    defaults = {
        "legal_basis": "突发公共卫生事件应急预案", "text": "转入应急状态", "document_no": "藁指〔2021〕3号",
        "expected_until": None if level == ResponseLevel.ROUTINE else now.date() + days(14),
    }  # fmt: skip
    return levels.decide(area_code=area_code, level=level, by=by, now=now, **defaults | facts)


def waiting(outbreak=None):
    return {
        one.area_code: ResponseLevel(one.level)
        for one in LevelProposal.objects.filter(outbreak=outbreak, state=LevelProposalState.WAITING)
    }


class TestProposing:
    def test_a_case_moves_its_county_its_city_and_the_counties_beside_it(self, outbreak, noise):
        found(outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        assert waiting(outbreak) == {
            COUNTY: ResponseLevel.EMERGENCY, CITY: ResponseLevel.EMERGENCY, PROVINCE: ResponseLevel.ALERT,
            BESIDE: ResponseLevel.ALERT,
        }  # fmt: skip

    def test_cases_in_two_cities_move_the_province(self, outbreak):
        found(outbreak)
        found(outbreak, area_code=f"{ELSEWHERE}001001")
        levels.advance(outbreak=outbreak, now=NOW)
        assert waiting(outbreak)[PROVINCE] == ResponseLevel.EMERGENCY

    def test_says_of_each_condition_whether_it_is_met(self, outbreak):
        found(outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        told = {one["key"]: (one["met"], one["count"]) for one in LevelProposal.objects.get(area_code=COUNTY).reasons}
        assert told["local_case"] == (ConditionMet.MET, 1)
        assert told["open_alert"] == (ConditionMet.UNKNOWN, None)  # no stream is watched there
        assert told["preliminary_positive"] == (ConditionMet.NOT_MET, 0)

    def test_a_second_run_at_one_moment_changes_nothing(self, outbreak):
        found(outbreak)
        assert levels.advance(outbreak=outbreak, now=NOW) > 0
        before = list(LevelProposal.objects.values()), Task.objects.count(), Event.objects.count()
        assert levels.advance(outbreak=outbreak, now=NOW) == 0
        assert (list(LevelProposal.objects.values()), Task.objects.count(), Event.objects.count()) == before

    def test_lapses_when_its_conditions_are_met_no_more(self, outbreak):
        found(outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        levels.advance(outbreak=outbreak, now=NOW + days(14))
        assert waiting(outbreak) == {}
        assert set(LevelProposal.objects.values_list("state", flat=True)) == {LevelProposalState.LAPSED}

    def test_a_discarded_case_asks_for_nothing(self, outbreak):
        case = found(outbreak)
        later = NOW + timedelta(hours=1)
        CaseChange.objects.create(case=case, status=CaseStatus.DISCARDED, at=later, by="x", source_key="discarded")
        levels.advance(outbreak=outbreak, now=later)
        assert waiting(outbreak) == {}

    def test_what_becomes_known_later_is_not_known_before(self, outbreak):
        found(outbreak)
        assert levels.weigh(COUNTY, outbreak, NOW - timedelta(seconds=1)).proposed is None
        assert levels.weigh(COUNTY, outbreak, NOW).proposed == ResponseLevel.EMERGENCY

    def test_real_life_and_rehearsals_do_not_mix(self, outbreak, real):
        found(outbreak)
        levels.advance(outbreak=None, now=NOW)
        assert waiting() == {}
        found(real)
        levels.advance(outbreak=real, now=NOW)
        assert waiting()[COUNTY] == ResponseLevel.EMERGENCY
        assert waiting(outbreak) == {}

    def test_an_open_alert_asks_for_an_alert_without_any_outbreak(self, areas):
        ringing.rung(None, now=NOW)
        levels.advance(outbreak=None, now=NOW)
        assert waiting() == {COUNTY: ResponseLevel.ALERT}

    def test_asks_the_commander_until_it_is_settled(self, outbreak, commander):
        found(outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        asked = Task.objects.get(kind=TaskKind.DECIDE_LEVEL, area_code=COUNTY)
        assert (asked.role, asked.done_at) == (Role.COMMANDER, None)
        decide(commander, outbreak=outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        asked.refresh_from_db()
        assert asked.done_at == NOW

    def test_declined_it_is_not_proposed_again_on_the_same_grounds(self, outbreak, commander):
        found(outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        levels.decline(proposal=LevelProposal.objects.get(area_code=COUNTY), reason="境外输入", by=commander, now=NOW)
        levels.advance(outbreak=outbreak, now=NOW + timedelta(hours=1))
        assert COUNTY not in waiting(outbreak)


class TestDeciding:
    def test_is_signed_with_its_reasons_and_kept(self, outbreak, commander):
        found(outbreak)
        levels.advance(outbreak=outbreak, now=NOW)
        made = decide(commander, outbreak=outbreak)
        assert (made.was, made.level, made.decided_by) == (ResponseLevel.ROUTINE, ResponseLevel.EMERGENCY, commander)
        assert made.proposal.state == LevelProposalState.DECIDED
        assert {one["key"] for one in made.reasons} >= {"local_case"}
        assert Event.objects.get(verb="level.decided").actor == commander.username
        assert levels.standing(COUNTY, NOW, outbreak).level == ResponseLevel.EMERGENCY
        assert levels.standing(COUNTY, NOW - timedelta(seconds=1), outbreak).level == ResponseLevel.ROUTINE
        assert levels.standing(BESIDE, NOW, outbreak).level == ResponseLevel.ROUTINE

    def test_of_a_rehearsal_is_none_of_real_life(self, outbreak, commander):
        decide(commander, outbreak=outbreak)
        assert levels.standing(COUNTY, NOW).level == ResponseLevel.ROUTINE

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"legal_basis": " "}, deciding.BasisMissing),
            ({"text": ""}, deciding.BasisMissing),
            ({"document_no": ""}, deciding.DocumentMissing),
            ({"expected_until": None}, deciding.DurationMissing),
            ({"expected_until": TODAY + days(61)}, deciding.DurationMissing),
            ({"expected_until": TODAY - days(1)}, deciding.DurationMissing),
            ({"starts_at": NOW - timedelta(hours=1)}, deciding.StartsOutside),
            ({"starts_at": NOW + days(8)}, deciding.StartsOutside),
            ({"takes_command": True}, deciding.CommandFromAbove),
            ({"area_code": f"{COUNTY}110212"}, deciding.NoLevelHere),
            ({"area_code": BESIDE}, access.NotYours),
            ({"level": ResponseLevel.ROUTINE}, deciding.LevelUnchanged),
        ],
    )
    def test_is_refused(self, areas, commander, facts, refusal):
        factories.area()
        with pytest.raises(refusal):
            decide(commander, **facts)
        assert not LevelDecision.objects.exists()

    @pytest.mark.parametrize("role", [one for one in Role if one != Role.COMMANDER])
    def test_needs_the_right(self, areas, role):
        with pytest.raises(access.NotAllowed):
            decide(factories.account(role=role, area_code=COUNTY))

    def test_twice_the_same_is_refused_and_a_longer_one_is_not(self, areas, commander):
        decide(commander)
        with pytest.raises(deciding.LevelUnchanged):
            decide(commander)
        decide(commander, expected_until=TODAY + days(20), now=NOW + timedelta(hours=1))
        assert LevelDecision.objects.count() == 2

    def test_may_begin_later(self, areas, commander):
        decide(commander, starts_at=NOW + days(1))
        assert levels.standing(COUNTY, NOW).level == ResponseLevel.ROUTINE
        assert levels.standing(COUNTY, NOW + days(1)).level == ResponseLevel.EMERGENCY

    def test_does_not_end_by_itself_and_says_that_it_is_over(self, areas, commander):
        made = decide(commander)
        assert levels.standing(COUNTY, NOW + days(30)).level == ResponseLevel.EMERGENCY
        assert not levels.is_over(made, NOW + days(14))
        assert levels.is_over(made, NOW + days(15))

    def test_is_asked_about_again_after_the_hours_of_the_level(self, areas, commander):
        decide(commander)
        levels.advance(outbreak=None, now=NOW + timedelta(hours=23))
        assert not Task.objects.filter(area_code=COUNTY).exists()
        levels.advance(outbreak=None, now=NOW + timedelta(hours=24))
        assert Task.objects.get(area_code=COUNTY).asked_at == NOW + timedelta(hours=24)


class TestHigherLevels:
    @pytest.fixture
    def province(self, db):
        return factories.account(role=Role.COMMANDER, area_code=PROVINCE)

    def test_what_is_ordered_for_all_holds_below(self, areas, province, commander):
        decide(province, ResponseLevel.ALERT, PROVINCE, reach=LevelReach.BELOW)
        assert levels.standing(COUNTY, NOW).level == ResponseLevel.ALERT
        decide(commander)
        assert levels.standing(COUNTY, NOW).level == ResponseLevel.EMERGENCY
        decide(commander, ResponseLevel.ALERT, now=NOW + days(1))
        with pytest.raises(deciding.BelowOrdered):
            decide(commander, ResponseLevel.ROUTINE, now=NOW + days(2))

    def test_its_own_level_binds_nobody_below(self, areas, province):
        decide(province, ResponseLevel.ALERT, PROVINCE)
        assert levels.standing(PROVINCE, NOW).level == ResponseLevel.ALERT
        assert levels.standing(COUNTY, NOW).level == ResponseLevel.ROUTINE

    def test_what_it_ordered_for_one_county_is_not_taken_back_there(self, areas, province, commander):
        decide(province)
        with pytest.raises(deciding.BelowOrdered):
            decide(commander, ResponseLevel.ALERT, now=NOW + days(1))
        decide(province, ResponseLevel.ALERT, now=NOW + days(1))

    def test_may_take_command_and_then_decides_alone(self, areas, province, commander):
        decide(province, ResponseLevel.ALERT, takes_command=True)
        assert levels.standing(COUNTY, NOW).commanded_by.ordered_by == PROVINCE
        with pytest.raises(deciding.CommandTaken):
            decide(commander, now=NOW + days(1))
        decide(province, now=NOW + days(1))  # without taking command: it is given back
        assert levels.standing(COUNTY, NOW + days(1)).commanded_by is None

    def test_nothing_lower_is_proposed_than_what_was_ordered(self, areas, province):
        decide(province, ResponseLevel.ALERT, PROVINCE, reach=LevelReach.BELOW)
        assert levels.weigh(COUNTY, None, NOW + days(30)).proposed is None


class TestSwitching:
    def test_the_rhythm_of_reports(self, areas, commander):
        assert levels.rhythm(COUNTY, NOW).every_days == 7
        decide(commander)
        found = levels.rhythm(COUNTY, NOW)
        assert (found.every_days, found.due_hour) == (1, 9)
        assert found.due_at(TODAY).isoformat() == "2021-01-11T09:00:00+08:00"
        assert found.ends_period(TODAY)

    def test_a_weekly_period_ends_on_sunday(self, areas):
        rhythm = levels.rhythm(COUNTY, NOW)
        week = [rhythm.ends_period(date(2021, 1, 4) + days(n)) for n in range(7)]
        assert week == [False] * 6 + [True]

    def test_the_teams_that_stand_ready(self, areas, commander):
        before = levels.required(COUNTY, NOW)
        decide(commander)
        after = levels.required(COUNTY, NOW)
        assert set(before.teams) < set(after.teams)
        assert after.ready_hours < before.ready_hours

    def test_the_clocks_of_a_real_outbreak_confirmed_by_whoever_decided(self, real, commander):
        decide(commander)
        rules = outbreaks.rules_at(real, NOW, area_code=COUNTY)
        value = rules.value("investigation.full_report_hours")
        assert (value.value, rules.awaits_confirmation(value)) == (12, False)
        assert outbreaks.rules_at(real, NOW, area_code=BESIDE).value("investigation.full_report_hours").value == 24

    def test_the_tasks_of_a_case_in_the_county_and_nowhere_else(self, outbreak, commander):
        decide(commander, outbreak=outbreak)
        cases = {area: found(outbreak, area_code=f"{area}110212") for area in (COUNTY, BESIDE)}
        tasks.advance(outbreak=outbreak, now=NOW)
        hours = {
            task.area_code: (task.due_at - NOW) / timedelta(hours=1)
            for task in Task.objects.filter(kind=TaskKind.FULL_REPORT)
        }
        assert hours == {COUNTY: 12, BESIDE: 24}
        assert len(cases) == 2

    def test_outbreaks_that_are_opened_later(self, areas, commander):
        decide(commander)
        later = NOW + timedelta(hours=1)
        opened = factories.outbreak(kind=OutbreakKind.REAL, opened_at=later)
        levels.advance(outbreak=opened, now=later)
        rules = outbreaks.rules_at(opened, later, area_code=COUNTY)
        assert rules.value("investigation.full_report_hours").value == 12
        assert levels.advance(outbreak=opened, now=later) == 0

    def test_back_when_the_level_is_left(self, real, commander):
        decide(commander)
        decide(commander, ResponseLevel.ROUTINE, now=NOW + days(1))
        rules = outbreaks.rules_at(real, NOW + days(1), area_code=COUNTY)
        assert rules.value("investigation.full_report_hours").value == 24
        assert ProtocolAnnex.objects.get().withdrawn_at == NOW + days(1)

    def test_back_after_the_last_day_that_was_stated(self, real, commander):
        decide(commander)
        hours = [
            outbreaks.rules_at(real, NOW + days(n), area_code=COUNTY).value("investigation.full_report_hours").value
            for n in (14, 15)
        ]
        assert hours == [12, 24]


class TestReturning:
    @pytest.fixture
    def opened(self, outbreak, commander):
        """An emergency with a proposed and an issued order, and a proposed and a published zone."""
        decide(commander, outbreak=outbreak)
        for number, (state, extra) in enumerate(
            [(OrderState.PROPOSED, {}), (OrderState.ISSUED, {"issued_at": NOW, "issued_by": commander})]
        ):
            IsolationOrder.objects.create(
                outbreak=outbreak, person=factories.person(), kind=OrderKind.HOME, state=state, area_code=COUNTY,
                starts_date=TODAY, ends_date=TODAY + days(10), proposed_at=NOW, source_key=f"order:{number}", **extra,
            )  # fmt: skip
        for state in (ZoneState.PROPOSED, ZoneState.PUBLISHED):
            Zone.objects.create(
                outbreak=outbreak, area_code=f"{COUNTY}1{state == ZoneState.PUBLISHED:02}", name=str(state),
                unit=ZoneUnit.STREET, level=ZoneLevel.MEDIUM, state=state, proposed_at=NOW, since_date=TODAY,
                published_at=NOW if state == ZoneState.PUBLISHED else None, source_key=f"zone:{state}",
            )  # fmt: skip
        return outbreak

    def back(self, by, outbreak, **facts):
        return decide(by, ResponseLevel.ROUTINE, outbreak=outbreak, now=NOW + days(1), **facts)

    def test_closes_what_nobody_decided_on_and_ends_nothing_that_holds(self, opened, commander):
        self.back(commander, opened)
        assert set(IsolationOrder.objects.values_list("state", flat=True)) == {OrderState.DECLINED, OrderState.ISSUED}
        assert set(Zone.objects.values_list("state", flat=True)) == {ZoneState.DECLINED, ZoneState.PUBLISHED}

    def test_lists_what_is_left_and_who_decides_on_it(self, opened, commander):
        made = self.back(commander, opened)
        items = {one.kind: (one.role, one.n_closed, one.n_left) for one in made.items.all()}
        assert items[LeftKind.ORDERS_HELD] == (Role.ISOLATION_COORDINATOR, 0, 1)
        assert items[LeftKind.ORDERS_PROPOSED] == (Role.ISOLATION_COORDINATOR, 1, 0)
        assert items[LeftKind.ZONES_PUBLISHED] == (Role.AREA_OFFICER, 0, 1)
        assert items[LeftKind.ZONES_PROPOSED] == (Role.AREA_OFFICER, 1, 0)

    def test_cancels_the_tasks_of_what_it_closed_and_leaves_others(self, opened, commander):
        found(opened)
        tasks.advance(outbreak=opened, now=NOW)
        asked = set(Task.objects.filter(done_at=None).values_list("kind", flat=True))
        assert {TaskKind.SIGN_ORDER, TaskKind.FULL_REPORT} <= asked
        self.back(commander, opened)
        left = set(Task.objects.filter(done_at=None).values_list("kind", flat=True))
        assert TaskKind.SIGN_ORDER not in left
        assert TaskKind.FULL_REPORT in left

    def test_is_signed_only_when_somebody_follows_each_thing_left(self, opened, commander):
        made = self.back(commander, opened)
        with pytest.raises(returning.ChecklistIncomplete, match="Orders that still hold people"):
            levels.sign(decision=made, notes={LeftKind.ZONES_PUBLISHED: "李四"}, by=commander, now=NOW + days(1))
        said = {LeftKind.ORDERS_HELD: "张三继续管理", LeftKind.ZONES_PUBLISHED: "李四"}
        signed = levels.sign(decision=made, notes=said, by=commander, now=NOW + days(2))
        assert (signed.signed_by, signed.signed_at) == (commander.username, NOW + days(2))
        with pytest.raises(returning.ChecklistSigned):
            levels.sign(decision=made, notes=said, by=commander, now=NOW + days(3))

    def test_cancels_coming_shifts_of_teams_that_routine_does_not_keep(self, areas):
        from tests.response.teams_world import NOW as MORNING
        from tests.response.teams_world import TeamsWorld

        world = TeamsWorld()
        by = factories.account(role=Role.COMMANDER, area_code=COUNTY)
        shifts = {
            kind: world.shift(world.team(kind, kind).members.first(), start, start + 6)
            for kind, start in (("investigation", 30), ("transport", 30), ("disinfection", 3))
        }
        decide(by, now=MORNING)
        decide(by, ResponseLevel.ROUTINE, now=MORNING + timedelta(hours=4))
        for one in shifts.values():
            one.refresh_from_db()
        cancelled = {kind for kind, one in shifts.items() if one.cancelled_at is not None}
        assert cancelled == {"transport"}  # routine keeps the first, and the third is under way
        item = LevelDecision.objects.latest("pk").items.get(kind=LeftKind.TEAM_SHIFTS)
        assert (item.n_closed, item.n_left) == (1, 2)

    def test_only_a_return_has_a_checklist(self, areas, commander):
        with pytest.raises(returning.NoReturn):
            levels.sign(decision=decide(commander), notes={}, by=commander, now=NOW)

    def test_of_a_city_leaves_the_counties_alone_that_stay(self, opened, commander):
        city = factories.account(role=Role.COMMANDER, area_code=CITY)
        decide(city, ResponseLevel.ALERT, CITY, outbreak=opened)
        decide(city, ResponseLevel.ROUTINE, CITY, outbreak=opened, now=NOW + days(1))
        assert IsolationOrder.objects.filter(state=OrderState.PROPOSED).count() == 1


class TestTeams:
    def test_a_county_below_what_its_level_asks_for_is_named(self, areas, commander):
        Area.objects.filter(code=COUNTY).update(population=800_000)
        ready = readiness.of_area(COUNTY, as_of=NOW)
        (at_routine,) = levels.against_level(ready, as_of=NOW)
        assert {one.kind.key for one in at_routine.lacking} <= {"investigation", "sampling"}
        decide(commander)
        (found,) = levels.against_level(ready, as_of=NOW)
        assert (found.level, found.ready_hours) == (ResponseLevel.EMERGENCY, 1)
        assert {one.kind.key for one in found.lacking} > {one.kind.key for one in at_routine.lacking}

    def test_a_county_that_has_them_is_not_unless_they_come_too_late(self, areas, commander):
        decide(commander)
        ready = readiness.of_area(COUNTY, as_of=NOW)
        for median_hours, names in ((0.5, []), (1.5, [COUNTY])):
            whole = tuple(
                replace(one, ready=one.wanted, teams=one.wanted, median_hours=median_hours)
                for one in ready.areas[0].kinds
            )
            full = replace(ready, areas=(replace(ready.areas[0], kinds=whole),))
            assert [one.area_code for one in levels.against_level(full, as_of=NOW)] == names


def test_is_a_stage_of_the_loop(outbreak):
    found(outbreak)
    assert flow.advance(outbreak=outbreak, now=NOW)["levels"] > 0
