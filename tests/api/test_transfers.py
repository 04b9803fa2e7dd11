"""The way to care and back, as another system asks for it."""

import pytest

from sizao.records.models import RoomPlacement, TransferRequest
from sizao.terms import OutbreakKind, Role
from tests.response.test_back_from_care import carry, in_room
from tests.response.transport_world import COUNTY, TransportWorld, minutes

pytestmark = pytest.mark.django_db
ASKED, LATER = ("?as_of=" + minutes(n).isoformat().replace("+", "%2B") for n in (0, 120))


@pytest.fixture
def world(noise):
    return TransportWorld(kind=OutbreakKind.REPLAY)


@pytest.fixture
def desk(machine):
    return machine(Role.ISOLATION_COORDINATOR, COUNTY)


@pytest.fixture
def stay(world):
    """Somebody in a room of a site, and the room."""
    return in_room(world)


def to_care(world, desk, person):
    """Ask for the way to care over the API, and let a crew drive it."""
    given = {"person": person.number, "kind": "care", "reason": "透析", "to_place": world.hospital.pk}
    made = desk.post(f"outbreaks/{world.outbreak.slug}/transfers{ASKED}", given).json()
    vehicle = world.vehicle()
    world.on_shift(vehicle, hours=20)
    return carry(world, vehicle, TransferRequest.objects.get(number=made["number"]), 10)


def at_care(world, desk, as_of=LATER):
    return desk.get(f"outbreaks/{world.outbreak.slug}/transfers/at-care{as_of}").json()["rows"]


class TestBackFromCare:
    def test_is_listed_with_the_room_they_left_and_asked_for_by_its_number(self, world, desk, stay):
        person, room = stay
        went = to_care(world, desk, person)
        assert at_care(world, desk, ASKED) == []
        (row,) = at_care(world, desk)
        assert (row["number"], row["left_room"], row["to_place"]) == (went.number, room.pk, world.hospital.name)
        assert person.number not in str(row)
        made = desk.post(f"transfers/{went.number}/back{LATER}", {"reason": "医生李：可以返回"}).json()
        assert (made["kind"], made["state"], made["to_place"]) == ("care", "asked", room.place.name)
        assert RoomPlacement.objects.get(person=person).room == room
        assert at_care(world, desk) == []

    def test_is_refused_twice_elsewhere_without_the_right_and_to_no_room(self, world, desk, stay, machine):
        went = to_care(world, desk, stay[0])
        back = f"transfers/{went.number}/back{LATER}"
        assert desk.post(back, {"reason": "x", "room": 987654}).status_code == 422
        assert machine(Role.ISOLATION_COORDINATOR, "130581").post(back, {"reason": "x"}).status_code == 404
        assert machine(Role.REPORTER, COUNTY).post(back, {"reason": "x"}).status_code == 403
        assert desk.post(back, {"reason": ""}).status_code == 422
        assert desk.post(back, {"reason": "x"}).status_code == 200
        again = desk.post(back, {"reason": "x"})
        assert (again.status_code, again.json()["code"]) == (409, "transport.open")

    def test_of_whom_is_elsewhere_by_now_is_refused(self, world, desk, stay):
        went = to_care(world, desk, stay[0])
        desk.post(f"transfers/{went.number}/back{LATER}", {"reason": "x"})
        back = TransferRequest.objects.exclude(pk=went.pk).get(person=stay[0])
        answer = desk.post(f"transfers/{back.number}/back{LATER}", {"reason": "x"})
        assert answer.status_code == 409
