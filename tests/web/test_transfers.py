"""The dispatcher's pages and the crew's: approve, plan, send, change, and what a phone tells."""

import io
import json

import pytest
from python_calamine import CalamineWorkbook

from sizao.records.models import (
    CrewShift,
    TransferLeg,
    TransferOddity,
    TransferPlan,
    TransferRequest,
    TransferTrip,
    TransferVehicle,
    TripAct,
)
from sizao.response import isolation, transport
from sizao.terms import OutbreakKind, StayKind, TransferKind, TransferState, TripActKind, TripState
from tests import factories
from tests.response.transport_world import COUNTY, TransportWorld, minutes

pytestmark = pytest.mark.django_db
DAY = "2022-07-10"


@pytest.fixture
def world(noise):
    world = TransportWorld(kind=OutbreakKind.REPLAY)
    world.outbreak.last_date = minutes(60 * 24 * 20).date()
    world.outbreak.save()
    return world


@pytest.fixture
def dispatcher(world, client):
    client.force_login(world.dispatcher)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def at(world, path, **more):
    asked = "".join(f"&{key}={value}" for key, value in more.items())
    return f"/{path}?outbreak={world.outbreak.slug}&day={DAY}{asked}"


def post(client, world, path, **given):
    return client.post(at(world, path), given, follow=True)


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


class TestCare:
    def test_is_listed_and_left_by_the_way_back(self, world, client):
        order = world.contact()
        asked = transport.ask(
            outbreak=world.outbreak, person=order.person, kind=TransferKind.CARE, to_place=world.hospital,
            reason="透析", by=world.coordinator, now=minutes(-90),
        )  # fmt: skip
        TransferRequest.objects.filter(pk=asked.pk).update(
            state=TransferState.DONE, ended_at=minutes(-30), from_place=world.room("302").place
        )
        isolation.arrive(
            person=order.person, kind=StayKind.BED, place=world.hospital, at=minutes(-30),
            by=factories.account(area_code="13"), now=minutes(-30),
        )  # fmt: skip
        client.force_login(world.coordinator)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        page = text(client.get(at(world, "transfers/")))
        assert "At medical care" in page
        assert "the room they left, 302" in page
        assert "Asked for in your name" in text(
            post(client, world, "transfers/back/", transfer=asked.pk, reason="医生李")
        )
        assert TransferRequest.objects.latest("pk").to_place.name == "汉庭 302"
        assert "is not where transfer" not in text(client.get(at(world, "transfers/")))
        assert "is open already" in text(post(client, world, "transfers/back/", transfer=asked.pk, reason="医生李"))


class TestBoard:
    def test_shows_who_waits_by_number_and_never_by_name(self, world, dispatcher):
        [request] = world.approved(name="王小明", phone="13800000000")
        page = text(dispatcher.get(at(world, "transfers/")))
        assert request.number in page
        assert '<option value="care"' in page
        assert "王小明" not in page
        assert "13800000000" not in page

    def test_approves_all_with_an_order_and_tells_why_not_the_others(self, world, dispatcher):
        for issued in (True, False):
            world.placed(world.contact(issued=issued))
        world.advance()
        page = text(post(dispatcher, world, "transfers/act/", act="approve_many"))
        assert TransferRequest.objects.filter(state=TransferState.APPROVED).count() == 1
        assert "No issued order stands behind transfer" in page

    def test_says_where_a_case_goes_and_refuses_with_a_reason(self, world, dispatcher):
        for _ in range(2):
            world.case()
        world.outbreak.kind = OutbreakKind.DRILL  # nobody is asked for by rule in a replay
        world.outbreak.save()
        world.advance()
        type(world.outbreak).objects.filter(pk=world.outbreak.pk).update(kind=OutbreakKind.REPLAY)
        one, other = TransferRequest.objects.order_by("pk")
        post(dispatcher, world, "transfers/act/", act="destination", transfer=one.pk, place=world.hospital.pk)
        post(dispatcher, world, "transfers/act/", act="approve", transfer=one.pk)
        post(dispatcher, world, "transfers/act/", act="refuse", transfer=other.pk, reason="已在院")
        assert list(TransferRequest.objects.order_by("pk").values_list("state", flat=True)) == ["approved", "refused"]

    def test_takes_a_request_by_hand(self, world, dispatcher):
        person = world.resident()
        post(
            dispatcher,
            world,
            "transfers/ask/",
            number=person.number,
            kind="care",
            reason="透析",
            place=world.hospital.pk,
        )
        assert TransferRequest.objects.get().person == person

    def test_goes_into_a_workbook(self, world, dispatcher):
        [request] = world.approved()
        answer = dispatcher.get(at(world, "transfers/export/"))
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        assert book.get_sheet_by_index(0).to_python()[1][0] == request.number


class TestVehicles:
    def test_are_registered_by_hand_and_from_a_file_with_faults_by_cell(self, world, dispatcher):
        empty = text(dispatcher.get(at(world, "transfers/vehicles/")))
        assert '<option value="negative_pressure"' in empty
        post(dispatcher, world, "transfers/vehicles/", plate="冀A1", kind="car", area_code=COUNTY, seats="4")
        rows = "车牌号,类型,县区代码,座位数\n冀A2,转运大巴,130109,40\n冀A3,Bus,130109,0\n"
        bad = io.BytesIO(rows.encode())
        bad.name = "vehicles.csv"
        page = text(dispatcher.post(at(world, "transfers/vehicles/"), {"from": "file", "vehicles": bad}, follow=True))
        assert "seats" in page
        assert TransferVehicle.objects.count() == 1
        good = io.BytesIO(rows.replace("冀A3,Bus,130109,0", "冀A3,Bus,130109,30").encode())
        good.name = "vehicles.csv"
        dispatcher.post(at(world, "transfers/vehicles/"), {"from": "file", "vehicles": good})
        assert set(TransferVehicle.objects.values_list("kind", flat=True)) == {"car", "bus"}

    def test_get_a_crew_and_go_out_of_service(self, world, dispatcher):
        vehicle = world.vehicle()
        path = f"transfers/vehicles/{vehicle.pk}/act/"
        post(dispatcher, world, path, act="shift", starts=f"{DAY}T08:00", ends=f"{DAY}T16:00", driver=world.driver.pk)
        assert CrewShift.objects.get().driver == world.driver
        post(dispatcher, world, path, act="take_out", reason="维修")
        assert "维修" in text(dispatcher.get(at(world, f"transfers/vehicles/{vehicle.pk}/")))


class TestPlan:
    def test_is_worked_out_looked_at_and_accepted(self, world, dispatcher):
        vehicle = world.vehicle()
        world.on_shift(vehicle, hours=20)
        requests = world.approved(2)
        answer = post(dispatcher, world, "transfers/plan/", starts="2022-07-10T10:00", ends="2022-07-11T05:00")
        plan = TransferPlan.objects.get()
        assert text(answer)
        told = [ride["request"] for trip in plan.result["trips"] for ride in trip["rides"]]
        assert sorted(told) == [one.pk for one in requests]
        assert len(plan.result["trips"]) == 2  # strangers, so one after the other
        post(dispatcher, world, f"transfers/plans/{plan.pk}/")
        assert TransferTrip.objects.filter(state=TripState.PLANNED).count() == 2
        again = text(post(dispatcher, world, f"transfers/plans/{plan.pk}/"))
        assert "accepted this plan" in again
        assert TransferTrip.objects.count() == 2

    def test_made_anew_replaces_trips_that_have_not_set_out(self, world, dispatcher):
        vehicle = world.vehicle()
        world.on_shift(vehicle, hours=20)
        [request] = world.approved()
        former = world.trip(vehicle, [request], start=840, end=920)
        post(dispatcher, world, "transfers/plan/", starts="2022-07-10T10:00", ends="2022-07-11T05:00", anew="1")
        post(dispatcher, world, f"transfers/plans/{TransferPlan.objects.get().pk}/")
        former.refresh_from_db()
        assert former.state == TripState.CANCELLED
        assert TransferLeg.objects.get(ended_at=None).request == request

    def test_without_crews_or_people_is_refused(self, world, dispatcher):
        facts = {"starts": "2022-07-10T10:00", "ends": "2022-07-11T05:00"}
        assert "waits for a vehicle. Approve some first" in text(post(dispatcher, world, "transfers/plan/", **facts))
        world.approved()
        assert "Enter shifts first" in text(post(dispatcher, world, "transfers/plan/", **facts))


class TestTrips:
    def test_are_made_by_hand_changed_and_cancelled(self, world, dispatcher):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        [request] = world.approved()
        post(
            dispatcher, world, "transfers/trips/", transfer=request.pk, vehicle=vehicle.pk, start=f"{DAY}T11:00",
            minutes="90",
        )  # fmt: skip
        trip = TransferTrip.objects.get()
        assert request.number in text(dispatcher.get(at(world, f"transfers/trips/{trip.pk}/")))
        path = f"transfers/trips/{trip.pk}/change/"
        post(dispatcher, world, path, act="take_off", transfer=request.pk, reason="改派")
        trip.refresh_from_db()
        assert trip.state == TripState.CANCELLED


class TestCrew:
    def driven(self, world, client):
        vehicle = world.vehicle()
        world.on_shift(vehicle, hours=20)
        [request] = world.approved(name="王小明", phone="13800000000", address="小果庄村3号")
        trip = world.trip(vehicle, [request])
        client.force_login(world.driver)
        return trip, TransferLeg.objects.get(trip=trip)

    def send(self, client, world, *acts):
        body = {"sent_at": "2022-07-10T23:59:59+08:00", "acts": acts}
        return client.post(
            at(world, "crew/acts/"), json.dumps(body), content_type="application/json",
            headers={"accept": "application/json"},
        )  # fmt: skip

    def test_page_holds_no_name_and_the_list_all_it_takes(self, world, client):
        self.driven(world, client)
        page = text(client.get(at(world, "crew/")))
        assert "王小明" not in page
        answer = client.get(at(world, "crew/list/"))
        [door] = answer.json()["list"]["trips"][0]["doors"]
        assert (door["name"], door["phone"], door["door"]) == ("王小明", "13800000000", "小果庄村3号")
        assert "no-store" in answer["Cache-Control"]

    def test_takes_what_a_phone_kept_and_answers_each(self, world, client):
        trip, leg = self.driven(world, client)
        moment = "2022-07-10T10:20:00+08:00"
        boarded = {
            "key": "a", "trip": trip.pk, "leg": leg.pk, "kind": "boarded", "happened_at": moment,
            "identity_checked": True, "temperature_c": 36.6, "symptoms": [],
        }  # fmt: skip
        refused = {"key": "b", "trip": trip.pk, "leg": leg.pk, "kind": "handed_over", "happened_at": moment}
        answers = self.send(client, world, boarded, refused).json()["acts"]
        assert [one["answer"] for one in answers] == ["taken", "refused"]
        assert answers[1]["why"]
        assert [one["answer"] for one in self.send(client, world, boarded).json()["acts"]] == ["repeated"]
        assert TripAct.objects.get().temperature_c == 36.6

    def test_outbox_that_cannot_be_read_is_refused_whole(self, world, client):
        trip, _ = self.driven(world, client)
        answer = self.send(client, world, {"key": "a", "trip": trip.pk, "kind": "flown", "happened_at": "x"})
        assert answer.status_code == 400
        assert not TripAct.objects.exists()

    def test_contradiction_is_settled_by_a_dispatcher(self, world, dispatcher):
        vehicle = world.vehicle()
        world.on_shift(vehicle)
        [request] = world.approved()
        trip = world.trip(vehicle, [request])
        world.tell(world.act(trip, TripActKind.ARRIVED, 60, leg=TransferLeg.objects.get()))
        found = TransferOddity.objects.get()
        assert "Arrived, but nobody said when they boarded" in text(dispatcher.get(at(world, "transfers/")))
        post(dispatcher, world, "transfers/settle/", oddity=found.pk, outcome="10:20上车，司机口述")
        found.refresh_from_db()
        assert found.settled_by == world.dispatcher.username

    def test_worker_is_for_crews(self, world, client):
        client.force_login(world.driver)
        assert client.get("/crew/worker.js").status_code == 200
        client.force_login(world.coordinator)
        assert client.get("/crew/worker.js").status_code == 403
