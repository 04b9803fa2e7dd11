"""A directive asked of teams: the leader receives it by name, the team is called out, the office above accepts."""

from datetime import timedelta

import pytest

from sizao.records.models import CallAnswer, Task, TeamCall
from sizao.response import tasks
from sizao.response.tasks import directives, teams
from sizao.response.tasks.directives import issuing, to_teams
from sizao.response.tasks.directives.recipients import NobodyConcerned, Recipients
from sizao.response.tasks.teams.members import MemberEntry
from sizao.terms import AreaLevel, CallKind, PartState, Role, TaskKind
from tests import factories
from tests.response.teams_world import COUNTY, NEXT, NOW, TeamsWorld

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def world(db):
    return TeamsWorld()


@pytest.fixture
def leader(db):
    return factories.account(role=Role.INVESTIGATOR, area_code=COUNTY)


@pytest.fixture
def team(world, leader):
    made = world.team()
    entry = MemberEntry("S9000", "刘队长", "13900000000", account=leader)
    teams.add_member(team=made, entry=entry, by=world.manager, now=NOW)
    return made


class TestIssuing:
    def test_gives_the_team_a_part_that_bears_its_leaders_name_and_calls_it(self, world, team):
        made = issued(world.manager, team)
        part = made.parts.get()
        assert (part.team, part.area_code, part.above, part.answers_for) == (team, COUNTY, COUNTY, "刘队长")
        call = TeamCall.objects.get()
        assert (call.directive, call.kind, call.answers.get().team) == (made, CallKind.REAL, team)
        assert call.reason.startswith(made.number)

    def test_stands_under_the_office_that_is_asked_too(self, world, team):
        made = issued(world.city, team, areas=[COUNTY], levels=[AreaLevel.COUNTY])
        office, asked = made.parts.get(team=None), made.parts.get(team=team)
        assert (asked.parent, asked.above) == (office, COUNTY)
        assert list(directives.below_open(office)) == [asked]

    def test_of_a_lent_team_is_asked_where_it_works(self, world, team):
        entry = teams.LoanEntry(NEXT, NOW, NOW + timedelta(days=3), "藁城王主任", "裕华李主任")
        teams.lend(team=team, entry=entry, by=world.city, now=NOW)
        with pytest.raises(to_teams.TeamNotThere):
            issued(world.manager, team)
        assert issued(world.neighbour, team).parts.get().area_code == NEXT
        assert CallAnswer.objects.get().area_code == NEXT

    def test_asks_nobody_without_areas_and_teams(self, world):
        with pytest.raises(NobodyConcerned):
            directives.issue(
                order=order(), to=Recipients([], []), outbreak=None, source_key="none", by=world.manager, now=NOW
            )

    def test_on_gives_a_team_its_part_once(self, world, team):
        made = issued(world.city, areas=[COUNTY], levels=[AreaLevel.COUNTY])
        part = made.parts.get()
        directives.receive(part=part, answers_for="王主任", by=world.manager, now=NOW, source_key="r1")
        to = Recipients([], [], teams=[team])
        assert directives.reissue(part=part, to=to, by=world.manager, now=LATER) == 1
        assert directives.reissue(part=part, to=to, by=world.manager, now=LATER) == 0
        assert TeamCall.objects.count() == 1


class TestTheLeader:
    def test_is_asked_receives_and_closes_and_the_office_accepts(self, world, team, leader):
        part = issued(world.manager, team).parts.get()
        tasks.advance_standing(now=NOW)
        task = Task.objects.get(kind=TaskKind.RECEIVE_DIRECTIVE)
        assert (task.assigned_to, task.area_code) == (leader, COUNTY)
        assert list(directives.waiting_for(leader, outbreaks=[], as_of=NOW)) == [part]
        directives.receive(part=part, answers_for="", by=leader, now=LATER, source_key="r1")
        told = directives.Told(text="已到位", n_done=1, n_total=1, checks=[0])
        done = directives.close(part=part, told=told, signed_as="刘队长", by=leader, now=LATER, source_key="c1")
        assert (done.state, done.answers_for) == (PartState.CLOSED, "刘队长")
        accepted = directives.accept(part=part, by=world.manager, now=LATER, source_key="a1")
        assert accepted.state == PartState.ACCEPTED

    def test_of_others_does_not_see_it(self, world, team):
        issued(world.manager, team)
        stranger = factories.account(role=Role.INVESTIGATOR, area_code=COUNTY)
        assert not directives.waiting_for(stranger, outbreaks=[], as_of=NOW).exists()

    def test_without_an_account_leaves_the_task_to_the_office(self, world):
        issued(world.manager, world.team("流调二队"))
        tasks.advance_standing(now=NOW)
        task = Task.objects.get(kind=TaskKind.RECEIVE_DIRECTIVE)
        assert (task.assigned_to, task.role) == (None, Role.DUTY_OFFICER)


def order():
    return issuing.Order(
        title="现场流调", text="对聚集疫情开展现场流调", reason="聚集疫情", due_at=NOW + timedelta(hours=8),
        items=["到位"], counts="",
    )  # fmt: skip


def issued(by, *asked, areas=(), levels=()):
    to = Recipients(areas, levels, teams=asked)
    return directives.issue(order=order(), to=to, outbreak=None, source_key=f"test:{by.pk}", by=by, now=NOW)
