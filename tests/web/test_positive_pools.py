"""Positive pools on screen: decided, printed, followed to the doors; and what people read of their own result."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from sizao.records.models import Event, PoolHold, PoolMember, ResultCode, RosterEntry
from sizao.response import tasks
from sizao.response.testing import holds, result_codes
from sizao.terms import HoldState, OutbreakKind, Role, TaskKind
from tests.response.pools_world import LATER, LAW, NEGATIVE, Pools
from tests.response.testing_world import COUNTY, ELSEWHERE, OTHER_VILLAGE, VILLAGE, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return Pools(kind=OutbreakKind.REPLAY)


@pytest.fixture
def pool(world):
    return world.positive_pool(1, 2, 3)[1]


def at(world, path, day="2021-02-20", **asked):
    more = "".join(f"&{key}={value}" for key, value in asked.items())
    return f"/testing/{path}?outbreak={world.outbreak.slug}&day={day}{more}"


def shown(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def end_of_day():
    return timezone.make_aware(datetime.combine(date(2021, 2, 21), time())) - timedelta(microseconds=1)


class TestQueue:
    def test_puts_what_waits_for_a_decision_first(self, world, pool, client_of):
        world.order(pool)
        other = world.positive_pool(4, 5)[1]
        page = shown(client_of(Role.DUTY_OFFICER, COUNTY).get(at(world, f"{world.round.pk}/pools/")))
        assert "<b>1</b> positive pool waits for a decision" in page
        assert page.index(other.tube) < page.index(pool.tube)
        assert "3 members · 3 not settled · 0 swabbed singly" in page

    def test_names_nobody(self, world, pool, client_of):
        page = shown(client_of(Role.DUTY_OFFICER, COUNTY).get(at(world, f"{world.round.pk}/pools/")))
        assert "王1" not in page

    def test_says_when_nothing_is_positive(self, world, client_of):
        page = shown(client_of(Role.REPORTER, COUNTY).get(at(world, f"{world.round.pk}/pools/")))
        assert "No pool is positive on this day." in page

    def test_is_as_it_was_known_on_a_day(self, world, client_of):
        code = world.pool(1, 2)
        world.release("positive", code, now=LATER + timedelta(days=2))
        reporter = client_of(Role.REPORTER, COUNTY)
        assert "No pool is positive" in shown(reporter.get(at(world, f"{world.round.pk}/pools/")))
        page = shown(reporter.get(at(world, f"{world.round.pk}/pools/", day="2021-02-22")))
        assert "<b>1</b> positive pool waits" in page


class TestOne:
    def test_is_ordered_in_one_s_own_name(self, world, pool, client_of):
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        asked = shown(officer.get(at(world, f"pools/{pool.pk}/")))
        assert "Order in my name" in asked
        assert "hold its members singly" in asked
        assert [raw for raw in ("hold_members", "edition-7") if raw in asked] == []
        form = {"decision": "order", "legal_basis": LAW, "expires_at": "2021-02-21T12:00"}
        page = shown(officer.post(at(world, f"pools/{pool.pk}/decide/"), form, follow=True))
        assert "Ordered in your name until 2021-02-21 12:00" in page
        assert LAW in page
        hold = PoolHold.objects.get()
        assert (hold.state, hold.ordered_at) == (HoldState.ORDERED, end_of_day())

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"decision": "order", "expires_at": "2021-02-21T12:00"}, "Name the law and article"),
            ({"decision": "order", "legal_basis": LAW, "expires_at": "soon"}, "Give the last moment of the hold"),
            ({"decision": "order", "legal_basis": LAW, "expires_at": "2021-03-21T12:00"}, "A hold ordered now ends"),
            ({"decision": "decline", "reason": " "}, "Give the reason in a few words"),
        ],
    )
    def test_says_what_is_missing(self, world, pool, client_of, form, said):
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        assert said in shown(officer.post(at(world, f"pools/{pool.pk}/decide/"), form, follow=True))
        assert PoolHold.objects.get().state == HoldState.PROPOSED

    def test_knows_no_other_decision(self, world, pool, client_of):
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        assert officer.post(at(world, f"pools/{pool.pk}/decide/"), {"decision": "x"}).status_code == 400

    def test_is_declined_and_a_member_may_object(self, world, pool, client_of):
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        other = world.positive_pool(4, 5)[1]
        form = {"decision": "decline", "reason": "复核阴性"}
        assert "Declined: tube" in shown(officer.post(at(world, f"pools/{other.pk}/decide/"), form, follow=True))
        holds.order(hold=pool, legal_basis=LAW, expires_at=end_of_day(), by=world.officer, now=LATER)
        member = PoolMember.objects.get(hold=pool, entry=1)
        page = shown(officer.get(at(world, f"pools/{pool.pk}/")))
        assert f"about=hold&amp;subject={member.pk}" in page

    def test_shows_each_worker_the_doors_of_their_village(self, world, pool, client_of):
        page = shown(client_of(Role.GRID_WORKER, VILLAGE).get(at(world, f"pools/{pool.pk}/")))
        assert "王1" in page
        assert "王3" not in page
        assert "Order in my name" not in page
        line = Event.objects.get(verb="pool.read")
        assert line.facts["people"] == 2

    def test_shows_who_only_counts_no_names(self, world, pool, client_of):
        assert "王1" not in shown(client_of(Role.REPORTER, COUNTY).get(at(world, f"pools/{pool.pk}/")))

    def test_is_where_its_tasks_lead(self, world, pool, client_of):
        tasks.advance(outbreak=world.outbreak, now=LATER)
        task = world.outbreak.tasks.get(kind=TaskKind.DECIDE_HOLD)
        officer = client_of(Role.DUTY_OFFICER, COUNTY)
        answer = officer.get(f"/tasks/{task.pk}/?outbreak={world.outbreak.slug}&day=2021-02-20")
        # The hold reaches over two villages, so it is the street's, which the county holds.
        assert answer["Location"].startswith(f"/testing/pools/{pool.pk}/")

    @pytest.mark.parametrize("part", ["", "notices/", "near/"])
    def test_is_nowhere_for_who_is_elsewhere(self, world, pool, client_of, part):
        role = Role.INVESTIGATOR if part == "near/" else Role.DUTY_OFFICER
        assert client_of(role, ELSEWHERE).get(at(world, f"pools/{pool.pk}/{part}")).status_code == 404

    @pytest.mark.parametrize(
        ("role", "part"),
        [(Role.TESTING_COORDINATOR, "decide/"), (Role.REPORTER, "notices/"), (Role.GRID_WORKER, "near/")],
    )
    def test_is_refused_to_who_may_not(self, world, pool, client_of, role, part):
        who = client_of(role, COUNTY)
        ask = who.post if part == "decide/" else who.get
        assert ask(at(world, f"pools/{pool.pk}/{part}"), {"decision": "order"}).status_code == 403
        assert PoolHold.objects.get().state == HoldState.PROPOSED


class TestNotices:
    def test_are_printed_in_either_language(self, world, pool, client_of):
        world.order(pool)
        worker = client_of(Role.GRID_WORKER, VILLAGE)
        chinese = shown(worker.get(at(world, f"pools/{pool.pk}/notices/", language="zh")))
        assert chinese.count('<article class="notice"') == 2
        assert "不是您本人的结果" in chinese
        english = shown(worker.get(at(world, f"pools/{pool.pk}/notices/", language="en")))
        assert "This is the result of the tube, not yours" in english
        assert LAW in english
        assert "1 more are served where they live" in english

    def test_are_of_holds_that_were_ordered(self, world, pool, client_of):
        page = shown(client_of(Role.GRID_WORKER, VILLAGE).get(at(world, f"pools/{pool.pk}/notices/")))
        assert "there is nothing to serve" in page


class TestNear:
    def test_is_prepared_and_not_ordered(self, world, pool, client_of):
        RosterEntry.objects.filter(round=world.round, number__in=(1, 4)).update(household="7")
        page = shown(client_of(Role.INVESTIGATOR, COUNTY).get(at(world, f"pools/{pool.pk}/near/")))
        assert "Prepared, not ordered" in page
        assert "王4" in page
        assert "The tube names no site" in page


class TestOwnResult:
    @pytest.fixture(autouse=True)
    def fresh_rates(self):
        cache.clear()

    @pytest.fixture
    def anyone(self):
        return Client(headers={"accept-language": "en"})

    @pytest.fixture
    def code(self, world, client_of):
        def make(entry):
            sampler = client_of(Role.SAMPLER, COUNTY)
            page = shown(sampler.post(at(world, f"{world.round.pk}/codes/"), {"who": str(entry)}))
            return re.search(r'class="big-code">([A-Z0-9 ]+)<', page)[1]

        return make

    def read(self, anyone, code):
        return shown(anyone.post("/result/", {"code": code}))

    def test_of_a_positive_pool_is_to_come_for_a_single_test(self, world, pool, anyone, code):
        page = self.read(anyone, code(1))
        assert "Come for a single test" in page
        assert "That is not your result" in page
        assert "own-told told-come_back" in page
        assert "王" not in page
        assert pool.tube not in page

    def test_is_told_when_it_is_there(self, world, anyone, code):
        tube = world.pool(1, 2)
        mine = code(1)
        assert "Your tube is still at the site" in self.read(anyone, mine)
        world.release(NEGATIVE, tube)
        assert "told-negative" in self.read(anyone, mine)

    def test_is_read_in_chinese(self, world, pool, code):
        page = shown(Client(headers={"accept-language": "zh-hans"}).post("/result/", {"code": code(1)}))
        assert "请单采复核" in page

    def test_is_not_told_under_a_wrong_code(self, world, pool, anyone):
        answer = anyone.post("/result/", {"code": "ABCDEFGHJK"})
        assert answer.status_code == 409
        assert "This code leads to no result" in answer.content.decode()

    def test_is_asked_for_with_id_number_and_phone(self, world, pool, anyone):
        RosterEntry.objects.filter(round=world.round).update(phone="13800006789")
        asked = {"what": "ask", "id_number": id_number(1), "phone": "6789"}
        made = re.search(r'class="big-code">([A-Z0-9 ]+)<', shown(anyone.post("/result/", asked)))[1]
        assert "Come for a single test" in self.read(anyone, made)
        assert ResultCode.objects.get().made_by == result_codes.BY_THEMSELVES

    def test_is_not_asked_for_often(self, world, pool, anyone):
        asked = {"what": "ask", "id_number": id_number(1), "phone": "0000"}
        statuses = [anyone.post("/result/", asked).status_code for _ in range(7)]
        assert statuses[:5] == [409] * 5
        assert statuses[-1] == 429

    def test_is_not_guessed(self, world, pool, anyone):
        statuses = {anyone.post("/result/", {"code": f"ABCDEFGH{n:02}"}).status_code for n in range(30)}
        assert statuses == {409, 429}

    def test_page_is_kept_by_nobody(self, anyone):
        answer = anyone.get("/result/")
        assert "no-store" in answer["Cache-Control"]
        assert "With a code" in shown(answer)

    def test_code_is_made_for_people_of_one_s_area(self, world, pool, client_of):
        worker = client_of(Role.GRID_WORKER, OTHER_VILLAGE)
        page = shown(worker.post(at(world, f"{world.round.pk}/codes/"), {"who": "1"}))
        assert "in your jurisdiction" in page
        assert not ResultCode.objects.exists()
