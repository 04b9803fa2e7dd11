"""The pages of teams: readiness, a team, its roster, my shifts, calls, lending, kinds; with and without an outbreak."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from sizao.records.models import CallAnswer, Team, TeamKindList, TeamLoan, TeamMember, TeamShift
from sizao.response.tasks import teams
from sizao.response.tasks.teams import members
from sizao.terms import Role
from tests import factories
from tests.protocol.test_team_kinds import as_list
from tests.response.teams_world import CITY, COUNTY, NEXT, NOW, TeamsWorld
from tests.response.teams_world import hours as hours_from_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_tenth_of_july(monkeypatch):
    """Let requests arrive when the world of these tests stands."""

    class Clock:
        @staticmethod
        def now(_):
            return NOW

    monkeypatch.setattr("sizao.web.clock.datetime", Clock)


@pytest.fixture
def world(db):
    return TeamsWorld()


@pytest.fixture
def enter():
    def sign_in(account):
        client = Client(headers={"accept-language": "en"})
        client.force_login(account)
        return client

    return sign_in


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def at(hours):
    """Write a moment some hours from now as a form gives it, in the time of the place."""
    return f"{timezone.localtime(hours_from_now(hours)):%Y-%m-%dT%H:%M}"


def act(client, team, **given):
    return text(client.post(f"/teams/{team.pk}/act/", given, follow=True))


class TestReadiness:
    def test_says_first_which_county_falls_short_though_there_is_no_outbreak(self, world, enter):
        world.team()
        page = text(enter(world.city).get("/teams/"))
        assert "<b>2</b> of 2 counties fall short" in page
        assert "standard unverified" in page
        assert page.index("藁城区") < page.index("裕华区")

    def test_names_the_worst_counties_first_and_the_others_behind_a_link(self, world, enter, monkeypatch):
        monkeypatch.setattr("sizao.web.teams.FIRST_COUNTIES", 1)
        world.team()
        client = enter(world.city)
        first = text(client.get("/teams/"))
        rows = re.compile(r'data-label="County"><a href="[^"]*area=(\d+)"')
        assert ("<b>2</b> of 2 counties fall short" in first, rows.findall(first)) == (True, [COUNTY])
        link = re.search(r'href="([^"]+list=all)"', first)[1]
        assert rows.findall(text(client.get(unescape(link)))) == [COUNTY, NEXT]

    def test_of_a_county_shows_its_kinds_and_teams(self, world, enter):
        team = world.team()
        page = text(enter(world.manager).get("/teams/"))
        assert "Investigation and tracing" in page
        assert f'href="/teams/{team.pk}/"' in page
        assert "1 / 1" in page

    def test_is_narrowed_to_a_county_of_ones_own(self, world, enter):
        assert "裕华区" in text(enter(world.city).get(f"/teams/?area={NEXT}"))
        assert enter(world.manager).get(f"/teams/?area={NEXT}").status_code == 404

    def test_shows_the_chosen_day_where_there_is_an_outbreak(self, world, enter):
        factories.outbreak(slug="here", last_date=factories.NOW.date())
        world.team()
        page = text(enter(world.manager).get("/teams/?outbreak=here&day=2021-01-10"))
        assert "No team is registered here yet" in page

    def test_of_a_village_names_no_standard_since_only_a_county_has_one(self, world, enter):
        world.team(area_code=factories.area().code)
        page = text(enter(factories.account(role=Role.GRID_WORKER, area_code=factories.VILLAGE)).get("/teams/"))
        assert "流调一队" in page
        assert "of 0 teams lack" not in page
        assert "No team lacks" in page


class TestOneTeam:
    def test_shows_phones_to_whoever_manages_it_and_not_to_others(self, world, enter):
        team = world.team()
        assert 'href="tel:13900000000"' in text(enter(world.manager).get(f"/teams/{team.pk}/"))
        other = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        page = text(enter(other).get(f"/teams/{team.pk}/"))
        assert "tel:" not in page
        assert "队员1" not in page
        assert enter(world.neighbour).get(f"/teams/{team.pk}/").status_code == 404

    def test_takes_members_shifts_absences_and_the_loop(self, world, enter):
        team, client = world.team(people=1), enter(world.manager)
        [member] = team.members.all()
        assert "Done in your name" in act(client, team, act="add", number="Z9", name="张", skills=["driving"])
        assert TeamMember.objects.get(number="Z9").skills == ["driving"]
        act(client, team, act="shift", member=member.pk, starts=at(1), ends=at(5), place="方舱")
        shift = TeamShift.objects.get()
        assert shift.place == "方舱"
        assert "at the same time as another shift" in act(
            client, team, act="shift", member=member.pk, starts=at(2), ends=at(6)
        )
        assert "Done in your name" in act(client, team, act="come", shift=shift.pk)
        assert "Done in your name" in act(client, team, act="go", shift=shift.pk)
        act(client, team, act="absent", member=member.pk, reason="sick", starts=at(24), ends=at(48))
        assert member.absences.get().reason == "sick"
        act(client, team, act="enter_loop", member=member.pk)
        assert member.loop_stays.get().left_at is None
        act(client, team, act="leave_loop", member=member.pk)
        assert member.loop_stays.get().apart_until is not None

    @pytest.mark.parametrize(
        "given",
        [{}, {"act": "remove"}, {"act": "remove", "member": "x"}, {"act": "cancel", "shift": "1"},
         {"act": "absent", "reason": "?"}, {"act": "add", "number": "Z1", "username": "nobody"}],
    )  # fmt: skip
    def test_says_what_is_missing(self, world, enter, given):
        page = act(enter(world.manager), world.team(people=1), **given)
        assert 'class="warning"' in page

    def test_refuses_a_time_that_is_none(self, world, enter):
        team = world.team(people=1)
        page = act(enter(world.manager), team, act="shift", member=team.members.get().pk, starts="soon", ends="")
        assert "is no time" in page


class TestRoster:
    def test_proposes_and_is_confirmed_as_it_was_changed(self, world, enter):
        team, client = world.team(people=3), enter(world.manager)
        page = text(client.get(f"/teams/{team.pk}/roster/?days=1&people=2&hours=8"))
        assert page.count('<select name="member-0"') == 2
        hours = page.split('name="hours" value="')[1].split('"')[0]
        chosen = [one.pk for one in members.of_team(team, NOW)][1:]
        given = {"hours": hours, "member-0": chosen, "place": "区医院"}
        assert "2 shifts are entered" in text(client.post(f"/teams/{team.pk}/roster/", given, follow=True))
        assert set(TeamShift.objects.values_list("member", flat=True)) == set(chosen)
        assert "at the same time" in text(client.post(f"/teams/{team.pk}/roster/", given))

    def test_of_impossible_hours_is_refused_with_a_reason(self, world, enter):
        team = world.team()
        assert "A roster runs over" in text(enter(world.manager).get(f"/teams/{team.pk}/roster/?days=99"))


class TestMine:
    def test_lets_somebody_report_with_one_button(self, world, enter):
        account = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        team = world.team(people=0)
        teams.add_member(team=team, entry=world.person(account=account), by=world.manager, now=NOW)
        act(enter(world.manager), team, act="shift", member=team.members.get().pk, starts=at(1), ends=at(5))
        client, shift = enter(account), TeamShift.objects.get()
        assert "I am here" in text(client.get("/teams/mine/"))
        page = text(client.post("/teams/mine/act/", {"act": "come", "shift": shift.pk}, follow=True))
        assert "I go now" in page
        client.post("/teams/mine/act/", {"act": "go", "shift": shift.pk})
        shift.refresh_from_db()
        assert shift.went_at is not None

    def test_shows_calls_until_the_team_is_ready(self, world, enter):
        account = factories.account(role=Role.SAMPLER, area_code=COUNTY)
        team = world.team(people=0)
        teams.add_member(team=team, entry=world.person(account=account), by=world.manager, now=NOW)
        given = {"act": "call", "kind": "drill", "reason": "区疾控集合", "area": COUNTY}
        assert "are called in your name" in text(enter(world.manager).post("/teams/calls/", given, follow=True))
        client, answer = enter(account), CallAnswer.objects.get()
        assert "区疾控集合" in text(client.get("/teams/mine/"))
        page = text(client.post("/teams/mine/act/", {"act": "ready", "call": answer.pk, "people": "3"}, follow=True))
        assert "区疾控集合" not in page
        assert "<b>1</b> are ready" in text(enter(world.manager).get("/teams/calls/"))

    def test_of_somebody_in_no_team_says_whom_to_ask(self, enter):
        assert "in no team" in text(enter(factories.account(role=Role.SAMPLER)).get("/teams/mine/"))


class TestLending:
    def test_offers_lends_and_recalls(self, world, enter):
        for number in range(6):
            world.team(f"队{number}", area_code=NEXT)
        client = enter(world.city)
        asked = f"/teams/lending/?to={COUNTY}&kind=investigation"
        assert "队0" in text(client.get(asked))
        team = Team.objects.get(name="队0")
        given = {"act": "lend", "team": team.pk, "to": COUNTY, "ends": at(48), "agreed_from": "王", "agreed_to": "李"}
        assert "both sides see it" in text(client.post("/teams/lending/lend/", given, follow=True))
        assert "王 → 李" in text(enter(world.manager).get("/teams/lending/"))
        loan = TeamLoan.objects.get()
        text(client.post(f"/teams/team-loans/{loan.pk}/recall/", {"act": "recall", "reason": "需用"}, follow=True))
        loan.refresh_from_db()
        assert loan.recall_reason == "需用"

    def test_is_not_for_the_other_side_to_recall(self, world, enter):
        team, moment = world.team(), NOW
        entry = teams.LoanEntry(NEXT, moment, moment + timedelta(days=1), "王", "李")
        loan = teams.lend(team=team, entry=entry, by=world.city, now=moment)
        assert enter(world.neighbour).post(f"/teams/team-loans/{loan.pk}/recall/").status_code == 404


class TestRegister:
    LIST = "队伍名称,队伍类型,区划代码,工号,姓名\n采样一队,核酸采样队,130109,A1,甲\n采样一队,核酸采样队,130109,A2,乙\n"

    def send(self, client, content, **more):
        file = io.BytesIO(content.encode())
        file.name = "teams.csv"
        return text(client.post("/teams/register/", {"from": "file", "teams": file, **more}, follow=True))

    def test_takes_a_list_twice_without_harm_and_rehearses_it(self, world, enter):
        client = enter(world.manager)
        assert "The file is right: 1 new teams, 2 new members" in self.send(client, self.LIST, dry_run="1")
        assert not Team.objects.exists()
        assert "Taken in: 1 new teams, 2 new members" in self.send(client, self.LIST)
        assert "0 new teams, 0 new members; 2 were known" in self.send(client, self.LIST)

    def test_tells_the_faulty_cell(self, world, enter):
        page = self.send(enter(world.manager), self.LIST.replace("A2", "A1"))
        assert "To be corrected" in page
        assert '<td class="number" data-label="Line">3</td>' in page

    def test_by_hand_leads_to_the_team(self, world, enter):
        given = {"name": "消杀队", "kind": "disinfection", "area_code": COUNTY, "lead": "赵"}
        assert "消杀队" in text(enter(world.manager).post("/teams/register/", given, follow=True))
        assert "registered in this area already" in text(enter(world.manager).post("/teams/register/", given))


class TestKinds:
    def test_say_that_they_are_unverified_and_can_be_replaced(self, world, enter):
        client = enter(world.city)
        page = text(client.get("/teams/kinds/"))
        assert "no national text gives these numbers" in page
        assert page.count('class="tag unverified"') == 8
        assert "must be from 1 to 500" in text(client.post("/teams/kinds/", {"list": as_list(CITY, members=0)}))
        page = text(client.post("/teams/kinds/", {"list": as_list(CITY).replace("\n", "\r\n")}, follow=True))
        assert "搜排队" in page or "Search" in page
        assert TeamKindList.objects.get().adopted_by == world.city
