"""Teams, their people and their shifts: what is kept, and what is refused."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from sizao.protocol.teams_rotation import Hours
from sizao.records.access import NotAllowed, NotYours
from sizao.records.models import Event, LoopStay, Team, TeamAbsence, TeamKindList, TeamMember, TeamShift
from sizao.response.tasks import teams
from sizao.response.tasks.teams import MemberEntry, RosterAsked, ShiftEntry, TeamEntry, members
from sizao.response.tasks.teams.absences import AbsenceHasShifts, AbsenceUnreadable
from sizao.response.tasks.teams.kinds import KindListElsewhere, KindListFaulty, KindStillUsed
from sizao.response.tasks.teams.loop import InTheLoopAlready, NotInTheLoop, ShiftsInside, ShiftsOutside
from sizao.response.tasks.teams.members import (
    InAnotherTeam,
    MemberLeft,
    MemberUnreadable,
    StillInTheLoop,
    TeamIsDisbanded,
    TeamKnown,
    TeamUnreadable,
)
from sizao.response.tasks.teams.proposing import RosterUnreadable
from sizao.response.tasks.teams.shifts import (
    NotCome,
    NotOfTheTeam,
    NotYourShift,
    ShiftBegan,
    ShiftHoursUnreadable,
    ShiftIsCancelled,
    ShiftNotNow,
    ShiftsRefused,
)
from sizao.terms import AbsenceReason, Role, Skill
from tests import factories
from tests.protocol.test_team_kinds import as_list
from tests.response.teams_world import COUNTY, NEXT, NOW, TeamsWorld, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return TeamsWorld()


def member_of(team, place=0):
    return members.of_team(team, NOW)[place]


def fault_of(refused):
    return [error["fault"] for error in refused.value.facts["errors"]]


class TestRegister:
    def test_keeps_a_team_with_its_people_and_says_so_in_the_journal(self, world):
        team = world.team(people=3)
        assert team.members.count() == 3
        assert member_of(team).name == "队员1"
        assert Event.objects.filter(verb="team.registered", subject_id=team.pk).count() == 1
        assert Event.objects.filter(verb="team.joined").count() == 3

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"name": " "}, TeamUnreadable),
            ({"area_code": "130199"}, TeamUnreadable),
            ({"phone": "1" * 41}, TeamUnreadable),
            ({"kind": "fire"}, None),
        ],
    )
    def test_refuses_what_it_cannot_keep(self, world, facts, refusal):
        entry = TeamEntry(**{"name": "一队", "kind": "sampling", "area_code": COUNTY} | facts)
        with pytest.raises(refusal or Exception, match=None if refusal else "no kind of team"):
            teams.register_team(entry=entry, by=world.city, now=NOW)
        assert not Team.objects.exists()

    def test_refuses_the_same_name_in_one_area_until_it_is_disbanded(self, world):
        team = world.team()
        entry = TeamEntry(team.name, team.kind, COUNTY)
        with pytest.raises(TeamKnown):
            teams.register_team(entry=entry, by=world.manager, now=NOW)
        teams.disband(team=team, by=world.manager, now=NOW)
        assert teams.register_team(entry=entry, by=world.manager, now=hours(1)).pk != team.pk

    def test_is_for_who_manages_teams_there(self, world):
        entry = TeamEntry("一队", "sampling", COUNTY)
        with pytest.raises(NotAllowed):
            teams.register_team(entry=entry, by=factories.account(role=Role.SAMPLER, area_code=COUNTY), now=NOW)
        with pytest.raises(NotYours):
            teams.register_team(entry=entry, by=world.neighbour, now=NOW)


class TestMembers:
    def test_are_of_one_team_at_a_time(self, world):
        first, second = world.team(), world.team("流调二队")
        entry = MemberEntry(member_of(first).number)
        with pytest.raises(InAnotherTeam, match="流调一队"):
            teams.add_member(team=second, entry=entry, by=world.manager, now=NOW)
        teams.remove_member(member=member_of(first), by=world.manager, now=NOW)
        assert teams.add_member(team=second, entry=entry, by=world.manager, now=NOW).team == second

    def test_are_of_one_team_by_the_databases_word_too(self, world):
        first, second = world.team(), world.team("流调二队")
        known = member_of(first)
        with pytest.raises(IntegrityError, match="member_of_one_team_at_a_time"), transaction.atomic():
            TeamMember.objects.create(team=second, number=known.number, joined_at=NOW)

    def test_with_one_account_are_of_one_team(self, world):
        account = factories.account(role=Role.INVESTIGATOR, area_code=COUNTY)
        first, second = world.team(), world.team("流调二队")
        teams.add_member(team=first, entry=world.person(account=account), by=world.manager, now=NOW)
        with pytest.raises(InAnotherTeam, match=account.username):
            teams.add_member(team=second, entry=world.person(account=account), by=world.manager, now=NOW)

    def test_who_join_again_stay_as_they_are(self, world):
        team = world.team()
        known = member_of(team)
        assert teams.add_member(team=team, entry=MemberEntry(known.number), by=world.manager, now=NOW) == known
        with pytest.raises(MemberUnreadable):
            teams.add_member(team=team, entry=MemberEntry(" "), by=world.manager, now=NOW)

    def test_who_leave_have_no_shifts_to_come(self, world):
        member = member_of(world.team())
        coming = world.shift(member, 10, 18)
        teams.remove_member(member=member, by=world.manager, now=NOW)
        coming.refresh_from_db()
        assert coming.cancelled_at == NOW
        with pytest.raises(MemberLeft):
            teams.remove_member(member=member, by=world.manager, now=NOW)

    def test_are_still_there_in_the_past(self, world):
        team = world.team()
        teams.remove_member(member=member_of(team), by=world.manager, now=NOW)
        assert members.of_team(team, NOW - timedelta(hours=1)).count() == 4
        assert members.of_team(team, NOW).count() == 3

    def test_of_a_disbanded_team_are_free(self, world):
        team = world.team()
        teams.disband(team=team, by=world.manager, now=NOW)
        assert not team.members.filter(left_at=None).exists()
        with pytest.raises(TeamIsDisbanded):
            teams.add_member(team=team, entry=world.person(), by=world.manager, now=NOW)


class TestShifts:
    def test_are_confirmed_in_somebodys_name(self, world):
        made = world.shift(member_of(world.team()), 1, 9)
        assert (made.confirmed_by, made.place, made.recorded_at) == (world.manager, "机场路", NOW)

    @pytest.mark.parametrize(
        ("held", "wanted", "fault"),
        [
            ([], (0, 13), "too_long"),
            ([(1, 9)], (8, 12), "overlap"),
            ([(1, 9)], (16, 20), "rest"),
        ],
    )
    def test_are_refused_by_the_rules_of_the_kind(self, world, held, wanted, fault):
        member = member_of(world.team())
        for one in held:
            world.shift(member, *one)
        with pytest.raises(ShiftsRefused, match=member.number) as refused:
            world.shift(member, *wanted)
        assert fault_of(refused) == [fault]
        assert TeamShift.objects.count() == len(held)

    def test_are_refused_a_third_time_in_24_hours(self, world):
        member = member_of(world.team("采样一队", "sampling"))
        world.shift(member, 0, 4)
        world.shift(member, 8, 12)
        with pytest.raises(ShiftsRefused) as refused:
            world.shift(member, 16, 20)
        assert fault_of(refused) == ["third"]
        assert world.shift(member, 24, 28)

    def test_given_together_are_judged_together_and_kept_all_or_none(self, world):
        team = world.team()
        member, other = member_of(team), member_of(team, 1)
        wanted = [
            ShiftEntry(one.pk, Hours(hours(start), hours(end)))
            for one, start, end in ((member, 1, 9), (other, 1, 9), (member, 10, 14))
        ]
        with pytest.raises(ShiftsRefused) as refused:
            teams.confirm_shifts(team=team, shifts=wanted, by=world.manager, now=NOW)
        assert refused.value.facts["errors"] == [
            {"number": member.number, "starts_at": hours(10).isoformat(), "fault": "rest"}
        ]
        assert not TeamShift.objects.exists()

    def test_of_one_member_overlap_not_even_by_hand(self, world):
        made = world.shift(member_of(world.team()), 1, 9)
        with pytest.raises(IntegrityError, match="team_shift_one_at_a_time"), transaction.atomic():
            TeamShift.objects.create(
                team=made.team, member=made.member, starts_at=hours(2), ends_at=hours(3), recorded_at=NOW,
                confirmed_by=world.manager,
            )  # fmt: skip

    def test_worked_in_a_former_team_count_for_rest(self, world):
        first, second = world.team(), world.team("流调二队")
        worked = world.shift(member_of(first), -9, -1, now=hours(-10))
        teams.remove_member(member=worked.member, by=world.manager, now=NOW)
        again = teams.add_member(team=second, entry=MemberEntry(worked.member.number), by=world.manager, now=NOW)
        with pytest.raises(ShiftsRefused) as refused:
            world.shift(again, 2, 6)
        assert fault_of(refused) == ["rest"]

    def test_rest_counts_from_when_somebody_really_went(self, world):
        shift = world.shift(member_of(world.team()), 0, 8)
        teams.come(shift=shift, by=world.manager, now=hours(0))
        teams.go(shift=shift, by=world.manager, now=hours(11))
        with pytest.raises(ShiftsRefused):
            world.shift(shift.member, 18, 20, now=hours(12))
        assert world.shift(shift.member, 19, 21, now=hours(12))

    def test_are_for_members_of_the_team_and_of_some_length(self, world):
        team, other = world.team(), world.team("流调二队")
        stranger = ShiftEntry(member_of(other).pk, Hours(hours(1), hours(2)))
        with pytest.raises(NotOfTheTeam):
            teams.confirm_shifts(team=team, shifts=[stranger], by=world.manager, now=NOW)
        with pytest.raises(ShiftHoursUnreadable):
            teams.confirm_shifts(team=team, shifts=[], by=world.manager, now=NOW)
        with pytest.raises(ShiftHoursUnreadable):
            world.shift(member_of(team), 2, 2)

    def test_cancelled_make_room_for_others(self, world):
        shift = world.shift(member_of(world.team()), 1, 9)
        teams.cancel_shift(shift=shift, by=world.manager, now=NOW)
        assert world.shift(shift.member, 2, 9)
        with pytest.raises(ShiftIsCancelled):
            teams.come(shift=shift, by=world.manager, now=hours(1))


class TestReporting:
    def test_is_done_by_oneself_and_twice_changes_nothing(self, world):
        account = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        team = world.team(people=0)
        member = teams.add_member(team=team, entry=world.person(account=account), by=world.manager, now=NOW)
        shift = world.shift(member, 1, 9)
        came = teams.come(shift=shift, by=account, now=hours(0.5))
        assert teams.come(shift=shift, by=account, now=hours(2)).came_at == came.came_at == hours(0.5)
        assert teams.go(shift=shift, by=account, now=hours(9)).went_at == hours(9)
        with pytest.raises(ShiftBegan):
            teams.cancel_shift(shift=shift, by=world.manager, now=hours(9))

    def test_is_refused_to_others_and_at_other_hours(self, world):
        shift = world.shift(member_of(world.team()), 5, 9)
        with pytest.raises(NotYourShift):
            teams.come(shift=shift, by=factories.account(role=Role.SAMPLER, area_code=COUNTY), now=hours(5))
        for hour in (2, 9):
            with pytest.raises(ShiftNotNow):
                teams.come(shift=shift, by=world.manager, now=hours(hour))
        with pytest.raises(NotCome):
            teams.go(shift=shift, by=world.manager, now=hours(6))


class TestAbsence:
    def test_keeps_somebody_from_shifts_until_withdrawn(self, world):
        member = member_of(world.team())
        facts = {"reason": AbsenceReason.SICK, "starts_at": hours(0), "ends_at": hours(48), "by": world.manager}
        absence = teams.record_absence(member=member, now=NOW, **facts)
        with pytest.raises(ShiftsRefused) as refused:
            world.shift(member, 40, 50)
        assert fault_of(refused) == ["away"]
        teams.withdraw_absence(absence=absence, by=world.manager, now=NOW)
        assert world.shift(member, 40, 50)

    def test_is_refused_over_planned_shifts_and_without_hours(self, world):
        member = member_of(world.team())
        world.shift(member, 1, 9)
        facts = {"reason": AbsenceReason.LEAVE, "by": world.manager, "now": NOW, "member": member}
        with pytest.raises(AbsenceHasShifts):
            teams.record_absence(starts_at=hours(0), ends_at=hours(48), **facts)
        with pytest.raises(AbsenceUnreadable):
            teams.record_absence(starts_at=hours(48), ends_at=hours(48), **facts)
        assert not TeamAbsence.objects.exists()


class TestClosedLoop:
    def test_keeps_those_inside_from_shifts_outside_and_the_reverse(self, world):
        team = world.team("隔离一队", "isolation", in_closed_loop=True)
        inside, outside = member_of(team), member_of(team, 1)
        teams.enter_loop(member=inside, at=hours(1), by=world.manager, now=NOW)
        assert world.shift(inside, 1, 9, inside=True)
        for member, is_inside, fault in ((inside, False, "in_loop"), (outside, True, "not_in_loop")):
            with pytest.raises(ShiftsRefused) as refused:
                world.shift(member, 24, 30, inside=is_inside)
            assert fault_of(refused) == [fault]
        with pytest.raises(InTheLoopAlready):
            teams.enter_loop(member=inside, at=hours(3), by=world.manager, now=NOW)

    def test_keeps_apart_who_left_it_for_the_days_of_the_edition(self, world):
        member = member_of(world.team("隔离一队", "isolation"))
        teams.enter_loop(member=member, at=hours(-100), by=world.manager, now=NOW)
        stay = teams.leave_loop(member=member, by=world.manager, now=NOW)
        assert stay.apart_until == date(2022, 7, 17)
        assert stay.basis[0]["key"] == "testing.occupational.after_loop_days"
        with pytest.raises(ShiftsRefused) as refused:
            world.shift(member, 24 * 7, 24 * 7 + 8)  # the seventeenth, its morning
        assert fault_of(refused) == ["apart"]
        assert world.shift(member, 24 * 8, 24 * 8 + 8)

    def test_keeps_apart_for_the_days_of_the_kind_where_the_edition_says_nothing(self, world):
        member = member_of(world.team("隔离一队", "isolation"))
        teams.enter_loop(member=member, at=hours(1), by=world.manager, now=NOW)
        later = NOW + timedelta(days=500)  # class B: nothing is said of closed loops
        stay = teams.leave_loop(member=member, by=world.manager, now=later)
        assert stay.apart_until == (later + timedelta(days=7)).date()
        assert stay.basis[0]["origin"] == "teams-default"
        assert stay.basis[0]["status"] == "unverified"

    def test_follows_somebody_into_another_team(self, world):
        first, second = world.team("隔离一队", "isolation"), world.team()
        member = member_of(first)
        teams.enter_loop(member=member, at=hours(-5), by=world.manager, now=NOW)
        with pytest.raises(StillInTheLoop):
            teams.remove_member(member=member, by=world.manager, now=NOW)
        teams.leave_loop(member=member, by=world.manager, now=NOW)
        teams.remove_member(member=member, by=world.manager, now=NOW)
        again = teams.add_member(team=second, entry=MemberEntry(member.number), by=world.manager, now=NOW)
        with pytest.raises(ShiftsRefused) as refused:
            world.shift(again, 24, 30)
        assert fault_of(refused) == ["apart"]

    def test_is_not_entered_or_left_over_shifts_that_would_not_fit(self, world):
        member = member_of(world.team("隔离一队", "isolation"))
        outside = world.shift(member, 5, 9)
        with pytest.raises(ShiftsOutside):
            teams.enter_loop(member=member, at=hours(1), by=world.manager, now=NOW)
        with pytest.raises(NotInTheLoop):
            teams.leave_loop(member=member, by=world.manager, now=NOW)
        teams.cancel_shift(shift=outside, by=world.manager, now=NOW)
        teams.enter_loop(member=member, at=NOW, by=world.manager, now=NOW)
        world.shift(member, 5, 9, inside=True)
        with pytest.raises(ShiftsInside):
            teams.leave_loop(member=member, by=world.manager, now=hours(2))
        assert LoopStay.objects.get().left_at is None


class TestRoster:
    ASKED = RosterAsked(date(2022, 7, 11), 3, 8, 2, 8, 2, inside=False)

    def test_proposes_what_the_rules_accept_and_shares_it_out(self, world):
        team = world.team(people=6)
        roster = teams.proposal(team=team, asked=self.ASKED, as_of=NOW)
        assert roster.lacking == 0
        wanted = [ShiftEntry(key, one.hours) for one in roster.shifts for key in one.crew]
        made = teams.confirm_shifts(team=team, shifts=wanted, by=world.manager, now=NOW)
        assert len(made) == 12
        assert {team.shifts.filter(member=one).count() for one in team.members.all()} == {2}

    def test_leaves_out_who_cannot(self, world):
        team = world.team(people=2)
        away = member_of(team)
        teams.record_absence(
            member=away,
            reason=AbsenceReason.LEAVE,
            starts_at=hours(0),
            ends_at=hours(24 * 9),
            by=world.manager,
            now=NOW,
        )
        roster = teams.proposal(team=team, asked=self.ASKED, as_of=NOW)
        assert away.pk not in {key for one in roster.shifts for key in one.crew}
        assert roster.lacking > 0

    def test_for_inside_asks_only_who_is_in_the_loop(self, world):
        team = world.team("隔离一队", "isolation", people=3)
        member = member_of(team)
        teams.enter_loop(member=member, at=hours(0), by=world.manager, now=NOW)
        inside = RosterAsked(date(2022, 7, 11), 1, 8, 1, 8, 3, inside=True)
        [shift] = teams.proposal(team=team, asked=inside, as_of=NOW).shifts
        assert (shift.crew, shift.lacking) == ((member.pk,), 2)

    def test_of_impossible_hours_is_refused(self, world):
        with pytest.raises(RosterUnreadable, match="12 hours"):
            teams.proposal(
                team=world.team(), asked=RosterAsked(date(2022, 7, 11), 1, 8, 1, 13, 1, inside=False), as_of=NOW
            )


class TestImport:
    ROWS = (
        {"team": "采样一队", "kind": "核酸采样队", "area_code": COUNTY, "lead": "刘", "number": "A1", "name": "甲",
         "skills": "核酸采样、driving"},
        {"team": "采样一队", "kind": "sampling", "area_code": COUNTY, "lead": "刘", "number": "A2", "name": "乙"},
        {"team": "隔离一队", "kind": "isolation", "area_code": COUNTY},
    )  # fmt: skip

    def test_brings_teams_and_people_and_a_second_time_nothing(self, world):
        taken = teams.take_teams(rows=self.ROWS, source="list", by=world.manager, now=NOW)
        assert (taken.teams, taken.members, taken.known) == (2, 2, 0)
        assert TeamMember.objects.get(number="A1").skills == [Skill.SWABBING, Skill.DRIVING]
        assert Team.objects.get(name="隔离一队").in_closed_loop
        again = teams.take_teams(rows=self.ROWS, source="list", by=world.manager, now=hours(1))
        assert (again.teams, again.members, again.known) == (0, 0, 2)
        assert (Team.objects.count(), TeamMember.objects.count()) == (2, 2)

    def test_can_be_rehearsed(self, world):
        taken = teams.take_teams(rows=self.ROWS, source="list", by=world.manager, now=NOW, dry_run=True)
        assert (taken.teams, taken.members) == (2, 2)
        assert not Team.objects.exists()

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"team": ""}, "team"),
            ({"kind": "消防队"}, "kind"),
            ({"area_code": NEXT}, "area_code"),
            ({"area_code": "130199"}, "area_code"),
            ({"skills": "swabbing, flying"}, "skills"),
            ({"in_closed_loop": "maybe"}, "in_closed_loop"),
            ({"username": "nobody"}, "username"),
            ({"phone": "1" * 41}, "phone"),
            ({"number": ""}, "number"),
            ({"number": "A2"}, "number"),
            ({"lead": "王"}, "lead"),
        ],
    )
    def test_tells_each_faulty_cell_and_keeps_nothing(self, world, changed, field):
        rows = [dict(self.ROWS[0]) | changed, *self.ROWS[1:]]
        with pytest.raises(teams.TeamsRefused) as refused:
            teams.take_teams(rows=rows, source="list", by=world.manager, now=NOW)
        assert field in {error["field"] for error in refused.value.facts["errors"]}
        assert not Team.objects.exists()

    def test_refuses_who_is_in_another_team(self, world):
        known = member_of(world.team())
        rows = [dict(self.ROWS[0]) | {"number": known.number}]
        with pytest.raises(teams.TeamsRefused, match="流调一队"):
            teams.take_teams(rows=rows, source="list", by=world.manager, now=NOW)


class TestKinds:
    def test_are_adopted_by_the_authority_for_its_own_area(self, world):
        commander = factories.account(role=Role.COMMANDER, area_code="13")
        text = as_list("13")
        teams.adopt_kinds(text=text, by=commander, now=NOW)
        teams.adopt_kinds(text=text, by=commander, now=hours(1))
        assert TeamKindList.objects.count() == 1
        assert list(teams.in_force(COUNTY, NOW).kinds) == ["search"]
        assert len(teams.in_force(COUNTY, NOW - timedelta(seconds=1)).kinds) == 8

    def test_are_refused_elsewhere_with_faults_or_while_used(self, world):
        commander = factories.account(role=Role.COMMANDER, area_code="13")
        with pytest.raises(KindListElsewhere):
            teams.adopt_kinds(text=as_list("41"), by=commander, now=NOW)
        with pytest.raises(KindListFaulty, match="members: must be from 1"):
            teams.adopt_kinds(text=as_list("13", members=0), by=commander, now=NOW)
        with pytest.raises(NotAllowed):
            teams.adopt_kinds(text=as_list("13"), by=world.manager, now=NOW)
        world.team()
        with pytest.raises(KindStillUsed, match="investigation"):
            teams.adopt_kinds(text=as_list("13"), by=commander, now=NOW)
