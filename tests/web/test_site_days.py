"""The pages of the days inside a site: the round, the sheet, who leaves, a positive next door, staff, coming home."""

import json
from datetime import date

import pytest

from sizao.records.models import (
    CommunityHandOver,
    EnvironmentSample,
    Event,
    IsolationOrder,
    Observation,
    SiteExposure,
    SiteRelease,
    SiteStaff,
)
from sizao.response import signals
from sizao.response.isolation import days
from sizao.terms import OutbreakKind, Role, TestResult
from tests import factories
from tests.response.days_world import COUNTY, ELSEWHERE, NOW, World

pytestmark = pytest.mark.django_db
DAY = date(2022, 9, 10)


@pytest.fixture
def world(noise):
    made = World(kind=OutbreakKind.REPLAY)  # in which a screen of a past day acts at the end of that day
    made.outbreak.last_date = DAY
    made.outbreak.save()
    return made


@pytest.fixture
def worker(client_of):
    return client_of(Role.SITE_WORKER, COUNTY)


@pytest.fixture
def coordinator(client_of):
    return client_of(Role.ISOLATION_COORDINATOR, COUNTY)


def at(path, **asked):
    more = "".join(f"&{key}={value}" for key, value in asked.items())
    return f"/site/{path}?outbreak=here&day={DAY}{more}"


def shown(answer):
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def send(client, world, *looks):
    body = {"sent_at": NOW.isoformat(), "looks": list(looks)}
    return client.post(
        at(f"{world.site.pk}/day/"), json.dumps(body), content_type="application/json",
        headers={"accept": "application/json"},
    )  # fmt: skip


def look(person, key="a", **more):
    return {"key": key, "person": person.number, "at": NOW.isoformat(), "session": "morning", "seen": "seen",
            "temperature": 36.5, "symptoms": []} | more  # fmt: skip


class TestTheRound:
    def test_lists_sites_with_who_is_left_to_see(self, world, worker):
        page = shown(worker.get(at("")))
        assert "瑞景酒店" in page
        assert "4 of 4 left to see" in page

    def test_holds_everybody_and_the_reading_is_journalled(self, world, worker):
        page = shown(worker.get(at(f"{world.site.pk}/day/")))
        assert all(person.number in page for person in world.people)
        assert Event.objects.filter(verb="site.round_read").count() == 1
        assert "unverified" in page

    def test_takes_an_outbox_and_tells_of_each_entry(self, world, worker):
        answer = send(
            worker, world, look(world.people[0]), look(world.people[1], "b", temperature=365),
            look(world.people[2], "c", temperature=38.5),
        ).json()  # fmt: skip
        assert [one["answer"] for one in answer["looks"]] == ["kept", "refused", "kept"]
        assert "30 to 45" in answer["looks"][1]["why"]
        assert answer["looks"][2]["reported"] == ["fever"]
        again = send(worker, world, look(world.people[0])).json()
        assert again["looks"][0]["answer"] == "again"
        assert Observation.objects.count() == 2

    @pytest.mark.parametrize("spoilt", [{"session": "night"}, {"temperature": "hot"}, {"at": "noon"}, {"symptoms": 3}])
    def test_says_what_it_cannot_read_and_keeps_nothing(self, world, worker, spoilt):
        answer = send(worker, world, look(world.people[0], **spoilt))
        assert answer.status_code == 400
        assert "keeps what it holds" in answer.json()["message"]
        assert not Observation.objects.exists()

    def test_has_a_worker_that_keeps_it(self, world, worker):
        script = worker.get("/site/worker.js").content.decode()
        assert "/static/web/site-day.js" in script
        assert "site" in script

    def test_is_not_shown_elsewhere(self, world, client_of):
        assert client_of(Role.SITE_WORKER, ELSEWHERE).get(at(f"{world.site.pk}/day/")).status_code == 404


class TestTheSheet:
    def test_says_what_was_seen_and_who_is_due(self, world, worker, coordinator):
        send(worker, world, look(world.people[0], temperature=38.5, symptoms=["dry_cough"], needs="热水"))
        page = shown(coordinator.get(at(f"{world.site.pk}/sheet/")))
        assert "38.5" in page
        assert "Dry cough" in page
        assert "热水" in page

    def test_settles_what_a_device_sent_with_a_wrong_clock(self, world, worker):
        send(worker, world, look(world.people[0]))
        Observation.objects.update(oddity="clock", counts=False)
        row = Observation.objects.get()
        assert "To be checked" in shown(worker.get(at(f"{world.site.pk}/sheet/")))
        worker.post(at(f"{world.site.pk}/sheet/"), {"observation": row.pk, "counts": "0"})
        row.refresh_from_db()
        assert row.settled_at is None  # no reason was given
        worker.post(at(f"{world.site.pk}/sheet/"), {"observation": row.pk, "counts": "1"})
        row.refresh_from_db()
        assert row.counts is True

    def test_is_a_workbook_for_who_manages_the_site(self, world, worker, coordinator):
        assert worker.get(at(f"{world.site.pk}/sheet/export/")).status_code == 403
        answer = coordinator.get(at(f"{world.site.pk}/sheet/export/"))
        assert answer["Content-Type"].endswith("sheet")
        assert b"".join(answer.streaming_content)[:2] == b"PK"
        assert Event.objects.filter(verb="people.exported").count() == 1


class TestLeaving:
    @pytest.fixture
    def order(self, world):
        order = world.people[0].isolation_orders.get()
        IsolationOrder.objects.filter(pk=order.pk).update(ends_date=date(2022, 9, 11), test_dates=[])
        order.refresh_from_db()
        return order

    def address(self, world):
        return at(f"{world.site.pk}/leaving/", ahead=1)

    def test_says_what_is_lacking(self, world, coordinator, order):
        page = shown(coordinator.get(self.address(world)))
        assert "Objects of the room were not swabbed" in page
        assert "holds nobody" in page

    def test_goes_from_swabs_of_objects_to_the_signature_and_home(self, world, coordinator, client_of, order):
        coordinator.post(self.address(world), {"act": "sample", "order": order.pk, "what": ["phone", "pillow"]})
        for sample in EnvironmentSample.objects.all():
            coordinator.post(self.address(world), {"act": "result", "sample": sample.pk, "positive": "0"})
        coordinator.post(self.address(world), {"act": "sign", "order": [order.pk], "signed_as": "李四"})
        assert SiteRelease.objects.get().lacks == []
        assert "李四" in shown(coordinator.get(self.address(world)))
        grid_worker = client_of(Role.GRID_WORKER, factories.VILLAGE)
        page = shown(grid_worker.get(at("hand-overs/")))
        told = CommunityHandOver.objects.get()
        assert world.people[0].number in page
        grid_worker.post(at("hand-overs/"), {"hand_over": told.pk})
        told.refresh_from_db()
        assert told.received_at is not None

    def test_refuses_in_a_sentence(self, world, coordinator, order):
        answer = coordinator.post(
            self.address(world), {"act": "sign", "order": [order.pk], "signed_as": "李四"}, follow=True
        )
        assert "Say why they may leave all the same" in shown(answer)
        assert not SiteRelease.objects.exists()

    def test_is_withdrawn(self, world, coordinator, order):
        coordinator.post(self.address(world), {"act": "sign", "order": [order.pk], "signed_as": "李四", "reason": "x"})
        coordinator.post(self.address(world), {"act": "withdraw", "order": [order.pk], "reason": "复测"})
        assert SiteRelease.objects.get().withdrawn_reason == "复测"


class TestNextDoor:
    @pytest.fixture
    def exposure(self, world):
        result = signals.Result(world.people[0], date(2022, 9, 9), "k", TestResult.POSITIVE, date(2022, 9, 9))
        signals.record_tests(outbreak=world.outbreak, results=[result], by=None, now=NOW)
        days.advance(outbreak=world.outbreak, now=NOW)
        return SiteExposure.objects.get()

    def test_is_judged_and_then_lengthened_one_by_one(self, world, coordinator, exposure):
        page = shown(coordinator.get(at(f"near/{exposure.pk}/")))
        assert "Opposite" in page
        assert "To be judged by" in page
        rooms = {f"room-{one['room']}": "1" for one in exposure.rooms}
        coordinator.post(at(f"near/{exposure.pk}/"), rooms | {"act": "judge", "decision": "共用排风"})
        page = shown(coordinator.get(at(f"near/{exposure.pk}/")))
        assert "Days that would begin anew" in page
        person = world.people[1]
        coordinator.post(at(f"near/{exposure.pk}/"), {"act": "lengthen", "person": person.number})
        assert person.isolation_orders.get().ends_date == date(2022, 9, 17)

    def test_says_which_room_is_not_judged(self, world, coordinator, exposure):
        answer = coordinator.post(at(f"near/{exposure.pk}/"), {"act": "judge", "decision": "x"}, follow=True)
        assert "is not judged yet" in shown(answer)

    def test_is_on_the_list_of_the_site(self, world, worker, exposure):
        assert "to be judged" in shown(worker.get(at(f"{world.site.pk}/near/")))

    def test_says_who_judged_by_name_and_office(self, world, client_of, exposure):
        mine = client_of(Role.ISOLATION_COORDINATOR, COUNTY, username="zhouh1987", display_name="周航")
        rooms = {f"room-{one['room']}": "0" for one in exposure.rooms}
        mine.post(at(f"near/{exposure.pk}/"), rooms | {"act": "judge", "decision": "无共用通风"})
        for path in (f"{world.site.pk}/near/", f"near/{exposure.pk}/"):
            page = shown(mine.get(at(path)))
            assert "周航 (Isolation coordinator, 藁城区)" in page
            assert "zhouh1987 20" not in page
        again = mine.post(at(f"near/{exposure.pk}/"), rooms | {"act": "judge", "decision": "x"}, follow=True)
        assert "周航 (Isolation coordinator, 藁城区) judged this on" in shown(again)


class TestStaff:
    def test_come_in_are_tested_and_leave(self, world, coordinator):
        address = at(f"{world.site.pk}/staff/")
        coordinator.post(address, {"act": "enter", "number": "S1", "duty": "消毒", "name": "赵某", "day": "2022-09-01"})
        who = SiteStaff.objects.get()
        refused = coordinator.post(address, {"act": "leave", "staff": who.pk, "day": "2022-09-10"}, follow=True)
        assert "has no negative test since" in shown(refused)
        coordinator.post(address, {"act": "test", "staff": who.pk, "result": "negative"})
        coordinator.post(address, {"act": "leave", "staff": who.pk, "day": "2022-09-10"})
        who.refresh_from_db()
        assert who.ends_date == DAY

    @pytest.mark.parametrize(
        "given", [{"act": "dance"}, {"act": "enter", "day": "soon"}, {"act": "test", "staff": "x"}]
    )
    def test_refuse_what_makes_no_sense(self, world, coordinator, given):
        answer = coordinator.post(at(f"{world.site.pk}/staff/"), given, follow=True)
        assert answer.status_code == 200
        assert not SiteStaff.objects.exists()
