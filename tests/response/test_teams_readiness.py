"""Readiness by county, call-outs that measure it, and teams lent to where they lack."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from sizao.records.access import NotYours
from sizao.records.models import CallAnswer, TeamLoan
from sizao.response.tasks import teams
from sizao.response.tasks.teams import LoanEntry, calls, loans, members, readiness, standing
from sizao.response.tasks.teams.calls import CallReasonMissing, NobodyToCall, NotYourCall, PeopleUnreadable
from sizao.response.tasks.teams.loans import (
    LentAlready,
    LoanNotAgreed,
    LoanNowhere,
    LoanOver,
    LoanUnreadable,
    RecallReasonMissing,
)
from sizao.response.tasks.teams.members import TeamIsLent
from sizao.terms import AbsenceReason, CallKind, Duty, Right, Role
from tests import factories
from tests.response.teams_world import CITY, COUNTY, NEXT, NOW, TeamsWorld, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return TeamsWorld()


def ready_of(area_code, as_of=NOW, within=CITY):
    return {one.area_code: one for one in readiness.of_area(within, as_of=as_of).areas}[area_code]


def kind_of(area_code, kind="investigation", as_of=NOW):
    return next(one for one in ready_of(area_code, as_of).kinds if one.kind.key == kind)


def agreed(to=NEXT, start=0, end=48, **facts):
    told = {"agreed_from": "藁城区卫健局 王", "agreed_to": "裕华区卫健局 李"} | facts
    return LoanEntry(to, hours(start), hours(end), **told)


class TestReadiness:
    def test_counts_teams_against_the_standard_of_each_county(self, world):
        world.team()
        counted = kind_of(COUNTY)
        assert (counted.wanted, counted.teams, counted.ready, counted.short) == (16, 1, 1, 15)  # 800,000 / 50,000
        assert kind_of(NEXT).wanted == 5  # the least, for 100,000

    def test_tells_who_falls_short_most_first_and_that_the_standard_is_unverified(self, world):
        found = readiness.of_area(CITY, as_of=NOW)
        assert [one.area_code for one in found.short] == [COUNTY, NEXT]
        assert found.is_unverified

    def test_does_not_count_who_cannot_go(self, world):
        team = world.team()
        people = list(members.of_team(team, NOW))
        assert kind_of(COUNTY).ready == 1
        teams.record_absence(
            member=people[0],
            reason=AbsenceReason.SICK,
            starts_at=hours(-1),
            ends_at=hours(9),
            by=world.manager,
            now=NOW,
        )
        assert (kind_of(COUNTY).ready, ready_of(COUNTY).away) == (0, 1)
        assert kind_of(COUNTY, as_of=hours(10)).ready == 1

    def test_counts_who_works_and_not_who_rests(self, world):
        team = world.team()
        shift = world.shift(members.of_team(team, NOW)[0], 1, 9)
        teams.come(shift=shift, by=world.manager, now=hours(1))
        during, after, rested = (ready_of(COUNTY, hours(n)) for n in (5, 10, 17))
        assert (during.on_duty, during.reported, during.ready) == (1, 1, 1)
        assert (after.on_duty, after.resting, after.ready) == (0, 1, 0)
        assert (rested.resting, rested.ready) == (0, 1)

    def test_of_a_moment_knows_nothing_of_what_came_later(self, world):
        team = world.team()
        world.shift(members.of_team(team, NOW)[0], 1, 9, now=hours(0.5))
        before = readiness.of_area(CITY, as_of=hours(0.25))
        assert {one.on_duty for one in before.areas} == {0}
        teams.disband(team=team, by=world.manager, now=hours(10))
        assert kind_of(COUNTY, as_of=hours(3)).teams == 1
        assert kind_of(COUNTY, as_of=hours(10)).teams == 0

    def test_counts_whoever_is_in_the_loop_for_teams_inside_alone(self, world):
        inside, outside = world.team("甲", "isolation", 10, in_closed_loop=True), world.team("乙", "isolation", 10)
        for team in (inside, outside):
            teams.enter_loop(member=members.of_team(team, NOW)[0], at=NOW, by=world.manager, now=NOW)
        assert kind_of(COUNTY, "isolation").ready == 1

    def test_agrees_with_the_team_told_member_by_member(self, world):
        team = world.team(people=3)
        shift = world.shift(members.of_team(team, NOW)[1], 0, 8)
        lines = standing.lines(team, as_of=hours(1))
        assert [line.duty for line in lines] == [Duty.ON_DUTY, Duty.STANDBY, Duty.STANDBY]
        assert (lines[0].member, lines[0].is_there) == (shift.member, False)
        assert standing.is_late(shift, hours(1))
        [one] = readiness.teams_of(COUNTY, as_of=hours(1))
        assert dict(one.strength.by_duty) == {Duty.ON_DUTY: 1, Duty.STANDBY: 2}


class TestCallOut:
    def call(self, world, **facts):
        told = {"area_code": COUNTY, "kind": CallKind.DRILL, "reason": "拉动演练，区疾控中心集合", "by": world.manager}
        return teams.call_out(**told | {"now": NOW} | facts)

    def test_measures_how_long_teams_take(self, world):
        world.team()
        world.team("流调二队")
        first, second = self.call(world).answers.order_by("pk")
        teams.answer_call(answer=first, by=world.manager, now=hours(0.25))
        teams.report_ready(answer=first, people=4, by=world.manager, now=hours(0.5))
        teams.report_ready(answer=second, people=3, by=world.manager, now=hours(2))
        told = calls.measured(calls.answers_at(hours(3)), as_of=hours(3))
        assert (told.called, told.answered, told.ready, told.in_time) == (2, 2, 2, 1)
        assert told.median_hours == 1.25
        assert kind_of(COUNTY, as_of=hours(3)).median_hours == 1.25
        assert kind_of(COUNTY, as_of=hours(3)).is_slow
        assert kind_of(COUNTY, as_of=hours(1)).median_hours == 0.5  # the second was not ready then

    def test_is_not_measured_for_ever(self, world):
        world.team()
        [answer] = self.call(world).answers.all()
        teams.report_ready(answer=answer, people=4, by=world.manager, now=hours(1))
        assert kind_of(COUNTY, as_of=NOW + timedelta(days=91)).median_hours is None

    def test_keeps_the_first_answer(self, world):
        world.team()
        [answer] = self.call(world).answers.all()
        teams.report_ready(answer=answer, people=4, by=world.manager, now=hours(1))
        again = teams.report_ready(answer=answer, people=2, by=world.manager, now=hours(2))
        assert (again.ready_at, again.people) == (hours(1), 4)

    def test_is_answered_by_members_and_managers_only(self, world):
        account = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        team = world.team(people=0)
        [answer] = self.call(world).answers.all()
        with pytest.raises(NotYourCall):
            teams.answer_call(answer=answer, by=account, now=NOW)
        teams.add_member(team=team, entry=world.person(account=account), by=world.manager, now=NOW)
        assert [one.pk for one in standing.mine(account, as_of=NOW).calls] == [answer.pk]
        assert teams.answer_call(answer=answer, by=account, now=NOW).answered_by == account.username
        with pytest.raises(PeopleUnreadable):
            teams.report_ready(answer=answer, people=-1, by=account, now=NOW)

    def test_reaches_borrowed_teams_and_not_those_lent_away(self, world):
        team = world.team()
        teams.lend(team=team, entry=agreed(), by=world.city, now=NOW)
        assert [one.team for one in self.call(world, area_code=NEXT, by=world.neighbour).answers.all()] == [team]
        with pytest.raises(NobodyToCall):
            self.call(world)

    def test_says_why(self, world):
        world.team()
        with pytest.raises(CallReasonMissing):
            self.call(world, reason=" ")
        with pytest.raises(NobodyToCall):
            self.call(world, team_kind="laboratory")
        assert not CallAnswer.objects.exists()


class TestLoan:
    def test_counts_the_team_where_it_works_and_ends_by_itself(self, world):
        team = world.team()
        teams.lend(team=team, entry=agreed(), by=world.manager, now=NOW)
        assert (kind_of(COUNTY).ready, kind_of(NEXT).ready) == (0, 1)
        assert (ready_of(COUNTY).lent, ready_of(NEXT).borrowed) == (1, 1)
        assert kind_of(COUNTY, as_of=hours(48)).ready == 1
        assert kind_of(NEXT, as_of=hours(48)).ready == 0

    def test_is_seen_on_both_sides(self, world):
        team = world.team()
        loan = teams.lend(team=team, entry=agreed(), by=world.city, now=NOW)
        assert [one.pk for code in (COUNTY, NEXT) for one in loans.seen_from(code, NOW)] == [loan.pk] * 2
        assert standing.fetch(team.pk, to=Right.SITUATION_READ, by=world.neighbour, as_of=NOW) == team
        with pytest.raises(NotYours):
            standing.fetch(team.pk, to=Right.SITUATION_READ, by=world.neighbour, as_of=hours(48))
        [borrowed] = readiness.teams_of(NEXT, as_of=NOW)
        assert (borrowed.team, borrowed.works_in) == (team, NEXT)

    def test_lets_the_borrower_plan_its_shifts_while_it_runs(self, world):
        team = world.team()
        member = members.of_team(team, NOW)[0]
        with pytest.raises(NotYours):
            world.shift(member, 1, 9, by=world.neighbour)
        teams.lend(team=team, entry=agreed(), by=world.city, now=NOW)
        assert world.shift(member, 1, 9, by=world.neighbour)

    def test_is_recalled_with_a_reason(self, world):
        team = world.team()
        loan = teams.lend(team=team, entry=agreed(), by=world.manager, now=NOW)
        with pytest.raises(RecallReasonMissing):
            teams.recall(loan=loan, reason=" ", by=world.manager, now=hours(1))
        with pytest.raises(NotYours):
            teams.recall(loan=loan, reason="本区有疫情", by=world.neighbour, now=hours(1))
        teams.recall(loan=loan, reason="本区有疫情", by=world.manager, now=hours(1))
        assert kind_of(COUNTY, as_of=hours(1)).ready == 1
        assert kind_of(NEXT, as_of=hours(0.5)).ready == 1  # as was known then
        with pytest.raises(LoanOver):
            teams.recall(loan=loan, reason="又", by=world.manager, now=hours(2))
        assert teams.lend(team=team, entry=agreed(start=2), by=world.manager, now=hours(2))

    def test_is_one_at_a_time(self, world):
        team = world.team()
        loan = teams.lend(team=team, entry=agreed(), by=world.manager, now=NOW)
        with pytest.raises(LentAlready):
            teams.lend(team=team, entry=agreed(start=40, end=90), by=world.manager, now=NOW)
        with pytest.raises(IntegrityError, match="team_lent_once_at_a_time"), transaction.atomic():
            TeamLoan.objects.create(
                team=team, from_area_code=COUNTY, to_area_code=NEXT, starts_at=hours(1), ends_at=hours(2), lent_at=NOW,
                agreed_from="…", agreed_to="…", lent_by=loan.lent_by,
            )  # fmt: skip
        with pytest.raises(TeamIsLent):
            teams.disband(team=team, by=world.manager, now=NOW)

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"start": 5, "end": 5}, LoanUnreadable),
            ({"start": -9, "end": 0}, LoanUnreadable),
            ({"agreed_to": " "}, LoanNotAgreed),
            ({"to": COUNTY}, LoanNowhere),
            ({"to": "130199"}, LoanNowhere),
        ],
    )
    def test_of_nonsense_is_refused(self, world, changed, refusal):
        with pytest.raises(refusal):
            teams.lend(team=world.team(), entry=agreed(**changed), by=world.manager, now=NOW)

    def test_is_offered_by_the_nearest_with_more_than_their_standard(self, world):
        factories.area("130110", "鹿泉区", population=1000)
        for code, longitude in ((COUNTY, 114.8), (NEXT, 114.5), ("130110", 114.3)):
            factories.place(area_code=code, latitude=38.0, longitude=longitude)
        for code in (NEXT, "130110"):
            for number in range(7):
                world.team(f"队{number}", area_code=code)
        told = readiness.spare(CITY, COUNTY, "investigation", as_of=NOW)
        assert [(one.area_code, n) for one, n, _ in told] == [(NEXT, 2), ("130110", 2)]
        assert told[0][2] == pytest.approx(26.3, abs=0.5)  # 0.3 degrees of longitude at 38 north
